//! The share of the decryption key that each trustee holds, and the key that enough of them make.
//!
//! Not here: when a share may be posted.

use core::fmt;
use std::collections::BTreeMap;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use zeroize::Zeroizing;

use super::{DealtShare, TrusteeIndex};
use crate::breach::Breach;
use crate::sealing::group::{self, ENCODED_LENGTH};
use crate::sealing::{DecryptionKey, ElectionKey};

/// A trustee's key share in the exponent, `Y_j`, which anyone computes from the dealings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationShare(pub(super) RistrettoPoint);

impl VerificationShare {
    /// Reads the key share of this trustee: a canonical scalar `s_j` with `s_j B = Y_j`, else
    /// [`Breach::ShareInvalid`].
    pub fn check(&self, bytes: &[u8; ENCODED_LENGTH]) -> Result<KeyShare, Breach> {
        // CEREMONY-12: canonical, and what the dealings make it.
        let share = Zeroizing::new(group::scalar(bytes).ok_or(Breach::ShareInvalid)?);
        let is_right = RistrettoPoint::mul_base(&share) == self.0;
        if is_right { Ok(KeyShare(share)) } else { Err(Breach::ShareInvalid) }
    }
}

/// A trustee's share of the decryption key, `s_j`: secret until it is posted. It is wiped from
/// memory when dropped.
#[derive(Clone)]
pub struct KeyShare(Zeroizing<Scalar>);

impl KeyShare {
    /// The key share of a trustee: the sum of what every dealer of the ceremony, itself among
    /// them, dealt to it. Whether a dealer is missing, [`VerificationShare::check`] tells.
    pub fn sum(shares: &BTreeMap<TrusteeIndex, DealtShare>) -> Self {
        Self(Zeroizing::new(shares.values().map(|share| *share.0).sum()))
    }

    /// The bytes of the share: 32, little endian.
    pub fn to_bytes(&self) -> Zeroizing<[u8; ENCODED_LENGTH]> {
        Zeroizing::new(self.0.to_bytes())
    }
}

impl fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyShare")
    }
}

/// The key that opens what was sealed under `key`, from the shares of a threshold of trustees or
/// more; [`Breach::ShareInvalid`] when they are fewer, or of another ceremony.
pub fn combine(
    shares: &BTreeMap<TrusteeIndex, KeyShare>,
    key: &ElectionKey,
) -> Result<DecryptionKey, Breach> {
    // CEREMONY-13: the value at 0 of the polynomial through the shares.
    let terms = shares.iter().map(|(&index, share)| weight(index, shares.keys()) * *share.0);
    let secret = Zeroizing::new(terms.sum());
    DecryptionKey::new(&secret, *key)
}

/// Lagrange's coefficient at 0 of `index` among `all`: the product of `m / (m - index)`.
fn weight<'a>(index: TrusteeIndex, all: impl Iterator<Item = &'a TrusteeIndex>) -> Scalar {
    let (mut numerator, mut denominator) = (Scalar::ONE, Scalar::ONE);
    for other in all.filter(|&&other| other != index) {
        numerator *= other.scalar();
        denominator *= other.scalar() - index.scalar();
    }
    numerator * denominator.invert()
}
