//! The head of a log (C2SP tlog-checkpoint 1.0): its origin, size and root, as the text of a note.
//!
//! ```text
//! <origin>
//! <size in decimal>
//! <root in base64>
//! ```
//!
//! In scope: that text, without extension lines, and its signature by the log's key, whose name is
//! the origin. Not here: cosignatures, and whether one head extends another ([`super::merkle`]).

use core::fmt;

use super::note::{Note, PublicKey, VerifierKey, check_name};
use super::text::{base64, parse_decimal, parse_hash};
use crate::breach::Breach;
use crate::hash::Hash;
use crate::signature::SigningKey;

/// What a log claims to hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    /// The name of the log: at most 255 bytes, of the form of a key name.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text: three lines, each with its newline, and nothing else.
    pub fn parse(text: &str) -> Result<Self, Breach> {
        // LOG-6: three lines, no extension lines.
        let mut lines = text.strip_suffix('\n').ok_or(Breach::CheckpointMalformed)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(Breach::CheckpointMalformed);
        };
        check_origin(origin)?;
        let size = parse_decimal(size).ok_or(Breach::CheckpointMalformed)?;
        let root = parse_hash(root).ok_or(Breach::CheckpointMalformed)?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Signs the checkpoint as the log: under the origin's name.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedCheckpoint, Breach> {
        check_origin(&self.origin)?;
        let note = Note::sign(&self.to_string(), key, &self.origin)?;
        Ok(SignedCheckpoint { checkpoint: self.clone(), note })
    }
}

impl fmt::Display for Checkpoint {
    /// Writes the text of the note.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, base64(self.root.as_bytes()))
    }
}

/// Checks the form of an origin, which is that of a key name.
pub fn check_origin(origin: &str) -> Result<(), Breach> {
    check_name(origin).map_err(|_| Breach::CheckpointMalformed)
}

/// A checkpoint that the log's key has signed: only the check, or signing, makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads a note and verifies that it is a checkpoint of the log whose key this is, signed by
    /// that key. A checkpoint of another origin is [`Breach::CheckpointOrigin`]; a key of another
    /// type than Ed25519 signs no log, so with one every note is [`Breach::NoteUnsigned`].
    pub fn parse(note: &[u8], key: &VerifierKey) -> Result<Self, Breach> {
        Self::from_note(Note::parse(note)?, key)
    }

    /// [`Self::parse`] for a note that was read before.
    pub fn from_note(note: Note, key: &VerifierKey) -> Result<Self, Breach> {
        // LOG-6: the form, then the origin, then the signature.
        let checkpoint = Checkpoint::parse(note.text())?;
        if checkpoint.origin != key.name() {
            return Err(Breach::CheckpointOrigin);
        }
        let PublicKey::Ed25519(_) = key.public_key() else { return Err(Breach::NoteUnsigned) };
        note.verify(core::slice::from_ref(key))?;
        Ok(Self { checkpoint, note })
    }

    /// What was signed.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note that carries it.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Gives up the note, for adding signatures to it.
    pub fn into_note(self) -> Note {
        self.note
    }
}

/// Reads and verifies a log's signed checkpoint: see [`SignedCheckpoint::parse`].
pub fn parse_signed(note: &[u8], key: &VerifierKey) -> Result<SignedCheckpoint, Breach> {
    SignedCheckpoint::parse(note, key)
}

#[cfg(test)]
mod tests;
