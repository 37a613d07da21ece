//! Ties: which of two options goes first when a rule cannot tell them apart, and by what.
//!
//! Not here: whether they are tied; each rule decides that.

use core::cmp::Ordering;

use super::coded::coded_enum;
use super::lot::Lot;
use crate::breach::Breach;
use crate::encoding::Decoder;

coded_enum! {
    /// What decides between options that a rule cannot tell apart; criteria apply in sequence.
    TieBreak {
        /// The option listed first in the definition goes first. Decides every tie.
        ListedOrder,
        /// The option of the lowest cost goes first.
        LowestCost,
        /// The option of the most votes, as the rule's document defines votes, goes first.
        MostVotes,
        /// The option of the lowest number in the lot goes first. Decides every tie.
        Lot,
    }
}

impl TieBreak {
    /// Whether nothing that stands after it could decide.
    const fn decides_all(self) -> bool {
        matches!(self, Self::ListedOrder | Self::Lot)
    }
}

/// COUNT-4: distinct, and what decides every tie only as the last.
pub(super) fn are_lawful(ties: &[TieBreak]) -> bool {
    ties.iter().enumerate().all(|(place, criterion)| {
        let last = place + 1 == ties.len();
        !ties[..place].contains(criterion) && (!criterion.decides_all() || last)
    })
}

/// Reads the criteria from a definition.
pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Vec<TieBreak>, Breach> {
    let mut seen = Vec::new();
    // ENTRY-6: they are bounded by being distinct, each judged as it is read.
    decoder.list(0, usize::MAX, |decoder| {
        let tie = TieBreak::decode(decoder)?;
        if seen.contains(&tie) {
            return Err(Breach::EntryFields);
        }
        seen.push(tie);
        Ok(tie)
    })
}

/// What the criteria look at, by option, and the criteria in sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ties<'a> {
    pub(super) criteria: &'a [TieBreak],
    pub(super) costs: &'a [u64],
    pub(super) votes: &'a [u64],
    /// What was drawn; there wherever a criterion asks for it.
    pub(super) lot: Option<&'a Lot>,
}

impl Ties<'_> {
    /// Which of two different options goes first (`Less`: `a` does), and by which criterion.
    pub(super) fn order(&self, a: u16, b: u16) -> (Ordering, TieBreak) {
        let (left, right) = (usize::from(a), usize::from(b));
        // COUNT-6: the listed criteria in sequence, then listed order
        for &criterion in self.criteria {
            let ordering = match criterion {
                TieBreak::ListedOrder => a.cmp(&b),
                TieBreak::LowestCost => self.costs[left].cmp(&self.costs[right]),
                TieBreak::MostVotes => self.votes[right].cmp(&self.votes[left]),
                TieBreak::Lot => {
                    let number = |option| self.lot.and_then(|lot| lot.number(option));
                    number(a).cmp(&number(b))
                }
            };
            if ordering != Ordering::Equal {
                return (ordering, criterion);
            }
        }
        (a.cmp(&b), TieBreak::ListedOrder)
    }

    /// Puts tied options into the order in which they go.
    pub(super) fn sort(&self, tied: &mut [u16]) {
        tied.sort_unstable_by(|&a, &b| self.order(a, b).0);
    }
}

#[cfg(test)]
mod tests {
    use core::cmp::Ordering;

    use super::{Lot, TieBreak, Ties};
    use crate::hash::Hash;

    #[test]
    fn criteria_apply_in_sequence_and_listed_order_is_implied() {
        // COUNT-6
        let costs = [5, 3, 3, 3];
        let votes = [9, 1, 4, 4];
        let by = |criteria: &[TieBreak], a, b| {
            Ties { criteria, costs: &costs, votes: &votes, lot: None }.order(a, b)
        };
        let cheap = [TieBreak::LowestCost, TieBreak::MostVotes];
        assert_eq!(by(&cheap, 0, 1), (Ordering::Greater, TieBreak::LowestCost));
        assert_eq!(by(&cheap, 1, 2), (Ordering::Greater, TieBreak::MostVotes));
        assert_eq!(by(&cheap, 2, 3), (Ordering::Less, TieBreak::ListedOrder));
        assert_eq!(by(&[TieBreak::MostVotes], 0, 1), (Ordering::Less, TieBreak::MostVotes));
        assert_eq!(by(&[], 3, 0), (Ordering::Greater, TieBreak::ListedOrder));
        assert_eq!(by(&[TieBreak::ListedOrder], 0, 3), (Ordering::Less, TieBreak::ListedOrder));
    }

    #[test]
    fn sorting_follows_the_order() {
        let (costs, votes) = ([5, 3, 3, 3], [9, 1, 4, 4]);
        let criteria = [TieBreak::LowestCost, TieBreak::MostVotes];
        let mut tied = [0, 1, 2, 3];
        Ties { criteria: &criteria, costs: &costs, votes: &votes, lot: None }.sort(&mut tied);
        assert_eq!(tied, [2, 3, 1, 0]);
    }

    #[test]
    fn a_lot_decides_by_its_numbers() {
        // COUNT-6, COUNT-33
        let lot = Lot::draw(&Hash([7; 32]), 0, ["a", "b", "c", "d"]);
        let criteria = [TieBreak::Lot];
        let ties = Ties { criteria: &criteria, costs: &[0; 4], votes: &[1; 4], lot: Some(&lot) };
        let mut options = [0, 1, 2, 3];
        ties.sort(&mut options);
        assert!(options.is_sorted_by_key(|&option| lot.number(option)));
        assert_eq!(ties.order(options[0], options[1]), (Ordering::Less, TieBreak::Lot));
    }
}
