//! What a counting rule is to the rest of the program: its parameters, its ballots, its count.
//!
//! Each rule is a struct in a file of its own that implements [`Method`]. Not here: any rule.

use super::ballots::Ballots;
use super::form::Form;
use super::lot::Lot;
use super::rule::MAX_BALLOTS;
use super::step::Step;
use super::ties::{TieBreak, Ties};
use crate::breach::Breach;

/// A counting rule with its parameters.
pub(super) trait Method {
    /// The number that stands for the rule in a definition.
    fn id(&self) -> u64;

    /// The numbers between the id and the criteria for ties, as a definition holds them.
    fn parameters(&self) -> Vec<u64>;

    /// The criteria for ties as the definition lists them.
    fn ties(&self) -> &[TieBreak];

    /// The selections that it admits.
    fn form(&self) -> Form;

    /// Whether the rule's own parameters are within the law for options of these costs.
    fn bounds_hold(&self, costs: &[u64]) -> bool;

    /// Whether options have costs under this rule.
    fn has_costs(&self) -> bool {
        false
    }

    /// Whether a question under this rule may have conditions.
    fn takes_conditions(&self) -> bool {
        true
    }

    /// Counts. The parameters have been checked, the ballots have not.
    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach>;
}

/// What a count is given beside the rule.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The costs of the options, in currency units; 0 each where the rule knows no money.
    pub(super) costs: &'a [u64],
    pub(super) ballots: &'a dyn Ballots,
    /// What was drawn; there wherever a criterion asks for it.
    pub(super) lot: Option<&'a Lot>,
}

/// How many ballots there are, and how many of them are blank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turnout {
    pub(super) ballots: u64,
    pub(super) blank: u64,
}

impl<'a> Asked<'a> {
    /// Number of options.
    pub(super) const fn options(&self) -> usize {
        self.costs.len()
    }

    /// What decides ties, between options of these votes.
    pub(super) const fn ties(&self, criteria: &'a [TieBreak], votes: &'a [u64]) -> Ties<'a> {
        Ties { criteria, costs: self.costs, votes, lot: self.lot }
    }

    /// One pass over the ballots; the first that `form` does not admit refuses the whole count,
    /// since deciding which ballots are effective is over before counting begins.
    pub(super) fn read(
        &self,
        form: &Form,
        mut visit: impl FnMut(&[u16]),
    ) -> Result<Turnout, Breach> {
        let mut turnout = Turnout::default();
        let mut verdict = Ok(());
        let options = self.options();
        self.ballots.for_each(&mut |selection| {
            if verdict.is_err() {
                return;
            }
            // COUNT-5: fail closed on a ballot that should have been spoiled
            verdict = form.check(options, selection);
            if verdict.is_ok() {
                turnout.ballots += 1;
                turnout.blank += u64::from(selection.is_empty());
                visit(selection);
            }
        });
        verdict?;
        // COUNT-2: sums over voters are sized by this
        if turnout.ballots > MAX_BALLOTS {
            return Err(Breach::TotalsInconsistent);
        }
        Ok(turnout)
    }
}

/// What a rule makes of the ballots, before the conditions of the question.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) ballots: u64,
    pub(super) blank: u64,
    /// By option, the number that the result holds.
    pub(super) votes: Vec<u64>,
    /// By option, what conditions look at where it is not `votes`.
    pub(super) standing: Option<Vec<u64>>,
    pub(super) selected: Vec<bool>,
    pub(super) steps: Vec<Step>,
}

impl Counted {
    /// A count whose conditions look at the votes.
    pub(super) fn by_votes(
        turnout: Turnout,
        votes: Vec<u64>,
        (selected, steps): (Vec<bool>, Vec<Step>),
    ) -> Self {
        let Turnout { ballots, blank } = turnout;
        Self { ballots, blank, votes, standing: None, selected, steps }
    }
}
