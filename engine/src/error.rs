//! What can go wrong above the store: a submission refused, a query unanswered, an engine that does
//! not start. Each has a stable code, beside those of the law.
//!
//! Not here: failures of the store itself ([`crate::store::StoreError`]), HTTP statuses (the
//! API's).

use veche_protocol::breach::Breach;

use crate::store::StoreError;

/// Why a submission was not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The law refuses it.
    #[error("{0}")]
    Breach(#[from] Breach),
    /// No log of this path is kept here.
    #[error("there is no such log")]
    UnknownLog,
    /// A queue is full; nothing was taken.
    #[error("the server has more to do than it can take; try again")]
    Busy,
    /// As many drafts wait for a second signature as may; nothing was taken.
    #[error("too many drafts wait for further signatures")]
    DraftLimit,
    /// The disk is full; nothing was written.
    #[error("the disk of the server is full; nothing was written")]
    StorageFull,
    /// The commit failed and its outcome is not known: the same bytes may be sent again.
    #[error("storing failed with unknown outcome; send the same bytes again")]
    StorageFailed,
    /// The engine reads its state back after a failure of the store; nothing was taken.
    #[error("the server recovers from a failure of its storage; nothing was taken")]
    StorageStopped,
    /// A head that this log's key has signed is not one of the log: it was set back, or forked.
    #[error("the server's log was set back behind what it has signed; nothing was taken")]
    LogSetBack,
    /// No answer came within the time given; the outcome is not known.
    #[error("no answer within the time given; send the same bytes again")]
    TimedOut,
    /// The engine is shut down; nothing was taken.
    #[error("the server shuts down; nothing was taken")]
    Stopped,
    /// A thread of the engine panicked on it, before or after the entry was stored: the same bytes
    /// may be sent again.
    #[error("a fault of the program with unknown outcome; send the same bytes again")]
    Internal,
}

impl Refusal {
    /// The refusals that are not breaches of the law.
    pub const OWN: [Self; 10] = [
        Self::UnknownLog,
        Self::Busy,
        Self::DraftLimit,
        Self::StorageFull,
        Self::StorageFailed,
        Self::StorageStopped,
        Self::LogSetBack,
        Self::TimedOut,
        Self::Stopped,
        Self::Internal,
    ];

    /// The stable code: that of the breach, or one of the engine's own.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Breach(breach) => breach.code(),
            Self::UnknownLog => "unknown-log",
            Self::Busy => "busy",
            Self::DraftLimit => "draft-limit",
            Self::StorageFull => "storage-full",
            Self::StorageFailed => "storage-failed",
            Self::StorageStopped => "storage-stopped",
            Self::LogSetBack => "log-set-back",
            Self::TimedOut => "timed-out",
            Self::Stopped => "stopped",
            Self::Internal => "internal",
        }
    }
}

/// Why a query has no answer. "Not there" is never an error.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The store did not answer, or contradicts itself.
    #[error("the store did not answer: {0}")]
    Store(#[from] StoreError),
}

impl QueryError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "storage-failed",
        }
    }
}

/// Why an engine does not start, or does not go on after a failure.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The store holds no register: the city was not founded here.
    #[error("the store holds no register")]
    NotFounded,
    /// The store holds another register already.
    #[error("the store holds the register of another city")]
    AlreadyFounded,
    /// The genesis is not one.
    #[error("the genesis is refused: {0}")]
    GenesisRefused(Breach),
    /// The signing key is not the one that genesis names.
    #[error("the signing key is not the log key of genesis")]
    WrongLogKey,
    /// A stored entry breaks the law: this server would never have let it in.
    #[error("entry {index} of {path} is refused: {breach}")]
    EntryRefused {
        /// Path of the log.
        path: String,
        /// Index of the entry.
        index: u64,
        /// What it breaks.
        breach: Breach,
    },
    /// A stored log is not one that the register announces with this first entry.
    #[error("the register does not announce {0} as it is stored")]
    NotAnnounced(String),
    /// The last signed head of a log is not a head of what is stored: something is lost.
    #[error("the last signed head of {path} is not one of the stored log: {reason}")]
    HeadLost {
        /// Path of the log.
        path: String,
        /// What does not fit.
        reason: String,
    },
    /// A thread of the engine cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_distinct_from_each_other_and_from_those_of_the_law() {
        let own: BTreeSet<_> = Refusal::OWN.iter().map(|refusal| refusal.code()).collect();
        assert_eq!(own.len(), Refusal::OWN.len());
        assert!(own.iter().all(|code| Breach::from_code(code).is_none()));
    }
}
