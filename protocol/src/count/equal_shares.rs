//! The Method of Equal Shares with cost utilities (spec/count/equal-shares.md).
//!
//! Peters and Skowron, "Proportionality and the Limits of Welfarism" (2020); for participatory
//! budgeting, Peters, Pierczynski and Skowron (2021). Here: the choice among completions, and the
//! report. The parts: [`electorate`] groups voters, [`run`] performs one run, [`add1`] chooses the
//! increment, [`amount`] screens and [`ledger`] decides. Not here: floating point, anywhere.

mod add1;
mod amount;
mod electorate;
mod ledger;
mod run;

use electorate::Electorate;

use super::coded::coded_enum;
use super::form::Form;
use super::fraction::Fraction;
use super::method::{Asked, Counted, Method};
use super::rule::MAX_MONEY;
use super::ties::{self, TieBreak, Ties};
use super::votes::Votes;
use super::{End, Step};
use crate::breach::Breach;
use crate::encoding::Decoder;
use run::{Run, Tracing};

coded_enum! {
    /// What is done with the money that Equal Shares leaves unspent.
    Completion {
        /// Nothing: one run with the true budget.
        None,
        /// Runs with one more currency unit for each voter, as long as the outcome fits the budget.
        Add1,
        /// [`Completion::Add1`], then the rest of the budget in the order of votes.
        Add1u,
    }
}

coded_enum! {
    /// Whether the runs of `add1` end at the first outcome to which nothing can be added.
    Exhaustion {
        /// Go on until the next outcome would exceed the budget.
        Run,
        /// End as soon as no further option fits what is left of the budget.
        Stop,
    }
}

/// The Method of Equal Shares with cost utilities, over ballots by choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EqualShares {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// What may be spent, in currency units.
    pub budget: u64,
    /// What is done with money left unspent.
    pub completion: Completion,
    /// Whether `add1` ends at an exhaustive outcome.
    pub exhaustion: Exhaustion,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl EqualShares {
    /// Rule id in a definition.
    pub const ID: u64 = 2;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            budget: decoder.uint()?,
            completion: Completion::decode(decoder)?,
            exhaustion: Exhaustion::decode(decoder)?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for EqualShares {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        let (completion, exhaustion) = (self.completion.code(), self.exhaustion.code());
        vec![self.min, self.max, self.budget, completion, exhaustion]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        Form::choices(self.min, self.max)
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-15: money is positive, and a stop needs runs that it can stop
        (1..=MAX_MONEY).contains(&self.budget)
            && costs.iter().all(|&cost| cost >= 1)
            && (self.completion != Completion::None || self.exhaustion == Exhaustion::Run)
    }

    fn has_costs(&self) -> bool {
        true
    }

    fn takes_conditions(&self) -> bool {
        false
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let votes = Votes::tally(&self.form(), asked)?;
        let electorate = Electorate::gather(asked.costs, self.budget, &votes, asked.ballots);
        let ties = asked.ties(&self.ties, &votes.per_option);
        let selection = select(&electorate, ties, self.completion, self.exhaustion);
        Ok(Counted::by_votes(votes.turnout(), votes.per_option, selection))
    }
}

/// Which options are selected, and how that came about.
fn select(
    electorate: &Electorate,
    ties: Ties<'_>,
    completion: Completion,
    exhaustion: Exhaustion,
) -> (Vec<bool>, Vec<Step>) {
    let mut selected = vec![false; electorate.costs.len()];
    // COUNT-8: nothing is bought when no ballot names an option, or when there is no ballot
    if electorate.supported().next().is_none() {
        return (selected, Vec::new());
    }
    let mut run = Run::new(electorate, ties);
    // COUNT-21: one run with the true budget, unless a completion raises it
    let (increment, end) = match completion {
        Completion::None => (0, None),
        Completion::Add1 | Completion::Add1u => {
            let (increment, end) = add1::last_increment(electorate, &mut run, exhaustion);
            (increment, Some(end))
        }
    };
    run.perform(increment, Tracing::Off);
    for purchase in run.ledger.purchases() {
        selected[usize::from(purchase.option)] = true;
    }
    let mut steps = report(electorate, &mut run, ties, increment, end);
    if completion == Completion::Add1u {
        add_by_votes(electorate, ties, &mut selected, &mut steps);
    }
    (selected, steps)
}

/// The run that gave the outcome, step by step.
fn report(
    electorate: &Electorate,
    run: &mut Run<'_>,
    ties: Ties<'_>,
    increment: u64,
    end: Option<End>,
) -> Vec<Step> {
    let mut steps = vec![Step::Endowment { increment, per_ballot: run.ledger.endowment() }];
    let shares = run.ledger.exact_shares();
    let purchases = run.ledger.purchases().iter().zip(shares).enumerate();
    for (number, (purchase, share)) in purchases {
        for tie in run.ties_decided().iter().filter(|tie| tie.purchase == number) {
            let (chosen, next) = (tie.among[0], tie.among[1]);
            let by = ties.order(chosen, next).1;
            steps.push(Step::Tie { among: tie.among.clone(), chosen: vec![chosen], by });
        }
        let cost = electorate.cost(purchase.option);
        let denominator = share.denominator() * cost;
        steps.push(Step::Purchase {
            option: purchase.option,
            cost,
            supporters: electorate.votes[usize::from(purchase.option)],
            in_full: purchase.payers,
            rate: Fraction::new(share.numerator().clone(), denominator)
                .expect("costs are at least 1"),
            share,
        });
    }
    steps.extend(end.map(|reason| Step::Ended { reason }));
    steps
}

/// COUNT-24: the rest of the budget goes to what fits, in the order of votes.
fn add_by_votes(
    electorate: &Electorate,
    ties: Ties<'_>,
    selected: &mut [bool],
    steps: &mut Vec<Step>,
) {
    let votes = |option: u16| electorate.votes[usize::from(option)];
    let costs = electorate.costs.iter().zip(&*selected);
    let spent: u64 = costs.filter(|(_, chosen)| **chosen).map(|(cost, _)| cost).sum();
    let mut rest = electorate.budget - spent;
    let mut order: Vec<u16> =
        electorate.supported().filter(|&option| !selected[usize::from(option)]).collect();
    order.sort_unstable_by(|&a, &b| votes(b).cmp(&votes(a)).then_with(|| ties.order(a, b).0));
    for level in order.chunk_by(|&a, &b| votes(a) == votes(b)) {
        let fitting = level.iter().copied().filter(|&option| electorate.cost(option) <= rest);
        let among: Vec<u16> = fitting.collect();
        let (mut chosen, mut additions) = (Vec::new(), Vec::new());
        let mut left_out = None;
        for &option in &among {
            let cost = electorate.cost(option);
            if cost <= rest {
                rest -= cost;
                selected[usize::from(option)] = true;
                chosen.push(option);
                additions.push(Step::Addition { option, cost, votes: votes(option) });
            } else if left_out.is_none() {
                // COUNT-10: the first of the level always fits, so something is chosen before it
                left_out = chosen.last().map(|&last| ties.order(last, option).1);
            }
        }
        steps.extend(left_out.map(|by| Step::Tie { among, chosen, by }));
        steps.append(&mut additions);
    }
}

#[cfg(test)]
mod tests;
