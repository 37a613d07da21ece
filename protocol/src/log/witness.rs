//! What a log asks a witness, and how a witness judges it (C2SP tlog-witness 1.0).
//!
//! ```text
//! request       POST <prefix>/add-checkpoint
//!               old <size in decimal>
//!               <hash in base64>                 0 to 63 lines: consistency proof from old
//!                                                (empty line)
//!               <the checkpoint, a signed note>
//!
//! answer 200    one or more signature lines of a note: the witness's cosignatures
//! answer 409    <size in decimal> \n             the size that the witness has cosigned last
//! ```
//!
//! In scope: both texts, and the judgement, which is a function of the request, of the keys that
//! the witness trusts, and of the head that it has cosigned last. Not here: keeping that head, and
//! HTTP. Checking and keeping have to be one step, which is for whoever keeps it to ensure.

use core::fmt;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::merkle::{root_in_history, verify_consistency};
use super::note::{MAX_NOTE_LENGTH, MAX_SIGNATURES, Note, NoteSignature, VerifierKey};
use super::text::{base64, parse_decimal, parse_hash};
use crate::breach::Breach;
use crate::hash::{Hash, empty_root};

/// The most lines of a consistency proof: the format's own bound.
pub const MAX_PROOF_LENGTH: usize = 63;

/// The longest request, in bytes: the longest note, 63 proof lines of 45 bytes, the first line with
/// its 20 digits (25), and the empty line.
pub const MAX_REQUEST_LENGTH: usize = MAX_NOTE_LENGTH + 45 * MAX_PROOF_LENGTH + 25 + 1;

/// The longest answer that a client has to read, in bytes: signature lines of a note.
pub const MAX_ANSWER_LENGTH: usize = MAX_NOTE_LENGTH;

/// The media type of the answer to a request with another old size (status 409).
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

/// A request that was read, or made: nothing of it is verified but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    old: u64,
    proof: Vec<Hash>,
    checkpoint: Checkpoint,
    note: Note,
}

impl AddCheckpoint {
    /// Asks to cosign the checkpoint in `note`, with the proof that it extends the tree of size
    /// `old`. At most [`MAX_PROOF_LENGTH`] hashes, else [`Breach::WitnessMalformed`].
    pub fn new(old: u64, proof: Vec<Hash>, note: Note) -> Result<Self, Breach> {
        // WITNESS-1: 63 lines, and a checkpoint by LOG-6.
        if proof.len() > MAX_PROOF_LENGTH {
            return Err(Breach::WitnessMalformed);
        }
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self { old, proof, checkpoint, note })
    }

    /// Reads a request. What is accepted is written back byte for byte by its `Display`.
    pub fn parse(body: &[u8]) -> Result<Self, Breach> {
        // WITNESS-1: one form; bounds first.
        if body.len() > MAX_REQUEST_LENGTH {
            return Err(Breach::WitnessMalformed);
        }
        let text = core::str::from_utf8(body).map_err(|_| Breach::WitnessMalformed)?;
        // The first empty line ends the proof: none stands before it, and the note has its own.
        let (head, note) = text.split_once("\n\n").ok_or(Breach::WitnessMalformed)?;
        let (old, proof) = parse_head(head).ok_or(Breach::WitnessMalformed)?;
        if proof.len() > MAX_PROOF_LENGTH {
            return Err(Breach::WitnessMalformed);
        }
        Self::new(old, proof, Note::parse(note.as_bytes())?)
    }

    /// The log in question, by its own word.
    pub fn origin(&self) -> &str {
        &self.checkpoint.origin
    }

    /// Checks what needs no knowledge of earlier heads: that one of the keys that are trusted for
    /// this origin has signed, none of them wrongly, and that the old size is not above the new.
    /// No keys at all means that the origin is unknown.
    pub fn trust(self, keys: &[VerifierKey]) -> Result<TrustedRequest, Refusal> {
        // WITNESS-2: the origin, then the signature, then the sizes.
        if keys.is_empty() {
            return Err(Refusal::UnknownOrigin);
        }
        let Self { old, proof, checkpoint, note } = self;
        let signers = note.verify(keys).map_err(Refusal::Untrusted)?;
        let signer = signers.first().expect("a note that verifies has a signer");
        let head = SignedCheckpoint::from_note(note, &keys[*signer]).map_err(Refusal::Untrusted)?;
        if old > checkpoint.size {
            return Err(Refusal::OldAboveSize);
        }
        Ok(TrustedRequest { old, proof, head })
    }
}

/// Reads the lines above the checkpoint: old size, proof.
fn parse_head(head: &str) -> Option<(u64, Vec<Hash>)> {
    let mut lines = head.split('\n');
    let old = parse_decimal(lines.next()?.strip_prefix("old ")?)?;
    // One line too many is enough to tell, however many follow.
    let proof = lines.take(MAX_PROOF_LENGTH + 1).map(parse_hash).collect::<Option<_>>()?;
    Some((old, proof))
}

impl fmt::Display for AddCheckpoint {
    /// Writes the body of the request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", base64(hash.as_bytes()))?;
        }
        writeln!(f)?;
        self.note.fmt(f)
    }
}

