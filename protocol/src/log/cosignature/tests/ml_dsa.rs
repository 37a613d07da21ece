//! Tests of cosignatures by ML-DSA-44.

use super::{MAX_TIME, collect, leaf_hash, note, signing_key, witness};
use crate::breach::Breach;
use crate::log::checkpoint::Checkpoint;
use crate::log::cosignature::{ml_dsa_message, sign, sign_ml_dsa, verify_ml_dsa};
use crate::log::note::{Note, NoteSignature, VerifierKey, key_id};
use crate::ml_dsa::SigningKey;

const NAME: &str = "pq.witness.example";

fn secret() -> SigningKey {
    SigningKey::from_seed(&[6; 32])
}

fn verifier() -> VerifierKey {
    VerifierKey::ml_dsa_44(NAME, secret().key().clone()).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint::parse(note().text()).unwrap()
}

fn line(time: u64) -> NoteSignature {
    sign_ml_dsa(&checkpoint(), time, &secret(), NAME, &mut rand::rng()).unwrap()
}

fn with(lines: Vec<NoteSignature>) -> Note {
    let mut note = note();
    for line in lines {
        note.add_signature(line).unwrap();
    }
    note
}

// LOG-17
#[test]
fn the_message_is_the_structure_of_the_specification() {
    let expected = [
        b"subtree/v1\n\0".as_slice(),
        b"\x12pq.witness.example",
        &[0, 0, 0, 0, 1, 2, 3, 4],
        b"\x15city.example/register",
        &[0; 8],
        &[0, 0, 0, 0, 0, 0, 0, 9],
        leaf_hash(b"root").as_bytes(),
    ]
    .concat();
    assert_eq!(ml_dsa_message(NAME, 0x0102_0304, &checkpoint()), Ok(expected));
    let longest = "n".repeat(255);
    assert_eq!(ml_dsa_message(&longest, 0, &checkpoint()).unwrap()[12], 255);
    for name in ["", &"n".repeat(256), "a b"] {
        assert_eq!(ml_dsa_message(name, 0, &checkpoint()), Err(Breach::NoteMalformed));
    }
}

// LOG-13, LOG-17
#[test]
fn the_blob_is_time_and_signature() {
    let line = line(0x0102_0304);
    assert_eq!(line.blob().len(), 8 + 2420);
    assert_eq!(line.blob()[..8], [0, 0, 0, 0, 1, 2, 3, 4]);
    assert_eq!(line.id(), key_id(NAME, 6, secret().key().as_bytes()));
    let verdict = verify_ml_dsa(secret().key(), NAME, note().text(), line.blob());
    assert_eq!(verdict, Ok(Some(0x0102_0304)));
}

// LOG-13, LOG-17
#[test]
fn another_time_name_text_or_key_is_refused() {
    let (text, line, secret) = (note().text().to_owned(), line(1000), secret());
    let blob = line.blob();
    let refused = Err(Breach::NoteSignatureInvalid);
    let verdict = |name, text: &str, blob: &[u8]| verify_ml_dsa(secret.key(), name, text, blob);
    for position in (0..blob.len()).step_by(97).chain(0..8) {
        let mut altered = blob.to_vec();
        altered[position] ^= 1;
        assert_eq!(verdict(NAME, &text, &altered), refused, "byte {position}");
    }
    for length in [0, 7, 8, 72, blob.len() - 1] {
        assert_eq!(verdict(NAME, &text, &blob[..length]), refused);
    }
    assert_eq!(verdict(NAME, &text, &[blob, &[0]].concat()), refused);
    assert_eq!(verdict("pq.witness.examples", &text, blob), refused);
    assert_eq!(verdict(NAME, &text.replace("\n9\n", "\n8\n"), blob), refused);
    assert_eq!(verdict(NAME, &text.replace("register", "registry"), blob), refused);
    // Further lines are not signed, so a text that has them has no signature of this type.
    assert_eq!(verdict(NAME, &format!("{text}extension\n"), blob), refused);
    let stranger = SigningKey::from_seed(&[7; 32]);
    assert_eq!(verify_ml_dsa(stranger.key(), NAME, &text, blob), refused);
}

// LOG-13
#[test]
fn times_end_where_the_format_says_and_zero_is_none() {
    let (text, secret) = (note().text().to_owned(), secret());
    let verdict = |blob: &[u8]| verify_ml_dsa(secret.key(), NAME, &text, blob);
    assert_eq!(verdict(line(MAX_TIME).blob()), Ok(Some(MAX_TIME)));
    assert_eq!(verdict(line(0).blob()), Ok(None));
    let outcome = sign_ml_dsa(&checkpoint(), MAX_TIME + 1, &secret, NAME, &mut rand::rng());
    assert_eq!(outcome, Err(Breach::NoteMalformed));
    // Signed all the same, by someone who does not care.
    let message = ml_dsa_message(NAME, MAX_TIME + 1, &checkpoint()).unwrap();
    let signature = secret.sign(&message, &mut rand::rng());
    let blob = [(MAX_TIME + 1).to_be_bytes().as_slice(), &signature].concat();
    assert_eq!(verdict(&blob), Err(Breach::NoteSignatureInvalid));
}

// LOG-13
#[test]
fn both_types_are_collected_and_a_time_of_zero_only_of_the_older() {
    let plain = |time| {
        let name = "witness2.example";
        sign(note().text(), time, &signing_key(2), name).unwrap()
    };
    let note = with(vec![plain(0), line(0), plain(20), line(30)]);
    let collected = collect(&note, &[verifier(), witness(2)]).unwrap();
    let times: Vec<_> = collected.iter().map(|one| (one.cosigner, one.time)).collect();
    assert_eq!(times, [(0, None), (0, Some(30)), (1, Some(0)), (1, Some(20))]);
}

// LOG-5
#[test]
fn a_known_cosigner_that_fails_condemns_the_note() {
    let other = Checkpoint { size: 8, ..checkpoint() };
    let forged = sign_ml_dsa(&other, 30, &secret(), NAME, &mut rand::rng()).unwrap();
    let note = with(vec![line(20), forged]);
    assert_eq!(collect(&note, &[verifier()]), Err(Breach::NoteSignatureInvalid));
    // The same key under another name has another id: nobody's line.
    let renamed = VerifierKey::ml_dsa_44("other.example", secret().key().clone()).unwrap();
    assert_eq!(collect(&note, &[renamed]), Ok(Vec::new()));
}
