//! Drafts: two officers sign one entry through the server, each with their own tool.
//!
//! Not here: who may sign what, case by case (the engine's tests).

use serde_json::{Value, json};
use veche_api::Config;
use veche_engine::store::memory::Fault;
use veche_engine::{Refusal, Settings};
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::sha256;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;

use crate::city::{CLOSES_AT, City, definition, key, poll, settings};
use crate::client::Answer;
use crate::own_codes::base64;

const DRAFTS: &str = "/api/v1/drafts";

/// A city whose poll may be closed.
fn ready_to_close() -> City {
    let city = City::with_open_poll(&Config::default(), 3, Revote::First);
    city.clock.set(CLOSES_AT);
    city
}

fn leave(city: &City, path: &LogPath, entry: &[u8]) -> Answer {
    let draft = json!({ "path": path.to_string(), "entry": base64(entry) });
    city.client().post_json(DRAFTS, &draft)
}

fn add(city: &City, id: &Value, entry: &SignedEntry) -> Answer {
    let path = format!("{DRAFTS}/{}/signatures", id.as_str().unwrap());
    city.client().post_json(&path, &json!({ "entry": base64(entry.bytes()) }))
}

/// A draft as the list shows it: API-9, or a thousand entries would be one answer.
fn in_list(draft: &Value) -> Value {
    let mut draft = draft.clone();
    draft.as_object_mut().unwrap().remove("entry").unwrap();
    draft
}

fn phase(city: &City) -> Value {
    city.client().get_json("/api/v1/polls/park")["phase"].clone()
}

#[test]
fn two_officers_close_a_poll() {
    let city = ready_to_close();
    let both = city.closing(&["officer-1", "officer-2"]);
    let left = leave(&city, &poll(), city.closing(&["officer-1"]).bytes());
    assert_eq!(left.status, 201);
    let left = left.json();
    // API-8: the id is the hash of what is signed, so that the two meet in one draft.
    let context = city.engine.context(&poll(), both.payload().kind()).unwrap();
    let message = context.binding().message(both.payload_bytes());
    let expected = json!({
        "id": sha256(&message).to_string(),
        "path": "poll/park",
        "kind": "close",
        "signers": [key("officer-1").key().to_string()],
        "missing": 1,
        "created": CLOSES_AT,
        "entry": base64(city.closing(&["officer-1"]).bytes()),
    });
    assert_eq!(left, expected);
    let mut client = city.client();
    assert_eq!(client.get_json(DRAFTS), json!([in_list(&left)]));
    assert_eq!(client.get_json(&format!("{DRAFTS}/{}", left["id"].as_str().unwrap())), left);
    assert_eq!(phase(&city), "open");

    let complete = add(&city, &left["id"], &city.closing(&["officer-2"])).ok().json();
    assert_eq!((&complete["missing"], &complete["id"]), (&json!(0), &left["id"]));
    assert_eq!(complete["created"], CLOSES_AT);
    assert_eq!(complete["entry"], base64(both.bytes()));
    let recorded = &complete["recorded"];
    assert_eq!(recorded["leaf"], both.leaf().to_string());
    let receipt = Receipt::parse(recorded["receipt"].as_str().unwrap().as_bytes()).unwrap();
    receipt.verify(both.bytes(), &city.verifier(&poll())).unwrap();
    assert_eq!(recorded["index"], receipt.index());
    assert_eq!(phase(&city), "closed");
    // API-8: a draft whose entry was appended is gone.
    assert_eq!(client.get_json(DRAFTS), json!([]));
    assert_eq!(add(&city, &left["id"], &both).code(), "unknown-draft");
}

#[test]
fn whoever_comes_second_meets_the_first() {
    let city = ready_to_close();
    assert_eq!(leave(&city, &poll(), city.closing(&["officer-1"]).bytes()).status, 201);
    // Once is once.
    let again = leave(&city, &poll(), city.closing(&["officer-1"]).bytes());
    assert_eq!((again.status, &again.json()["missing"]), (200, &json!(1)));
    let second = leave(&city, &poll(), city.closing(&["officer-3"]).bytes()).ok().json();
    assert!(second["recorded"].is_object());
    assert_eq!(phase(&city), "closed");
}

#[test]
fn what_nobody_has_to_wait_for_is_handed_in_at_once() {
    let city = ready_to_close();
    let both = city.closing(&["officer-1", "officer-2"]);
    let answer = leave(&city, &poll(), both.bytes()).ok().json();
    assert!(answer["recorded"].is_object());
    assert_eq!(answer["created"], Value::Null);
}

