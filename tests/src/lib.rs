//! What the tests that cross a crate border share.
//!
//! Not here: the tests themselves (`tests/`), and helpers that only one crate needs.

#![expect(clippy::missing_panics_doc, reason = "a helper of tests fails the test by a panic")]

pub mod city;
pub mod demo;
pub mod fault_proxy;
pub mod front;
pub mod live;
pub mod process;
pub mod programs;
pub mod repository;
pub mod services;
pub mod vectors;
pub mod web_server;
pub mod witnesses;
