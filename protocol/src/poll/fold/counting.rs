//! What the standing ballots of a poll add up to (spec/polls.md, "Certify and result").
//!
//! Not here: the counting rules ([`crate::count`]), and opening ([`crate::poll::opening`]).

use std::sync::Arc;

use super::PollFold;
use crate::count::{Lot, Outcome, Terms, count_on};
use crate::poll::ballot_box::{BallotBox, ClearBallots};
use crate::poll::casting::OpenPoll;
use crate::poll::opening::{OpenedBallots, Opening};
use crate::poll::result::{OptionResult, PollResult, QuestionResult, Turnout};

impl PollFold {
    /// What opens the standing ballots, of a sealed poll of which enough shares stand.
    pub fn opening(&self) -> Option<Opening<'_>> {
        let key = self.ceremony.as_ref()?.decryption_key()?;
        Opening::new(key, self.open.as_deref()?, self.ballots.as_deref()?)
    }

    /// The result of the ballots that stand, and for each question how it came about. `None`
    /// before Open, when there is nothing to count, and for a sealed poll that is not opened.
    pub fn result(&self, opened: Option<&OpenedBallots>) -> Option<(PollResult, Vec<Outcome>)> {
        // POLL-20: a poll that is cancelled after Open is counted as well.
        let (open, ballots) = (self.open.as_ref()?, self.ballots.as_ref()?);
        // SEAL-7: of a sealed poll, the ballots that open.
        let clear = ballots.clear().or_else(|| opened.map(OpenedBallots::clear))?;
        let definition = &open.definition;
        // POLL-19: totals by district, then the questions in their order.
        let districts = turnout(open, ballots, clear);
        let eligible = districts.iter().map(|turnout| turnout.eligible).sum();
        let effective = districts.iter().map(|turnout| turnout.effective).sum();
        let outcomes: Vec<Outcome> = definition
            .questions
            .iter()
            .enumerate()
            .map(|(place, question)| {
                let lot = self.lot(place);
                let terms = Terms { conditions: &question.conditions, eligible, lot: lot.as_ref() };
                count_on(&question.rule, &terms, &question.costs(), &clear.question(place))
                    .expect("the rule was checked at Announce and each ballot when it was admitted")
            })
            .collect();
        let questions = definition.questions.iter().zip(&outcomes);
        let questions = questions
            .map(|(question, outcome)| QuestionResult {
                blank: outcome.blank,
                outcome: question
                    .options
                    .iter()
                    .zip(outcome.votes.iter().zip(&outcome.selected))
                    .map(|(option, (&votes, &selected))| OptionResult {
                        label: option.label.clone(),
                        votes,
                        selected,
                    })
                    .collect(),
            })
            .collect();
        let quorum_met = definition.quorum.is_met(effective, eligible);
        Some((PollResult { eligible, effective, districts, quorum_met, questions }, outcomes))
    }

    /// What is drawn for the question at this place; none before the poll can be opened.
    pub fn lot(&self, question: usize) -> Option<Lot> {
        // COUNT-33: from the key that opens the ballots.
        let key = self.ceremony.as_ref()?.decryption_key()?;
        let open = self.open.as_ref()?;
        let asked = open.definition().questions.get(question).filter(|asked| asked.rule.draws())?;
        let labels = asked.options.iter().map(|option| option.label.as_str());
        Some(Lot::draw(&Lot::seed(&open.leaf(), &key.to_bytes()), question as u64, labels))
    }

    /// The effective ballots, out of a fold that is not needed any more; `None` where there is no
    /// result. Such as a ballot box holds, they are not copied unless the fold was cloned.
    pub fn into_effective(self, opened: Option<OpenedBallots>) -> Option<ClearBallots> {
        // BALLOT-11, SEAL-7: those that stand, or, of a sealed poll, those of them that open.
        let ballots = self.open.as_ref().and(self.ballots)?;
        let own = Arc::unwrap_or_clone(ballots).into_clear();
        own.or_else(|| opened.map(OpenedBallots::into_clear))
    }

    /// The result with sealed ballots opened on this thread alone.
    pub fn open_and_count(&self) -> Option<(PollResult, Vec<Outcome>)> {
        self.result(self.opening().map(|opening| opening.open_all()).as_ref())
    }

    /// By place of the district in the electorate, the eligible and the casters of whom a ballot
    /// was accepted; none before Open.
    pub fn voters(&self) -> Vec<(u64, u64)> {
        let (Some(open), Some(ballots)) = (&self.open, &self.ballots) else { return Vec::new() };
        let eligible = open.electorate.eligible();
        let mut voters: Vec<_> = eligible.iter().map(|(_, eligible)| (*eligible, 0)).collect();
        for place in ballots.voted() {
            voters[open.district_of(ballots, place)].1 += 1;
        }
        voters
    }
}

/// Who could vote and who did, by district.
fn turnout(open: &OpenPoll, ballots: &BallotBox, clear: &ClearBallots) -> Vec<Turnout> {
    let electorate = &open.electorate;
    let mut effective = vec![0; electorate.eligible().len()];
    for place in ballots.voted().filter(|&place| clear.contains(place)) {
        effective[open.district_of(ballots, place)] += 1;
    }
    let districts = electorate.eligible().iter().zip(effective);
    districts
        .map(|((code, eligible), effective)| Turnout {
            district: code.clone(),
            eligible: *eligible,
            effective,
        })
        .collect()
}
