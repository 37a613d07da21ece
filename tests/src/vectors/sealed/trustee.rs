//! Transport keys, dealings and transcripts.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use veche_protocol::encoding::Encoder;
use veche_protocol::hash::sha256;

use super::paper::{MapHex as _, Paper, halves, prove};
use super::primitives::{BEYOND, IDENTITY, NEGATIVE, plus_order, point, secret};
use super::{Named, refused};

const REFUSED: &str = "dealing-invalid";

pub(super) fn vectors() -> Vec<Named> {
    let mut vectors = transport_keys();
    vectors.extend(good_dealings());
    vectors.extend(bad_dealings());
    vectors.extend(transcripts());
    vectors
}

fn transport_keys() -> Vec<Named> {
    let secret = secret("a transport key");
    let good = json!({
        "check": "transport-key",
        "transport_key": hex::encode(point(&secret)),
        "transport_secret": hex::encode(secret.as_bytes()),
    });
    let bad = |bytes| {
        let change = [("transport_key", json!(hex::encode(bytes)))];
        refused(&good, &change, &["transport_secret"], "transport-key-weak")
    };
    let vectors = [
        ("transport_key", good.clone()),
        ("transport_key_identity", bad(IDENTITY)),
        ("transport_key_beyond_the_field", bad(BEYOND)),
        ("transport_key_negative", bad(NEGATIVE)),
    ];
    vectors.map(|(name, vector)| (name.to_owned(), vector)).into()
}

/// A dealing with its hash. The hash does not ask whether the dealing is good.
fn dealing(paper: &Paper, i: u8, commitments: &[[u8; 32]], proof: [u8; 64]) -> Value {
    let mut encoder = Encoder::new();
    encoder.array(6).text("veche/commitments/v1");
    encoder.bytes(paper.announce.as_bytes()).uint(paper.ceremony).uint(u64::from(i));
    encoder.list(commitments, |encoder, commitment| {
        encoder.bytes(commitment);
    });
    encoder.bytes(&proof);
    json!({
        "check": "dealing",
        "announce": paper.announce.to_string(),
        "ceremony": paper.ceremony.to_string(),
        "dealer": i,
        "threshold": paper.threshold,
        "commitments": commitments.to_vec().map_hex(),
        "proof": hex::encode(proof),
        "commitment_hash": sha256(&encoder.finish()).to_string(),
    })
}

fn good_dealings() -> Vec<Named> {
    let three = Paper::new("two of three", 2, 3);
    let sixteen = Paper { ceremony: 1 << 32, ..Paper::new("sixteen of sixteen", 16, 16) };
    let mut later_identity = three.commitments(1);
    later_identity[1] = IDENTITY;
    let vectors = [
        ("dealing", dealing(&three, 1, &three.commitments(1), three.proof(1))),
        (
            "dealing_of_16_in_a_late_ceremony",
            dealing(&sixteen, 16, &sixteen.commitments(16), sixteen.proof(16)),
        ),
        (
            "dealing_with_a_later_commitment_to_zero",
            dealing(&three, 1, &later_identity, three.proof(1)),
        ),
        (
            "dealing_with_a_nonce_of_zero",
            dealing(&three, 1, &three.commitments(1), three.prove(1, Scalar::ZERO)),
        ),
    ];
    vectors.map(|(name, vector)| (name.to_owned(), vector)).into()
}

fn bad_dealings() -> Vec<Named> {
    let paper = Paper::new("two of three", 2, 3);
    let (commitments, proof) = (paper.commitments(1), paper.proof(1));
    let response = Scalar::from_canonical_bytes(proof[32..].try_into().expect("32 bytes"))
        .expect("made canonical");
    let changed = |place: usize, to: [u8; 32]| {
        let mut commitments = commitments.clone();
        commitments[place] = to;
        (commitments, proof)
    };
    let proved = |proof: [u8; 64]| (commitments.clone(), proof);
    let altered = |place: usize| {
        let mut proof = proof;
        proof[place] ^= 1;
        proved(proof)
    };
    let nonce = secret("a nonce");
    let first_half = proof[..32].try_into().expect("32 bytes");
    let cases = [
        ("commitment_too_few", (commitments[..1].to_vec(), proof)),
        ("commitment_too_many", ([&commitments[..], &[commitments[1]]].concat(), proof)),
        ("no_commitment", (vec![], proof)),
        ("first_commitment_to_zero", changed(0, IDENTITY)),
        (
            "first_commitment_to_zero_proved",
            (changed(0, IDENTITY).0, prove(1, Scalar::ZERO, nonce)),
        ),
        ("first_commitment_beyond_the_field", changed(0, BEYOND)),
        ("first_commitment_negative", changed(0, NEGATIVE)),
        ("last_commitment_beyond_the_field", changed(1, BEYOND)),
        ("commitments_swapped", (vec![commitments[1], commitments[0]], proof)),
        ("proof_of_zeros", proved([0; 64])),
        ("proof_of_another_trustee", proved(prove(2, paper.polynomial(1)[0], nonce))),
        ("proof_of_another_coefficient", proved(prove(1, paper.polynomial(1)[1], nonce))),
        ("proof_with_its_point_altered", altered(0)),
        ("proof_with_its_scalar_altered", altered(32)),
        ("proof_with_a_point_beyond_the_field", proved(halves(&BEYOND, &response.to_bytes()))),
        (
            "proof_with_a_scalar_beyond_the_order",
            proved(halves(first_half, &plus_order(&response))),
        ),
    ];
    let vector = |(commitments, proof): (Vec<_>, _)| {
        refused(&dealing(&paper, 1, &commitments, proof), &[], &[], REFUSED)
    };
    cases.map(|(name, case)| (format!("dealing_{name}"), vector(case))).into()
}

fn transcripts() -> Vec<Named> {
    let announce = sha256(b"announce of the transcripts");
    let transcript = |ceremony: u64, indices: &[u8]| {
        let entry = |kind: &str, i: u8| sha256(format!("{kind} of {i}").as_bytes());
        let mut encoder = Encoder::new();
        encoder.array(4).text("veche/ceremony/v1").bytes(announce.as_bytes()).uint(ceremony);
        encoder.list(indices, |encoder, &i| {
            encoder.array(3).uint(u64::from(i));
            encoder.bytes(entry("join", i).as_bytes()).bytes(entry("deal", i).as_bytes());
        });
        let rows = indices.iter().map(|&i| {
            let [join, deal] = ["join", "deal"].map(|kind| entry(kind, i).to_string());
            json!({ "trustee": i, "join": join, "deal": deal })
        });
        json!({
            "check": "transcript",
            "announce": announce.to_string(),
            "ceremony": ceremony.to_string(),
            "participants": rows.collect::<Vec<_>>(),
            "transcript": sha256(&encoder.finish()).to_string(),
        })
    };
    let all: Vec<_> = (1..=16).collect();
    let vectors = [
        ("transcript_of_two", transcript(1, &[1, 2])),
        ("transcript_of_all", transcript(1, &all)),
        ("transcript_after_exclusions", transcript(3, &[2, 7, 16])),
    ];
    vectors.map(|(name, vector)| (name.to_owned(), vector)).into()
}
