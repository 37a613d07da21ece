//! The fork proof: two heads that one log's key has signed and that cannot both be true.
//!
//! ```text
//! veche/fork/v1
//! log <verifier key>
//! first <length in bytes of the first note>
//! second <length in bytes of the second note>
//! root <base64>          only if the sizes differ: at the first's size, in the second's history
//! <hash in base64>       consistency proof from that size and root to the second head
//!                        (empty line)
//! <the first note, verbatim><the second note, verbatim>
//! ```
//!
//! It convicts by itself: nobody but the holder of the key can have signed both. In scope: the
//! exact form, the check, and making one from a history. Not here: whose key it is (a policy says
//! that), and where the second head came from.

use core::fmt::{self, Write as _};

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::merkle::{NodeReader, consistency_proof, root_at, verify_consistency};
use super::note::{MAX_NOTE_LENGTH, Note, VerifierKey};
use super::text::{base64, parse_decimal, parse_hash};
use crate::breach::Breach;
use crate::hash::Hash;
use crate::name::LogPath;

/// The first line of a fork proof.
pub const HEADER: &str = "veche/fork/v1";

/// The longest consistency proof between sizes of 64 bits: a path of at most 64 hashes, and the
/// subtree that it begins with.
pub const MAX_PROOF_LENGTH: usize = 65;

/// The longest fork proof, in bytes: two of the longest notes, and above them 65 proof lines of 45
/// bytes, a line with a key name of 255 bytes and the other lines, which stay below 4 kB.
pub const MAX_FORK_LENGTH: usize = 2 * MAX_NOTE_LENGTH + 4 * 1024;

/// Where the history of the second head stands at the size of the first, which is smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Root at the size of the first head.
    pub root: Hash,
    /// Consistency proof from there to the second head (RFC 6962, section 2.1.2).
    pub proof: Vec<Hash>,
}

/// A fork proof that was read, or made, but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkProof {
    key: VerifierKey,
    first: Note,
    second: Note,
    growth: Option<Growth>,
}

impl ForkProof {
    /// A proof from its parts. Both notes are checkpoints, the first of them not larger; there is a
    /// growth exactly if it is smaller.
    pub fn new(
        key: VerifierKey,
        first: Note,
        second: Note,
        growth: Option<Growth>,
    ) -> Result<Self, Breach> {
        let sizes = (size(&first)?, size(&second)?);
        // FORK-1: the smaller head first, and nothing to prove between heads of one size.
        let is_formed = match &growth {
            None => sizes.0 == sizes.1,
            Some(growth) => sizes.0 < sizes.1 && growth.proof.len() <= MAX_PROOF_LENGTH,
        };
        if is_formed { Ok(Self { key, first, second, growth }) } else { Err(Breach::ForkMalformed) }
    }

    /// Makes the proof for two heads in either order, from the history of the larger one: a reader
    /// of its full subtrees, which is not asked if the sizes are equal.
    ///
    /// # Errors
    ///
    /// Those of [`Self::verify`] where the heads do not contradict each other, and the reader's.
    pub fn between<R: NodeReader>(
        key: &VerifierKey,
        one: &Note,
        other: &Note,
        history: &R,
    ) -> Result<Self, R::Error> {
        let (first, second) = if size(one)? <= size(other)? { (one, other) } else { (other, one) };
        let (from, to) = (size(first)?, size(second)?);
        let growth = if from == to {
            None
        } else {
            let root = root_at(history, from)?;
            Some(Growth { root, proof: consistency_proof(history, from, to)? })
        };
        let made = Self::new(key.clone(), first.clone(), second.clone(), growth)?;
        made.verify()?;
        Ok(made)
    }

