//! The form of a selection: what the numbers on a ballot mean under a rule, and which are allowed.
//!
//! ```text
//! choices    option, option, ...                     strictly ascending
//! marks      option, value, option, value, ...       options strictly ascending, values from 1 on
//! ```
//!
//! Under a rule that ranks, values are ranks: 1 is best, and 1 to k are used without a gap. Either
//! form is empty on a blank ballot. Not here: what follows from a selection.

use super::coded::coded_enum;
use super::rule::MAX_OPTIONS;
use crate::breach::Breach;
use crate::encoding::Encoder;

/// Largest value on a ballot: it is held in 16 bits.
pub const MAX_VALUE: u64 = u16::MAX as u64;

coded_enum! {
    /// Whether one ballot may give several options the same rank.
    Sharing {
        /// Every rank stands once.
        Refused,
        /// Options may share a rank.
        Allowed,
    }
}

/// What stands beside each option on a ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Nothing: the options are chosen, or they are not.
    None,
    /// A value of at most `largest`.
    Upto {
        /// The largest value of an option.
        largest: u64,
    },
    /// A value of at most `largest`, all together at most `sum`.
    Sum {
        /// The largest value of an option.
        largest: u64,
        /// The most that all values may come to.
        sum: u64,
    },
    /// A value each, whose squares together are at most `sum`.
    Squares {
        /// The most that the squares of all values may come to.
        sum: u64,
    },
    /// A rank.
    Rank {
        /// Whether options may share one.
        sharing: Sharing,
    },
}

/// The selections that a rule admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// What stands beside each option.
    pub values: Values,
}

impl Form {
    /// Selections by choices.
    pub const fn choices(min: u64, max: u64) -> Self {
        Self { min, max, values: Values::None }
    }

    /// The largest value that may stand beside an option; none where no value does.
    pub const fn largest(&self) -> Option<u64> {
        match self.values {
            Values::None => None,
            Values::Upto { largest } | Values::Sum { largest, .. } => Some(largest),
            Values::Squares { sum } => Some(sum.isqrt()),
            Values::Rank { .. } => Some(self.max),
        }
    }

    /// Number of options that a selection names.
    pub const fn named(&self, selection: usize) -> usize {
        match self.values {
            Values::None => selection,
            _ => selection / 2,
        }
    }

    /// Length of the encoding of the longest selection among so many options, in bytes.
    pub fn longest(&self, options: usize) -> usize {
        // SEAL-2: the highest places, as many as may be named, each with the largest value.
        let last = options as u64;
        let mut items = Vec::new();
        for option in last.saturating_sub(self.max)..last {
            items.push(option);
            items.extend(self.largest());
        }
        let mut encoder = Encoder::new();
        encoder.list(&items, |encoder, &item| {
            encoder.uint(item);
        });
        encoder.finish().len()
    }

    /// Whether a ballot may hold this selection, the first defect from the left if it may not.
    pub fn check<T: Copy + Into<u64>>(
        &self,
        options: usize,
        selection: &[T],
    ) -> Result<(), Breach> {
        let options = options as u64;
        let named = if let Some(largest) = self.largest() {
            // BALLOT-17: pairs of an option and its value.
            let (pairs, rest) = selection.as_chunks::<2>();
            if !rest.is_empty() {
                return Err(Breach::MarksUneven);
            }
            for (place, &[option, value]) in pairs.iter().enumerate() {
                let before = |other: u64| pairs[..place].iter().any(|pair| pair[0].into() == other);
                let last = place.checked_sub(1).map(|last| pairs[last][0].into());
                check_option(option.into(), last, options, before)?;
                if !(1..=largest.min(MAX_VALUE)).contains(&value.into()) {
                    return Err(Breach::MarkOutOfRange);
                }
            }
            pairs.len()
        } else {
            // BALLOT-8, COUNT-5: indices in range, distinct, ascending.
            for (place, &option) in selection.iter().enumerate() {
                let before = |other: u64| selection[..place].iter().any(|&one| one.into() == other);
                let last = place.checked_sub(1).map(|last| selection[last].into());
                check_option(option.into(), last, options, before)?;
            }
            selection.len()
        };
        if (named as u64) < self.min {
            return Err(Breach::ChoicesTooFew);
        }
        if named as u64 > self.max {
            return Err(Breach::ChoicesTooMany);
        }
        self.check_values(selection)
    }

    /// BALLOT-17: what all values of a ballot must keep together.
    fn check_values<T: Copy + Into<u64>>(&self, selection: &[T]) -> Result<(), Breach> {
        let values = || selection.iter().skip(1).step_by(2).map(|&value| value.into());
        let within = |total: u64, sum: u64| {
            if total <= sum { Ok(()) } else { Err(Breach::MarksTooManyPoints) }
        };
        // Values have 16 bits and are at most MAX_OPTIONS: no sum of squares reaches 2^43.
        match self.values {
            Values::None | Values::Upto { .. } => Ok(()),
            Values::Sum { sum, .. } => within(values().sum(), sum),
            Values::Squares { sum } => within(values().map(|value| value * value).sum(), sum),
            Values::Rank { sharing } => check_ranks(values(), sharing),
        }
    }
}

/// An option in its place: one of the question's, new, and above the one before it.
fn check_option(
    option: u64,
    last: Option<u64>,
    options: u64,
    stands_before: impl Fn(u64) -> bool,
) -> Result<(), Breach> {
    if option >= options {
        return Err(Breach::ChoiceOutOfRange);
    }
    match last {
        // What stands before is ascending, so only a descent can repeat an older choice.
        Some(last) if option <= last => {
            let repeated = stands_before(option);
            Err(if repeated { Breach::ChoiceDuplicated } else { Breach::ChoiceDisordered })
        }
        _ => Ok(()),
    }
}

