//! Tests of cosignatures.

mod ml_dsa;

use super::{Cosigned, MAX_TIME, collect, message, sign, verify};
use crate::breach::Breach;
use crate::hash::leaf_hash;
use crate::log::checkpoint::Checkpoint;
use crate::log::note::{Note, NoteSignature, VerifierKey, key_id};
use crate::signature::SigningKey;

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

fn witness(number: u8) -> VerifierKey {
    VerifierKey::cosignature(&name(number), signing_key(number).key()).unwrap()
}

fn name(number: u8) -> String {
    format!("witness{number}.example")
}

fn note() -> Note {
    let origin = "city.example/register".to_owned();
    let checkpoint = Checkpoint { origin, size: 9, root: leaf_hash(b"root") };
    checkpoint.sign(&signing_key(1)).unwrap().into_note()
}

fn cosigned(witnesses: &[(u8, u64)]) -> Note {
    let mut note = note();
    for &(number, time) in witnesses {
        let line = sign(note.text(), time, &signing_key(number), &name(number)).unwrap();
        note.add_signature(line).unwrap();
    }
    note
}

#[test]
fn the_message_of_the_specification() {
    let text = "example.com/behind-the-sofa\n20852163\n\
                CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let expected = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
                    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(message(1_679_315_147, text), expected.as_bytes());
}

#[test]
fn the_blob_is_time_and_signature() {
    let note = cosigned(&[(2, 0x0102_0304)]);
    let line = &note.signatures()[1];
    assert_eq!(line.blob().len(), 8 + 64);
    assert_eq!(line.blob()[..8], [0, 0, 0, 0, 1, 2, 3, 4]);
    assert_eq!(line.id(), key_id("witness2.example", 4, signing_key(2).key().as_bytes()));
    let key = signing_key(2).key();
    assert_eq!(verify(&key, note.text(), line.blob()), Ok(0x0102_0304));
}

// LOG-13
#[test]
fn another_time_text_or_key_is_refused() {
    let (note, key) = (cosigned(&[(2, 1000)]), signing_key(2).key());
    let blob = note.signatures()[1].blob();
    let refused = Err(Breach::NoteSignatureInvalid);
    for position in 0..blob.len() {
        let mut altered = blob.to_vec();
        altered[position] ^= 1;
        assert_eq!(verify(&key, note.text(), &altered), refused, "byte {position}");
    }
    assert_eq!(verify(&key, &note.text().replace("\n9\n", "\n8\n"), blob), refused);
    assert_eq!(verify(&signing_key(3).key(), note.text(), blob), refused);
    for length in [0, 7, 8, 71] {
        assert_eq!(verify(&key, note.text(), &blob[..length]), refused);
    }
    assert_eq!(verify(&key, note.text(), &[blob, &[0]].concat()), refused);
}

#[test]
fn times_end_where_the_format_says() {
    let (note, key) = (note(), signing_key(2));
    let line = sign(note.text(), MAX_TIME, &key, "w.example").unwrap();
    assert_eq!(verify(&key.key(), note.text(), line.blob()), Ok(MAX_TIME));
    let outcome = sign(note.text(), MAX_TIME + 1, &key, "w.example");
    assert_eq!(outcome, Err(Breach::NoteMalformed));
    // Signed all the same, by someone who does not care.
    let late = MAX_TIME + 1;
    let signature = key.sign(&message(late, note.text()));
    let blob = [late.to_be_bytes().as_slice(), signature.as_bytes()].concat();
    let outcome = verify(&key.key(), note.text(), &blob);
    assert_eq!(outcome, Err(Breach::NoteSignatureInvalid));
}

fn summary(collected: &[Cosigned]) -> Vec<(usize, &VerifierKey, Option<u64>)> {
    collected.iter().map(|one| (one.cosigner, &one.key, one.time)).collect()
}

#[test]
fn known_cosigners_are_collected() {
    let note = cosigned(&[(3, 30), (2, 20), (9, 90), (3, 31)]);
    let keys = [witness(2), witness(3), witness(4)];
    let collected = collect(&note, &keys).unwrap();
    assert_eq!(
        summary(&collected),
        [(0, &keys[0], Some(20)), (1, &keys[1], Some(30)), (1, &keys[1], Some(31))]
    );
    assert_eq!(collect(&note, &[]), Ok(Vec::new()));
    assert_eq!(collect(&self::note(), &[witness(2)]), Ok(Vec::new()));
}

#[test]
fn the_key_of_a_log_is_no_cosigner() {
    let log = VerifierKey::ed25519("city.example/register", signing_key(1).key()).unwrap();
    assert!(note().verify(core::slice::from_ref(&log)).is_ok());
    assert_eq!(collect(&note(), &[log]), Ok(Vec::new()));
}

#[test]
fn a_known_cosigner_that_fails_condemns_the_note() {
    let mut note = cosigned(&[(2, 20), (3, 30)]);
    let forged = sign("another text\n", 40, &signing_key(3), &name(3)).unwrap();
    note.add_signature(forged).unwrap();
    let outcome = collect(&note, &[witness(2), witness(3)]);
    assert_eq!(outcome, Err(Breach::NoteSignatureInvalid));
    assert_eq!(collect(&note, &[witness(2)]).map(|all| all.len()), Ok(1));
    let short = NoteSignature::new(&name(2), witness(2).id(), vec![0; 4]).unwrap();
    note.add_signature(short).unwrap();
    assert_eq!(collect(&note, &[witness(2)]), Err(Breach::NoteSignatureInvalid));
}
