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

pub use parse::PolicyError;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::cosignature::{self, Cosigned};
use super::note::{Note, PublicKey, TYPE_ED25519, VerifierKey};
use crate::breach::Breach;
use crate::name::{LogPath, check_domain};

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
    /// The key that it cosigns with, by Ed25519 or by ML-DSA-44.
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

    /// Whether the witnesses that have witnessed a head satisfy the quorum.
    pub fn is_quorum(&self, has_witnessed: impl Fn(&VerifierKey) -> bool) -> bool {
        let Quorum::Definition(quorum) = self.quorum else { return true };
        // LOG-15: a group has witnessed what enough of its members have.
        // Members stand before their groups, so one pass in the order of the file decides all.
        let mut witnessed: Vec<bool> = Vec::with_capacity(self.definitions.len());
        for definition in &self.definitions {
            let is_witnessed = match definition {
                Definition::Witness(index) => has_witnessed(&self.witnesses[*index].key),
                Definition::Group { threshold, members } => {
                    members.iter().filter(|&&member| witnessed[member]).count() >= *threshold
                }
            };
            witnessed.push(is_witnessed);
        }
        witnessed[quorum]
    }

    /// Verifies the cosignatures of the policy's witnesses on a note, of whatever type; there may
    /// be none. They come in the order of the file.
    pub fn cosignatures(&self, note: &Note) -> Result<Vec<Cosigned>, Breach> {
        let keys: Vec<_> = self.witnesses.iter().map(|witness| witness.key.clone()).collect();
        cosignature::collect(note, &keys)
    }

    /// Verifies what the policy asks of a head beyond the log's own signature: a second one, and a
    /// quorum of cosignatures, which are returned; else [`Breach::NoteUnsigned`] or
    /// [`Breach::QuorumMissing`].
    pub fn check_quorum(&self, note: &Note) -> Result<Vec<Cosigned>, Breach> {
        let cosigned = self.cosignatures(note)?;
        self.check_second_signature(note)?;
        // LOG-15: only cosignatures that verified, by keys that the policy names.
        let is_quorum = self.is_quorum(|key| cosigned.iter().any(|one| one.key == *key));
        if is_quorum { Ok(cosigned) } else { Err(Breach::QuorumMissing) }
    }

    /// The keys by one of which the log of this origin has to sign its heads a second time; empty
    /// if the policy asks for no second signature.
    pub fn second_keys(&self, origin: &str) -> Vec<VerifierKey> {
        let keys = self.logs.iter().filter_map(|log| match log.key.public_key() {
            // LOG-18: all logs of a city have the same second key, each under its own name.
            PublicKey::MlDsa44(key) if are_of_one_city(log.key.name(), origin) => {
                VerifierKey::ml_dsa_44(origin, key.clone()).ok()
            }
            _ => None,
        });
        keys.collect()
    }

    /// Verifies the second signatures on a head, of which there is at least one if the policy asks
    /// for it: else [`Breach::NoteUnsigned`].
    pub fn check_second_signature(&self, note: &Note) -> Result<(), Breach> {
        let keys = self.second_keys(&Checkpoint::parse(note.text())?.origin);
        // LOG-18: where one is asked for.
        if keys.is_empty() { Ok(()) } else { note.verify(&keys).map(drop) }
    }

    /// Verifies that a note is a checkpoint which one of the policy's logs has signed, a second
    /// time if the policy asks for it, and a quorum of its witnesses has cosigned.
    pub fn verify(&self, note: &[u8]) -> Result<WitnessedCheckpoint, Breach> {
        self.verify_note(&Note::parse(note)?)
    }

    /// [`Self::verify`] for a note that was read before.
    pub fn verify_note(&self, note: &Note) -> Result<WitnessedCheckpoint, Breach> {
        let origin = Checkpoint::parse(note.text())?.origin;
        if self.logs_of(&origin).next().is_none() {
            return Err(Breach::CheckpointOrigin);
        }
        // LOG-5: a known key's signature that fails condemns the note whatever other keys say.
        self.cosignatures(note)?;
        let first = self.logs_of(&origin).map(|log| log.key.clone());
        let first: Vec<_> = first.filter(|key| key.public_key().kind() == TYPE_ED25519).collect();
        let known = [first.as_slice(), &self.second_keys(&origin)].concat();
        let signers = note.verify(&known)?;
        let key = signers.first().and_then(|&place| first.get(place));
        let head = SignedCheckpoint::from_note(note.clone(), key.ok_or(Breach::NoteUnsigned)?)?;
        Ok(WitnessedCheckpoint { head, cosigned: self.check_quorum(note)? })
    }
}

/// Whether two origins are the same, or those of logs of one city.
fn are_of_one_city(one: &str, other: &str) -> bool {
    one == other || domain_of(one).is_some_and(|domain| domain_of(other) == Some(domain))
}

/// The domain of the origin of a city's log.
fn domain_of(origin: &str) -> Option<&str> {
    // LOG-2: a domain has no slash, so the first one ends it.
    let (domain, path) = origin.split_once('/')?;
    (check_domain(domain).is_ok() && LogPath::parse(path).is_some()).then_some(domain)
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
