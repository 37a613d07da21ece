//! The runs of `add1`: with how many units more for each voter the outcome stands.
//!
//! The law runs increments 0, 1, 2, ... one after another. Stretches of increments in which no run
//! can differ are skipped, so that a poll with few voters and much money is counted as soon as any
//! other. Not here: a run itself.

use std::collections::HashSet;

use super::super::End;
use super::Exhaustion;
use super::electorate::Electorate;
use super::run::{Run, Tracing};

/// Most equal outcomes in a row before the skipping is tried again after it gained nothing. Trying
/// takes three runs at least, so it costs at most a few percent where runs keep changing.
const MAX_PATIENCE: u32 = 64;

/// What an increment comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Course {
    /// The options bought, in order, each with the number who paid in full.
    purchases: Vec<(u16, u64)>,
    /// What they cost together, in currency units.
    cost: u64,
}

/// COUNT-22: the increment whose outcome stands, and why the next one does not.
pub(super) fn last_increment(
    electorate: &Electorate,
    run: &mut Run<'_>,
    exhaustion: Exhaustion,
) -> (u64, End) {
    let supported = electorate.supported().count();
    let mut increment = 0;
    let mut course = perform(electorate, run, increment);
    let (mut calm, mut patience) = (0, 1);
    loop {
        // COUNT-22: no run can add to an outcome that holds every supported option
        if course.purchases.len() == supported {
            return (increment, End::AllSelected);
        }
        // COUNT-23: the stop, where the definition asks for it
        if exhaustion == Exhaustion::Stop && is_exhaustive(electorate, &course) {
            return (increment, End::Exhaustive);
        }
        let next = perform(electorate, run, increment + 1);
        if next.cost > electorate.budget {
            return (increment, End::Exceeds { cost: next.cost });
        }
        increment += 1;
        calm = if next == course { calm + 1 } else { 0 };
        course = next;
        if calm >= patience {
            let skipped = equal_increments(electorate, run, increment);
            increment += skipped;
            calm = 0;
            patience = if skipped > 0 { 1 } else { (patience * 2).min(MAX_PATIENCE) };
        }
    }
}

fn perform(electorate: &Electorate, run: &mut Run<'_>, increment: u64) -> Course {
    run.perform(increment, Tracing::Off);
    let bought = run.ledger.purchases();
    Course {
        purchases: bought.iter().map(|purchase| (purchase.option, purchase.payers)).collect(),
        cost: bought.iter().map(|purchase| electorate.cost(purchase.option)).sum(),
    }
}

/// COUNT-23: no further option that a ballot names fits what is left of the budget.
fn is_exhaustive(electorate: &Electorate, course: &Course) -> bool {
    let rest = electorate.budget - course.cost;
    let bought: HashSet<u16> = course.purchases.iter().map(|&(option, _)| option).collect();
    electorate.supported().all(|option| electorate.cost(option) > rest || bought.contains(&option))
}

/// How many increments after `from` surely have the outcome of `from`.
///
/// The trace of a run names the sets of voters that each look at an option came to. Given those
/// sets, every amount of the run is a linear function of the increment; that they are the sets, and
/// that each bought option has a smaller rate than the others had when last looked at, are linear
/// inequalities between such functions. What holds at two increments so holds at all between them,
/// and rates never fall: two equal traces make all runs between them equal, and the end of the
/// stretch can be bisected.
fn equal_increments(electorate: &Electorate, run: &mut Run<'_>, from: u64) -> u64 {
    // With this much each voter can pay for everything alone, so no trace changes any more.
    let last: u64 = electorate.supported().map(|option| electorate.cost(option)).sum();
    let mut trace = |increment: u64| {
        run.perform(increment, Tracing::On);
        run.take_trace()
    };
    let base = trace(from);
    let (mut equal, mut stride) = (0, 1);
    let mut growing = true;
    while stride > 0 {
        if from + equal + stride <= last && trace(from + equal + stride) == base {
            equal += stride;
        } else {
            growing = false;
        }
        stride = if growing { stride * 2 } else { stride / 2 };
    }
    equal
}
