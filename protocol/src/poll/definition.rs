//! The definition of a poll, frozen by its Announce (spec/polls.md, "Definition").

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::hash::Hash;
use crate::name::LogPath;
use crate::name::MAX_ORIGIN_LENGTH;
use crate::poll::authorities::{Issuance, Trustees};
use crate::poll::question::{check_question, decode_question, encode_details, encode_question};
use crate::register::MAX_LABEL_LENGTH;
use crate::roll::{MAX_CODE_LENGTH, MAX_DISTRICTS};

/// Most questions of a poll.
pub const MAX_QUESTIONS: usize = 16;
/// Plaintexts of sealed ballots are padded to a multiple of so many bytes.
const PADDING_BLOCK: usize = 32;
/// Most rolls that a poll pins.
pub const MAX_ROLLS: usize = 16;
/// Highest turn a ballot may carry: a voter who changes their mind more than 15 times has to stop.
pub const MAX_TURN: u64 = 15;
/// Shortest and longest interval between the public heads of a poll, in milliseconds.
pub const INTERVAL_BOUNDS: core::ops::RangeInclusive<u64> = 100..=3_600_000;

pub use crate::poll::question::{MAX_OPTIONS, Question, VoteOption};

/// Whose name a ballot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The voter's key on the roll.
    Named,
    /// A one-poll key with blind-signed credentials.
    Anonymous,
}

/// When a ballot can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// At once.
    Open,
    /// After the close, by t of n trustees.
    Sealed,
    /// Never; only the sum is opened.
    Secret,
}

/// Which of a voter's ballots counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revote {
    /// The first.
    First,
    /// The one with the greatest turn, up to this bound.
    Last {
        /// Highest turn a ballot may carry, 0 to [`MAX_TURN`].
        max_turn: u8,
    },
}

impl Revote {
    /// Highest turn a ballot may carry.
    pub const fn max_turn(self) -> u8 {
        match self {
            Self::First => 0,
            Self::Last { max_turn } => max_turn,
        }
    }
}

/// When a poll opens and closes, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Not opened before this.
    pub opens_at: u64,
    /// Closed at this time,
    pub closes_at: u64,
    /// give or take so many seconds.
    pub tolerance: u64,
}

/// The share of the eligible that must have voted for the result to bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// 0 for none.
    pub numerator: u64,
    /// At least 1, and not below the numerator.
    pub denominator: u64,
}

impl Quorum {
    /// Whether `effective` of `eligible` voters meet the quorum.
    pub fn is_met(self, effective: u64, eligible: u64) -> bool {
        u128::from(effective) * u128::from(self.denominator)
            >= u128::from(self.numerator) * u128::from(eligible)
    }
}

/// Everything that is decided before the first ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Title, as people read it.
    pub title: String,
    /// SHA-256 of a longer text.
    pub details: Option<Hash>,
    /// The questions, in the order in which a ballot answers them.
    pub questions: Vec<Question>,
    /// Whose name a ballot carries.
    pub identity: Identity,
    /// When a ballot can be read.
    pub secrecy: Secrecy,
    /// Which of a voter's ballots counts.
    pub revote: Revote,
    /// Origins of the rolls, ascending.
    pub rolls: Vec<String>,
    /// Codes of the districts that vote, ascending; empty for all.
    pub districts: Vec<String>,
    /// When the poll opens and closes.
    pub schedule: Schedule,
    /// How many must take part.
    pub quorum: Quorum,
    /// Who issues the credentials of an anonymous poll.
    pub issuance: Option<Issuance>,
    /// Who makes and opens the key of a sealed poll.
    pub trustees: Trustees,
    /// Milliseconds between the public heads of the poll.
    pub interval: u64,
}

impl Definition {
    /// Whether voters of this district vote.
    pub fn admits(&self, district: &str) -> bool {
        self.districts.is_empty() || self.districts.iter().any(|code| code == district)
    }

    /// Length to which the plaintext of every sealed ballot is padded, in bytes.
    pub fn sealed_length(&self) -> usize {
        // SEAL-2: what the longest ballot needs, with the head of the list and one byte of padding.
        let answers: usize = self.questions.iter().map(Question::longest_answer).sum();
        (1 + answers + 1).next_multiple_of(PADDING_BLOCK)
    }

    /// Whether ballots are cast under one-poll keys.
    pub fn is_anonymous(&self) -> bool {
        self.identity == Identity::Anonymous
    }

    /// Whether ballots are encrypted until the close.
    pub fn is_sealed(&self) -> bool {
        self.secrecy == Secrecy::Sealed
    }

