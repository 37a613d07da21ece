//! The definition of a poll, frozen by its Announce (spec/polls.md, "Definition").

use std::collections::BTreeSet;

use crate::breach::Breach;
use crate::count::rule::{Blank, Completion, Exhaustion, Rule, TieBreak};
use crate::encoding::{Decoder, Encoder};
use crate::hash::Hash;
use crate::name::LogPath;
use crate::name::MAX_ORIGIN_LENGTH;
use crate::register::MAX_LABEL_LENGTH;
use crate::roll::{MAX_CODE_LENGTH, MAX_DISTRICTS};

/// Most questions of a poll.
pub const MAX_QUESTIONS: usize = 16;
/// Most options of a question.
pub const MAX_OPTIONS: usize = 1_024;
/// Most rolls that a poll pins.
pub const MAX_ROLLS: usize = 16;
/// Highest turn a ballot may carry: a voter who changes their mind more than 15 times has to stop.
pub const MAX_TURN: u64 = 15;
/// Shortest and longest interval between the public heads of a poll, in milliseconds.
pub const INTERVAL_BOUNDS: core::ops::RangeInclusive<u64> = 100..=3_600_000;

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

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteOption {
    /// The name on the ballot; distinct within its question.
    pub label: String,
    /// SHA-256 of a longer text.
    pub details: Option<Hash>,
    /// Cost in the budget's unit; 0 where the rule knows no budget.
    pub cost: u64,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question in words.
    pub title: String,
    /// SHA-256 of a longer text.
    pub details: Option<Hash>,
    /// What can be chosen.
    pub options: Vec<VoteOption>,
    /// How it is counted.
    pub rule: Rule,
}

impl Question {
    /// The costs of the options, in their order.
    pub fn costs(&self) -> Vec<u64> {
        self.options.iter().map(|option| option.cost).collect()
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
    /// Milliseconds between the public heads of the poll.
    pub interval: u64,
}

impl Definition {
    /// Whether voters of this district vote.
    pub fn admits(&self, district: &str) -> bool {
        self.districts.is_empty() || self.districts.iter().any(|code| code == district)
    }

    /// Checks what the grammar cannot: bounds between fields, names, and what goes together.
    pub fn check(&self, domain: &str) -> Result<(), Breach> {
        let Schedule { opens_at, closes_at, tolerance } = self.schedule;
        let is_roll =
            |origin: &String| matches!(LogPath::of_origin(origin, domain), Some(LogPath::Roll(_)));
        // POLL-8, POLL-9, POLL-10: only what this version of the law defines; the rest of the room
        // is reserved.
        let defined = self.identity == Identity::Named && self.secrecy == Secrecy::Open;
        let consistent = defined
            && self.rolls.iter().all(is_roll)
            && opens_at < closes_at
            && tolerance <= closes_at - opens_at
            && self.quorum.denominator >= 1
            && self.quorum.numerator <= self.quorum.denominator
            && INTERVAL_BOUNDS.contains(&self.interval);
        if !consistent {
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
        // Issuers, then trustees with their threshold: the room of anonymous and sealed polls.
        encoder.array(0).array(2).uint(0).array(0);
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
        decoder.array_of(0)?;
        decoder.array_of(2)?;
        decoder.uint_up_to(0)?;
        decoder.array_of(0)?;
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
            interval,
        })
    }
}

fn check_question(question: &Question) -> Result<(), Breach> {
    let labels: BTreeSet<_> = question.options.iter().map(|option| &option.label).collect();
    let free = question.options.iter().all(|option| option.cost == 0);
    let has_budget = matches!(question.rule, Rule::EqualShares { .. });
    // POLL-8, POLL-10: two options of one name could not be told apart in the result.
    if labels.len() != question.options.len() || (!has_budget && !free) {
        return Err(Breach::DefinitionInvalid);
    }
    question.rule.check(&question.costs())
}

fn encode_details(encoder: &mut Encoder, details: Option<Hash>) {
    encoder.optional_bytes(details.as_ref().map(|hash| hash.as_bytes().as_slice()));
}

fn encode_question(encoder: &mut Encoder, question: &Question) {
    encoder.array(4).text(&question.title);
    encode_details(encoder, question.details);
    encoder.array(question.options.len());
    for option in &question.options {
        encoder.array(3).text(&option.label);
        encode_details(encoder, option.details);
        encoder.uint(option.cost);
    }
    encode_rule(encoder, &question.rule);
}

