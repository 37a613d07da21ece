//! Phase entries that the law refuses (spec/polls.md).

use veche_api::Config;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Certify, Close, Head, Open, Pin};
use veche_protocol::poll::definition::{Definition, Revote};

use super::{Case, Handed, refuse_each};
use crate::city::{CLOSES_AT, City, DOMAIN, OFFICERS, OPENS_AT, definition, poll};

fn enrolled() -> City {
    let city = City::start(&Config::default());
    city.enrol(3);
    city
}

fn announced() -> City {
    let city = enrolled();
    city.submit(&poll(), &city.announcement(definition(Revote::First)));
    city
}

fn open() -> City {
    City::with_open_poll(&Config::default(), 3, Revote::First)
}

fn closed() -> City {
    let city = open();
    city.submit(&poll(), &city.ballot(0, 0, 1));
    city.clock.set(CLOSES_AT);
    city.submit(&poll(), &city.closing(&OFFICERS));
    city
}

fn of_poll(entry: SignedEntry) -> Handed {
    Handed::new(poll(), entry.into_bytes())
}

fn announcement(city: &City, change: impl Fn(&mut Definition)) -> Handed {
    let mut definition = definition(Revote::First);
    change(&mut definition);
    of_poll(city.announcement(definition))
}

/// The same announcement, signed by others.
fn announced_by(city: &City, by: &[&str]) -> Handed {
    let payload = city.announcement(definition(Revote::First)).payload().clone();
    of_poll(city.sign(&poll(), &payload, by))
}

fn opening(city: &City, change: impl Fn(&mut Open)) -> Handed {
    city.clock.set(OPENS_AT);
    let seen = city.engine.context(&poll(), Kind::Open).unwrap().seen.unwrap();
    let mut open = Open { seen, pins: city.engine.pins(&poll()).unwrap_or_default() };
    change(&mut open);
    of_poll(city.sign(&poll(), &Payload::Open(open), &OFFICERS))
}

fn certificate(city: &City, change: impl Fn(&mut Certify)) -> Handed {
    let Payload::Certify(mut certify) = city.certificate().payload().clone() else { panic!() };
    change(&mut certify);
    of_poll(city.sign(&poll(), &Payload::Certify(certify), &OFFICERS))
}

/// The closing of an open poll, its heads changed.
fn closing(city: &City, change: impl Fn(&mut Close)) -> Handed {
    city.clock.set(CLOSES_AT);
    let Payload::Close(mut close) = city.closing(&OFFICERS).payload().clone() else { panic!() };
    change(&mut close);
    of_poll(city.sign(&poll(), &Payload::Close(close), &OFFICERS))
}

pub(super) const ANNOUNCING: &[Case] = &[
    ("definition-invalid", |city| {
        announcement(city, |definition| definition.schedule.closes_at = OPENS_AT)
    }),
    ("officers-too-few", |city| announced_by(city, &["officer-1"])),
    ("officer-unknown", |city| announced_by(city, &["officer-1", "nobody"])),
    ("officer-role", |city| announced_by(city, &["officer-1", "registrar"])),
    ("log-not-announced", |city| {
        let ghost = LogPath::Roll("ghost".to_owned()).origin(DOMAIN);
        let mut definition = definition(Revote::First);
        definition.rolls = vec![ghost.clone()];
        city.submit(&poll(), &city.announcement(definition));
        let head = Head { size: 1, root: Hash::ZERO };
        let pin = Pin { origin: ghost, head, eligible: vec![("north".to_owned(), 1)] };
        opening(city, |open| open.pins = vec![pin.clone()])
    }),
    ("roll-life", |city| {
        let mut definition = definition(Revote::First);
        definition.schedule.closes_at = 10_001;
        city.submit(&poll(), &city.announcement(definition));
        opening(city, |_| {})
    }),
];

pub(super) const OPENING: &[Case] = &[
    ("opened-early", |city| {
        city.clock.set(OPENS_AT - 1);
        of_poll(city.opening())
    }),
    // roll-stuffed: the officers sign for as many voters as there are.
    ("roll-pin-mismatch", |city| opening(city, |open| open.pins[0].eligible[0].1 += 1)),
    ("roll-pin-mismatch", |city| opening(city, |open| open.pins[0].head.root.0[0] ^= 1)),
    ("roll-pin-mismatch", |city| {
        opening(city, |open| open.pins[0].origin = LogPath::Roll("ghost".to_owned()).origin(DOMAIN))
    }),
    ("ballot-before-open", |city| {
        let ballot = open().ballot(0, 0, 1).payload().clone();
        of_poll(city.sign_out_of_place(&poll(), &ballot, &["voter 0"]))
    }),
    // revoked-officer: an older view of the register does not keep an officer in office.
    ("officer-pin-stale", |city| {
        city.clock.set(OPENS_AT);
        let opening = city.opening();
        city.submit(&LogPath::Register, &city.dismissal("officer-2"));
        of_poll(opening)
    }),
];

