//! Step A9 before Open: trustees who do what the law refuses. Not here: who is excluded for it.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::trusteeship::{Deal, Join, Ready};

use super::case::Case;
use super::story::{POLL, Story, plain, sealed, usual};
use crate::city::{Ceremony, trustee};
use crate::vectors::sealed::primitives::{BEYOND, IDENTITY};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = joins().into_iter().map(join_badly).collect();
    cases.extend(deals().into_iter().chain(misshapen_deals()).map(deal_badly));
    cases.extend(confirmations().into_iter().map(confirm_badly));
    cases.extend([
        trustee_before_announce(),
        trustee_in_an_open_poll(),
        trustee_after_open(),
        ceremony_incomplete(),
        opened_without_seeing_the_key(),
    ]);
    cases
}

/// Name, what it is, the entry, and its code.
type Strange = (&'static str, &'static str, fn(&Story) -> SignedEntry, &'static str);

pub(super) fn ceremony(story: &Story) -> &Ceremony {
    &story.trustees().ceremony
}

/// The poll goes on as if the entry were not there: the ceremony, the usual ballots, the result.
fn goes_on(
    mut story: Story,
    (name, what): (&str, &'static str),
    index: u64,
    code: &'static str,
) -> Case {
    story.open();
    story.cast_usual();
    story.unseal(&[2, 3]);
    story.certify(usual());
    story.usual_case(name, what).operator("A9", code, POLL, index).shares(&[2, 3])
}

pub(super) fn join(story: &Story, index: u8, change: impl FnOnce(&mut Join)) -> SignedEntry {
    let mut join = ceremony(story).join(index);
    change(&mut join);
    story.trustee_entry(index, &Payload::Join(join))
}

/// Entries where trustee 1 has joined, and nobody else.
fn joins() -> Vec<Strange> {
    vec![
        (
            "join_by_a_stranger",
            "Somebody who is no trustee joins the ceremony.",
            |story| {
                let payload = Payload::Join(ceremony(story).join(2));
                story.sign(story.leaf(Kind::Announce), &payload, &["trustee-4"])
            },
            "trustee-unknown",
        ),
        (
            "fake_trustees",
            "An operator's own key joins in the name of a trustee that it also lets sign.",
            |story| {
                let payload = Payload::Join(ceremony(story).join(2));
                let names = [Story::trustee_name(2), "trustee-4"];
                story.sign(story.leaf(Kind::Announce), &payload, &names)
            },
            "trustee-unknown",
        ),
        (
            "join_of_another_history",
            "A join that was signed under another Announce.",
            |story| {
                let payload = Payload::Join(ceremony(story).join(2));
                story.sign(Hash([7; 32]), &payload, &[Story::trustee_name(2)])
            },
            "signature-invalid",
        ),
        (
            "join_of_the_next_ceremony",
            "A join of ceremony 2, which has not begun.",
            |story| join(story, 2, |join| join.ceremony = 2),
            "ceremony-number",
        ),
        (
            "trustee_twice",
            "A trustee joins a second time.",
            |story| join(story, 1, |join| join.transport_key[0] ^= 0),
            "ceremony-stage",
        ),
        (
            "transport_key_identity",
            "A transport key under which everyone could read.",
            |story| join(story, 2, |join| join.transport_key = IDENTITY),
            "transport-key-weak",
        ),
        (
            "transport_key_of_no_point",
            "A transport key that is the encoding of nothing.",
            |story| join(story, 2, |join| join.transport_key = BEYOND),
            "transport-key-weak",
        ),
        (
            "transport_key_copied",
            "A transport key that another trustee has given.",
            |story| {
                join(story, 2, |join| join.transport_key = ceremony(story).join(1).transport_key)
            },
            "transport-key-weak",
        ),
        (
            "deal_while_others_join",
            "A trustee deals before all have joined.",
            |story| story.trustee_entry(1, &Payload::Deal(ceremony(story).deal(1))),
            "ceremony-stage",
        ),
    ]
}

fn join_badly((name, what, entry, code): Strange) -> Case {
    let mut story = Story::announced(sealed(plain()));
    story.join(1);
    let entry = entry(&story);
    let index = story.log(&entry);
    story.join(2);
    story.join(3);
    for index in 1..=3 {
        story.deal(index);
    }
    for index in 1..=3 {
        story.confirm(index);
    }
    goes_on(story, (name, what), index, code)
}

fn deal(story: &Story, index: u8, change: impl FnOnce(&mut Deal)) -> SignedEntry {
    let mut deal = ceremony(story).deal(index);
    change(&mut deal);
    story.trustee_entry(index, &Payload::Deal(deal))
}

/// Entries where all have joined and trustee 1 has dealt.
fn deals() -> Vec<Strange> {
    vec![
        (
            "rushing_dealer",
            "A trustee deals another polynomial than it had committed to, having seen the others.",
            |story| {
                let other = ceremony(story).without(&[]).deal(2).dealing;
                deal(story, 2, |deal| deal.dealing = other)
            },
            "dealing-mismatch",
        ),
        (
            "proof_exchanged",
            "A trustee deals with another proof than it had committed to.",
            |story| deal(story, 2, |deal| deal.dealing.proof[63] ^= 1),
            "dealing-mismatch",
        ),
        (
            "deal_twice",
            "A trustee deals a second time.",
            |story| deal(story, 1, |_| ()),
            "ceremony-stage",
        ),
        (
            "deal_of_another_ceremony",
            "A deal of ceremony 0, which never was.",
            |story| deal(story, 2, |deal| deal.ceremony = 0),
            "ceremony-number",
        ),
    ]
}

/// Deals to others than there are, and entries of other stages.
fn misshapen_deals() -> Vec<Strange> {
    vec![
        (
            "share_for_a_trustee_missing",
            "A trustee deals no share to one of the others.",
            |story| deal(story, 2, |deal| deal.shares.truncate(1)),
            "dealing-invalid",
        ),
        (
            "share_for_oneself",
            "A trustee deals a share to itself.",
            |story| {
                deal(story, 2, |deal| {
                    let own = deal.shares[0].1;
                    deal.shares.insert(1, (trustee(2), own));
                })
            },
            "dealing-invalid",
        ),
        (
            "shares_disordered",
            "A trustee deals the shares in another order.",
            |story| deal(story, 2, |deal| deal.shares.reverse()),
            "dealing-invalid",
        ),
        (
            "join_while_others_deal",
            "A trustee joins when all have joined.",
            |story| join(story, 2, |_| ()),
            "ceremony-stage",
        ),
        (
            "ready_while_others_deal",
            "A trustee is ready before all have dealt.",
            |story| {
                let payload = Payload::Ready(Ready {
                    ceremony: 1,
                    transcript: Hash([7; 32]),
                    election_key: [7; 32],
                });
                story.trustee_entry(1, &payload)
            },
            "ceremony-stage",
        ),
        (
            "complaint_while_others_deal",
            "A trustee complains before all have dealt.",
            |story| story.trustee_entry(2, &Payload::Complaint(ceremony(story).accuse(1, 2))),
            "ceremony-stage",
        ),
    ]
}

fn deal_badly((name, what, entry, code): Strange) -> Case {
    let mut story = Story::announced(sealed(plain()));
    for index in 1..=3 {
        story.join(index);
    }
    story.deal(1);
    let entry = entry(&story);
    let index = story.log(&entry);
    story.deal(2);
    story.deal(3);
    for index in 1..=3 {
        story.confirm(index);
    }
    goes_on(story, (name, what), index, code)
}

pub(super) fn ready(story: &Story, index: u8, change: impl FnOnce(&mut Ready)) -> SignedEntry {
    let sealed = story.trustees();
    let mut ready = sealed.ceremony.ready(&sealed.posted);
    change(&mut ready);
    story.trustee_entry(index, &Payload::Ready(ready))
}

/// Entries where all have dealt and trustee 1 is ready.
fn confirmations() -> Vec<Strange> {
    vec![
        (
            "ready_with_another_key",
            "A trustee confirms another election key.",
            |story| ready(story, 2, |ready| ready.election_key[0] ^= 2),
            "ready-mismatch",
        ),
        (
            "ready_with_another_transcript",
            "A trustee confirms another history of the ceremony.",
            |story| ready(story, 2, |ready| ready.transcript.0[0] ^= 1),
            "ready-mismatch",
        ),
        (
            "ready_twice",
            "A trustee is ready a second time.",
            |story| ready(story, 1, |_| ()),
            "ceremony-stage",
        ),
        (
            "ready_of_another_ceremony",
            "A trustee is ready in ceremony 2, which has not begun.",
            |story| ready(story, 2, |ready| ready.ceremony = 2),
            "ceremony-number",
        ),
        (
            "complaint_without_proof",
            "A trustee complains with a proof that does not hold: nothing is decided.",
            |story| {
                let mut accusation = ceremony(story).accuse(1, 2);
                accusation.complaint.proof[63] ^= 1;
                story.trustee_entry(2, &Payload::Complaint(accusation))
            },
            "complaint-invalid",
        ),
        (
            "complaint_about_oneself",
            "A trustee complains about its own dealing.",
            |story| {
                let mut accusation = ceremony(story).accuse(1, 2);
                accusation.dealer = trustee(2);
                story.trustee_entry(2, &Payload::Complaint(accusation))
            },
            "complaint-invalid",
        ),
        (
            "complaint_about_nobody",
            "A trustee complains about a fourth, of three.",
            |story| {
                let mut accusation = ceremony(story).accuse(1, 2);
                accusation.dealer = trustee(4);
                story.trustee_entry(2, &Payload::Complaint(accusation))
            },
            "complaint-invalid",
        ),
        (
            "complaint_copied",
            "A trustee repeats the complaint of another as its own.",
            |story| story.trustee_entry(3, &Payload::Complaint(ceremony(story).accuse(1, 2))),
            "complaint-invalid",
        ),
    ]
}

fn confirm_badly((name, what, entry, code): Strange) -> Case {
    let mut story = Story::announced(sealed(plain()));
    story.deal_all();
    story.confirm(1);
    let entry = entry(&story);
    let index = story.log(&entry);
    story.confirm(2);
    story.confirm(3);
    goes_on(story, (name, what), index, code)
}

fn trustee_before_announce() -> Case {
    let mut story = Story::new();
    let ceremony = Ceremony::first(story.city.instance, 2, 3);
    let payload = Payload::Join(ceremony.join(1));
    let entry = story.sign(story.city.instance, &payload, &[Story::trustee_name(1)]);
    let index = story.log(&entry);
    story.announce(plain());
    story
        .case("trustee_before_announce", "A trustee joins where the Announce should stand.")
        .operator("A9", "not-announced", POLL, index)
}

fn trustee_in_an_open_poll() -> Case {
    let mut story = Story::announced(plain());
    let ceremony = Ceremony::first(story.leaf(Kind::Announce), 2, 3);
    let entry = story.trustee_entry(1, &Payload::Join(ceremony.join(1)));
    let index = story.log(&entry);
    story.case("trustee_in_an_open_poll", "A trustee joins in a poll that is not sealed.").operator(
        "A9",
        "entry-not-of-poll",
        POLL,
        index,
    )
}

fn trustee_after_open() -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    let joined = join(&story, 1, |_| ());
    let excluded = story.exclude_entry(&[1]);
    let indices = [joined, excluded].map(|entry| story.log(&entry));
    let case = story
        .case("trustee_after_open", "A trustee joins, and is excluded, when the poll is open.")
        .unopened(3);
    indices
        .into_iter()
        .fold(case, |case, index| case.operator("A9", "phase-out-of-order", POLL, index))
}

fn ceremony_incomplete() -> Case {
    // CEREMONY-11: one trustee is not ready.
    let mut story = Story::announced(sealed(plain()));
    story.deal_all();
    story.confirm(1);
    story.confirm(2);
    let open = story.open_entry(story.city.open_payload(&story.poll));
    let index = story.log(&open);
    story.case("ceremony_incomplete", "The poll opens before one trustee of three is ready.").staff(
        "A4",
        "ceremony-incomplete",
        POLL,
        index,
    )
}

fn opened_without_seeing_the_key() -> Case {
    // CEREMONY-11: the officers had seen the log without the last ready.
    let mut story = Story::announced(sealed(plain()));
    story.deal_all();
    story.confirm(1);
    story.confirm(2);
    let open = story.city.open_payload(&story.poll);
    story.confirm(3);
    let entry = story.open_entry(open);
    let index = story.log(&entry);
    story
        .case("opened_without_seeing_the_key", "Officers open who had not seen the last ready.")
        .staff("A4", "seen-mismatch", POLL, index)
}
