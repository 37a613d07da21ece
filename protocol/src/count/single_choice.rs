//! Single choice: one winner, the option on the most ballots (`spec/count.md`, section 3).

use super::{Step, Ties, approval};

/// Which option is selected, and the tie that had to be decided, if any.
pub(super) fn select(ties: Ties<'_>) -> (Vec<bool>, Vec<Step>) {
    // COUNT-11: the option with the most votes, none when nobody named one
    approval::select(ties, 1)
}

#[cfg(test)]
mod tests {
    use super::super::{Blank, Rule, Step, TieBreak, count};

    fn winner(ties: Vec<TieBreak>, costs: &[u64], ballots: &[&[u16]]) -> Option<usize> {
        let rule = Rule::SingleChoice { blank: Blank::Allowed, ties };
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
        let rule = Rule::SingleChoice { blank: Blank::Refused, ties: vec![TieBreak::LowestCost] };
        let outcome = count(&rule, &[1, 9, 4], ballots).unwrap();
        let tie = Step::Tie { among: vec![2, 1], chosen: vec![2], by: TieBreak::LowestCost };
        assert_eq!(outcome.steps, [tie]);
        assert_eq!((outcome.votes, outcome.spent), (vec![1, 2, 2], 4));
    }
}
