//! What trustees of sealed polls hand in, and their voters.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::acts::{Cancel, CancelReason};
use veche_protocol::poll::ballot::Content;
use veche_protocol::poll::trusteeship::{Join, Ready, Share};
use veche_protocol::sealing::SealedBallot;

use super::super::recount::story::{OFFICERS, POLL, Story, plain, sealed, usual, voter};
use super::super::sealed::primitives::IDENTITY;
use super::Answer::{Recorded, Refused};
use super::Submission;

/// Trustee 1 has joined, at 1.
const JOINING: (&str, &str) = ("sealed_joining", POLL);
/// All have dealt, and trustee 1 is ready, at 7.
const CONFIRMING: (&str, &str) = ("sealed_confirming", POLL);
/// The Open stands at 10, three ballots after it.
const OPEN: (&str, &str) = ("sealed_open_still", POLL);
/// The Close stands at 14, and the share of trustee 2 at 15.
const CLOSED: (&str, &str) = ("shares_too_few", POLL);

pub(super) fn submissions() -> Vec<Submission> {
    let mut all = joins();
    all.extend(confirmations());
    all.extend(ballots());
    all.extend(shares());
    all.extend(ends());
    all
}

fn joins() -> Vec<Submission> {
    let mut story = Story::announced(sealed(plain()));
    story.join(1);
    let ceremony = &story.trustees().ceremony;
    let join = |index, change: &dyn Fn(&mut Join)| {
        let mut join = ceremony.join(index);
        change(&mut join);
        story.trustee_entry(index, &Payload::Join(join))
    };
    let payload = Payload::Join(ceremony.join(2));
    let by_stranger = story.sign(story.leaf(Kind::Announce), &payload, &["trustee-4"]);
    let refused = |name, what, entry: &SignedEntry, code, status| {
        Submission::new(name, what, JOINING, entry, Refused(code, status))
    };
    let one =
        story.sign(story.last_leaf(), &Payload::Exclude(story.exclusion(&[2])), &["officer-1"]);
    vec![
        Submission::new("join", "A trustee joins.", JOINING, &join(2, &|_| ()), Recorded(2)),
        Submission::new(
            "exclude",
            "Two officers exclude a silent trustee.",
            JOINING,
            &story.exclude_entry(&[2]),
            Recorded(2),
        ),
        refused("join_by_a_stranger", "No trustee.", &by_stranger, "trustee-unknown", 403),
        refused(
            "join_of_another_ceremony",
            "A join of ceremony 2.",
            &join(2, &|join| join.ceremony = 2),
            "ceremony-number",
            409,
        ),
        refused(
            "join_twice",
            "A trustee joins with another key.",
            &join(1, &|join| join.commitment_hash = Hash([7; 32])),
            "ceremony-stage",
            409,
        ),
        refused(
            "join_with_the_identity",
            "A transport key that is none.",
            &join(2, &|join| join.transport_key = IDENTITY),
            "transport-key-weak",
            422,
        ),
        refused(
            "deal_too_early",
            "A trustee deals before all have joined.",
            &story.trustee_entry(1, &Payload::Deal(ceremony.deal(1))),
            "ceremony-stage",
            409,
        ),
        refused("exclude_by_one_officer", "One officer.", &one, "officers-too-few", 403),
        refused(
            "exclude_one_who_is_not_silent",
            "A trustee who has joined.",
            &story.exclude_entry(&[1]),
            "trustee-not-silent",
            409,
        ),
    ]
}

fn confirmations() -> Vec<Submission> {
    let mut story = Story::announced(sealed(plain()));
    story.deal_all();
    story.confirm(1);
    let sealed = story.trustees();
    let ready = |index, change: &dyn Fn(&mut Ready)| {
        let mut ready = sealed.ceremony.ready(&sealed.posted);
        change(&mut ready);
        story.trustee_entry(index, &Payload::Ready(ready))
    };
    let accuse = |change: &dyn Fn(&mut [u8; 64])| {
        let mut accusation = sealed.ceremony.accuse(1, 2);
        change(&mut accusation.complaint.proof);
        story.trustee_entry(2, &Payload::Complaint(accusation))
    };
    let refused = |name, what, entry: &SignedEntry, code, status| {
        Submission::new(name, what, CONFIRMING, entry, Refused(code, status))
    };
    let open = story.open_entry(story.city.open_payload(&story.poll));
    vec![
        Submission::new(
            "ready",
            "A trustee is ready.",
            CONFIRMING,
            &ready(2, &|_| ()),
            Recorded(8),
        ),
        Submission::new(
            "complaint",
            "A trustee complains, falsely: it is recorded, and excludes itself.",
            CONFIRMING,
            &accuse(&|_| ()),
            Recorded(8),
        ),
        refused(
            "ready_with_another_key",
            "Another election key.",
            &ready(2, &|ready| ready.election_key[5] ^= 1),
            "ready-mismatch",
            422,
        ),
        refused(
            "ready_twice",
            "Ready again.",
            &ready(1, &|ready| ready.transcript.0[0] ^= 1),
            "ceremony-stage",
            409,
        ),
        refused(
            "complaint_without_proof",
            "A complaint whose proof does not hold.",
            &accuse(&|proof| proof[40] ^= 1),
            "complaint-invalid",
            422,
        ),
        refused(
            "open_before_the_key",
            "An Open before all trustees are ready.",
            &open,
            "ceremony-incomplete",
            409,
        ),
    ]
}

