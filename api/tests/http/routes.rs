//! Every route of the law's tables: what it answers, in which form, and that all of an answer is of
//! one state.
//!
//! Not here: the public files ([`crate::files`]), drafts, refusals.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use veche_api::Config;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;

use crate::city::{CLOSES_AT, City, DOMAIN, OFFICERS, OPENS_AT, key, poll, roll};
use crate::client::Client;
use crate::law;

fn open() -> City {
    City::with_open_poll(&Config::default(), 5, Revote::Last { max_turn: 2 })
}

/// The JSON at a path, with a look at its headers.
#[track_caller]
fn get(client: &mut Client, path: &str) -> Value {
    let answer = client.get(path).ok();
    assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 16), "{path}");
    answer.json()
}

/// The names of an object's fields.
fn fields(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_route_of_the_law_is_known() {
    let city = open();
    let mut client = city.client();
    let routes = law::routes();
    assert!(routes.len() > 15, "{routes:?}");
    let document = get(&mut client, "/api/v1/openapi.json");
    let leaf = "0".repeat(64);
    for (method, template) in routes {
        let alternatives = match template.split_once('{') {
            // The three logs that have receipts stand in one line of the law.
            Some((before, rest)) if rest.starts_with("register,") => {
                ["register", "rolls/{name}", "polls/{id}"]
                    .map(|log| format!("{before}{log}/receipts/{{leaf}}"))
                    .to_vec()
            }
            _ => vec![template.to_owned()],
        };
        for template in alternatives {
            let path = template
                .replace("{name}", "city")
                .replace("drafts/{id}", &format!("drafts/{leaf}"))
                .replace("{id}", "park")
                .replace("{leaf}", &leaf);
            let answer = client.request(method, &path, &[], &[]);
            let known = answer.status < 400
                || !["not-found", "method-not-allowed"].contains(&answer.code().as_str());
            assert!(known, "{method} {path}: {}", answer.status);
            let documented = template.replace("drafts/{id}", "drafts/{draft}");
            let documented = &document["paths"][documented.as_str()][method.to_lowercase()];
            assert!(
                documented.is_object() || path.ends_with("openapi.json"),
                "{method} {template}"
            );
        }
    }
}

#[test]
fn the_instance() {
    let city = open();
    let instance = get(&mut city.client(), "/api/v1/instance");
    let expected = json!({
        "domain": DOMAIN,
        "city": "Test <City>",
        "instance": city.engine.instance().to_string(),
        "register": city.verifier(&LogPath::Register).to_string(),
        "software": format!("veched {}", env!("CARGO_PKG_VERSION")),
    });
    assert_eq!(instance, expected);
}

#[test]
fn the_logs_ascend_by_origin_and_are_those_that_are_served() {
    let city = open();
    let mut client = city.client();
    let logs = get(&mut client, "/api/v1/logs");
    let origins: Vec<_> =
        logs.as_array().unwrap().iter().map(|log| log["origin"].as_str().unwrap()).collect();
    assert_eq!(
        origins,
        ["poll/park", "register", "roll/city"].map(|path| format!("{DOMAIN}/{path}"))
    );
    for log in logs.as_array().unwrap() {
        assert_eq!(fields(log), BTreeSet::from(["origin", "path", "root", "size", "vkey"]));
        let note = client.get(&format!("/{}/checkpoint", log["path"].as_str().unwrap())).ok();
        let mut lines = note.text().lines();
        assert_eq!(lines.next(), log["origin"].as_str());
        assert_eq!(lines.next(), Some(log["size"].to_string().as_str()));
        let path = LogPath::parse(log["path"].as_str().unwrap()).unwrap();
        assert_eq!(log["vkey"], city.verifier(&path).to_string());
        assert_eq!(log["root"], city.engine.checkpoint(&path).unwrap().root.to_string());
    }
}

#[test]
fn the_register() {
    let city = open();
    let mut client = city.client();
    let before = get(&mut client, "/api/v1/register");
    assert_eq!(before["under"], city.engine.instance().to_string());
    assert_eq!(before["commission"]["threshold"], 2);
    assert_eq!(before["commission"]["keys"].as_array().unwrap().len(), 3);
    assert_eq!(before["officers"].as_array().unwrap().len(), 5);
    let dismissal = city.dismissal("officer-3");
    client.cast("/api/v1/register/entries", dismissal.bytes()).ok();
    // API-6: `under` is the last governance entry, and all of an answer is of one state.
    let after = get(&mut client, "/api/v1/register");
    assert_eq!(after["under"], dismissal.leaf().to_string());
    let officers = after["officers"].as_array().unwrap();
    let keys: Vec<_> = officers.iter().map(|officer| officer["key"].as_str().unwrap()).collect();
    assert!(keys.is_sorted() && !keys.contains(&key("officer-3").key().to_string().as_str()));
    assert_eq!(fields(&officers[0]), BTreeSet::from(["key", "label", "roles"]));
    let head = city.engine.checkpoint(&LogPath::Register).unwrap();
    assert_eq!(
        (&after["size"], &after["root"]),
        (&json!(head.size), &json!(head.root.to_string()))
    );
    assert!(after["size"].as_u64() > before["size"].as_u64());
}

#[test]
fn the_rolls() {
    let city = open();
    let mut client = city.client();
    let item = json!({ "name": "city", "title": "All voters", "since": 0, "until": 10_000 });
    assert_eq!(get(&mut client, "/api/v1/rolls"), json!([item]));
    let head = city.engine.checkpoint(&roll()).unwrap();
    let header = city.engine.roll(&roll()).unwrap().header_leaf;
    // API-6: `under` of a roll is its header.
    let expected = json!({
        "origin": roll().origin(DOMAIN),
        "size": head.size,
        "root": head.root.to_string(),
        "under": header.to_string(),
        "title": "All voters",
        "districts": [
            { "code": "north", "label": "NORTH" },
            { "code": "south", "label": "SOUTH" },
        ],
        "since": 0,
        "until": 10_000,
        "eligible": [{ "code": "north", "eligible": 3 }, { "code": "south", "eligible": 2 }],
    });
    assert_eq!(get(&mut client, "/api/v1/rolls/city"), expected);
}

#[test]
fn a_poll_from_announcement_to_certificate() {
    let city = City::start(&Config::default());
    city.enrol(5);
    let mut client = city.client();
    assert_eq!(get(&mut client, "/api/v1/polls"), json!([]));
    let announcement = city.announcement(crate::city::definition(Revote::Last { max_turn: 2 }));
    client.cast("/api/v1/polls/park/entries", announcement.bytes()).ok();
    let schedule = json!({ "opens_at": OPENS_AT, "closes_at": CLOSES_AT, "tolerance": 10 });
    let item = json!({
        "id": "park", "title": "The park", "phase": "announced", "schedule": schedule,
    });
    assert_eq!(get(&mut client, "/api/v1/polls"), json!([item]));
    let pins = get(&mut client, "/api/v1/polls/park/pins");
    assert_eq!(pins[0]["origin"], roll().origin(DOMAIN));
    let shown = get(&mut client, "/api/v1/polls/park");
    assert_eq!(shown["pins"], json!([]));
    assert_eq!(shown["under"], announcement.leaf().to_string());
    assert_eq!(shown["counts"], json!({ "eligible": 0, "accepted": 0, "effective": 0 }));

    city.clock.set(OPENS_AT);
    let opening = city.opening();
    client.cast("/api/v1/polls/park/entries", opening.bytes()).ok();
    for (voter, turn, choice) in [(0, 0, 0), (1, 0, 1), (0, 1, 1)] {
        client.cast("/api/v1/polls/park/entries", city.ballot(voter, turn, choice).bytes()).ok();
    }
    let shown = get(&mut client, "/api/v1/polls/park");
    assert_eq!(shown["pins"], pins);
    assert_eq!(shown["under"], opening.leaf().to_string());
    assert_eq!(shown["counts"], json!({ "eligible": 5, "accepted": 3, "effective": 2 }));
    one_state(&city, &shown);

    city.clock.set(CLOSES_AT);
    let closing = city.closing(&OFFICERS);
    client.cast("/api/v1/polls/park/entries", closing.bytes()).ok();
    let result = get(&mut client, "/api/v1/polls/park/result");
    assert_eq!((&result["phase"], &result["certified"]), (&json!("closed"), &Value::Null));
    let certificate = city.certificate();
    client.cast("/api/v1/polls/park/entries", certificate.bytes()).ok();
    let certified = get(&mut client, "/api/v1/polls/park/result");
    // API-7: the fold is the auditor's, and the claim stands at an index.
    assert_eq!((&certified["phase"], &certified["certified"]), (&json!("certified"), &json!(6)));
    assert_eq!(certified["result"], result["result"]);
    assert_eq!(result["result"], expected_result());
    let shown = get(&mut client, "/api/v1/polls/park");
    // API-6: nothing acts under a poll that is over.
    assert_eq!(shown["under"], Value::Null);
    let kinds: Vec<_> =
        shown["entries"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["announce", "open", "close", "certify"]);
    assert_eq!(shown["entries"][3]["leaf"], certificate.leaf().to_string());
    one_state(&city, &shown);
}

fn expected_result() -> Value {
    let option = |label: &str, votes: u64, selected: bool| -> Value {
        json!({ "label": label, "votes": votes, "selected": selected })
    };
    json!({
        "totals": {
            "eligible": 5,
            "effective": 2,
            "per_district": [
                { "code": "north", "eligible": 3, "effective": 1 },
                { "code": "south", "eligible": 2, "effective": 1 },
            ],
        },
        "quorum_met": true,
        "questions": [{
            "blank": 0,
            "outcome": [
                option("oaks", 0, false),
                option("limes", 2, true),
                option("nothing", 0, false),
            ],
        }],
    })
}

/// API-6: the heads that are shown are stored, signed, and cover every phase entry that is shown.
fn one_state(city: &City, shown: &Value) {
    for (log, path) in [("own", poll()), ("register", LogPath::Register)] {
        let head = city.engine.checkpoint(&path).unwrap();
        let expected = json!({ "size": head.size, "root": head.root.to_string() });
        assert_eq!(shown["seen"][log], expected);
    }
    let size = shown["seen"]["own"]["size"].as_u64();
    let entries = shown["entries"].as_array().unwrap();
    assert!(entries.iter().all(|entry| entry["index"].as_u64() < size));
}

#[test]
fn a_poll_shows_its_definition() {
    let city = open();
    let shown = get(&mut city.client(), "/api/v1/polls/park");
    let option = |label: &str| json!({ "label": label, "details": null, "cost": 0 });
    let details = veche_protocol::hash::sha256(b"a longer text").to_string();
    let expected = json!({
        "title": "The park",
        "details": null,
        "questions": [{
            "title": "What to plant?",
            "details": details,
            "options": [option("oaks"), option("limes"), option("nothing")],
            "rule": { "kind": "single-choice", "blank": "refused", "ties": [] },
            "conditions": [],
        }],
        "identity": "named",
        "secrecy": "open",
        "revote": { "rule": "last", "max_turn": 2 },
        "rolls": [roll().origin(DOMAIN)],
        "districts": [],
        "schedule": { "opens_at": OPENS_AT, "closes_at": CLOSES_AT, "tolerance": 10 },
        "quorum": { "numerator": 1, "denominator": 4 },
        "issuers": null,
        "trustees": null,
        "interval": 1_000,
    });
    assert_eq!(shown["definition"], expected);
    assert_eq!(shown["origin"], poll().origin(DOMAIN));
    assert_eq!(shown["phase"], "open");
}