/// BALLOT-17: the ranks are 1 to k without a gap, each once unless they may be shared.
fn check_ranks(ranks: impl Iterator<Item = u64>, sharing: Sharing) -> Result<(), Breach> {
    const WORD: usize = 64;
    let mut used = [0_u64; MAX_OPTIONS / WORD];
    let (mut distinct, mut highest) = (0, 0);
    for rank in ranks {
        // Ranks are at most `max`, which COUNT-3 keeps within the options.
        let place = usize::try_from(rank - 1).map_err(|_| Breach::MarkOutOfRange)?;
        let word = used.get_mut(place / WORD).ok_or(Breach::MarkOutOfRange)?;
        let bit = 1 << (place % WORD);
        if *word & bit == 0 {
            distinct += 1;
        } else if sharing == Sharing::Refused {
            return Err(Breach::RankShared);
        }
        *word |= bit;
        highest = highest.max(rank);
    }
    if highest == distinct { Ok(()) } else { Err(Breach::RankMissing) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(min: u64, max: u64, values: Values, selection: &[u16]) -> Result<(), Breach> {
        let form = Form { min, max, values };
        let wide: Vec<u64> = selection.iter().map(|&item| item.into()).collect();
        assert_eq!(form.check(4, &wide), form.check(4, selection));
        form.check(4, selection)
    }

    #[test]
    fn marks_are_judged_from_the_left() {
        // BALLOT-17
        let scores = Values::Upto { largest: 5 };
        for (selection, verdict) in [
            (&[][..], Ok(())),
            (&[0, 5, 3, 1], Ok(())),
            (&[9], Err(Breach::MarksUneven)),
            (&[0, 9, 1], Err(Breach::MarksUneven)),
            (&[4, 0], Err(Breach::ChoiceOutOfRange)),
            (&[2, 1, 2, 0], Err(Breach::ChoiceDuplicated)),
            (&[0, 1, 2, 1, 0, 1], Err(Breach::ChoiceDuplicated)),
            (&[2, 1, 1, 0], Err(Breach::ChoiceDisordered)),
            (&[0, 0, 9, 1], Err(Breach::MarkOutOfRange)),
            (&[0, 6], Err(Breach::MarkOutOfRange)),
            (&[0, 1, 1, 1, 2, 1], Err(Breach::ChoicesTooMany)),
        ] {
            assert_eq!(check(0, 2, scores, selection), verdict, "{selection:?}");
        }
        assert_eq!(check(2, 3, scores, &[0, 1]), Err(Breach::ChoicesTooFew));
        assert_eq!(check(2, 3, scores, &[0, 7]), Err(Breach::MarkOutOfRange));
    }

    #[test]
    fn points_and_credits_are_not_overspent() {
        // BALLOT-17
        let points = Values::Sum { largest: 4, sum: 6 };
        assert_eq!(check(0, 4, points, &[0, 4, 1, 2]), Ok(()));
        assert_eq!(check(0, 4, points, &[0, 4, 1, 3]), Err(Breach::MarksTooManyPoints));
        assert_eq!(check(0, 4, points, &[0, 5]), Err(Breach::MarkOutOfRange));
        assert_eq!(check(0, 1, points, &[0, 4, 1, 3]), Err(Breach::ChoicesTooMany));
        let credits = Values::Squares { sum: 14 };
        assert_eq!(check(0, 4, credits, &[0, 3, 1, 2, 2, 1]), Ok(()));
        assert_eq!(check(0, 4, credits, &[0, 3, 1, 2, 2, 2]), Err(Breach::MarksTooManyPoints));
        assert_eq!(check(0, 4, credits, &[0, 4]), Err(Breach::MarkOutOfRange));
    }

    #[test]
    fn ranks_have_no_gap_and_are_shared_where_the_rule_says_so() {
        // BALLOT-17
        let (apart, shared) = (
            Values::Rank { sharing: Sharing::Refused },
            Values::Rank { sharing: Sharing::Allowed },
        );
        assert_eq!(check(0, 4, apart, &[0, 2, 1, 1, 3, 3]), Ok(()));
        assert_eq!(check(0, 4, apart, &[0, 2, 1, 1, 3, 1]), Err(Breach::RankShared));
        assert_eq!(check(0, 4, shared, &[0, 2, 1, 1, 3, 1]), Ok(()));
        assert_eq!(check(0, 4, apart, &[0, 1, 1, 3]), Err(Breach::RankMissing));
        assert_eq!(check(0, 4, shared, &[0, 2, 1, 2]), Err(Breach::RankMissing));
        assert_eq!(check(0, 4, apart, &[0, 3, 1, 3]), Err(Breach::RankShared));
        assert_eq!(check(0, 2, apart, &[0, 3, 1, 1]), Err(Breach::MarkOutOfRange));
    }

    #[test]
    fn the_longest_selection_has_the_highest_options_and_values() {
        // SEAL-2: the example of sealing.md, and marks.
        assert_eq!(Form::choices(0, 64).longest(64), 106);
        let scores = Form { min: 0, max: 3, values: Values::Upto { largest: 300 } };
        assert_eq!(scores.longest(25), 1 + 2 * (1 + 3) + (2 + 3));
        let ranks = Form { min: 0, max: 2, values: Values::Rank { sharing: Sharing::Allowed } };
        assert_eq!(ranks.longest(5), 1 + 4);
    }
}
