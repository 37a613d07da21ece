//! Ballots that the law refuses (spec/ballots.md).

use veche_api::Config;
use veche_protocol::count::{Approval, InstantRunoff, LookBack, Points, Rule};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::poll::ballot::Ballot;
use veche_protocol::poll::definition::Revote;

use super::{Case, Handed, refuse_each};
use crate::city::{City, OPENS_AT, definition, poll, voter_name};

/// A poll in which each voter chooses exactly two of three, and may change their mind.
fn two_of_three() -> City {
    with_rule(Approval { min: 2, max: 2, winners: 1, ties: Vec::new() }.into())
}

fn with_rule(rule: Rule) -> City {
    let city = City::start(&Config::default());
    city.enrol(3);
    let mut definition = definition(Revote::Last { max_turn: 3 });
    definition.questions[0].rule = rule;
    city.submit(&poll(), &city.announcement(definition));
    city.clock.set(OPENS_AT);
    city.submit(&poll(), &city.opening());
    city
}

/// A poll in which each voter gives five points, at most three to one option.
fn five_points() -> City {
    let rule = Points { min: 0, max: 3, points: 5, largest: 3, winners: 1, ties: Vec::new() };
    with_rule(rule.into())
}

/// A poll in which each voter ranks the options.
fn ranked() -> City {
    let look_back = LookBack::None;
    with_rule(InstantRunoff { min: 0, max: 3, look_back, ties: Vec::new() }.into())
}

fn ballot(city: &City, turn: u8, selections: &[&[u64]], by: &[&str]) -> SignedEntry {
    let selections = selections.iter().map(|selection| selection.to_vec()).collect();
    city.sign(&poll(), &Payload::Ballot(Ballot::open(turn, selections)), by)
}

fn of_anna(city: &City, turn: u8, selections: &[&[u64]]) -> Handed {
    let entry = ballot(city, turn, selections, &[&voter_name(0)]);
    Handed::new(poll(), entry.into_bytes())
}

pub(super) const OPEN: &[Case] = &[
    ("signature-invalid", |city| {
        let mut entry = of_anna(city, 0, &[&[0, 1]]);
        *entry.entry.last_mut().unwrap() ^= 1;
        entry
    }),
    // replay-from-other-poll: signed for another poll of the same city.
    ("signature-invalid", |city| {
        let other = LogPath::Poll("other".to_owned());
        let ballot = Ballot::open(0, vec![vec![0, 1]]);
        let by = voter_name(0);
        let entry = city.sign_out_of_place(&other, &Payload::Ballot(ballot), &[&by]);
        Handed::new(poll(), entry.into_bytes())
    }),
    ("ballot-signers", |city| {
        let entry = ballot(city, 0, &[&[0, 1]], &[&voter_name(0), &voter_name(1)]);
        Handed::new(poll(), entry.into_bytes())
    }),
    ("voter-unknown", |city| {
        let entry = ballot(city, 0, &[&[0, 1]], &["nobody"]);
        Handed::new(poll(), entry.into_bytes())
    }),
    ("stale-turn", |city| {
        city.submit(&poll(), &ballot(city, 1, &[&[0, 1]], &[&voter_name(0)]));
        of_anna(city, 0, &[&[0, 1]])
    }),
    // The same turn with another content is no way to change one's mind.
    ("stale-turn", |city| {
        city.submit(&poll(), &ballot(city, 1, &[&[0, 1]], &[&voter_name(0)]));
        of_anna(city, 1, &[&[0, 2]])
    }),
    ("turn-out-of-range", |city| of_anna(city, 4, &[&[0, 1]])),
    ("question-count", |city| of_anna(city, 0, &[&[0, 1], &[0, 1]])),
    ("choice-out-of-range", |city| of_anna(city, 0, &[&[0, 3]])),
    // choice-duplicated: Moscow 2021 counted A twice.
    ("choice-duplicated", |city| of_anna(city, 0, &[&[1, 1]])),
    ("choice-duplicated", |city| of_anna(city, 0, &[&[0, 1, 0]])),
    ("choice-disordered", |city| of_anna(city, 0, &[&[1, 0]])),
    ("choices-too-few", |city| of_anna(city, 0, &[&[1]])),
    ("choices-too-few", |city| of_anna(city, 0, &[&[]])),
    ("choices-too-many", |city| of_anna(city, 0, &[&[0, 1, 2]])),
];

pub(super) const POINTS: &[Case] = &[
    ("marks-uneven", |city| of_anna(city, 0, &[&[0, 3, 1]])),
    ("mark-out-of-range", |city| of_anna(city, 0, &[&[0, 4]])),
    ("marks-too-many-points", |city| of_anna(city, 0, &[&[0, 3, 1, 3]])),
];

pub(super) const RANKS: &[Case] = &[
    ("rank-missing", |city| of_anna(city, 0, &[&[0, 1, 1, 3]])),
    ("rank-shared", |city| of_anna(city, 0, &[&[0, 1, 1, 1]])),
];

pub(super) const FIRST: &[Case] = &[
    ("already-voted", |city| {
        city.submit(&poll(), &city.ballot(0, 0, 0));
        Handed::new(poll(), city.ballot(0, 0, 1).into_bytes())
    }),
    ("turn-out-of-range", |city| Handed::new(poll(), city.ballot(0, 1, 1).into_bytes())),
];

#[test]
fn ballots_that_break_the_law_are_refused() {
    refuse_each(two_of_three, OPEN);
    refuse_each(five_points, POINTS);
    refuse_each(ranked, RANKS);
    let first = || City::with_open_poll(&Config::default(), 2, Revote::First);
    refuse_each(first, FIRST);
}

#[test]
fn a_lawful_ballot_is_taken_in_the_same_city() {
    let city = two_of_three();
    let Handed { path, entry } = of_anna(&city, 0, &[&[0, 1]]);
    city.client().cast(&super::entries_of(&path), &entry).ok();
}
