//! Sealed polls after the close: shares that stand or do not, and results with too few of them.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::acts::{Cancel, CancelReason};
use veche_protocol::poll::trusteeship::Share;

use super::case::Case;
use super::story::{OFFICERS, POLL, Story, plain, sealed, usual};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        strange().into_iter().chain(shares_by_others()).map(share_badly).collect();
    cases.extend([
        named_sealed(),
        all_shares(),
        sealed_joining(),
        sealed_confirming(),
        sealed_open_still(),
        shares_too_few(),
        share_before_close(),
        share_after_certify(),
        shares_missing(),
        cancelled_for_shares_missing(),
        cancelled_for_shares_that_stand(),
        cancelled_for_shares_before_close(),
        cancelled_after_close_for_another_reason(),
        sealed_cancelled_while_open(),
    ]);
    cases
}

fn named_sealed() -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[1, 2]);
    story.certify(usual());
    story
        .usual_case(
            "named_sealed",
            "An honest sealed poll in which voters sign by name; two of three trustees open it.",
        )
        .shares(&[1, 2])
}

fn all_shares() -> Case {
    // CEREMONY-13: any two of them give the same key; a share after enough others stands too.
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[3, 1, 2]);
    story.usual_case("sealed_with_all_shares", "All three trustees open.").shares(&[1, 2, 3])
}

fn sealed_joining() -> Case {
    let mut story = Story::announced(sealed(plain()));
    story.join(1);
    story.case("sealed_joining", "A sealed poll that waits for two of three trustees to join.")
}

fn sealed_confirming() -> Case {
    let mut story = Story::announced(sealed(plain()));
    story.deal_all();
    story.confirm(1);
    story.case("sealed_confirming", "A sealed poll that waits for two of three to be ready.")
}

fn sealed_open_still() -> Case {
    let story = Story::sealed_voted(sealed(plain()));
    story
        .case("sealed_open_still", "A sealed poll that is open: nobody can read the result so far.")
        .unopened(3)
}

fn shares_too_few() -> Case {
    // SEAL-7: below the threshold there is no result.
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[2]);
    story
        .case("shares_too_few", "A sealed poll that is closed, with one share of two.")
        .shares(&[2])
        .unopened(3)
}

/// Name, what it is, the entry where trustee 1 has posted its share, and its code.
type Strange = (&'static str, &'static str, fn(&Story) -> SignedEntry, &'static str, bool);

fn share(story: &Story, index: u8, change: impl FnOnce(&mut Share)) -> SignedEntry {
    let mut share = story.share_payload(index);
    change(&mut share);
    story.share_entry(index, share)
}

fn strange() -> Vec<Strange> {
    vec![
        (
            "wrong_share_posted",
            "A trustee posts what is not its share. It is named, and the others open.",
            |story| share(story, 2, |share| share.key_share[0] ^= 1),
            "share-invalid",
            false,
        ),
        (
            "share_of_another_trustee",
            "A trustee posts the share of another.",
            |story| {
                let other = story.share_payload(1);
                share(story, 2, |share| share.key_share = other.key_share)
            },
            "share-invalid",
            false,
        ),
        (
            "share_beyond_the_order",
            "A trustee posts a number that is no scalar.",
            |story| share(story, 2, |share| share.key_share = [0xff; 32]),
            "share-invalid",
            false,
        ),
        (
            "share_posted_twice",
            "A trustee posts its share a second time.",
            |story| share(story, 1, |_| ()),
            "share-repeated",
            false,
        ),
        (
            "share_posted_twice_and_wrong",
            "A trustee posts another share than its first.",
            |story| share(story, 1, |share| share.key_share = [0; 32]),
            "share-repeated",
            false,
        ),
    ]
}

/// Shares by others than they say, or of other logs.
fn shares_by_others() -> Vec<Strange> {
    vec![
        (
            "share_by_a_stranger",
            "Somebody who is no trustee posts a share.",
            |story| {
                let payload = Payload::Share(story.share_payload(2));
                story.sign(story.leaf(Kind::Close), &payload, &["trustee-4"])
            },
            "trustee-unknown",
            false,
        ),
        (
            "share_of_another_history",
            "A share that was signed under another Close.",
            |story| {
                let payload = Payload::Share(story.share_payload(2));
                story.sign(Hash([7; 32]), &payload, &[Story::trustee_name(2)])
            },
            "signature-invalid",
            false,
        ),
        (
            "share_that_has_not_seen_the_close",
            "A share by a trustee who had seen the log before its Close.",
            |story| {
                let (_, close) = *story.standing.last().expect("the poll is closed");
                share(story, 2, |share| share.head = story.head_through(close - 1))
            },
            "seen-mismatch",
            true,
        ),
        (
            "share_on_another_log",
            "A share by a trustee who had seen another log.",
            |story| share(story, 2, |share| share.head.root = Hash([7; 32])),
            "seen-mismatch",
            true,
        ),
        (
            "share_of_a_log_to_come",
            "A share by a trustee who claims to have seen more than there is.",
            |story| share(story, 2, |share| share.head.size += 1),
            "seen-mismatch",
            true,
        ),
    ]
}

fn share_badly((name, what, entry, code, staff): Strange) -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    story.close();
    story.share(1);
    let entry = entry(&story);
    let index = story.log(&entry);
    story.share(3);
    story.city.anchor();
    story.certify(usual());
    let case = story.usual_case(name, what).shares(&[1, 3]);
    if staff { case.staff("A9", code, POLL, index) } else { case.operator("A9", code, POLL, index) }
}

