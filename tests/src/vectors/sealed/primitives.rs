//! ristretto255 and the encryption of one message, as the documents give them.

use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256, Sha512};

/// The encoding of the identity.
pub(in crate::vectors) const IDENTITY: [u8; 32] = [0; 32];

/// An encoding that no element has: its number is beyond the field.
pub(in crate::vectors) const BEYOND: [u8; 32] = [0xff; 32];

/// An encoding that no element has: its number is negative, that is odd.
pub(in crate::vectors) const NEGATIVE: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

/// The secret that belongs to a name.
pub(in crate::vectors) fn secret(name: &str) -> Scalar {
    hash(name.as_bytes())
}

/// SHA-512 mod L.
pub(in crate::vectors) fn hash(bytes: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(bytes).into())
}

/// The encoding of a multiple of the basepoint.
pub(in crate::vectors) fn point(scalar: &Scalar) -> [u8; 32] {
    encode(&RistrettoPoint::mul_base(scalar))
}

pub(in crate::vectors) fn encode(point: &RistrettoPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

/// The same scalar with L added: no canonical form.
pub(in crate::vectors) fn plus_order(scalar: &Scalar) -> [u8; 32] {
    let order_less_1 = (-Scalar::ONE).to_bytes();
    let mut carry = 1;
    let mut bytes = scalar.to_bytes();
    for (byte, order) in bytes.iter_mut().zip(order_less_1) {
        let [low, high] = (u16::from(*byte) + u16::from(order) + carry).to_le_bytes();
        (*byte, carry) = (low, u16::from(high));
    }
    bytes
}

/// AEAD under HKDF(element, info), with info as associated data.
pub(in crate::vectors) fn encrypt(
    element: &RistrettoPoint,
    info: &[u8],
    message: &[u8],
) -> Vec<u8> {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(&[]), &encode(element)).expand(info, &mut key).expect("32 bytes");
    let mut bytes = message.to_vec();
    let tag = ChaCha20Poly1305::new(&key.into())
        .encrypt_inout_detached(&Nonce::default(), info, bytes.as_mut_slice().into())
        .expect("a short message");
    bytes.extend_from_slice(&tag);
    bytes
}

/// The polynomial with these coefficients, the constant one first.
pub(in crate::vectors) fn evaluate(coefficients: &[Scalar], place: u8) -> Scalar {
    let highest_first = coefficients.iter().rev();
    highest_first.fold(Scalar::ZERO, |value, next| value * Scalar::from(place) + next)
}

/// The value at 0 of the polynomial through these points.
pub(in crate::vectors) fn interpolate(shares: &[(u8, Scalar)]) -> Scalar {
    let weight = |place: u8| -> Scalar {
        let others = shares.iter().map(|(other, _)| *other).filter(|other| *other != place);
        let factor = |m: u8| Scalar::from(m) * (Scalar::from(m) - Scalar::from(place)).invert();
        others.map(factor).product()
    };
    shares.iter().map(|(place, share)| weight(*place) * share).sum()
}
