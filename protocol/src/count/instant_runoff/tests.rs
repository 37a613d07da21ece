//! Instant runoff against a program that reads the law word by word, and its ties.

use proptest::prelude::*;

use super::super::marks_tests::random_ranks;
use super::super::{Condition, Outcome, Rule, Terms, count, count_on};
use super::*;

fn rule(look_back: LookBack, ties: Vec<TieBreak>) -> Rule {
    Rule::InstantRunoff(InstantRunoff { min: 0, max: 4, look_back, ties })
}

/// Ballots by options in the order of their ranks, each with how often it stands.
pub(in crate::count) fn ballots(orders: &[(usize, &[u16])]) -> Vec<Vec<u16>> {
    let marks = |order: &[u16]| {
        let mut marks: Vec<_> = order.iter().zip(1_u16..).map(|(&o, rank)| [o, rank]).collect();
        marks.sort_unstable();
        marks.concat()
    };
    orders.iter().flat_map(|&(times, order)| vec![marks(order); times]).collect()
}

fn outcome(look_back: LookBack, ties: Vec<TieBreak>, orders: &[(usize, &[u16])]) -> Outcome {
    count(&rule(look_back, ties), &[0; 4], &ballots(orders)).unwrap()
}

/// The winner by the law, every round counted anew from the ballots.
fn naive(ballots: &[Vec<u16>], look_back: bool) -> Option<u16> {
    let mut standing: Vec<u16> =
        (0..4).filter(|&o| ballots.iter().any(|b| b.chunks(2).any(|m| m[0] == o))).collect();
    let votes = |standing: &[u16], option: u16| {
        let best = |ballot: &Vec<u16>| {
            let marks = ballot.chunks(2).filter(|mark| standing.contains(&mark[0]));
            marks.min_by_key(|mark| mark[1]).map(|mark| mark[0])
        };
        ballots.iter().filter(|ballot| best(ballot) == Some(option)).count()
    };
    let mut history: Vec<Vec<u16>> = Vec::new();
    while !standing.is_empty() {
        history.push(standing.clone());
        let all: usize = standing.iter().map(|&o| votes(&standing, o)).sum();
        if let Some(&winner) = standing.iter().find(|&&o| votes(&standing, o) * 2 > all) {
            return Some(winner);
        }
        let fewest = |round: &[u16], among: &[u16]| -> Vec<u16> {
            let least = among.iter().map(|&o| votes(round, o)).min().unwrap();
            among.iter().copied().filter(|&o| votes(round, o) == least).collect()
        };
        let mut tied = fewest(&standing, &standing);
        if look_back {
            for round in history.iter().rev().skip(1) {
                tied = fewest(round, &tied);
            }
        }
        let leaves = *tied.last().unwrap();
        standing.retain(|&option| option != leaves);
    }
    None
}

#[test]
fn the_weakest_leaves_until_one_has_a_majority() {
    // COUNT-44, COUNT-45, COUNT-46: the worked example
    let orders: &[(usize, &[u16])] = &[(4, &[0, 1]), (3, &[1, 0]), (2, &[2, 1]), (1, &[])];
    let result = outcome(LookBack::None, vec![], orders);
    assert_eq!(result.votes, [4, 3, 2, 0]);
    assert_eq!(result.selected, [false, true, false, false]);
    assert_eq!(result.blank, 1);
    let transfer = result.steps.iter().find(|step| matches!(step, Step::Transfer { .. }));
    let to = vec![(1, integer(2))];
    let (part, exhausted) = (integer(1), integer(0));
    assert_eq!(transfer, Some(&Step::Transfer { from: 2, part, to, exhausted }));
    assert_eq!(result.steps.last(), Some(&Step::Elected { option: 1, votes: integer(5) }));
}

#[test]
fn exhausted_ballots_do_not_count_against_a_majority() {
    // COUNT-45: after option 2 has left, 4 of 7 is more than half
    let result = outcome(LookBack::None, vec![], &[(4, &[0]), (3, &[1]), (2, &[2])]);
    assert_eq!(result.selected, [true, false, false, false]);
}

#[test]
fn a_condition_looks_at_the_last_round() {
    // COUNT-31: 4 of 9 ballots is no majority of all that are not blank, 5 of 9 is
    let conditions = &[Condition::MAJORITY];
    let terms = Terms { conditions, eligible: 9, lot: None };
    let decided = |orders: &[(usize, &[u16])]| {
        let rule = rule(LookBack::None, vec![]);
        count_on(&rule, &terms, &[0; 4], &ballots(orders)).unwrap().selected
    };
    assert_eq!(decided(&[(4, &[0]), (3, &[1]), (2, &[2])]), [false; 4]);
    assert_eq!(decided(&[(4, &[0]), (3, &[1]), (2, &[2, 1])]), [false, true, false, false]);
}

#[test]
fn a_tie_is_decided_by_earlier_rounds_or_by_the_criteria() {
    // COUNT-46: after option 3 has left, options 1 and 2 have 3 each; in the first round 2 and 3
    let orders: &[(usize, &[u16])] = &[(4, &[0]), (2, &[1, 0]), (3, &[2, 1]), (1, &[3, 1])];
    let back = outcome(LookBack::Backwards, vec![], orders);
    let looked = back.steps.iter().find(|step| matches!(step, Step::LookBack { .. }));
    assert_eq!(looked, Some(&Step::LookBack { among: vec![1, 2], taken: 1, round: 0 }));
    let listed = outcome(LookBack::None, vec![], orders);
    let tie = Step::Tie { among: vec![1, 2], chosen: vec![1], by: TieBreak::ListedOrder };
    assert!(listed.steps.contains(&tie));
    let votes = outcome(LookBack::None, vec![TieBreak::MostVotes], orders);
    let tie = Step::Tie { among: vec![2, 1], chosen: vec![2], by: TieBreak::MostVotes };
    assert!(votes.steps.contains(&tie));
    assert_eq!(back.selected, votes.selected);
    assert_ne!(back.selected, listed.selected);
}

#[test]
fn nobody_is_selected_where_nobody_is_named() {
    // COUNT-8
    for orders in [&[][..], &[(3, &[][..])]] {
        let result = outcome(LookBack::Backwards, vec![], orders);
        assert_eq!((result.selected, result.steps), (vec![false; 4], vec![]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_winner_is_that_of_the_law_word_by_word(
        ballots in random_ranks(4, false, 14), look_back: bool,
    ) {
        // COUNT-9, COUNT-45, COUNT-46
        let back = if look_back { LookBack::Backwards } else { LookBack::None };
        let result = count(&rule(back, vec![]), &[0; 4], &ballots).unwrap();
        let winner = result.selected.iter().position(|selected| *selected);
        prop_assert_eq!(winner.map(|o| u16::try_from(o).unwrap()), naive(&ballots, look_back));
        let mut turned = ballots.clone();
        turned.reverse();
        prop_assert_eq!(count(&rule(back, vec![]), &[0; 4], &turned).unwrap(), result);
    }
}
