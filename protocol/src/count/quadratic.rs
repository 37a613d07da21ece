//! Quadratic votes: n votes for an option cost n * n credits (spec/count/quadratic.md).

use super::form::{Form, Values};
use super::marks::Marks;
use super::method::{Asked, Counted, Method};
use super::ties::{self, TieBreak};
use super::winners;
use crate::breach::Breach;
use crate::encoding::Decoder;

/// Most credits of a ballot: nobody buys more than 1,000 votes for one option.
pub const MAX_CREDITS: u64 = 1_000_000;

/// Credits that buy votes; the options with the most votes are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quadratic {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// What the squares of all votes on a ballot may come to.
    pub credits: u64,
    /// Most options that are selected.
    pub winners: u64,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl Quadratic {
    /// Rule id in a definition.
    pub const ID: u64 = 6;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            credits: decoder.uint()?,
            winners: decoder.uint()?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for Quadratic {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        vec![self.min, self.max, self.credits, self.winners]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        Form { min: self.min, max: self.max, values: Values::Squares { sum: self.credits } }
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-40: credits enough for the fewest options, and winners among them all
        (1..=MAX_CREDITS).contains(&self.credits)
            && self.min <= self.credits
            && (1..=costs.len() as u64).contains(&self.winners)
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let Marks { turnout, sums, ballots } = Marks::tally(&self.form(), asked)?;
        // COUNT-41: most votes first; what they cost has no weight
        let selection = winners::first(
            asked.ties(&self.ties, &sums),
            |option| ballots[option] > 0,
            self.winners,
            |a, b| sums[b].cmp(&sums[a]),
        );
        Ok(Counted::by_votes(turnout, sums, selection))
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks_tests::{check_linear, random_marks};
    use super::super::{Rule, count};
    use super::*;
    use proptest::prelude::*;

    fn rule(credits: u64, winners: u64) -> Rule {
        Rule::Quadratic(Quadratic { min: 0, max: 3, credits, winners, ties: vec![] })
    }

    #[test]
    fn votes_count_and_credits_do_not() {
        // COUNT-41: the worked example
        let ballots = vec![vec![0_u16, 4], vec![1, 2, 2, 3], vec![1, 3], vec![0, 1, 1, 1]];
        let outcome = count(&rule(16, 1), &[0; 3], &ballots).unwrap();
        assert_eq!(outcome.votes, [5, 6, 3]);
        assert_eq!(outcome.selected, [false, true, false]);
        let above = count(&rule(15, 1), &[0; 3], &ballots);
        assert_eq!(above, Err(Breach::MarkOutOfRange));
        let dear = vec![vec![0_u16, 3, 1, 3]];
        assert_eq!(count(&rule(16, 1), &[0; 3], &dear), Err(Breach::MarksTooManyPoints));
    }

    #[test]
    fn bounds_are_checked() {
        // COUNT-40
        for (credits, winners, lawful) in [
            (1, 1, true),
            (MAX_CREDITS, 3, true),
            (MAX_CREDITS + 1, 1, false),
            (0, 1, false),
            (1, 0, false),
            (1, 4, false),
        ] {
            assert_eq!(
                rule(credits, winners).check(&[0; 3]).is_ok(),
                lawful,
                "{credits} {winners}"
            );
        }
        let few = Quadratic { min: 3, max: 3, credits: 2, winners: 1, ties: vec![] };
        assert!(Rule::Quadratic(few).check(&[0; 3]).is_err());
    }

    proptest! {
        #[test]
        fn votes_are_those_of_a_plain_loop(ballots in random_marks(4, 3, 9), winners in 1..4_u64) {
            // COUNT-9, COUNT-41
            let rule = Quadratic { min: 0, max: 4, credits: 36, winners, ties: vec![] };
            check_linear(&Rule::Quadratic(rule), 4, &ballots, winners)?;
        }
    }
}
