//! Ties: which of two options goes first when a rule cannot tell them apart, and by what.
//!
//! Not here: whether they are tied; each rule decides that.

use core::cmp::Ordering;

use super::rule::TieBreak;

/// What the criteria look at: costs and votes by option, and the criteria in sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ties<'a> {
    pub(super) criteria: &'a [TieBreak],
    pub(super) costs: &'a [u64],
    pub(super) votes: &'a [u64],
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

    use super::{TieBreak, Ties};

    #[test]
    fn criteria_apply_in_sequence_and_listed_order_is_implied() {
        // COUNT-6
        let costs = [5, 3, 3, 3];
        let votes = [9, 1, 4, 4];
        let by = |criteria: &[TieBreak], a, b| {
            Ties { criteria, costs: &costs, votes: &votes }.order(a, b)
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
        Ties { criteria: &criteria, costs: &costs, votes: &votes }.sort(&mut tied);
        assert_eq!(tied, [2, 3, 1, 0]);
    }
}