    /// Reads a proof. What is accepted is written back byte for byte by its `Display`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Breach> {
        // FORK-1: bounds, then the lines above the notes, then the notes with their own codes.
        if bytes.len() > MAX_FORK_LENGTH {
            return Err(Breach::ForkMalformed);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| Breach::ForkMalformed)?;
        let (head, notes) = text.split_once("\n\n").ok_or(Breach::ForkMalformed)?;
        let head = Head::parse(head).ok_or(Breach::ForkMalformed)?;
        let (first, second) = head.split(notes).ok_or(Breach::ForkMalformed)?;
        let (first, second) = (Note::parse(first.as_bytes())?, Note::parse(second.as_bytes())?);
        Self::new(head.key, first, second, head.growth)
    }

    /// The key that signed both heads, if the proof holds.
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The smaller head, or one of two that have the same size; not verified.
    pub const fn first(&self) -> &Note {
        &self.first
    }

    /// The other head, not verified.
    pub const fn second(&self) -> &Note {
        &self.second
    }

    /// Verifies that the key has signed both heads and that no log can have both.
    pub fn verify(&self) -> Result<(), Breach> {
        // FORK-2: both heads, then the contradiction between them.
        let first = SignedCheckpoint::from_note(self.first.clone(), &self.key)?;
        let second = SignedCheckpoint::from_note(self.second.clone(), &self.key)?;
        let (first, second) = (first.checkpoint(), second.checkpoint());
        let then = match &self.growth {
            None => second.root,
            Some(Growth { root, proof }) => {
                verify_consistency(first.size, root, second.size, &second.root, proof)?;
                *root
            }
        };
        // FORK-2: heads that agree convict nobody.
        if then == first.root { Err(Breach::ProofInvalid) } else { Ok(()) }
    }

    /// [`Self::verify`], and that it convicts somebody who is known: one of these keys, which are
    /// from elsewhere, is the proof's or of another log of its city. If none is known, whoever
    /// holds the key of the proof is convicted; else [`Breach::InstanceMismatch`].
    pub fn verify_known(&self, known: &[VerifierKey]) -> Result<(), Breach> {
        self.verify()?;
        // FORK-3: anyone can make a key, and convict it.
        if known.is_empty() || known.iter().any(|key| is_same_city(key, &self.key)) {
            Ok(())
        } else {
            Err(Breach::InstanceMismatch)
        }
    }
}

/// Whether two keys are of logs of one city: domain and public key are the same.
fn is_same_city(known: &VerifierKey, other: &VerifierKey) -> bool {
    let path = |key: &VerifierKey| {
        let (domain, path) = key.name().split_once('/')?;
        LogPath::parse(path).map(|_| domain.to_owned())
    };
    known == other
        || (known.public_key() == other.public_key()
            && path(known).is_some()
            && path(known) == path(other))
}

fn size(note: &Note) -> Result<u64, Breach> {
    Checkpoint::parse(note.text()).map(|checkpoint| checkpoint.size)
}

/// The lines above the notes.
struct Head {
    key: VerifierKey,
    first: u64,
    second: u64,
    growth: Option<Growth>,
}

impl Head {
    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split('\n');
        if lines.next()? != HEADER {
            return None;
        }
        let key = VerifierKey::parse(lines.next()?.strip_prefix("log ")?).ok()?;
        let first = parse_decimal(lines.next()?.strip_prefix("first ")?)?;
        let second = parse_decimal(lines.next()?.strip_prefix("second ")?)?;
        let growth = match lines.next() {
            None => None,
            Some(line) => {
                let root = parse_hash(line.strip_prefix("root ")?)?;
                Some(Growth { root, proof: lines.map(parse_hash).collect::<Option<_>>()? })
            }
        };
        Some(Self { key, first, second, growth })
    }

    /// The two notes, which must fill what follows exactly.
    fn split<'a>(&self, notes: &'a str) -> Option<(&'a str, &'a str)> {
        let (first, second) = notes.split_at_checked(usize::try_from(self.first).ok()?)?;
        (u64::try_from(second.len()).ok()? == self.second).then_some((first, second))
    }
}

impl fmt::Display for ForkProof {
    /// Writes the proof's bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (self.first.to_string(), self.second.to_string());
        writeln!(f, "{HEADER}\nlog {}", self.key)?;
        writeln!(f, "first {}\nsecond {}", first.len(), second.len())?;
        if let Some(Growth { root, proof }) = &self.growth {
            writeln!(f, "root {}", base64(root.as_bytes()))?;
            proof.iter().try_for_each(|hash| writeln!(f, "{}", base64(hash.as_bytes())))?;
        }
        f.write_char('\n')?;
        f.write_str(&first)?;
        f.write_str(&second)
    }
}

#[cfg(test)]
mod tests;