fn decode_question(decoder: &mut Decoder<'_>) -> Result<Question, Breach> {
    decoder.array_of(4)?;
    let title = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
    let details = decoder.optional(Decoder::hash)?;
    let options = decoder.list(1, MAX_OPTIONS, |decoder| {
        decoder.array_of(3)?;
        let label = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
        let details = decoder.optional(Decoder::hash)?;
        Ok(VoteOption { label, details, cost: decoder.uint()? })
    })?;
    Ok(Question { title, details, options, rule: decode_rule(decoder)? })
}

fn encode_rule(encoder: &mut Encoder, rule: &Rule) {
    let ties = match rule {
        Rule::SingleChoice { blank, ties } => {
            encoder.array(3).uint(0).uint(*blank as u64);
            ties
        }
        Rule::Approval { min, max, winners, ties } => {
            encoder.array(5).uint(1).uint(*min).uint(*max).uint(*winners);
            ties
        }
        Rule::EqualShares { min, max, budget, completion, exhaustion, ties } => {
            encoder.array(7).uint(2).uint(*min).uint(*max).uint(*budget);
            encoder.uint(*completion as u64).uint(*exhaustion as u64);
            ties
        }
    };
    encoder.list(ties, |encoder, &tie| {
        encoder.uint(tie.code());
    });
}

fn decode_rule(decoder: &mut Decoder<'_>) -> Result<Rule, Breach> {
    let length = decoder.array()?;
    // ENTRY-8: the rule's number is known before the number of its parameters can be judged.
    if length == 0 {
        return Err(Breach::EntryFields);
    }
    match (decoder.uint()?, length) {
        (0, 3) => {
            let blank = match decoder.uint_up_to(1)? {
                0 => Blank::Refused,
                _ => Blank::Allowed,
            };
            Ok(Rule::SingleChoice { blank, ties: decode_ties(decoder)? })
        }
        (1, 5) => Ok(Rule::Approval {
            min: decoder.uint()?,
            max: decoder.uint()?,
            winners: decoder.uint()?,
            ties: decode_ties(decoder)?,
        }),
        (2, 7) => Ok(Rule::EqualShares {
            min: decoder.uint()?,
            max: decoder.uint()?,
            budget: decoder.uint()?,
            completion: match decoder.uint_up_to(2)? {
                0 => Completion::None,
                1 => Completion::Add1,
                _ => Completion::Add1u,
            },
            exhaustion: match decoder.uint_up_to(1)? {
                0 => Exhaustion::Run,
                _ => Exhaustion::Stop,
            },
            ties: decode_ties(decoder)?,
        }),
        _ => Err(Breach::EntryFields),
    }
}

fn decode_ties(decoder: &mut Decoder<'_>) -> Result<Vec<TieBreak>, Breach> {
    let mut seen = Vec::new();
    // ENTRY-6: they are bounded by being distinct, each judged as it is read.
    decoder.list(0, usize::MAX, |decoder| {
        let tie = match decoder.uint_up_to(2)? {
            0 => TieBreak::ListedOrder,
            1 => TieBreak::LowestCost,
            _ => TieBreak::MostVotes,
        };
        if seen.contains(&tie) {
            return Err(Breach::EntryFields);
        }
        seen.push(tie);
        Ok(tie)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_refused_by_its_first_defect() {
        // ENTRY-8: no item, no number; and a list of criteria is as long as it says.
        for (rule, breach) in [
            ("80", Breach::EntryFields),
            ("81", Breach::EntryMalformed),
            ("82001c", Breach::EntryFields),
            ("8300008400", Breach::EntryMalformed),
            ("830000840000", Breach::EntryFields),
            ("83000084001801", Breach::EntryNonCanonical),
        ] {
            let bytes = hex::decode(rule).unwrap();
            assert_eq!(decode_rule(&mut Decoder::payload(&bytes)), Err(breach), "{rule}");
        }
        let bytes = hex::decode("80ff").unwrap();
        assert_eq!(decode_rule(&mut Decoder::payload(&bytes)), Err(Breach::EntryFields));
    }
}
