//! Timestamped cosignatures of checkpoints (C2SP tlog-cosignature): Ed25519 and ML-DSA-44.
//!
//! ```text
//! blob         u64 seconds since the Unix epoch, the signature (64 or 2,420 bytes)
//! Ed25519      cosignature/v1 \n time <decimal> \n <the whole text of the checkpoint>
//! ML-DSA-44    subtree/v1 \n 00, u8 length and name of the cosigner, u64 time,
//!              u8 length and origin of the log, u64 start (0), u64 end (size), root (32 bytes)
//! ```
//!
//! Numbers are big endian. A cosigner states that, at this time, this was the largest tree it had
//! seen of this log, and that it extends all that it had seen before; by ML-DSA-44 with the time 0,
//! only that the tree agrees with all that it has seen. Not here: signatures of subtrees that are
//! no checkpoints, and how many cosigners are enough ([`super::policy`]).

use rand::CryptoRng;

use super::checkpoint::Checkpoint;
use super::note::{
    Note, NoteSignature, PublicKey, TYPE_COSIGNATURE, TYPE_ML_DSA_44, VerifierKey, check_name,
    key_id,
};
use crate::breach::Breach;
use crate::ml_dsa;
use crate::signature::{self, Key, Signature, SigningKey};

/// The latest time that a cosignature may state, in seconds: the format's own bound.
pub const MAX_TIME: u64 = i64::MAX as u64;

/// A cosignature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Index of the cosigner's key among the keys that were given.
    pub cosigner: usize,
    /// The cosigner's name and key.
    pub key: VerifierKey,
    /// The time that it states, in seconds since the Unix epoch; `None` where it states none.
    pub time: Option<u64>,
}

/// The bytes that are signed for the text of a checkpoint at a time.
pub fn message(time: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// The bytes that are signed by ML-DSA-44 for a checkpoint at a time, by the cosigner of this name.
pub fn ml_dsa_message(name: &str, time: u64, checkpoint: &Checkpoint) -> Result<Vec<u8>, Breach> {
    // LOG-17: the cosigner's name is signed; lines beyond the three of a checkpoint are not.
    check_name(name)?;
    let Checkpoint { origin, size, root } = checkpoint;
    let mut message = b"subtree/v1\n\0".to_vec();
    push_short(&mut message, name)?;
    message.extend_from_slice(&time.to_be_bytes());
    push_short(&mut message, origin)?;
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&size.to_be_bytes());
    message.extend_from_slice(root.as_bytes());
    Ok(message)
}

/// A text of 1 to 255 bytes behind a byte with its length.
fn push_short(message: &mut Vec<u8>, text: &str) -> Result<(), Breach> {
    message.push(u8::try_from(text.len()).map_err(|_| Breach::NoteMalformed)?);
    message.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Divides a blob into its time and the signature.
fn split_time(blob: &[u8]) -> Result<(u64, &[u8]), Breach> {
    let (time, signature) = blob.split_first_chunk().ok_or(Breach::NoteSignatureInvalid)?;
    // LOG-13: the time is bounded.
    let time = u64::from_be_bytes(*time);
    if time > MAX_TIME { Err(Breach::NoteSignatureInvalid) } else { Ok((time, signature)) }
}

/// Verifies an Ed25519 cosignature of the text of a checkpoint; returns its time in seconds.
pub fn verify(key: &Key, text: &str, blob: &[u8]) -> Result<u64, Breach> {
    let (time, signature) = split_time(blob)?;
    // LOG-13: the time is signed with the text.
    Signature::parse(signature)
        .and_then(|signature| signature::verify(key, &message(time, text), &signature))
        .map(|()| time)
        .map_err(|_| Breach::NoteSignatureInvalid)
}

/// Verifies an ML-DSA-44 cosignature of the text of a checkpoint by the cosigner of this name;
/// returns its time in seconds, if it states one. A text that is no checkpoint has none.
pub fn verify_ml_dsa(
    key: &ml_dsa::Key,
    name: &str,
    text: &str,
    blob: &[u8],
) -> Result<Option<u64>, Breach> {
    let (time, signature) = split_time(blob)?;
    // LOG-17: what the text says is signed, so it is read by LOG-6.
    Checkpoint::parse(text)
        .and_then(|checkpoint| ml_dsa_message(name, time, &checkpoint))
        .and_then(|message| key.verify(&message, signature))
        .map_err(|_| Breach::NoteSignatureInvalid)?;
    // LOG-13: 0 states no time.
    Ok(Some(time).filter(|&time| time != 0))
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

/// Signs a checkpoint by ML-DSA-44 under this name, at a time in seconds or 0 for none: as a
/// cosigner, or as the log itself, whose name is the origin.
pub fn sign_ml_dsa<R: CryptoRng>(
    checkpoint: &Checkpoint,
    time: u64,
    key: &ml_dsa::SigningKey,
    name: &str,
    rng: &mut R,
) -> Result<NoteSignature, Breach> {
    if time > MAX_TIME {
        return Err(Breach::NoteMalformed);
    }
    let message = ml_dsa_message(name, time, checkpoint)?;
    let blob = [time.to_be_bytes().as_slice(), &key.sign(&message, rng)].concat();
    NoteSignature::new(name, key_id(name, TYPE_ML_DSA_44, key.key().as_bytes()), blob)
}

/// Verifies the cosignatures of known cosigners on a note; there may be none. They come in the
/// order of `cosigners`, and a cosigner that signed several times comes several times.
///
/// Keys of logs (type 0x01) are skipped, unknown cosigners ignored. A known cosigner's signature
/// that does not verify is [`Breach::NoteSignatureInvalid`].
pub fn collect(note: &Note, cosigners: &[VerifierKey]) -> Result<Vec<Cosigned>, Breach> {
    let mut collected = Vec::new();
    for (cosigner, key) in cosigners.iter().enumerate() {
        for line in note.signatures().iter().filter(|line| key.claims(line)) {
            let time = match key.public_key() {
                PublicKey::Ed25519(_) => continue,
                PublicKey::Cosignature(key) => Some(verify(key, note.text(), line.blob())?),
                PublicKey::MlDsa44(public) => {
                    verify_ml_dsa(public, key.name(), note.text(), line.blob())?
                }
            };
            collected.push(Cosigned { cosigner, key: key.clone(), time });
        }
    }
    Ok(collected)
}

#[cfg(test)]
mod tests;
