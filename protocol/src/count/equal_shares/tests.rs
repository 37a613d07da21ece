//! Equal Shares as a whole: a real city's outcome, the completions, and what they report.

mod naive;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::{
    Arena, Completion, End, EqualShares, Exhaustion, Fraction, Outcome, Rule, Step, TieBreak, count,
};
use crate::interchange::pabulib::{self, Pabulib};
use naive::Instance;

fn wieliczka() -> Pabulib {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/data/wieliczka-2023/wieliczka_2023_green_budget.pb"
    );
    pabulib::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn outcome_of(file: &Pabulib, completion: Completion, exhaustion: Exhaustion) -> Outcome {
    let costs: Vec<u64> = file.projects.iter().map(|project| project.cost).collect();
    let ballots: Arena = file.ballots.iter().map(pabulib::Ballot::approvals).collect();
    let ties = vec![TieBreak::LowestCost, TieBreak::MostVotes];
    let (min, max, budget) = (1, costs.len() as u64, file.budget);
    let rule = EqualShares { min, max, budget, completion, exhaustion, ties };
    count(&Rule::EqualShares(rule), &costs, &ballots).unwrap()
}

fn ids(file: &Pabulib, outcome: &Outcome) -> BTreeSet<String> {
    let pairs = file.projects.iter().zip(&outcome.selected);
    pairs.filter(|(_, selected)| **selected).map(|(project, _)| project.id.clone()).collect()
}

#[test]
fn wieliczka_gives_the_official_outcome() {
    // COUNT-22: no stop at the first exhaustive outcome
    let file = wieliczka();
    let outcome = outcome_of(&file, Completion::Add1, Exhaustion::Run);
    let official: BTreeSet<_> =
        file.projects.iter().filter(|p| p.selected == Some(1)).map(|p| p.id.clone()).collect();
    assert_eq!(ids(&file, &outcome), official);
    assert_eq!((official.len(), outcome.spent, outcome.blank), (30, 995_079, 0));
}

#[test]
fn wieliczka_with_the_stop_gives_another_outcome() {
    // COUNT-23
    let file = wieliczka();
    let run = ids(&file, &outcome_of(&file, Completion::Add1, Exhaustion::Run));
    let stop = outcome_of(&file, Completion::Add1, Exhaustion::Stop);
    let stopped = ids(&file, &stop);
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect();
    let (lost, gained): (Vec<_>, Vec<_>) = (only(&run, &stopped), only(&stopped, &run));
    assert_eq!((lost, gained), (vec!["46".to_owned()], vec!["66".to_owned(), "67".to_owned()]));
    assert_eq!(stop.steps.last(), Some(&Step::Ended { reason: End::Exhaustive }));
}

fn rule(instance: &Instance) -> Rule {
    let Instance { ref costs, budget, completion, exhaustion, ref ties, .. } = *instance;
    let (max, ties) = (costs.len() as u64, ties.clone());
    Rule::EqualShares(EqualShares { min: 0, max, budget, completion, exhaustion, ties })
}

fn counted(instance: &Instance) -> Outcome {
    count(&rule(instance), &instance.costs, &instance.ballots).unwrap()
}

