//! What a trustee shows of its polynomial: commitments to the coefficients and a proof of knowing
//! the first; and the sum of all dealings, which is the poll's key.
//!
//! ```text
//! C_{i,0}, ..., C_{i,t-1}   32 bytes each
//! proof                     R (32 bytes), z (32 bytes); valid iff zB = R + c C_{i,0} where
//! c = SHA-512("FROST-RISTRETTO255-SHA512-v1" || "dkg" || i as a scalar || C_{i,0} || R) mod order
//! ```
//!
//! The proof is that of FROST (RFC 9591's ciphersuite, its key generation as implemented by the
//! `frost-ristretto255` crate); without it a dealer could choose its commitments by the others'.
//! Not here: secrets.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul as _;

use super::key_share::VerificationShare;
use super::{CeremonyContext, TrusteeIndex};
use crate::breach::Breach;
use crate::hash::{Hash, sha256, tag};
use crate::sealing::ElectionKey;
use crate::sealing::group::{self, ENCODED_LENGTH};

/// Length of a proof, in bytes: an element and a scalar.
pub(super) const PROOF_LENGTH: usize = 2 * ENCODED_LENGTH;

/// The ciphersuite and the purpose, which begin what the challenge hashes.
const CHALLENGE_PREFIX: &[u8] = b"FROST-RISTRETTO255-SHA512-v1dkg";

/// The public part of a dealing, as it stands on the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealing {
    /// Commitments to the coefficients of the polynomial, the constant one first.
    pub commitments: Vec<[u8; ENCODED_LENGTH]>,
    /// Proof of knowing the constant coefficient.
    pub proof: [u8; PROOF_LENGTH],
}

impl Dealing {
    /// What the dealer binds itself to before anyone deals: SHA-256 of CBOR
    /// `["veche/commitments/v1", Announce, ceremony, i, [C_{i,0}, ...], proof]`.
    pub fn commitment_hash(&self, context: &CeremonyContext, dealer: TrusteeIndex) -> Hash {
        // CEREMONY-2: everything that will be shown is bound.
        let mut encoder = context.begin(6, tag::COMMITMENTS);
        encoder.uint(u64::from(dealer.get()));
        encoder.list(&self.commitments, |encoder, commitment| {
            encoder.bytes(commitment);
        });
        encoder.bytes(&self.proof);
        sha256(&encoder.finish())
    }

    /// Checks a dealing of this trustee: `threshold` commitments, all canonical, the first not the
    /// identity, and the proof; else [`Breach::DealingInvalid`].
    pub fn check(&self, dealer: TrusteeIndex, threshold: u8) -> Result<CheckedDealing, Breach> {
        // CEREMONY-3: exactly t, all canonical, the first not the identity.
        if self.commitments.len() != usize::from(threshold) {
            return Err(Breach::DealingInvalid);
        }
        let points: Option<Vec<_>> = self.commitments.iter().map(group::element).collect();
        let points = points.ok_or(Breach::DealingInvalid)?;
        if self.proves_knowledge(dealer) {
            Ok(CheckedDealing { dealer, points })
        } else {
            Err(Breach::DealingInvalid)
        }
    }

    fn proves_knowledge(&self, dealer: TrusteeIndex) -> bool {
        let Some(first) = self.commitments.first() else { return false };
        let (nonce, response) = split(&self.proof);
        let parsed = (group::key_element(first), group::element(nonce), group::scalar(response));
        let (Some(point), Some(nonce_point), Some(response)) = parsed else { return false };
        // CEREMONY-4: zB = R + c C_0, for this dealer alone.
        let index = dealer.scalar().to_bytes();
        let challenge = group::challenge(&[CHALLENGE_PREFIX, &index, first, nonce]);
        nonce_point
            == RistrettoPoint::vartime_double_scalar_mul_basepoint(&-challenge, &point, &response)
    }
}

/// The two halves of a proof.
pub(super) fn split(proof: &[u8; PROOF_LENGTH]) -> (&[u8; ENCODED_LENGTH], &[u8; ENCODED_LENGTH]) {
    let (first, second) = proof.split_first_chunk().expect("64 bytes");
    (first, second.try_into().expect("32 bytes of 64 are left"))
}

/// A dealing that passed [`Dealing::check`].
#[derive(Clone, Debug)]
pub struct CheckedDealing {
    dealer: TrusteeIndex,
    points: Vec<RistrettoPoint>,
}

impl CheckedDealing {
    /// Whose dealing it is.
    pub const fn dealer(&self) -> TrusteeIndex {
        self.dealer
    }

    /// What the share of `recipient` is in the exponent: `sum_k j^k C_k`.
    pub(super) fn share_commitment(&self, recipient: TrusteeIndex) -> RistrettoPoint {
        evaluate(&self.points, recipient)
    }
}

/// The sum of the dealings of one ceremony.
#[derive(Clone, Debug)]
pub struct JointDealing {
    points: Vec<RistrettoPoint>,
    key: ElectionKey,
}

impl JointDealing {
    /// Sums the dealings of a ceremony's trustees.
    ///
    /// [`Breach::DealingInvalid`] when there are none, when two are of one trustee or differ in
    /// their threshold, or when the sum has no secret, for which all the dealers must conspire.
    pub fn sum<'a>(dealings: impl IntoIterator<Item = &'a CheckedDealing>) -> Result<Self, Breach> {
        let mut dealers = Vec::new();
        let mut points: Vec<RistrettoPoint> = Vec::new();
        for dealing in dealings {
            if dealers.is_empty() {
                points.clone_from(&dealing.points);
            } else if dealers.contains(&dealing.dealer) || points.len() != dealing.points.len() {
                return Err(Breach::DealingInvalid);
            } else {
                for (sum, point) in points.iter_mut().zip(&dealing.points) {
                    *sum += point;
                }
            }
            dealers.push(dealing.dealer);
        }
        // CEREMONY-8: the sum of the constant coefficients, which is not the identity.
        let first = points.first().ok_or(Breach::DealingInvalid)?;
        let key = ElectionKey::parse(&first.compress().to_bytes()).ok_or(Breach::DealingInvalid)?;
        Ok(Self { points, key })
    }

    /// The key under which ballots are sealed.
    pub const fn election_key(&self) -> &ElectionKey {
        &self.key
    }

    /// What the key share of this trustee is in the exponent.
    pub fn verification_share(&self, trustee: TrusteeIndex) -> VerificationShare {
        VerificationShare(evaluate(&self.points, trustee))
    }
}

/// The polynomial with these coefficients at `index`. All of it is public.
fn evaluate(points: &[RistrettoPoint], index: TrusteeIndex) -> RistrettoPoint {
    let powers = core::iter::successors(Some(Scalar::ONE), |power| Some(power * index.scalar()));
    // Collected, since the multiplication wants to know how many there are.
    let powers: Vec<_> = powers.take(points.len()).collect();
    RistrettoPoint::vartime_multiscalar_mul(powers, points)
}
