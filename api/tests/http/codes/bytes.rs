//! Entries that do not decode: the law's own vectors (spec/vectors/entry), handed in as they are.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use veche_protocol::entry::MAX_ENTRY_LENGTH;
use veche_protocol::name::LogPath;

use super::entries_of;
use crate::city::{City, poll, roll};
use crate::law;
use veche_api::Config;

struct Vector {
    name: String,
    log: LogPath,
    entry: Vec<u8>,
    code: String,
}

/// The vectors that are named by a defect.
fn defects() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/entry");
    let mut vectors = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let Some(code) = value["code"].as_str() else { continue };
        let log = match value["log"].as_str().unwrap() {
            "register" => LogPath::Register,
            "roll" => roll(),
            _ => poll(),
        };
        let entry = hex::decode(value["entry"].as_str().unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        vectors.push(Vector { name, log, entry, code: code.to_owned() });
    }
    vectors
}

/// The codes that this file provokes.
pub(super) fn codes() -> BTreeSet<String> {
    let mut codes: BTreeSet<_> = defects().into_iter().map(|vector| vector.code).collect();
    codes.insert("entry-oversized".to_owned());
    codes
}

#[test]
fn what_does_not_decode_is_refused_with_its_code() {
    let city = City::start(&Config::default());
    city.enrol(2);
    let vectors = defects();
    assert!(vectors.len() > 30, "{}", vectors.len());
    let mut client = city.client();
    let before = client.get_json("/api/v1/logs");
    for vector in &vectors {
        let answer = client.cast(&entries_of(&vector.log), &vector.entry);
        let expected = (law::status_of(&vector.code), vector.code.clone());
        // ENTRY-8: the first defect, told alike by everybody.
        assert_eq!(answer.refusal(), expected, "{}", vector.name);
    }
    assert_eq!(client.get_json("/api/v1/logs"), before);
}

#[test]
fn every_truncation_of_a_ballot_is_refused() {
    let city = City::with_open_poll(
        &Config::default(),
        2,
        veche_protocol::poll::definition::Revote::First,
    );
    let ballot = city.ballot(0, 0, 1);
    let mut client = city.client();
    let before = client.get_json("/api/v1/logs");
    for length in 0..ballot.bytes().len() {
        let answer = client.cast(&entries_of(&poll()), &ballot.bytes()[..length]);
        assert!((400..=413).contains(&answer.status), "{length}: {}", answer.code());
    }
    for place in 0..ballot.bytes().len() {
        let mut changed = ballot.bytes().to_vec();
        changed[place] ^= 1;
        let answer = client.cast(&entries_of(&poll()), &changed);
        assert!((400..500).contains(&answer.status), "{place}: {}", answer.code());
    }
    assert_eq!(client.get_json("/api/v1/logs"), before);
    client.cast(&entries_of(&poll()), ballot.bytes()).ok();
}

#[test]
fn an_entry_that_no_log_can_hold_is_oversized() {
    let city = City::start(&Config::default());
    let mut client = city.client();
    // API-9: at the bound it is read and judged, one byte above it is not read.
    let answer = client.cast(&entries_of(&LogPath::Register), &vec![0; MAX_ENTRY_LENGTH]);
    assert_eq!(answer.refusal(), (400, "entry-malformed".to_owned()));
    let answer = client.cast(&entries_of(&LogPath::Register), &vec![0; MAX_ENTRY_LENGTH + 1]);
    assert_eq!(answer.refusal(), (413, "entry-oversized".to_owned()));
    // The answer arrives although the rest of the body is never read.
    let answer = client.cast(&entries_of(&LogPath::Register), &vec![0; 700_000]);
    assert_eq!(answer.refusal(), (413, "entry-oversized".to_owned()));
}
