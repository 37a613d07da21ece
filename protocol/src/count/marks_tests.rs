//! What the tests of several rules share: ballots by marks and rankings, and the plain loop that
//! every rule by sums has to agree with.

use proptest::prelude::*;

use super::{Rule, count};

/// Ballots that mark any of so many options with values up to `largest`.
pub(super) fn random_marks(
    options: u16,
    largest: u16,
    ballots: usize,
) -> impl Strategy<Value = Vec<Vec<u16>>> {
    let ballot = prop::collection::vec(0..=largest, usize::from(options));
    let ballot = ballot.prop_map(|values| {
        let marks = (0..).zip(values).filter(|(_, value)| *value > 0);
        marks.flat_map(|(option, value)| [option, value]).collect()
    });
    prop::collection::vec(ballot, 0..=ballots)
}

/// Ballots that rank any of so many options, several alike where `shared`; few different ones.
pub(super) fn random_ranks(
    options: u16,
    shared: bool,
    ballots: usize,
) -> impl Strategy<Value = Vec<Vec<u16>>> {
    let ballot = prop::collection::vec(0..=options, usize::from(options));
    let ballot = ballot.prop_map(move |wishes| {
        let mut ranked: Vec<(u16, u16)> =
            (0..).zip(wishes).filter(|(_, wish)| *wish > 0).map(|(o, wish)| (wish, o)).collect();
        ranked.sort_unstable();
        let mut marks = Vec::new();
        let (mut rank, mut last) = (0, 0);
        for (wish, option) in ranked {
            if !shared || wish != last {
                rank += 1;
            }
            last = wish;
            marks.push([option, rank]);
        }
        marks.sort_unstable();
        marks.concat()
    });
    prop::collection::vec(ballot, 0..=ballots)
}

/// Holds a rule by sums against a plain loop, in any order of the ballots, with listed order for
/// ties.
pub(super) fn check_linear(
    rule: &Rule,
    options: u16,
    ballots: &[Vec<u16>],
    winners: u64,
) -> Result<(), TestCaseError> {
    let outcome = count(rule, &vec![0; usize::from(options)], ballots).unwrap();
    let sum = |option: u16| -> u64 {
        let marks = ballots.iter().flat_map(|ballot| ballot.chunks(2));
        marks.filter(|mark| mark[0] == option).map(|mark| u64::from(mark[1])).sum()
    };
    let sums: Vec<u64> = (0..options).map(sum).collect();
    for (option, &votes) in sums.iter().enumerate() {
        let before = sums
            .iter()
            .enumerate()
            .filter(|&(other, &theirs)| theirs > votes || (theirs == votes && other < option));
        let selected = votes > 0 && (before.count() as u64) < winners;
        prop_assert_eq!(outcome.selected[option], selected);
    }
    prop_assert_eq!(&outcome.votes, &sums);
    let mut turned = ballots.to_vec();
    turned.reverse();
    prop_assert_eq!(count(rule, &vec![0; usize::from(options)], &turned).unwrap(), outcome);
    Ok(())
}
