//! The entry: what stands at an index of a log (spec/entries.md).
//!
//! ```text
//! entry     = [ payload: bytes, [ [ key, signature ], ... ] ]     signers strictly ascending
//! payload   = [ kind, version, fields... ]
//! signed    = [ "veche/entry/v1", instance, origin, under, payload: bytes ]
//! ```
//!
//! Here: the envelope, and what a signature covers; beside it the kinds and what each says.

mod kind;
mod payload;

pub use kind::Kind;
pub use payload::Payload;

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::hash::{Hash, leaf_hash, tag};
use crate::name::LogType;
use crate::signature::{Claim, Key, Signature, SigningKey, verify};

/// Longest entry, in bytes: what a C2SP entry bundle can frame with its 16-bit length.
pub const MAX_ENTRY_LENGTH: usize = 65_535;
/// Most signatures on an entry: a commission of 32 twice over, when it hands over to another.
pub const MAX_SIGNERS: usize = 64;
/// What ties a signature to one city, one log and one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding<'a> {
    /// Leaf hash of the city's genesis ([`Hash::ZERO`] within genesis itself).
    pub instance: Hash,
    /// Origin of the log in which the entry stands.
    pub origin: &'a str,
    /// Leaf hash of the entry acted under.
    pub under: Hash,
}

impl Binding<'_> {
    /// The bytes that a signature on `payload` covers.
    pub fn message(&self, payload: &[u8]) -> Vec<u8> {
        self.message_tagged(tag::ENTRY, payload)
    }

    /// The same under another domain tag of the table.
    pub fn message_tagged(&self, tag: &str, payload: &[u8]) -> Vec<u8> {
        // ENTRY-11: one city, one log, one history, one payload.
        let mut encoder = Encoder::with_capacity(96 + self.origin.len() + payload.len());
        encoder
            .array(5)
            .text(tag)
            .bytes(self.instance.as_bytes())
            .text(self.origin)
            .bytes(self.under.as_bytes())
            .bytes(payload);
        encoder.finish()
    }
}

/// An entry whose bytes are in order. Nothing is known yet of its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEntry {
    bytes: Vec<u8>,
    leaf: Hash,
    payload_bytes: core::ops::Range<usize>,
    payload: Payload,
    signatures: Vec<(Key, Signature)>,
}

impl SignedEntry {
    /// Reads an entry of a log of this type, strictly.
    pub fn decode(log_type: LogType, bytes: Vec<u8>) -> Result<Self, Breach> {
        // ENTRY-1: what a bundle can frame, and not nothing.
        if bytes.is_empty() || bytes.len() > MAX_ENTRY_LENGTH {
            return Err(Breach::EntryOversized);
        }
        let mut decoder = Decoder::envelope(&bytes);
        decoder.array_of(2)?;
        let payload_slice = decoder.bytes()?;
        let signatures = decode_signatures(&mut decoder)?;
        decoder.finish()?;
        // ENTRY-7: signers strictly ascending, at least one, at most 64.
        let ascending = signatures.windows(2).all(|pair| pair[0].0.0 < pair[1].0.0);
        if signatures.is_empty() || signatures.len() > MAX_SIGNERS || !ascending {
            return Err(Breach::SignersDisordered);
        }
        let payload = Payload::decode(log_type, payload_slice)?;
        let start = payload_slice.as_ptr() as usize - bytes.as_ptr() as usize;
        let payload_bytes = start..start + payload_slice.len();
        Ok(Self { leaf: leaf_hash(&bytes), bytes, payload_bytes, payload, signatures })
    }

    /// Signs `payload` with each of `keys`, and puts the signatures into their order.
    pub fn sign(payload: &Payload, binding: &Binding<'_>, keys: &[&SigningKey]) -> Self {
        let payload_bytes = payload.encode();
        let message = binding.message(&payload_bytes);
        let signatures = keys.iter().map(|key| (key.key(), key.sign(&message))).collect();
        Self::assemble(payload.clone(), &payload_bytes, signatures)
    }

    /// The same entry with the signatures of `others` beside its own; a signer stands once.
    #[must_use]
    pub fn with_signatures(&self, others: &[(Key, Signature)]) -> Self {
        let mut signatures = self.signatures.clone();
        signatures.extend_from_slice(others);
        Self::assemble(self.payload.clone(), self.payload_bytes(), signatures)
    }

    fn assemble(
        payload: Payload,
        payload_bytes: &[u8],
        mut signatures: Vec<(Key, Signature)>,
    ) -> Self {
        signatures.sort_by_key(|(key, _)| key.0);
        signatures.dedup_by_key(|(key, _)| key.0);
        let mut encoder = Encoder::with_capacity(16 + payload_bytes.len() + 101 * signatures.len());
        encoder.array(2);
        encoder.bytes(payload_bytes).array(signatures.len());
        for (key, signature) in &signatures {
            encoder.array(2).bytes(&key.0).bytes(&signature.0);
        }
        let bytes = encoder.finish();
        let start = 1 + head_length(payload_bytes.len());
        let payload_bytes = start..start + payload_bytes.len();
        Self { leaf: leaf_hash(&bytes), bytes, payload_bytes, payload, signatures }
    }

    /// The exact bytes, which are the leaf of the log.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the bytes away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The leaf hash of the bytes.
    pub const fn leaf(&self) -> Hash {
        self.leaf
    }

    /// What the entry says.
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The encoded payload, over which the signatures are made.
    pub fn payload_bytes(&self) -> &[u8] {
        &self.bytes[self.payload_bytes.clone()]
    }

    /// The signatures, ascending by key.
    pub fn signatures(&self) -> &[(Key, Signature)] {
        &self.signatures
    }

    /// The keys of the signers, ascending.
    pub fn signers(&self) -> impl Iterator<Item = &Key> {
        self.signatures.iter().map(|(key, _)| key)
    }

    /// What the signatures claim, for verification together with others.
    pub fn claims(&self, binding: &Binding<'_>) -> impl Iterator<Item = Claim> {
        let message = binding.message(self.payload_bytes());
        self.signatures.iter().map(move |(key, signature)| Claim::new(key, &message, signature))
    }

    /// Verifies every signature, one by one.
    pub fn verify(&self, binding: &Binding<'_>) -> Result<(), Breach> {
        let message = binding.message(self.payload_bytes());
        self.signatures.iter().try_for_each(|(key, signature)| verify(key, &message, signature))
    }
}

fn decode_signatures(decoder: &mut Decoder<'_>) -> Result<Vec<(Key, Signature)>, Breach> {
    // ENTRY-7, ENTRY-8: their number is judged once all of them are read.
    decoder.list(0, usize::MAX, |decoder| {
        decoder.array_of(2)?;
        Ok((Key(decoder.bytes_of()?), Signature(decoder.bytes_of()?)))
    })
}

/// Length of the head of a CBOR string of this length, in bytes.
const fn head_length(length: usize) -> usize {
    match length {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    }
}
