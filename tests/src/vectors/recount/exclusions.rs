//! Step A9 before Open: trustees who are excluded, by a complaint or by two officers, and the
//! ceremonies that follow; and exclusions that the law refuses.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::trusteeship::Deal;

use super::case::Case;
use super::story::{OFFICERS, POLL, Story, plain, revotable, sealed, usual};
use super::trustees::{ceremony, join, ready};
use crate::city::trustee;

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        exclusions().into_iter().chain(exclusions_out_of_place()).map(exclude_badly).collect();
    cases.extend([
        no_proof_of_knowledge(),
        threshold_changed(),
        wrong_share_dealt(),
        false_complaint(),
        silent_trustee_excluded(),
        ceremony_failed(),
        excluded_on_an_old_register(),
    ]);
    cases
}

/// Name, what it is, the entry, its code, and whether staff answers for it or the operator.
type Excluding = (&'static str, &'static str, fn(&Story) -> SignedEntry, &'static str, bool);

fn exclusion(story: &Story, indices: &[u8]) -> Payload {
    Payload::Exclude(story.exclusion(indices))
}

/// Exclusions where trustee 1 has joined, and nobody else.
fn exclusions() -> Vec<Excluding> {
    vec![
        (
            "excluded_by_one_officer",
            "One officer alone excludes a trustee.",
            |story| story.sign(story.last_leaf(), &exclusion(story, &[2]), &["officer-1"]),
            "officers-too-few",
            true,
        ),
        (
            "excluded_by_a_stranger",
            "An officer and somebody who is none exclude a trustee.",
            |story| {
                story.sign(story.last_leaf(), &exclusion(story, &[2]), &["officer-1", "stranger"])
            },
            "officer-unknown",
            true,
        ),
        (
            "excluded_by_a_registrar",
            "A poll officer and a registrar exclude a trustee.",
            |story| {
                story.sign(story.last_leaf(), &exclusion(story, &[2]), &["officer-1", "registrar"])
            },
            "officer-role",
            true,
        ),
    ]
}

/// Exclusions by the right people, of what is not so.
fn exclusions_out_of_place() -> Vec<Excluding> {
    vec![
        (
            "excluded_under_another_history",
            "An exclusion that was signed under another Announce.",
            |story| story.sign(Hash([7; 32]), &exclusion(story, &[2]), &OFFICERS),
            "signature-invalid",
            false,
        ),
        (
            "excluded_on_another_log",
            "An exclusion by officers who had seen another log.",
            |story| {
                let mut exclude = story.exclusion(&[2]);
                exclude.seen.own.root = Hash([7; 32]);
                story.sign(story.last_leaf(), &Payload::Exclude(exclude), &OFFICERS)
            },
            "seen-mismatch",
            true,
        ),
        (
            "excluded_from_the_next_ceremony",
            "An exclusion from ceremony 2, which has not begun.",
            |story| {
                let mut exclude = story.exclusion(&[2]);
                exclude.ceremony = 2;
                story.sign(story.last_leaf(), &Payload::Exclude(exclude), &OFFICERS)
            },
            "ceremony-number",
            false,
        ),
        (
            "excluded_though_not_silent",
            "A trustee is excluded who has done its part, with one who has not.",
            |story| story.exclude_entry(&[1, 2]),
            "trustee-not-silent",
            true,
        ),
        (
            "excluded_though_no_trustee",
            "A fourth is excluded, of three.",
            |story| story.exclude_entry(&[4]),
            "trustee-not-silent",
            true,
        ),
    ]
}

fn exclude_badly((name, what, entry, code, staff): Excluding) -> Case {
    let mut story = Story::announced(sealed(plain()));
    story.join(1);
    let entry = entry(&story);
    let index = story.log(&entry);
    let case = story.case(name, what);
    if staff { case.staff("A9", code, POLL, index) } else { case.operator("A9", code, POLL, index) }
}

fn excluded_on_an_old_register() -> Case {
    // POLL-7 with CEREMONY-10: the officer was dismissed, and the poll anchored since.
    let mut story = Story::announced(sealed(plain()));
    let seen = story.seen();
    let roles = &crate::city::OFFICERS[..2];
    let mut officers = roles.to_vec();
    officers.push(crate::city::OFFICERS[3]);
    officers.push(crate::city::OFFICERS[4]);
    story.city.appoint(&officers);
    story.city.anchor();
    let mut exclude = story.exclusion(&[2]);
    exclude.seen = seen;
    let entry = story.sign(story.last_leaf(), &Payload::Exclude(exclude), &OFFICERS);
    let index = story.log(&entry);
    story.case("excluded_by_a_dismissed_officer", "A dismissed officer excludes a trustee.").staff(
        "A9",
        "officer-pin-stale",
        POLL,
        index,
    )
}

/// The second ceremony of trustees 1 and 3, and the rest of the poll.
fn ends_without_2(mut story: Story, name: &str, what: &'static str) -> Case {
    story.next_ceremony(&[2]);
    story.make_key();
    story.open();
    story.cast_usual();
    story.unseal(&[1, 3]);
    story.certify(usual());
    story.usual_case(name, what).shares(&[1, 3])
}

/// Trustee 2 deals what it had committed to, which is no dealing, and is excluded as silent.
fn dealt_as_bound(name: &str, what: &'static str, change: impl FnOnce(&Story, &mut Deal)) -> Case {
    let mut story = Story::announced(sealed(plain()));
    let mut deal = ceremony(&story).deal(2);
    change(&story, &mut deal);
    let mut join = ceremony(&story).join(2);
    let context = ceremony(&story).context;
    join.commitment_hash = deal.dealing.commitment_hash(&context, trustee(2));
    story.join(1);
    story.join_as(2, join);
    story.join(3);
    story.deal(1);
    story.deal(3);
    let dealt = story.trustee_entry(2, &Payload::Deal(deal));
    let index = story.log(&dealt);
    let entry = story.exclude_entry(&[2]);
    story.log(&entry);
    ends_without_2(story, name, what).operator("A9", "dealing-invalid", POLL, index)
}

fn no_proof_of_knowledge() -> Case {
    // CEREMONY-4: or the last to deal could cancel what the others have put into the key.
    dealt_as_bound(
        "no_proof_of_knowledge",
        "A trustee deals with the proof of another polynomial, as it had committed to.",
        |story, deal| deal.dealing.proof = ceremony(story).deal(1).dealing.proof,
    )
}

fn threshold_changed() -> Case {
    // CEREMONY-3: with one commitment more, two shares would not be enough.
    dealt_as_bound(
        "threshold_changed",
        "A trustee deals a polynomial of three coefficients where two were announced.",
        |story, deal| {
            let more = ceremony(story).without(&[]).deal(2).dealing.commitments[1];
            deal.dealing.commitments.push(more);
        },
    )
}

fn wrong_share_dealt() -> Case {
    // CEREMONY-7: the complaint shows the dealer guilty.
    let mut story = Story::announced(sealed(plain()));
    for index in 1..=3 {
        story.join(index);
    }
    story.deal(1);
    let mut wrong = ceremony(&story).deal(2);
    let other = ceremony(&story).shares_of(&ceremony(&story).without(&[]).dealer(2));
    wrong.shares[1] = other[1];
    story.deal_as(2, &Payload::Deal(wrong));
    story.deal(3);
    story.confirm(1);
    let complaint = Payload::Complaint(ceremony(&story).accuse(2, 3));
    let entry = story.trustee_entry(3, &complaint);
    story.log(&entry);
    ends_without_2(
        story,
        "wrong_share_dealt",
        "A trustee deals a wrong share, is named by a complaint, and the ceremony is held anew.",
    )
}

fn false_complaint() -> Case {
    // CEREMONY-7: the complaint shows its own author guilty; whoever is excluded speaks no more.
    let mut story = Story::announced(sealed(revotable()));
    story.deal_all();
    let entry = story.trustee_entry(2, &Payload::Complaint(ceremony(&story).accuse(1, 2)));
    story.log(&entry);
    let excluded = join(&story, 2, |join| join.ceremony = 2);
    let excluded = story.log(&excluded);
    let old = ready(&story, 1, |_| ());
    let old = story.log(&old);
    ends_without_2(
        story,
        "false_complaint",
        "A trustee complains of a right share, and is excluded by it. It joins all the same, and \
         another confirms the ceremony that is over.",
    )
    .operator("A9", "trustee-unknown", POLL, excluded)
    .operator("A9", "ceremony-number", POLL, old)
}

fn silent_trustee_excluded() -> Case {
    // CEREMONY-10: each stage may wait in vain; here the confirmation.
    let mut story = Story::announced(sealed(plain()));
    story.deal_all();
    story.confirm(1);
    story.confirm(3);
    let entry = story.exclude_entry(&[2]);
    story.log(&entry);
    ends_without_2(
        story,
        "silent_trustee_excluded",
        "Two officers exclude a trustee who is silent, and the ceremony is held anew.",
    )
}

fn ceremony_failed() -> Case {
    // CEREMONY-10: with one participant of three left nothing can be done but to cancel.
    let mut story = Story::announced(sealed(plain()));
    story.join(1);
    let entry = story.exclude_entry(&[2, 3]);
    story.log(&entry);
    story.next_ceremony(&[2, 3]);
    let joined = join(&story, 1, |_| ());
    let excluded = story.exclude_entry(&[1]);
    let indices = [joined, excluded].map(|entry| story.log(&entry));
    let open = story.open_entry(story.city.open_payload(&story.poll));
    let opened = story.log(&open);
    story.cancel(Kind::Announce);
    let case = story.case("ceremony_failed", "Two of three trustees are silent: it ends there.");
    let case = case.staff("A4", "ceremony-incomplete", POLL, opened);
    indices.into_iter().fold(case, |case, index| case.operator("A9", "ceremony-stage", POLL, index))
}
