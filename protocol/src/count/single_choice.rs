//! Single choice: one winner, the option on the most ballots (spec/count/single-choice.md).

use super::approval;
use super::coded::coded_enum;
use super::form::Form;
use super::method::{Asked, Counted, Method};
use super::ties::{self, TieBreak};
use super::votes::Votes;
use crate::breach::Breach;
use crate::encoding::Decoder;

coded_enum! {
    /// Whether a ballot of which one option is asked may name none.
    Blank {
        /// Each ballot names exactly one option.
        Refused,
        /// A ballot names one option or none.
        Allowed,
    }
}

impl Blank {
    /// Ballots that name one option, or may be blank.
    pub(super) const fn form(self) -> Form {
        match self {
            Self::Refused => Form::choices(1, 1),
            Self::Allowed => Form::choices(0, 1),
        }
    }
}

/// One option on each ballot; the one on the most ballots is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleChoice {
    /// Whether a ballot may name no option.
    pub blank: Blank,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl SingleChoice {
    /// Rule id in a definition.
    pub const ID: u64 = 0;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self { blank: Blank::decode(decoder)?, ties: ties::decode(decoder)? })
    }
}

impl Method for SingleChoice {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        vec![self.blank.code()]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        // COUNT-12: exactly one option, or none where the poll allows it
        self.blank.form()
    }

    fn bounds_hold(&self, _: &[u64]) -> bool {
        true
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let votes = Votes::tally(&self.form(), asked)?;
        // COUNT-11: the option with the most votes, none when nobody named one
        let selection = approval::select(asked.ties(&self.ties, &votes.per_option), 1);
        Ok(Counted::by_votes(votes.turnout(), votes.per_option, selection))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Blank, Rule, SingleChoice, Step, TieBreak, count};

    fn winner(ties: Vec<TieBreak>, costs: &[u64], ballots: &[&[u16]]) -> Option<usize> {
        let rule = Rule::SingleChoice(SingleChoice { blank: Blank::Allowed, ties });
        let outcome = count(&rule, costs, ballots).unwrap();
        assert!(outcome.selected.iter().filter(|chosen| **chosen).count() <= 1);
        outcome.selected.iter().position(|chosen| *chosen)
    }

    #[test]
    fn the_option_with_the_most_votes_wins() {
        // COUNT-11
        assert_eq!(winner(vec![], &[0, 0, 0], &[&[2], &[1], &[2], &[]]), Some(2));
    }

    #[test]
    fn nobody_wins_when_nobody_named_an_option() {
        // COUNT-11
        assert_eq!(winner(vec![], &[0, 0], &[]), None);
        assert_eq!(winner(vec![], &[0, 0], &[&[], &[]]), None);
    }

    #[test]
    fn a_tie_goes_by_the_criteria_and_is_reported() {
        // COUNT-6
        let ballots: &[&[u16]] = &[&[2], &[1], &[0], &[1], &[2]];
        assert_eq!(winner(vec![], &[1, 9, 4], ballots), Some(1));
        assert_eq!(winner(vec![TieBreak::LowestCost], &[1, 9, 4], ballots), Some(2));
        let rule = SingleChoice { blank: Blank::Refused, ties: vec![TieBreak::LowestCost] };
        let outcome = count(&Rule::SingleChoice(rule), &[1, 9, 4], ballots).unwrap();
        let tie = Step::Tie { among: vec![2, 1], chosen: vec![2], by: TieBreak::LowestCost };
        assert_eq!(outcome.steps, [tie]);
        assert_eq!((outcome.votes, outcome.spent), (vec![1, 2, 2], 4));
    }
}
