//! Step A4: phase entries that come in the wrong phase, by the wrong people or at the wrong time.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Close;
use veche_protocol::register::Role;

use super::case::Case;
use super::story::{OFFICERS, POLL, REGISTER, Story, plain, revotable, usual};
use crate::city::City;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        definition_changed(),
        open_twice(),
        reopened_after_close(),
        closed_twice(),
        certified_twice(),
        cancelled_after_close(),
        cancelled_twice(),
        closed_before_open(),
        certified_before_close(),
        opened_after_cancel(),
        opened_before_announce(),
        officer_dismissed(),
        officer_dismissed_unseen(),
        certified_before_anchor(),
        opened_early(),
        closed_early(),
        held_open(),
        held_open_never_closed(),
    ];
    cases.extend(signers());
    cases
}

fn definition_changed() -> Case {
    let mut story = Story::voted();
    let announce = story.announce_entry(revotable());
    let index = story.log(&announce);
    story.end(usual());
    story
        .usual_case("definition_changed_after_announce", "The poll is announced once more.")
        .operator("A4", "announce-repeated", POLL, index)
}

fn open_twice() -> Case {
    let mut story = Story::voted();
    let mut open = story.city.open_payload(&story.poll);
    open.seen = story.seen();
    let open = story.open_entry(open);
    let index = story.log(&open);
    story.end(usual());
    story.usual_case("opened_twice", "The poll is opened a second time while it is open.").operator(
        "A4",
        "phase-repeated",
        POLL,
        index,
    )
}

fn reopened_after_close() -> Case {
    let mut story = Story::voted();
    story.close();
    let open = story.open_entry(story.city.open_payload(&story.poll));
    let index = story.log(&open);
    let ballot = story.spoil("di", 0, &[&[1]]);
    story.city.anchor();
    story.certify(usual());
    story
        .usual_case("reopened", "The poll is opened again after its close, for one more ballot.")
        .operator("A4", "phase-repeated", POLL, index)
        .operator("A7", "ballot-after-close", POLL, ballot)
}

fn closed_twice() -> Case {
    let mut story = Story::voted();
    story.close();
    let close = story.close_entry(story.seen(), &OFFICERS);
    let index = story.log(&close);
    story.city.anchor();
    story.certify(usual());
    story.usual_case("closed_twice", "The poll is closed a second time.").operator(
        "A4",
        "phase-repeated",
        POLL,
        index,
    )
}

fn certified_twice() -> Case {
    let mut story = Story::whole();
    let certify = story.certify_entry(usual());
    let index = story.log(&certify);
    story.usual_case("certified_twice", "A result is published a second time.").operator(
        "A4",
        "phase-repeated",
        POLL,
        index,
    )
}

fn cancelled_after_close() -> Case {
    let mut story = Story::voted();
    story.close();
    let cancel = story.cancel_entry(Kind::Close);
    let index = story.log(&cancel);
    story.city.anchor();
    story.certify(usual());
    story
        .usual_case("cancelled_after_close", "Somebody tries to undo a poll that is closed.")
        .operator("A4", "phase-out-of-order", POLL, index)
}

fn cancelled_twice() -> Case {
    let mut story = Story::voted();
    story.cancel(Kind::Open);
    let cancel = story.cancel_entry(Kind::Cancel);
    let index = story.log(&cancel);
    let ballot = story.spoil("di", 0, &[&[1]]);
    story
        .usual_case("cancelled_twice", "The poll is cancelled twice, and a ballot follows.")
        .operator("A4", "phase-repeated", POLL, index)
        .operator("A7", "ballot-after-close", POLL, ballot)
}

fn closed_before_open() -> Case {
    let mut story = Story::announced(plain());
    let payload = Payload::Close(Close { seen: story.seen() });
    let close = story.sign(story.leaf(Kind::Announce), &payload, &OFFICERS);
    let index = story.log(&close);
    story.open();
    story.cast_usual();
    story.end(usual());
    story.usual_case("closed_before_open", "The poll is closed before it was opened.").operator(
        "A4",
        "phase-out-of-order",
        POLL,
        index,
    )
}

fn certified_before_close() -> Case {
    let mut story = Story::voted();
    let early = {
        let mut ahead = story.clone();
        ahead.close();
        ahead.certify_entry(usual())
    };
    let index = story.log(&early);
    story.end(usual());
    story
        .usual_case("certified_before_close", "A result is published while the poll is open.")
        .operator("A4", "phase-out-of-order", POLL, index)
}

fn opened_after_cancel() -> Case {
    let mut story = Story::announced(plain());
    let open = story.city.open_payload(&story.poll);
    story.cancel(Kind::Announce);
    let open = story.open_entry(open);
    let index = story.log(&open);
    story.case("opened_after_cancel", "A poll is opened that was cancelled.").operator(
        "A4",
        "phase-out-of-order",
        POLL,
        index,
    )
}

