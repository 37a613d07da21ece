//! Schulze against a program that walks every path, and the example of its author.

use proptest::prelude::*;

use super::super::instant_runoff::ballots;
use super::super::marks_tests::random_ranks;
use super::super::{Outcome, Rule, count};
use super::*;

fn rule(sharing: Sharing, winners: u64, options: u64) -> Rule {
    Rule::Schulze(Schulze { min: 0, max: options, sharing, winners, ties: vec![] })
}

fn outcome(winners: u64, options: usize, orders: &[(usize, &[u16])]) -> Outcome {
    let rule = rule(Sharing::Refused, winners, options as u64);
    count(&rule, &vec![0; options], &ballots(orders)).unwrap()
}

/// Strength of the strongest path, by walking all that visit no option twice.
fn walk(links: &[Vec<u64>], from: usize, to: usize, seen: &mut Vec<usize>) -> u64 {
    let mut best = links[from][to];
    seen.push(from);
    for by in 0..links.len() {
        if by != to && !seen.contains(&by) && links[from][by] > 0 {
            best = best.max(links[from][by].min(walk(links, by, to, seen)));
        }
    }
    seen.pop();
    best
}

/// The selected options by the law, word by word.
fn naive(ballots: &[Vec<u16>], options: u16, winners: usize) -> Vec<bool> {
    let rank = |ballot: &[u16], option: u16| {
        ballot.chunks(2).find(|mark| mark[0] == option).map_or(u16::MAX, |mark| mark[1])
    };
    let before = |a: u16, b: u16| {
        ballots.iter().filter(|ballot| rank(ballot, a) < rank(ballot, b)).count() as u64
    };
    let link = |a, b| if before(a, b) > before(b, a) { before(a, b) } else { 0 };
    let links: Vec<Vec<u64>> =
        (0..options).map(|a| (0..options).map(|b| link(a, b)).collect()).collect();
    let path = |a: u16, b: u16| walk(&links, a.into(), b.into(), &mut vec![]);
    let mut rest: Vec<u16> =
        (0..options).filter(|&o| ballots.iter().any(|b| rank(b, o) < u16::MAX)).collect();
    let mut selected = vec![false; usize::from(options)];
    let mut left = winners;
    while left > 0 && !rest.is_empty() {
        let set: Vec<u16> = rest
            .iter()
            .copied()
            .filter(|&a| rest.iter().all(|&b| path(b, a) <= path(a, b)))
            .collect();
        for &option in set.iter().take(left) {
            selected[usize::from(option)] = true;
        }
        left -= left.min(set.len());
        rest.retain(|option| !set.contains(option));
    }
    selected
}

/// 45 ballots over the options A to E, from M. Schulze, "A New Monotonic, Clone-Independent,
/// Reversal Symmetric, and Condorcet-Consistent Single-Winner Election Method", 2011.
const EXAMPLE: &[(usize, &[u16])] = &[
    (5, &[0, 2, 1, 4, 3]),
    (5, &[0, 3, 4, 2, 1]),
    (8, &[1, 4, 3, 0, 2]),
    (3, &[2, 0, 1, 4, 3]),
    (7, &[2, 0, 4, 1, 3]),
    (2, &[2, 1, 0, 3, 4]),
    (7, &[3, 2, 4, 1, 0]),
    (8, &[4, 1, 0, 3, 2]),
];

#[test]
fn the_example_of_its_author_comes_out() {
    // COUNT-55, COUNT-56, COUNT-57: the order is E, A, C, B, D
    for (winners, selected) in [
        (1, [false, false, false, false, true]),
        (2, [true, false, false, false, true]),
        (3, [true, false, true, false, true]),
        (4, [true, true, true, false, true]),
    ] {
        let result = outcome(winners, 5, EXAMPLE);
        assert_eq!(result.selected, selected);
        let Step::Contests { preferences, paths } = &result.steps[0] else { panic!() };
        assert_eq!(preferences[0], [0, 20, 26, 30, 22]);
        assert_eq!(paths[4], [25, 28, 28, 31, 0]);
        assert_eq!(paths[1], [25, 0, 28, 33, 24]);
    }
}

#[test]
fn a_circle_of_equal_strength_is_a_tie() {
    // COUNT-6, COUNT-57: the worked example
    let circle: &[(usize, &[u16])] = &[(1, &[0, 1, 2]), (1, &[1, 2, 0]), (1, &[2, 0, 1])];
    let result = outcome(2, 4, circle);
    assert_eq!(result.votes, [2, 2, 2, 0]);
    assert_eq!(result.selected, [true, true, false, false]);
    let (among, chosen, by) = (vec![0, 1, 2], vec![0, 1], TieBreak::ListedOrder);
    assert_eq!(result.steps[1], Step::Tie { among, chosen, by });
}

#[test]
fn winners_are_bounded() {
    // COUNT-54
    for (winners, lawful) in [(0, false), (1, true), (3, true), (4, false)] {
        assert_eq!(rule(Sharing::Allowed, winners, 3).check(&[0; 3]).is_ok(), lawful);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_selected_are_those_of_the_law_word_by_word(
        ballots in random_ranks(5, true, 11), winners in 1..5_u64,
    ) {
        // COUNT-9, COUNT-55, COUNT-56, COUNT-57
        let rule = rule(Sharing::Allowed, winners, 5);
        let result = count(&rule, &[0; 5], &ballots).unwrap();
        let expected = naive(&ballots, 5, usize::try_from(winners).unwrap());
        prop_assert_eq!(&result.selected, &expected);
        let mut turned = ballots.clone();
        turned.reverse();
        prop_assert_eq!(&count(&rule, &[0; 5], &turned).unwrap(), &result);
    }
}
