//! The key that opens the ballots of a poll, once enough trustees have given their shares.
//!
//! From then on it is public: anyone computes it from the log and opens every ballot alike. Not
//! here: the shares ([`crate::ceremony`]).

use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use zeroize::Zeroizing;

use super::{ElectionKey, SealedBallot, cipher, group, info, unpad};
use crate::breach::Breach;
use crate::hash::Hash;
use crate::signature::Key;

/// The secret `y` of an election key `Y = yB`. It is shared between threads by reference: opening
/// takes no lock.
pub struct DecryptionKey {
    secret: Zeroizing<Scalar>,
    key: ElectionKey,
}

impl DecryptionKey {
    /// The key of this secret; [`Breach::ShareInvalid`] when it is not that of `key`.
    pub(crate) fn new(secret: Zeroizing<Scalar>, key: ElectionKey) -> Result<Self, Breach> {
        let is_right = RistrettoPoint::mul_base(&secret) == key.point;
        if is_right { Ok(Self { secret, key }) } else { Err(Breach::ShareInvalid) }
    }

    /// The message of a ballot, without its padding.
    ///
    /// `open` is the leaf hash of the poll's Open, `ballot_key` the key that signed the ballot.
    /// In this order: [`Breach::SealedPoint`] for a ballot whose form was not checked,
    /// [`Breach::SealedTag`], [`Breach::SealedPadding`].
    pub fn open(
        &self,
        open: &Hash,
        ballot_key: &Key,
        ballot: &SealedBallot,
    ) -> Result<Vec<u8>, Breach> {
        let point = group::key_element(&ballot.point).ok_or(Breach::SealedPoint)?;
        // SEAL-5, SEAL-6: the tag, then the padding.
        let info = info(open, &self.key, &ballot.point, ballot_key);
        let plaintext = cipher::decrypt(&(point * *self.secret), &info, &ballot.ciphertext)
            .ok_or(Breach::SealedTag)?;
        unpad(&plaintext).map(<[u8]>::to_vec)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey of {:?}", self.key)
    }
}
