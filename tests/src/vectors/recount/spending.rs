//! Steps A7, A8 and A13 of anonymous polls: credentials that are none, or were spent before, or
//! that nobody has asked for.

use sha2::{Digest as _, Sha384};
use veche_protocol::encoding::Encoder;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::poll::ballot::{Ballot, Content, Credential};

use super::case::Case;
use super::story::{
    POLL, Story, anonymous, both_districts, hidden_usual, plain, result, revotable, sealed,
};
use crate::city::{credential_message, issuer_secret};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = strange().into_iter().chain(false_ones()).map(let_in).collect();
    cases.extend([
        credential_in_a_named_poll(),
        open_ballot_in_a_sealed_poll(),
        sealed_ballot_in_an_open_poll(),
        credential_spent_twice(),
        credential_stale_turn(),
        district_changed(),
        over_issued(),
        over_issued_in_one_district(),
    ]);
    cases
}

/// Name, what it is, the ballot of `north-03`, who was served and has not cast, and its code.
type Strange = (&'static str, &'static str, fn(&Story) -> SignedEntry, &'static str);

/// A ballot for the swings with this credential, signed by the key of `north-03`.
fn ballot(story: &Story, credential: Option<Credential>) -> SignedEntry {
    let content = Content::Open(vec![vec![1]]);
    let payload = Payload::Ballot(Ballot { turn: 0, content, credential });
    let under = story.leaf(Kind::Open);
    story.city.sign_with(&story.poll, under, &payload, &[&story.casting_key("north-03")])
}

fn changed(story: &Story, change: impl FnOnce(&mut Credential)) -> SignedEntry {
    let mut credential = story.asked("north-03").wallet.credential();
    change(&mut credential);
    ballot(story, Some(credential))
}

fn strange() -> Vec<Strange> {
    vec![
        (
            "credential_missing",
            "A ballot without a credential, by a voter's own key.",
            |story| {
                let payload = Payload::Ballot(Ballot::open(0, vec![vec![1]]));
                let key = super::story::voter("north-03").key;
                story.city.sign_with(&story.poll, story.leaf(Kind::Open), &payload, &[&key])
            },
            "credential-missing",
        ),
        (
            "credential_key_of_small_order",
            "A ballot by a key that would verify anything.",
            |story| {
                let good = ballot(story, Some(story.asked("north-03").wallet.credential()));
                let mut encoder = Encoder::new();
                encoder.array(2).bytes(good.payload_bytes()).array(1);
                encoder.array(2).bytes(&[0; 32]).bytes(&[0; 64]);
                SignedEntry::decode(story.poll.log_type(), encoder.finish()).expect("the form")
            },
            "key-weak",
        ),
        (
            "credential_of_a_district_that_does_not_vote",
            "A ballot with a credential that names the south.",
            |story| changed(story, |credential| "south".clone_into(&mut credential.district)),
            "credential-district",
        ),
        (
            "credential_of_one_issuer",
            "A ballot with the signature of one of two issuers.",
            |story| changed(story, |credential| drop(credential.signatures.pop())),
            "credential-invalid",
        ),
        (
            "credential_of_one_issuer_twice",
            "A ballot with one issuer's signature in place of both.",
            |story| {
                changed(story, |credential| {
                    credential.signatures[1] = credential.signatures[0].clone();
                })
            },
            "credential-invalid",
        ),
        (
            "credential_ballot_wrongly_signed",
            "A ballot with a good credential, signed under another entry than Open.",
            |story| story.ballot_under(story.leaf(Kind::Begin), "north-03", 0, &[&[1]]),
            "signature-invalid",
        ),
    ]
}

fn false_ones() -> Vec<Strange> {
    vec![
        (
            "credential_altered",
            "A ballot whose credential has one bit turned.",
            |story| changed(story, |credential| credential.signatures[1][255] ^= 1),
            "credential-invalid",
        ),
        (
            "credential_with_another_prefix",
            "A ballot whose credential begins with other random bytes than were signed.",
            |story| changed(story, |credential| credential.prefix[0] ^= 1),
            "credential-invalid",
        ),
        (
            "credential_of_another_voter",
            "A ballot with the credential of another ballot of this poll.",
            |story| ballot(story, Some(story.asked("bo").wallet.credential())),
            "credential-invalid",
        ),
        (
            "credential_of_another_poll",
            "A ballot with a credential for another poll with the same issuers.",
            |story| {
                let message = message(story, ("vote.example.org/poll/swings", "north"));
                ballot(story, Some(signed_by_all(story, &message, 48)))
            },
            "credential-invalid",
        ),
        (
            "credential_of_another_district",
            "A ballot with a credential that was signed for another district.",
            |story| {
                let message = message(story, ("vote.example.org/poll/park", "south"));
                ballot(story, Some(signed_by_all(story, &message, 48)))
            },
            "credential-invalid",
        ),
        // CRED-3: a salt of exactly 48 bytes.
        (
            "pss_salt_length",
            "A ballot with signatures of all issuers whose salt is of 32 bytes.",
            |story| {
                let message = message(story, ("vote.example.org/poll/park", "north"));
                ballot(story, Some(signed_by_all(story, &message, 32)))
            },
            "credential-invalid",
        ),
        (
            "credential_under_a_key_that_is_not_on_the_log",
            "A ballot with a credential under another key of an issuer: voters were told apart.",
            |story| {
                let message = message(story, ("vote.example.org/poll/park", "north"));
                let mut credential = signed_by_all(story, &message, 48);
                let place = story.issuers().iter().position(|name| *name == "issuer-1");
                let place = place.expect("an issuer of the poll");
                let prepared = [&PREFIX[..], &message].concat();
                credential.signatures[place] = sign(("issuer-1", "spare"), &prepared, 48);
                ballot(story, Some(credential))
            },
            "credential-invalid",
        ),
    ]
}

/// The prefix of credentials that are made by the issuers themselves.
const PREFIX: [u8; 32] = [7; 32];

/// What all issuers sign for the key of `north-03` in a poll and a district.
fn message(story: &Story, (origin, district): (&str, &str)) -> Vec<u8> {
    let place = (story.city.instance, origin, story.leaf(Kind::Begin));
    credential_message(place, district, &story.casting_key("north-03").key())
}

/// A credential for the north with signatures of all issuers over any message, which nobody has
/// asked for, with a salt of so many bytes.
fn signed_by_all(story: &Story, message: &[u8], salt: usize) -> Credential {
    let prepared = [&PREFIX[..], message].concat();
    let signatures = story.issuers().into_iter();
    let signatures = signatures.map(|issuer| sign((issuer, "north"), &prepared, salt));
    let (district, prefix) = ("north".to_owned(), PREFIX);
    Credential { district, prefix, signatures: signatures.collect() }
}

/// RSASSA-PSS-SIGN (RFC 8017, section 8.1.1) with SHA-384 for a modulus of 2048 bits.
fn sign((issuer, district): (&str, &str), message: &[u8], salt: usize) -> Vec<u8> {
    let salt = vec![5; salt];
    let digest = Sha384::digest([&[0; 8][..], &Sha384::digest(message), &salt].concat());
    let mut block = vec![0; 256 - 48 - 1 - salt.len() - 1];
    block.push(1);
    block.extend_from_slice(&salt);
    // MGF1: the digest with a counter, block after block.
    let mask = (0_u32..).flat_map(|counter| {
        Sha384::digest([&digest[..], &counter.to_be_bytes()].concat()).to_vec()
    });
    for (byte, mask) in block.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    block[0] &= 0x7f;
    let encoded = [&block[..], &digest, &[0xbc]].concat();
    issuer_secret(issuer, district).blind_sign(&encoded).expect("below the modulus")
}

fn let_in((name, what, ballot, code): Strange) -> Case {
    let mut story = Story::hidden(anonymous(plain()));
    let ballot = ballot(&story);
    let index = story.log(&ballot);
    story.end(hidden_usual());
    story.hidden_case(name, what).operator("A7", code, POLL, index)
}

fn credential_in_a_named_poll() -> Case {
    let mut story = Story::voted();
    let credential =
        Credential { district: "south".to_owned(), prefix: PREFIX, signatures: vec![vec![7; 256]] };
    let content = Content::Open(vec![vec![1]]);
    let payload = Payload::Ballot(Ballot { turn: 0, content, credential: Some(credential) });
    let key = super::story::voter("di").key;
    let ballot = story.city.sign_with(&story.poll, story.leaf(Kind::Open), &payload, &[&key]);
    let index = story.log(&ballot);
    story
        .usual_case("credential_in_a_named_poll", "A ballot with a credential in a named poll.")
        .operator("A7", "credential-unexpected", POLL, index)
}

fn open_ballot_in_a_sealed_poll() -> Case {
    // BALLOT-12: everyone would know it before the close.
    let mut story = Story::sealed_open(sealed(plain()));
    let content = Content::Open(vec![vec![1]]);
    let ballot = story.ballot_of(story.leaf(Kind::Open), "di", 0, content);
    let index = story.log(&ballot);
    story.case("ballot_open_in_a_sealed_poll", "A ballot in clear in a sealed poll.").operator(
        "A7",
        "ballot-content-kind",
        POLL,
        index,
    )
}

fn sealed_ballot_in_an_open_poll() -> Case {
    let mut story = Story::voted();
    let other = Story::sealed_open(sealed(plain()));
    let content = other.trustees().seal_plaintext(
        story.leaf(Kind::Open),
        &super::story::voter("di").key.key(),
        &[0; 32],
    );
    let under = story.leaf(Kind::Open);
    let ballot = story.ballot_of(under, "di", 0, Content::Sealed(content));
    let index = story.log(&ballot);
    story.usual_case("ballot_sealed_in_an_open_poll", "A sealed ballot in an open poll.").operator(
        "A7",
        "ballot-content-kind",
        POLL,
        index,
    )
}

fn credential_spent_twice() -> Case {
    // BALLOT-9: a credential key stands for the voter.
    let mut story = Story::hidden(anonymous(plain()));
    let index = story.spoil("bo", 0, &[&[0]]);
    story.end(hidden_usual());
    story
        .hidden_case("credential_spent_twice", "A second ballot by the key of a credential.")
        .voter("A8", "already-voted", index)
}

fn credential_stale_turn() -> Case {
    // BALLOT-10, BALLOT-5: an old ballot held back, and the standing one again.
    let mut story = Story::issued(anonymous(revotable()));
    story.open();
    let held_back = story.ballot("bo", 0, &[&[0]]);
    story.cast("bo", 1, &[&[1]]);
    story.cast("ada", 0, &[&[0]]);
    story.cast("north-02", 0, &[&[0]]);
    let stale = story.log(&held_back);
    let again = story.ballot("bo", 1, &[&[1]]);
    let again = story.log(&again);
    story.end(hidden_usual());
    story
        .hidden_case("credential_stale_turn", "An older ballot of a credential comes last.")
        .operator("A7", "duplicate-entry", POLL, again)
        .voter("A8", "stale-turn", stale)
}

fn district_changed() -> Case {
    // BALLOT-15: two voters of two districts have asked for one key.
    let mut story = Story::begun(both_districts(revotable()));
    story.request_for("ada", "shared");
    story.request_for("cy", "shared");
    story.issue(&["ada", "cy"]);
    story.open();
    story.cast("cy", 0, &[&[1]]);
    let index = story.spoil("ada", 1, &[&[0]]);
    let votes = [("trees", 0, false), ("swings", 1, true)];
    let result = result(&[("north", 50, 0), ("south", 50, 1)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("district_changed", "One key with credentials of two districts votes in both.")
        .voter("A7", "district-changed", index)
        .credentials(&[("north", [50, 1, 1, 0]), ("south", [50, 1, 1, 1])])
        .result(result)
}

fn over_issued() -> Case {
    // AUDIT-13: credentials that all issuers together have made for nobody.
    let mut story = Story::hidden(anonymous(plain()));
    for name in ["ghost-1", "ghost-2"] {
        story.mint(name);
        story.cast(name, 0, &[&[1]]);
    }
    let votes = [("trees", 2, false), ("swings", 3, true)];
    let result = result(&[("north", 50, 5)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("over_issued", "More credentials are spent than were issued: all issuers conspire.")
        .operator("A13", "over-issued", POLL, None)
        .credentials(&[("north", [50, 4, 4, 5])])
        .result(result)
}

fn over_issued_in_one_district() -> Case {
    // AUDIT-13: in each district, not over the whole.
    let mut story = Story::begun(both_districts(plain()));
    story.request_all(&["ada", "bo", "cy"]);
    story.issue(&["ada", "bo", "cy"]);
    story.open();
    story.mint("south-ghost");
    story.cast("cy", 0, &[&[0]]);
    story.cast("south-ghost", 0, &[&[1]]);
    let votes = [("trees", 1, true), ("swings", 1, false)];
    let result = result(&[("north", 50, 0), ("south", 50, 2)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("over_issued_in_one_district", "A ghost in the south, where the north has a gap.")
        .operator("A13", "over-issued", POLL, None)
        .credentials(&[("north", [50, 2, 2, 0]), ("south", [50, 1, 1, 2])])
        .result(result)
}
