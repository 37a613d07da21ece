//! What an observer brings along and trusts: the city's name, a policy, heads, receipts, claims.
//!
//! Not here: what the recount makes of it ([`super::city`], [`super::heads`], [`super::exhibits`]).

use super::exhibits::Exhibit;
use crate::hash::Hash;
use crate::log::note::VerifierKey;
use crate::log::policy::Policy;

/// What the observer has from elsewhere. The default is nothing at all.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The instance id of the city.
    pub instance: Option<Hash>,
    /// The logs and witnesses to be believed.
    pub policy: Option<Policy>,
    /// The verifier key of one of the logs that are read.
    pub key: Option<VerifierKey>,
    /// Checkpoints of these logs kept from earlier.
    pub heads: Vec<Exhibit>,
    /// Receipts, the observer's own or voters'.
    pub receipts: Vec<Exhibit>,
    /// Claims of voters who were given credentials and have not cast.
    pub claims: Vec<Exhibit>,
}

/// By what the recount knows which city it reads; the strongest of what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PinnedBy {
    /// Nothing from elsewhere: the files agree with each other, or not.
    Nothing,
    /// A log line of the policy.
    Policy,
    /// A verifier key that was given.
    Key,
    /// The instance id.
    Instance,
}

impl PinnedBy {
    /// In one word, for a program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Policy => "policy",
            Self::Key => "key",
            Self::Instance => "instance",
        }
    }

    /// In words, for a report.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing: the key is taken from the source itself",
            Self::Policy => "the policy's log key",
            Self::Key => "the verifier key given",
            Self::Instance => "the instance id given",
        }
    }
}