fn share_before_close() -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    let payload = Payload::Share(story.share_payload(1));
    let entry = story.sign(story.leaf(Kind::Open), &payload, &[Story::trustee_name(1)]);
    let index = story.log(&entry);
    story.unseal(&[2, 3]);
    story.certify(usual());
    story
        .usual_case("share_before_close", "A trustee posts its share while the poll is open.")
        .operator("A9", "phase-out-of-order", POLL, index)
        .shares(&[2, 3])
}

fn share_after_certify() -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[2, 3]);
    story.certify(usual());
    let index = story.share(1);
    story
        .usual_case("share_after_certify", "A trustee posts its share after the result.")
        .operator("A9", "phase-out-of-order", POLL, index)
        .shares(&[2, 3])
}

fn shares_missing() -> Case {
    // POLL-24: nobody can know the result yet.
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[1]);
    let certify = story.certify_entry(usual());
    let index = story.log(&certify);
    story.share(3);
    story.city.anchor();
    story.certify(usual());
    story
        .usual_case("shares_missing", "A result is claimed with one share of two.")
        .staff("A4", "shares-missing", POLL, index)
        .shares(&[1, 3])
}

/// A Cancel for this reason by the two officers.
fn cancel(story: &Story, reason: CancelReason) -> SignedEntry {
    let payload = Payload::Cancel(Cancel { seen: story.seen(), reason });
    story.sign(story.last_leaf(), &payload, &OFFICERS)
}

fn cancelled_for_shares_missing() -> Case {
    // POLL-21: the one reason to cancel after the close.
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[2]);
    let entry = cancel(&story, CancelReason::SharesMissing);
    story.stand(&entry);
    let late = story.share_entry(1, story.share_payload(1));
    let late = story.log(&late);
    story
        .case(
            "cancelled_for_shares_missing",
            "Two of three trustees are silent after the close, and the poll is cancelled. One \
             comes too late.",
        )
        .operator("A9", "phase-out-of-order", POLL, late)
        .shares(&[2])
        .unopened(3)
}

fn cancelled_for_shares_that_stand() -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[2, 3]);
    let entry = cancel(&story, CancelReason::SharesMissing);
    let index = story.log(&entry);
    story.certify(usual());
    story
        .usual_case("cancelled_for_shares_that_stand", "A Cancel for shares that are there.")
        .operator("A4", "phase-out-of-order", POLL, index)
        .shares(&[2, 3])
}

fn cancelled_for_shares_before_close() -> Case {
    // POLL-21: with reason 5 in any other phase; and in an open poll after its close.
    let mut story = Story::sealed_voted(sealed(plain()));
    let entry = cancel(&story, CancelReason::SharesMissing);
    let index = story.log(&entry);
    story
        .case("cancelled_for_shares_before_close", "Shares are missed while the poll is open.")
        .operator("A4", "phase-out-of-order", POLL, index)
        .unopened(3)
}

fn cancelled_after_close_for_another_reason() -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[2]);
    let entry = cancel(&story, CancelReason::TechnicalFailure);
    let index = story.log(&entry);
    story
        .case("sealed_cancelled_after_close", "A sealed poll is cancelled after the close.")
        .operator("A4", "phase-out-of-order", POLL, index)
        .shares(&[2])
        .unopened(3)
}

fn sealed_cancelled_while_open() -> Case {
    // POLL-20: no shares can come any more, and so no result.
    let mut story = Story::sealed_voted(sealed(plain()));
    story.cancel(Kind::Open);
    story
        .case("sealed_cancelled_while_open", "A sealed poll is cancelled while it is open.")
        .unopened(3)
}
