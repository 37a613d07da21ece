//! A question of a poll: its options, and the rule by which it is counted (spec/polls.md,
//! "Definition"). Not here: the rules themselves ([`crate::count`]).

use std::collections::BTreeSet;

use crate::breach::Breach;
use crate::count::rule::{Blank, Completion, Exhaustion, Rule, TieBreak};
use crate::encoding::{Decoder, Encoder};
use crate::hash::Hash;
use crate::register::MAX_LABEL_LENGTH;

/// Most options of a question.
pub const MAX_OPTIONS: usize = 1_024;

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
    /// Length of the encoding of its longest list of choices, in bytes.
    pub(super) fn longest_answer(&self) -> usize {
        // SEAL-2: the highest places, as many as may be chosen.
        let (_, max) = self.rule.selection_bounds();
        let mut encoder = Encoder::new();
        let last = self.options.len() as u64;
        let choices: Vec<u64> = (last.saturating_sub(max)..last).collect();
        encoder.list(&choices, |encoder, &choice| {
            encoder.uint(choice);
        });
        encoder.finish().len()
    }

    /// The costs of the options, in their order.
    pub fn costs(&self) -> Vec<u64> {
        self.options.iter().map(|option| option.cost).collect()
    }
}

pub(super) fn check_question(question: &Question) -> Result<(), Breach> {
    let labels: BTreeSet<_> = question.options.iter().map(|option| &option.label).collect();
    let free = question.options.iter().all(|option| option.cost == 0);
    let has_budget = matches!(question.rule, Rule::EqualShares { .. });
    // POLL-8, POLL-10: two options of one name could not be told apart in the result.
    if labels.len() != question.options.len() || (!has_budget && !free) {
        return Err(Breach::DefinitionInvalid);
    }
    question.rule.check(&question.costs())
}

pub(super) fn encode_details(encoder: &mut Encoder, details: Option<Hash>) {
    encoder.optional_bytes(details.as_ref().map(|hash| hash.as_bytes().as_slice()));
}

pub(super) fn encode_question(encoder: &mut Encoder, question: &Question) {
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

pub(super) fn decode_question(decoder: &mut Decoder<'_>) -> Result<Question, Breach> {
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
