//! Conditions of a question: what an option needs besides being selected by the rule
//! (spec/count.md, "Conditions").
//!
//! Not here: the quorum, which is the poll's, and takes nothing away.

use super::coded::coded_enum;
use super::method::Counted;
use super::step::Step;
use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};

/// Most conditions of a question: one for each base.
pub const MAX_CONDITIONS: usize = 4;

coded_enum! {
    /// Of what a condition asks a share.
    Base {
        /// All effective ballots.
        Ballots,
        /// Effective ballots that are not blank in the question.
        NotBlank,
        /// The votes of all options together.
        Votes,
        /// The eligible voters.
        Eligible,
    }
}

coded_enum! {
    /// Whether the share itself is enough.
    Comparison {
        /// It is.
        AtLeast,
        /// More than it is needed.
        MoreThan,
    }
}

/// A share that an option must reach to be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The share's numerator.
    pub numerator: u64,
    /// The share's denominator, at least 1.
    pub denominator: u64,
    /// Of what.
    pub base: Base,
    /// Whether the share itself is enough.
    pub comparison: Comparison,
}

impl Condition {
    /// More than half of the ballots that are not blank.
    pub const MAJORITY: Self = Self {
        numerator: 1,
        denominator: 2,
        base: Base::NotBlank,
        comparison: Comparison::MoreThan,
    };

    /// Whether so many votes of a base of this size meet the condition.
    pub fn is_met(self, votes: u64, base: u64) -> bool {
        // COUNT-31: exact, in products that cannot overflow
        let has = u128::from(votes) * u128::from(self.denominator);
        let needs = u128::from(self.numerator) * u128::from(base);
        match self.comparison {
            Comparison::AtLeast => has >= needs,
            Comparison::MoreThan => has > needs,
        }
    }

    /// Whether it can be stated at all.
    pub(super) const fn is_lawful(self) -> bool {
        self.denominator >= 1
    }

    pub(crate) fn encode(self, encoder: &mut Encoder) {
        encoder.array(4).uint(self.numerator).uint(self.denominator);
        encoder.uint(self.base.code()).uint(self.comparison.code());
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(4)?;
        Ok(Self {
            numerator: decoder.uint()?,
            denominator: decoder.uint()?,
            base: Base::decode(decoder)?,
            comparison: Comparison::decode(decoder)?,
        })
    }
}

/// Takes back the selection of every option that does not meet all conditions.
pub(super) fn apply(conditions: &[Condition], eligible: u64, counted: &mut Counted) {
    let standing = counted.standing.clone().unwrap_or_else(|| counted.votes.clone());
    for &condition in conditions {
        let base = match condition.base {
            Base::Ballots => counted.ballots,
            Base::NotBlank => counted.ballots - counted.blank,
            Base::Votes => standing.iter().sum(),
            Base::Eligible => eligible,
        };
        for (option, &votes) in (0_u16..).zip(&standing) {
            let selected = &mut counted.selected[usize::from(option)];
            // COUNT-31: what is taken away goes to nobody
            if *selected && !condition.is_met(votes, base) {
                *selected = false;
                counted.steps.push(Step::Barred { option, condition, votes, base });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Blank, Outcome, Rule, SingleChoice, Terms, count_on};
    use super::*;

    fn outcome(conditions: &[Condition], eligible: u64, ballots: &[&[u16]]) -> Outcome {
        let rule = Rule::SingleChoice(SingleChoice { blank: Blank::Allowed, ties: vec![] });
        let terms = Terms { conditions, eligible, lot: None };
        count_on(&rule, &terms, &[0; 3], ballots).unwrap()
    }

    #[test]
    fn without_a_majority_nobody_is_selected_and_it_is_said() {
        // COUNT-31
        let half: &[&[u16]] = &[&[0], &[0], &[1], &[2], &[]];
        let barred = outcome(&[Condition::MAJORITY], 9, half);
        assert_eq!(barred.selected, [false; 3]);
        let condition = Condition::MAJORITY;
        assert_eq!(barred.steps, [Step::Barred { option: 0, condition, votes: 2, base: 4 }]);
        let most = outcome(&[Condition::MAJORITY], 9, &half[..3]);
        assert_eq!(most.selected, [true, false, false]);
        let enough = Condition { comparison: Comparison::AtLeast, ..Condition::MAJORITY };
        assert_eq!(outcome(&[enough], 9, half).selected, [true, false, false]);
    }

    #[test]
    fn each_base_is_what_it_says() {
        // COUNT-31
        let ballots: &[&[u16]] = &[&[0], &[0], &[1], &[]];
        let needs = |numerator, denominator, base| {
            let comparison = Comparison::AtLeast;
            let condition = Condition { numerator, denominator, base, comparison };
            outcome(&[condition], 20, ballots).selected[0]
        };
        assert!(needs(2, 4, Base::Ballots) && !needs(3, 4, Base::Ballots));
        assert!(needs(2, 3, Base::NotBlank) && !needs(3, 3, Base::NotBlank));
        assert!(needs(2, 3, Base::Votes) && !needs(3, 3, Base::Votes));
        assert!(needs(2, 20, Base::Eligible) && !needs(3, 20, Base::Eligible));
    }
}
