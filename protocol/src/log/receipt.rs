//! The receipt (C2SP tlog-proof, `@v1`): proof that an entry stands in a log, for offline keeping.
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <base64>                      optional, not authenticated
//! index <decimal>
//! <hash in base64>                    inclusion proof: from the leaf's sibling to the root's child
//!                                     (empty line)
//! <the signed checkpoint, verbatim>
//! ```
//!
//! In scope: the exact form, of which a file `<name>.tlog-proof` holds nothing else, and the check
//! against the entry and the log's key, or a policy. Not here: whether the log still extends the
//! head (the auditor's).

use core::fmt::{self, Write as _};

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::merkle::verify_inclusion;
use super::note::{MAX_NOTE_LENGTH, Note, VerifierKey};
use super::policy::{Policy, WitnessedCheckpoint};
use super::text::{base64, parse_base64, parse_decimal, parse_hash};
use crate::breach::Breach;
use crate::hash::{Hash, leaf_hash};

/// The first line of a receipt.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The longest proof in a tree whose size has 64 bits.
pub const MAX_PROOF_LENGTH: usize = 64;

/// The longest receipt, in bytes: as much extra data as fits beside the longest note, since Veche's
/// own receipts carry none, and 64 proof lines of 45 bytes with the three short lines fit beside.
pub const MAX_RECEIPT_LENGTH: usize = 2 * MAX_NOTE_LENGTH;

/// A receipt that was read, or made, but not yet checked against an entry and a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    extra: Option<Vec<u8>>,
    index: u64,
    proof: Vec<Hash>,
    note: Note,
}

impl Receipt {
    /// A receipt from its parts; the note is that of a checkpoint.
    pub fn new(index: u64, proof: Vec<Hash>, note: Note) -> Result<Self, Breach> {
        if proof.len() > MAX_PROOF_LENGTH {
            return Err(Breach::ReceiptMalformed);
        }
        Checkpoint::parse(note.text())?;
        Ok(Self { extra: None, index, proof, note })
    }

    /// The same receipt with extra data, which nothing authenticates.
    #[must_use]
    pub fn with_extra(self, extra: Vec<u8>) -> Self {
        Self { extra: Some(extra), ..self }
    }

    /// Reads a receipt. What is accepted is written back byte for byte by its `Display`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Breach> {
        // RECEIPT-1: one form, so that what is read is written back as it was.
        let text = core::str::from_utf8(bytes).map_err(|_| Breach::ReceiptMalformed)?;
        if text.len() > MAX_RECEIPT_LENGTH {
            return Err(Breach::ReceiptMalformed);
        }
        // The first empty line ends the proof: none stands before it, and the note has its own.
        let (head, note) = text.split_once("\n\n").ok_or(Breach::ReceiptMalformed)?;
        let (extra, index, proof) = parse_head(head)
            .filter(|(_, _, proof)| proof.len() <= MAX_PROOF_LENGTH)
            .ok_or(Breach::ReceiptMalformed)?;
        let receipt = Self::new(index, proof, Note::parse(note.as_bytes())?)?;
        Ok(Self { extra, ..receipt })
    }

    /// The extra data, if there is any. Nothing authenticates it.
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// The index of the entry in the log.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The inclusion proof, from the leaf's sibling to the root's child.
    pub fn proof(&self) -> &[Hash] {
        &self.proof
    }

    /// The signed checkpoint, not verified.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Verifies that the log whose key this is has signed a head in which exactly these bytes stand
    /// at the receipt's index; returns that head.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<SignedCheckpoint, Breach> {
        // RECEIPT-2: the head, then the inclusion.
        let head = SignedCheckpoint::from_note(self.note.clone(), key)?;
        self.verify_inclusion_in(entry, &head)?;
        Ok(head)
    }

    /// [`Self::verify`] by a policy: one of its logs has signed the head, and a quorum of its
    /// witnesses has cosigned it.
    pub fn verify_by(&self, entry: &[u8], policy: &Policy) -> Result<WitnessedCheckpoint, Breach> {
        let witnessed = policy.verify_note(&self.note)?;
        self.verify_inclusion_in(entry, witnessed.head())?;
        Ok(witnessed)
    }

    fn verify_inclusion_in(&self, entry: &[u8], head: &SignedCheckpoint) -> Result<(), Breach> {
        let Checkpoint { size, root, .. } = head.checkpoint();
        verify_inclusion(&leaf_hash(entry), self.index, *size, &self.proof, root)
    }
}

/// Reads the lines above the checkpoint: extra data, index, proof.
fn parse_head(head: &str) -> Option<(Option<Vec<u8>>, u64, Vec<Hash>)> {
    let rest = head.strip_prefix(HEADER)?.strip_prefix('\n')?;
    let (extra, rest) = match rest.strip_prefix("extra ") {
        None => (None, rest),
        Some(rest) => {
            let (extra, rest) = rest.split_once('\n')?;
            (Some(parse_base64(extra)?), rest)
        }
    };
    let mut lines = rest.split('\n');
    let index = parse_decimal(lines.next()?.strip_prefix("index ")?)?;
    let proof = lines.map(parse_hash).collect::<Option<_>>()?;
    Some((extra, index, proof))
}

impl fmt::Display for Receipt {
    /// Writes the receipt's bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.proof {
            writeln!(f, "{}", base64(hash.as_bytes()))?;
        }
        f.write_char('\n')?;
        self.note.fmt(f)
    }
}

#[cfg(test)]
mod tests;
