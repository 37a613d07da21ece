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

/// How many ballots are opened in one go: the encodings of their secret elements share one
/// inversion, and from about here it costs each of them nothing any more.
const BATCH: usize = 64;

/// The secret `y` of an election key `Y = yB`. Threads share it by reference: opening takes no
/// lock.
pub struct DecryptionKey {
    /// `y / 2`: elements are encoded together cheaply only while they are doubled.
    half: Zeroizing<Scalar>,
    key: ElectionKey,
}

impl DecryptionKey {
    /// The key of this secret; [`Breach::ShareInvalid`] when it is not that of `key`.
    pub(crate) fn new(secret: &Scalar, key: ElectionKey) -> Result<Self, Breach> {
        if RistrettoPoint::mul_base(secret) != key.point {
            return Err(Breach::ShareInvalid);
        }
        Ok(Self { half: Zeroizing::new(secret.div_by_2()), key })
    }

    /// The bytes of y, which is public as soon as this key can be made.
    pub(crate) fn to_bytes(&self) -> [u8; 32] {
        (*self.half + *self.half).to_bytes()
    }

    /// The message of each ballot, without its padding, in the order of the ballots.
    ///
    /// `open` is the leaf hash of the poll's Open; with each ballot stands the key that signed it.
    /// In this order: [`Breach::SealedPoint`] for a ballot whose form was not checked,
    /// [`Breach::SealedTag`], [`Breach::SealedPadding`].
    pub fn open_all(
        &self,
        open: &Hash,
        ballots: &[(Key, &SealedBallot)],
    ) -> Vec<Result<Vec<u8>, Breach>> {
        ballots.chunks(BATCH).flat_map(|ballots| self.open_batch(open, ballots)).collect()
    }

    fn open_batch(
        &self,
        open: &Hash,
        ballots: &[(Key, &SealedBallot)],
    ) -> Vec<Result<Vec<u8>, Breach>> {
        let halves: Vec<_> = ballots
            .iter()
            .map(|(_, ballot)| group::key_element(&ballot.point).map(|point| point * *self.half))
            .collect();
        let secrets = RistrettoPoint::double_and_compress_batch(halves.iter().flatten());
        let mut secrets = secrets.iter();
        let opened = ballots.iter().zip(&halves).map(|((ballot_key, ballot), half)| {
            half.ok_or(Breach::SealedPoint)?;
            let secret = secrets.next().expect("a secret for every point");
            // SEAL-5, SEAL-6: the tag, then the padding.
            let info = info(open, &self.key, &ballot.point, ballot_key);
            let plaintext = cipher::decrypt(secret.as_bytes(), &info, &ballot.ciphertext);
            unpad(&plaintext.ok_or(Breach::SealedTag)?).map(<[u8]>::to_vec)
        });
        opened.collect()
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey of {:?}", self.key)
    }
}
