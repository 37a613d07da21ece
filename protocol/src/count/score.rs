//! Score: each ballot grades options, and the best grades win (spec/count/score.md).

use super::coded::coded_enum;
use super::form::{Form, MAX_VALUE, Values};
use super::marks::Marks;
use super::method::{Asked, Counted, Method};
use super::ties::{self, TieBreak};
use super::{Step, winners};
use crate::breach::Breach;
use crate::encoding::Decoder;

coded_enum! {
    /// What it means that a ballot gives an option no score.
    Unmarked {
        /// A score of 0: options are compared by the sum of their scores.
        Zero,
        /// Nothing: options are compared by the mean of the scores that they were given.
        Abstains,
    }
}

/// Scores from 1 to a largest one; the options of the highest sums, or means, are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// The largest score.
    pub largest: u64,
    /// What an option without a score is given.
    pub unmarked: Unmarked,
    /// Most options that are selected.
    pub winners: u64,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl Score {
    /// Rule id in a definition.
    pub const ID: u64 = 4;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            largest: decoder.uint()?,
            unmarked: Unmarked::decode(decoder)?,
            winners: decoder.uint()?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for Score {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        vec![self.min, self.max, self.largest, self.unmarked.code(), self.winners]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        let values = Values::Upto { largest: self.largest };
        Form { min: self.min, max: self.max, values }
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-36: scores of 16 bits, and winners among the options
        (1..=MAX_VALUE).contains(&self.largest) && (1..=costs.len() as u64).contains(&self.winners)
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let Marks { turnout, sums, ballots } = Marks::tally(&self.form(), asked)?;
        let ties = asked.ties(&self.ties, &sums);
        // COUNT-37: by sums, or by means as exact fractions
        let product = |a: usize, b: usize| u128::from(sums[a]) * u128::from(ballots[b]);
        let (selected, ties) = winners::first(
            ties,
            |option| ballots[option] > 0,
            self.winners,
            |a, b| match self.unmarked {
                Unmarked::Zero => sums[b].cmp(&sums[a]),
                Unmarked::Abstains => product(b, a).cmp(&product(a, b)),
            },
        );
        let mut steps = vec![Step::Marked { ballots }];
        steps.extend(ties);
        Ok(Counted::by_votes(turnout, sums, (selected, steps)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks_tests::{check_linear, random_marks};
    use super::super::{Fraction, Rule, count};
    use super::*;
    use proptest::prelude::*;

    fn rule(unmarked: Unmarked, winners: u64, ties: Vec<TieBreak>) -> Rule {
        Rule::Score(Score { min: 0, max: 3, largest: 5, unmarked, winners, ties })
    }

    #[test]
    fn a_missing_score_is_zero_or_nothing() {
        // COUNT-37: the worked example
        let ballots = vec![vec![0_u16, 4, 1, 5], vec![0, 3], vec![0, 4, 2, 5], vec![]];
        let zero = count(&rule(Unmarked::Zero, 1, vec![]), &[0; 3], &ballots).unwrap();
        assert_eq!((zero.votes, zero.blank), (vec![11, 5, 5], 1));
        assert_eq!(zero.selected, [true, false, false]);
        let mean = count(&rule(Unmarked::Abstains, 1, vec![]), &[0; 3], &ballots).unwrap();
        assert_eq!(mean.votes, [11, 5, 5]);
        assert_eq!(mean.selected, [false, true, false]);
        assert_eq!(mean.steps[0], Step::Marked { ballots: vec![3, 1, 1] });
        let (among, chosen, by) = (vec![1, 2], vec![1], TieBreak::ListedOrder);
        assert_eq!(mean.steps[1], Step::Tie { among, chosen, by });
    }

    #[test]
    fn bounds_are_checked() {
        // COUNT-36
        let with = |largest, winners| {
            let (min, max, unmarked) = (0, 2, Unmarked::Zero);
            Rule::Score(Score { min, max, largest, unmarked, winners, ties: vec![] })
        };
        for (largest, winners, lawful) in [
            (1, 1, true),
            (65_535, 2, true),
            (0, 1, false),
            (65_536, 1, false),
            (1, 0, false),
            (1, 3, false),
        ] {
            assert_eq!(
                with(largest, winners).check(&[0; 2]).is_ok(),
                lawful,
                "{largest} {winners}"
            );
        }
    }

    proptest! {
        #[test]
        fn means_are_those_of_plain_fractions(
            ballots in random_marks(4, 5, 9),
            winners in 1..4_u64,
        ) {
            // COUNT-9, COUNT-37: a second program, by fractions in lowest terms
            let unmarked = Unmarked::Abstains;
            let rule =
                Rule::Score(Score { min: 0, max: 4, largest: 5, unmarked, winners, ties: vec![] });
            let outcome = count(&rule, &[0; 4], &ballots).unwrap();
            let mean = |option: u16| {
                let given: Vec<u64> = ballots.iter().flat_map(|ballot| {
                    ballot.chunks(2).filter(|mark| mark[0] == option).map(|mark| mark[1].into())
                }).collect();
                let sum: u64 = given.iter().sum();
                Fraction::new(sum.into(), (given.len() as u64).into())
            };
            let above = |a: &Fraction, b: &Fraction| {
                a.numerator() * b.denominator() > b.numerator() * a.denominator()
            };
            let given: Vec<(usize, Fraction)> =
                (0..4).filter_map(|o| Some((usize::from(o), mean(o)?))).collect();
            let mut expected = vec![false; 4];
            for (option, own) in &given {
                let before = given.iter().filter(|(other, theirs)| {
                    above(theirs, own) || (theirs == own && other < option)
                });
                expected[*option] = (before.count() as u64) < winners;
            }
            prop_assert_eq!(outcome.selected, expected);
        }

        #[test]
        fn sums_are_those_of_a_plain_loop(ballots in random_marks(4, 5, 9), winners in 1..4_u64) {
            // COUNT-9, COUNT-29
            let unmarked = Unmarked::Zero;
            let rule =
                Rule::Score(Score { min: 0, max: 4, largest: 5, unmarked, winners, ties: vec![] });
            check_linear(&rule, 4, &ballots, winners)?;
        }
    }
}
