//! A complaint: who received a wrong share publishes the secret element of that one channel, and a
//! proof that it is the right one, so that everyone decrypts the share and sees.
//!
//! ```text
//! D = x_j X_i, and a proof (Chaum and Pedersen 1992) that D has to X_i the relation of X_j to B:
//! c (32 bytes), z (32 bytes); valid iff c is, for A = zB - cX_j and A' = zX_i - cD,
//! SHA-512(CBOR ["veche/complaint/v1", Announce, ceremony, i, j, X_i, X_j, D, A, A']) mod order
//! ```
//!
//! Not here: what becomes of the guilty.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul as _;
use rand::CryptoRng;

use super::dealing::{PROOF_LENGTH, split};
use super::{Channel, CheckedDealing, EncryptedShare, TransportSecret};
use crate::breach::Breach;
use crate::hash::tag;
use crate::sealing::group::{self, ENCODED_LENGTH};

/// A trustee's claim that it was dealt a wrong share, as it stands on the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The element under which the share was encrypted.
    pub shared_point: [u8; ENCODED_LENGTH],
    /// Proof that it is that.
    pub proof: [u8; PROOF_LENGTH],
}

impl Complaint {
    /// A complaint of the channel's recipient, whose secret is `own`. It gives away the share of
    /// this channel, and nothing else.
    pub fn make<R: CryptoRng>(channel: &Channel, own: &TransportSecret, rng: &mut R) -> Self {
        let shared = channel.dealer_key.point * *own.0;
        let shared_point = shared.compress().to_bytes();
        let nonce = group::random_scalar(rng);
        let nonce_points = [RistrettoPoint::mul_base(&nonce), channel.dealer_key.point * *nonce];
        let challenge = challenge(channel, &shared_point, &nonce_points);
        let response = *nonce + challenge * *own.0;
        let mut proof = [0; PROOF_LENGTH];
        proof[..ENCODED_LENGTH].copy_from_slice(challenge.as_bytes());
        proof[ENCODED_LENGTH..].copy_from_slice(response.as_bytes());
        Self { shared_point, proof }
    }

    /// Verifies the proof for this channel; else [`Breach::ComplaintInvalid`], and nothing is
    /// decided.
    pub fn verify(&self, channel: Channel) -> Result<VerifiedComplaint, Breach> {
        let (challenge_bytes, response) = split(&self.proof);
        let parsed = (
            group::element(&self.shared_point),
            group::scalar(challenge_bytes),
            group::scalar(response),
        );
        let (Some(shared), Some(claimed), Some(response)) = parsed else {
            return Err(Breach::ComplaintInvalid);
        };
        let nonce_points = [
            RistrettoPoint::vartime_double_scalar_mul_basepoint(
                &-claimed,
                &channel.recipient_key.point,
                &response,
            ),
            RistrettoPoint::vartime_multiscalar_mul(
                [response, -claimed],
                [channel.dealer_key.point, shared],
            ),
        ];
        if challenge(&channel, &self.shared_point, &nonce_points) == claimed {
            Ok(VerifiedComplaint { channel, shared_point: self.shared_point })
        } else {
            Err(Breach::ComplaintInvalid)
        }
    }
}

fn challenge(
    channel: &Channel,
    shared_point: &[u8; ENCODED_LENGTH],
    nonce_points: &[RistrettoPoint; 2],
) -> Scalar {
    // CEREMONY-6: the whole statement is under the hash.
    let mut encoder = channel.begin(10, tag::COMPLAINT);
    encoder.bytes(shared_point);
    for point in nonce_points {
        encoder.bytes(point.compress().as_bytes());
    }
    group::challenge(&[&encoder.finish()])
}

/// A complaint whose secret element is the right one.
#[derive(Clone, Debug)]
pub struct VerifiedComplaint {
    channel: Channel,
    shared_point: [u8; ENCODED_LENGTH],
}

/// Who did wrong, as a complaint shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guilty {
    /// The dealer: the share does not decrypt, is no scalar, or is not what it committed to.
    Dealer,
    /// The complainant: the share is right.
    Complainant,
}

impl VerifiedComplaint {
    /// Decides the complaint by the share that stands on the log.
    ///
    /// # Panics
    ///
    /// When `dealing` is not that of the channel's dealer.
    pub fn judge(&self, encrypted: &EncryptedShare, dealing: &CheckedDealing) -> Guilty {
        // CEREMONY-7: by what everyone decrypts alike.
        match self.channel.open(&self.shared_point, encrypted, dealing) {
            Ok(_) => Guilty::Complainant,
            Err(_) => Guilty::Dealer,
        }
    }
}
