//! Tests of notes, their keys and their verdicts.

use proptest::prelude::*;

use super::{
    MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_SIGNATURES, Note, NoteSignature, PublicKey,
    TYPE_ML_DSA_44, VerifierKey, check_name, key_id, sign_text,
};
use crate::breach::Breach;
use crate::hash::leaf_hash;
use crate::log::checkpoint::Checkpoint;
use crate::log::cosignature::{self, sign_ml_dsa};
use crate::log::text::base64;
use crate::ml_dsa;
use crate::signature::{Key, SigningKey};

/// The key that the specification gives as its example.
const EXAMPLE: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

const NAME: &str = "city.example/register";
const TEXT: &str = "first\n\nlast\n";

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

fn verifier_key(number: u8) -> VerifierKey {
    VerifierKey::ed25519(NAME, signing_key(number).key()).unwrap()
}

fn note() -> Note {
    Note::sign(TEXT, &signing_key(1), NAME).unwrap()
}

// LOG-3
#[test]
fn the_example_key_of_the_specification() {
    let key = VerifierKey::parse(EXAMPLE).unwrap();
    assert_eq!(key.name(), "example.com/foo");
    assert_eq!(key.id(), [0x53, 0x0d, 0x90, 0x3a]);
    assert!(matches!(key.public_key(), PublicKey::Ed25519(_)));
    assert_eq!(key.to_string(), EXAMPLE);
}

#[test]
fn keys_of_other_spelling_are_refused() {
    for text in [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903a+",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
        " example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo++530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ] {
        assert_eq!(VerifierKey::parse(text), Err(Breach::NoteMalformed), "{text:?}");
    }
}

// LOG-3, ENTRY-9
#[test]
fn weak_keys_are_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    for kind in [1, 4] {
        let weak_or_short = [
            (&identity[..], Breach::KeyWeak),
            (&[7; 31], Breach::NoteMalformed),
            (&[], Breach::NoteMalformed),
        ];
        for (bytes, breach) in weak_or_short {
            let id = hex::encode(key_id("a", kind, bytes));
            let text = format!("a+{id}+{}", base64(&[&[kind], bytes].concat()));
            assert_eq!(VerifierKey::parse(&text), Err(breach), "{text}");
        }
    }
}

// LOG-3
#[test]
fn keys_of_ml_dsa_44_are_read_whatever_their_bytes() {
    let bytes = vec![9; 1312];
    let id = hex::encode(key_id("witness.example", TYPE_ML_DSA_44, &bytes));
    let text = format!("witness.example+{id}+{}", base64(&[&[6], bytes.as_slice()].concat()));
    let key = VerifierKey::parse(&text).unwrap();
    let public = ml_dsa::Key::parse(&bytes).unwrap();
    assert_eq!(key.public_key(), &PublicKey::MlDsa44(public.clone()));
    assert_eq!(key, VerifierKey::ml_dsa_44("witness.example", public).unwrap());
    assert_eq!(key.public_key().key(), None);
    assert_eq!(key.public_key().bytes(), bytes);
    assert_eq!(key.to_string(), text);
    for length in [0, 32, 1311, 1313] {
        let bytes = vec![9; length];
        let id = hex::encode(key_id("a", TYPE_ML_DSA_44, &bytes));
        let text = format!("a+{id}+{}", base64(&[&[6], bytes.as_slice()].concat()));
        assert_eq!(VerifierKey::parse(&text), Err(Breach::NoteMalformed), "{length}");
    }
}

// LOG-3
#[test]
fn names_are_bounded() {
    assert_eq!(check_name(&"a".repeat(MAX_NAME_LENGTH)), Ok(()));
    assert_eq!(check_name("gorod.example/опрос"), Ok(()));
    let too_long = "a".repeat(MAX_NAME_LENGTH + 1);
    for name in [
        "",
        " ",
        "a b",
        "a+b",
        "a\u{a0}b",
        "a\u{85}b",
        "a\u{3000}b",
        "a\nb",
        "a\tb",
        "a\0b",
        "a\u{7f}b",
        "a\u{9f}b",
        &too_long,
    ] {
        assert_eq!(check_name(name), Err(Breach::NoteMalformed), "{name:?}");
        assert!(VerifierKey::ed25519(name, signing_key(1).key()).is_err());
        assert!(Note::sign(TEXT, &signing_key(1), name).is_err());
        assert!(NoteSignature::new(name, [0; 4], vec![0]).is_err());
    }
}

#[test]
fn a_signed_note_verifies_and_round_trips() {
    let note = note();
    let bytes = note.to_string();
    assert!(bytes.starts_with("first\n\nlast\n\n— city.example/register "));
    let read = Note::parse(bytes.as_bytes()).unwrap();
    assert_eq!(read, note);
    assert_eq!(read.text(), TEXT);
    assert_eq!(read.verify(&[verifier_key(1)]), Ok(vec![0]));
    assert_eq!(read.verify(&[verifier_key(2), verifier_key(1)]), Ok(vec![1]));
}

