//! The trust policy (C2SP tlog-policy): which logs and witnesses are believed, and how many.
//!
//! ```text
//! log <vkey> [<url>]
//! witness <name> <vkey> [<url>]
//! group <name> all|any|<k> <member>...      members were defined above, each stands in one group
//! quorum <name>|none                        exactly once; the name was defined above
//! ```
//!
//! Tokens are separated by spaces and tabs; empty lines and lines that begin with `#` are ignored.
//! It is the auditor's trust file. In scope: reading it, and judging a head by it. Not here:
//! fetching heads, and what a URL means to whom.

mod parse;

use std::collections::BTreeSet;

pub use parse::PolicyError;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::cosignature::{self, Cosigned};
use super::note::{Note, VerifierKey};
use crate::breach::Breach;
use crate::signature::Key;

/// The longest policy file, in bytes. The format recommends room for at least 32 logs and 32
/// witnesses; with ML-DSA-44 keys (1,312 bytes), names and URLs of 255 bytes, 64 such lines and 32
/// groups that name them all are below 160 kB.
pub const MAX_POLICY_LENGTH: usize = 256 * 1024;

/// A log that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its key, whose name is its origin.
    pub key: VerifierKey,
    /// Where it is found.
    pub url: Option<String>,
}

/// A witness that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its name in the policy: any bytes but white space and control characters.
    pub name: Vec<u8>,
    /// The key that it cosigns with.
    pub key: VerifierKey,
    /// Where checkpoints are sent to it.
    pub url: Option<String>,
}

/// What stands under a name in the policy. Definitions refer to each other by their place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Definition {
    /// The witness at this index.
    Witness(usize),
    /// The group of definitions, all made before it, of which `threshold` must have witnessed.
    Group { threshold: usize, members: Vec<usize> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quorum {
    /// No cosignature is needed.
    None,
    /// What this definition says is needed.
    Definition(usize),
}

/// A policy, read and complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    definitions: Vec<Definition>,
    quorum: Quorum,
}

impl Policy {
    /// Reads a policy file.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        parse::parse(bytes)
    }

    /// The believed logs, in the order of the file; there may be none.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The believed witnesses, in the order of the file, whether the quorum asks for them or not.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// The log of this origin. Two logs of one origin (a rotated key) come in the file's order.
    pub fn logs_of<'a>(&'a self, origin: &'a str) -> impl Iterator<Item = &'a Log> {
        self.logs.iter().filter(move |log| log.key.name() == origin)
    }

    /// Whether any cosignature is asked for at all (`quorum none` asks for none).
    pub const fn asks_for_witnesses(&self) -> bool {
        matches!(self.quorum, Quorum::Definition(_))
    }

    /// Whether these cosigners satisfy the quorum. The keys are those whose cosignatures of one
    /// checkpoint verified; keys that the policy does not know are ignored.
    pub fn is_quorum(&self, cosigners: &BTreeSet<Key>) -> bool {
        let Quorum::Definition(quorum) = self.quorum else { return true };
        // LOG-15: a group has witnessed what enough of its members have.
        // Members stand before their groups, so one pass in the order of the file decides all.
        let mut witnessed: Vec<bool> = Vec::with_capacity(self.definitions.len());
        for definition in &self.definitions {
            let is_witnessed = match definition {
                Definition::Witness(index) => {
                    let key = self.witnesses[*index].key.public_key().key();
                    key.is_some_and(|key| cosigners.contains(key))
                }
                Definition::Group { threshold, members } => {
                    members.iter().filter(|&&member| witnessed[member]).count() >= *threshold
                }
            };
            witnessed.push(is_witnessed);
        }
        witnessed[quorum]
    }

    /// Verifies the cosignatures of the policy's witnesses on a note, and that they are a quorum;
    /// [`Breach::QuorumMissing`] if not. Returns them in the order of the file.
    pub fn check_quorum(&self, note: &Note) -> Result<Vec<Cosigned>, Breach> {
        let keys: Vec<_> = self.witnesses.iter().map(|witness| witness.key.clone()).collect();
        let cosigned = cosignature::collect(note, &keys)?;
        let cosigners = cosigned.iter().map(|cosigned| cosigned.key).collect();
        // LOG-15: only cosignatures that verified, by keys that the policy names.
        if self.is_quorum(&cosigners) { Ok(cosigned) } else { Err(Breach::QuorumMissing) }
    }

    /// Verifies that a note is a checkpoint which one of the policy's logs has signed and a quorum
    /// of its witnesses has cosigned.
    pub fn verify(&self, note: &[u8]) -> Result<WitnessedCheckpoint, Breach> {
        self.verify_note(&Note::parse(note)?)
    }

    /// [`Self::verify`] for a note that was read before.
    pub fn verify_note(&self, note: &Note) -> Result<WitnessedCheckpoint, Breach> {
        let origin = Checkpoint::parse(note.text())?.origin;
        let mut refusal = Breach::CheckpointOrigin;
        for log in self.logs_of(&origin) {
            match SignedCheckpoint::from_note(note.clone(), &log.key) {
                Ok(head) => {
                    let cosigned = self.check_quorum(note)?;
                    return Ok(WitnessedCheckpoint { head, cosigned });
                }
                // A known key's signature that fails condemns the note whatever other keys say.
                Err(Breach::NoteSignatureInvalid) => return Err(Breach::NoteSignatureInvalid),
                Err(breach) => refusal = breach,
            }
        }
        Err(refusal)
    }
}

/// A head that a policy believes: only its check makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessedCheckpoint {
    head: SignedCheckpoint,
    cosigned: Vec<Cosigned>,
}

impl WitnessedCheckpoint {
    /// The head, signed by the log.
    pub const fn head(&self) -> &SignedCheckpoint {
        &self.head
    }

    /// The cosignatures that verified, in the order of the policy's witnesses; under `quorum none`
    /// there may be none.
    pub fn cosigned(&self) -> &[Cosigned] {
        &self.cosigned
    }
}

#[cfg(test)]
mod tests;
