//! The transferable vote against a program that keeps a fraction for each ballot.

use proptest::prelude::*;

use super::super::instant_runoff::ballots;
use super::super::marks_tests::random_ranks;
use super::super::rounds::{integer, over};
use super::super::{Outcome, Rule, count};
use super::*;

fn rule(seats: u64, quota: Quota, look_back: LookBack) -> Rule {
    let (min, max, ties) = (0, 5, vec![]);
    Rule::TransferableVote(TransferableVote { min, max, seats, quota, look_back, ties })
}

fn outcome(seats: u64, quota: Quota, orders: &[(usize, &[u16])]) -> Outcome {
    count(&rule(seats, quota, LookBack::None), &[0; 5], &ballots(orders)).unwrap()
}

/// A fraction of small numbers, reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ratio(u128, u128);

impl Ratio {
    fn new(n: u128, d: u128) -> Self {
        let (mut a, mut b) = (n, d);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Self(n / a, d / a)
    }
    fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }
    fn minus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 - other.0 * self.1, self.1 * other.1)
    }
    fn times(self, other: Self) -> Self {
        Self::new(self.0 * other.0, self.1 * other.1)
    }
    fn compare(self, other: Self) -> core::cmp::Ordering {
        (self.0 * other.1).cmp(&(other.0 * self.1))
    }
}

/// Which of these is taken, of those with the most votes or the fewest, by the rounds so far.
fn pick(among: &[u16], most: bool, history: &[Vec<Ratio>], look_back: bool) -> u16 {
    let extreme = |among: &[u16], round: &[Ratio]| -> Vec<u16> {
        let of = |o: &u16| round[usize::from(*o)];
        let best = among.iter().copied().reduce(|a, b| {
            let ordering = of(&b).compare(of(&a));
            let is_better = if most { ordering.is_gt() } else { ordering.is_lt() };
            if is_better { b } else { a }
        });
        let best = of(&best.unwrap());
        among.iter().copied().filter(|o| of(o) == best).collect()
    };
    let (last, before) = history.split_last().unwrap();
    let mut tied = extreme(among, last);
    if look_back {
        for round in before.iter().rev() {
            tied = extreme(&tied, round);
        }
    }
    if most { tied[0] } else { *tied.last().unwrap() }
}

/// Who is elected, by one fraction for each ballot and every sum anew.
fn naive(ballots: &[Vec<u16>], seats: usize, quota: Quota, look_back: bool) -> Vec<bool> {
    let mut orders: Vec<(Vec<u16>, Ratio)> = Vec::new();
    for ballot in ballots.iter().filter(|ballot| !ballot.is_empty()) {
        let mut marks: Vec<_> = ballot.chunks(2).map(|mark| (mark[1], mark[0])).collect();
        marks.sort_unstable();
        orders.push((marks.into_iter().map(|(_, option)| option).collect(), Ratio(1, 1)));
    }
    let all = orders.len() as u128;
    let quota = match quota {
        Quota::Droop => Ratio(all / (seats as u128 + 1) + 1, 1),
        Quota::Hare => Ratio::new(all, seats as u128),
    };
    let mut hopeful: Vec<u16> =
        (0..5).filter(|o| orders.iter().any(|(order, _)| order.contains(o))).collect();
    let mut elected: Vec<u16> = Vec::new();
    // With whom each ballot lies.
    let mut lies: Vec<Option<u16>> = orders.iter().map(|(order, _)| Some(order[0])).collect();
    let mut surplus_of: Vec<u16> = Vec::new();
    let mut kept: Vec<u16> = Vec::new();
    let mut history: Vec<Vec<Ratio>> = Vec::new();
    loop {
        let votes: Vec<Ratio> = (0..5)
            .map(|option| {
                if kept.contains(&option) {
                    return quota;
                }
                let own = lies.iter().zip(&orders).filter(|(with, _)| **with == Some(option));
                own.fold(Ratio(0, 1), |sum, (_, (_, weight))| sum.plus(*weight))
            })
            .collect();
        history.push(votes.clone());
        let of = |option: u16| votes[usize::from(option)];
        let reached: Vec<u16> =
            hopeful.iter().copied().filter(|&o| of(o).compare(quota).is_ge()).collect();
        surplus_of.extend(&reached);
        elected.extend(&reached);
        hopeful.retain(|option| !reached.contains(option));
        if elected.len() + hopeful.len() <= seats {
            elected.append(&mut hopeful);
        }
        if elected.len() >= seats || hopeful.is_empty() {
            return (0..5).map(|option| elected.contains(&option)).collect();
        }
        surplus_of.retain(|&option| of(option).compare(quota).is_gt());
        let pick = |among: &[u16], most: bool| pick(among, most, &history, look_back);
        let (from, part) = if surplus_of.is_empty() {
            let weakest = pick(&hopeful, false);
            hopeful.retain(|&option| option != weakest);
            (weakest, Ratio(1, 1))
        } else {
            surplus_of.sort_unstable();
            let strongest = pick(&surplus_of, true);
            surplus_of.retain(|&option| option != strongest);
            kept.push(strongest);
            let own = of(strongest);
            (strongest, own.minus(quota).times(Ratio(own.1, own.0)))
        };
        for ((order, weight), with) in orders.iter_mut().zip(&mut lies) {
            if *with == Some(from) {
                *weight = weight.times(part);
                let place = order.iter().position(|&option| option == from).unwrap();
                *with = order[place + 1..].iter().copied().find(|o| hopeful.contains(o));
            }
        }
    }
}

