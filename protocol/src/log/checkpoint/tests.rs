//! Tests of checkpoints and of their signature.

use proptest::prelude::*;

use super::{Checkpoint, SignedCheckpoint, parse_signed};
use crate::breach::Breach;
use crate::hash::{Hash, empty_root, leaf_hash};
use crate::log::note::{Note, VerifierKey};
use crate::signature::SigningKey;

const ORIGIN: &str = "city.example/register";

/// The example of the specification, with its signature and a cosignature.
const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\n\
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/\
    Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

fn signing_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn verifier_key() -> VerifierKey {
    VerifierKey::ed25519(ORIGIN, signing_key().key()).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size: 42, root: leaf_hash(b"root") }
}

#[test]
fn the_example_of_the_specification() {
    let note = Note::parse(EXAMPLE.as_bytes()).unwrap();
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size, 20_852_163);
    assert_eq!(
        checkpoint.root.to_string(),
        "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    );
    assert_eq!(checkpoint.to_string(), note.text());
}

#[test]
fn a_signed_checkpoint_is_read_back() {
    let signed = checkpoint().sign(&signing_key()).unwrap();
    let bytes = signed.note().to_string();
    let read = parse_signed(bytes.as_bytes(), &verifier_key()).unwrap();
    assert_eq!(read, signed);
    assert_eq!(read.checkpoint(), &checkpoint());
    assert_eq!(&read.into_note(), signed.note());
}

// LOG-6
#[test]
fn texts_of_other_form_are_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    for text in [
        String::new(),
        "\n".into(),
        format!("{ORIGIN}\n42\n"),
        format!("{ORIGIN}\n42\n{root}"),
        format!("{ORIGIN}\n42\n{root}\n\n"),
        format!("{ORIGIN}\n42\n{root}\nextension\n"),
        format!("\n42\n{root}\n"),
        format!("a b\n42\n{root}\n"),
        format!("a+b\n42\n{root}\n"),
        format!("{}\n42\n{root}\n", "a".repeat(256)),
        format!("{ORIGIN}\n042\n{root}\n"),
        format!("{ORIGIN}\n+42\n{root}\n"),
        format!("{ORIGIN}\n-1\n{root}\n"),
        format!("{ORIGIN}\n\n{root}\n"),
        format!("{ORIGIN}\n42 \n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n42\n\n"),
        format!("{ORIGIN}\n42\n{}\n", root.replace('=', "")),
        format!("{ORIGIN}\n42\n{}\n", root.replace("I=", "J=")),
        format!("{ORIGIN}\n42\nAAAA\n"),
        format!("{ORIGIN}\n42\n{root}{root}\n"),
        format!("{ORIGIN}\n42\n{root}\r\n"),
    ] {
        assert_eq!(Checkpoint::parse(&text), Err(Breach::CheckpointMalformed), "{text:?}");
    }
    assert!(Checkpoint::parse(&format!("{}\n0\n{root}\n", "a".repeat(255))).is_ok());
}

#[test]
fn a_signature_that_does_not_hold_is_refused() {
    let bytes = checkpoint().sign(&signing_key()).unwrap().note().to_string();
    let altered = bytes.replace("\n42\n", "\n43\n");
    let outcome = parse_signed(altered.as_bytes(), &verifier_key());
    assert_eq!(outcome, Err(Breach::NoteSignatureInvalid));
    let other = VerifierKey::ed25519(ORIGIN, SigningKey::from_seed(&[2; 32]).key()).unwrap();
    assert_eq!(parse_signed(bytes.as_bytes(), &other), Err(Breach::NoteUnsigned));
}

// LOG-6
#[test]
fn a_checkpoint_of_another_log_is_refused() {
    // Signed by the right key under its right name, but for another origin.
    let foreign = Checkpoint { origin: "city.example/poll/1".to_owned(), ..checkpoint() };
    let note = Note::sign(&foreign.to_string(), &signing_key(), ORIGIN).unwrap();
    assert!(note.verify(&[verifier_key()]).is_ok());
    let outcome = SignedCheckpoint::from_note(note, &verifier_key());
    assert_eq!(outcome, Err(Breach::CheckpointOrigin));
}

#[test]
fn a_cosigner_does_not_sign_for_the_log() {
    let cosigner = VerifierKey::cosignature(ORIGIN, signing_key().key()).unwrap();
    let text = checkpoint().to_string();
    let mut note = Note::sign(&text, &SigningKey::from_seed(&[2; 32]), "x.example").unwrap();
    let line = crate::log::cosignature::sign(&text, 1, &signing_key(), ORIGIN).unwrap();
    note.add_signature(line).unwrap();
    assert!(note.verify(core::slice::from_ref(&cosigner)).is_ok());
    assert_eq!(SignedCheckpoint::from_note(note, &cosigner), Err(Breach::NoteUnsigned));
}

#[test]
fn a_note_that_is_no_checkpoint_is_refused() {
    let note = Note::sign("hello\n", &signing_key(), ORIGIN).unwrap();
    let outcome = parse_signed(note.to_string().as_bytes(), &verifier_key());
    assert_eq!(outcome, Err(Breach::CheckpointMalformed));
    assert_eq!(parse_signed(b"hello\n", &verifier_key()), Err(Breach::NoteMalformed));
}

#[test]
fn an_origin_of_wrong_form_is_not_signed() {
    for origin in ["", "a b", "a\nb", "a+b", &"a".repeat(256)] {
        let checkpoint = Checkpoint { origin: origin.to_owned(), ..checkpoint() };
        assert_eq!(checkpoint.sign(&signing_key()), Err(Breach::CheckpointMalformed));
    }
    let empty = Checkpoint { size: 0, root: empty_root(), ..checkpoint() };
    assert!(empty.sign(&signing_key()).is_ok());
}

proptest! {
    #[test]
    fn a_text_that_is_read_is_written_back(text in "[a-b+ ]{0,3}\n[0-9]{1,3}\n[A-C]{43}=\n?") {
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }

    #[test]
    fn a_checkpoint_that_is_written_is_read_back(
        origin in "[a-zа-я./-]{1,60}",
        size in any::<u64>(),
        root in any::<[u8; 32]>(),
    ) {
        let checkpoint = Checkpoint { origin, size, root: Hash(root) };
        prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string())?, checkpoint);
    }
}
