//! EMSA-PSS-ENCODE with SHA-384 (RFC 8017, section 9.1.1): the number that a credential signs.
//!
//! A blinding client needs the encoded message itself, which libraries keep to themselves. Not
//! here: its counterpart EMSA-PSS-VERIFY, which is the library's.

use sha2::{Digest as _, Sha384};
use zeroize::Zeroizing;

use super::SALT_LENGTH;

/// Length of a SHA-384 digest, in bytes.
const DIGEST_LENGTH: usize = 48;

/// The last byte of every encoded message.
const TRAILER: u8 = 0xbc;

/// Encodes a message for a modulus of `length` bytes whose first bit is set, that is with emBits =
/// 8 `length` - 1. The result has `length` bytes and is below every such modulus.
pub(super) fn encode(
    message: &[u8],
    salt: &[u8; SALT_LENGTH],
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let hash = Sha384::new()
        .chain_update([0; 8])
        .chain_update(Sha384::digest(message))
        .chain_update(salt)
        .finalize();
    let mut encoded = Zeroizing::new(vec![0; length]);
    let (block, tail) = encoded.split_at_mut(length - DIGEST_LENGTH - 1);
    let (padding, salted) = block.split_at_mut(block.len() - SALT_LENGTH);
    *padding.last_mut().expect("a modulus has at least 256 bytes") = 0x01;
    salted.copy_from_slice(salt);
    mask(block, &hash);
    block[0] &= 0x7f; // 8 emLen - emBits = 1 bit
    tail[..DIGEST_LENGTH].copy_from_slice(&hash);
    tail[DIGEST_LENGTH] = TRAILER;
    encoded
}

/// Adds the mask that MGF1 with SHA-384 makes of the seed (RFC 8017, appendix B.2.1), bit by bit.
fn mask(block: &mut [u8], seed: &[u8]) {
    for (counter, chunk) in (0_u32..).zip(block.chunks_mut(DIGEST_LENGTH)) {
        let digest =
            Sha384::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(digest).for_each(|(byte, mask)| *byte ^= mask);
    }
}