/// A request whose checkpoint a trusted key has signed: only [`AddCheckpoint::trust`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedRequest {
    old: u64,
    proof: Vec<Hash>,
    head: SignedCheckpoint,
}

impl TrustedRequest {
    /// The head to be cosigned.
    pub const fn head(&self) -> &SignedCheckpoint {
        &self.head
    }

    /// The consistency proof from the old size.
    pub fn proof(&self) -> &[Hash] {
        &self.proof
    }

    /// Judges the request by the head of this log that the witness has cosigned last, if it has
    /// ever cosigned one. Only what is accepted may be kept and cosigned, and what is kept must
    /// still be `latest` at that moment.
    pub fn judge(&self, latest: Option<&Checkpoint>) -> Result<(), Refusal> {
        let asked = self.head.checkpoint();
        let (size, root) = latest.map_or_else(|| (0, empty_root()), |head| (head.size, head.root));
        // WITNESS-3: the old size, then the proof from there, which at equal sizes asks for equal
        // roots and is empty, as it is from size 0.
        if self.old != size {
            return Err(Refusal::Stale { latest: size });
        }
        verify_consistency(size, &root, asked.size, &asked.root, &self.proof).map_err(|_| {
            if asked.size == size && asked.root != root {
                Refusal::OtherRoot
            } else {
                Refusal::Inconsistent
            }
        })
    }

    /// How the request contradicts a head of this log that was signed before, whatever it is
    /// answered: a log that behaves gives no cause for any of these. `None`: not at all, as far as
    /// can be told from the two.
    pub fn contradicts(&self, latest: &Checkpoint) -> Option<Contradiction> {
        let asked = self.head.checkpoint();
        // WITNESS-8: two roots of one size, by whatever old size they are offered.
        if asked.size == latest.size {
            return (asked.root != latest.root).then_some(Contradiction::Roots);
        }
        if self.old != latest.size {
            return None;
        }
        let Checkpoint { size, root, .. } = latest;
        if verify_consistency(*size, root, asked.size, &asked.root, &self.proof).is_ok() {
            return None;
        }
        // WITNESS-8: the proof of a log that has forked shows the root that it now has there.
        match root_in_history(*size, asked.size, &asked.root, &self.proof) {
            Some(other) => Some(Contradiction::History(other)),
            None => Some(Contradiction::Unproven),
        }
    }
}

/// Why a witness does not cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is no request.
    #[error("not a request: {0}")]
    Malformed(Breach),
    /// No key is trusted for the origin.
    #[error("this witness does not know the log")]
    UnknownOrigin,
    /// No trusted key has signed, or a signature by one does not verify.
    #[error("the checkpoint is not signed by a key that this witness trusts for the log: {0}")]
    Untrusted(Breach),
    /// The old size is above that of the checkpoint.
    #[error("the old size is above the checkpoint's")]
    OldAboveSize,
    /// The old size is not that of the latest cosigned head (0 if there is none).
    #[error("the latest cosigned size is {latest}")]
    Stale {
        /// The latest cosigned size.
        latest: u64,
    },
    /// The latest cosigned head has the same size and another root.
    #[error("this witness has cosigned another root of this size")]
    OtherRoot,
    /// The proof does not lead from the latest cosigned head to the checkpoint.
    #[error("the proof does not lead from the latest cosigned checkpoint to this one")]
    Inconsistent,
}

impl Refusal {
    /// The HTTP status of the answer.
    pub const fn status(self) -> u16 {
        // WITNESS-4: one status for each outcome.
        match self {
            Self::Malformed(_) | Self::OldAboveSize => 400,
            Self::Untrusted(_) => 403,
            Self::UnknownOrigin => 404,
            Self::Stale { .. } => 409,
            Self::OtherRoot | Self::Inconsistent => 422,
        }
    }
}

/// How two heads of one log that its key has signed do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// They have one size and two roots.
    Roots,
    /// The proof that came with the later one shows that the later tree has this root, and not the
    /// earlier head's, at the earlier size.
    History(Hash),
    /// The proof shows nothing at all, so that it may be the proof that is wrong: a suspicion, by
    /// which nobody is convicted.
    Unproven,
}

/// Reads the body of a 200: the cosignature lines, at least one, of which none is verified.
pub fn parse_cosignatures(body: &[u8]) -> Result<Vec<NoteSignature>, Breach> {
    // WITNESS-5: whole lines only, as many as a note may have.
    if body.len() > MAX_ANSWER_LENGTH {
        return Err(Breach::WitnessMalformed);
    }
    let text = core::str::from_utf8(body).map_err(|_| Breach::WitnessMalformed)?;
    let lines = text.strip_suffix('\n').ok_or(Breach::WitnessMalformed)?;
    if lines.split('\n').nth(MAX_SIGNATURES).is_some() {
        return Err(Breach::WitnessMalformed);
    }
    lines.split('\n').map(NoteSignature::parse).collect()
}

/// Reads the body of a 409: the size that the witness has cosigned last.
pub fn parse_size(body: &[u8]) -> Option<u64> {
    // WITNESS-5: a decimal and a newline.
    parse_decimal(core::str::from_utf8(body).ok()?.strip_suffix('\n')?)
}

#[cfg(test)]
mod tests;
