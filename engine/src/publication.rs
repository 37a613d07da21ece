//! What is public of each log: the head that its `checkpoint` file shows.
//!
//! ```text
//! at once      the head that was signed last
//! in rounds    the head of the last round, with the signatures that others have added to it; none
//!              before a log's first round
//! ```
//!
//! A round takes the heads of all logs at one moment and publishes all of them at one moment, so
//! that whoever reads a poll and then the register misses nothing of which either speaks. What was
//! published is stored before anyone sees it: a restart does not take it back. Not here: what
//! happens to the heads between the two moments, which is the business of whoever holds the round.

use std::collections::BTreeMap;
use std::sync::Arc;

use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::name::LogPath;

use crate::city::{LogCell, PublishedHead};
use crate::error::EngineError;
use crate::store::{MetaWrite, Store};
use crate::tree::reader::TreeReader;

/// Before the origin in the key of a stored record.
const PREFIX: &str = "public/";

/// When the signed head of a log becomes public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Publication {
    /// With every commit.
    #[default]
    AtOnce,
    /// By [`crate::Engine::publish`] alone.
    InRounds,
}

/// The public heads by log. Replaced as a whole.
pub(crate) type PublicHeads = BTreeMap<LogPath, Arc<PublishedHead>>;

/// The signed head of a log at the moment at which a round began.
#[derive(Clone, Debug)]
pub struct RoundHead {
    /// The log.
    pub path: LogPath,
    /// The key that has signed the head.
    pub verifier: VerifierKey,
    /// The head.
    pub head: Arc<PublishedHead>,
    /// What is public of the log now.
    pub public: Option<Arc<PublishedHead>>,
}

/// Why a head does not become public. Each is a fault of whoever held the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicationError {
    /// There is no such log.
    #[error("there is no such log")]
    UnknownLog,
    /// It is no signed head of the log.
    #[error("it is no signed head of the log ({0})")]
    Head(Breach),
    /// It is none of the stored log.
    #[error("the stored log has no such head")]
    NotStored,
    /// A larger one is public.
    #[error("a larger head is public")]
    Smaller,
    /// The store did not take it.
    #[error("the store did not take it: {0}")]
    Refused(crate::Refusal),
}

/// Reads a note that is to become public, or became so earlier.
pub(crate) fn read_head(note: &[u8], key: &VerifierKey) -> Result<PublishedHead, Breach> {
    let signed = SignedCheckpoint::from_note(Note::parse(note)?, key)?;
    let Checkpoint { size, root, .. } = *signed.checkpoint();
    Ok(PublishedHead { size, root, note: signed.note().to_string() })
}

/// The record by which a public head is kept.
pub(crate) fn record(origin: &str, head: &PublishedHead) -> MetaWrite {
    MetaWrite { key: key_of(origin), value: Some(head.note.clone().into_bytes()) }
}

fn key_of(origin: &str) -> Vec<u8> {
    [PREFIX.as_bytes(), origin.as_bytes()].concat()
}

/// What was public of a log when the engine stopped. One that the log does not bear out means that
/// something is lost.
pub(crate) fn load(
    store: &dyn Store,
    reader: &TreeReader,
    log: &LogCell,
) -> Result<Option<PublishedHead>, EngineError> {
    let Some(note) = store.meta(&key_of(&log.origin))? else { return Ok(None) };
    let lost = |reason: String| EngineError::HeadLost { path: log.path.to_string(), reason };
    let head = read_head(&note, &log.verifier)
        .map_err(|breach| lost(format!("the public head is refused ({})", breach.code())))?;
    // PUBLISH-2: what was public stays a prefix of what is stored.
    let stored = log.head().size;
    if head.size > stored {
        return Err(lost(format!("{} entries were public, and {stored} are stored", head.size)));
    }
    if reader.root_at(log.id, head.size)? != head.root {
        return Err(lost(format!("another root of size {} was public", head.size)));
    }
    Ok(Some(head))
}
