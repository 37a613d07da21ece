//! The poll: definition, life, credentials, trustees, ballots, and what they add up to
//! (spec/polls.md, spec/ballots.md, spec/credentials.md, spec/ceremony.md, spec/sealing.md).

pub mod acts;
pub mod authorities;
pub mod ballot;
pub mod ballot_box;
pub mod casting;
pub mod ceremony_fold;
pub mod claim;
pub mod credentials;
pub mod definition;
pub mod electorate;
pub mod fold;
pub mod issuing;
pub mod opening;
pub mod phase;
mod question;
pub mod requests;
pub mod result;
pub mod trusteeship;
