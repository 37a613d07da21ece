//! Step A4: what the officers say that they have seen is not this history.

use veche_protocol::entry::Payload;
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Head, Seen};

use super::case::Case;
use super::story::{OFFICERS, POLL, Story, plain, usual};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = closes().into_iter().map(seen_badly).collect();
    cases.push(announce_on_a_past());
    cases
}

/// Name, what it is, and what the officers of a Close at index 5 had not seen.
type Unseen = (&'static str, &'static str, fn(&Story) -> Seen);

fn closes() -> [Unseen; 9] {
    [
        (
            "seen_root_of_another_history",
            "The Close was signed for a history of the poll that is not this one.",
            |story| with_own(story, |own| own.root = Hash([7; 32])),
        ),
        // POLL-5: a head of this log's own past, at or after the entry acted under.
        (
            "seen_size_above_the_index",
            "The Close was signed in advance, for a poll that is longer than it is.",
            |story| {
                let mut ahead = story.clone();
                ahead.cast("di", 0, &[&[1]]);
                with_own(story, |own| *own = ahead.seen().own)
            },
        ),
        (
            "seen_before_open",
            "The Close was signed by officers who had seen nothing past the Announce.",
            |story| with_own(story, |own| *own = story.city.at(&story.poll).head_at(1)),
        ),
        (
            "seen_nothing",
            "The Close was signed by officers who had seen nothing of the poll.",
            |story| with_own(story, |own| *own = Head { size: 0, root: empty_root() }),
        ),
        // POLL-6: the register's root, and never an older size.
        (
            "seen_register_of_another_history",
            "The Close was signed for a register that is not this one.",
            |story| with_register(story, |register| register.root = Hash([7; 32])),
        ),
        (
            "seen_register_of_size_0",
            "The Close was signed by officers who had seen nothing of the register.",
            |story| {
                let nothing = Head { size: 0, root: empty_root() };
                with_register(story, |register| *register = nothing)
            },
        ),
        (
            "seen_register_too_long",
            "The Close was signed for a register that is longer than it is.",
            |story| with_register(story, |register| register.size += 40),
        ),
        (
            "seen_register_going_backwards",
            "The Close was signed on a view of the register older than that of the Open.",
            |story| {
                let old = story.city.at(&LogPath::Register).head_at(3);
                with_register(story, |register| *register = old)
            },
        ),
        (
            "seen_root_at_another_size",
            "The Close names a root that the poll had, at another size.",
            |story| with_own(story, |own| own.root = story.city.at(&story.poll).head_at(4).root),
        ),
    ]
}

fn with_own(story: &Story, change: impl FnOnce(&mut Head)) -> Seen {
    let mut seen = story.seen();
    change(&mut seen.own);
    seen
}

fn with_register(story: &Story, change: impl FnOnce(&mut Head)) -> Seen {
    let mut seen = story.seen();
    change(&mut seen.register);
    seen
}

/// The Close is refused, and a good one follows.
fn seen_badly((name, what, seen): Unseen) -> Case {
    let mut story = Story::voted();
    let close = story.close_entry(seen(&story), &OFFICERS);
    let index = story.log(&close);
    story.end(usual());
    story.usual_case(name, what).staff("A4", "seen-mismatch", POLL, index)
}

fn announce_on_a_past() -> Case {
    let mut story = Story::new();
    let Payload::Announce(mut announce) = story.announce_entry(plain()).payload().clone() else {
        unreachable!("an Announce")
    };
    announce.seen.own = story.seen().register;
    let payload = Payload::Announce(announce);
    let entry = story.sign(story.city.instance, &payload, &OFFICERS);
    let index = story.log(&entry);
    story.city.announce_log(&story.poll.clone());
    let announce = story.announce_entry(plain());
    story.stand(&announce);
    story
        .case(
            "announced_on_a_past",
            "An Announce claims a past of its own log, which has none; a good one follows.",
        )
        .staff("A4", "seen-mismatch", POLL, index)
}
