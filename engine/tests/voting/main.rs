//! The engine from outside: whole polls, crowds, failing stores, and a model to be held against.
#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod authorities;
mod city;
mod credentials;
mod crowds;
mod drafts;
mod faults;
mod governance;
mod life;
mod model;
mod publication;
mod restarts;
mod sealed;
mod secret_model;
mod strangers;
