//! Entries of rolls handed in.

use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::roll::{Enrolment, Revocation, RevocationReason};

use super::super::recount::rolls::header;
use super::super::recount::story::{ROLL, Story, plain, voter};
use super::Answer::{Recorded, Refused};
use super::Submission;
use crate::city::Voter;

/// A city with a roll of four voters, whose entries stand at 0 and 1.
const CITY: (&str, &str) = ("announced_only", ROLL);
const REGISTRARS: [&str; 2] = ["registrar", "inspector"];

pub(super) fn submissions() -> Vec<Submission> {
    let story = Story::announced(plain());
    let mut all = headers(&story);
    all.extend(enrolments(&story));
    all.extend(bad_enrolments(&story));
    all.extend(revocations(&story));
    all
}

fn refused(
    name: &'static str,
    what: &'static str,
    entry: &SignedEntry,
    code: &'static str,
    status: u16,
) -> Submission {
    Submission::new(name, what, CITY, entry, Refused(code, status))
}

fn headers(story: &Story) -> Vec<Submission> {
    let other = LogPath::Roll("guests".to_owned());
    let at = ("announced_only", "roll/guests");
    let sign = |path: &LogPath, header, by: &[&str]| {
        story.city.sign(path, story.city.instance, &Payload::Roll(header), by)
    };
    let mut long = header(&["east"]);
    long.until = long.since + 31_622_401;
    let enrol = Payload::Enrol(vec![story.city.enrolment(&story.roll, &voter("eve"))]);
    let enrol = story.city.sign(&other, story.city.instance, &enrol, &REGISTRARS);
    vec![
        Submission::new(
            "roll",
            "A new roll.",
            at,
            &sign(&other, header(&["east"]), &REGISTRARS),
            Recorded(0),
        ),
        Submission::new(
            "roll_too_long",
            "A roll that is to live a second longer than a leap year.",
            at,
            &sign(&other, long, &REGISTRARS),
            Refused("roll-life", 422),
        ),
        Submission::new(
            "roll_with_a_district_twice",
            "A roll with two districts of one code.",
            at,
            &sign(&other, header(&["east", "east"]), &REGISTRARS),
            Refused("roll-district", 422),
        ),
        Submission::new(
            "unknown_roll",
            "An enrolment on a roll that does not exist.",
            at,
            &enrol,
            Refused("unknown-log", 404),
        ),
        refused(
            "roll_header_again",
            "Another header for a roll that has one.",
            &sign(&story.roll, header(&["east"]), &REGISTRARS),
            "roll-header",
            409,
        ),
    ]
}

/// An enrolment of `eve`, changed.
fn enrol(story: &Story, change: &dyn Fn(&mut Enrolment), by: &[&str], under: Hash) -> SignedEntry {
    let mut enrolment = story.city.enrolment(&story.roll, &Voter::named("eve", 0));
    change(&mut enrolment);
    story.city.sign(&story.roll, under, &Payload::Enrol(vec![enrolment]), by)
}

fn enrolments(story: &Story) -> Vec<Submission> {
    let under = story.city.at(&story.roll).leaf(0);
    let by = |names: &[&str]| enrol(story, &|_| (), names, under);
    vec![
        Submission::new("enrol", "A new voter.", CITY, &by(&REGISTRARS), Recorded(2)),
        refused(
            "enrol_by_one",
            "The registrar alone.",
            &by(&["registrar"]),
            "officers-too-few",
            403,
        ),
        refused(
            "enrol_by_a_stranger",
            "The registrar and somebody who is no officer.",
            &by(&["registrar", "stranger"]),
            "officer-unknown",
            403,
        ),
        refused(
            "enrol_without_inspector",
            "The registrar and a poll officer.",
            &by(&["registrar", "officer-1"]),
            "officer-role",
            403,
        ),
        // ENTRY-13, ROLL-8: who the signers are is judged before their signatures.
        refused(
            "enrol_without_inspector_and_wrongly_signed",
            "The registrar and a poll officer, whose signatures are false.",
            &enrol(story, &|_| (), &["registrar", "officer-1"], Hash([7; 32])),
            "officer-role",
            403,
        ),
        refused(
            "enrol_for_another_roll",
            "Signatures made under another roll's header.",
            &enrol(story, &|_| (), &REGISTRARS, Hash([7; 32])),
            "signature-invalid",
            403,
        ),
    ]
}

fn bad_enrolments(story: &Story) -> Vec<Submission> {
    let under = story.city.at(&story.roll).leaf(0);
    let changed = |change: &dyn Fn(&mut Enrolment)| enrol(story, change, &REGISTRARS, under);
    let double = Voter { key: voter("ada").key, ..Voter::named("eve", 0) };
    let double = Payload::Enrol(vec![story.city.enrolment(&story.roll, &double)]);
    let double = story.city.sign(&story.roll, under, &double, &REGISTRARS);
    let replacing = |enrolment: &mut Enrolment| enrolment.replaces = Some(voter("ada").id);
    vec![
        refused(
            "enrol_a_weak_key",
            "A key of small order.",
            &changed(&|enrolment| enrolment.key.0 = [0; 32]),
            "key-weak",
            400,
        ),
        refused(
            "enrol_in_no_district",
            "A district that the roll does not have.",
            &changed(&|enrolment| enrolment.district = 2),
            "roll-district",
            422,
        ),
        refused(
            "enrol_an_id_again",
            "A voter id that is enrolled.",
            &changed(&|enrolment| enrolment.voter = voter("bo").id),
            "voter-id-taken",
            409,
        ),
        refused("enrol_a_key_again", "A key that is enrolled.", &double, "voter-key-taken", 409),
        refused(
            "enrol_in_place_of_an_active_voter",
            "A replacement of a voter who has not been revoked.",
            &changed(&replacing),
            "replacement-invalid",
            409,
        ),
        refused(
            "enrol_without_possession",
            "A key that nobody has shown to hold.",
            &changed(&|enrolment| enrolment.key = voter("substitute").key.key()),
            "possession-invalid",
            422,
        ),
    ]
}

fn revocations(story: &Story) -> Vec<Submission> {
    let under = story.city.at(&story.roll).leaf(0);
    let revoke = |names: &[&str]| {
        let reason = RevocationReason::Left;
        let revocations = names.iter().map(|name| Revocation { voter: voter(name).id, reason });
        let payload = Payload::Revoke(revocations.collect());
        story.city.sign(&story.roll, under, &payload, &REGISTRARS)
    };
    vec![
        Submission::new("revoke", "A voter has left.", CITY, &revoke(&["di"]), Recorded(2)),
        refused(
            "revoke_the_unknown",
            "A voter who is not on the roll.",
            &revoke(&["nobody"]),
            "voter-unknown",
            403,
        ),
        refused(
            "revoke_twice",
            "The same voter twice.",
            &revoke(&["di", "di"]),
            "voter-revoked",
            409,
        ),
    ]
}
