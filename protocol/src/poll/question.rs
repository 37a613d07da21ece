//! A question of a poll: its options, and the rule by which it is counted (spec/polls.md,
//! "Definition"). Not here: the rules themselves ([`crate::count`]).

use std::collections::BTreeSet;

use crate::breach::Breach;
use crate::count::{Condition, MAX_CONDITIONS, Rule, check_conditions};
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
    /// What an option needs besides being selected by the rule.
    pub conditions: Vec<Condition>,
}

impl Question {
    /// Length of the encoding of its longest list of choices, in bytes.
    pub(super) fn longest_answer(&self) -> usize {
        self.rule.form().longest(self.options.len())
    }

    /// The costs of the options, in their order.
    pub fn costs(&self) -> Vec<u64> {
        self.options.iter().map(|option| option.cost).collect()
    }
}

pub(super) fn check_question(question: &Question) -> Result<(), Breach> {
    let labels: BTreeSet<_> = question.options.iter().map(|option| &option.label).collect();
    let free = question.options.iter().all(|option| option.cost == 0);
    // POLL-8, POLL-10: two options of one name could not be told apart in the result.
    if labels.len() != question.options.len() || (!question.rule.has_costs() && !free) {
        return Err(Breach::DefinitionInvalid);
    }
    question.rule.check(&question.costs())?;
    check_conditions(&question.rule, &question.conditions)
}

pub(super) fn encode_details(encoder: &mut Encoder, details: Option<Hash>) {
    encoder.optional_bytes(details.as_ref().map(|hash| hash.as_bytes().as_slice()));
}

pub(super) fn encode_question(encoder: &mut Encoder, question: &Question) {
    // POLL-25: a question without conditions has four items, as every question once had.
    encoder.array(if question.conditions.is_empty() { 4 } else { 5 }).text(&question.title);
    encode_details(encoder, question.details);
    encoder.array(question.options.len());
    for option in &question.options {
        encoder.array(3).text(&option.label);
        encode_details(encoder, option.details);
        encoder.uint(option.cost);
    }
    question.rule.encode(encoder);
    if !question.conditions.is_empty() {
        encoder.list(&question.conditions, |encoder, condition| condition.encode(encoder));
    }
}

pub(super) fn decode_question(decoder: &mut Decoder<'_>) -> Result<Question, Breach> {
    let length = decoder.array()?;
    if !(4..=5).contains(&length) {
        return Err(decoder.mismatch());
    }
    let title = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
    let details = decoder.optional(Decoder::hash)?;
    let options = decoder.list(1, MAX_OPTIONS, |decoder| {
        decoder.array_of(3)?;
        let label = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
        let details = decoder.optional(Decoder::hash)?;
        Ok(VoteOption { label, details, cost: decoder.uint()? })
    })?;
    let rule = Rule::decode(decoder)?;
    let conditions = match length {
        4 => Vec::new(),
        // POLL-25: an empty list would be a second form of the same question.
        _ => decoder.list(1, MAX_CONDITIONS, Condition::decode)?,
    };
    Ok(Question { title, details, options, rule, conditions })
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
            assert_eq!(Rule::decode(&mut Decoder::payload(&bytes)), Err(breach), "{rule}");
        }
        let bytes = hex::decode("80ff").unwrap();
        assert_eq!(Rule::decode(&mut Decoder::payload(&bytes)), Err(Breach::EntryFields));
    }

    #[test]
    fn a_question_has_five_items_only_for_its_conditions() {
        // POLL-25
        let option = |label: &str| VoteOption { label: label.into(), details: None, cost: 0 };
        let rule = crate::count::SingleChoice { blank: crate::count::Blank::Refused, ties: vec![] };
        let mut question = Question {
            title: "Which?".into(),
            details: None,
            options: vec![option("a"), option("b")],
            rule: rule.into(),
            conditions: Vec::new(),
        };
        let write = |question: &Question| {
            let mut encoder = Encoder::new();
            encode_question(&mut encoder, question);
            encoder.finish()
        };
        let plain = write(&question);
        assert_eq!(plain[0], 0x84);
        assert_eq!(decode_question(&mut Decoder::payload(&plain)).as_ref(), Ok(&question));
        question.conditions = vec![Condition::MAJORITY];
        let bound = write(&question);
        assert_eq!(bound[0], 0x85);
        assert_eq!(decode_question(&mut Decoder::payload(&bound)).as_ref(), Ok(&question));
        let mut empty = plain;
        empty[0] = 0x85;
        empty.push(0x80);
        assert_eq!(decode_question(&mut Decoder::payload(&empty)), Err(Breach::EntryFields));
    }
}
