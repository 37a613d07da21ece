//! Complaints of trustee 2 about the share that trustee 1 dealt to it.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};

use super::paper::{Paper, halves};
use super::primitives::{BEYOND, IDENTITY, encode, plus_order, point};
use super::share::{encrypted_shares, paper, way};
use super::{Named, refused, with};

const REFUSED: &str = "complaint-invalid";

pub(super) fn vectors() -> Vec<Named> {
    let good = good();
    let mut vectors: Vec<_> = encrypted_shares()
        .into_iter()
        .map(|(name, encrypted, is_right)| {
            let guilty = if is_right { "complainant" } else { "dealer" };
            let changes =
                [("encrypted_share", json!(hex::encode(encrypted))), ("guilty", json!(guilty))];
            (format!("complaint_about_a_{name}"), with(&good, &changes))
        })
        .collect();
    vectors.extend(unproved(&good));
    vectors
}

/// A complaint that proves what it must; about a share of zeros.
fn good() -> Value {
    let paper = paper();
    let shared = encode(&paper.shared(1, 2));
    let [challenge, response] = paper.complain((1, 2), &shared);
    let proof = halves(&challenge.to_bytes(), &response.to_bytes());
    with(
        &way(),
        &[
            ("check", json!("complaint")),
            ("encrypted_share", json!(hex::encode([0; 48]))),
            ("shared_point", json!(hex::encode(shared))),
            ("complaint_proof", json!(hex::encode(proof))),
            ("guilty", json!("dealer")),
        ],
    )
}

/// Complaints whose proof does not hold, so that nothing is decided.
fn unproved(good: &Value) -> Vec<Named> {
    let paper = paper();
    let shared = encode(&paper.shared(1, 2));
    let [challenge, response] = paper.complain((1, 2), &shared);
    let proof = halves(&challenge.to_bytes(), &response.to_bytes());
    let proved = |proof: [u8; 64]| vec![("complaint_proof", json!(hex::encode(proof)))];
    let altered = |place: usize| {
        let mut proof = proof;
        proof[place] ^= 1;
        proved(proof)
    };
    // A proof for another statement, shown for this one.
    let moved = |other: &Paper, way: (u8, u8), shared: &[u8; 32]| {
        let [challenge, response] = other.complain(way, shared);
        let mut changes = proved(halves(&challenge.to_bytes(), &response.to_bytes()));
        changes.push(("shared_point", json!(hex::encode(shared))));
        changes
    };
    let another_poll = Paper { announce: veche_protocol::hash::Hash::ZERO, ..paper.clone() };
    let later = Paper { ceremony: 2, ..paper.clone() };
    let chosen = point(&Scalar::from(5_u8));
    let cases = [
        ("with_its_challenge_altered", altered(0)),
        ("with_its_response_altered", altered(32)),
        ("with_a_proof_of_zeros", proved([0; 64])),
        ("with_a_challenge_beyond_the_order", {
            proved(halves(&plus_order(&challenge), &response.to_bytes()))
        }),
        ("with_a_response_beyond_the_order", {
            proved(halves(&challenge.to_bytes(), &plus_order(&response)))
        }),
        ("of_another_poll", moved(&another_poll, (1, 2), &shared)),
        ("of_another_ceremony", moved(&later, (1, 2), &shared)),
        ("about_another_dealer", moved(&paper, (3, 2), &encode(&paper.shared(3, 2)))),
        ("of_another_complainant", moved(&paper, (1, 3), &encode(&paper.shared(1, 3)))),
        ("the_other_way", moved(&paper, (2, 1), &shared)),
        ("with_a_point_of_its_own_choice", moved(&paper, (1, 2), &chosen)),
        ("with_a_point_exchanged", vec![("shared_point", json!(hex::encode(chosen)))]),
        ("with_the_identity", moved(&paper, (1, 2), &IDENTITY)),
        ("with_a_point_beyond_the_field", moved(&paper, (1, 2), &BEYOND)),
    ];
    let vector = |changes: &[(&str, Value)]| refused(good, changes, &["guilty"], REFUSED);
    cases.map(|(name, changes)| (format!("complaint_{name}"), vector(&changes))).into()
}
