//! What answers an entry that was taken: a receipt, in the form asked for, the same for the same
//! bytes at any time, and found again by leaf hash.
//!
//! Not here: refusals.

use serde_json::{Value, json};
use veche_api::Config;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;

use crate::city::{CLOSES_AT, City, OFFICERS, poll, roll};
use crate::client::Answer;
use crate::codes::{asked_at, entries_of};
use crate::own_codes::base64;

const ENTRIES: &str = "/api/v1/polls/park/entries";

fn open() -> City {
    City::with_open_poll(&Config::default(), 4, Revote::First)
}

/// What whoever handed it in checks: these bytes, under the log's key, at an index.
#[track_caller]
fn check(city: &City, path: &LogPath, entry: &SignedEntry, receipt: &str) -> u64 {
    let receipt = Receipt::parse(receipt.as_bytes()).unwrap();
    receipt.verify(entry.bytes(), &city.verifier(path)).unwrap();
    // API-3: with the entry in `extra`.
    assert_eq!(receipt.extra(), Some(entry.bytes()));
    receipt.index()
}

#[track_caller]
fn check_json(city: &City, path: &LogPath, entry: &SignedEntry, shown: &Value) {
    assert_eq!(shown["leaf"], entry.leaf().to_string());
    let index = check(city, path, entry, shown["receipt"].as_str().unwrap());
    assert_eq!(shown["index"], index);
}

/// Hands in an entry as CBOR or JSON.
fn hand_in(city: &City, entry: &SignedEntry, media_type: &str, accept: Option<&str>) -> Answer {
    let body = if media_type == "application/cbor" {
        entry.bytes().to_vec()
    } else {
        json!({ "entry": base64(entry.bytes()) }).to_string().into_bytes()
    };
    let mut headers = vec![("content-type", media_type)];
    headers.extend(accept.map(|accept| ("accept", accept)));
    city.client().request("POST", ENTRIES, &headers, &body)
}

#[test]
fn both_types_are_taken_and_both_are_given() {
    let city = open();
    // API-2, API-3: what is handed in as either type is answered in either form.
    let kinds = ["application/cbor", "application/json", "Application/JSON; charset=utf-8"];
    for (number, media_type) in kinds.into_iter().enumerate() {
        let ballot = city.ballot(number, 0, 1);
        for accept in [None, Some("*/*"), Some("text/plain")] {
            let answer = hand_in(&city, &ballot, media_type, accept).ok();
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
            assert_eq!(check(&city, &poll(), &ballot, answer.text()), 2 + number as u64);
        }
        let answer = hand_in(&city, &ballot, media_type, Some("application/json")).ok();
        assert_eq!(answer.header("content-type"), Some("application/json"));
        check_json(&city, &poll(), &ballot, &answer.json());
    }
}

#[test]
fn what_cannot_be_given_is_refused_before_the_entry_is_judged() {
    let city = open();
    let ballot = city.ballot(0, 0, 1);
    let before = city.client().get_json("/api/v1/logs");
    for accept in ["text/html", "text/plain;q=0", ""] {
        let answer = hand_in(&city, &ballot, "application/cbor", Some(accept));
        // API-3
        assert_eq!(answer.refusal(), (406, "not-acceptable".to_owned()));
    }
    assert_eq!(city.client().get_json("/api/v1/logs"), before);
}

#[test]
fn the_same_bytes_have_the_same_place_at_any_time() {
    let city = open();
    let ballot = city.ballot(0, 0, 1);
    let first = hand_in(&city, &ballot, "application/cbor", Some("application/json")).ok().json();
    for number in 1..4 {
        city.submit(&poll(), &city.ballot(number, 0, 0));
    }
    let again = |city: &City| {
        let answer = hand_in(city, &ballot, "application/json", Some("application/json"));
        let shown = answer.ok().json();
        check_json(city, &poll(), &ballot, &shown);
        assert_eq!(shown["index"], first["index"]);
    };
    again(&city);
    // RECEIPT-5: in whatever phase.
    city.clock.set(CLOSES_AT);
    city.submit(&poll(), &city.closing(&OFFICERS));
    again(&city);
    assert_eq!(city.client().get_json("/api/v1/polls/park")["counts"]["accepted"], 4);
}

#[test]
fn a_receipt_is_made_anew_for_every_log() {
    let city = open();
    let ballot = city.ballot(0, 0, 1);
    city.submit(&poll(), &ballot);
    let dismissal = city.dismissal("officer-3");
    city.submit(&LogPath::Register, &dismissal);
    let header = city.engine.roll(&roll()).unwrap().header_leaf;
    let header = city.engine.find(&roll(), &header).unwrap().unwrap();
    let header = SignedEntry::decode(roll().log_type(), header.entry_bytes().to_vec()).unwrap();
    let entries = [(poll(), &ballot), (LogPath::Register, &dismissal), (roll(), &header)];
    let mut client = city.client();
    for (path, entry) in entries {
        let receipt = format!("{}/receipts/{}", asked_at(&path), entry.leaf());
        // API-7: below the latest signed head, in either form.
        let text = client.get(&receipt).ok();
        assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
        check(&city, &path, entry, text.text());
        let size = Receipt::parse(&text.body).unwrap();
        let size = size.verify(entry.bytes(), &city.verifier(&path)).unwrap().checkpoint().size;
        assert_eq!(size, city.engine.checkpoint(&path).unwrap().size);
        let headers = [("accept", "application/json")];
        let shown = client.request("GET", &receipt, &headers, &[]).ok().json();
        check_json(&city, &path, entry, &shown);
        let refused = client.request("GET", &receipt, &[("accept", "image/png")], &[]);
        assert_eq!(refused.code(), "not-acceptable");
        let upper = format!("{}/receipts/{}", asked_at(&path), entry.leaf()).to_uppercase();
        let upper = upper.replace(&asked_at(&path).to_uppercase(), &asked_at(&path));
        assert_eq!(client.get(&upper.replace("RECEIPTS", "receipts")).code(), "bad-request");
    }
}

#[test]
fn every_log_begins_with_its_first_entry() {
    let city = City::start(&Config::default());
    let mut client = city.client();
    let header = city.header();
    let enrolment = veche_protocol::entry::Payload::Enrol(Vec::new());
    let enrolment = city.sign_out_of_place(&roll(), &enrolment, &["registrar"]);
    // API-2: nothing but a header begins a roll, and nothing but an Announce a poll.
    let refused = client.cast(&entries_of(&roll()), enrolment.bytes());
    assert!([400, 404].contains(&refused.status), "{}", refused.code());
    assert_eq!(client.get("/roll/city/checkpoint").status, 404);
    client.cast(&entries_of(&roll()), header.bytes()).ok();
    client.get("/roll/city/checkpoint").ok();
    let announcement = city.announcement(crate::city::definition(Revote::First));
    client.cast(&entries_of(&poll()), announcement.bytes()).ok();
    client.get("/poll/park/checkpoint").ok();
}
