//! The poll: definition, life, ballots, and what they add up to (spec/polls.md, spec/ballots.md).

pub mod acts;
pub mod ballot;
pub mod ballot_box;
pub mod definition;
pub mod electorate;
pub mod fold;
pub mod phase;
pub mod result;