#[test]
fn a_new_poll_and_new_officers_are_drafted() {
    let city = City::start(&Config::default());
    city.enrol(2);
    let announcement = city.announcement(definition(Revote::First)).payload().clone();
    let by = |name: &str| city.sign(&poll(), &announcement, &[name]);
    assert_eq!(leave(&city, &poll(), by("officer-1").bytes()).status, 201);
    leave(&city, &poll(), by("officer-2").bytes()).ok();
    assert_eq!(phase(&city), "announced");
    let officers = city.dismissal("officer-3").payload().clone();
    let by = |name: &str| city.sign(&LogPath::Register, &officers, &[name]);
    let left = leave(&city, &LogPath::Register, by("member-3").bytes());
    assert_eq!((left.status, &left.json()["path"]), (201, &json!("register")));
    leave(&city, &LogPath::Register, by("member-1").bytes()).ok();
    let shown = city.client().get_json("/api/v1/register");
    assert_eq!(shown["officers"].as_array().unwrap().len(), 4);
}

#[test]
fn only_what_may_be_signed_by_those_who_may_sign_it() {
    let city = ready_to_close();
    let close = city.closing(&["officer-1"]).payload().clone();
    let by = |name: &str| city.sign(&poll(), &close, &[name]).into_bytes();
    let mut forged = by("officer-1");
    *forged.last_mut().unwrap() ^= 1;
    let elsewhere = city.sign_out_of_place(&poll(), &close, &["officer-1"]).into_bytes();
    // API-8: with the codes of the law.
    for (entry, code) in [
        (by("nobody"), "officer-unknown"),
        (by("registrar"), "officer-role"),
        (city.ballot(0, 0, 0).into_bytes(), "entry-unknown-kind"),
        (forged, "signature-invalid"),
        (elsewhere, "signature-invalid"),
        (b"\x80".to_vec(), "entry-malformed"),
    ] {
        assert_eq!(leave(&city, &poll(), &entry).code(), code);
    }
    let nowhere = LogPath::Poll("nowhere".to_owned());
    assert_eq!(leave(&city, &nowhere, &by("officer-1")).code(), "unknown-log");
    for path in ["", "poll", "poll/Park", "roll/city/x", "log"] {
        let draft = json!({ "path": path, "entry": base64(&by("officer-1")) });
        assert_eq!(city.client().post_json(DRAFTS, &draft).code(), "bad-request", "{path}");
    }
    assert_eq!(city.client().get_json(DRAFTS), json!([]));
}

#[test]
fn signatures_are_added_to_the_same_message_or_to_none() {
    let city = City::start(&Config::default());
    city.enrol(2);
    let announcement = |title: &str| {
        let mut definition = definition(Revote::First);
        definition.title = title.to_owned();
        city.announcement(definition).payload().clone()
    };
    let first = city.sign(&poll(), &announcement("First"), &["officer-1"]);
    let other = city.sign(&poll(), &announcement("Other"), &["officer-2"]);
    let left = leave(&city, &poll(), first.bytes()).json();
    let refused = add(&city, &left["id"], &other);
    // API-8: an officer's signature never moves to another text.
    assert_eq!(refused.code(), "bad-request");
    let shown = city.client().get_json(&format!("{DRAFTS}/{}", left["id"].as_str().unwrap()));
    assert_eq!(shown, left);
}

#[test]
fn a_refusal_leaves_the_draft_as_it_was() {
    let city = City::with_open_poll(&Config::default(), 3, Revote::First);
    // Too early, which only the server's clock decides, when the entry is complete.
    let left = leave(&city, &poll(), city.closing(&["officer-1"]).bytes()).json();
    let second = city.closing(&["officer-2"]);
    assert_eq!(add(&city, &left["id"], &second).refusal(), (409, "closed-early".to_owned()));
    assert_eq!(city.client().get_json(DRAFTS), json!([in_list(&left)]));
    city.clock.set(CLOSES_AT);
    city.store.fail_commit(0, Fault::DiskFull);
    assert_eq!(add(&city, &left["id"], &second).code(), "storage-full");
    assert_eq!(city.client().get_json(DRAFTS), json!([in_list(&left)]));
    add(&city, &left["id"], &second).ok();
    assert_eq!(phase(&city), "closed");
}

#[test]
fn drafts_are_bounded_in_number_and_age() {
    let limited = Settings { drafts: 1, draft_age: 100, ..settings() };
    let city = City::start_with(&Config::default(), limited);
    city.enrol(2);
    let announcement = |title: &str| {
        let mut definition = definition(Revote::First);
        definition.title = title.to_owned();
        city.sign(&poll(), city.announcement(definition).payload(), &["officer-1"])
    };
    assert_eq!(leave(&city, &poll(), announcement("1").bytes()).status, 201);
    let refused = leave(&city, &poll(), announcement("2").bytes());
    // API-9: beyond the bound nothing is taken.
    assert_eq!(refused.refusal(), (429, "draft-limit".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("1"));
    city.clock.set(1_101);
    // API-8: what is too old makes room.
    assert_eq!(leave(&city, &poll(), announcement("2").bytes()).status, 201);
    let drafts = city.client().get_json(DRAFTS);
    assert_eq!(drafts.as_array().unwrap().len(), 1);
    assert_eq!(city.engine.withdraw("nothing"), Ok::<_, Refusal>(false));
}
