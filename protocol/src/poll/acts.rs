//! The phase entries of a poll: Announce, Begin, Open, Close, Certify, Cancel (spec/polls.md).
//!
//! Each carries what the officers had seen, so that their signatures stand for one history.

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::entry::Payload;
use crate::hash::Hash;
use crate::name::MAX_ORIGIN_LENGTH;
use crate::poll::definition::{Definition, MAX_ROLLS};
use crate::poll::result::PollResult;
use crate::roll::{MAX_CODE_LENGTH, MAX_DISTRICTS};

/// A log at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Head {
    pub(crate) fn encode(self, encoder: &mut Encoder) {
        encoder.array(2).uint(self.size).bytes(self.root.as_bytes());
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(2)?;
        Ok(Self { size: decoder.uint()?, root: decoder.hash()? })
    }
}

/// The history that the officers had checked when they signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The poll's own log.
    pub own: Head,
    /// The register.
    pub register: Head,
}

impl Seen {
    pub(super) fn encode<'e>(&self, encoder: &'e mut Encoder) -> &'e mut Encoder {
        encoder.array(2);
        self.own.encode(encoder);
        self.register.encode(encoder);
        encoder
    }

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(2)?;
        Ok(Self { own: Head::decode(decoder)?, register: Head::decode(decoder)? })
    }
}

/// The poll and everything about it, from here on frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announce {
    /// What the officers had seen; the poll's own log was empty.
    pub seen: Seen,
    /// The definition.
    pub definition: Definition,
}

impl Announce {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.definition.encode(self.seen.encode(encoder));
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self { seen: Seen::decode(decoder)?, definition: Definition::decode(decoder)? })
    }
}

/// A roll as far as the poll counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Origin of the roll.
    pub origin: String,
    /// Its head.
    pub head: Head,
    /// Eligible voters by district code, ascending: the roll's districts that the poll admits.
    pub eligible: Vec<(String, u64)>,
}

impl Pin {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.array(4).text(&self.origin).uint(self.head.size);
        encoder.bytes(self.head.root.as_bytes());
        encoder.list(&self.eligible, |encoder, (code, eligible)| {
            encoder.array(2).text(code).uint(*eligible);
        });
    }

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(4)?;
        let origin = decoder.text(1, MAX_ORIGIN_LENGTH)?.to_owned();
        let head = Head { size: decoder.uint()?, root: decoder.hash()? };
        let eligible = decoder.list(1, MAX_DISTRICTS, |decoder| {
            decoder.array_of(2)?;
            Ok((decoder.text(1, MAX_CODE_LENGTH)?.to_owned(), decoder.uint()?))
        })?;
        Ok(Self { origin, head, eligible })
    }
}

/// The rolls are pinned, and voters of an anonymous poll may ask for credentials; or the poll
/// opens. Both entries have this form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// What the officers had seen.
    pub seen: Seen,
    /// The rolls, in the order of the definition; none in an Open that follows a Begin.
    pub pins: Vec<Pin>,
}

impl Open {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.seen.encode(encoder).list(&self.pins, |encoder, pin| pin.encode(encoder));
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let seen = Seen::decode(decoder)?;
        Ok(Self { seen, pins: decoder.list(0, MAX_ROLLS, Pin::decode)? })
    }
}

/// The poll closes: no ballot counts that stands after this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// What the officers had seen.
    pub seen: Seen,
}

impl Close {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.seen.encode(encoder);
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Seen::decode(decoder).map(|seen| Self { seen })
    }
}

/// The result as two officers claim it. Nothing follows from the claim: everyone recounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certify {
    /// What the officers had seen.
    pub seen: Seen,
    /// The claim.
    pub result: PollResult,
}

impl Certify {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.result.encode(self.seen.encode(encoder));
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self { seen: Seen::decode(decoder)?, result: PollResult::decode(decoder)? })
    }
}

/// Why a poll is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CancelReason {
    /// The definition holds a mistake.
    DefinitionWrong = 1,
    /// The roll holds a mistake.
    RollWrong = 2,
    /// Something broke.
    TechnicalFailure = 3,
    /// A court or an authority ordered it.
    LegalOrder = 4,
    /// Too few trustees have laid their shares open.
    SharesMissing = 5,
}

impl CancelReason {
    /// Every reason, ascending by number.
    pub const ALL: [Self; 5] = [
        Self::DefinitionWrong,
        Self::RollWrong,
        Self::TechnicalFailure,
        Self::LegalOrder,
        Self::SharesMissing,
    ];

    /// The name used in files and on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DefinitionWrong => "definition-wrong",
            Self::RollWrong => "roll-wrong",
            Self::TechnicalFailure => "technical-failure",
            Self::LegalOrder => "legal-order",
            Self::SharesMissing => "shares-missing",
        }
    }
}

/// The poll ends without a result that binds. It is counted all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// What the officers had seen.
    pub seen: Seen,
    /// Why.
    pub reason: CancelReason,
}

impl Cancel {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.seen.encode(encoder).uint(self.reason as u64);
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let seen = Seen::decode(decoder)?;
        let number = decoder.uint()?;
        let reason = CancelReason::ALL.into_iter().find(|&reason| reason as u64 == number);
        Ok(Self { seen, reason: reason.ok_or(Breach::EntryFields)? })
    }
}

/// The heads of logs that an entry speaks of, which its judge compares with the logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeenHeads {
    /// Of the poll's own log.
    pub own: Option<Head>,
    /// Of the register.
    pub register: Option<Head>,
}

impl SeenHeads {
    /// Those of a payload.
    pub fn of(payload: &Payload) -> Self {
        match (seen_by(payload), payload) {
            (Some(seen), _) => Self { own: Some(seen.own), register: Some(seen.register) },
            (None, Payload::Share(share)) => Self { own: Some(share.head), register: None },
            _ => Self::default(),
        }
    }
}

/// What the officers had seen who signed an entry.
pub const fn seen_by(payload: &Payload) -> Option<&Seen> {
    match payload {
        Payload::Announce(act) => Some(&act.seen),
        Payload::Begin(act) | Payload::Open(act) => Some(&act.seen),
        Payload::Close(act) => Some(&act.seen),
        Payload::Certify(act) => Some(&act.seen),
        Payload::Cancel(act) => Some(&act.seen),
        Payload::Exclude(act) => Some(&act.seen),
        _ => None,
    }
}
