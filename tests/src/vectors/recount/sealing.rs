//! Steps A7 and A10: sealed ballots that should not have come in, and those that do not open.

use veche_protocol::entry::{Kind, SignedEntry};
use veche_protocol::poll::ballot::Content;
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::result::PollResult;
use veche_protocol::sealing::SealedBallot;

use super::case::Case;
use super::story::{
    LENGTH, POLL, Story, anonymous, hidden, plain, result, revotable, sealed, usual, voter,
};
use crate::city::approval_definition;
use crate::vectors::sealed::primitives::{BEYOND, IDENTITY};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = misshapen().into_iter().map(let_in).collect();
    cases.extend(unopened().into_iter().chain(unreadable()).chain(not_choices()).map(opens_badly));
    cases.extend([
        sealed_choices_too_few(),
        spoiled_at_opening_after_a_good_one(),
        ciphertext_copied_between_credentials(),
        signed_before_sealed(),
    ]);
    cases
}

/// Name, what it is, the content of `di`'s ballot, and its code.
type Strange = (&'static str, &'static str, fn(&Story) -> SealedBallot, &'static str);

/// Any plaintext, sealed by `di`.
fn seal(story: &Story, plaintext: &[u8]) -> SealedBallot {
    let key = voter("di").key.key();
    story.trustees().seal_plaintext(story.leaf(Kind::Open), &key, plaintext)
}

/// A message with its padding, sealed by `di`.
fn seal_padded(story: &Story, message: &[u8]) -> SealedBallot {
    let mut plaintext = message.to_vec();
    plaintext.push(0x80);
    plaintext.resize(LENGTH, 0);
    seal(story, &plaintext)
}

/// The selections `[[1]]`.
const SWINGS: [u8; 3] = [0x81, 0x81, 0x01];

fn ballot(story: &Story, content: SealedBallot) -> SignedEntry {
    story.ballot_of(story.leaf(Kind::Open), "di", 0, Content::Sealed(content))
}

/// Contents that no honest server lets in.
fn misshapen() -> Vec<Strange> {
    vec![
        (
            "sealed_under_the_identity_point",
            "A ballot that everyone could open.",
            |story| SealedBallot { point: IDENTITY, ..seal_padded(story, &SWINGS) },
            "sealed-point",
        ),
        (
            "sealed_under_no_point",
            "A ballot whose point is the encoding of nothing.",
            |story| SealedBallot { point: BEYOND, ..seal_padded(story, &SWINGS) },
            "sealed-point",
        ),
        (
            "unpadded_plaintext",
            "A ballot without padding: its length would show the choice.",
            |story| seal(story, &SWINGS),
            "sealed-length",
        ),
        (
            "sealed_ballot_too_long",
            "A ballot that is padded to twice the length.",
            |story| seal(story, &[&SWINGS[..], &[0x80], &[0; 60]].concat()),
            "sealed-length",
        ),
    ]
}

fn let_in((name, what, content, code): Strange) -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    let ballot = ballot(&story, content(&story));
    let index = story.log(&ballot);
    story.unseal(&[1, 2]);
    story.certify(usual());
    story.usual_case(name, what).operator("A7", code, POLL, index).shares(&[1, 2])
}

/// Ballots that are accepted, and do not open.
fn unopened() -> Vec<Strange> {
    vec![
        (
            "ciphertext_copied",
            "A voter copies the sealed ballot of another.",
            |story| {
                let other = voter("bo").key.key();
                let plaintext = [&SWINGS[..], &[0x80], &[0; 28]].concat();
                story.trustees().seal_plaintext(story.leaf(Kind::Open), &other, &plaintext)
            },
            "sealed-tag",
        ),
        (
            "undecryptable",
            "A ballot of random bytes.",
            |story| SealedBallot { ciphertext: vec![9; LENGTH + 16], ..seal_padded(story, &[]) },
            "sealed-tag",
        ),
        (
            "sealed_for_another_poll",
            "A ballot that was sealed under another Open.",
            |story| {
                let key = voter("di").key.key();
                let announce = story.leaf(Kind::Announce);
                story.trustees().seal_plaintext(announce, &key, &[0x80; LENGTH])
            },
            "sealed-tag",
        ),
    ]
}

/// Ballots that open, and hold no choices in the form there is.
fn unreadable() -> Vec<Strange> {
    vec![
        (
            "sealed_without_padding_mark",
            "A ballot of zeros.",
            |story| seal(story, &[0; LENGTH]),
            "sealed-padding",
        ),
        (
            "sealed_with_another_padding_mark",
            "A ballot padded with the byte 81.",
            |story| seal(story, &[&SWINGS[..], &[0x81], &[0; 28]].concat()),
            "sealed-padding",
        ),
        (
            "opens_to_garbage",
            "A ballot that opens, and holds a text.",
            |story| seal_padded(story, b"\x65trees"),
            "sealed-encoding",
        ),
        (
            "opens_to_nothing",
            "A ballot that holds nothing.",
            |story| seal_padded(story, &[]),
            "sealed-encoding",
        ),
        (
            "sealed_not_canonical",
            "A ballot that holds its choice in a longer form than needed.",
            |story| seal_padded(story, &[0x81, 0x81, 0x18, 0x01]),
            "sealed-encoding",
        ),
        (
            "sealed_with_a_byte_more",
            "A ballot that hides a byte behind its choice.",
            |story| seal_padded(story, &[0x81, 0x81, 0x01, 0x00]),
            "sealed-encoding",
        ),
    ]
}

