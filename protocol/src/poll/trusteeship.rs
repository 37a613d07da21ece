//! The entries by which trustees make the key of a sealed poll, and open it (spec/ceremony.md).
//!
//! ```text
//! join      = [ 42, 1, ceremony, transport key, commitment hash ]
//! deal      = [ 43, 1, ceremony, [ commitment, ... ], proof, [ [ recipient, share ], ... ] ]
//! complaint = [ 44, 1, ceremony, dealer, shared point, proof ]
//! ready     = [ 45, 1, ceremony, transcript, election key ]
//! exclude   = [ 46, 1, seen, ceremony, [ trustee, ... ] ]
//! share     = [ 47, 1, head, key share ]
//! ```
//!
//! Not here: whether they may stand ([`crate::poll::ceremony_fold`]), and the mathematics
//! ([`crate::ceremony`]).

use crate::breach::Breach;
use crate::ceremony::{Complaint, Dealing, EncryptedShare, MAX_TRUSTEES, TrusteeIndex};
use crate::encoding::{Decoder, Encoder};
use crate::hash::Hash;
use crate::poll::acts::{Head, Seen};

fn decode_index(decoder: &mut Decoder<'_>) -> Result<TrusteeIndex, Breach> {
    let index = u8::try_from(decoder.uint()?).ok().and_then(TrusteeIndex::new);
    index.ok_or(decoder.mismatch())
}

/// A trustee takes part in a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Number of the ceremony.
    pub ceremony: u64,
    /// Under which shares are encrypted to it.
    pub transport_key: [u8; 32],
    /// Hash of the dealing that will follow.
    pub commitment_hash: Hash,
}

impl Join {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.uint(self.ceremony).bytes(&self.transport_key);
        encoder.bytes(self.commitment_hash.as_bytes());
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            ceremony: decoder.uint()?,
            transport_key: decoder.bytes_of()?,
            commitment_hash: decoder.hash()?,
        })
    }
}

/// A trustee deals shares of its polynomial to all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Number of the ceremony.
    pub ceremony: u64,
    /// The commitments and the proof.
    pub dealing: Dealing,
    /// The encrypted share of each other participant, ascending.
    pub shares: Vec<(TrusteeIndex, EncryptedShare)>,
}

impl Deal {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.uint(self.ceremony);
        encoder.list(&self.dealing.commitments, |encoder, commitment| {
            encoder.bytes(commitment);
        });
        encoder.bytes(&self.dealing.proof);
        encoder.list(&self.shares, |encoder, (recipient, share)| {
            encoder.array(2).uint(u64::from(recipient.get())).bytes(share);
        });
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let most = usize::from(MAX_TRUSTEES);
        let ceremony = decoder.uint()?;
        let commitments = decoder.list(1, most, Decoder::bytes_of)?;
        let dealing = Dealing { commitments, proof: decoder.bytes_of()? };
        let shares = decoder.list(1, most - 1, |decoder| {
            decoder.array_of(2)?;
            Ok((decode_index(decoder)?, decoder.bytes_of()?))
        })?;
        Ok(Self { ceremony, dealing, shares })
    }
}

/// A trustee says that it was dealt a wrong share, and lays it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accusation {
    /// Number of the ceremony.
    pub ceremony: u64,
    /// Who dealt it.
    pub dealer: TrusteeIndex,
    /// What opens the share, with its proof.
    pub complaint: Complaint,
}

impl Accusation {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.uint(self.ceremony).uint(u64::from(self.dealer.get()));
        encoder.bytes(&self.complaint.shared_point).bytes(&self.complaint.proof);
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            ceremony: decoder.uint()?,
            dealer: decode_index(decoder)?,
            complaint: Complaint { shared_point: decoder.bytes_of()?, proof: decoder.bytes_of()? },
        })
    }
}

/// A trustee has checked its shares, and names what the ceremony came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Number of the ceremony.
    pub ceremony: u64,
    /// Hash of what every participant has put on the log.
    pub transcript: Hash,
    /// The election key.
    pub election_key: [u8; 32],
}

impl Ready {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.uint(self.ceremony).bytes(self.transcript.as_bytes()).bytes(&self.election_key);
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            ceremony: decoder.uint()?,
            transcript: decoder.hash()?,
            election_key: decoder.bytes_of()?,
        })
    }
}

/// Two officers exclude trustees who are silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclude {
    /// What the officers had seen.
    pub seen: Seen,
    /// Number of the ceremony.
    pub ceremony: u64,
    /// Who is silent, ascending.
    pub trustees: Vec<TrusteeIndex>,
}

impl Exclude {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.seen.encode(encoder).uint(self.ceremony);
        encoder.list(&self.trustees, |encoder, index| {
            encoder.uint(u64::from(index.get()));
        });
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let seen = Seen::decode(decoder)?;
        let ceremony = decoder.uint()?;
        let mut last = None;
        let trustees = decoder.list(1, usize::from(MAX_TRUSTEES), |decoder| {
            let index = decode_index(decoder)?;
            // ENTRY-6: ascending.
            if last.replace(index).is_some_and(|last| last >= index) {
                return Err(Breach::EntryFields);
            }
            Ok(index)
        })?;
        Ok(Self { seen, ceremony, trustees })
    }
}

/// A trustee lays its share of the key open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The poll's log through its Close, as the trustee has verified it.
    pub head: Head,
    /// The share: a scalar, least significant byte first.
    pub key_share: [u8; 32],
}

impl Share {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.head.encode(encoder);
        encoder.bytes(&self.key_share);
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self { head: Head::decode(decoder)?, key_share: decoder.bytes_of()? })
    }
}
