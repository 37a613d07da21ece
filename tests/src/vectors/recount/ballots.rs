//! Steps A7 and A8: ballots that do not count, by the fault of the city or of their voters.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::ballot::Ballot;
use veche_protocol::poll::definition::{Definition, Revote};
use veche_protocol::roll::RevocationReason;

use super::case::Case;
use super::story::{POLL, Story, plain, result, revotable, stranger, usual, voter};
use crate::city::{City, approval_definition};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = strange().into_iter().chain(signed_elsewhere()).map(let_in).collect();
    cases.extend(spoiled().into_iter().map(cast_badly));
    cases.extend([
        ballot_before_open(),
        ballot_after_close(),
        voter_revoked(),
        voter_of_another_district(),
        blank_where_none_may(),
        too_many_of_three(),
        stale_turn(),
        turn_out_of_range(),
        refused_ballot_uses_no_turn(),
        spoiled_ballot_twice(),
        spoiled_voter_votes_after_all(),
    ]);
    cases
}

/// Name, what it is, the ballot that stands at index 5, and its code.
type Strange = (&'static str, &'static str, fn(&Story) -> SignedEntry, &'static str);

fn payload(selections: &[&[u64]]) -> Payload {
    let selections = selections.iter().map(|selection| selection.to_vec()).collect();
    Payload::Ballot(Ballot::open(0, selections))
}

/// Ballots that no honest server lets in.
fn strange() -> Vec<Strange> {
    vec![
        // BALLOT-3: a voter of the electorate.
        (
            "voter_unknown",
            "A ballot by a key that is on no roll.",
            |story| {
                let under = story.leaf(Kind::Open);
                story.city.sign_with(&story.poll, under, &payload(&[&[1]]), &[&stranger()])
            },
            "voter-unknown",
        ),
        // BALLOT-2: one signer.
        (
            "ballot_by_two_voters",
            "A ballot with the signatures of two voters.",
            |story| {
                let (di, ada) = (voter("di").key, voter("ada").key);
                let under = story.leaf(Kind::Open);
                story.city.sign_with(&story.poll, under, &payload(&[&[1]]), &[&di, &ada])
            },
            "ballot-signers",
        ),
        // BALLOT-5: the same bytes count once.
        (
            "ballot_logged_twice",
            "The same ballot stands in the log a second time.",
            |story| story.ballot("bo", 0, &[&[1]]),
            "duplicate-entry",
        ),
    ]
}

/// Ballots that were signed for something else.
fn signed_elsewhere() -> Vec<Strange> {
    vec![
        (
            "ballot_of_another_poll",
            "A ballot that its voter signed for another poll.",
            |story| {
                let other = LogPath::Poll("swings".to_owned());
                let under = story.leaf(Kind::Open);
                story.city.sign_with(&other, under, &payload(&[&[1]]), &[&voter("di").key])
            },
            "signature-invalid",
        ),
        (
            "ballot_of_another_city",
            "A ballot that its voter signed for a poll of this name in another city.",
            |story| {
                let other = City::found("vote.example.com");
                let under = story.leaf(Kind::Open);
                other.sign_with(&story.poll, under, &payload(&[&[1]]), &[&voter("di").key])
            },
            "signature-invalid",
        ),
        (
            "ballot_of_another_history",
            "A ballot that its voter signed under another Open.",
            |story| story.ballot_under(Hash([7; 32]), "di", 0, &[&[1]]),
            "signature-invalid",
        ),
        (
            "ballot_copied_under_another_key",
            "One voter's ballot with the key of another.",
            |story| {
                let ballot = story.ballot("bo", 0, &[&[1]]);
                let mut bytes = ballot.bytes().to_vec();
                let start = bytes.len() - 64 - 2 - 32;
                bytes[start..start + 32].copy_from_slice(&voter("di").key.key().0);
                SignedEntry::decode(story.poll.log_type(), bytes).expect("of the same form")
            },
            "signature-invalid",
        ),
        (
            "ballot_altered",
            "A ballot whose choice was changed after it was signed.",
            |story| {
                let signed = story.ballot("di", 0, &[&[1]]);
                let mut bytes = story.ballot("di", 0, &[&[0]]).bytes().to_vec();
                let start = bytes.len() - 64;
                bytes[start..].copy_from_slice(&signed.bytes()[start..]);
                SignedEntry::decode(story.poll.log_type(), bytes).expect("of the same form")
            },
            "signature-invalid",
        ),
        // BALLOT-1: what depends on the city comes before what depends on the voter.
        (
            "ballot_altered_to_be_spoiled",
            "A ballot whose signature is false and whose choice is none: the city is asked first.",
            |story| story.ballot_under(Hash([7; 32]), "di", 0, &[&[9]]),
            "signature-invalid",
        ),
    ]
}

fn let_in((name, what, ballot, code): Strange) -> Case {
    let mut story = Story::voted();
    let ballot = ballot(&story);
    let index = story.log(&ballot);
    story.end(usual());
    story.usual_case(name, what).operator("A7", code, POLL, index)
}

/// Name, what it is, voter, selections, step and code.
type Spoiled = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static [u64]],
    &'static str,
    &'static str,
);

