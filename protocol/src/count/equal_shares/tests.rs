//! Equal Shares as a whole: a real city's outcome, the completions, and what they report.

use std::collections::BTreeSet;

use super::super::{Arena, Completion, End, Exhaustion, Outcome, Rule, Step, TieBreak, count};
use crate::interchange::pabulib::{self, Pabulib};

fn wieliczka() -> Pabulib {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/data/wieliczka-2023/wieliczka_2023_green_budget.pb"
    );
    pabulib::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn outcome_of(file: &Pabulib, completion: Completion, exhaustion: Exhaustion) -> Outcome {
    let costs: Vec<u64> = file.projects.iter().map(|project| project.cost).collect();
    let ballots: Arena = file.ballots.iter().map(|ballot| ballot.approvals()).collect();
    let ties = vec![TieBreak::LowestCost, TieBreak::MostVotes];
    let (min, max, budget) = (1, costs.len() as u64, file.budget);
    let rule = Rule::EqualShares { min, max, budget, completion, exhaustion, ties };
    count(&rule, &costs, &ballots).unwrap()
}

fn ids(file: &Pabulib, outcome: &Outcome) -> BTreeSet<String> {
    let pairs = file.projects.iter().zip(&outcome.selected);
    pairs.filter(|(_, selected)| **selected).map(|(project, _)| project.id.clone()).collect()
}

#[test]
fn wieliczka_gives_the_official_outcome() {
    // COUNT-24: no stop at the first exhaustive outcome
    let file = wieliczka();
    let outcome = outcome_of(&file, Completion::Add1, Exhaustion::Run);
    let official: BTreeSet<_> =
        file.projects.iter().filter(|p| p.selected == Some(1)).map(|p| p.id.clone()).collect();
    assert_eq!(ids(&file, &outcome), official);
    assert_eq!((official.len(), outcome.spent, outcome.blank), (30, 995_079, 0));
}

#[test]
fn wieliczka_with_the_stop_gives_another_outcome() {
    // COUNT-25
    let file = wieliczka();
    let run = ids(&file, &outcome_of(&file, Completion::Add1, Exhaustion::Run));
    let stop = outcome_of(&file, Completion::Add1, Exhaustion::Stop);
    let stopped = ids(&file, &stop);
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect();
    let (lost, gained): (Vec<_>, Vec<_>) = (only(&run, &stopped), only(&stopped, &run));
    assert_eq!((lost, gained), (vec!["46".to_owned()], vec!["66".to_owned(), "67".to_owned()]));
    assert_eq!(stop.steps.last(), Some(&Step::Ended { reason: End::Exhaustive }));
}
