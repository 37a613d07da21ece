//! Requests to witnesses, judged by the protocol as the vectors say.

use serde_json::Value;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::witness::{AddCheckpoint, Contradiction, Refusal};

use crate::support::{base64, read_folder};

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("{field} is a text"))
}

fn hash(text: &str) -> Hash {
    Hash::from_slice(&hex::decode(text).unwrap()).unwrap()
}

fn body(vector: &Value) -> Vec<u8> {
    match vector["request"]["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(&vector["request"]["base64"]),
    }
}

/// The head that was cosigned last, of the log that the vectors are about.
fn latest(vector: &Value) -> Option<Checkpoint> {
    let latest = &vector["latest"];
    (!latest.is_null()).then(|| Checkpoint {
        origin: "vote.example.org/register".to_owned(),
        size: text(latest, "size").parse().unwrap(),
        root: hash(text(latest, "root")),
    })
}

/// The judgement, and how the request contradicts the latest head, as far as it is trusted.
fn judge(vector: &Value) -> (Result<(), Refusal>, Option<Contradiction>) {
    let latest = latest(vector);
    let keys = vector["keys"].as_array().unwrap().iter();
    let keys: Vec<_> = keys.map(|key| VerifierKey::parse(key.as_str().unwrap()).unwrap()).collect();
    let body = body(vector);
    let trusted = AddCheckpoint::parse(&body).map_err(Refusal::Malformed).and_then(|request| {
        assert_eq!(request.to_string().as_bytes(), body, "what was read is written back");
        request.trust(&keys)
    });
    match trusted {
        Err(refusal) => (Err(refusal), None),
        Ok(trusted) => {
            let contradiction = latest.as_ref().and_then(|latest| trusted.contradicts(latest));
            (trusted.judge(latest.as_ref()), contradiction)
        }
    }
}

#[test]
fn requests_to_witnesses() {
    // WITNESS-1, WITNESS-2, WITNESS-3, WITNESS-4, WITNESS-5: the order of checks, and the status.
    let vectors = read_folder("witness");
    assert!(vectors.len() > 40, "{} vectors", vectors.len());
    for (name, vector) in vectors {
        let (judged, contradiction) = judge(&vector);
        let (outcome, code, answer) = match judged {
            Ok(()) => ("accepted", None, None),
            Err(Refusal::Malformed(breach)) => ("malformed", Some(breach.code()), None),
            Err(Refusal::OldAboveSize) => ("malformed", None, None),
            Err(Refusal::UnknownOrigin) => ("unknown", None, None),
            Err(Refusal::Untrusted(breach)) => ("untrusted", Some(breach.code()), None),
            Err(Refusal::Stale { latest }) => ("stale", None, Some(format!("{latest}\n"))),
            Err(Refusal::OtherRoot) => ("other-root", None, None),
            Err(Refusal::Inconsistent) => ("inconsistent", None, None),
        };
        assert_eq!(outcome, text(&vector, "outcome"), "{name}");
        assert_eq!(code, vector["code"].as_str(), "{name}");
        assert_eq!(answer.as_deref(), vector["answer"].as_str(), "{name}");
        let status = judged.map_or_else(Refusal::status, |()| 200);
        assert_eq!(u64::from(status), vector["status"].as_u64().unwrap(), "{name}");
        // WITNESS-8: what is proof, and what is not.
        let expected = match text(&vector, "contradiction") {
            "none" => None,
            "roots" => Some(Contradiction::Roots),
            "history" => Some(Contradiction::History(hash(text(&vector, "root")))),
            "unproven" => Some(Contradiction::Unproven),
            other => panic!("{name}: {other}"),
        };
        assert_eq!(contradiction, expected, "{name}");
    }
}
