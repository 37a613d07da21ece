//! Step A5: entries of a pinned roll that are refused. None of their enrolments counts.

use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::register::Role;
use veche_protocol::roll::{District, Enrolment, Revocation, RevocationReason, RollHeader};

use super::case::Case;
use super::story::{POLL, ROLL, Story, nothing, plain, voter};
use crate::city::{City, OFFICERS, Voter};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![registrar_appointed_unseen(), replaced_twice()];
    cases.extend(by_staff());
    cases.extend(by_operator());
    cases.extend(headless());
    cases
}

const REGISTRARS: [&str; 2] = ["registrar", "inspector"];

/// Name, what it is, the entry of the roll at index 2, and its code.
type Refused = (&'static str, &'static str, fn(&City) -> SignedEntry, &'static str);

fn roll() -> LogPath {
    LogPath::Roll("residents".to_owned())
}

fn sign(city: &City, payload: &Payload, by: &[&str]) -> SignedEntry {
    city.sign(&roll(), city.at(&roll()).leaf(0), payload, by)
}

/// An enrolment of `ghost`, changed, signed by registrar and inspector.
fn enrol(city: &City, change: impl FnOnce(&mut Enrolment)) -> SignedEntry {
    enrol_by(city, change, &REGISTRARS)
}

fn enrol_by(city: &City, change: impl FnOnce(&mut Enrolment), by: &[&str]) -> SignedEntry {
    let mut enrolment = city.enrolment(&roll(), &Voter::named("ghost", 0));
    change(&mut enrolment);
    sign(city, &Payload::Enrol(vec![enrolment]), by)
}

fn revoke(city: &City, names: &[&str], reason: RevocationReason) -> SignedEntry {
    let revocation = |name: &&str| Revocation { voter: voter(name).id, reason };
    sign(city, &Payload::Revoke(names.iter().map(revocation).collect()), &REGISTRARS)
}

fn by_staff() -> Vec<Case> {
    let mut refused = by_whom();
    refused.extend(of_what());
    let case = |refused| {
        let (case, code) = enrolled_badly(refused);
        case.staff("A5", code, ROLL, 2)
    };
    refused.into_iter().map(case).collect()
}

fn by_whom() -> Vec<Refused> {
    vec![
        (
            "enrolled_by_one_officer",
            "A voter is enrolled by the registrar alone.",
            |city| enrol_by(city, |_| (), &["registrar"]),
            "officers-too-few",
        ),
        (
            "enrolled_by_three_officers",
            "A voter is enrolled by three, where exactly two must sign.",
            |city| enrol_by(city, |_| (), &["registrar", "inspector", "officer-1"]),
            "officers-too-few",
        ),
        (
            "enrolled_by_a_stranger",
            "A voter is enrolled by the registrar and somebody who is no officer.",
            |city| enrol_by(city, |_| (), &["registrar", "stranger"]),
            "officer-unknown",
        ),
        (
            "enrolled_without_inspector",
            "A voter is enrolled by the registrar and a moderator.",
            |city| enrol_by(city, |_| (), &["registrar", "moderator"]),
            "officer-role",
        ),
    ]
}

fn of_what() -> Vec<Refused> {
    vec![
        (
            "enrolled_in_no_district",
            "A voter is enrolled in a district that the roll does not have.",
            |city| enrol(city, |ghost| ghost.district = 2),
            "roll-district",
        ),
        (
            "voter_id_enrolled_twice",
            "A voter id is given to a second key.",
            |city| enrol(city, |ghost| ghost.voter = voter("ada").id),
            "voter-id-taken",
        ),
        (
            "voter_key_enrolled_twice",
            "A key is given a second voter id.",
            |city| {
                let double = Voter { key: voter("ada").key, ..Voter::named("ghost", 0) };
                let enrolment = city.enrolment(&roll(), &double);
                sign(city, &Payload::Enrol(vec![enrolment]), &REGISTRARS)
            },
            "voter-key-taken",
        ),
        (
            "voter_enrolled_twice_in_one_entry",
            "One entry enrols the same key under two ids; nothing of it counts.",
            |city| {
                let first = Voter::named("ghost", 0);
                let second = Voter { key: first.key.clone(), ..Voter::named("shade", 0) };
                let batch = [first, second].map(|voter| city.enrolment(&roll(), &voter));
                sign(city, &Payload::Enrol(batch.to_vec()), &REGISTRARS)
            },
            "voter-key-taken",
        ),
        (
            "key_substituted_by_the_registrar",
            "A voter is enrolled with a key that the voter's proof is not of.",
            |city| enrol(city, |ghost| ghost.key = voter("substitute").key.key()),
            "possession-invalid",
        ),
        (
            "possession_of_another_roll",
            "A proof of possession was made for another roll.",
            |city| {
                let mut elsewhere = city.clone();
                let other = LogPath::Roll("guests".to_owned());
                elsewhere.begin_roll(&other, &["north"]);
                let proof = elsewhere.enrolment(&other, &Voter::named("ghost", 0)).possession;
                enrol(city, |ghost| ghost.possession = proof)
            },
            "possession-invalid",
        ),
        // ROLL-6: a place that was made free.
        (
            "replacement_of_an_active_voter",
            "An enrolment replaces a voter who has not been revoked.",
            |city| enrol(city, |ghost| ghost.replaces = Some(voter("ada").id)),
            "replacement-invalid",
        ),
        // ROLL-7: and not revoked.
        (
            "revoked_twice_in_one_entry",
            "One entry takes the same voter off the roll twice; nothing of it counts.",
            |city| revoke(city, &["ada", "bo", "ada"], RevocationReason::Left),
            "voter-revoked",
        ),
    ]
}

fn by_operator() -> Vec<Case> {
    let refused: [Refused; 5] = [
        (
            "enrolled_with_a_weak_key",
            "A voter is enrolled with a key of small order.",
            |city| enrol(city, |ghost| ghost.key.0 = [0; 32]),
            "key-weak",
        ),
        (
            "enrolled_with_a_key_not_canonical",
            "A voter is enrolled with an encoding of a key that is not the one there is.",
            |city| enrol(city, |ghost| ghost.key.0 = [0xff; 32]),
            "key-weak",
        ),
        (
            "enrolled_for_another_roll",
            "An enrolment was signed under the header of another roll.",
            |city| {
                let enrolment = city.enrolment(&roll(), &Voter::named("ghost", 0));
                let payload = Payload::Enrol(vec![enrolment]);
                city.sign(&roll(), Hash([7; 32]), &payload, &REGISTRARS)
            },
            "signature-invalid",
        ),
        // ROLL-7: enrolled on this roll.
        (
            "revoked_who_was_never_enrolled",
            "A voter is taken off the roll who never was on it.",
            |city| revoke(city, &["ada", "ghost"], RevocationReason::Left),
            "voter-unknown",
        ),
        (
            "roll_header_twice",
            "A second header follows.",
            |city| {
                let header = header(&["east"]);
                city.sign(&roll(), city.instance, &Payload::Roll(header), &REGISTRARS)
            },
            "roll-header",
        ),
    ];
    let case = |refused| {
        let (case, code) = enrolled_badly(refused);
        case.operator("A5", code, ROLL, 2)
    };
    refused.into_iter().map(case).collect()
}

/// The entry stands on the roll before the pin and is refused; the Open counts without it.
fn enrolled_badly((name, what, entry, code): Refused) -> (Case, &'static str) {
    let mut story = Story::new();
    let entry = entry(&story.city);
    story.city.log(&roll(), &entry);
    story.announce(plain());
    story.open();
    (story.case(name, what).result(nothing()), code)
}

fn replaced_twice() -> Case {
    // ROLL-6: and only once.
    let mut story = Story::new();
    let place = Some(voter("cy").id);
    let revocation = revoke(&story.city, &["cy"], RevocationReason::Replaced);
    story.city.log(&roll(), &revocation);
    for name in ["cy anew", "cy again"] {
        let mut enrolment = story.city.enrolment(&roll(), &Voter::named(name, 1));
        enrolment.replaces = place;
        story.city.enrol_as(&roll(), vec![enrolment], &REGISTRARS);
    }
    story.announce(plain());
    story.open();
    story
        .case("replaced_twice", "Two enrolments take the place of one voter.")
        .result(nothing())
        .staff("A5", "replacement-invalid", ROLL, 4)
}

fn registrar_appointed_unseen() -> Case {
    let mut story = Story::announced(plain());
    let mut open = story.city.open_payload(&story.poll);
    let mut list = OFFICERS.to_vec();
    list.push(("registrar-2", &[Role::Registrar]));
    story.city.appoint(&list);
    let entry = enrol_by(&story.city, |_| (), &["registrar-2", "inspector"]);
    story.city.log(&roll(), &entry);
    // The Open counts the roll by the register from before the appointment.
    open.pins[0].head = story.city.head(&roll());
    let entry = story.open_entry(open);
    story.stand(&entry);
    story
        .case(
            "registrar_appointed_later",
            "A voter was enrolled by a registrar of whom the Open's officers had not seen the \
             appointment.",
        )
        .result(nothing())
        .staff("A5", "officer-unknown", ROLL, 2)
}

/// The header of a roll with these districts.
pub(in crate::vectors) fn header(districts: &[&str]) -> RollHeader {
    let district =
        |code: &&str| District { code: (*code).to_owned(), label: format!("District {code}") };
    RollHeader {
        title: "Residents".to_owned(),
        districts: districts.iter().map(district).collect(),
        since: 1_799_000_000,
        until: 1_801_000_000,
    }
}

/// Name, what it is, the entry at index 0 of the roll, its code.
type Headless = (&'static str, &'static str, fn(&Story) -> SignedEntry, &'static str);

fn sign_header(story: &Story, header: RollHeader) -> SignedEntry {
    story.city.sign(&roll(), story.city.instance, &Payload::Roll(header), &REGISTRARS)
}

/// Rolls whose header does not stand: every other entry is refused, and no poll can pin them.
fn headless() -> Vec<Case> {
    let by_staff: [Headless; 3] = [
        // ROLL-3: a year at most, and distinct districts.
        (
            "roll_living_too_long",
            "A roll is to live one second longer than a leap year.",
            |story| {
                let mut header = header(&["north", "south"]);
                header.until = header.since + 31_622_401;
                sign_header(story, header)
            },
            "roll-life",
        ),
        (
            "roll_ending_at_its_beginning",
            "A roll is to live no time.",
            |story| {
                let mut header = header(&["north", "south"]);
                header.until = header.since;
                sign_header(story, header)
            },
            "roll-life",
        ),
        (
            "roll_with_a_district_twice",
            "A roll has two districts of one code.",
            |story| sign_header(story, header(&["north", "north"])),
            "roll-district",
        ),
    ];
    let staff = by_staff.into_iter().map(|headless| {
        let (case, code) = without_header(headless);
        finish_headless(case.staff("A5", code, ROLL, 0))
    });
    let (case, code) = without_header((
        "roll_without_header",
        "A roll begins with a revocation.",
        |story| {
            let payload = Payload::Revoke(vec![Revocation {
                voter: voter("ada").id,
                reason: RevocationReason::Left,
            }]);
            story.city.sign(&roll(), story.city.instance, &payload, &REGISTRARS)
        },
        "roll-header",
    ));
    staff.chain([finish_headless(case.operator("A5", code, ROLL, 0))]).collect()
}

fn without_header((name, what, first, code): Headless) -> (Case, &'static str) {
    let mut story = Story::without_roll();
    let first = first(&story);
    story.city.log(&roll(), &first);
    story.city.announce_log(&roll());
    story.city.enrol(&roll(), &["ada", "cy"].map(voter));
    story.city.anchor();
    story.announce(plain());
    let mut open = story.city.open_payload(&story.poll);
    open.pins[0].eligible = vec![("north".to_owned(), 1), ("south".to_owned(), 1)];
    let entry = story.open_entry(open);
    story.log(&entry);
    (story.case(name, what).staff("A4", "roll-pin-mismatch", POLL, 1), code)
}

fn finish_headless(case: Case) -> Case {
    case.operator("A5", "roll-header", ROLL, 1)
}
