//! Elements and scalars of ristretto255 (RFC 9496) as they are read from bytes and made at random.
//!
//! Not here: any protocol. The reading side takes time that depends on its input, which is public;
//! scalars that are secret are only ever multiplied in constant time.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;
use rand::CryptoRng;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

/// Length of an encoded element (RFC 9496, section 4.3.2) and of an encoded scalar, in bytes.
pub(crate) const ENCODED_LENGTH: usize = 32;

/// The element of a canonical encoding (RFC 9496, section 4.3.1), which may be the identity.
pub(crate) fn element(bytes: &[u8; ENCODED_LENGTH]) -> Option<RistrettoPoint> {
    CompressedRistretto(*bytes).decompress()
}

/// The element of a canonical encoding, unless it is the identity.
pub(crate) fn key_element(bytes: &[u8; ENCODED_LENGTH]) -> Option<RistrettoPoint> {
    element(bytes).filter(|point| *point != RistrettoPoint::identity())
}

/// The encoding of an element that is a secret.
pub(crate) fn encode_secret(element: RistrettoPoint) -> Zeroizing<[u8; ENCODED_LENGTH]> {
    let element = Zeroizing::new(element);
    Zeroizing::new(element.compress().to_bytes())
}

/// The scalar of its canonical encoding: 32 bytes, little endian, less than the group's order.
pub(crate) fn scalar(bytes: &[u8; ENCODED_LENGTH]) -> Option<Scalar> {
    Scalar::from_canonical_bytes(*bytes).into()
}

/// A secret scalar, uniform but for zero.
///
/// # Panics
///
/// With a source that gives zeros only, which happens by chance once in 2^252 times.
pub(crate) fn random_scalar<R: CryptoRng>(rng: &mut R) -> Zeroizing<Scalar> {
    let mut wide = Zeroizing::new([0; 64]);
    rng.fill_bytes(wide.as_mut_slice());
    let scalar = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide));
    assert!(*scalar != Scalar::ZERO, "the source of randomness is broken");
    scalar
}

/// A challenge: SHA-512, as 64 little-endian bytes reduced by the group's order.
pub(crate) fn challenge(parts: &[&[u8]]) -> Scalar {
    let hash = parts.iter().fold(Sha512::new(), Sha512::chain_update);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The group's order, 2^252 + 27742317777372353535851937790883648493, little endian.
    const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

    fn bytes(hex_form: &str) -> [u8; ENCODED_LENGTH] {
        hex::decode(hex_form).unwrap().try_into().unwrap()
    }

    #[test]
    fn elements_have_one_encoding() {
        // RFC 9496, appendix A.1: multiples 0, 1 and 2 of the basepoint.
        let identity = [0; ENCODED_LENGTH];
        let basepoint = bytes("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76");
        let double = bytes("6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919");
        let [first, second] = [basepoint, double].map(|bytes| key_element(&bytes).unwrap());
        assert_eq!(first + first, second);
        assert_eq!(element(&identity), Some(RistrettoPoint::identity()));
        assert_eq!(key_element(&identity), None);
        // Appendix A.2: beyond the field, negative, not a square, and so on, one of each.
        for bad in [
            "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
            "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
            "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
        ] {
            assert_eq!(element(&bytes(bad)), None, "{bad}");
        }
    }

    #[test]
    fn scalars_have_one_encoding() {
        let mut order = bytes(ORDER);
        assert_eq!(scalar(&order), None);
        order[0] -= 1;
        assert_eq!(scalar(&order), Some(-Scalar::ONE));
        order[31] |= 0x80;
        assert_eq!(scalar(&order), None);
    }
}