/// Ballots that their voters signed, and that do not count.
fn spoiled() -> Vec<Spoiled> {
    vec![
        (
            "questions_too_many",
            "A ballot that answers two questions, of one.",
            "di",
            &[&[1], &[0]],
            "A7",
            "question-count",
        ),
        (
            "choice_out_of_range",
            "A ballot for the third of two options.",
            "di",
            &[&[2]],
            "A7",
            "choice-out-of-range",
        ),
        (
            "choice_duplicated",
            "A ballot that names one option twice.",
            "di",
            &[&[1, 1]],
            "A7",
            "choice-duplicated",
        ),
        (
            "choice_duplicated_apart",
            "A ballot that names the first option, the second, and the first again.",
            "di",
            &[&[0, 1, 0]],
            "A7",
            "choice-duplicated",
        ),
        (
            "choice_disordered",
            "A ballot that names its options in another order.",
            "di",
            &[&[1, 0]],
            "A7",
            "choice-disordered",
        ),
        (
            "choices_too_many",
            "A ballot that names two options, of which one may be named.",
            "di",
            &[&[0, 1]],
            "A7",
            "choices-too-many",
        ),
        (
            "choice_above_every_machine_word",
            "A ballot for option 2^64 - 1.",
            "di",
            &[&[u64::MAX]],
            "A7",
            "choice-out-of-range",
        ),
        // BALLOT-9: the first ballot counts.
        (
            "already_voted",
            "A second ballot by a voter where the first counts.",
            "bo",
            &[&[0]],
            "A8",
            "already-voted",
        ),
    ]
}

fn cast_badly((name, what, who, selections, step, code): Spoiled) -> Case {
    let mut story = Story::voted();
    let index = story.spoil(who, 0, selections);
    story.end(usual());
    story.usual_case(name, what).voter(step, code, index)
}

fn ballot_before_open() -> Case {
    let mut story = Story::announced(plain());
    let ballot = story.ballot_under(story.leaf(Kind::Announce), "di", 0, &[&[1]]);
    let index = story.log(&ballot);
    story.open();
    story.cast_usual();
    story.end(usual());
    story.usual_case("ballot_before_open", "A ballot stands before the Open.").operator(
        "A7",
        "ballot-before-open",
        POLL,
        index,
    )
}

fn ballot_after_close() -> Case {
    let mut story = Story::voted();
    story.close();
    let index = story.spoil("di", 0, &[&[1]]);
    story.city.anchor();
    story.certify(usual());
    let late = story.spoil("di", 0, &[&[0]]);
    story
        .usual_case("ballot_after_close", "One ballot comes after Close, one after Certify.")
        .operator("A7", "ballot-after-close", POLL, index)
        .operator("A7", "ballot-after-close", POLL, late)
}

