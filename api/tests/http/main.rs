//! The interface over real HTTP, on an engine in memory: every path and what it answers, and what
//! clients do who are slow, many, or gone.

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod authorities;
mod city;
mod client;
mod codes;
mod drafts;
mod failing_store;
mod files;
mod law;
mod openapi;
mod operating;
mod own_codes;
mod pages;
mod receipts;
mod routes;
mod rude;
mod sealed;
mod shutdown;
mod witnessing;
