//! Defects of fields: keys, names, texts, orders and bounds.

use veche_protocol::breach::Breach::{EntryFields, EntryNonCanonical, KeyWeak};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::LogType::{Poll, Register, Roll};
use veche_protocol::poll::definition::{Definition, Revote};
use veche_protocol::register::{Genesis, Role};

use super::defects::{Defect, around};
use crate::city::DOMAIN;

fn genesis_with(genesis: &SignedEntry, change: &dyn Fn(&mut Genesis)) -> Vec<u8> {
    let Payload::Genesis(good) = genesis.payload() else { unreachable!("a genesis") };
    let mut changed = good.clone();
    change(&mut changed);
    around(&Payload::Genesis(changed).encode())
}

/// Domain and keys of a genesis.
pub(super) fn of_genesis(genesis: &SignedEntry) -> Vec<Defect> {
    let genesis_with = |change: &dyn Fn(&mut Genesis)| genesis_with(genesis, change);
    let mut identity_point = [0; 32];
    identity_point[0] = 1;
    vec![
        (
            "key_of_small_order_as_log_key",
            Register,
            genesis_with(&|g| g.log_key.0 = identity_point),
            KeyWeak,
        ),
        (
            "key_not_canonical_as_log_key",
            Register,
            genesis_with(&|g| g.log_key.0 = [0xff; 32]),
            KeyWeak,
        ),
        (
            "two_domain_before_log_key",
            Register,
            genesis_with(&|g| {
                "Vote.Example.org".clone_into(&mut g.domain);
                g.log_key.0 = identity_point;
            }),
            EntryFields,
        ),
        (
            "two_key_before_its_order",
            Register,
            genesis_with(&|g| g.commission.keys[1].0 = [0; 32]),
            KeyWeak,
        ),
        (
            "domain_with_capitals",
            Register,
            genesis_with(&|g| "Vote.Example.org".clone_into(&mut g.domain)),
            EntryFields,
        ),
    ]
}

/// Commission and officers of a genesis.
pub(super) fn of_people(genesis: &SignedEntry) -> Vec<Defect> {
    let genesis_with = |change: &dyn Fn(&mut Genesis)| genesis_with(genesis, change);
    vec![
        (
            "commission_threshold_above_members",
            Register,
            genesis_with(&|g| g.commission.threshold = 4),
            EntryFields,
        ),
        (
            "commission_threshold_zero",
            Register,
            genesis_with(&|g| g.commission.threshold = 0),
            EntryFields,
        ),
        (
            "commission_keys_descending",
            Register,
            genesis_with(&|g| g.commission.keys.reverse()),
            EntryFields,
        ),
        ("officers_descending", Register, genesis_with(&|g| g.officers.0.reverse()), EntryFields),
        (
            "officer_without_role",
            Register,
            genesis_with(&|g| g.officers.0[0].roles.clear()),
            EntryFields,
        ),
        (
            "officer_roles_descending",
            Register,
            genesis_with(&|g| g.officers.0[0].roles = vec![Role::Moderator, Role::Registrar]),
            EntryFields,
        ),
        (
            "officer_is_the_log_key",
            Register,
            genesis_with(&|g| {
                g.officers.0[0].key = g.log_key;
                g.officers.0.sort_by_key(|officer| officer.key.0);
            }),
            EntryFields,
        ),
    ]
}

pub(super) fn of_texts() -> Vec<Defect> {
    let roll_title = |title: &[u8]| {
        let mut bytes = vec![0x86, 16, 1];
        bytes.push(0x60 | u8::try_from(title.len()).expect("a short title"));
        bytes.extend_from_slice(title);
        bytes.extend_from_slice(&[0x81, 0x82, 0x61, b'a', 0x61, b'b', 0, 1]);
        around(&bytes)
    };
    vec![
        ("text_not_utf_8", Roll, roll_title(b"\xc3\x28"), EntryNonCanonical),
        ("text_empty", Roll, roll_title(b""), EntryFields),
    ]
}

pub(super) fn of_definition(announce: &SignedEntry) -> Vec<Defect> {
    let Payload::Announce(poll) = announce.payload() else { unreachable!("an Announce") };
    let announce_with = |change: &dyn Fn(&mut Definition)| {
        let mut changed = poll.clone();
        change(&mut changed.definition);
        around(&Payload::Announce(changed).encode())
    };
    vec![
        ("title_of_1001_bytes", Poll, announce_with(&|d| d.title = "x".repeat(1_001)), EntryFields),
        ("poll_without_questions", Poll, announce_with(&|d| d.questions.clear()), EntryFields),
        (
            "question_without_options",
            Poll,
            announce_with(&|d| d.questions[0].options.clear()),
            EntryFields,
        ),
        (
            "rolls_descending",
            Poll,
            announce_with(&|d| {
                d.rolls = vec![format!("{DOMAIN}/roll/b"), format!("{DOMAIN}/roll/a")];
            }),
            EntryFields,
        ),
        (
            "districts_repeated",
            Poll,
            announce_with(&|d| {
                d.districts = vec!["north".to_owned(), "north".to_owned()];
            }),
            EntryFields,
        ),
        (
            "max_turn_16",
            Poll,
            announce_with(&|d| d.revote = Revote::Last { max_turn: 16 }),
            EntryFields,
        ),
    ]
}
