//! Step A4: definitions that are no poll, and Opens that pin other voters than the rolls give.

use veche_protocol::count::{Approval, Blank, Rule, SingleChoice};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Open;
use veche_protocol::poll::definition::{Definition, Identity, Quorum, Schedule, Secrecy};

use super::case::Case;
use super::story::{POLL, Story, nothing, plain, voter};
use crate::city::Voter;

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = definitions().into_iter().map(defined_badly).collect();
    cases.extend(pins().into_iter().map(pinned_badly));
    cases.extend([
        roll_too_short_lived(),
        roll_too_young(),
        district_unknown(),
        voter_on_two_rolls(),
        key_on_two_rolls(),
        roll_announced_unseen(),
        roll_announced_as_another(),
    ]);
    cases
}

/// Name, what it is, and how it spoils a definition.
type BadDefinition = (&'static str, &'static str, fn(&mut Definition));

fn definitions() -> Vec<BadDefinition> {
    vec![
        // POLL-8: distinct labels, rolls of this domain.
        ("definition_with_one_label_twice", "Two options have the same label.", |definition| {
            "trees".clone_into(&mut definition.questions[0].options[1].label);
        }),
        ("definition_with_a_poll_as_roll", "A roll of the definition is no roll.", |definition| {
            definition.rolls = vec!["vote.example.org/poll/park".to_owned()];
        }),
        (
            "definition_with_a_roll_of_another_city",
            "A roll of the definition is another city's.",
            |definition| definition.rolls = vec!["vote.example.com/roll/residents".to_owned()],
        ),
        // POLL-9: times, tolerance, quorum, interval.
        ("definition_closing_at_its_opening", "The poll is to last no time.", |definition| {
            definition.schedule.closes_at = definition.schedule.opens_at;
            definition.schedule.tolerance = 0;
        }),
        (
            "definition_with_a_tolerance_above_its_length",
            "The tolerance is longer than the poll.",
            |definition| definition.schedule.tolerance = 3_601,
        ),
        ("definition_with_quorum_above_all", "More must vote than can.", |definition| {
            definition.quorum = Quorum { numerator: 2, denominator: 1 };
        }),
        ("definition_with_quorum_over_zero", "The quorum is a division by 0.", |definition| {
            definition.quorum = Quorum { numerator: 0, denominator: 0 };
        }),
        ("definition_with_interval_too_short", "Public heads every 99 ms.", |definition| {
            definition.interval = 99;
        }),
        // POLL-10: what this law has, and rules that can be counted.
        ("definition_anonymous", "An anonymous poll, which this law has not.", |definition| {
            definition.identity = Identity::Anonymous;
        }),
        ("definition_sealed", "A sealed poll, which this law has not.", |definition| {
            definition.secrecy = Secrecy::Sealed;
        }),
        ("definition_with_costs_without_budget", "An option costs what none pays.", |definition| {
            definition.questions[0].options[0].cost = 5;
        }),
        ("definition_with_more_winners_than_options", "Three of two are to win.", |definition| {
            let ties = Vec::new();
            definition.questions[0].rule =
                Rule::Approval(Approval { min: 0, max: 2, winners: 3, ties });
        }),
        // COUNT-32: nothing in an open poll could draw it.
        ("definition_with_a_lot_in_an_open_poll", "A lot that nothing draws.", |definition| {
            let ties = vec![veche_protocol::count::TieBreak::Lot];
            let rule = SingleChoice { blank: Blank::Allowed, ties };
            definition.questions[0].rule = Rule::SingleChoice(rule);
        }),
        // COUNT-30: a share of nothing.
        ("definition_with_a_condition_over_zero", "A condition over zero.", |definition| {
            let majority = veche_protocol::count::Condition::MAJORITY;
            definition.questions[0].conditions =
                vec![veche_protocol::count::Condition { denominator: 0, ..majority }];
        }),
        ("definition_with_ties_after_listed_order", "A tie-break can never come.", |definition| {
            use veche_protocol::count::TieBreak::{ListedOrder, LowestCost};
            let ties = vec![ListedOrder, LowestCost];
            definition.questions[0].rule =
                Rule::SingleChoice(SingleChoice { blank: Blank::Allowed, ties });
        }),
    ]
}

