//! The program `veche-audit` as an observer runs it: what it says, with which exit code, of sound
//! and unsound polls, and of sources that are cut off, crafted, slow or lying.
//!
//! Not here: which step finds which crime (the vectors under `spec/vectors/recount`).

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod archives;
mod explain;
mod hidden_town;
mod program;
mod receipts;
mod report;
mod secrecy;
mod servers;
mod sources;
mod town;
mod verdicts;
