//! How an outcome came about, event by event, for a report to draw. Nothing is decided by it.
//!
//! Not here: any computation; each rule tells its own events.

use super::conditions::Condition;
use super::fraction::Fraction;
use super::ties::TieBreak;

/// One event of a count, for a report to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The rule could not tell options apart, and a criterion decided.
    Tie {
        /// All tied options, in the order in which they go.
        among: Vec<u16>,
        /// Those selected for it, or kept when one had to leave: the first of `among`.
        chosen: Vec<u16>,
        /// The criterion that separates the last chosen from the first not chosen.
        by: TieBreak,
    },
    /// Equal Shares: what each ballot had to spend in the run that gave the outcome.
    Endowment {
        /// Currency units added to the equal share of the true budget.
        increment: u64,
        /// Currency units for each ballot: budget / ballots + increment.
        per_ballot: Fraction,
    },
    /// Equal Shares: the supporters bought an option.
    Purchase {
        /// The option.
        option: u16,
        /// Its cost, in currency units.
        cost: u64,
        /// Number of ballots that name it.
        supporters: u64,
        /// Number of those that paid the full share; the rest gave what they had left, or nothing.
        in_full: u64,
        /// The full share, in currency units: the most that any ballot paid.
        share: Fraction,
        /// The share for each unit of cost; the smallest is bought first. Its inverse is the
        /// effective number of votes.
        rate: Fraction,
    },
    /// Equal Shares with `add1`: why no further unit was added.
    Ended {
        /// The reason.
        reason: End,
    },
    /// Equal Shares with `add1u`: an option that was added in the order of votes.
    Addition {
        /// The option.
        option: u16,
        /// Its cost, in currency units.
        cost: u64,
        /// Number of ballots that name it.
        votes: u64,
    },
    /// Scores: on how many ballots each option has a score.
    Marked {
        /// By option.
        ballots: Vec<u64>,
    },
    /// Transferable vote: so many votes elect an option.
    Quota {
        /// Number of votes.
        votes: Fraction,
    },
    /// Runoff and transferable vote: where the votes lie at the beginning of a round.
    Round {
        /// By option; none for one that was eliminated before.
        votes: Vec<Option<Fraction>>,
        /// Votes of ballots that name no option any more that could have them.
        exhausted: Fraction,
    },
    /// Runoff and transferable vote: an option has won its place.
    Elected {
        /// The option.
        option: u16,
        /// Its votes at that time.
        votes: Fraction,
    },
    /// Runoff and transferable vote: an option has left.
    Eliminated {
        /// The option.
        option: u16,
        /// Its votes at that time.
        votes: Fraction,
    },
    /// Runoff and transferable vote: votes go on to the next options of their ballots.
    Transfer {
        /// Whose votes they were.
        from: u16,
        /// The part of its votes that goes on: 1 after an elimination.
        part: Fraction,
        /// What others receive, by option in ascending order.
        to: Vec<(u16, Fraction)>,
        /// Votes of ballots that name no further option.
        exhausted: Fraction,
    },
    /// Runoff and transferable vote: a tie of votes was decided by an earlier round.
    LookBack {
        /// All tied options.
        among: Vec<u16>,
        /// The one that leaves, or whose surplus goes first.
        taken: u16,
        /// The round that told them apart, 0 for the first.
        round: usize,
    },
    /// Schulze: the pairwise contests.
    Contests {
        /// `preferences[a][b]`: number of ballots that put option a before option b.
        preferences: Vec<Vec<u64>>,
        /// `paths[a][b]`: strength of the strongest path from a to b.
        paths: Vec<Vec<u64>>,
    },
    /// A condition of the question that a selected option does not meet: it is not selected.
    Barred {
        /// The option.
        option: u16,
        /// The condition.
        condition: Condition,
        /// What was held against it.
        votes: u64,
        /// Of how many.
        base: u64,
    },
}

/// Why the runs of `add1` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With one unit more the outcome would cost this much, which is above the budget.
    Exceeds {
        /// What the outcome of the next run costs, in currency units.
        cost: u64,
    },
    /// No further option fits what is left of the budget, and the definition stops there.
    Exhaustive,
    /// Every option that a ballot names is selected.
    AllSelected,
}
