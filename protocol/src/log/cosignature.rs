//! Timestamped Ed25519 cosignatures of checkpoints (C2SP tlog-cosignature, `cosignature/v1`).
//!
//! ```text
//! blob      u64 seconds since the Unix epoch (big endian), Ed25519 signature (64 bytes)
//! message   cosignature/v1 \n time <decimal> \n <the whole text of the checkpoint>
//! ```
//!
//! A cosigner states that, at this time, this was the largest tree it had seen of this log, and
//! that it extends all that it had seen before. Not here: ML-DSA-44 cosignatures, and how many
//! cosigners are enough ([`super::policy`]).

use super::note::{Note, NoteSignature, PublicKey, TYPE_COSIGNATURE, VerifierKey, key_id};
use crate::breach::Breach;
use crate::signature::{self, Key, Signature, SigningKey};

/// The latest time that a cosignature may state, in seconds: the format's own bound.
pub const MAX_TIME: u64 = i64::MAX as u64;

/// A cosignature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Index of the cosigner's key among the keys that were given.
    pub cosigner: usize,
    /// Name of the cosigner.
    pub name: String,
    /// The cosigner's key.
    pub key: Key,
    /// The time that it states, in seconds since the Unix epoch.
    pub time: u64,
}

/// The bytes that are signed for the text of a checkpoint at a time.
pub fn message(time: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// Verifies a cosignature of the text of a checkpoint; returns its time in seconds.
pub fn verify(key: &Key, text: &str, blob: &[u8]) -> Result<u64, Breach> {
    let (time, signature) = blob.split_first_chunk().ok_or(Breach::NoteSignatureInvalid)?;
    // LOG-13: the time is bounded, and signed with the text.
    let time = u64::from_be_bytes(*time);
    if time > MAX_TIME {
        return Err(Breach::NoteSignatureInvalid);
    }
    Signature::parse(signature)
        .and_then(|signature| signature::verify(key, &message(time, text), &signature))
        .map(|()| time)
        .map_err(|_| Breach::NoteSignatureInvalid)
}

/// Cosigns the text of a checkpoint, as the cosigner of this name, at a time in seconds.
pub fn sign(text: &str, time: u64, key: &SigningKey, name: &str) -> Result<NoteSignature, Breach> {
    if time > MAX_TIME {
        return Err(Breach::NoteMalformed);
    }
    let mut blob = time.to_be_bytes().to_vec();
    blob.extend_from_slice(key.sign(&message(time, text)).as_bytes());
    NoteSignature::new(name, key_id(name, TYPE_COSIGNATURE, key.key().as_bytes()), blob)
}

/// Verifies the cosignatures of known cosigners on a note; there may be none. They come in the
/// order of `cosigners`, and a cosigner that signed several times comes several times.
///
/// Keys of other types are skipped, unknown cosigners ignored. A known cosigner's signature that
/// does not verify is [`Breach::NoteSignatureInvalid`].
pub fn collect(note: &Note, cosigners: &[VerifierKey]) -> Result<Vec<Cosigned>, Breach> {
    let mut collected = Vec::new();
    for (cosigner, verifier) in cosigners.iter().enumerate() {
        let PublicKey::Cosignature(key) = verifier.public_key() else { continue };
        for line in note.signatures().iter().filter(|line| verifier.claims(line)) {
            let time = verify(key, note.text(), line.blob())?;
            let name = verifier.name().to_owned();
            collected.push(Cosigned { cosigner, name, key: *key, time });
        }
    }
    Ok(collected)
}

#[cfg(test)]
mod tests;
