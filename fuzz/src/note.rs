//! Signed notes and verifier keys: each has one spelling, and only its signer's key opens a note.

use veche_protocol::{
    breach::Breach,
    log::note::{MAX_SIGNATURES, Note, NoteSignature, VerifierKey, sign_text},
    signature::SigningKey,
};

/// The bytes are a note, or the text of a verifier key.
pub fn holds(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data)
        && let Ok(key) = VerifierKey::parse(text)
    {
        assert_eq!(key.to_string(), text);
    }
    match Note::parse(data) {
        Err(breach) => assert_eq!(breach, Breach::NoteMalformed),
        Ok(note) => {
            assert_eq!(note.to_string().as_bytes(), data);
            assert!(note.text().ends_with('\n'));
            for signature in note.signatures() {
                let line = signature.to_string();
                let line = line.strip_suffix('\n').expect("a line ends");
                assert_eq!(NoteSignature::parse(line).as_ref(), Ok(signature));
            }
            check_signing(note);
        }
    }
}

/// A signature that is added verifies under its key alone.
fn check_signing(mut note: Note) {
    const NAME: &str = "witness.example/other-than-any-seed";
    let key = SigningKey::from_seed(&[9; 32]);
    let verifier = VerifierKey::ed25519(NAME, key.key()).expect("the name is one");
    if note.signatures().iter().any(|signature| verifier.claims(signature)) {
        return;
    }
    assert_eq!(note.verify(&[verifier.clone()]), Err(Breach::NoteUnsigned));
    let signature = sign_text(note.text(), &key, NAME).expect("the name is one");
    let is_full = note.signatures().len() == MAX_SIGNATURES;
    assert_eq!(note.add_signature(signature).is_err(), is_full);
    if is_full {
        return;
    }
    assert_eq!(note.verify(&[verifier.clone()]), Ok(vec![0]));
    if let Ok(again) = Note::parse(note.to_string().as_bytes()) {
        assert_eq!(again, note);
    }
    let forged = NoteSignature::new(NAME, verifier.id(), vec![0; 64]).expect("it is in form");
    if note.add_signature(forged).is_ok() {
        assert_eq!(note.verify(&[verifier]), Err(Breach::NoteSignatureInvalid));
    }
}