/// Small polls with few different costs and ballots, so that rates and purses tie often.
fn instances(
    max_options: u16,
    max_ballots: usize,
    max_cost: u64,
) -> impl Strategy<Value = Instance> {
    (1..=max_options).prop_flat_map(move |options| {
        let bits = prop::collection::vec(0..1_u32 << options, 0..=max_ballots);
        let costs = prop::collection::vec(1..=max_cost, usize::from(options));
        let budget = 1..=max_cost * u64::from(options);
        let completion = prop::sample::select(vec![
            (Completion::None, Exhaustion::Run),
            (Completion::Add1, Exhaustion::Run),
            (Completion::Add1, Exhaustion::Stop),
            (Completion::Add1u, Exhaustion::Run),
            (Completion::Add1u, Exhaustion::Stop),
        ]);
        let ties = prop::sample::select(vec![
            vec![],
            vec![TieBreak::LowestCost, TieBreak::MostVotes],
            vec![TieBreak::MostVotes, TieBreak::LowestCost],
            vec![TieBreak::LowestCost, TieBreak::ListedOrder],
        ]);
        (costs, budget, bits, completion, ties).prop_map(move |(costs, budget, bits, how, ties)| {
            let ballot = |bits: u32| (0..options).filter(|o| bits >> o & 1 == 1).collect();
            let ballots = bits.into_iter().map(ballot).collect();
            Instance { costs, budget, ballots, completion: how.0, exhaustion: how.1, ties }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn counts_decide_as_plain_fractions_do(instance in instances(6, 12, 8)) {
        // COUNT-9, COUNT-16, COUNT-17, COUNT-18, COUNT-19, COUNT-20, COUNT-21, COUNT-22, COUNT-23,
        // COUNT-24: the other program reads the law word by word
        prop_assert_eq!(counted(&instance).selected, instance.selected());
    }

    #[test]
    fn long_stretches_of_equal_runs_are_skipped_rightly(instance in instances(5, 5, 400)) {
        // COUNT-22
        prop_assert_eq!(counted(&instance).selected, instance.selected());
    }

    #[test]
    fn the_order_of_ballots_never_matters(instance in instances(6, 12, 8), turn in 0..12_usize) {
        // COUNT-9
        let mut other = instance.clone();
        other.ballots.reverse();
        let turn = turn % other.ballots.len().max(1);
        other.ballots.rotate_left(turn);
        prop_assert_eq!(counted(&instance), counted(&other));
    }

    #[test]
    fn the_report_adds_up(instance in instances(6, 12, 8)) {
        // COUNT-18, COUNT-25
        let outcome = counted(&instance);
        let costs = instance.costs.iter().zip(&outcome.selected);
        let spent: u64 = costs.filter(|(_, chosen)| **chosen).map(|(cost, _)| cost).sum();
        prop_assert_eq!(outcome.spent, spent);
        prop_assert!(spent <= instance.budget);
        let mut reported = vec![false; instance.costs.len()];
        for step in &outcome.steps {
            let option = match step {
                Step::Purchase { option, cost, supporters, in_full, share, rate } => {
                    prop_assert!(in_full >= &1 && in_full <= supporters);
                    // The share covers the cost at most once, and entirely with all supporters.
                    prop_assert!(share.numerator() * *in_full <= share.denominator() * *cost);
                    prop_assert!(share.numerator() * *supporters >= share.denominator() * *cost);
                    let (n, d) = (rate.numerator() * *cost, rate.denominator().clone());
                    prop_assert_eq!(share, &Fraction::new(n, d).unwrap());
                    option
                }
                Step::Addition { option, .. } => option,
                _ => continue,
            };
            prop_assert!(!std::mem::replace(&mut reported[usize::from(*option)], true));
        }
        prop_assert_eq!(reported, outcome.selected);
    }
}

fn small(costs: &[u64], budget: u64, ballots: &[&[u16]], completion: Completion) -> Instance {
    let ballots = ballots.iter().map(|ballot| ballot.to_vec()).collect();
    let (exhaustion, ties) = (Exhaustion::Run, vec![]);
    Instance { costs: costs.to_vec(), budget, ballots, completion, exhaustion, ties }
}

#[test]
fn blank_ballots_have_a_share_that_nobody_spends() {
    // COUNT-16: 10 / 4 for each ballot, so that two supporters have 5 together
    let with_blanks = small(&[6], 10, &[&[0], &[0], &[], &[]], Completion::None);
    assert_eq!(counted(&with_blanks).selected, [false]);
    assert_eq!(counted(&with_blanks).blank, 2);
    let without = small(&[6], 10, &[&[0], &[0]], Completion::None);
    assert_eq!(counted(&without).selected, [true]);
}

#[test]
fn no_ballots_and_only_blank_ballots_select_nothing() {
    // COUNT-8
    for ballots in [&[] as &[&[u16]], &[&[], &[]]] {
        for completion in [Completion::None, Completion::Add1, Completion::Add1u] {
            let outcome = counted(&small(&[1, 1], 10, ballots, completion));
            assert_eq!((outcome.selected, outcome.spent), (vec![false, false], 0));
            assert_eq!(outcome.steps, []);
        }
    }
}

#[test]
fn money_that_is_exactly_enough_is_enough() {
    // COUNT-18: 3 voters have 7 / 3 each, and 3 * 7 / 3 is the cost
    let exact = small(&[7], 7, &[&[0], &[0], &[0]], Completion::None);
    assert_eq!(counted(&exact).selected, [true]);
    let short = small(&[8], 7, &[&[0], &[0], &[0]], Completion::None);
    assert_eq!(counted(&short).selected, [false]);
}

#[test]
fn ties_of_rates_are_reported_with_the_criterion() {
    // COUNT-10, COUNT-19
    let mut tied = small(&[4, 2, 2], 4, &[&[0, 1, 2], &[0, 1, 2]], Completion::None);
    tied.ties = vec![TieBreak::LowestCost];
    let outcome = counted(&tied);
    let reported = |among: &[u16], by| Step::Tie { among: among.to_vec(), chosen: vec![1], by };
    assert_eq!(outcome.steps[1], reported(&[1, 2, 0], TieBreak::ListedOrder));
    assert_eq!(outcome.selected, [false, true, true]);
}

#[test]
fn add1_ends_where_the_next_outcome_exceeds_the_budget() {
    // COUNT-22: 5 each; option 1 needs 8 of its one voter, and 10 + 8 > 15
    let instance = small(&[10, 8], 15, &[&[0], &[0], &[1]], Completion::Add1);
    let outcome = counted(&instance);
    assert_eq!(outcome.selected, [true, false]);
    let Step::Endowment { increment, ref per_ballot } = outcome.steps[0] else { panic!() };
    assert_eq!((increment, per_ballot.to_string().as_str()), (2, "7"));
    let reason = End::Exceeds { cost: 18 };
    assert_eq!(outcome.steps.last(), Some(&Step::Ended { reason }));
}

#[test]
fn add1_ends_when_every_supported_option_is_selected() {
    // COUNT-22: option 2 has no supporter and stays out
    let instance = small(&[3, 9, 1], 20, &[&[0], &[1], &[1], &[1]], Completion::Add1);
    let outcome = counted(&instance);
    assert_eq!(outcome.selected, [true, true, false]);
    assert_eq!(outcome.steps.last(), Some(&Step::Ended { reason: End::AllSelected }));
}

#[test]
fn add1u_goes_on_by_votes_and_skips_what_does_not_fit() {
    // COUNT-24: nobody alone can pay for anything; by votes: 0 does not fit, 1 does, 2 no longer
    let ballots: &[&[u16]] = &[&[0], &[0], &[0], &[1], &[1], &[2], &[2]];
    let mut instance = small(&[11, 7, 7], 10, ballots, Completion::Add1u);
    instance.exhaustion = Exhaustion::Run;
    let outcome = counted(&instance);
    assert_eq!(outcome.selected, instance.selected());
    assert_eq!(outcome.selected, [false, true, false]);
}

#[test]
fn much_money_and_few_voters_take_no_time() {
    // COUNT-22: one unit at a time this would be 10^15 runs
    let thousand_million = 1_000_000_000_000_000;
    let costs = [4 * thousand_million, thousand_million, 1, 3 * thousand_million];
    let ballots: &[&[u16]] = &[&[0, 1], &[1, 2], &[2], &[3], &[1, 3], &[]];
    let budget = 6 * thousand_million;
    let outcome = counted(&small(&costs, budget, ballots, Completion::Add1));
    let scaled: Vec<u64> =
        costs.iter().map(|cost| cost.div_ceil(thousand_million / 1000)).collect();
    let plain = small(&scaled, 6_000, ballots, Completion::Add1);
    assert_eq!(outcome.selected, plain.selected());
}
