//! What can go wrong in a store, sorted by what the caller must do about it.
//!
//! Not here: breaches of the protocol; whoever reads these errors stands at the operator's side.

use std::path::PathBuf;

use veche_protocol::breach::Breach;

use super::LogId;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The log has another size than the batch expects; nothing was written.
    #[error("{log} has size {actual}, not the expected {expected}")]
    Conflict {
        /// The log.
        log: LogId,
        /// The size that the batch extends.
        expected: u64,
        /// The size that the log has.
        actual: u64,
    },
    /// Free space is below the floor; nothing was written.
    #[error("{free} bytes are free on the disk of the store, below the floor of {floor}")]
    DiskFull {
        /// Bytes free for this user.
        free: u64,
        /// The floor that was set.
        floor: u64,
    },
    /// A commit failed half-way: the batch may be on the medium or not.
    #[error("commit failed with unknown outcome: {0}")]
    Write(String),
    /// An earlier commit or reload failed: the store must be reopened first.
    #[error("the store has stopped after an earlier failure and must be reopened")]
    Stopped,
    /// The medium did not answer a read.
    #[error("read failed: {0}")]
    Read(String),
    /// What was read contradicts itself.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
    /// A record has a version that this program does not know.
    #[error("{record} has format version {found}, this program knows {known}")]
    UnknownVersion {
        /// Which record or database.
        record: &'static str,
        /// Its version.
        found: u8,
        /// The version written by this program.
        known: u8,
    },
    /// Another process holds the data directory.
    #[error("{} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// The data directory cannot be made or opened.
    #[error("cannot open {}: {reason}", .path.display())]
    Open {
        /// The data directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The store knows no such log.
    #[error("{0} is unknown")]
    UnknownLog(LogId),
    /// An entry, bundle or tile that the log does not have at its size.
    #[error("{log} of size {size} has no {what}")]
    OutOfRange {
        /// The log.
        log: LogId,
        /// Its size.
        size: u64,
        /// What was asked for.
        what: String,
    },
    /// A proof that cannot exist, such as one of an entry past the size.
    #[error("no such proof ({})", .0.code())]
    NoProof(Breach),
    /// The batch is malformed: a defect of the caller. Nothing was written.
    #[error("malformed batch: {0}")]
    Malformed(&'static str),
}

/// What the caller must do about a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Ask again, a limited number of times.
    Retry,
    /// Stop writing, reopen the store, and start from what it then says.
    Reload,
    /// Refuse writes until the operator has made room; reading goes on.
    MakeRoom,
    /// Stop: only the operator can help (restore a copy, start the right program).
    Operator,
    /// Mend the caller: the request makes no sense at this state.
    Caller,
}

impl StoreError {
    /// What the caller must do.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Read(_) => Remedy::Retry,
            Self::Conflict { .. } | Self::Write(_) | Self::Stopped => Remedy::Reload,
            Self::DiskFull { .. } => Remedy::MakeRoom,
            Self::Corrupt(_)
            | Self::UnknownVersion { .. }
            | Self::Locked(_)
            | Self::Open { .. } => Remedy::Operator,
            Self::UnknownLog(_)
            | Self::OutOfRange { .. }
            | Self::NoProof(_)
            | Self::Malformed(_) => Remedy::Caller,
        }
    }
}

impl From<Breach> for StoreError {
    fn from(breach: Breach) -> Self {
        Self::NoProof(breach)
    }
}
