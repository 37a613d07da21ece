//! (h): Equal Shares on the real ballots of Wieliczka 2023, exact, with the official outcome.
//!
//! Limit: the votes of the same ballots added up, which every rule has to do at least.

use std::time::Instant;

use anyhow::{Result, ensure};
use veche_protocol::count::{
    Approval, Arena, Completion, EqualShares, Exhaustion, Outcome, Rule, TieBreak, count,
};
use veche_protocol::interchange::pabulib;

use crate::table::{Limit, Line, Target};

/// The ballots; their origin and licence stand beside them.
const WIELICZKA: &str =
    include_str!("../../tests/data/wieliczka-2023/wieliczka_2023_green_budget.pb");
/// Money to spend, as the file says.
const BUDGET: u64 = 1_000_000;
/// Counts that are timed; the fastest is reported, as the one least disturbed.
const ROUNDS: usize = 9;

/// Times the count, and checks that it gives the projects of the official outcome.
pub fn measure() -> Result<Line> {
    let file = pabulib::parse(WIELICZKA)?;
    let costs: Vec<u64> = file.projects.iter().map(|project| project.cost).collect();
    let ballots: Arena = file.ballots.iter().map(pabulib::Ballot::approvals).collect();
    let official: Vec<bool> =
        file.projects.iter().map(|project| project.selected == Some(1)).collect();
    let max = costs.len() as u64;
    let shares = Rule::EqualShares(EqualShares {
        min: 1,
        max,
        budget: BUDGET,
        completion: Completion::Add1,
        exhaustion: Exhaustion::Run,
        ties: vec![TieBreak::LowestCost, TieBreak::MostVotes],
    });
    let winners = official.iter().filter(|&&selected| selected).count();
    let ties = vec![TieBreak::ListedOrder];
    let votes = Rule::Approval(Approval { min: 1, max, winners: winners as u64, ties });
    let (mut own, mut limit) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let (took, outcome) = timed(&shares, &costs, &ballots)?;
        ensure!(outcome.selected == official, "the official outcome must result");
        own = own.min(took);
        limit = limit.min(timed(&votes, &vec![0; costs.len()], &ballots)?.0);
    }
    Ok(Line {
        letter: 'h',
        what: format!("Equal Shares, Wieliczka: {} x {}, exact", file.ballots.len(), costs.len()),
        measured: own,
        unit: "s",
        limit: Limit { value: limit, name: "adding up the votes of the same ballots".to_owned() },
        target: Target::AtMost(0.15),
        note: format!("{winners} of {winners} official winners; one core"),
        cause: "one core runs the rule once for each unit by which the budget is raised",
    })
}

fn timed(rule: &Rule, costs: &[u64], ballots: &Arena) -> Result<(f64, Outcome)> {
    let start = Instant::now();
    let outcome = count(rule, costs, ballots)?;
    Ok((start.elapsed().as_secs_f64(), outcome))
}
