//! Fork proofs, read and checked by the protocol as the vectors say.

use serde_json::Value;
use veche_protocol::breach::Breach;
use veche_protocol::log::fork::ForkProof;

use crate::support::{base64, read_folder};

fn proof(vector: &Value) -> Vec<u8> {
    match vector["proof"]["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(&vector["proof"]["base64"]),
    }
}

#[test]
fn fork_proofs() {
    let mut held = 0;
    for (name, vector) in read_folder("fork") {
        let bytes = proof(&vector);
        // FORK-1, FORK-2: the form, the heads, the contradiction, in this order.
        let verdict = ForkProof::parse(&bytes).and_then(|proof| {
            assert_eq!(proof.to_string().as_bytes(), bytes, "{name} is written back");
            proof.verify().map(|()| proof.key().name().to_owned())
        });
        let code = vector["code"].as_str().filter(|code| {
            // FORK-3: whose key it is is for the auditor's program to say; the proof holds.
            *code != Breach::InstanceMismatch.code()
        });
        assert_eq!(verdict.as_ref().err().map(|breach| breach.code()), code, "{name}");
        if let (Ok(log), Some(expected)) = (verdict, vector["log"].as_str()) {
            assert_eq!(log, expected, "{name}");
            held += 1;
        }
    }
    assert_eq!(held, 10);
}