    /// Checks what the grammar cannot: bounds between fields, names, and what goes together.
    pub fn check(&self, domain: &str) -> Result<(), Breach> {
        let Schedule { opens_at, closes_at, tolerance } = self.schedule;
        let is_roll =
            |origin: &String| matches!(LogPath::of_origin(origin, domain), Some(LogPath::Roll(_)));
        // POLL-8, POLL-9, POLL-10: only what this version of the law defines; secret ballots have
        // their room reserved.
        let identified = self.is_anonymous() == self.issuance.is_some();
        let opened = match self.secrecy {
            Secrecy::Open => self.trustees.is_none(),
            Secrecy::Sealed => self.trustees.can_seal(),
            Secrecy::Secret => false,
        };
        let consistent = identified
            && opened
            && self.rolls.iter().all(is_roll)
            && opens_at < closes_at
            && tolerance <= closes_at - opens_at
            && self.quorum.denominator >= 1
            && self.quorum.numerator <= self.quorum.denominator
            && INTERVAL_BOUNDS.contains(&self.interval);
        // COUNT-32: only the key of a sealed poll can draw a lot.
        let draws = self.questions.iter().any(|question| question.rule.draws());
        if !consistent || (draws && !self.is_sealed()) {
            return Err(Breach::DefinitionInvalid);
        }
        self.questions.iter().try_for_each(check_question)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.array(13).text(&self.title);
        encode_details(encoder, self.details);
        encoder.list(&self.questions, encode_question);
        encoder.uint(self.identity as u64).uint(self.secrecy as u64);
        match self.revote {
            Revote::First => encoder.array(2).uint(0).uint(0),
            Revote::Last { max_turn } => encoder.array(2).uint(1).uint(u64::from(max_turn)),
        };
        encoder.list(&self.rolls, |encoder, origin| {
            encoder.text(origin);
        });
        encoder.list(&self.districts, |encoder, code| {
            encoder.text(code);
        });
        let Schedule { opens_at, closes_at, tolerance } = self.schedule;
        encoder.array(3).uint(opens_at).uint(closes_at).uint(tolerance);
        encoder.array(2).uint(self.quorum.numerator).uint(self.quorum.denominator);
        Issuance::encode(self.issuance.as_ref(), encoder);
        self.trustees.encode(encoder);
        encoder.uint(self.interval);
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(13)?;
        let title = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
        let details = decoder.optional(Decoder::hash)?;
        let questions = decoder.list(1, MAX_QUESTIONS, decode_question)?;
        let identity = match decoder.uint_up_to(1)? {
            0 => Identity::Named,
            _ => Identity::Anonymous,
        };
        let secrecy = match decoder.uint_up_to(2)? {
            0 => Secrecy::Open,
            1 => Secrecy::Sealed,
            _ => Secrecy::Secret,
        };
        let revote = decode_revote(decoder)?;
        let rolls = decode_ascending(decoder, 1, MAX_ROLLS, MAX_ORIGIN_LENGTH)?;
        let districts = decode_ascending(decoder, 0, MAX_DISTRICTS, MAX_CODE_LENGTH)?;
        decoder.array_of(3)?;
        let schedule = Schedule {
            opens_at: decoder.uint()?,
            closes_at: decoder.uint()?,
            tolerance: decoder.uint()?,
        };
        decoder.array_of(2)?;
        let quorum = Quorum { numerator: decoder.uint()?, denominator: decoder.uint()? };
        let issuance = Issuance::decode(decoder)?;
        let trustees = Trustees::decode(decoder)?;
        let interval = decoder.uint()?;
        Ok(Self {
            title,
            details,
            questions,
            identity,
            secrecy,
            revote,
            rolls,
            districts,
            schedule,
            quorum,
            issuance,
            trustees,
            interval,
        })
    }
}

fn decode_revote(decoder: &mut Decoder<'_>) -> Result<Revote, Breach> {
    decoder.array_of(2)?;
    let rule = decoder.uint_up_to(1)?;
    let max_turn = decoder.uint_up_to(MAX_TURN)?;
    match (rule, u8::try_from(max_turn)) {
        (0, Ok(0)) => Ok(Revote::First),
        (1, Ok(max_turn)) => Ok(Revote::Last { max_turn }),
        _ => Err(Breach::EntryFields),
    }
}

/// Reads a list of texts, each greater than the one before it by its bytes.
fn decode_ascending(
    decoder: &mut Decoder<'_>,
    at_least: usize,
    at_most: usize,
    longest: usize,
) -> Result<Vec<String>, Breach> {
    let mut last: Option<String> = None;
    decoder.list(at_least, at_most, |decoder| {
        let text = decoder.text(1, longest)?.to_owned();
        if last.as_ref().is_some_and(|last| *last >= text) {
            return Err(Breach::EntryFields);
        }
        last = Some(text.clone());
        Ok(text)
    })
}
