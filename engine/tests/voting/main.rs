//! The engine from outside: whole polls, crowds, failing stores, and a model to be held against.

mod city;
mod crowds;
mod drafts;
mod faults;
mod governance;
mod life;
mod model;
mod restarts;
