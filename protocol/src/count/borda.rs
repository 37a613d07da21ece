//! Borda: points by the number of options ranked below (spec/count/borda.md).

use super::coded::coded_enum;
use super::form::{Form, Sharing, Values};
use super::method::{Asked, Counted, Method, Turnout};
use super::ties::{self, TieBreak};
use super::winners;
use crate::breach::Breach;
use crate::encoding::Decoder;

coded_enum! {
    /// What a ballot gives to the options that it does not rank.
    Unranked {
        /// They share the last places, as options do that share a rank.
        LastPlaces,
        /// Nothing.
        Nothing,
        /// Nothing, and the ranked ones are given points by the number of ranked ones alone.
        ByRanksGiven,
    }
}

/// Ranks that give points; the options with the most points are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borda {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// Whether options may share a rank.
    pub sharing: Sharing,
    /// What becomes of options without a rank.
    pub unranked: Unranked,
    /// Most options that are selected.
    pub winners: u64,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl Borda {
    /// Rule id in a definition.
    pub const ID: u64 = 7;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            sharing: Sharing::decode(decoder)?,
            unranked: Unranked::decode(decoder)?,
            winners: decoder.uint()?,
            ties: ties::decode(decoder)?,
        })
    }

    /// Doubled points by option, the ballots that name each, and how many ballots there are.
    fn tally(&self, asked: &Asked<'_>) -> Result<(Vec<u64>, Vec<u64>, Turnout), Breach> {
        let options = asked.options();
        let (mut points, mut named) = (vec![0; options], vec![0; options]);
        let mut for_all = 0;
        // Of one ballot: how many options have each rank, and how many have a worse one.
        let (mut at_rank, mut worse) = (vec![0_u64; options + 1], vec![0_u64; options + 1]);
        let turnout = asked.read(&self.form(), |selection| {
            let marks = selection.as_chunks::<2>().0;
            for &[_, rank] in marks {
                at_rank[usize::from(rank)] += 1;
            }
            let mut below = 0;
            for rank in (1..=marks.len()).rev() {
                worse[rank] = below;
                below += at_rank[rank];
            }
            let left = (options - marks.len()) as u64;
            // COUNT-43: what stays out has nothing below it and shares its place with the rest.
            let (below_all, out) = match self.unranked {
                _ if marks.is_empty() => (0, 0),
                Unranked::LastPlaces => (2 * left, left.saturating_sub(1)),
                Unranked::Nothing => (2 * left, 0),
                Unranked::ByRanksGiven => (2, 0),
            };
            for_all += out;
            for &[option, rank] in marks {
                let (option, rank) = (usize::from(option), usize::from(rank));
                // Not below `out`: 2 * left is at least as much.
                points[option] += below_all + 2 * worse[rank] + at_rank[rank] - 1 - out;
                named[option] += 1;
            }
            at_rank[..=marks.len()].fill(0);
        })?;
        for points in &mut points {
            *points += for_all;
        }
        Ok((points, named, turnout))
    }
}

impl Method for Borda {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        let (sharing, unranked) = (self.sharing.code(), self.unranked.code());
        vec![self.min, self.max, sharing, unranked, self.winners]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        Form { min: self.min, max: self.max, values: Values::Rank { sharing: self.sharing } }
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-42: winners among the options
        (1..=costs.len() as u64).contains(&self.winners)
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let (points, named, turnout) = self.tally(asked)?;
        // COUNT-43: most points first
        let selection = winners::first(
            asked.ties(&self.ties, &points),
            |option| named[option] > 0,
            self.winners,
            |a, b| points[b].cmp(&points[a]),
        );
        Ok(Counted::by_votes(turnout, points, selection))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::marks_tests::random_ranks;
    use super::super::{Rule, count};
    use super::*;

    fn rule(unranked: Unranked, winners: u64) -> Rule {
        let (max, sharing) = (4, Sharing::Allowed);
        Rule::Borda(Borda { min: 0, max, sharing, unranked, winners, ties: vec![] })
    }

    /// COUNT-43 word by word, for one option on one ballot.
    fn points(ballot: &[u16], option: u16, options: u16, unranked: Unranked) -> u64 {
        let rank = |o: u16| ballot.chunks(2).find(|mark| mark[0] == o).map(|mark| mark[1]);
        let others = || (0..options).filter(|&other| other != option);
        let Some(own) = rank(option) else {
            if ballot.is_empty() || unranked != Unranked::LastPlaces {
                return 0;
            }
            return others().filter(|&other| rank(other).is_none()).count() as u64;
        };
        let counts_out = unranked != Unranked::ByRanksGiven;
        let below = others().filter(|&other| rank(other).map_or(counts_out, |rank| rank > own));
        let level = others().filter(|&other| rank(other) == Some(own)).count() as u64;
        2 * below.count() as u64 + level + if counts_out { 0 } else { 2 }
    }

    #[test]
    fn halves_stay_integers() {
        // COUNT-43: the worked example
        let ballots = vec![vec![0_u16, 1, 1, 2, 2, 3, 3, 4], vec![1, 1, 2, 1], vec![3, 1], vec![]];
        let votes = |unranked| count(&rule(unranked, 1), &[0; 4], &ballots).unwrap().votes;
        assert_eq!(votes(Unranked::LastPlaces), [6 + 1 + 2, 4 + 5 + 2, 2 + 5 + 2, 1 + 6]);
        assert_eq!(votes(Unranked::Nothing), [6, 9, 7, 6]);
        assert_eq!(votes(Unranked::ByRanksGiven), [8, 6 + 3, 4 + 3, 2 + 2]);
        let outcome = count(&rule(Unranked::LastPlaces, 1), &[0; 4], &ballots).unwrap();
        assert_eq!((outcome.selected, outcome.blank), (vec![false, true, false, false], 1));
    }

    #[test]
    fn winners_are_bounded() {
        // COUNT-42
        for (winners, lawful) in [(0, false), (1, true), (4, true), (5, false)] {
            assert_eq!(rule(Unranked::Nothing, winners).check(&[0; 4]).is_ok(), lawful);
        }
    }

    proptest! {
        #[test]
        fn points_are_those_of_the_law_word_by_word(
            ballots in random_ranks(4, true, 9), unranked in 0..3_usize, winners in 1..4_u64,
        ) {
            // COUNT-9, COUNT-43
            let unranked = Unranked::ALL[unranked];
            let outcome = count(&rule(unranked, winners), &[0; 4], &ballots).unwrap();
            for (option, &votes) in (0..).zip(&outcome.votes) {
                let own = ballots.iter().map(|ballot| points(ballot, option, 4, unranked));
                prop_assert_eq!(votes, own.sum::<u64>());
            }
            let mut turned = ballots.clone();
            turned.reverse();
            let again = count(&rule(unranked, winners), &[0; 4], &turned).unwrap();
            prop_assert_eq!(again, outcome);
        }
    }
}