/// The Announce is refused, and a good one follows.
fn defined_badly((name, what, spoil): BadDefinition) -> Case {
    let mut story = Story::new();
    let mut definition = plain();
    spoil(&mut definition);
    let entry = story.announce_entry(definition);
    let index = story.log(&entry);
    story.city.announce_log(&story.poll.clone());
    let entry = story.announce_entry(plain());
    story.stand(&entry);
    story.case(name, what).staff("A4", "definition-invalid", POLL, index)
}

/// Name, what it is, and how it spoils the Open.
type BadPin = (&'static str, &'static str, fn(&Story, &mut Open));

fn pins() -> Vec<BadPin> {
    vec![
        // POLL-13: the admitted districts with their voters.
        ("pin_with_more_voters", "The Open counts one voter more than the roll has.", |_, open| {
            open.pins[0].eligible[1].1 += 1;
        }),
        ("pin_without_a_district", "The Open leaves a district of the roll out.", |_, open| {
            drop(open.pins[0].eligible.pop());
        }),
        ("pin_with_districts_descending", "The districts are not in their order.", |_, open| {
            open.pins[0].eligible.reverse();
        }),
        // POLL-12: a head of the roll.
        ("pin_with_another_root", "The Open pins a roll of another history.", |_, open| {
            open.pins[0].head.root = Hash([7; 32]);
        }),
        ("pin_beyond_the_roll", "The Open pins more entries than the roll has.", |_, open| {
            open.pins[0].head.size += 1;
        }),
        ("pin_of_size_0", "The Open pins an empty roll.", |story, open| {
            open.pins[0].head = story.city.at(&story.roll).head_at(0);
        }),
        (
            "pin_of_a_roll_of_another_size",
            "The Open pins the roll before its voters.",
            |s, open| {
                open.pins[0].head = s.city.at(&s.roll).head_at(1);
            },
        ),
        // POLL-11: exactly the rolls of the definition.
        ("pin_of_another_roll", "The Open pins a roll that the poll did not name.", |_, open| {
            "vote.example.org/roll/guests".clone_into(&mut open.pins[0].origin);
        }),
        ("pin_twice", "The Open pins the roll twice.", |_, open| {
            let pin = open.pins[0].clone();
            open.pins.push(pin);
        }),
    ]
}

/// The Open is refused, and a good one follows.
fn pinned_badly((name, what, spoil): BadPin) -> Case {
    let mut story = Story::announced(plain());
    let mut open = story.city.open_payload(&story.poll);
    spoil(&story, &mut open);
    let entry = story.open_entry(open);
    let index = story.log(&entry);
    story.open();
    story.case(name, what).result(nothing()).staff("A4", "roll-pin-mismatch", POLL, index)
}

/// An announced poll whose Open is refused, whatever the officers do.
fn unopenable(mut story: Story, name: &str, what: &'static str) -> (Case, u64) {
    let entry = story.open_entry(story.city.open_payload(&story.poll));
    let index = story.log(&entry);
    (story.case(name, what), index)
}

fn with_schedule(opens_at: u64, closes_at: u64) -> Story {
    let schedule = Schedule { opens_at, closes_at, tolerance: 60 };
    Story::announced(Definition { schedule, ..plain() })
}

fn roll_too_short_lived() -> Case {
    // POLL-12: the roll spans the poll.
    // The roll lives from 1,799,000,000 to 1,801,000,000.
    let (case, index) = unopenable(
        with_schedule(1_800_000_000, 1_801_000_001),
        "roll_ends_before_the_poll",
        "The poll is to close when its roll has ended.",
    );
    case.staff("A4", "roll-life", POLL, index)
}