/// Ballots that open, and hold choices that there are not.
fn not_choices() -> Vec<Strange> {
    vec![
        (
            "sealed_question_count",
            "A sealed ballot that answers two questions, of one.",
            |story| seal_padded(story, &[0x82, 0x81, 0x01, 0x80]),
            "question-count",
        ),
        (
            "sealed_choice_out_of_range",
            "A sealed ballot for the third of two options.",
            |story| seal_padded(story, &[0x81, 0x81, 0x02]),
            "choice-out-of-range",
        ),
        (
            "sealed_choice_duplicated",
            "A sealed ballot that names one option twice.",
            |story| seal_padded(story, &[0x81, 0x82, 0x01, 0x01]),
            "choice-duplicated",
        ),
        (
            "sealed_choice_disordered",
            "A sealed ballot that names its options in another order.",
            |story| seal_padded(story, &[0x81, 0x82, 0x01, 0x00]),
            "choice-disordered",
        ),
        (
            "sealed_choices_too_many",
            "A sealed ballot that names two options, of one.",
            |story| seal_padded(story, &[0x81, 0x82, 0x00, 0x01]),
            "choices-too-many",
        ),
    ]
}

fn opens_badly((name, what, content, code): Strange) -> Case {
    let mut story = Story::sealed_voted(sealed(plain()));
    let ballot = ballot(&story, content(&story));
    let index = story.log(&ballot);
    story.accepted += 1;
    story.unseal(&[1, 2]);
    story.certify(usual());
    story.usual_case(name, what).voter("A10", code, index).shares(&[1, 2])
}

fn sealed_choices_too_few() -> Case {
    let definition = approval_definition(&["trees", "swings"], 1, 2, Revote::First);
    let mut story = Story::sealed_open(sealed(definition));
    story.cast("ada", 0, &[&[0, 1]]);
    let index = story.cast("di", 0, &[&[]]);
    let votes = [("trees", 1, true), ("swings", 1, true)];
    let result = result(&[("north", 2, 1), ("south", 2, 0)], &[(0, &votes)]);
    story.unseal(&[1, 2]);
    story.certify(result.clone());
    story
        .case("sealed_choices_too_few", "A sealed blank ballot where an option must be named.")
        .voter("A10", "choices-too-few", index)
        .shares(&[1, 2])
        .result(result)
}

fn only_bo() -> PollResult {
    let votes = [("trees", 0, false), ("swings", 1, true)];
    result(&[("north", 2, 1), ("south", 2, 0)], &[(0, &votes)])
}

fn spoiled_at_opening_after_a_good_one() -> Case {
    // SEAL-5, BALLOT-11: which ballot stands is decided before it is opened, and for good.
    let mut story = Story::sealed_open(sealed(revotable()));
    story.cast("ada", 0, &[&[0]]);
    story.cast("bo", 0, &[&[0]]);
    let index = story.cast("ada", 1, &[&[7]]);
    story.cast("bo", 1, &[&[7]]);
    story.cast("bo", 2, &[&[1]]);
    story.unseal(&[2, 3]);
    story.certify(only_bo());
    story
        .case(
            "spoiled_at_opening_after_a_good_one",
            "A voter changes a good ballot for one that is none: neither counts. Another does the \
             same and changes it back in time: the one between is not opened.",
        )
        .voter("A10", "choice-out-of-range", index)
        .shares(&[2, 3])
        .result(only_bo())
}

fn ciphertext_copied_between_credentials() -> Case {
    // SEAL-3: bound to the key that signs, so that nobody casts the same unseen.
    let mut story = Story::hidden(sealed(anonymous(plain())));
    let copied = story.trustees().seal_plaintext(
        story.leaf(Kind::Open),
        &story.casting_key("bo").key(),
        &[&SWINGS[..], &[0x80], &[0; 28]].concat(),
    );
    let under = story.leaf(Kind::Open);
    let ballot = story.ballot_of(under, "north-03", 0, Content::Sealed(copied));
    let index = story.log(&ballot);
    story.accepted += 1;
    let votes = [("trees", 2, true), ("swings", 1, false)];
    let result = result(&[("north", 50, 3)], &[(0, &votes)]);
    story.unseal(&[1, 2]);
    story.certify(result.clone());
    hidden(story.case(
        "ciphertext_copied_between_credentials",
        "The sealed ballot of one credential is cast again by another, which it does not open for.",
    ))
    .credentials(&[("north", [50, 4, 4, 4])])
    .voter("A10", "sealed-tag", index)
    .shares(&[1, 2])
    .result(result)
}

fn signed_before_sealed() -> Case {
    // BALLOT-1: the signature comes before the form of the content.
    let mut story = Story::sealed_voted(sealed(plain()));
    let content = SealedBallot { point: IDENTITY, ciphertext: Vec::new() };
    let ballot = story.ballot_of(story.leaf(Kind::Announce), "di", 0, Content::Sealed(content));
    let index = story.log(&ballot);
    story
        .case("sealed_wrongly_signed_and_misshapen", "The signature is judged before the content.")
        .operator("A7", "signature-invalid", POLL, index)
        .unopened(3)
}