#[test]
fn a_surplus_goes_on_in_exact_fractions() {
    // COUNT-49, COUNT-50, COUNT-52: the worked example
    let orders: &[(usize, &[u16])] =
        &[(5, &[0, 1]), (3, &[0, 2]), (1, &[0]), (3, &[3]), (2, &[4, 2]), (1, &[2]), (1, &[])];
    let result = outcome(2, Quota::Droop, orders);
    assert_eq!(result.votes, [9, 0, 1, 3, 2]);
    assert_eq!(result.blank, 1);
    assert_eq!(result.steps[0], Step::Quota { votes: integer(6) });
    let fraction = |n: u64, d: u64| over(n.into(), &d.into());
    let transfer = Step::Transfer {
        from: 0,
        part: fraction(1, 3),
        to: vec![(1, fraction(5, 3)), (2, integer(1))],
        exhausted: fraction(1, 3),
    };
    assert!(result.steps.contains(&transfer), "{:#?}", result.steps);
    assert_eq!(result.selected, [true, false, true, false, false]);
}

#[test]
fn the_quotas_differ() {
    // COUNT-49: 6 ballots, 2 seats: Droop 3, Hare 3; 7 ballots: Droop 3, Hare 7/2
    let orders: &[(usize, &[u16])] = &[(3, &[0]), (2, &[1]), (2, &[2])];
    let quota = |quota| outcome(2, quota, orders).steps[0].clone();
    assert_eq!(quota(Quota::Droop), Step::Quota { votes: integer(3) });
    assert_eq!(quota(Quota::Hare), Step::Quota { votes: over(7_u8.into(), &2_u8.into()) });
}

#[test]
fn as_few_as_there_are_seats_are_elected_without_the_quota() {
    // COUNT-8, COUNT-51: option 4 is named by nobody
    let result = outcome(4, Quota::Droop, &[(5, &[0]), (1, &[1]), (1, &[3])]);
    assert_eq!(result.selected, [true, true, false, true, false]);
    let nobody = outcome(2, Quota::Droop, &[(2, &[])]);
    assert_eq!((nobody.selected, nobody.steps), (vec![false; 5], vec![]));
}

#[test]
fn seats_are_bounded() {
    // COUNT-48
    let check = |seats, options: usize| {
        let (min, max, ties) = (0, 1, vec![]);
        let (quota, look_back) = (Quota::Droop, LookBack::None);
        let rule = TransferableVote { min, max, seats, quota, look_back, ties };
        Rule::TransferableVote(rule).check(&vec![0; options]).is_ok()
    };
    assert!(check(1, 1) && check(12, 20));
    assert!(!check(0, 1) && !check(2, 1) && !check(13, 20));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_elected_are_those_of_the_law_word_by_word(
        ballots in random_ranks(5, false, 12), seats in 1..4_usize, hare: bool, look_back: bool,
    ) {
        // COUNT-9, COUNT-49, COUNT-50, COUNT-51, COUNT-52, COUNT-53
        let quota = if hare { Quota::Hare } else { Quota::Droop };
        let back = if look_back { LookBack::Backwards } else { LookBack::None };
        let rule = rule(seats as u64, quota, back);
        let result = count(&rule, &[0; 5], &ballots).unwrap();
        prop_assert_eq!(&result.selected, &naive(&ballots, seats, quota, look_back));
        let mut turned = ballots.clone();
        turned.reverse();
        prop_assert_eq!(&count(&rule, &[0; 5], &turned).unwrap(), &result);
        // No vote is lost: what lies with options and what is exhausted is all there is.
        let voters = ballots.iter().filter(|ballot| !ballot.is_empty()).count() as u64;
        for step in &result.steps {
            let Step::Round { votes, exhausted } = step else { continue };
            let sum = votes.iter().flatten().chain([exhausted]).fold((0_u128, 1_u128), |sum, one| {
                let [n, d] = [one.numerator(), one.denominator()]
                    .map(|number| u128::try_from(number.clone()).unwrap());
                let ratio = Ratio::new(sum.0 * d + n * sum.1, sum.1 * d);
                (ratio.0, ratio.1)
            });
            prop_assert_eq!(sum, (u128::from(voters), 1));
        }
    }
}