// LOG-5
#[test]
fn a_note_without_a_known_key_is_unsigned() {
    let other_name = VerifierKey::ed25519("city.example/other", signing_key(1).key()).unwrap();
    assert_eq!(note().verify(&[]), Err(Breach::NoteUnsigned));
    assert_eq!(note().verify(&[verifier_key(2), other_name]), Err(Breach::NoteUnsigned));
}

#[test]
fn unknown_signatures_are_ignored_whatever_they_hold() {
    let mut note = note();
    for (name, id) in [("stranger.example", [1; 4]), (NAME, [2; 4])] {
        note.add_signature(NoteSignature::new(name, id, vec![1]).unwrap()).unwrap();
    }
    let same_id =
        NoteSignature::new("stranger.example", verifier_key(1).id(), vec![1; 64]).unwrap();
    note.add_signature(same_id).unwrap();
    assert_eq!(note.verify(&[verifier_key(1)]), Ok(vec![0]));
}

// LOG-5
#[test]
fn a_known_key_that_fails_condemns_the_note() {
    let good = verifier_key(1);
    let line = |blob: Vec<u8>| NoteSignature::new(NAME, good.id(), blob).unwrap();
    let other = signing_key(1).sign(b"another text\n").0.to_vec();
    for blob in [other, vec![0; 63], vec![0; 64], vec![0; 65], vec![0; 1]] {
        // Beside a signature of the same key that holds: still condemned.
        let mut forged = note();
        forged.add_signature(line(blob)).unwrap();
        assert_eq!(forged.verify(core::slice::from_ref(&good)), Err(Breach::NoteSignatureInvalid));
        assert_eq!(forged.verify(&[verifier_key(2)]), Err(Breach::NoteUnsigned));
    }
}

#[test]
fn the_same_signature_twice_counts_once() {
    let mut note = note();
    note.add_signature(sign_text(TEXT, &signing_key(1), NAME).unwrap()).unwrap();
    note.add_signature(sign_text(TEXT, &signing_key(2), NAME).unwrap()).unwrap();
    assert_eq!(note.verify(&[verifier_key(2), verifier_key(1)]), Ok(vec![0, 1]));
}

#[test]
fn types_are_not_mixed_up() {
    // One Ed25519 key under one name, as the key of a log and of a cosigner.
    let key = signing_key(1);
    let cosigner = VerifierKey::cosignature(NAME, key.key()).unwrap();
    assert_ne!(cosigner.id(), verifier_key(1).id());
    assert_eq!(note().verify(core::slice::from_ref(&cosigner)), Err(Breach::NoteUnsigned));
    let mut note = note();
    note.add_signature(cosignature::sign(TEXT, 5, &key, NAME).unwrap()).unwrap();
    assert_eq!(note.verify(&[cosigner.clone(), verifier_key(1)]), Ok(vec![0, 1]));
    // The log's signature in the cosigner's line.
    let blob = key.sign(TEXT.as_bytes()).0.to_vec();
    note.add_signature(NoteSignature::new(NAME, cosigner.id(), blob).unwrap()).unwrap();
    assert_eq!(note.verify(&[cosigner]), Err(Breach::NoteSignatureInvalid));
}

// LOG-5, LOG-17
#[test]
fn ml_dsa_44_signs_checkpoints_and_no_other_text() {
    let key = ml_dsa::SigningKey::from_seed(&[3; 32]);
    let verifier = VerifierKey::ml_dsa_44(NAME, key.key().clone()).unwrap();
    let checkpoint = Checkpoint { origin: NAME.into(), size: 9, root: leaf_hash(b"root") };
    let line = sign_ml_dsa(&checkpoint, 5, &key, NAME, &mut rand::rng()).unwrap();
    let mut head = checkpoint.sign(&SigningKey::from_seed(&[1; 32])).unwrap().into_note();
    assert_eq!(head.verify(core::slice::from_ref(&verifier)), Err(Breach::NoteUnsigned));
    head.add_signature(line.clone()).unwrap();
    assert_eq!(head.verify(core::slice::from_ref(&verifier)), Ok(vec![0]));
    assert_eq!(head.verify(&[verifier_key(1), verifier.clone()]), Ok(vec![0, 1]));
    // The text of this note is no checkpoint, so no line of type 06 can be true.
    let mut note = note();
    note.add_signature(line).unwrap();
    let verdict = note.verify(&[verifier_key(1), verifier]);
    assert_eq!(verdict, Err(Breach::NoteSignatureInvalid));
    assert_eq!(note.verify(&[verifier_key(1)]), Ok(vec![0]));
}