pub(super) const VOTING: &[Case] = &[
    ("announce-repeated", |city| {
        // definition-changed-after-announce
        let mut other = definition(Revote::First);
        "Another park".clone_into(&mut other.title);
        let seen = city.engine.context(&poll(), Kind::Close).unwrap().seen.unwrap();
        let payload = veche_protocol::poll::acts::Announce { seen, definition: other };
        of_poll(city.sign_out_of_place(&poll(), &Payload::Announce(payload), &OFFICERS))
    }),
    ("phase-repeated", |city| {
        let payload = announced_opening();
        of_poll(city.sign_out_of_place(&poll(), &payload, &OFFICERS))
    }),
    ("phase-out-of-order", |city| {
        let payload = closed().certificate().payload().clone();
        of_poll(city.sign_out_of_place(&poll(), &payload, &OFFICERS))
    }),
    ("closed-early", |city| {
        city.clock.set(CLOSES_AT - 11);
        of_poll(city.closing(&OFFICERS))
    }),
    ("seen-mismatch", |city| closing(city, |close| close.seen.own.root.0[0] ^= 1)),
    ("seen-mismatch", |city| closing(city, |close| close.seen.register.size += 1)),
    ("signature-invalid", |city| {
        let mut entry = closing(city, |_| {});
        *entry.entry.last_mut().unwrap() ^= 1;
        entry
    }),
    // one-officer-only
    ("officers-too-few", |city| {
        city.clock.set(CLOSES_AT);
        of_poll(city.closing(&["officer-1"]))
    }),
];

pub(super) const CERTIFYING: &[Case] = &[
    ("ballot-after-close", |city| {
        let ballot = open().ballot(1, 0, 1).payload().clone();
        of_poll(city.sign_out_of_place(&poll(), &ballot, &["voter 1"]))
    }),
    // double-close
    ("phase-repeated", |city| {
        let payload = open().closing(&OFFICERS).payload().clone();
        of_poll(city.sign_out_of_place(&poll(), &payload, &OFFICERS))
    }),
    ("anchor-missing", |city| {
        let before = city.engine.poll(&poll()).unwrap().phases[2].seen.register;
        certificate(city, |certify| certify.seen.register = before)
    }),
    // result-injected: a claim is compared, and never believed.
    ("result-mismatch", |city| {
        certificate(city, |certify| certify.result.questions[0].outcome[0].votes += 1)
    }),
    ("label-missing", |city| {
        certificate(city, |certify| drop(certify.result.questions[0].outcome.pop()))
    }),
    ("label-extra", |city| {
        certificate(city, |certify| {
            let mut extra = certify.result.questions[0].outcome[0].clone();
            "palms".clone_into(&mut extra.label);
            certify.result.questions[0].outcome.push(extra);
        })
    }),
];

fn announced_opening() -> Payload {
    let city = announced();
    city.clock.set(OPENS_AT);
    city.opening().payload().clone()
}

#[test]
fn announcements_that_break_the_law_are_refused() {
    refuse_each(enrolled, ANNOUNCING);
}

#[test]
fn openings_that_break_the_law_are_refused() {
    refuse_each(announced, OPENING);
}

#[test]
fn acts_out_of_their_place_are_refused_while_people_vote() {
    refuse_each(open, VOTING);
}

#[test]
fn what_comes_after_the_close_is_refused() {
    refuse_each(closed, CERTIFYING);
}

#[test]
fn lawful_acts_are_taken_in_the_same_cities() {
    let take = |city: &City, handed: Handed| {
        city.client().cast(&super::entries_of(&handed.path), &handed.entry).ok();
    };
    let city = enrolled();
    take(&city, announcement(&city, |_| {}));
    take(&city, opening(&city, |_| {}));
    take(&city, closing(&city, |_| {}));
    take(&city, certificate(&city, |_| {}));
}
