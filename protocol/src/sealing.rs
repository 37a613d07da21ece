//! Sealed ballots: selections that nobody reads before the trustees give their shares.
//!
//! ```text
//! R          = rB, for a fresh r
//! info       = CBOR ["veche/sealed/v1", leaf hash of Open, Y, R, ballot key]
//! plaintext  = the encoded selections, 0x80, zeros to the length L of the poll
//! ciphertext = one message under rY and info (see `cipher`): L + 16 bytes
//! ```
//!
//! The info binds a ciphertext to its poll and to the Ed25519 key that signs the ballot: copied
//! under another key it does not open. Not here: the trustees ([`crate::ceremony`]), and what the
//! plaintext says.

pub(crate) mod cipher;
pub(crate) mod group;
mod opening;

use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use rand::CryptoRng;
use zeroize::Zeroizing;

pub use opening::DecryptionKey;

use crate::breach::Breach;
use crate::encoding::Encoder;
use crate::hash::{Hash, tag};
use crate::signature::Key;
use cipher::TAG_LENGTH;
use group::ENCODED_LENGTH;

/// What ends the message in its padding.
const PADDING_MARK: u8 = 0x80;

/// The key `Y` under which the ballots of a poll are sealed. Its secret nobody holds alone.
#[derive(Clone, Copy)]
pub struct ElectionKey {
    bytes: [u8; ENCODED_LENGTH],
    point: RistrettoPoint,
}

impl ElectionKey {
    /// Reads a key: a canonical encoding (RFC 9496, section 4.3.1), not of the identity.
    pub fn parse(bytes: &[u8; ENCODED_LENGTH]) -> Option<Self> {
        group::key_element(bytes).map(|point| Self { bytes: *bytes, point })
    }

    /// The bytes of the key.
    pub const fn as_bytes(&self) -> &[u8; ENCODED_LENGTH] {
        &self.bytes
    }
}

impl PartialEq for ElectionKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for ElectionKey {}

impl fmt::Debug for ElectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ElectionKey({})", hex::encode(self.bytes))
    }
}

/// A message padded to the one length of its poll, so that its ciphertext does not show how long
/// it is. It is wiped from memory when dropped.
pub struct PaddedMessage(Zeroizing<Vec<u8>>);

impl PaddedMessage {
    /// Pads `message` to `length` bytes; none when it has no room, which takes a byte more than
    /// the message.
    pub fn pad(message: &[u8], length: usize) -> Option<Self> {
        // SEAL-1: the mark, then zeros to the one length.
        if message.len() >= length {
            return None;
        }
        let mut padded = Zeroizing::new(Vec::with_capacity(length));
        padded.extend_from_slice(message);
        padded.push(PADDING_MARK);
        padded.resize(length, 0);
        Some(Self(padded))
    }
}

/// The message of a plaintext: what stands before the last byte that is not zero, which is the
/// mark. Takes time that depends on the plaintext, which is public once it can be read.
fn unpad(plaintext: &[u8]) -> Result<&[u8], Breach> {
    let end = plaintext.iter().rposition(|&byte| byte != 0).ok_or(Breach::SealedPadding)?;
    if plaintext[end] == PADDING_MARK { Ok(&plaintext[..end]) } else { Err(Breach::SealedPadding) }
}

/// What a sealed ballot carries in place of its selections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBallot {
    /// `R`, encoded.
    pub point: [u8; ENCODED_LENGTH],
    /// The encrypted, padded message and its tag: `L` + 16 bytes.
    pub ciphertext: Vec<u8>,
}

impl SealedBallot {
    /// What anyone sees without a key: `R` is canonical and not the identity
    /// ([`Breach::SealedPoint`]), and the ciphertext is that of a message of `length` bytes
    /// ([`Breach::SealedLength`]), in this order.
    pub fn check_form(&self, length: usize) -> Result<(), Breach> {
        // SEAL-4: the point, then the length.
        group::key_element(&self.point).ok_or(Breach::SealedPoint)?;
        let is_right = self.ciphertext.len().checked_sub(TAG_LENGTH) == Some(length);
        if is_right { Ok(()) } else { Err(Breach::SealedLength) }
    }
}

/// Seals a message for the poll of this Open (its leaf hash) and the holder of `ballot_key`, the
/// key that will sign the ballot.
pub fn seal<R: CryptoRng>(
    open: &Hash,
    key: &ElectionKey,
    ballot_key: &Key,
    message: &PaddedMessage,
    rng: &mut R,
) -> SealedBallot {
    // SEAL-3: a fresh r for every ballot.
    let r = group::random_scalar(rng);
    let point = RistrettoPoint::mul_base(&r).compress().to_bytes();
    let secret = group::encode_secret(key.point * *r);
    let info = info(open, key, &point, ballot_key);
    SealedBallot { point, ciphertext: cipher::encrypt(&secret, &info, &message.0) }
}

fn info(open: &Hash, key: &ElectionKey, point: &[u8; ENCODED_LENGTH], ballot_key: &Key) -> Vec<u8> {
    /// The head of the array, 16 bytes of tag, four strings of 32 bytes with heads of two.
    const LENGTH: usize = 1 + 16 + 4 * (2 + 32);
    let mut encoder = Encoder::with_capacity(LENGTH);
    encoder.array(5).text(tag::SEALED).bytes(open.as_bytes()).bytes(&key.bytes);
    encoder.bytes(point).bytes(ballot_key.as_bytes());
    encoder.finish()
}

#[cfg(test)]
mod tests;
