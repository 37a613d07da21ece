//! The programs by which observers look after a city for each other, as they are run: the monitor
//! (`veche-audit follow`), the mirror (`veche-audit mirror`), and the proofs they leave
//! (`veche-audit fork`), against cities that lie, go back, hide and die.
//!
//! Not here: the recount itself (the tests of the auditor).

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod follow;
mod fork;
mod mirror;
mod program;
mod resuming;
mod server;
mod telling;
mod town;
mod witnesses;
