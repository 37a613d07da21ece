//! Signed notes against an outside implementation, `signed_note`: what either signs, the other
//! verifies, and both agree on what is malformed.

use proptest::prelude::*;
use signed_note::{StandardSigner, StandardVerifier, Verifier as _, VerifierList};
use veche_protocol::log::note::{Note, TYPE_ED25519, VerifierKey};
use veche_protocol::signature::SigningKey;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

struct Pair {
    key: SigningKey,
    ours: VerifierKey,
    signer: StandardSigner,
    verifier: StandardVerifier,
}

fn pair(name: &str, seed: [u8; 32]) -> Pair {
    let key = SigningKey::from_seed(&seed);
    let ours = VerifierKey::ed25519(name, key.key()).expect("a good name");
    let secret = STANDARD.encode([&[TYPE_ED25519], seed.as_slice()].concat());
    let signer = format!("PRIVATE+KEY+{name}+{}+{secret}", hex::encode(ours.id()));
    let signer = StandardSigner::new(&signer).expect("they accept our key id");
    let verifier = StandardVerifier::new(&ours.to_string()).expect("they accept our key");
    assert_eq!(verifier.key_id(), u32::from_be_bytes(ours.id()));
    Pair { key, ours, signer, verifier }
}

fn accepts(verifiers: Vec<StandardVerifier>, note: &[u8]) -> bool {
    let list = VerifierList::new(verifiers.into_iter().map(|key| Box::new(key) as _).collect());
    signed_note::Note::from_bytes(note).is_ok_and(|note| note.verify(&list).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_verifies_what_the_other_signs(
        text in "([ -~а-я]{0,20}\n){1,5}",
        name in "[a-z]{1,8}\\.example/[a-z0-9]{0,8}",
        seed in any::<[u8; 32]>(),
    ) {
        let pair = pair(&name, seed);
        let ours = Note::sign(&text, &pair.key, &name).expect("a good text");
        prop_assert!(accepts(vec![pair.verifier.clone()], ours.to_string().as_bytes()));

        let mut theirs = signed_note::Note::new(text.as_bytes(), &[]).expect("a good text");
        theirs.add_sigs(&[&pair.signer]).expect("they sign");
        // Ed25519 is deterministic, so the two notes are one.
        prop_assert_eq!(ours.to_string().into_bytes(), theirs.to_bytes());
        let read = Note::parse(&theirs.to_bytes()).expect("we read theirs");
        prop_assert_eq!(read.verify(core::slice::from_ref(&pair.ours)), Ok(vec![0]));
    }

    #[test]
    fn a_changed_byte_gets_the_same_verdict(position in any::<usize>(), byte in any::<u8>()) {
        let pair = pair("city.example/register", [7; 32]);
        let name = "city.example/register";
        let note = Note::sign("first\n\nsecond\n", &pair.key, name).expect("a good text");
        let mut bytes = note.to_string().into_bytes();
        let position = position % bytes.len();
        bytes[position] = byte;
        let ours =
            Note::parse(&bytes).and_then(|note| note.verify(core::slice::from_ref(&pair.ours)));
        prop_assert_eq!(ours.is_ok(), accepts(vec![pair.verifier], &bytes));
    }

    #[test]
    fn what_they_refuse_we_refuse(
        text in "[ab\n \t\u{0}é]{0,12}",
        lines in "(— ?[ab+ ]{0,3} ?[A-D=]{0,12}\n?){0,3}",
    ) {
        let bytes = format!("{text}\n{lines}").into_bytes();
        if Note::parse(&bytes).is_ok() {
            prop_assert!(signed_note::Note::from_bytes(&bytes).is_ok());
        }
    }
}

#[test]
fn two_keys_and_a_stranger() {
    let (log, witness) = (pair("log.example", [1; 32]), pair("witness.example", [2; 32]));
    let stranger = pair("stranger.example", [3; 32]);
    let text = "log.example\n1\n";
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).expect("a good text");
    note.add_sigs(&[&witness.signer, &stranger.signer, &log.signer]).expect("they sign");
    let note = Note::parse(&note.to_bytes()).expect("we read theirs");
    assert_eq!(note.signatures().len(), 3);
    assert_eq!(note.verify(&[log.ours, witness.ours]), Ok(vec![0, 1]));
}
