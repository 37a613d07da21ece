//! The roll of voters: header, enrolments, revocations (spec/roll.md).
//!
//! Here: the entries. What they add up to is in [`fold`]. Who is behind a voter id only the
//! registrar knows; nothing on the log says it.

pub mod fold;

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::entry::Binding;
use crate::hash::{Hash, sha256, tag};
use crate::register::MAX_LABEL_LENGTH;
use crate::signature::{Claim, Key, Signature, SigningKey};

/// Longest code of a district, in bytes.
pub const MAX_CODE_LENGTH: usize = 64;
/// Most districts of a roll.
pub const MAX_DISTRICTS: usize = 1_024;
/// Most enrolments in one entry: 256 of at most 184 bytes are 47 kB of the 65,535.
pub const MAX_ENROLMENTS: usize = 256;
/// Most revocations in one entry: 1,024 of 19 bytes are 20 kB.
pub const MAX_REVOCATIONS: usize = 1_024;
/// Longest life of a roll, in seconds: a leap year.
pub const MAX_ROLL_LIFE: u64 = 366 * 24 * 60 * 60;

/// A voter's name on the log: 16 random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoterId(pub [u8; 16]);

/// A part of the city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// Short code, the same in every roll and poll.
    pub code: String,
    /// Its name, as people read it.
    pub label: String,
}

/// The first entry of a roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollHeader {
    /// Title, as people read it.
    pub title: String,
    /// The districts that enrolments refer to by their place in this list.
    pub districts: Vec<District>,
    /// From when polls may use the roll, in seconds since 1970.
    pub since: u64,
    /// Until when, in seconds since 1970.
    pub until: u64,
}

impl RollHeader {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.text(&self.title).array(self.districts.len());
        for district in &self.districts {
            encoder.array(2).text(&district.code).text(&district.label);
        }
        encoder.uint(self.since).uint(self.until);
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let title = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
        let districts = decoder.list(1, MAX_DISTRICTS, |decoder| {
            decoder.array_of(2)?;
            let code = decoder.text(1, MAX_CODE_LENGTH)?.to_owned();
            Ok(District { code, label: decoder.text(1, MAX_LABEL_LENGTH)?.to_owned() })
        })?;
        Ok(Self { title, districts, since: decoder.uint()?, until: decoder.uint()? })
    }
}

/// One voter added to a roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The voter's name on the log, drawn by the voter's own tool.
    pub voter: VoterId,
    /// The voter's key.
    pub key: Key,
    /// Place of the voter's district in the roll's list.
    pub district: u64,
    /// The voter's proof of holding the key, see [`possession_message`].
    pub possession: Signature,
    /// Salted commitment to the census record, see [`census_commitment`].
    pub census: Hash,
    /// The id that this one replaces, revoked before.
    pub replaces: Option<VoterId>,
}

impl Enrolment {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder
            .array(6)
            .bytes(&self.voter.0)
            .bytes(&self.key.0)
            .uint(self.district)
            .bytes(&self.possession.0)
            .bytes(self.census.as_bytes())
            .optional_bytes(self.replaces.as_ref().map(|id| id.0.as_slice()));
    }

    pub(crate) fn decode_batch(decoder: &mut Decoder<'_>) -> Result<Vec<Self>, Breach> {
        decoder.list(1, MAX_ENROLMENTS, |decoder| {
            decoder.array_of(6)?;
            Ok(Self {
                voter: VoterId(decoder.bytes_of()?),
                key: Key(decoder.bytes_of()?),
                district: decoder.uint()?,
                possession: Signature(decoder.bytes_of()?),
                census: decoder.hash()?,
                replaces: decoder.optional(|decoder| decoder.bytes_of().map(VoterId))?,
            })
        })
    }

    /// What the possession proof claims, under the header of the roll.
    pub fn possession_claim(&self, roll: &Binding<'_>) -> Claim {
        let message = possession_message(roll, &self.voter, &self.key);
        Claim::new(&self.key, &message, &self.possession)
    }
}

/// Why a voter is taken off a roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    /// The key was lost or stolen; another enrolment replaces this one.
    Replaced,
    /// The voter moved away, died, or asked to be taken off.
    Left,
}

/// One voter taken off a roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The voter.
    pub voter: VoterId,
    /// Why.
    pub reason: RevocationReason,
}

impl Revocation {
    pub(crate) fn encode(self, encoder: &mut Encoder) {
        let reason = match self.reason {
            RevocationReason::Replaced => 0,
            RevocationReason::Left => 1,
        };
        encoder.array(2).bytes(&self.voter.0).uint(reason);
    }

    pub(crate) fn decode_batch(decoder: &mut Decoder<'_>) -> Result<Vec<Self>, Breach> {
        decoder.list(1, MAX_REVOCATIONS, |decoder| {
            decoder.array_of(2)?;
            let voter = VoterId(decoder.bytes_of()?);
            let reason = match decoder.uint_up_to(1)? {
                0 => RevocationReason::Replaced,
                _ => RevocationReason::Left,
            };
            Ok(Self { voter, reason })
        })
    }
}

/// The bytes by which a voter proves to hold the key being enrolled. `roll` binds them to the city,
/// the roll's origin and the leaf hash of its header.
pub fn possession_message(roll: &Binding<'_>, voter: &VoterId, key: &Key) -> Vec<u8> {
    let mut encoder = Encoder::with_capacity(56);
    encoder.array(2).bytes(&voter.0).bytes(&key.0);
    roll.message_tagged(tag::POSSESSION, &encoder.finish())
}

/// Signs the proof of possession.
pub fn prove_possession(roll: &Binding<'_>, voter: &VoterId, key: &SigningKey) -> Signature {
    key.sign(&possession_message(roll, voter, &key.key()))
}

/// The commitment to a census record: `SHA-256(CBOR[tag, salt, record])`. The salt is 32 random
/// bytes that stay with the registrar, so that nobody can try out records against the log.
pub fn census_commitment(salt: &[u8; 32], record: &[u8]) -> Hash {
    // ROLL-10: salted, so that records cannot be tried out.
    let mut encoder = Encoder::with_capacity(64 + record.len());
    encoder.array(3).text(tag::CENSUS).bytes(salt).bytes(record);
    sha256(&encoder.finish())
}