// LOG-4
#[test]
fn malformed_notes_are_refused() {
    let line = note().signatures()[0].to_string();
    for bytes in [
        String::new(),
        "\n".into(),
        "\n\n".into(),
        "text\n".into(),
        "text\n\n".into(),
        format!("text\n{line}"),
        format!("\n{line}"),
        format!("text\n\n{}", line.trim_end()),
        format!("text\n\n{line}\n"),
        format!("text\n\n{line}{line}text\n"),
        format!("text\r\n\n{line}"),
        format!("te\txt\n\n{line}"),
        format!("te\0xt\n\n{line}"),
        format!("text\n\n{}", line.replace('—', "-")),
        format!("text\n\n{}", line.replace("— ", "—")),
        format!("text\n\n{}", line.replace("— ", "—  ")),
        format!("text\n\n{}", line.replace('\n', " \n")),
        format!("text\n\n{}", line.replace('\n', "\r\n")),
        format!("text\n\n{}", line.replace("register", "reg+ister")),
        format!("text\n\n{}", line.replace('=', "")),
        "text\n\n— name AAAAAA==\n".into(),
        "text\n\n— name AAAAAAB=\n".into(),
        "text\n\n— name \n".into(),
        "text\n\n— name\n".into(),
    ] {
        assert_eq!(Note::parse(bytes.as_bytes()), Err(Breach::NoteMalformed), "{bytes:?}");
    }
    // What the cases above differ from.
    assert!(Note::parse(format!("text\n\n{line}").as_bytes()).is_ok());
    assert!(Note::parse(format!("\n\n{line}").as_bytes()).is_ok());
    assert!(Note::parse("text\n\n— name AAAAAAA=\n".as_bytes()).is_ok());
    let mut not_utf8 = format!("text\n\n{line}").into_bytes();
    not_utf8[0] = 0xff;
    assert_eq!(Note::parse(&not_utf8), Err(Breach::NoteMalformed));
}

#[test]
fn texts_that_cannot_be_signed() {
    for text in ["", "a", "a\n\n b", "a\r\n", "a\tb\n"] {
        let outcome = Note::sign(text, &signing_key(1), NAME);
        assert_eq!(outcome, Err(Breach::NoteMalformed), "{text:?}");
    }
}

#[test]
fn the_number_of_signatures_is_bounded() {
    let mut note = note();
    while note.signatures().len() < MAX_SIGNATURES {
        let id = u32::try_from(note.signatures().len()).unwrap().to_be_bytes();
        note.add_signature(NoteSignature::new("w.example", id, vec![0; 72]).unwrap()).unwrap();
    }
    let line = NoteSignature::new("w.example", [255; 4], vec![0; 72]).unwrap();
    assert_eq!(note.add_signature(line.clone()), Err(Breach::NoteMalformed));
    assert_eq!(Note::parse(note.to_string().as_bytes()).as_ref(), Ok(&note));
    let longer = format!("{note}{line}");
    assert_eq!(Note::parse(longer.as_bytes()), Err(Breach::NoteMalformed));
}

#[test]
fn sixteen_signatures_of_the_largest_kind_fit() {
    let mut note = note();
    for id in 1..16 {
        let name = "w".repeat(MAX_NAME_LENGTH);
        note.add_signature(NoteSignature::new(&name, [id; 4], vec![0; 5000]).unwrap()).unwrap();
    }
    assert_eq!(Note::parse(note.to_string().as_bytes()), Ok(note));
}

#[test]
fn the_length_is_bounded() {
    let line = note().signatures()[0].to_string();
    let rest = line.len() + 2;
    let longest = format!("{}\n\n{line}", "a".repeat(MAX_NOTE_LENGTH - rest));
    assert_eq!(longest.len(), MAX_NOTE_LENGTH);
    assert!(Note::parse(longest.as_bytes()).is_ok());
    assert_eq!(Note::parse(format!("a{longest}").as_bytes()), Err(Breach::NoteMalformed));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in any::<Vec<u8>>()) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
        }
    }

    #[test]
    fn what_is_read_is_written_back(
        note in "[a \n]{0,9}\n\n(— [a-c ]{1,3} [A-C=/]{4,12}\n){1,3}",
    ) {
        if let Ok(read) = Note::parse(note.as_bytes()) {
            prop_assert_eq!(read.to_string(), note);
        }
    }

    #[test]
    fn any_text_is_read_as_a_key_without_panic(text in "[a+ ]{0,4}\\+[0-9a-f]{8}\\+[A-D=]{0,48}") {
        if let Ok(key) = VerifierKey::parse(&text) {
            prop_assert_eq!(key.to_string(), text);
        }
    }

    #[test]
    fn a_key_that_is_written_is_read_back(name in "[a-zа-я./]{1,30}", seed in any::<[u8; 32]>()) {
        let public: Key = SigningKey::from_seed(&seed).key();
        let log = VerifierKey::ed25519(&name, public)?;
        for key in [log, VerifierKey::cosignature(&name, public)?] {
            prop_assert_eq!(VerifierKey::parse(&key.to_string())?, key);
        }
    }
}
