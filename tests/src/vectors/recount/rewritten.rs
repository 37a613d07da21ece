//! Histories that the operator has rewritten after the fact, with all the signatures that it can
//! make itself: of the heads, never of officers and voters.

use veche_protocol::entry::SignedEntry;
use veche_protocol::name::LogPath;
use veche_protocol::poll::result::PollResult;

use super::case::Case;
use super::story::{POLL, ROLL, Story, result, revotable, usual};
use crate::city::{City, PaperLog, Voter};

pub(super) fn cases() -> Vec<Case> {
    vec![
        ballot_removed(),
        ballot_inserted(),
        ballot_repeated_in_place_of_another(),
        close_removed(),
        definition_replaced(),
        roll_truncated(),
        roll_stuffed_before_the_pin(),
    ]
}

/// The poll's log, to be rewritten.
fn log_of<'a>(city: &'a mut City, path: &LogPath) -> &'a mut PaperLog {
    city.logs.get_mut(path).expect("the city has this log")
}

/// Single choice, nothing blank: what so many votes give.
fn votes(turnout: (u64, u64), trees: u64, swings: u64) -> PollResult {
    let (north, south) = turnout;
    let options = [("trees", trees, trees >= swings), ("swings", swings, swings > trees)];
    result(&[("north", 2, north), ("south", 2, south)], &[(0, &options)])
}

fn ballot_removed() -> Case {
    let mut story = Story::whole();
    let poll = story.poll.clone();
    log_of(&mut story.city, &poll).entries.remove(3);
    // The Close, at 4 now, was signed by officers who had seen five entries.
    story
        .case("ballot_removed", "A ballot was taken out of a certified poll, the head signed anew.")
        .stands(2)
        .accepted(2)
        .result(votes((1, 1), 2, 0))
        .operator("A2", "anchor-fork", POLL, None)
        .staff("A4", "seen-mismatch", POLL, 4)
        .operator("A4", "phase-out-of-order", POLL, 5)
}

fn ballot_inserted() -> Case {
    let mut story = Story::voted();
    let held_back = story.ballot("di", 0, &[&[1]]);
    story.end(usual());
    let poll = story.poll.clone();
    log_of(&mut story.city, &poll).entries.insert(5, held_back.bytes().to_vec());
    story.standing = vec![(32, 0), (34, 1), (36, 6)];
    // What the officers had seen when they closed is as it was; what they certified is not.
    story
        .case(
            "ballot_inserted",
            "A ballot that was held back is put before the Close of a certified poll.",
        )
        .accepted(4)
        .result(votes((2, 2), 2, 2))
        .operator("A2", "anchor-fork", POLL, None)
        .staff("A4", "seen-mismatch", POLL, 7)
}

fn ballot_repeated_in_place_of_another() -> Case {
    let mut story = Story::whole();
    let poll = story.poll.clone();
    let log = log_of(&mut story.city, &poll);
    let ballot = log.entries.remove(2);
    log.entries[2].clone_from(&ballot);
    log.entries.insert(2, ballot);
    story
        .case(
            "ballot_repeated_in_place_of_another",
            "One voter's ballot stands in place of another's, so that all sizes stay the same.",
        )
        .stands(2)
        .accepted(2)
        .result(votes((1, 1), 2, 0))
        .operator("A2", "anchor-fork", POLL, None)
        .staff("A4", "seen-mismatch", POLL, 5)
        .operator("A4", "phase-out-of-order", POLL, 6)
        .operator("A7", "duplicate-entry", POLL, 3)
}

fn close_removed() -> Case {
    let mut story = Story::whole();
    let poll = story.poll.clone();
    log_of(&mut story.city, &poll).entries.remove(5);
    story
        .usual_case("close_removed", "The Close was taken out of a certified poll.")
        .stands(2)
        .accepted(3)
        .operator("A2", "anchor-fork", POLL, None)
        .operator("A4", "phase-out-of-order", POLL, 5)
}

fn definition_replaced() -> Case {
    let mut story = Story::whole();
    let poll = story.poll.clone();
    // Even with the officers' signatures on another definition, everything later is under the old.
    let announce = {
        let before = Story::new();
        before.announce_entry(revotable())
    };
    log_of(&mut story.city, &poll).entries[0] = announce.bytes().to_vec();
    story
        .case(
            "definition_replaced",
            "Another definition, signed by the officers too, stands in place of the announced one.",
        )
        .stands(1)
        .operator("A2", "anchor-fork", POLL, None)
        .operator("A3", "log-not-announced", POLL, None)
        .operator("A4", "signature-invalid", POLL, 1)
        .operator("A4", "phase-out-of-order", POLL, 5)
        .operator("A4", "phase-out-of-order", POLL, 6)
        .operator("A7", "ballot-before-open", POLL, 2)
        .operator("A7", "ballot-before-open", POLL, 3)
        .operator("A7", "ballot-before-open", POLL, 4)
}

/// An open poll whose roll is not the one that was pinned.
fn unpinned(mut story: Story, name: &str, what: &'static str, rewrite: fn(&mut PaperLog)) -> Case {
    let roll = story.roll.clone();
    rewrite(log_of(&mut story.city, &roll));
    story.case(name, what).stands(1)
}

fn roll_truncated() -> Case {
    unpinned(
        Story::voted(),
        "roll_truncated",
        "The roll is shorter than the pin: its voters were taken away.",
        |log| log.entries.truncate(1),
    )
    .operator("A2", "entry-missing", ROLL, None)
    .staff("A4", "roll-pin-mismatch", POLL, 1)
    .operator("A7", "ballot-before-open", POLL, 2)
    .operator("A7", "ballot-before-open", POLL, 3)
    .operator("A7", "ballot-before-open", POLL, 4)
}

fn roll_stuffed_before_the_pin() -> Case {
    unpinned(
        Story::voted(),
        "roll_stuffed_before_the_pin",
        "A voter was put into the roll below the pin, with all signatures that it takes.",
        |log| {
            let ghost = ghost_enrolment();
            log.entries.insert(1, ghost.bytes().to_vec());
        },
    )
    .operator("A2", "anchor-fork", ROLL, None)
    .staff("A4", "roll-pin-mismatch", POLL, 1)
    .operator("A7", "ballot-before-open", POLL, 2)
    .operator("A7", "ballot-before-open", POLL, 3)
    .operator("A7", "ballot-before-open", POLL, 4)
}

/// The enrolment of a ghost by registrar and inspector, on the roll of every story.
fn ghost_enrolment() -> SignedEntry {
    let mut story = Story::new();
    let roll = story.roll.clone();
    let index = story.city.enrol(&roll, &[Voter::named("ghost", 0)]);
    let bytes = story.city.at(&roll).entries[usize::try_from(index).expect("a small log")].clone();
    SignedEntry::decode(roll.log_type(), bytes).expect("an enrolment")
}
