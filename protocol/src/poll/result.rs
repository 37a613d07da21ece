//! The result of a poll: what a recount gives, and what a Certify claims (spec/polls.md, "Result").

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::poll::definition::{MAX_OPTIONS, MAX_QUESTIONS};
use crate::register::MAX_LABEL_LENGTH;
use crate::roll::{MAX_CODE_LENGTH, MAX_DISTRICTS};

/// Who could vote and who did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turnout {
    /// Code of the district.
    pub district: String,
    /// Voters on the pinned rolls.
    pub eligible: u64,
    /// Ballots that count: one for each voter who voted.
    pub effective: u64,
}

/// What became of one option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionResult {
    /// The option's label.
    pub label: String,
    /// Ballots that chose it.
    pub votes: u64,
    /// Whether the rule selects it.
    pub selected: bool,
}

/// What became of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionResult {
    /// Ballots that chose nothing here.
    pub blank: u64,
    /// The options, in the order of the definition.
    pub outcome: Vec<OptionResult>,
}

/// What became of the poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollResult {
    /// Voters on the pinned rolls.
    pub eligible: u64,
    /// Ballots that count.
    pub effective: u64,
    /// The same by district, ascending by code.
    pub districts: Vec<Turnout>,
    /// Whether enough took part.
    pub quorum_met: bool,
    /// The questions, in the order of the definition.
    pub questions: Vec<QuestionResult>,
}

impl PollResult {
    /// Writes the result as it stands in a Certify and in the transcript of a recount.
    pub fn encode(&self, encoder: &mut Encoder) {
        encoder.array(3).array(3).uint(self.eligible).uint(self.effective);
        encoder.array(self.districts.len());
        for turnout in &self.districts {
            encoder.array(3).text(&turnout.district);
            encoder.uint(turnout.eligible).uint(turnout.effective);
        }
        encoder.boolean(self.quorum_met).array(self.questions.len());
        for question in &self.questions {
            encoder.array(2).uint(question.blank).array(question.outcome.len());
            for option in &question.outcome {
                encoder.array(3).text(&option.label).uint(option.votes).boolean(option.selected);
            }
        }
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(3)?;
        decoder.array_of(3)?;
        let (eligible, effective) = (decoder.uint()?, decoder.uint()?);
        let districts = decoder.list(1, MAX_DISTRICTS, |decoder| {
            decoder.array_of(3)?;
            let district = decoder.text(1, MAX_CODE_LENGTH)?.to_owned();
            Ok(Turnout { district, eligible: decoder.uint()?, effective: decoder.uint()? })
        })?;
        let quorum_met = decoder.boolean()?;
        let questions = decoder.list(1, MAX_QUESTIONS, |decoder| {
            decoder.array_of(2)?;
            let blank = decoder.uint()?;
            let outcome = decoder.list(1, MAX_OPTIONS, |decoder| {
                decoder.array_of(3)?;
                let label = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
                Ok(OptionResult { label, votes: decoder.uint()?, selected: decoder.boolean()? })
            })?;
            Ok(QuestionResult { blank, outcome })
        })?;
        Ok(Self { eligible, effective, districts, quorum_met, questions })
    }

    /// Every way in which `claimed` differs from this result. Labels are compared in both
    /// directions, so that an option can neither vanish nor appear.
    pub fn compare(&self, claimed: &Self) -> Vec<Breach> {
        // AUDIT-7: the claim is only ever compared; nothing is taken from it.
        let mut breaches = Vec::new();
        for (own, claim) in self.questions.iter().zip(&claimed.questions) {
            let has = |outcome: &[OptionResult], label: &str| {
                outcome.iter().any(|option| option.label == label)
            };
            if own.outcome.iter().any(|option| !has(&claim.outcome, &option.label)) {
                breaches.push(Breach::LabelMissing);
            }
            if claim.outcome.iter().any(|option| !has(&own.outcome, &option.label)) {
                breaches.push(Breach::LabelExtra);
            }
        }
        if breaches.is_empty() && self != claimed {
            breaches.push(Breach::ResultMismatch);
        }
        breaches.sort_unstable();
        breaches.dedup();
        breaches
    }
}