fn ballots() -> Vec<Submission> {
    let story = Story::sealed_voted(sealed(plain()));
    let under = story.leaf(Kind::Open);
    let plaintext = [&[0x81, 0x81, 0x01, 0x80][..], &[0; 28]].concat();
    let seal = |plaintext: &[u8]| {
        story.trustees().seal_plaintext(under, &voter("di").key.key(), plaintext)
    };
    let ballot = |content| story.ballot_of(under, "di", 0, content);
    let sealed = |content: SealedBallot| ballot(Content::Sealed(content));
    let refused = |name, what, entry: &SignedEntry, code| {
        Submission::new(name, what, OPEN, entry, Refused(code, 422))
    };
    vec![
        Submission::new("sealed_ballot", "Honest.", OPEN, &sealed(seal(&plaintext)), Recorded(14)),
        Submission::new(
            "sealed_ballot_that_will_not_open",
            "A ballot of zeros: nobody can tell before the close.",
            OPEN,
            &sealed(SealedBallot { ciphertext: vec![0; 48], ..seal(&plaintext) }),
            Recorded(14),
        ),
        refused(
            "sealed_ballot_under_the_identity",
            "A ballot that everyone could open.",
            &sealed(SealedBallot { point: IDENTITY, ..seal(&plaintext) }),
            "sealed-point",
        ),
        refused(
            "sealed_ballot_too_short",
            "A ballot that shows its length.",
            &sealed(seal(&plaintext[..31])),
            "sealed-length",
        ),
        refused(
            "open_ballot_in_a_sealed_poll",
            "A ballot in clear.",
            &ballot(Content::Open(vec![vec![1]])),
            "ballot-content-kind",
        ),
    ]
}

/// The city of [`CLOSED`].
fn closed() -> Story {
    let mut story = Story::sealed_voted(sealed(plain()));
    story.unseal(&[2]);
    story
}

fn shares() -> Vec<Submission> {
    let story = closed();
    let share = |index, change: &dyn Fn(&mut Share)| {
        let mut share = story.share_payload(index);
        change(&mut share);
        story.share_entry(index, share)
    };
    let refused = |name, what, entry: &SignedEntry, code, status| {
        Submission::new(name, what, CLOSED, entry, Refused(code, status))
    };
    let open = Story::sealed_voted(sealed(plain()));
    let early = Payload::Share(open.share_payload(1));
    let early = open.sign(open.leaf(Kind::Open), &early, &[Story::trustee_name(1)]);
    vec![
        Submission::new("share", "A true share.", CLOSED, &share(3, &|_| ()), Recorded(16)),
        refused(
            "share_falsely",
            "A share with one bit turned.",
            &share(1, &|share| share.key_share[0] ^= 1),
            "share-invalid",
            422,
        ),
        refused(
            "share_twice",
            "A share again, on a longer log.",
            &share(2, &|_| ()),
            "share-repeated",
            409,
        ),
        refused(
            "share_on_another_log",
            "A share by a trustee who had seen another log.",
            &share(1, &|share| share.head.root = Hash([7; 32])),
            "seen-mismatch",
            409,
        ),
        Submission::new(
            "share_before_close",
            "A share while the poll is open.",
            OPEN,
            &early,
            Refused("phase-out-of-order", 409),
        ),
    ]
}

fn ends() -> Vec<Submission> {
    let story = closed();
    let cancel = |reason| {
        let payload = Payload::Cancel(Cancel { seen: story.seen(), reason });
        story.sign(story.last_leaf(), &payload, &OFFICERS)
    };
    vec![
        Submission::new(
            "certify_without_shares",
            "A result with one share of two.",
            CLOSED,
            &story.certify_entry(usual()),
            Refused("shares-missing", 409),
        ),
        Submission::new(
            "cancel_for_shares_missing",
            "The one reason to cancel after the close.",
            CLOSED,
            &cancel(CancelReason::SharesMissing),
            Recorded(16),
        ),
        Submission::new(
            "cancel_sealed_after_close",
            "Another reason.",
            CLOSED,
            &cancel(CancelReason::LegalOrder),
            Refused("phase-out-of-order", 409),
        ),
    ]
}
