//! Approval: the options on the most ballots, up to a number of winners (spec/count/approval.md).

use super::form::Form;
use super::method::{Asked, Counted, Method};
use super::ties::{self, TieBreak, Ties};
use super::votes::Votes;
use super::{Step, winners};
use crate::breach::Breach;
use crate::encoding::Decoder;

/// Any number of options within bounds; those on the most ballots are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// Most options that are selected.
    pub winners: u64,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl Approval {
    /// Rule id in a definition.
    pub const ID: u64 = 1;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            winners: decoder.uint()?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for Approval {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        vec![self.min, self.max, self.winners]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        Form::choices(self.min, self.max)
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-13: at least one winner, at most as many as there are options
        (1..=costs.len() as u64).contains(&self.winners)
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let votes = Votes::tally(&self.form(), asked)?;
        let selection = select(asked.ties(&self.ties, &votes.per_option), self.winners);
        Ok(Counted::by_votes(votes.turnout(), votes.per_option, selection))
    }
}

/// Which options are selected, and the tie at the border that had to be decided, if any.
pub(super) fn select(ties: Ties<'_>, winners: u64) -> (Vec<bool>, Vec<Step>) {
    let votes = ties.votes;
    // COUNT-14: most votes first, ties by the criteria
    winners::first(ties, |option| votes[option] > 0, winners, |a, b| votes[b].cmp(&votes[a]))
}

#[cfg(test)]
mod tests {
    use super::super::{Approval, Outcome, Rule, Step, TieBreak, count};

    fn outcome(winners: u64, ties: Vec<TieBreak>, costs: &[u64], ballots: &[&[u16]]) -> Outcome {
        let max = costs.len() as u64;
        count(&Rule::Approval(Approval { min: 0, max, winners, ties }), costs, ballots).unwrap()
    }

    #[test]
    fn the_options_with_the_most_votes_win() {
        // COUNT-14
        let ballots: &[&[u16]] = &[&[0, 1, 3], &[1, 3], &[1], &[]];
        let result = outcome(2, vec![], &[0; 4], ballots);
        assert_eq!(result.votes, [1, 3, 0, 2]);
        assert_eq!(result.selected, [false, true, false, true]);
        assert_eq!(result.blank, 1);
        assert_eq!(result.steps, []);
    }

    #[test]
    fn an_option_without_votes_never_wins() {
        // COUNT-8
        let result = outcome(3, vec![], &[0; 3], &[&[2], &[2]]);
        assert_eq!(result.selected, [false, false, true]);
    }

    #[test]
    fn a_tie_at_the_border_is_decided_and_reported() {
        // COUNT-10
        let ballots: &[&[u16]] = &[&[0, 1, 2, 3], &[0, 1, 2, 3], &[0]];
        let ties = vec![TieBreak::LowestCost, TieBreak::ListedOrder];
        let result = outcome(3, ties, &[7, 5, 5, 2], ballots);
        assert_eq!(result.selected, [true, true, false, true]);
        let by = TieBreak::ListedOrder;
        assert_eq!(result.steps, [Step::Tie { among: vec![3, 1, 2], chosen: vec![3, 1], by }]);
        assert_eq!(result.spent, 14);
    }

    #[test]
    fn a_tie_away_from_the_border_decides_nothing() {
        // COUNT-10
        let result = outcome(2, vec![], &[0; 3], &[&[0, 1], &[0, 1], &[2]]);
        assert_eq!(result.selected, [true, true, false]);
        assert_eq!(result.steps, []);
    }
}
