//! Yes, no, abstain: one proposal, adopted by a share of the votes (spec/count/yes-no.md).

use super::coded::coded_enum;
use super::conditions::{Base, Comparison, Condition};
use super::form::Form;
use super::method::{Asked, Counted, Method};
use super::single_choice::Blank;
use super::ties::{self, TieBreak};
use super::votes::Votes;
use crate::breach::Breach;
use crate::encoding::Decoder;

/// The places of the options: yes, no, and, if there is a third, abstain.
const YES: usize = 0;
const NO: usize = 1;
/// Options of such a question.
const OPTIONS: core::ops::RangeInclusive<usize> = 2..=3;

coded_enum! {
    /// Of what the yes votes must make up the share.
    Against {
        /// Yes and no: who abstains takes no part.
        YesAndNo,
        /// Yes, no and abstain.
        NotBlank,
        /// All ballots, blank ones too.
        Ballots,
    }
}

/// A proposal that is adopted if enough of those who vote say yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YesNo {
    /// Whether a ballot may name no option.
    pub blank: Blank,
    /// Of what the share is taken.
    pub against: Against,
    /// The share that yes must have: its numerator,
    pub numerator: u64,
    /// and its denominator.
    pub denominator: u64,
    /// Whether the share itself is enough.
    pub comparison: Comparison,
    /// No tie can come up: there are no criteria.
    pub ties: Vec<TieBreak>,
}

impl YesNo {
    /// Rule id in a definition.
    pub const ID: u64 = 3;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            blank: Blank::decode(decoder)?,
            against: Against::decode(decoder)?,
            numerator: decoder.uint()?,
            denominator: decoder.uint()?,
            comparison: Comparison::decode(decoder)?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for YesNo {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        let Self { blank, against, numerator, denominator, comparison, .. } = *self;
        vec![blank.code(), against.code(), numerator, denominator, comparison.code()]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        self.blank.form()
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-34: yes, no and perhaps abstain; a share; and nothing that could be tied
        OPTIONS.contains(&costs.len())
            && self.denominator >= 1
            && self.numerator <= self.denominator
            && self.ties.is_empty()
    }

    fn takes_conditions(&self) -> bool {
        false
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let votes = Votes::tally(&self.form(), asked)?;
        let (yes, no) = (votes.per_option[YES], votes.per_option[NO]);
        let base = match self.against {
            Against::YesAndNo => yes + no,
            Against::NotBlank => votes.ballots - votes.blank,
            Against::Ballots => votes.ballots,
        };
        let Self { numerator, denominator, comparison, .. } = *self;
        let share = Condition { numerator, denominator, base: Base::Votes, comparison };
        // COUNT-35: yes with its share; else no, if anybody said so
        let adopted = yes > 0 && share.is_met(yes, base);
        let mut selected = vec![false; votes.per_option.len()];
        selected[YES] = adopted;
        selected[NO] = !adopted && no > 0;
        Ok(Counted::by_votes(votes.turnout(), votes.per_option, (selected, Vec::new())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Rule, count};
    use super::*;

    fn rule(against: Against, share: (u64, u64), comparison: Comparison) -> Rule {
        let (numerator, denominator) = share;
        let blank = Blank::Allowed;
        Rule::YesNo(YesNo { blank, against, numerator, denominator, comparison, ties: vec![] })
    }

    fn decision(rule: &Rule, [yes, no, abstain, blank]: [usize; 4]) -> Option<usize> {
        let ballots = [(yes, vec![0_u16]), (no, vec![1]), (abstain, vec![2]), (blank, vec![])];
        let ballots: Vec<Vec<u16>> =
            ballots.into_iter().flat_map(|(times, ballot)| vec![ballot; times]).collect();
        let outcome = count(rule, &[0; 3], &ballots).unwrap();
        assert_eq!(outcome.votes, [yes, no, abstain].map(|votes| votes as u64));
        assert_eq!(outcome.blank, blank as u64);
        assert!(outcome.selected.iter().filter(|selected| **selected).count() <= 1);
        outcome.selected.iter().position(|selected| *selected)
    }

    #[test]
    fn the_share_is_taken_of_what_the_rule_says() {
        // COUNT-35: the worked example
        let votes = [4, 3, 1, 1];
        for (against, adopted) in [
            (Against::YesAndNo, Some(YES)),
            (Against::NotBlank, Some(NO)),
            (Against::Ballots, Some(NO)),
        ] {
            let rule = rule(against, (1, 2), Comparison::MoreThan);
            assert_eq!(decision(&rule, votes), adopted, "{against:?}");
        }
    }

    #[test]
    fn exactly_the_share_is_enough_or_not() {
        // COUNT-35
        let of = |comparison| rule(Against::YesAndNo, (2, 3), comparison);
        assert_eq!(decision(&of(Comparison::AtLeast), [4, 2, 5, 0]), Some(YES));
        assert_eq!(decision(&of(Comparison::MoreThan), [4, 2, 5, 0]), Some(NO));
        assert_eq!(decision(&of(Comparison::AtLeast), [0, 0, 5, 1]), None);
        let all = rule(Against::NotBlank, (1, 2), Comparison::MoreThan);
        assert_eq!(decision(&all, [1, 0, 5, 0]), None);
        assert_eq!(decision(&all, [0, 0, 0, 0]), None);
        let any = rule(Against::YesAndNo, (0, 1), Comparison::AtLeast);
        assert_eq!(decision(&any, [0, 1, 0, 0]), Some(NO));
    }

    #[test]
    fn only_yes_no_and_abstain_can_be_asked() {
        // COUNT-34
        let half = rule(Against::YesAndNo, (1, 2), Comparison::MoreThan);
        for (options, verdict) in [(1, false), (2, true), (3, true), (4, false)] {
            assert_eq!(half.check(&vec![0; options]).is_ok(), verdict);
        }
        assert!(rule(Against::YesAndNo, (3, 2), Comparison::AtLeast).check(&[0; 2]).is_err());
        assert!(rule(Against::YesAndNo, (0, 0), Comparison::AtLeast).check(&[0; 2]).is_err());
        let Rule::YesNo(mut with_ties) = half else { panic!() };
        with_ties.ties = vec![TieBreak::ListedOrder];
        assert!(Rule::YesNo(with_ties).check(&[0; 2]).is_err());
    }

    proptest! {
        #[test]
        fn one_more_yes_never_rejects(
            votes: [u8; 4], against in 0..3_usize, n in 0..5_u64, more: bool,
        ) {
            // COUNT-9, COUNT-35
            let comparison = if more { Comparison::MoreThan } else { Comparison::AtLeast };
            let rule = rule(Against::ALL[against], (n, 4), comparison);
            let votes = votes.map(usize::from);
            let [yes, no, abstain, blank] = votes;
            let first = decision(&rule, votes);
            let second = decision(&rule, [yes + 1, no, abstain, blank]);
            prop_assert!(first != Some(YES) || second == Some(YES));
        }
    }
}
