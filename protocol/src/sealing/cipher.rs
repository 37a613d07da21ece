//! One message under one Diffie-Hellman secret, an encoded element: HKDF-SHA256 (RFC 5869), then
//! ChaCha20-Poly1305 (RFC 8439).
//!
//! ```text
//! key        = HKDF-SHA256(salt empty, ikm = encoding of the secret element, info), 32 bytes
//! ciphertext = ChaCha20-Poly1305(key, nonce 12 zero bytes, associated data = info, message)
//! ```
//!
//! The nonce is zero because a key serves for one message: `info` names the two keys of the secret
//! and the purpose. Not here: what stands in `info`.

use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::group::ENCODED_LENGTH;

/// By how much a ciphertext is longer than its message, in bytes (RFC 8439, section 2.8).
pub(crate) const TAG_LENGTH: usize = 16;

/// Length of a key, in bytes (RFC 8439, section 2.8).
const KEY_LENGTH: usize = 32;

/// The ciphertext of a message: [`TAG_LENGTH`] bytes more.
pub(crate) fn encrypt(secret: &[u8; ENCODED_LENGTH], info: &[u8], message: &[u8]) -> Vec<u8> {
    // The message is written where its ciphertext will stand, in memory that does not move.
    let mut ciphertext = Vec::with_capacity(message.len() + TAG_LENGTH);
    ciphertext.extend_from_slice(message);
    let tag = cipher(secret, info)
        .encrypt_inout_detached(&Nonce::default(), info, ciphertext.as_mut_slice().into())
        .expect("a message is far below 256 GiB");
    ciphertext.extend_from_slice(&tag);
    ciphertext
}

/// The message of a ciphertext; none when the tag is not right for this secret and `info`.
pub(crate) fn decrypt(
    secret: &[u8; ENCODED_LENGTH],
    info: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (ciphertext, tag) = ciphertext.split_last_chunk::<TAG_LENGTH>()?;
    let mut message = Zeroizing::new(ciphertext.to_vec());
    cipher(secret, info)
        .decrypt_inout_detached(
            &Nonce::default(),
            info,
            message.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .ok()?;
    Some(message)
}

fn cipher(secret: &[u8; ENCODED_LENGTH], info: &[u8]) -> ChaCha20Poly1305 {
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    Hkdf::<Sha256>::new(None, secret)
        .expand(info, key.as_mut_slice())
        .expect("HKDF-SHA256 gives up to 8160 bytes");
    ChaCha20Poly1305::new((&*key).into())
}
