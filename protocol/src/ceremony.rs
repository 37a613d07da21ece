//! The trustees' mathematics: a key of which each holds a share, made without anyone knowing it
//! whole, on ristretto255 (RFC 9496). `B` is its basepoint, `t` the threshold.
//!
//! ```text
//! trustee i, index 1..=16:  transport key X_i = x_i B; secret polynomial f_i of degree t - 1
//! dealing of i              C_{i,k} = (coefficient k of f_i) B, and a proof of knowing f_i(0)
//! share i -> j              f_i(j), encrypted under x_i X_j;
//!                           right iff f_i(j) B = sum_k j^k C_{i,k}
//! election key              Y = sum_i C_{i,0}
//! key share of j            s_j = sum_i f_i(j), of which anyone knows Y_j = s_j B
//! decryption key            y = sum_j lambda_j s_j over any t of them: the values at 0
//! ```
//!
//! A dealing is bound by its hash before anyone deals, so that nobody deals last knowing the
//! others'. Who received a wrong share proves it by a complaint that anyone decides. Not here: the
//! entries on the log, their order, and what follows from a verdict.

mod complaint;
mod dealer;
mod dealing;
mod key_share;
mod transport;

use std::collections::BTreeMap;

use curve25519_dalek::scalar::Scalar;

pub use complaint::{Complaint, Guilty, VerifiedComplaint};
pub use dealer::Dealer;
pub use dealing::{CheckedDealing, Dealing, JointDealing};
pub use key_share::{KeyShare, VerificationShare, combine};
pub use transport::{Channel, DealtShare, EncryptedShare, TransportKey, TransportSecret};

use crate::encoding::Encoder;
use crate::hash::{Hash, sha256, tag};

/// The most trustees of a poll: every one of them has to meet, deal to every other, and come back
/// after the close.
pub const MAX_TRUSTEES: u8 = 16;

/// The least threshold: with one, each trustee could read every ballot alone.
pub const MIN_THRESHOLD: u8 = 2;

/// The place of a trustee, 1 to [`MAX_TRUSTEES`]: where its share is a value of the polynomial.
/// There is no place 0, whose value is the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrusteeIndex(u8);

impl TrusteeIndex {
    /// The index of this number; none for 0 and past [`MAX_TRUSTEES`].
    pub const fn new(index: u8) -> Option<Self> {
        if index >= 1 && index <= MAX_TRUSTEES { Some(Self(index)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }

    fn scalar(self) -> Scalar {
        Scalar::from(self.0)
    }
}

/// Which ceremony something was made for: nothing of one serves in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CeremonyContext {
    /// Leaf hash of the poll's Announce.
    pub announce: Hash,
    /// The number of the ceremony in its poll.
    pub ceremony: u64,
}

impl CeremonyContext {
    /// The first items of an array of `length` items that is made for this ceremony.
    fn begin(&self, length: usize, tag: &str) -> Encoder {
        let mut encoder = Encoder::new();
        encoder.array(length).text(tag).bytes(self.announce.as_bytes()).uint(self.ceremony);
        encoder
    }
}

/// What a trustee put on the log in a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Leaf hash of its entry with the transport key and the commitment hash.
    pub join: Hash,
    /// Leaf hash of its entry with the dealing and the encrypted shares.
    pub deal: Hash,
}

/// The hash by which the trustees of a ceremony confirm that they saw the same: SHA-256 of CBOR
/// `["veche/ceremony/v1", Announce, ceremony, [[i, join, deal], ...]]`, ascending by `i`.
pub fn transcript_hash(
    context: &CeremonyContext,
    contributions: &BTreeMap<TrusteeIndex, Contribution>,
) -> Hash {
    // CEREMONY-9: every participant's entries, ascending by its index.
    let mut encoder = context.begin(4, tag::CEREMONY);
    encoder.array(contributions.len());
    for (index, contribution) in contributions {
        encoder.array(3).uint(u64::from(index.get()));
        encoder.bytes(contribution.join.as_bytes()).bytes(contribution.deal.as_bytes());
    }
    sha256(&encoder.finish())
}

#[cfg(test)]
mod tests;