fn opened_before_announce() -> Case {
    let mut story = Story::new();
    let open = {
        let mut ahead = story.clone();
        ahead.announce(plain());
        ahead.open_entry(ahead.city.open_payload(&ahead.poll))
    };
    let open = story.log(&open);
    let ballot = {
        let mut ahead = story.clone();
        ahead.announce(plain());
        ahead.ballot_under(ahead.leaf(Kind::Announce), "ada", 0, &[&[0]])
    };
    let ballot = story.log(&ballot);
    story.announce(plain());
    story
        .case("opened_before_announce", "An Open and a ballot stand before the Announce.")
        .operator("A4", "not-announced", POLL, open)
        .operator("A7", "not-announced", POLL, ballot)
}

/// Name, what it is, the Close that is refused, the step's code, and who answers for it.
type Refused = (&'static str, &'static str, fn(&Story) -> SignedEntry, &'static str);

fn signers() -> Vec<Case> {
    let staff = by_staff().into_iter().map(|refused| {
        let (case, code) = closed_badly(refused);
        case.staff("A4", code, POLL, 5)
    });
    let operator = by_operator().into_iter().map(|refused| {
        let (case, code) = closed_badly(refused);
        case.operator("A4", code, POLL, 5)
    });
    staff.chain(operator).collect()
}

fn by_staff() -> [Refused; 3] {
    [
        // POLL-3: at least two signers.
        (
            "close_by_one_officer",
            "The poll is closed by one officer alone.",
            |story| story.close_entry(story.seen(), &OFFICERS[..1]),
            "officers-too-few",
        ),
        // POLL-2, ENTRY-13: who signs is judged before the signatures; and the Close is free still.
        (
            "close_by_a_stranger",
            "The poll is closed by an officer and somebody who is none.",
            |story| story.close_entry(story.seen(), &[OFFICERS[0], "stranger"]),
            "officer-unknown",
        ),
        (
            "close_by_an_officer_of_another_role",
            "The poll is closed by a poll officer and a registrar.",
            |story| story.close_entry(story.seen(), &[OFFICERS[0], "registrar"]),
            "officer-role",
        ),
    ]
}

fn by_operator() -> [Refused; 5] {
    [
        (
            "close_of_another_history",
            "The signatures on a Close were made under the Announce, not under the Open.",
            |story| story.sign(story.leaf(Kind::Announce), &close_payload(story), &OFFICERS),
            "signature-invalid",
        ),
        (
            "close_of_another_poll",
            "A Close that was signed for another poll of the city.",
            |story| {
                let other = LogPath::Poll("swings".to_owned());
                let under = story.leaf(Kind::Open);
                story.city.sign(&other, under, &close_payload(story), &OFFICERS)
            },
            "signature-invalid",
        ),
        (
            "close_of_another_city",
            "A Close that was signed for a poll of this name in another city.",
            |story| {
                let other = City::found("vote.example.com");
                other.sign(&story.poll, story.leaf(Kind::Open), &close_payload(story), &OFFICERS)
            },
            "signature-invalid",
        ),
        (
            "close_with_one_false_signature",
            "One of three signatures on a Close is false, where two would do.",
            |story| {
                let good = story.close_entry(story.seen(), &OFFICERS);
                let other =
                    story.sign(story.leaf(Kind::Announce), &close_payload(story), &["officer-3"]);
                good.with_signatures(other.signatures())
            },
            "signature-invalid",
        ),
        (
            "close_altered",
            "What a Close says was changed after it was signed.",
            |story| {
                let good = story.close_entry(story.seen(), &OFFICERS);
                let mut seen = story.seen();
                seen.own.size -= 1;
                let altered = story.close_entry(seen, &OFFICERS);
                let text = good.bytes().len() - good.payload_bytes().len();
                assert_eq!(altered.bytes().len() - altered.payload_bytes().len(), text);
                // The payload of one with the signatures of the other.
                let mut bytes = altered.bytes().to_vec();
                let start = bytes.len() - 2 * 101;
                bytes[start..].copy_from_slice(&good.bytes()[start..]);
                SignedEntry::decode(story.poll.log_type(), bytes).expect("of the same form")
            },
            "signature-invalid",
        ),
    ]
}

fn close_payload(story: &Story) -> Payload {
    Payload::Close(Close { seen: story.seen() })
}

/// The bad Close is refused at index 5, a ballot is still accepted, and a good Close stands.
fn closed_badly((name, what, close, code): Refused) -> (Case, &'static str) {
    let mut story = Story::voted();
    let close = close(&story);
    story.log(&close);
    story.end(usual());
    (story.usual_case(name, what), code)
}

/// The officers without `officer-2`.
const WITHOUT_SECOND: [(&str, &[Role]); 2] =
    [("officer-1", &[Role::PollOfficer]), ("officer-3", &[Role::PollOfficer])];

fn officer_dismissed() -> Case {
    // POLL-7: judged at the last anchor as well.
    let mut story = Story::voted();
    let old_view = story.seen();
    story.city.appoint(&WITHOUT_SECOND);
    story.city.anchor();
    let close = story.close_entry(old_view, &OFFICERS);
    let index = story.log(&close);
    let close = story.close_entry(story.seen(), &["officer-1", "officer-3"]);
    story.stand(&close);
    story
        .usual_case(
            "officer_dismissed",
            "An officer acts on a view of the register from before the dismissal, after an anchor \
             that follows it has named the poll.",
        )
        .staff("A4", "officer-pin-stale", POLL, index)
}

fn officer_dismissed_unseen() -> Case {
    // REG-12: the officers at a size are those of its first entries.
    let mut story = Story::voted();
    let old_view = story.seen();
    story.city.appoint(&WITHOUT_SECOND);
    let close = story.close_entry(old_view, &OFFICERS);
    story.stand(&close);
    story.city.anchor();
    story.usual_case(
        "officer_dismissed_between_signature_and_anchor",
        "An officer is dismissed while the Close is under way: nothing had named the poll since, \
         so it stands.",
    )
}

fn certified_before_anchor() -> Case {
    // POLL-17: an anchor past the Close.
    let mut story = Story::voted();
    story.city.anchor();
    story.close();
    let index = story.certify(usual());
    story
        .usual_case(
            "certified_before_anchor",
            "The result was certified before the register held the close.",
        )
        .operator("A4", "anchor-missing", POLL, index)
}

/// Opens at 1,800,000,000 and closes at 1,800,003,600, with a tolerance of 60 seconds.
const OPENS_AT: u64 = 1_800_000_000;
const CLOSES_AT: u64 = 1_800_003_600;
const TOLERANCE: u64 = 60;

fn opened_early() -> Case {
    // POLL-16: more than the tolerance.
    Story::voted()
        .usual_case(
            "opened_early",
            "A witness has seen the poll open more than the tolerance before its time.",
        )
        .policy("", "none")
        .cosign(POLL, &[("w", OPENS_AT - TOLERANCE), ("x", OPENS_AT - TOLERANCE - 1)])
        .witnessed(2, 3)
        .staff("A4", "opened-early", POLL, 1)
}

fn closed_early() -> Case {
    // POLL-16: by the times of witnesses, on saved heads too.
    let case = Story::whole().usual_case(
        "closed_early",
        "A saved head shows that the poll was closed more than the tolerance before its time.",
    );
    let city = case.city().clone();
    let log = city.at(&LogPath::Poll("park".to_owned()));
    let early = super::case::cosigned(
        &log.checkpoint_at(6, &city.log_key),
        &[("y", CLOSES_AT - TOLERANCE - 1)],
    );
    case.policy("", "none")
        .head("saved", early)
        .cosign(POLL, &[("w", CLOSES_AT - TOLERANCE)])
        .witnessed(1, 3)
        .staff("A4", "closed-early", POLL, 5)
}

fn held_open() -> Case {
    // POLL-16: on the heads of receipts too.
    let mut story = Story::opened(plain());
    story.cast_usual();
    story.end(usual());
    let late = CLOSES_AT + TOLERANCE + 1;
    let case = story.usual_case(
        "held_open",
        "The head below a voter's receipt shows that the poll was open past its time.",
    );
    let city = case.city().clone();
    let log = city.at(&LogPath::Poll("park".to_owned()));
    let receipt = log.receipt(4, 5, &city.log_key);
    let (proof, head) = receipt.split_once("\n\n").expect("a receipt has an empty line");
    let head = super::case::cosigned(head.as_bytes(), &[("w", late)]);
    let receipt = [proof.as_bytes(), b"\n\n", &head].concat();
    case.policy("", "none")
        .receipt("cy", receipt)
        .cosign(POLL, &[("w", late + 9)])
        .witnessed(1, 3)
        .staff("A4", "held-open", POLL, 1)
}

fn held_open_never_closed() -> Case {
    Story::voted()
        .usual_case("held_open_never_closed", "The poll is open long after its time.")
        .policy("", "two")
        .cosign(REGISTER, &[("w", CLOSES_AT), ("x", CLOSES_AT)])
        .cosign(POLL, &[("w", CLOSES_AT + TOLERANCE), ("x", CLOSES_AT + TOLERANCE + 1)])
        .witnessed(2, 3)
        .staff("A4", "held-open", POLL, 1)
}
