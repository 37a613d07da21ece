//! Counting: from a rule, the costs of the options and the effective ballots to one outcome.
//!
//! The law is `spec/count.md`. Every number is an exact integer or rational, nothing is rounded,
//! and the order of the ballots never matters. Not here: which ballots are effective, their
//! signatures and their decoding; a count sees selections only.

mod approval;
pub mod ballots;
mod equal_shares;
pub mod fraction;
pub mod rule;
mod single_choice;
mod ties;
mod votes;

pub use ballots::{Arena, Ballots};
pub use fraction::Fraction;
pub use rule::{Blank, Completion, Exhaustion, Rule, TieBreak};

use crate::breach::Breach;
use ties::Ties;
use votes::Votes;

/// What a rule makes of the ballots, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For each option, the number of ballots that name it.
    pub votes: Vec<u64>,
    /// For each option, whether it is selected.
    pub selected: Vec<bool>,
    /// Number of ballots that name no option.
    pub blank: u64,
    /// What the selected options cost together, in currency units.
    pub spent: u64,
    /// How it came about, in order. For people: nothing is decided by it.
    pub steps: Vec<Step>,
}

/// One event of a count, for a report to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The rule could not tell options apart, and a criterion decided.
    Tie {
        /// All tied options, in the order in which they go.
        among: Vec<u16>,
        /// Those selected for it: the first of `among`.
        chosen: Vec<u16>,
        /// The criterion that separates the last chosen from the first not chosen.
        by: TieBreak,
    },
    /// Equal Shares: what each ballot had to spend in the run that gave the outcome.
    Endowment {
        /// Currency units added to the equal share of the true budget.
        increment: u64,
        /// Currency units for each ballot: budget / ballots + increment.
        per_ballot: Fraction,
    },
    /// Equal Shares: the supporters bought an option.
    Purchase {
        /// The option.
        option: u16,
        /// Its cost, in currency units.
        cost: u64,
        /// Number of ballots that name it.
        supporters: u64,
        /// Number of those that paid the full share; the rest gave what they had left, or nothing.
        in_full: u64,
        /// The full share, in currency units: the most that any ballot paid.
        share: Fraction,
        /// The share for each unit of cost; the smallest is bought first. Its inverse is the
        /// effective number of votes.
        rate: Fraction,
    },
    /// Equal Shares with `add1`: why no further unit was added.
    Ended {
        /// The reason.
        reason: End,
    },
    /// Equal Shares with `add1u`: an option that was added in the order of votes.
    Addition {
        /// The option.
        option: u16,
        /// Its cost, in currency units.
        cost: u64,
        /// Number of ballots that name it.
        votes: u64,
    },
}

/// Why the runs of `add1` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With one unit more the outcome would cost this much, which is above the budget.
    Exceeds {
        /// What the outcome of the next run costs, in currency units.
        cost: u64,
    },
    /// No further option fits what is left of the budget, and the definition stops there.
    Exhaustive,
    /// Every option that a ballot names is selected.
    AllSelected,
}

/// Counts `ballots` by `rule`; `costs` are those of the options in listed order.
///
/// The options of a poll without money cost 0 each. Breaches: [`Breach::DefinitionInvalid`] for a
/// rule out of bounds, one of the `Choice...` breaches for a ballot that the rule does not admit,
/// [`Breach::TotalsInconsistent`] for more than [`rule::MAX_BALLOTS`] ballots.
pub fn count(
    rule: &Rule,
    costs: &[u64],
    ballots: &(impl Ballots + ?Sized),
) -> Result<Outcome, Breach> {
    rule.check(costs)?;
    let votes = Votes::tally(rule, costs.len(), ballots)?;
    let ties = Ties { criteria: rule.ties(), costs, votes: &votes.per_option };
    let (selected, steps) = match *rule {
        Rule::SingleChoice { .. } => single_choice::select(ties),
        Rule::Approval { winners, .. } => approval::select(ties, winners),
        Rule::EqualShares { budget, completion, exhaustion, .. } => {
            let electorate = equal_shares::Electorate::gather(costs, budget, &votes, ballots);
            equal_shares::select(&electorate, ties, completion, exhaustion)
        }
    };
    // COUNT-25: what is spent; COUNT-2 keeps the sum in range
    let spent = costs.iter().zip(&selected).filter(|(_, chosen)| **chosen).map(|(c, _)| c).sum();
    let Votes { per_option, blank, .. } = votes;
    Ok(Outcome { votes: per_option, selected, blank, spent, steps })
}
