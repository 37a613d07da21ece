//! Ballots handed in: the bad input of every kind, each with its own code.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::ballot::Ballot;

use super::super::recount::story::{POLL, Story, plain, stranger, voter};
use super::Answer::{Recorded, Refused};
use super::Submission;
use crate::city::City;

/// A poll that is open, with ballots at 2, 3 and 4.
const OPEN: (&str, &str) = ("open_still", POLL);

pub(super) fn submissions() -> Vec<Submission> {
    let story = Story::voted();
    let mut all = good(&story);
    all.extend(malformed(&story));
    all.extend(false_ones(&story));
    all.extend(spoiled(&story));
    all.extend(out_of_phase());
    all.extend(revotes());
    all
}

fn good(story: &Story) -> Vec<Submission> {
    let again = SignedEntry::decode(story.poll.log_type(), story.entries()[3].clone());
    vec![
        Submission::new(
            "ballot",
            "An honest ballot.",
            OPEN,
            &story.ballot("di", 0, &[&[1]]),
            Recorded(5),
        ),
        // RECEIPT-5: the same bytes are answered with a receipt for the index at which they stand.
        Submission::new(
            "ballot_again",
            "A ballot that stands in the log already: the same receipt, and nothing is appended.",
            OPEN,
            &again.expect("a ballot"),
            Recorded(3),
        ),
    ]
}

fn malformed(story: &Story) -> Vec<Submission> {
    let ballot = story.ballot("di", 0, &[&[1]]);
    let with = |name, what, code, change: fn(&mut Vec<u8>)| {
        Submission::new(name, what, OPEN, &ballot, Refused(code, 400)).altered(change)
    };
    let too_long = Submission::new(
        "oversized",
        "A ballot with so many zeros behind it that no bundle could hold it.",
        OPEN,
        &ballot,
        Refused("entry-oversized", 413),
    );
    vec![
        too_long.altered(|bytes| bytes.resize(65_536, 0)),
        with("malformed", "Bytes that are no CBOR of the law.", "entry-malformed", |bytes| {
            *bytes = vec![0xff; 200];
        }),
        with("truncated", "A ballot whose last byte is missing.", "entry-malformed", |bytes| {
            bytes.pop();
        }),
        with(
            "non_canonical",
            "A length takes two bytes for one.",
            "entry-non-canonical",
            |bytes| {
                bytes.splice(0..1, [0x98, 2]);
            },
        ),
        with("trailing_byte", "A byte follows the ballot.", "entry-trailing-bytes", |bytes| {
            bytes.push(0);
        }),
        with("unknown_kind", "An entry of kind 34 hundred.", "entry-unknown-kind", |bytes| {
            // The kind, 35, in place: 24 and up take a second byte.
            let place = bytes.windows(2).position(|pair| pair == [0x18, 35]).expect("the kind");
            bytes[place + 1] = 99;
        }),
        with("unknown_version", "A ballot of version 2.", "entry-unknown-kind", |bytes| {
            let place = bytes.windows(2).position(|pair| pair == [0x18, 35]).expect("the kind");
            bytes[place + 2] = 2;
        }),
        with("turn_of_no_ballot", "A ballot of turn 16.", "entry-fields", |bytes| {
            let place = bytes.windows(2).position(|pair| pair == [0x18, 35]).expect("the kind");
            bytes[place + 3] = 16;
        }),
    ]
}

fn payload(selections: &[&[u64]]) -> Payload {
    let selections = selections.iter().map(|selection| selection.to_vec()).collect();
    Payload::Ballot(Ballot::open(0, selections))
}

