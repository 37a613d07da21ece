//! Every code that is the server's own, each provoked by a request or a failure of that kind.
//!
//! Not here: what the law refuses ([`crate::codes`]).

use std::sync::Arc;

use serde_json::json;
use veche_api::Config;
use veche_engine::Settings;
use veche_engine::store::memory::{Fault, MemoryStore};
use veche_protocol::poll::definition::Revote;

use crate::city::{CLOSES_AT, City, settings};
use crate::client::{Answer, head};
use crate::failing_store::PanickingStore;
use crate::law;

/// A code, and a request that meets it.
type Case = (&'static str, fn() -> Answer);

const ENTRIES: &str = "/api/v1/polls/park/entries";

fn founded() -> City {
    City::start(&Config::default())
}

fn open() -> City {
    City::with_open_poll(&Config::default(), 3, Revote::First)
}

fn get(path: &str) -> Answer {
    open().client().get(path)
}

/// A lawful ballot is cast in a city that something has happened to.
fn cast_after(event: impl Fn(&City)) -> Answer {
    let city = open();
    let ballot = city.ballot(0, 0, 1);
    event(&city);
    city.client().cast(ENTRIES, ballot.bytes())
}

/// A draft of a closing by one officer, as JSON.
fn draft(city: &City) -> serde_json::Value {
    city.clock.set(CLOSES_AT);
    let entry = city.closing(&["officer-1"]);
    json!({ "path": "poll/park", "entry": base64(entry.bytes()) })
}

/// Strict base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) const CASES: &[Case] = &[
    ("log-set-back", || cast_after(|city| city.engine.stop_set_back("a head that is not here"))),
    ("bad-request", || get("/api/v1/polls/Park")),
    ("bad-request", || get("/api/v1/rolls/a%2Fb")),
    ("bad-request", || get("/api/v1/polls/park/receipts/00")),
    ("bad-request", || get("/api/v1/drafts/00")),
    ("bad-request", || open().client().post_json(ENTRIES, &json!({ "entry": "?" }))),
    ("bad-request", || open().client().post_json(ENTRIES, &json!({ "entri": "" }))),
    ("bad-request", || open().client().post_json(ENTRIES, &json!({ "entry": "", "more": 1 }))),
    ("bad-request", || open().client().post_json("/api/v1/drafts", &json!([]))),
    ("not-found", || get("/api/v1/voters")),
    ("not-found", || get("/index.html")),
    ("not-found", || get("/poll/park/tile/0/001")),
    ("unknown-log", || get("/api/v1/polls/nowhere")),
    ("unknown-log", || get("/api/v1/polls/nowhere/result")),
    ("unknown-log", || get("/api/v1/polls/nowhere/pins")),
    ("unknown-log", || get("/api/v1/rolls/nowhere")),
    ("unknown-log", || {
        let leaf = "0".repeat(64);
        get(&format!("/api/v1/polls/nowhere/receipts/{leaf}"))
    }),
    ("unknown-log", || {
        let city = open();
        city.client().cast("/api/v1/polls/nowhere/entries", city.ballot(0, 0, 0).bytes())
    }),
    ("unknown-entry", || {
        let leaf = "0".repeat(64);
        get(&format!("/api/v1/polls/park/receipts/{leaf}"))
    }),
    ("unknown-draft", || get(&format!("/api/v1/drafts/{}", "0".repeat(64)))),
    ("unknown-draft", || {
        let city = open();
        let path = format!("/api/v1/drafts/{}/signatures", "0".repeat(64));
        let entry = base64(city.ballot(0, 0, 0).bytes());
        city.client().post_json(&path, &json!({ "entry": entry }))
    }),
    ("method-not-allowed", || open().client().request("DELETE", "/api/v1/polls/park", &[], &[])),
    ("not-acceptable", || {
        let headers = [("content-type", "application/cbor"), ("accept", "image/png")];
        let city = open();
        city.client().request("POST", ENTRIES, &headers, city.ballot(0, 0, 0).bytes())
    }),
    ("not-closed", || get("/api/v1/polls/park/result")),
    ("body-too-large", || {
        open().client().post_json(ENTRIES, &json!({ "entry": "A".repeat(131_072) }))
    }),
    ("unsupported-media-type", || {
        let headers = [("content-type", "text/plain")];
        let city = open();
        city.client().request("POST", ENTRIES, &headers, city.ballot(0, 0, 0).bytes())
    }),
    ("unsupported-media-type", || open().client().request("POST", ENTRIES, &[], b"{}")),
    ("unsupported-media-type", || open().client().cast("/api/v1/drafts", b"\x80")),
    ("too-busy", || {
        let mut config = Config::default();
        config.limits.requests = 0;
        City::start(&config).client().get("/api/v1/polls")
    }),
    ("too-busy", || {
        let mut config = Config::default();
        config.limits.connections = 0;
        City::start(&config).client().get("/api/v1/polls")
    }),
    ("too-busy", || {
        let mut config = Config::default();
        config.limits.files_mebibytes = 0;
        City::with_open_poll(&config, 1, Revote::First).client().get("/poll/park/tile/0/000.p/2")
    }),
    ("draft-limit", || {
        let city = City::start_with(&Config::default(), Settings { drafts: 0, ..settings() });
        city.prepare(2, Revote::First);
        city.client().post_json("/api/v1/drafts", &draft(&city))
    }),
    ("storage-failed", || cast_after(|city| city.store.fail_commit(0, Fault::Lost))),
    ("storage-failed", || {
        let city = open();
        city.store.fail_reads(0);
        city.client().get("/poll/park/tile/0/000.p/2")
    }),
    ("storage-stopped", || {
        cast_after(|city| {
            (0..100_000).for_each(|nth| city.store.fail_commit(nth, Fault::CrashAfter));
            let other = city.ballot(1, 0, 1);
            city.client().cast(ENTRIES, other.bytes());
        })
    }),
    ("storage-full", || cast_after(|city| city.store.fail_commit(0, Fault::DiskFull))),
    ("storage-full", || {
        let city = open();
        let draft = draft(&city);
        city.store.fail_commit(0, Fault::DiskFull);
        city.client().post_json("/api/v1/drafts", &draft)
    }),
    ("stopped", || cast_after(|city| city.engine.shutdown())),
    ("timed-out", || {
        let mut config = Config::default();
        config.limits.request_seconds = 0;
        let city = City::start(&config);
        let mut client = city.client();
        // The body never comes.
        client.send(&head("POST", ENTRIES, &[("content-type", "application/cbor")], 9)).unwrap();
        client.answer("POST").unwrap()
    }),
    ("internal", || {
        let store = Arc::new(MemoryStore::new());
        let failing = Arc::new(PanickingStore::over(Arc::clone(&store)));
        let city = City::start_on(store, Arc::clone(&failing) as _, &Config::default(), settings());
        city.enrol(1);
        failing.panic_at_reads();
        city.client().get("/register/tile/0/000.p/1")
    }),
];

#[test]
fn every_own_code_has_the_status_of_the_law() {
    for (code, meet) in CASES {
        // API-5: the code with its status.
        assert_eq!(meet().refusal(), (law::status_of(code), (*code).to_owned()));
    }
}

#[test]
fn a_refusal_says_what_to_do() {
    let city = founded();
    let answer = city.client().request("PUT", "/api/v1/drafts", &[], &[]);
    assert_eq!(answer.status, 405);
    let allow = answer.header("allow").unwrap();
    assert!(["GET", "POST"].iter().all(|method| allow.contains(method)), "{allow}");
    let busy = CASES.iter().find(|(code, _)| *code == "too-busy").unwrap().1();
    assert_eq!(busy.header("retry-after"), Some("1"));
}

#[test]
fn a_refusal_of_a_head_request_has_no_body() {
    let answer = founded().client().request("HEAD", "/api/v1/polls/park", &[], &[]);
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert!(answer.body.is_empty());
}
