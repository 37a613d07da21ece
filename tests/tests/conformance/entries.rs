//! Single entries: what decodes and what does not, by which code, and what signatures cover.

use std::collections::BTreeSet;

use serde_json::Value;
use veche_protocol::entry::{Kind, SignedEntry};
use veche_protocol::name::LogType;
use veche_protocol::signature::verify;

use crate::support::{bytes, read_folder};

fn log_type(vector: &Value) -> LogType {
    match vector["log"].as_str().unwrap() {
        "register" => LogType::Register,
        "roll" => LogType::Roll,
        "poll" => LogType::Poll,
        other => panic!("no log is a {other}"),
    }
}

// ENTRY-1, ENTRY-2, ENTRY-3, ENTRY-4, ENTRY-5, ENTRY-6, ENTRY-7, ENTRY-8, ENTRY-9, BALLOT-6
#[test]
fn every_entry_has_the_verdict_of_its_vector() {
    let (mut kinds, mut bad) = (BTreeSet::new(), 0);
    for (name, vector) in read_folder("entry") {
        let entry = bytes(&vector, "entry");
        let decoded = SignedEntry::decode(log_type(&vector), entry.clone());
        if let Some(code) = vector["code"].as_str() {
            assert_eq!(decoded.unwrap_err().code(), code, "{name}");
            bad += 1;
        } else {
            let decoded = decoded.unwrap();
            check_good(&name, &vector, &entry, &decoded);
            kinds.insert(decoded.payload().kind().name());
        }
    }
    assert_eq!(kinds, Kind::ALL.iter().map(|kind| kind.name()).collect(), "a good one of each");
    assert!(bad >= 120, "{bad} defects");
}

// ENTRY-10, ENTRY-11, ENTRY-12
fn check_good(name: &str, vector: &Value, bytes_read: &[u8], entry: &SignedEntry) {
    assert_eq!(entry.payload().kind().name(), vector["kind"].as_str().unwrap(), "{name}");
    assert_eq!(entry.leaf().to_string(), vector["leaf"].as_str().unwrap(), "{name}");
    assert_eq!(entry.payload().encode(), entry.payload_bytes(), "{name}: one form");
    assert_eq!(entry.with_signatures(&[]).bytes(), bytes_read, "{name}: one form");
    let message = bytes(vector, "message");
    for (key, signature) in entry.signatures() {
        assert_eq!(verify(key, &message, signature), Ok(()), "{name}");
    }
}
