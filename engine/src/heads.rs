//! Signed heads: made from what is durable, kept beside the logs, compared when the engine starts.
//!
//! # When a head is stored
//!
//! Size and root of a log are written in the same batch as its entries. The signature over them is
//! a function of these and of the log key (Ed25519 is deterministic, RFC 8032, section 5.1.6), so
//! once the batch is durable, so is the one head that can be signed for it: after a crash at any
//! later moment the engine signs the same bytes again. One write is enough for LOG-12.
//!
//! The notes themselves are stored as well, each with the next batch of its log and all of them
//! when the engine stops: what was published must be a prefix of what is stored, or the engine does
//! not start. Not here: publishing ([`crate::city`]).

use veche_protocol::log::checkpoint::{Checkpoint, parse_signed};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::name::LogPath;
use veche_protocol::signature::SigningKey;

use crate::city::PublishedHead;
use crate::error::EngineError;
use crate::store::{Head, LogId, MetaWrite, Store};
use crate::tree::reader::TreeReader;

/// Before the origin in the key of a stored note.
const NOTE_PREFIX: &str = "note/";

/// Signs the head of a log that is durable at this size.
///
/// # Panics
///
/// If the origin could not name a log; those of a city's logs can.
pub(crate) fn sign_head(key: &SigningKey, origin: &str, head: &Head) -> PublishedHead {
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: head.size, root: head.root };
    let signed = checkpoint.sign(key).expect("the origin of a log is a key name");
    PublishedHead { size: head.size, root: head.root, note: signed.note().to_string() }
}

/// The record by which a signed head is kept.
pub(crate) fn note_record(origin: &str, head: &PublishedHead) -> MetaWrite {
    MetaWrite { key: note_key(origin), value: Some(head.note.clone().into_bytes()) }
}

fn note_key(origin: &str) -> Vec<u8> {
    [NOTE_PREFIX.as_bytes(), origin.as_bytes()].concat()
}

/// Checks that the head signed last is one of the stored log; returns whether it is the present
/// one.
pub(crate) fn check_stored_note(
    store: &dyn Store,
    reader: &TreeReader,
    log: LogId,
    path: &LogPath,
    verifier: &VerifierKey,
) -> Result<Currency, EngineError> {
    // LOG-12: sign only what extends the last signed head that is stored.
    let Some(note) = store.meta(&note_key(verifier.name()))? else { return Ok(Currency::Behind) };
    let lost = |reason: String| EngineError::HeadLost { path: path.to_string(), reason };
    let signed = parse_signed(&note, verifier)
        .map_err(|breach| lost(format!("the stored note is refused ({})", breach.code())))?;
    let Checkpoint { size, root, .. } = signed.checkpoint();
    let stored = store.head(log)?;
    if *size > stored.size {
        return Err(lost(format!("it has {size} entries, the log {}", stored.size)));
    }
    if reader.root_at(log, *size)? != *root {
        return Err(lost(format!("it has another root at size {size}")));
    }
    Ok(if *size == stored.size { Currency::Current } else { Currency::Behind })
}

/// Whether the stored note is that of the present head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Currency {
    Current,
    /// An older one, or none: the engine stopped without storing its last heads.
    Behind,
}
