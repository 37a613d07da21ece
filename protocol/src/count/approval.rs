//! Approval: the options on the most ballots, up to a number of winners (`spec/count.md`,
//! section 4).

use super::{Step, Ties};

/// Which options are selected, and the tie at the border that had to be decided, if any.
pub(super) fn select(ties: Ties<'_>, winners: u64) -> (Vec<bool>, Vec<Step>) {
    let votes = ties.votes;
    // COUNT-8: an option that no ballot names is never selected
    let mut order: Vec<u16> =
        (0_u16..=u16::MAX).take(votes.len()).filter(|&o| votes[usize::from(o)] > 0).collect();
    // COUNT-14: most votes first, ties by the criteria
    order.sort_unstable_by(|&a, &b| {
        votes[usize::from(b)].cmp(&votes[usize::from(a)]).then_with(|| ties.order(a, b).0)
    });
    let seats = usize::try_from(winners).unwrap_or(usize::MAX).min(order.len());
    let mut selected = vec![false; votes.len()];
    for &option in &order[..seats] {
        selected[usize::from(option)] = true;
    }
    (selected, border_tie(ties, &order, seats).into_iter().collect())
}

/// The tie between the last option with a seat and the first without one.
fn border_tie(ties: Ties<'_>, order: &[u16], seats: usize) -> Option<Step> {
    let (last, first_out) = (*order.get(seats.checked_sub(1)?)?, *order.get(seats)?);
    let level = ties.votes[usize::from(last)];
    if ties.votes[usize::from(first_out)] != level {
        return None;
    }
    let level_with = |option: &&u16| ties.votes[usize::from(**option)] == level;
    Some(Step::Tie {
        among: order.iter().filter(level_with).copied().collect(),
        chosen: order[..seats].iter().filter(level_with).copied().collect(),
        // COUNT-10: what separates the last chosen from the first not chosen
        by: ties.order(last, first_out).1,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Outcome, Rule, Step, TieBreak, count};

    fn outcome(winners: u64, ties: Vec<TieBreak>, costs: &[u64], ballots: &[&[u16]]) -> Outcome {
        let max = costs.len() as u64;
        count(&Rule::Approval { min: 0, max, winners, ties }, costs, ballots).unwrap()
    }

    #[test]
    fn the_options_with_the_most_votes_win() {
        // COUNT-14
        let ballots: &[&[u16]] = &[&[0, 1, 3], &[1, 3], &[1], &[]];
        let result = outcome(2, vec![], &[0; 4], ballots);
        assert_eq!(result.votes, [1, 3, 0, 2]);
        assert_eq!(result.selected, [false, true, false, true]);
        assert_eq!(result.blank, 1);
        assert_eq!(result.steps, []);
    }

    #[test]
    fn an_option_without_votes_never_wins() {
        // COUNT-8
        let result = outcome(3, vec![], &[0; 3], &[&[2], &[2]]);
        assert_eq!(result.selected, [false, false, true]);
    }

    #[test]
    fn a_tie_at_the_border_is_decided_and_reported() {
        // COUNT-10
        let ballots: &[&[u16]] = &[&[0, 1, 2, 3], &[0, 1, 2, 3], &[0]];
        let ties = vec![TieBreak::LowestCost, TieBreak::ListedOrder];
        let result = outcome(3, ties, &[7, 5, 5, 2], ballots);
        assert_eq!(result.selected, [true, true, false, true]);
        let by = TieBreak::ListedOrder;
        assert_eq!(result.steps, [Step::Tie { among: vec![3, 1, 2], chosen: vec![3, 1], by }]);
        assert_eq!(result.spent, 14);
    }

    #[test]
    fn a_tie_away_from_the_border_decides_nothing() {
        // COUNT-10
        let result = outcome(2, vec![], &[0; 3], &[&[0, 1], &[0, 1], &[2]]);
        assert_eq!(result.selected, [true, true, false]);
        assert_eq!(result.steps, []);
    }
}
