//! Every attack on the log with real processes: a city's server, its witnesses, monitors and
//! observers, operators that forge and lines that fail; who notices, with what evidence, and after
//! how long. `spec/threats.md` has the table.
//!
//! Not here: attacks that the vectors under `spec/vectors/recount` show as well without a process,
//! and witnesses that are not ours (`tests/tests/outside`). The programs must have been built,
//! which `./run test` does.

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod failing;
mod forks;
mod network;
mod order;
mod rollback;
mod stage;
mod times;
mod withheld;
