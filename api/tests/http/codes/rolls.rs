//! Entries of a roll that the law refuses (spec/roll.md).

use veche_api::Config;
use veche_protocol::entry::{Kind, Payload};
use veche_protocol::name::LogPath;
use veche_protocol::roll::{Enrolment, Revocation, RevocationReason, prove_possession};

use super::{Case, Handed, refuse_each};
use crate::city::{City, REGISTRY, key, roll, voter_id, voter_name};

/// A roll with four voters.
fn enrolled() -> City {
    let city = City::start(&Config::default());
    city.enrol(4);
    city
}

/// The enrolment of voters 4 and 5, changed.
fn enrolment(city: &City, change: impl Fn(&mut Vec<Enrolment>), by: &[&str]) -> Handed {
    let mut batch = city.enrolments(4..6);
    change(&mut batch);
    Handed::new(roll(), city.sign(&roll(), &Payload::Enrol(batch), by).into_bytes())
}

fn revocation(city: &City, voters: &[usize]) -> Handed {
    let revoke =
        |&number: &usize| Revocation { voter: voter_id(number), reason: RevocationReason::Left };
    let payload = Payload::Revoke(voters.iter().map(revoke).collect());
    Handed::new(roll(), city.sign(&roll(), &payload, &REGISTRY).into_bytes())
}

/// A header for a roll that is not there yet, changed.
fn header(city: &City, change: impl Fn(&mut veche_protocol::roll::RollHeader)) -> Handed {
    let path = LogPath::Roll("other".to_owned());
    let Payload::Roll(mut header) = city.header_of(&path).payload().clone() else { panic!() };
    change(&mut header);
    let entry = city.sign(&path, &Payload::Roll(header), &REGISTRY);
    Handed::new(path, entry.into_bytes())
}

pub(super) const CASES: &[Case] = &[
    ("roll-header", |city| {
        let other = LogPath::Roll("other".to_owned());
        let payload = city.header_of(&other).payload().clone();
        let entry = city.sign_out_of_place(&roll(), &payload, &REGISTRY);
        Handed::new(roll(), entry.into_bytes())
    }),
    ("roll-life", |city| header(city, |header| header.until = header.since)),
    ("roll-life", |city| header(city, |header| header.until = 367 * 86_400)),
    ("roll-district", |city| enrolment(city, |batch| batch[1].district = 2, &REGISTRY)),
    ("officers-too-few", |city| enrolment(city, |_| {}, &["registrar"])),
    ("officer-unknown", |city| enrolment(city, |_| {}, &["registrar", "nobody"])),
    ("officer-role", |city| enrolment(city, |_| {}, &["registrar", "officer-1"])),
    ("signature-invalid", |city| {
        let mut entry = enrolment(city, |_| {}, &REGISTRY);
        *entry.entry.last_mut().unwrap() ^= 1;
        entry
    }),
    ("voter-id-taken", |city| enrolment(city, |batch| batch[0].voter = voter_id(0), &REGISTRY)),
    ("voter-key-taken", |city| {
        let context = city.engine.context(&roll(), Kind::Enrol).unwrap();
        let taken = key(&voter_name(0));
        let steal = |batch: &mut Vec<Enrolment>| {
            batch[0].key = taken.key();
            batch[0].possession = prove_possession(&context.binding(), &batch[0].voter, &taken);
        };
        enrolment(city, steal, &REGISTRY)
    }),
    // no-proof-of-possession: another's proof is none.
    ("possession-invalid", |city| {
        enrolment(city, |batch| batch[1].possession = batch[0].possession, &REGISTRY)
    }),
    ("replacement-invalid", |city| {
        enrolment(city, |batch| batch[0].replaces = Some(voter_id(0)), &REGISTRY)
    }),
    ("voter-unknown", |city| revocation(city, &[9])),
    ("voter-revoked", |city| revocation(city, &[1, 1])),
];

#[test]
fn entries_of_rolls_that_break_the_law_are_refused() {
    refuse_each(enrolled, CASES);
}

#[test]
fn a_lawful_enrolment_is_taken_in_the_same_city() {
    let city = enrolled();
    let Handed { path, entry } = enrolment(&city, |_| {}, &REGISTRY);
    city.client().cast(&super::entries_of(&path), &entry).ok();
    let Handed { path, entry } = revocation(&city, &[1]);
    city.client().cast(&super::entries_of(&path), &entry).ok();
    let Handed { path, entry } = header(&city, |_| {});
    city.client().cast(&super::entries_of(&path), &entry).ok();
}