fn voter_revoked() -> Case {
    // ROLL-11: enrolled and not revoked.
    let mut story = Story::new();
    story.city.revoke(&story.roll.clone(), voter("di").id, RevocationReason::Left);
    story.announce(plain());
    story.open();
    story.cast_usual();
    let index = story.spoil("di", 0, &[&[1]]);
    let votes = [("trees", 2, true), ("swings", 1, false)];
    let result = result(&[("north", 2, 2), ("south", 1, 1)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("voter_revoked", "A ballot by a voter who was taken off the roll before the pin.")
        .result(result)
        .operator("A7", "voter-unknown", POLL, index)
}

fn voter_of_another_district() -> Case {
    // ROLL-11: whose district the definition admits.
    let districts = vec!["north".to_owned()];
    let mut story = Story::opened(Definition { districts, ..plain() });
    story.cast("ada", 0, &[&[0]]);
    let index = story.spoil("cy", 0, &[&[1]]);
    let votes = [("trees", 1, true), ("swings", 0, false)];
    let result = result(&[("north", 2, 1)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("voter_of_another_district", "A ballot from a district in which nobody votes.")
        .result(result)
        .operator("A7", "voter-unknown", POLL, index)
}

fn blank_where_none_may() -> Case {
    let mut story = Story::opened(approval_definition(&["trees", "swings"], 1, 2, Revote::First));
    story.cast("ada", 0, &[&[0, 1]]);
    let index = story.spoil("di", 0, &[&[]]);
    let votes = [("trees", 1, true), ("swings", 1, true)];
    let result = result(&[("north", 2, 1), ("south", 2, 0)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("choices_too_few", "A blank ballot where at least one option must be named.")
        .result(result)
        .voter("A7", "choices-too-few", index)
}

fn too_many_of_three() -> Case {
    let labels = ["trees", "swings", "bench"];
    let mut story = Story::opened(approval_definition(&labels, 1, 2, Revote::First));
    story.cast("ada", 0, &[&[0, 2]]);
    let index = story.spoil("di", 0, &[&[0, 1, 2]]);
    let votes = [("trees", 1, true), ("swings", 0, false), ("bench", 1, true)];
    let result = result(&[("north", 2, 1), ("south", 2, 0)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("choices_too_many_of_three", "Three options are named, of which two may be.")
        .result(result)
        .voter("A7", "choices-too-many", index)
}

/// Ada changed from trees to swings, and nobody else voted.
fn changed_once() -> veche_protocol::poll::result::PollResult {
    let votes = [("trees", 0, false), ("swings", 1, true)];
    result(&[("north", 2, 1), ("south", 2, 0)], &[(0, &votes)])
}

fn stale_turn() -> Case {
    // BALLOT-10: a turn greater than all before.
    let mut story = Story::opened(revotable());
    let held_back = story.ballot("ada", 1, &[&[0]]);
    story.cast("ada", 0, &[&[0]]);
    story.cast("ada", 2, &[&[1]]);
    let older = story.log(&held_back);
    let equal = story.spoil("ada", 2, &[&[0]]);
    story.end(changed_once());
    story
        .case(
            "stale_turn",
            "A ballot that was held back comes last, and one of the same turn after it.",
        )
        .result(changed_once())
        .voter("A8", "stale-turn", older)
        .voter("A8", "stale-turn", equal)
}

fn turn_out_of_range() -> Case {
    // BALLOT-7: no more turns than the poll allows.
    let mut story = Story::opened(revotable());
    story.cast("ada", 0, &[&[0]]);
    let index = story.spoil("ada", 4, &[&[0]]);
    story.cast("ada", 3, &[&[1]]);
    story.end(changed_once());
    story
        .case("turn_out_of_range", "A fourth change, where three are allowed.")
        .result(changed_once())
        .voter("A7", "turn-out-of-range", index)
}

fn refused_ballot_uses_no_turn() -> Case {
    // BALLOT-11: what is refused changes nothing.
    let mut story = Story::opened(revotable());
    story.cast("ada", 0, &[&[0]]);
    let index = story.spoil("ada", 3, &[&[5]]);
    story.cast("ada", 1, &[&[1]]);
    story.end(changed_once());
    story
        .case("refused_ballot_uses_no_turn", "A spoiled ballot of a high turn binds nobody.")
        .result(changed_once())
        .voter("A7", "choice-out-of-range", index)
}

fn spoiled_ballot_twice() -> Case {
    // BALLOT-5: a spoiled ballot is known again too.
    let mut story = Story::voted();
    let first = story.spoil("di", 0, &[&[7]]);
    let again = story.spoil("di", 0, &[&[7]]);
    story.end(usual());
    story
        .usual_case("spoiled_ballot_twice", "A spoiled ballot was put into the log twice.")
        .voter("A7", "choice-out-of-range", first)
        .operator("A7", "duplicate-entry", POLL, again)
}

fn spoiled_voter_votes_after_all() -> Case {
    // BALLOT-11, ENTRY-13: its voter may vote still.
    let mut story = Story::opened(plain());
    story.cast("ada", 0, &[&[0]]);
    story.cast("cy", 0, &[&[0]]);
    let index = story.spoil("bo", 0, &[&[0, 1]]);
    story.cast("bo", 0, &[&[1]]);
    story.end(usual());
    story
        .usual_case(
            "spoiled_voter_votes_after_all",
            "A spoiled ballot is no ballot: its voter may vote where the first counts.",
        )
        .voter("A7", "choices-too-many", index)
}
