//! Whole stories through the real programs, as people would type them: `veched`, `veche` and
//! `veche-audit` as processes, keys in files, everything else over HTTP.
//!
//! Not here: what a library call tests better. The programs must have been built, which `./run
//! test` does.

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod configuration;
mod disk;
mod drafts;
mod exchange;
mod referendum;
mod revote;
mod second_key;
mod secrecy;
mod shutdown;
mod town;
mod whole_poll;
