//! Steps A7 and A10: ballots by marks that do not count, open and sealed, and polls by marks that
//! are sound.

use veche_protocol::count::{
    Blank, Condition, InstantRunoff, LookBack, Points, Rule, SingleChoice, TieBreak,
};
use veche_protocol::poll::definition::{Definition, Revote};

use super::case::Case;
use super::story::{Story, result, sealed};
use crate::city::approval_definition;

/// Two options, at most 5 points, at most 4 for one of them.
fn points() -> Definition {
    let mut definition = approval_definition(&["trees", "swings"], 0, 2, Revote::First);
    let rule = Points { min: 0, max: 2, points: 5, largest: 4, winners: 1, ties: Vec::new() };
    definition.questions[0].rule = rule.into();
    definition
}

/// Two options in ranks.
fn ranks() -> Definition {
    let mut definition = approval_definition(&["trees", "swings"], 0, 2, Revote::First);
    let look_back = LookBack::None;
    let rule = InstantRunoff { min: 0, max: 2, look_back, ties: Vec::new() };
    definition.questions[0].rule = rule.into();
    definition
}

/// Name, what it is, the definition, and a ballot with its code.
type Spoiled = (&'static str, &'static str, fn() -> Definition, &'static [u64], &'static str);

/// BALLOT-17: one ballot for each code.
const SPOILED: [Spoiled; 5] = [
    ("marks_uneven", "An option without its points.", points, &[0], "marks-uneven"),
    (
        "mark_out_of_range",
        "Five points, of which one may have four.",
        points,
        &[0, 5],
        "mark-out-of-range",
    ),
    (
        "marks_too_many_points",
        "Eight points, of five.",
        points,
        &[0, 4, 1, 4],
        "marks-too-many-points",
    ),
    ("rank_shared", "Two options in the first rank.", ranks, &[0, 1, 1, 1], "rank-shared"),
    ("rank_missing", "A second rank without a first.", ranks, &[1, 2], "rank-missing"),
];

/// What the ballot of Ada alone gives, by either rule.
fn good(rule: &Rule) -> (&'static [u64], [(&'static str, u64, bool); 2]) {
    match rule {
        Rule::Points(_) => (&[0, 3, 1, 2], [("trees", 3, true), ("swings", 2, false)]),
        _ => (&[0, 1, 1, 2], [("trees", 1, true), ("swings", 0, false)]),
    }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = SPOILED.into_iter().map(spoiled_open).collect();
    cases.extend(SPOILED.into_iter().map(spoiled_sealed));
    cases.extend([without_majority(), decided_by_lot()]);
    cases
}

fn spoiled_open((name, what, definition, ballot, code): Spoiled) -> Case {
    let definition = definition();
    let (ada, votes) = good(&definition.questions[0].rule);
    let mut story = Story::opened(definition);
    story.cast("ada", 0, &[ada]);
    let index = story.spoil("di", 0, &[ballot]);
    let result = result(&[("north", 2, 1), ("south", 2, 0)], &[(0, &votes)]);
    story.end(result.clone());
    story.case(name, what).result(result).voter("A7", code, index)
}

fn spoiled_sealed((name, what, definition, ballot, code): Spoiled) -> Case {
    let definition = definition();
    let (ada, votes) = good(&definition.questions[0].rule);
    let mut story = Story::sealed_open(sealed(definition));
    story.cast("ada", 0, &[ada]);
    let index = story.cast("di", 0, &[ballot]);
    let result = result(&[("north", 2, 1), ("south", 2, 0)], &[(0, &votes)]);
    story.unseal(&[1, 2]);
    story.certify(result.clone());
    let name = format!("sealed_{name}");
    story.case(&name, what).voter("A10", code, index).shares(&[1, 2]).result(result)
}

/// COUNT-31: one vote each, and nobody has more than half.
fn without_majority() -> Case {
    let mut definition = approval_definition(&["trees", "swings"], 0, 1, Revote::First);
    let ties = vec![TieBreak::ListedOrder];
    definition.questions[0].rule = SingleChoice { blank: Blank::Allowed, ties }.into();
    definition.questions[0].conditions = vec![Condition::MAJORITY];
    let mut story = Story::opened(definition);
    story.cast("ada", 0, &[&[0]]);
    story.cast("di", 0, &[&[1]]);
    let votes = [("trees", 1, false), ("swings", 1, false)];
    let result = result(&[("north", 2, 1), ("south", 2, 1)], &[(0, &votes)]);
    story.end(result.clone());
    story.case("without_majority", "The winner needs a majority, and none has it.").result(result)
}

/// COUNT-33: one vote each, and the key of the trustees decides.
fn decided_by_lot() -> Case {
    let mut definition = approval_definition(&["trees", "swings"], 0, 1, Revote::First);
    let ties = vec![TieBreak::Lot];
    definition.questions[0].rule = SingleChoice { blank: Blank::Allowed, ties }.into();
    let mut story = Story::sealed_open(sealed(definition));
    story.cast("ada", 0, &[&[0]]);
    story.cast("di", 0, &[&[1]]);
    // The keys of a story are the same in every run, and their lot is against the listed order.
    let votes = [("trees", 1, false), ("swings", 1, true)];
    let result = result(&[("north", 2, 1), ("south", 2, 1)], &[(0, &votes)]);
    story.unseal(&[1, 2]);
    story.certify(result.clone());
    story
        .case("decided_by_lot", "A tie in a sealed poll, decided by the trustees' key.")
        .shares(&[1, 2])
        .result(result)
}
