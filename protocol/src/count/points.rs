//! Cumulative points: each ballot spreads a number of points over options (spec/count/points.md).

use super::form::{Form, MAX_VALUE, Values};
use super::marks::Marks;
use super::method::{Asked, Counted, Method};
use super::ties::{self, TieBreak};
use super::winners;
use crate::breach::Breach;
use crate::encoding::Decoder;

/// Points to be spread; the options with the most are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// Most points on a ballot.
    pub points: u64,
    /// Most points for one option.
    pub largest: u64,
    /// Most options that are selected.
    pub winners: u64,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl Points {
    /// Rule id in a definition.
    pub const ID: u64 = 5;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            points: decoder.uint()?,
            largest: decoder.uint()?,
            winners: decoder.uint()?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for Points {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        vec![self.min, self.max, self.points, self.largest, self.winners]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        let values = Values::Sum { largest: self.largest, sum: self.points };
        Form { min: self.min, max: self.max, values }
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-38: points of 16 bits, enough for the fewest options, and winners among them all
        (1..=MAX_VALUE).contains(&self.points)
            && (1..=self.points).contains(&self.largest)
            && self.min <= self.points
            && (1..=costs.len() as u64).contains(&self.winners)
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let Marks { turnout, sums, ballots } = Marks::tally(&self.form(), asked)?;
        // COUNT-39: most points first
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
    use super::super::{Rule, Step, count};
    use super::*;
    use proptest::prelude::*;

    fn rule(points: u64, largest: u64, winners: u64) -> Rule {
        Rule::Points(Points { min: 0, max: 3, points, largest, winners, ties: vec![] })
    }

    #[test]
    fn points_add_up() {
        // COUNT-39: the worked example
        let ballots = vec![vec![0_u16, 3, 1, 2], vec![1, 1, 2, 4], vec![2, 1], vec![]];
        let outcome = count(&rule(5, 4, 1), &[0; 3], &ballots).unwrap();
        assert_eq!((outcome.votes, outcome.blank), (vec![3, 3, 5], 1));
        assert_eq!(outcome.selected, [false, false, true]);
        let two = count(&rule(5, 4, 2), &[0; 3], &ballots).unwrap();
        assert_eq!(two.selected, [true, false, true]);
        let (among, chosen, by) = (vec![0, 1], vec![0], TieBreak::ListedOrder);
        assert_eq!(two.steps, [Step::Tie { among, chosen, by }]);
    }

    #[test]
    fn bounds_are_checked() {
        // COUNT-38
        for (points, largest, winners, lawful) in [
            (5, 5, 3, true),
            (65_535, 1, 1, true),
            (65_536, 1, 1, false),
            (5, 6, 1, false),
            (5, 0, 1, false),
            (0, 0, 1, false),
            (5, 5, 0, false),
            (5, 5, 4, false),
        ] {
            assert_eq!(rule(points, largest, winners).check(&[0; 3]).is_ok(), lawful);
        }
        let few = Points { min: 3, max: 3, points: 2, largest: 2, winners: 1, ties: vec![] };
        assert!(Rule::Points(few).check(&[0; 3]).is_err());
    }

    proptest! {
        #[test]
        fn points_are_those_of_a_plain_loop(ballots in random_marks(4, 3, 9), winners in 1..4_u64) {
            // COUNT-9, COUNT-39
            let rule = Points { min: 0, max: 4, points: 12, largest: 3, winners, ties: vec![] };
            check_linear(&Rule::Points(rule), 4, &ballots, winners)?;
        }
    }
}
