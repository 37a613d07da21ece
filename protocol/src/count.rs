//! Counting: from a rule, the costs of the options and the effective ballots to one outcome.
//!
//! The law is spec/count.md. Every number is an exact integer or rational, nothing is rounded,
//! and the order of the ballots never matters. Not here: which ballots are effective, their
//! signatures and their decoding; a count sees selections only.

mod approval;
pub mod ballots;
mod borda;
mod coded;
mod conditions;
mod equal_shares;
mod form;
pub mod fraction;
mod instant_runoff;
mod lot;
mod marks;
#[cfg(test)]
mod marks_tests;
mod method;
mod points;
mod quadratic;
mod rankings;
mod rounds;
pub mod rule;
mod schulze;
mod score;
mod single_choice;
mod step;
mod ties;
mod transferable_vote;
mod votes;
mod winners;
mod yes_no;

pub use approval::Approval;
pub use ballots::{Arena, Ballots};
pub use borda::{Borda, Unranked};
pub use conditions::{Base, Comparison, Condition, MAX_CONDITIONS};
pub use equal_shares::{Completion, EqualShares, Exhaustion};
pub use form::{Form, MAX_VALUE, Sharing, Values};
pub use fraction::Fraction;
pub use instant_runoff::InstantRunoff;
pub use lot::Lot;
pub use points::Points;
pub use quadratic::{MAX_CREDITS, Quadratic};
pub use rounds::LookBack;
pub use rule::Rule;
pub use schulze::Schulze;
pub use score::{Score, Unmarked};
pub use single_choice::{Blank, SingleChoice};
pub use step::{End, Step};
pub use ties::TieBreak;
pub use transferable_vote::{MAX_SEATS, Quota, TransferableVote};
pub use yes_no::{Against, YesNo};

use crate::breach::Breach;
use method::{Asked, Counted};

/// What a rule makes of the ballots, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For each option the number that its rule's document defines: ballots that name it, points,
    /// first preferences, wins.
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

/// What a question asks of its count beside the rule.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// What an option needs besides being selected by the rule.
    pub conditions: &'a [Condition],
    /// Number of voters on the pinned rolls; only conditions look at it.
    pub eligible: u64,
    /// What was drawn. Needed where a criterion for ties is [`TieBreak::Lot`].
    pub lot: Option<&'a Lot>,
}

/// Counts `ballots` by `rule` alone; `costs` are those of the options in listed order.
///
/// The options of a poll without money cost 0 each. Breaches: [`Breach::DefinitionInvalid`] for a
/// rule out of bounds, one of the `Choice...`, `Mark...` and `Rank...` breaches for a ballot that
/// the rule does not admit, [`Breach::TotalsInconsistent`] for more than [`rule::MAX_BALLOTS`]
/// ballots.
pub fn count(
    rule: &Rule,
    costs: &[u64],
    ballots: &(impl Ballots + ?Sized),
) -> Result<Outcome, Breach> {
    count_on(rule, &Terms::default(), costs, ballots)
}

/// Counts `ballots` by `rule` and the terms of the question; else as [`count`].
///
/// A lot that a criterion asks for and that is missing, or is of other options, and conditions
/// that the rule does not take are [`Breach::DefinitionInvalid`] too.
pub fn count_on(
    rule: &Rule,
    terms: &Terms<'_>,
    costs: &[u64],
    ballots: &(impl Ballots + ?Sized),
) -> Result<Outcome, Breach> {
    rule.check(costs)?;
    check_conditions(rule, terms.conditions)?;
    if rule.draws() && terms.lot.is_none_or(|lot| lot.options() != costs.len()) {
        return Err(Breach::DefinitionInvalid);
    }
    let asked = Asked { costs, ballots: &ballots, lot: terms.lot };
    let mut counted = rule.method().count(&asked)?;
    conditions::apply(terms.conditions, terms.eligible, &mut counted);
    let Counted { votes, selected, blank, steps, .. } = counted;
    // COUNT-25: what is spent; COUNT-2 keeps the sum in range
    let spent = costs.iter().zip(&selected).filter(|(_, chosen)| **chosen).map(|(c, _)| c).sum();
    Ok(Outcome { votes, selected, blank, spent, steps })
}

/// Whether a question under this rule may have these conditions.
pub(crate) fn check_conditions(rule: &Rule, conditions: &[Condition]) -> Result<(), Breach> {
    // COUNT-30: few, each of them lawful, and under a rule that takes them
    let lawful = conditions.iter().all(|condition| condition.is_lawful());
    let taken = conditions.is_empty() || rule.takes_conditions();
    if lawful && taken && conditions.len() <= MAX_CONDITIONS {
        Ok(())
    } else {
        Err(Breach::DefinitionInvalid)
    }
}
