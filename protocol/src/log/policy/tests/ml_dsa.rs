//! Tests of policies with keys of ML-DSA-44: witnesses that count, and second signatures of logs.

use super::{ORIGIN, log_key, note, policy, signing_key};
use crate::breach::Breach;
use crate::log::checkpoint::Checkpoint;
use crate::log::cosignature::sign_ml_dsa;
use crate::log::note::{Note, NoteSignature, VerifierKey};
use crate::log::policy::Policy;
use crate::ml_dsa::SigningKey;

const WITNESS: &str = "pq.example";

fn secret(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

fn verifier(name: &str, number: u8) -> VerifierKey {
    VerifierKey::ml_dsa_44(name, secret(number).key().clone()).unwrap()
}

fn add(note: &mut Note, name: &str, number: u8, time: u64) {
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    let line = sign_ml_dsa(&checkpoint, time, &secret(number), name, &mut rand::rng());
    note.add_signature(line.unwrap()).unwrap();
}

fn of(lines: &str) -> Policy {
    Policy::parse(format!("log {}\n{lines}quorum none\n", log_key(1)).as_bytes()).unwrap()
}

// LOG-15
#[test]
fn a_witness_counts_whatever_the_type_of_its_key() {
    let key = verifier(WITNESS, 40);
    let policy = policy(&format!("witness P {key}\ngroup g all X1 P\nquorum g\n"));
    let with = |cosigners: &[u8], time| {
        let mut note = note(cosigners);
        add(&mut note, WITNESS, 40, time);
        note
    };
    assert_eq!(policy.verify_note(&note(&[11])), Err(Breach::QuorumMissing));
    assert_eq!(policy.verify_note(&with(&[12], 5)), Err(Breach::QuorumMissing));
    // LOG-13: it has seen nothing else than this, with a time or without.
    for (time, stated) in [(1006, Some(1006)), (0, None)] {
        let witnessed = policy.verify_note(&with(&[11], time)).unwrap();
        let seen = witnessed.cosigned().iter().map(|one| (one.cosigner, one.time));
        assert_eq!(seen.collect::<Vec<_>>(), [(0, Some(1011)), (6, stated)]);
    }
    let mut forged = with(&[11], 5);
    let line = NoteSignature::new(WITNESS, key.id(), vec![0; 2428]).unwrap();
    forged.add_signature(line).unwrap();
    assert_eq!(policy.verify_note(&forged), Err(Breach::NoteSignatureInvalid));
}

// LOG-18
#[test]
fn a_log_with_a_second_key_signs_twice() {
    let policy = of(&format!("log {}\n", verifier(ORIGIN, 50)));
    assert_eq!(policy.second_keys(ORIGIN), [verifier(ORIGIN, 50)]);
    assert_eq!(policy.verify_note(&note(&[])), Err(Breach::NoteUnsigned));
    for time in [0, 1050] {
        let mut twice = note(&[]);
        add(&mut twice, ORIGIN, 50, time);
        assert!(policy.verify_note(&twice).unwrap().cosigned().is_empty());
    }
    // A line by another key of type 06, or by this one under another name, is nobody's.
    for (name, number) in [(ORIGIN, 51), (WITNESS, 50)] {
        let mut other = note(&[]);
        add(&mut other, name, number, 7);
        assert_eq!(policy.verify_note(&other), Err(Breach::NoteUnsigned));
    }
    let mut forged = note(&[]);
    add(&mut forged, ORIGIN, 50, 7);
    let line = NoteSignature::new(ORIGIN, verifier(ORIGIN, 50).id(), vec![1; 2428]).unwrap();
    forged.add_signature(line).unwrap();
    assert_eq!(policy.verify_note(&forged), Err(Breach::NoteSignatureInvalid));
    // A policy without the line does not ask for it, and does not know the key.
    assert!(of("").verify_note(&forged).is_ok());
}

// LOG-18
#[test]
fn the_second_signature_does_not_stand_for_the_first() {
    let both = of(&format!("log {}\n", verifier(ORIGIN, 50)));
    let text = note(&[]).text().to_owned();
    let mut note = Note::sign(&text, &signing_key(2), ORIGIN).unwrap();
    add(&mut note, ORIGIN, 50, 7);
    assert_eq!(both.verify_note(&note), Err(Breach::NoteUnsigned));
    let alone = format!("log {}\nquorum none\n", verifier(ORIGIN, 50));
    let alone = Policy::parse(alone.as_bytes()).unwrap();
    assert_eq!(alone.verify_note(&note), Err(Breach::NoteUnsigned));
}

// LOG-18
#[test]
fn the_second_key_is_that_of_all_logs_of_the_city() {
    let line = |origin| format!("log {}\n", verifier(origin, 50));
    let asked = of(&line("city.example/poll/park"));
    assert_eq!(asked.second_keys(ORIGIN), [verifier(ORIGIN, 50)]);
    assert_eq!(asked.verify_note(&note(&[])), Err(Breach::NoteUnsigned));
    let mut twice = note(&[]);
    add(&mut twice, ORIGIN, 50, 7);
    assert!(asked.verify_note(&twice).is_ok());
    for elsewhere in ["other.example/register", "city.example/crowd/park", "city.example"] {
        let policy = of(&line(elsewhere));
        assert_eq!(policy.second_keys(ORIGIN), []);
        assert!(policy.verify_note(&note(&[])).is_ok(), "{elsewhere}");
        assert_eq!(policy.second_keys(elsewhere), [verifier(elsewhere, 50)]);
    }
    // Of several second keys one is enough.
    let other = format!("{}log {}\n", line("city.example/roll/a"), verifier(ORIGIN, 51));
    assert!(of(&other).verify_note(&twice).is_ok());
}
