//! What one look at a poll led to, as values and in words.
//!
//! Not here: looking.

use core::fmt;

use veche_protocol::ceremony::TrusteeIndex;

use crate::time;

/// What one look at the poll led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Something was done; there may be more.
    Did(Deed),
    /// There is nothing to do before something else happens.
    Waits(Waiting),
    /// There will be nothing more to do.
    Ended(Ending),
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An issuer gave its keys for so many districts.
    GaveKeys(usize),
    /// An issuer signed for so many requests, and handed in its answers to so many.
    Issued {
        /// Requests signed for.
        signed: usize,
        /// Requests whose answers now stand.
        posted: usize,
    },
    /// A trustee joined the ceremony of this number.
    Joined(u64),
    /// A trustee dealt its shares.
    Dealt(u64),
    /// A trustee laid open that it was dealt a wrong share.
    Complained(u64, TrusteeIndex),
    /// A trustee found all its shares right.
    Confirmed(u64),
    /// A trustee laid its share of the key open.
    Shared,
}

/// What there is to wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// That the poll is announced.
    Announcement,
    /// That the witnesses of the policy have seen the head that was read.
    Witnesses,
    /// That the log shows what was handed in.
    OwnEntry,
    /// That a roll of the poll is begun.
    Rolls,
    /// That the officers begin.
    Begin,
    /// That someone asks for a credential.
    Requests,
    /// That these trustees do what the ceremony waits for.
    Trustees(u64, Vec<TrusteeIndex>),
    /// That the poll opens and closes.
    Close,
    /// That this time is reached, in seconds since 1970.
    Clock(u64),
}

/// Why there will be nothing more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// No credential is issued any more; the issuer's keys are wiped.
    IssuingOver,
    /// The trustee's share stands on the log.
    ShareStands,
    /// The poll is certified or cancelled.
    PollOver,
}

impl Step {
    /// One word for a program that reads along.
    pub const fn event(&self) -> &'static str {
        match self {
            Self::Did(Deed::GaveKeys(_)) => "gave-keys",
            Self::Did(Deed::Issued { .. }) => "issued",
            Self::Did(Deed::Joined(_)) => "joined",
            Self::Did(Deed::Dealt(_)) => "dealt",
            Self::Did(Deed::Complained(..)) => "complained",
            Self::Did(Deed::Confirmed(_)) => "confirmed",
            Self::Did(Deed::Shared) => "shared",
            Self::Waits(_) => "waits",
            Self::Ended(_) => "ended",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Did(deed) => deed.fmt(f),
            Self::Waits(waiting) => write!(f, "waiting {waiting}"),
            Self::Ended(ending) => ending.fmt(f),
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GaveKeys(districts) => write!(f, "gave keys for {districts} district(s)"),
            Self::Issued { signed, posted } => {
                write!(f, "signed for {signed} request(s), answered {posted}")
            }
            Self::Joined(ceremony) => write!(f, "joined ceremony {ceremony}"),
            Self::Dealt(ceremony) => write!(f, "dealt in ceremony {ceremony}"),
            Self::Complained(ceremony, dealer) => {
                let dealer = dealer.get();
                write!(f, "complained of trustee {dealer} in ceremony {ceremony}: a wrong share")
            }
            Self::Confirmed(ceremony) => {
                write!(f, "all shares of ceremony {ceremony} are right: ready")
            }
            Self::Shared => f.write_str("laid the share of the key open"),
        }
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Announcement => f.write_str("for the poll to be announced"),
            Self::Witnesses => f.write_str("for the witnesses of the policy to see the log's head"),
            Self::OwnEntry => f.write_str("for the log to show what was handed in"),
            Self::Rolls => f.write_str("for the rolls of the poll to begin"),
            Self::Begin => f.write_str("for the officers to begin"),
            Self::Requests => f.write_str("for requests"),
            Self::Trustees(ceremony, missing) => {
                let missing: Vec<_> = missing.iter().map(|index| index.get().to_string()).collect();
                write!(f, "for trustee {} in ceremony {ceremony}", missing.join(", "))
            }
            Self::Close => f.write_str("for the poll to close"),
            Self::Clock(at) => {
                write!(f, "until {}, before which no share is shown", time::format(*at))
            }
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IssuingOver => {
                "issuing is over; the keys are wiped here: destroy copies of the folder as well"
            }
            Self::ShareStands => "the share stands; the secrets are wiped",
            Self::PollOver => "the poll is over",
        })
    }
}
