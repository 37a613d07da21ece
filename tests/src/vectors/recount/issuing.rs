//! Step A6: issuers' keys, requests and answers that the law refuses.

use veche_protocol::blind_rsa::ModulusBits;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::authorities::Issuance;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::issuing::{Issued, IssuerKeys, Request};

use super::case::Case;
use super::story::{ISSUERS, POLL, Story, anonymous, hidden_usual, plain, stranger};
use crate::city::issuer_secret;

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = keys().into_iter().map(give).collect();
    cases.extend(requests().into_iter().chain(misshapen_requests()).chain(answers()).map(ask));
    cases.extend([
        issuer_keys_before_announce(),
        issuer_keys_in_a_named_poll(),
        issuer_keys_after_begin(),
        issuer_key_for_another_district(),
        small_modulus(),
        issued_before_pin(),
        request_after_open(),
        issued_after_open(),
        issued_as_a_whole(),
    ]);
    cases
}

/// Name, what it is, the entry, and its code.
type Strange = (&'static str, &'static str, fn(&Story) -> SignedEntry, &'static str);

fn modulus(issuer: &str, district: &str) -> Vec<u8> {
    issuer_secret(issuer, district).public().modulus().to_vec()
}

/// Issuers' keys that stand after all honest ones.
fn keys() -> Vec<Strange> {
    vec![
        (
            "split_issuer_key",
            "An issuer gives a second key for a district, to know some voters by it.",
            |story| story.issuer_keys_entry("issuer-1", &[("north", modulus("issuer-1", "spare"))]),
            "issuer-key-repeated",
        ),
        (
            "issuer_key_by_a_stranger",
            "A key by somebody who is no issuer of the poll.",
            |story| story.issuer_keys_entry("issuer-3", &[("north", modulus("issuer-1", "spare"))]),
            "issuer-unknown",
        ),
        (
            "issuer_key_by_two_issuers",
            "A key with the signatures of two issuers.",
            |story| {
                let keys = vec![("north".to_owned(), modulus("issuer-1", "spare"))];
                let payload = Payload::IssuerKeys(IssuerKeys { keys });
                story.sign(story.leaf(Kind::Announce), &payload, &ISSUERS)
            },
            "issuer-unknown",
        ),
        (
            "issuer_key_of_another_history",
            "A key that was signed under another Announce.",
            |story| {
                let keys = vec![("north".to_owned(), modulus("issuer-1", "spare"))];
                let payload = Payload::IssuerKeys(IssuerKeys { keys });
                story.sign(Hash([7; 32]), &payload, &["issuer-1"])
            },
            "signature-invalid",
        ),
    ]
}

fn give((name, what, entry, code): Strange) -> Case {
    let mut story = Story::keyed(anonymous(plain()));
    let entry = entry(&story);
    let index = story.log(&entry);
    story.case(name, what).operator("A6", code, POLL, index)
}

/// Requests that stand after those of `ada`, `bo` and two others.
fn requests() -> Vec<Strange> {
    vec![
        (
            "request_by_a_stranger",
            "A request by somebody who is on no roll.",
            |story| {
                let blinded = story.wallet("north-04", "north-04").blinded();
                let payload = Payload::Request(Request { blinded });
                let under = story.leaf(Kind::Begin);
                story.city.sign_with(&story.poll, under, &payload, &[&stranger()])
            },
            "voter-unknown",
        ),
        (
            "request_of_another_history",
            "A request that its voter signed under another Begin.",
            |story| {
                let blinded = story.wallet("north-04", "north-04").blinded();
                let payload = Payload::Request(Request { blinded });
                let key = super::story::voter("north-04").key;
                story.city.sign_with(&story.poll, Hash([7; 32]), &payload, &[&key])
            },
            "signature-invalid",
        ),
        (
            "request_of_another_poll",
            "A request that its voter signed for another poll.",
            |story| {
                let blinded = story.wallet("north-04", "north-04").blinded();
                let payload = Payload::Request(Request { blinded });
                let other = LogPath::Poll("swings".to_owned());
                let key = super::story::voter("north-04").key;
                story.city.sign_with(&other, story.leaf(Kind::Begin), &payload, &[&key])
            },
            "signature-invalid",
        ),
        (
            "request_repeated",
            "A voter asks for a second credential.",
            |story| story.request_entry("ada", story.wallet("ada", "another").blinded()),
            "request-repeated",
        ),
    ]
}

/// Requests for what cannot be signed.
fn misshapen_requests() -> Vec<Strange> {
    vec![
        (
            "request_of_too_few_issuers",
            "A request for the signature of one of two issuers.",
            |story| {
                let blinded = story.wallet("north-04", "north-04").blinded();
                story.request_entry("north-04", blinded[..1].to_vec())
            },
            "blinded-message",
        ),
        (
            "request_of_zero",
            "A request to sign the number 0.",
            |story| {
                let mut blinded = story.wallet("north-04", "north-04").blinded();
                blinded[1] = vec![0; 256];
                story.request_entry("north-04", blinded)
            },
            "blinded-message",
        ),
        (
            "request_of_the_modulus",
            "A request to sign the modulus itself.",
            |story| {
                let mut blinded = story.wallet("north-04", "north-04").blinded();
                blinded[0] = modulus(story.issuers()[0], "north");
                story.request_entry("north-04", blinded)
            },
            "blinded-message",
        ),
        (
            "request_of_another_length",
            "A request to sign a number of 3072 bits, of 2048.",
            |story| {
                let mut blinded = story.wallet("north-04", "north-04").blinded();
                blinded[0] = [&[0; 128][..], &blinded[0]].concat();
                story.request_entry("north-04", blinded)
            },
            "blinded-message",
        ),
    ]
}

fn ask((name, what, entry, code): Strange) -> Case {
    let mut story = Story::issued(anonymous(plain()));
    let entry = entry(&story);
    let index = story.log(&entry);
    story.open();
    story.cast_hidden();
    story.end(hidden_usual());
    story.hidden_case(name, what).operator("A6", code, POLL, index)
}

/// Answers of an issuer that stand after all honest ones.
fn answers() -> Vec<Strange> {
    vec![
        (
            "issued_without_request",
            "An issuer answers where nobody has asked.",
            |story| {
                let answer = story.asked("north-03").wallet.answer("issuer-1");
                story.issued_entry("issuer-1", vec![(0, answer)])
            },
            "request-unknown",
        ),
        (
            "issued_to_what_is_yet_to_come",
            "An issuer answers an index that is not reached.",
            |story| {
                let answer = story.asked("north-03").wallet.answer("issuer-1");
                story.issued_entry("issuer-1", vec![(1_000, answer)])
            },
            "request-unknown",
        ),
        (
            "two_issued_to_one",
            "An issuer answers a request a second time.",
            |story| story.issued_entry("issuer-1", story.answers("issuer-1", &["ada"])),
            "issued-twice",
        ),
        (
            "issued_by_a_stranger",
            "An answer by somebody who is no issuer of the poll.",
            |story| story.issued_entry("issuer-3", story.answers("issuer-1", &["ada"])),
            "issuer-unknown",
        ),
        (
            "issued_of_another_history",
            "An answer that was signed under another Begin.",
            |story| {
                let signatures = story.answers("issuer-1", &["ada"]);
                story.sign(Hash([7; 32]), &Payload::Issued(Issued { signatures }), &["issuer-1"])
            },
            "signature-invalid",
        ),
    ]
}

fn issuer_key_for_another_district() -> Case {
    let mut story = Story::keyed(anonymous(plain()));
    let entry = story.issuer_keys_entry("issuer-1", &[("south", modulus("issuer-1", "south"))]);
    let index = story.log(&entry);
    story.case("issuer_key_for_another_district", "A key for a district that does not vote.").staff(
        "A6",
        "roll-district",
        POLL,
        index,
    )
}

fn issuer_keys_before_announce() -> Case {
    let mut story = Story::new();
    let keys = vec![("north".to_owned(), modulus("issuer-1", "north"))];
    let payload = Payload::IssuerKeys(IssuerKeys { keys });
    let entry = story.sign(story.city.instance, &payload, &["issuer-1"]);
    let index = story.log(&entry);
    story.announce(plain());
    story
        .case("issuer_keys_before_announce", "An issuer's key where the Announce should stand.")
        .operator("A6", "not-announced", POLL, index)
}

fn issuer_keys_in_a_named_poll() -> Case {
    let mut story = Story::announced(plain());
    let entry = story.issuer_keys_entry("issuer-1", &[("north", modulus("issuer-1", "north"))]);
    let index = story.log(&entry);
    story
        .case("issuer_keys_in_a_named_poll", "An issuer's key in a poll that has no issuers.")
        .operator("A6", "entry-not-of-poll", POLL, index)
}

fn issuer_keys_after_begin() -> Case {
    let mut story = Story::begun(anonymous(plain()));
    let entry = story.issuer_keys_entry("issuer-1", &[("north", modulus("issuer-1", "spare"))]);
    let index = story.log(&entry);
    story
        .case("issuer_keys_after_begin", "An issuer's key after voters could ask.")
        .operator("A6", "phase-out-of-order", POLL, index)
        .credentials(&[("north", [50, 0, 0, 0])])
}

fn small_modulus() -> Case {
    // CRED-1: 2048 bits where 3072 were announced; even; with the factor 3; with its first bit 0.
    let mut definition = anonymous(plain());
    let issuance = definition.issuance.take().expect("it is anonymous");
    let issuance = Some(Issuance { bits: ModulusBits::Rsa3072, ..issuance });
    let mut story = Story::crowded(Definition { issuance, ..definition });
    let mut even = vec![0xa5; 384];
    even[383] = 0xa4;
    let mut small_first_bit = vec![0xa5; 384];
    small_first_bit[0] = 0x25;
    let moduli = [modulus("issuer-1", "north"), even, vec![0xff; 384], small_first_bit];
    let indices = moduli.map(|modulus| {
        let entry = story.issuer_keys_entry("issuer-1", &[("north", modulus)]);
        story.log(&entry)
    });
    let case = story.case(
        "small_modulus",
        "Keys that others could break: of fewer bits than announced, even, divisible by 3, and \
         with a first bit of 0.",
    );
    indices
        .into_iter()
        .fold(case, |case, index| case.operator("A6", "issuer-key-weak", POLL, index))
}

fn issued_before_pin() -> Case {
    // POLL-1: nobody can ask before it is fixed who may.
    let mut story = Story::keyed(anonymous(plain()));
    let announce = story.leaf(Kind::Announce);
    let signatures = vec![(0, vec![7; 256])];
    let payload = Payload::Issued(Issued { signatures });
    let issued = story.sign(announce, &payload, &["issuer-1"]);
    let payload = Payload::Request(Request { blinded: vec![vec![7; 256]; 2] });
    let key = super::story::voter("ada").key;
    let request = story.city.sign_with(&story.poll, announce, &payload, &[&key]);
    let indices = [request, issued].map(|entry| story.log(&entry));
    let case = story.case("issued_before_pin", "A request and an answer before the Begin.");
    indices
        .into_iter()
        .fold(case, |case, index| case.operator("A6", "phase-out-of-order", POLL, index))
}

fn request_after_open() -> Case {
    let mut story = Story::issued(anonymous(plain()));
    story.open();
    let request = story.request("north-04");
    story.cast_hidden();
    story.end(hidden_usual());
    let late = story.request("north-05");
    story
        .hidden_case("request_after_open", "A voter asks after Open, and one after Certify.")
        .operator("A6", "issuing-over", POLL, request)
        .operator("A6", "phase-out-of-order", POLL, late)
}

fn issued_after_open() -> Case {
    let mut story = Story::issued(anonymous(plain()));
    story.request("north-04");
    story.open();
    let entry = story.issued_entry("issuer-1", story.answers("issuer-1", &["north-04"]));
    let index = story.log(&entry);
    story.cast_hidden();
    story.end(hidden_usual());
    story
        .case("issued_after_open", "An issuer answers after Open, which ends issuing.")
        .operator("A6", "issuing-over", POLL, index)
        .credentials(&[("north", [50, 5, 4, 3])])
        .result(hidden_usual())
}

fn issued_as_a_whole() -> Case {
    // CRED-8: the entry stands or falls as a whole; a false answer, then one request twice.
    let mut story = Story::begun(anonymous(plain()));
    story.request_all(&["ada", "bo"]);
    let mut answers = story.answers("issuer-1", &["ada", "bo"]);
    answers[1].1[255] ^= 1;
    let invalid = story.issued_entry("issuer-1", answers);
    let twice = story.issued_entry("issuer-1", story.answers("issuer-1", &["bo", "ada", "bo"]));
    let other = story.issued_entry("issuer-2", story.answers("issuer-1", &["ada"]));
    let indices = [invalid, twice, other].map(|entry| story.log(&entry));
    story.issue(&["ada"]);
    let codes = ["issued-invalid", "issued-twice", "issued-invalid"];
    let case = story.case(
        "issued_as_a_whole",
        "Of two answers in one entry the second is false, of three the third repeats the first, \
         and one issuer gives the other's answer: none of these entries stands.",
    );
    let found = indices.into_iter().zip(codes);
    found
        .fold(case, |case, (index, code)| case.operator("A6", code, POLL, index))
        .credentials(&[("north", [50, 2, 1, 0])])
}
