//! A trustee as it deals: the secret polynomial, kept from the moment its hash is published to the
//! moment its shares are.
//!
//! The polynomial and the proof come from the audited `frost-ristretto255`, its first part of the
//! distributed key generation. Its curve crate is an older one, so elements and scalars pass from
//! one to the other as bytes. Not here: what others check of a dealing.

use core::fmt;
use std::collections::BTreeMap;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use frost_ristretto255::keys::dkg;
use frost_ristretto255::rand_core as older_rand;
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::dealing::PROOF_LENGTH;
use super::{
    CeremonyContext, Channel, Dealing, DealtShare, EncryptedShare, MAX_TRUSTEES, MIN_THRESHOLD,
    TransportKey, TransportSecret, TrusteeIndex,
};
use crate::breach::Breach;
use crate::sealing::group::{self, ENCODED_LENGTH};

/// A trustee's polynomial in one ceremony, and the dealing that it shows of it. The polynomial is
/// wiped from memory when dropped.
pub struct Dealer {
    index: TrusteeIndex,
    /// The constant coefficient first.
    pub(super) coefficients: Zeroizing<Vec<Scalar>>,
    dealing: Dealing,
}

impl Dealer {
    /// A fresh polynomial of the trustee `index`, of which `threshold` values tell the whole;
    /// [`Breach::DefinitionInvalid`] unless it is [`MIN_THRESHOLD`] to [`MAX_TRUSTEES`].
    pub fn generate<R: CryptoRng>(
        index: TrusteeIndex,
        threshold: u8,
        rng: &mut R,
    ) -> Result<Self, Breach> {
        if !(MIN_THRESHOLD..=MAX_TRUSTEES).contains(&threshold) {
            return Err(Breach::DefinitionInvalid);
        }
        let identifier = u16::from(index.get()).try_into().expect("an index is not zero");
        let (most, least) = (u16::from(MAX_TRUSTEES), u16::from(threshold));
        let (secret, package) = dkg::part1(identifier, most, least, OlderRng(rng))
            .expect("the threshold is within frost's bounds");
        let coefficients = Zeroizing::new(secret.coefficients());
        let coefficients = coefficients.iter().map(|scalar| {
            group::scalar(&scalar.to_bytes()).expect("frost's scalars are canonical")
        });
        let commitments = package.commitment().serialize().expect("no coefficient is zero");
        let commitments = commitments.into_iter().map(|bytes| bytes.try_into().expect("32 bytes"));
        let proof = package.proof_of_knowledge().serialize().expect("the nonce is not zero");
        Ok(Self {
            index,
            coefficients: Zeroizing::new(coefficients.collect()),
            dealing: Dealing {
                commitments: commitments.collect(),
                proof: proof.try_into().expect("an element and a scalar"),
            },
        })
    }

    /// Whose polynomial it is.
    pub const fn index(&self) -> TrusteeIndex {
        self.index
    }

    /// The public part.
    pub const fn dealing(&self) -> &Dealing {
        &self.dealing
    }

    /// The share that the dealer keeps.
    pub fn own_share(&self) -> DealtShare {
        DealtShare(self.evaluate(self.index))
    }

    /// The encrypted shares for every other participant. `secret` is that of the dealer's own
    /// transport key, and serves in this ceremony only: see [`Channel`].
    pub fn deal(
        &self,
        context: CeremonyContext,
        secret: &TransportSecret,
        participants: &BTreeMap<TrusteeIndex, TransportKey>,
    ) -> BTreeMap<TrusteeIndex, EncryptedShare> {
        let own = (self.index, secret.key());
        let channels = participants
            .iter()
            .filter_map(|(&index, &key)| Channel::new(context, own, (index, key)));
        channels
            .map(|channel| {
                let share = self.evaluate(channel.recipient());
                (channel.recipient(), channel.encrypt(secret, &share))
            })
            .collect()
    }

    /// The bytes of the dealer, for a keystore: the index, the proof, the commitments, the
    /// coefficients.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let length = 1 + PROOF_LENGTH + 2 * self.coefficients.len() * ENCODED_LENGTH;
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        bytes.push(self.index.get());
        bytes.extend_from_slice(&self.dealing.proof);
        bytes.extend_from_slice(self.dealing.commitments.as_flattened());
        for coefficient in &*self.coefficients {
            bytes.extend_from_slice(coefficient.as_bytes());
        }
        bytes
    }

    /// Reads a dealer back; [`Breach::DealingInvalid`] when the bytes are not those of one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Breach> {
        Self::read(bytes).ok_or(Breach::DealingInvalid)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (&index, bytes) = bytes.split_first()?;
        let (&proof, bytes) = bytes.split_first_chunk::<PROOF_LENGTH>()?;
        let (chunks, rest) = bytes.as_chunks::<ENCODED_LENGTH>();
        let (commitments, coefficients) = chunks.split_at(chunks.len() / 2);
        let threshold = u8::try_from(coefficients.len()).ok()?;
        if !rest.is_empty() || !(MIN_THRESHOLD..=MAX_TRUSTEES).contains(&threshold) {
            return None;
        }
        let index = TrusteeIndex::new(index)?;
        let mut scalars = Zeroizing::new(Vec::with_capacity(coefficients.len()));
        for coefficient in coefficients {
            scalars.push(group::scalar(coefficient)?);
        }
        let recomputed =
            scalars.iter().map(|scalar| RistrettoPoint::mul_base(scalar).compress().to_bytes());
        if !recomputed.eq(commitments.iter().copied()) {
            return None;
        }
        let dealing = Dealing { commitments: commitments.to_vec(), proof };
        dealing.check(index, threshold).ok()?;
        Some(Self { index, coefficients: scalars, dealing })
    }

    /// The value of the polynomial at `index` (Horner's rule), in constant time.
    fn evaluate(&self, index: TrusteeIndex) -> Zeroizing<Scalar> {
        let index = index.scalar();
        let highest_first = self.coefficients.iter().rev();
        Zeroizing::new(highest_first.fold(Scalar::ZERO, |value, next| value * index + next))
    }
}

impl fmt::Debug for Dealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dealer").field("index", &self.index).finish_non_exhaustive()
    }
}

/// A source of randomness under the older traits that frost knows.
struct OlderRng<'a, R>(&'a mut R);

impl<R: CryptoRng> older_rand::RngCore for OlderRng<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, destination: &mut [u8]) {
        self.0.fill_bytes(destination);
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), older_rand::Error> {
        self.0.fill_bytes(destination);
        Ok(())
    }
}

impl<R: CryptoRng> older_rand::CryptoRng for OlderRng<'_, R> {}
