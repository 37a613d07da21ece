//! Lines by ML-DSA-44: no blob makes their verification panic, and only what was signed holds.

use std::sync::LazyLock;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature::{MAX_TIME, collect, sign_ml_dsa, verify_ml_dsa};
use veche_protocol::log::note::{MAX_SIGNATURES, Note, NoteSignature, VerifierKey};
use veche_protocol::ml_dsa::{KEY_LENGTH, Key, SigningKey};

const NAME: &str = "pq.example";

/// The seeds hold lines by this key.
static SECRET: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[6; 32]));

/// The bytes are a note, or a key and a blob.
pub fn holds(data: &[u8]) {
    if let Some((key, blob)) = data.split_at_checked(KEY_LENGTH) {
        let key = Key::parse(key).expect("it has the length of one");
        let text = "city.example/register\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        let verdict = verify_ml_dsa(&key, NAME, text, blob);
        assert_eq!(verify_ml_dsa(&key, NAME, text, blob), verdict);
    }
    let Ok(note) = Note::parse(data) else { return };
    let verifier = VerifierKey::ml_dsa_44(NAME, SECRET.key().clone()).expect("the name is one");
    let own = |note: &Note| note.signatures().iter().filter(|line| verifier.claims(line)).count();
    match collect(&note, core::slice::from_ref(&verifier)) {
        Ok(cosigned) => assert_eq!(cosigned.len(), own(&note)),
        Err(breach) => assert_eq!(breach, Breach::NoteSignatureInvalid),
    }
    match Checkpoint::parse(note.text()) {
        Err(_) => assert!(own(&note) == 0 || collect(&note, &[verifier.clone()]).is_err()),
        Ok(checkpoint) if own(&note) == 0 => check_signing(note, &checkpoint, &verifier),
        Ok(_) => {}
    }
}

/// A line that is added states its time; with a byte altered it condemns the note.
fn check_signing(mut note: Note, checkpoint: &Checkpoint, verifier: &VerifierKey) {
    if note.signatures().len() + 2 > MAX_SIGNATURES {
        return;
    }
    let time = checkpoint.size & MAX_TIME;
    let mut rng = StdRng::seed_from_u64(time);
    let line = sign_ml_dsa(checkpoint, time, &SECRET, NAME, &mut rng).expect("a time and a name");
    note.add_signature(line.clone()).expect("there is room");
    let cosigned = collect(&note, core::slice::from_ref(verifier)).expect("it was signed");
    assert_eq!(cosigned[0].time, Some(time).filter(|&time| time != 0));
    let mut blob = line.blob().to_vec();
    let place = usize::from(checkpoint.root.0[0]) * blob.len() / 256;
    blob[place] ^= 1;
    let forged = NoteSignature::new(NAME, verifier.id(), blob).expect("it is in form");
    note.add_signature(forged).expect("there is room");
    let verdict = collect(&note, core::slice::from_ref(verifier));
    assert_eq!(verdict, Err(Breach::NoteSignatureInvalid));
}
