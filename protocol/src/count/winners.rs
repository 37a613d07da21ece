//! The first few options of an order: what every rule does whose options are compared one by one.
//!
//! Not here: by what they are compared.

use core::cmp::Ordering;

use super::step::Step;
use super::ties::Ties;

/// Selects the first `winners` of the options that some ballot names, by `compare` (`Less` goes
/// first) and then by `ties`; tells the tie at the border, if one had to be decided.
pub(super) fn first(
    ties: Ties<'_>,
    is_named: impl Fn(usize) -> bool,
    winners: u64,
    compare: impl Fn(usize, usize) -> Ordering,
) -> (Vec<bool>, Vec<Step>) {
    let options = ties.costs.len();
    let compare = |a: u16, b: u16| compare(usize::from(a), usize::from(b));
    // COUNT-8: an option that no ballot names is never selected
    let mut order: Vec<u16> =
        (0_u16..=u16::MAX).take(options).filter(|&option| is_named(usize::from(option))).collect();
    order.sort_unstable_by(|&a, &b| compare(a, b).then_with(|| ties.order(a, b).0));
    let seats = usize::try_from(winners).unwrap_or(usize::MAX).min(order.len());
    let mut selected = vec![false; options];
    for &option in &order[..seats] {
        selected[usize::from(option)] = true;
    }
    (selected, border_tie(ties, &order, seats, compare).into_iter().collect())
}

/// The tie between the last option with a seat and the first without one.
fn border_tie(
    ties: Ties<'_>,
    order: &[u16],
    seats: usize,
    compare: impl Fn(u16, u16) -> Ordering,
) -> Option<Step> {
    let (last, first_out) = (*order.get(seats.checked_sub(1)?)?, *order.get(seats)?);
    if compare(last, first_out) != Ordering::Equal {
        return None;
    }
    let is_level = |option: &&u16| compare(**option, last) == Ordering::Equal;
    Some(Step::Tie {
        among: order.iter().filter(is_level).copied().collect(),
        chosen: order[..seats].iter().filter(is_level).copied().collect(),
        // COUNT-10: what separates the last chosen from the first not chosen
        by: ties.order(last, first_out).1,
    })
}

#[cfg(test)]
mod tests {
    use super::super::ties::{TieBreak, Ties};
    use super::{Step, first};

    #[test]
    fn only_the_border_has_a_tie_that_matters() {
        // COUNT-8, COUNT-10
        let (votes, costs) = ([3, 5, 3, 5, 0], [0; 5]);
        let ties = Ties { criteria: &[], costs: &costs, votes: &votes, lot: None };
        let select =
            |winners| first(ties, |o| votes[o] > 0, winners, |a, b| votes[b].cmp(&votes[a]));
        assert_eq!(select(2), (vec![false, true, false, true, false], vec![]));
        let tie = Step::Tie { among: vec![0, 2], chosen: vec![0], by: TieBreak::ListedOrder };
        assert_eq!(select(3), (vec![true, true, false, true, false], vec![tie]));
        assert_eq!(select(9).0, [true, true, true, true, false]);
    }
}
