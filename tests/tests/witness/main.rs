//! The witness that anyone can run, as the real program over real HTTP: what it answers, what it
//! remembers, and what it can never be made to cosign.
//!
//! Not here: the judgement for itself (the protocol's tests and the vectors), and a city that asks
//! witnesses (the stories).

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod history;
mod race;
mod running;
mod statuses;
mod store;
