//! What a witness is sent and what it answers: one spelling each, and no judgement that panics.

use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::{NoteSignature, VerifierKey};
use veche_protocol::log::witness::{AddCheckpoint, Refusal, parse_cosignatures, parse_size};
use veche_protocol::signature::SigningKey;

/// The codes that reading may give: of the lines above, and of the head below.
const CODES: [Breach; 3] =
    [Breach::WitnessMalformed, Breach::NoteMalformed, Breach::CheckpointMalformed];

/// The bytes are a request, or an answer to one.
pub fn holds(data: &[u8]) {
    match AddCheckpoint::parse(data) {
        Err(breach) => assert!(CODES.contains(&breach), "{breach} is not a code of reading"),
        Ok(request) => {
            assert_eq!(request.to_string().as_bytes(), data);
            judge(request);
        }
    }
    if let Ok(lines) = parse_cosignatures(data) {
        let again: String = lines.iter().map(NoteSignature::to_string).collect();
        assert_eq!(again.as_bytes(), data);
    }
    if let Some(size) = parse_size(data) {
        assert_eq!(format!("{size}\n").as_bytes(), data);
    }
}

/// The seeds are signed by the key of 32 times the byte 1, under the name of their origin.
fn judge(request: AddCheckpoint) {
    assert_eq!(request.clone().trust(&[]), Err(Refusal::UnknownOrigin));
    let key = SigningKey::from_seed(&[1; 32]).key();
    let key = VerifierKey::ed25519(request.origin(), key).expect("an origin is a name of a key");
    let Ok(trusted) = request.trust(&[key]) else { return };
    // By its own head it is right, and by nothing it is right from the start, or stale.
    let head = trusted.head().checkpoint();
    assert_eq!(trusted.contradicts(head), None);
    for latest in [None, Some(head), Some(&Checkpoint { size: head.size / 2, ..head.clone() })] {
        if trusted.judge(latest).is_ok() {
            assert!(latest.is_none_or(|latest| trusted.contradicts(latest).is_none()));
        }
    }
}
