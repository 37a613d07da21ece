//! Why a round has published nothing, sorted by whether another one may.

use thiserror::Error;
use veche_protocol::breach::Breach;
use veche_protocol::name::LogPath;

/// Why nothing was published.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The city cannot be reached, or does not have a file that its own heads speak of.
    #[error("{url}: {reason}")]
    City {
        /// What was asked for.
        url: String,
        /// What came of it, the last time that it was tried.
        reason: String,
    },
    /// What the city gives is no head, or does not hash to its head.
    #[error("{place} of the city: {breach}")]
    Untrue {
        /// The log, or the file of it.
        place: String,
        /// What is wrong.
        breach: Breach,
    },
    /// The register grew each time that the heads were read.
    #[error("the register grew while the heads were read, {0} times")]
    Unsettled(usize),
    /// The city shows a smaller head than it did when it was published last.
    #[error("{log}: {there} entries are published, and the city shows {shown}")]
    Smaller {
        /// The log.
        log: LogPath,
        /// Size of the head at the destination.
        there: u64,
        /// Size of the head that the city shows.
        shown: u64,
    },
    /// What is published is no prefix of what the city shows.
    #[error("{log}: the city's log has another past than the {size} entries that are published")]
    Forked {
        /// The log.
        log: LogPath,
        /// Size of the head at the destination.
        size: u64,
    },
    /// The destination holds something else under the name of a public file.
    #[error("{path} holds {what}, and is left as it is")]
    OtherBytes {
        /// The file.
        path: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The destination cannot be read or written.
    #[error("{path}: {reason}")]
    Destination {
        /// The file.
        path: String,
        /// What came of it, the last time that it was tried.
        reason: String,
    },
    /// What was named as a destination is none.
    #[error("{location}: {reason}")]
    Location {
        /// What was named.
        location: String,
        /// Why it is none.
        reason: String,
    },
}

impl PublishError {
    /// Whether another round may do better by itself. The others need somebody who looks.
    pub const fn is_passing(&self) -> bool {
        match self {
            // A smaller head may be an old answer of a cache: it is refused as long as it is shown.
            Self::City { .. }
            | Self::Untrue { .. }
            | Self::Unsettled(_)
            | Self::Smaller { .. }
            | Self::Destination { .. } => true,
            Self::Forked { .. } | Self::OtherBytes { .. } | Self::Location { .. } => false,
        }
    }
}
