//! Checkpoints: the text has one form, and what is signed is what is read back.

use veche_protocol::{
    breach::Breach,
    log::{
        checkpoint::{Checkpoint, SignedCheckpoint},
        note::VerifierKey,
    },
    signature::SigningKey,
};

/// The bytes are the text of a checkpoint.
pub fn holds(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match Checkpoint::parse(text) {
        Err(breach) => assert_eq!(breach, Breach::CheckpointMalformed),
        Ok(checkpoint) => {
            assert_eq!(checkpoint.to_string(), text);
            check_signing(&checkpoint);
        }
    }
}

/// A signed head verifies by its own key and origin, and by nothing else.
fn check_signing(checkpoint: &Checkpoint) {
    let key = SigningKey::from_seed(&[7; 32]);
    let named = |name: &str, key: &SigningKey| VerifierKey::ed25519(name, key.key());
    let verifier = named(&checkpoint.origin, &key).expect("an origin is a name of a key");
    let signed = checkpoint.sign(&key).expect("a checkpoint that was read can be signed");
    let note = signed.note().to_string();
    let read = SignedCheckpoint::parse(note.as_bytes(), &verifier);
    assert_eq!(read.as_ref().map(SignedCheckpoint::checkpoint), Ok(checkpoint));

    let stranger = SigningKey::from_seed(&[8; 32]);
    let of_stranger = named(&checkpoint.origin, &stranger).expect("the name is the same");
    let refused = SignedCheckpoint::parse(note.as_bytes(), &of_stranger);
    assert_eq!(refused, Err(Breach::NoteUnsigned));
    let elsewhere = named("elsewhere.example/poll/other-than-any-seed", &key).expect("a name");
    if checkpoint.origin != elsewhere.name() {
        let refused = SignedCheckpoint::parse(note.as_bytes(), &elsewhere);
        assert_eq!(refused, Err(Breach::CheckpointOrigin));
    }
}