fn false_ones(story: &Story) -> Vec<Submission> {
    let under = story.leaf(Kind::Open);
    let sign =
        |path: &LogPath, keys: &[&_]| story.city.sign_with(path, under, &payload(&[&[1]]), keys);
    let (di, ada) = (voter("di").key, voter("ada").key);
    let other_poll = LogPath::Poll("swings".to_owned());
    let other_city = City::found("vote.example.com");
    let elsewhere = other_city.sign_with(&story.poll, under, &payload(&[&[1]]), &[&di]);
    vec![
        Submission::new(
            "voter_unknown",
            "A ballot by a key that is on no roll of the poll.",
            OPEN,
            &sign(&story.poll, &[&stranger()]),
            Refused("voter-unknown", 403),
        ),
        Submission::new(
            "ballot_by_two_voters",
            "A ballot with the signatures of two voters.",
            OPEN,
            &sign(&story.poll, &[&di, &ada]),
            Refused("ballot-signers", 403),
        ),
        Submission::new(
            "wrongly_signed",
            "A ballot whose signature has one bit turned.",
            OPEN,
            &sign(&story.poll, &[&di]),
            Refused("signature-invalid", 403),
        )
        .altered(|bytes| *bytes.last_mut().expect("a signature") ^= 1),
        Submission::new(
            "replayed_from_another_poll",
            "A ballot that its voter signed for another poll.",
            OPEN,
            &sign(&other_poll, &[&di]),
            Refused("signature-invalid", 403),
        ),
        Submission::new(
            "replayed_from_another_city",
            "A ballot that its voter signed for a poll of this name in another city.",
            OPEN,
            &elsewhere,
            Refused("signature-invalid", 403),
        ),
        Submission::new(
            "replayed_from_another_history",
            "A ballot that its voter signed under another Open.",
            OPEN,
            &story.ballot_under(Hash([7; 32]), "di", 0, &[&[1]]),
            Refused("signature-invalid", 403),
        ),
        Submission::new(
            "unknown_poll",
            "A ballot for a poll that does not exist.",
            ("open_still", "poll/swings"),
            &sign(&other_poll, &[&di]),
            Refused("unknown-log", 404),
        ),
    ]
}

fn spoiled(story: &Story) -> Vec<Submission> {
    let ballot = |name, what, selections: &[&[u64]], code| {
        let entry = story.ballot("di", 0, selections);
        Submission::new(name, what, OPEN, &entry, Refused(code, 422))
    };
    vec![
        ballot(
            "question_count",
            "Answers to two questions, of one.",
            &[&[1], &[0]],
            "question-count",
        ),
        ballot("choice_out_of_range", "The third of two options.", &[&[2]], "choice-out-of-range"),
        ballot("choice_duplicated", "One option twice.", &[&[1, 1]], "choice-duplicated"),
        ballot("choice_disordered", "Options in another order.", &[&[1, 0]], "choice-disordered"),
        ballot("choices_too_many", "Two options, of one.", &[&[0, 1]], "choices-too-many"),
        Submission::new(
            "already_voted",
            "A second ballot where the first counts.",
            OPEN,
            &story.ballot("bo", 0, &[&[0]]),
            Refused("already-voted", 409),
        ),
        Submission::new(
            "turn_out_of_range",
            "A changed ballot in a poll that allows no change.",
            OPEN,
            &story.ballot("di", 1, &[&[0]]),
            Refused("turn-out-of-range", 422),
        ),
    ]
}

fn out_of_phase() -> Vec<Submission> {
    let announced = Story::announced(plain());
    let early = announced.ballot_under(announced.leaf(Kind::Announce), "di", 0, &[&[1]]);
    let story = Story::voted();
    let late = story.ballot("di", 0, &[&[1]]);
    let after = |name, what, city| {
        Submission::new(name, what, (city, POLL), &late, Refused("ballot-after-close", 409))
    };
    vec![
        Submission::new(
            "ballot_before_open",
            "A ballot for a poll that is announced.",
            ("announced_only", POLL),
            &early,
            Refused("ballot-before-open", 409),
        ),
        after("ballot_after_close", "A ballot for a poll that is closed.", "closed_not_certified"),
        after("ballot_after_certify", "A ballot after the result.", "single_choice_first"),
        after(
            "ballot_after_cancel",
            "A ballot for a poll that was called off.",
            "cancelled_while_open",
        ),
    ]
}

fn revotes() -> Vec<Submission> {
    let story = Story::revoted();
    let city = ("open_still_with_revotes", POLL);
    let ballot = |name, what, turn, answer| {
        Submission::new(name, what, city, &story.ballot("ada", turn, &[&[0]]), answer)
    };
    vec![
        ballot("changed_ballot", "A change of turn 3 after one of turn 2.", 3, Recorded(4)),
        ballot("stale_turn", "A turn that is older than the last.", 1, Refused("stale-turn", 409)),
        ballot("same_turn", "The last turn again.", 2, Refused("stale-turn", 409)),
        ballot("turn_above_the_last", "Turn 4, of 3.", 4, Refused("turn-out-of-range", 422)),
    ]
}