fn roll_too_young() -> Case {
    let (case, index) = unopenable(
        with_schedule(1_798_999_999, 1_800_000_000),
        "roll_begins_after_the_poll",
        "The poll is to open before its roll begins.",
    );
    case.staff("A4", "roll-life", POLL, index)
}

fn district_unknown() -> Case {
    let districts = vec!["north".to_owned(), "west".to_owned()];
    let (case, index) = unopenable(
        Story::announced(Definition { districts, ..plain() }),
        "district_that_no_roll_has",
        "The poll is to be held in a district that none of its rolls has.",
    );
    case.staff("A4", "roll-district", POLL, index)
}

/// A poll over two rolls, of which the second has this voter.
fn second_roll(guest: &Voter) -> Story {
    let mut story = Story::new();
    let other = LogPath::Roll("guests".to_owned());
    story.city.begin_roll(&other, &["east"]);
    story.city.enrol(&other, core::slice::from_ref(guest));
    let rolls = vec![other.origin(&story.city.domain), story.roll.origin(&story.city.domain)];
    story.announce(Definition { rolls, ..plain() });
    story
}

fn voter_on_two_rolls() -> Case {
    // POLL-14: ids are distinct over all pins.
    let guest = Voter { id: voter("ada").id, ..Voter::named("eve", 0) };
    let (case, index) = unopenable(
        second_roll(&guest),
        "voter_on_two_rolls",
        "One voter id stands on both rolls of the poll, with two keys.",
    );
    case.staff("A4", "voter-id-taken", POLL, index)
}

fn key_on_two_rolls() -> Case {
    // POLL-14: and so are keys.
    let guest = Voter { key: voter("ada").key, ..Voter::named("eve", 0) };
    let (case, index) = unopenable(
        second_roll(&guest),
        "same_key_two_rolls",
        "One key stands on both rolls of the poll, under two ids.",
    );
    case.staff("A4", "voter-key-taken", POLL, index)
}

fn roll_announced_unseen() -> Case {
    // POLL-11: announced among what the officers had seen.
    let mut story = Story::new();
    let other = LogPath::Roll("late".to_owned());
    let rolls = vec![other.origin(&story.city.domain)];
    story.announce(Definition { rolls, ..plain() });
    let seen = story.seen();
    story.city.begin_roll(&other, &["north", "south"]);
    let mut open = story.city.open_payload(&story.poll);
    open.seen = seen;
    let entry = story.open_entry(open);
    let index = story.log(&entry);
    story
        .case(
            "roll_announced_after_the_view",
            "The Open pins a roll that the register announces past what the officers had seen.",
        )
        .operator("A4", "log-not-announced", POLL, index)
}

fn roll_announced_as_another() -> Case {
    let mut story = Story::new();
    let other = LogPath::Roll("other".to_owned());
    story.city.begin_roll(&other, &["north", "south"]);
    let log = story.city.logs.get_mut(&other).expect("the roll");
    let header = SignedEntry::decode(other.log_type(), log.entries.remove(0));
    let Ok(Payload::Roll(mut header)) = header.map(|entry| entry.payload().clone()) else {
        unreachable!("the roll begins with its header")
    };
    "Others".clone_into(&mut header.title);
    let by = ["registrar", "inspector"];
    let entry = story.city.sign(&other, story.city.instance, &Payload::Roll(header), &by);
    story.city.log(&other, &entry);
    story.announce(Definition { rolls: vec![other.origin(&story.city.domain)], ..plain() });
    let (case, index) = unopenable(
        story,
        "roll_announced_as_another",
        "The register announces the roll with another first entry than it has.",
    );
    case.operator("A3", "log-not-announced", &other.to_string(), None).operator(
        "A4",
        "log-not-announced",
        POLL,
        index,
    )
}
