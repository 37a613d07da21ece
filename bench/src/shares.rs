//! (h): Equal Shares on the real ballots of Wieliczka 2023, exact, with the official outcome.

use std::time::Instant;

use anyhow::{Result, ensure};
use veche_protocol::count::{Arena, Completion, Exhaustion, Rule, TieBreak, count};
use veche_protocol::interchange::pabulib;

use crate::table::{Goal, Line};

/// The ballots; their origin and licence stand beside them.
const WIELICZKA: &str =
    include_str!("../../tests/data/wieliczka-2023/wieliczka_2023_green_budget.pb");
/// Counts that are timed; the fastest is reported, as the one least disturbed.
const ROUNDS: usize = 5;

/// Times the count, and checks that it gives the thirty projects of the official outcome.
pub fn measure() -> Result<Vec<Line>> {
    let file = pabulib::parse(WIELICZKA)?;
    let costs: Vec<u64> = file.projects.iter().map(|project| project.cost).collect();
    let ballots: Arena = file.ballots.iter().map(pabulib::Ballot::approvals).collect();
    let rule = Rule::EqualShares {
        min: 1,
        max: costs.len() as u64,
        budget: 1_000_000,
        completion: Completion::Add1,
        exhaustion: Exhaustion::Run,
        ties: vec![TieBreak::LowestCost, TieBreak::MostVotes],
    };
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let outcome = count(&rule, &costs, &ballots)?;
        best = best.min(start.elapsed().as_secs_f64());
        let official = file.projects.iter().map(|project| project.selected == Some(true));
        ensure!(outcome.selected.iter().copied().eq(official), "the official outcome must result");
    }
    Ok(vec![Line {
        name: "(h) Equal Shares, Wieliczka 2023: 6,586 x 64, exact".to_owned(),
        measured: best,
        unit: "s",
        limit: None,
        goal: Goal::AtMost(0.15),
        note: "30 of 30 official winners".to_owned(),
    }])
}
