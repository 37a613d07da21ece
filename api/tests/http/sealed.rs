//! Anonymous and sealed polls over HTTP: what their JSON and pages show from phase to phase, and
//! what two officers draft for them.
//!
//! Not here: what is refused ([`crate::codes`]).

use serde_json::{Value, json};
use veche_api::Config;
use veche_protocol::entry::SignedEntry;
use veche_protocol::poll::authorities::{Issuing, Trustees};
use veche_protocol::poll::definition::{Identity, Revote, Secrecy};

use crate::authorities::{TRUSTEES, secret_definition};
use crate::city::{CLOSES_AT, City, OFFICERS, OPENS_AT, key, poll};
use crate::own_codes::base64;

const LAST: Revote = Revote::Last { max_turn: 3 };

fn city() -> City {
    City::start(&Config::default())
}

fn shown(city: &City) -> Value {
    city.client().get_json("/api/v1/polls/park")
}

#[track_caller]
fn page(city: &City, contains: &[&str], lacks: &[&str]) {
    let answer = city.client().get("/polls/park").ok();
    for text in contains {
        assert!(answer.text().contains(text), "{text} in {}", answer.text());
    }
    for text in lacks {
        assert!(!answer.text().contains(text), "{text} in {}", answer.text());
    }
}

/// An entry left by one officer and signed by another.
#[track_caller]
fn draft(city: &City, entry: &SignedEntry) -> Value {
    let by = |name: &str| {
        let entry = city.sign(&poll(), entry.payload(), &[name]);
        let draft = json!({ "path": "poll/park", "entry": base64(entry.bytes()) });
        city.client().post_json("/api/v1/drafts", &draft)
    };
    let left = by("officer-1");
    assert_eq!((left.status, &left.json()["missing"]), (201, &json!(1)));
    by("officer-2").ok().json()["recorded"].clone()
}

fn district(code: &str, requested: u64, issued: u64, spent: u64) -> Value {
    json!({
        "code": code,
        "eligible": 50,
        "requested": requested,
        "issued": issued,
        "spent": spent,
    })
}

fn show_the_definition(city: &City) {
    let view = shown(city);
    let definition = &view["definition"];
    assert_eq!(definition["identity"], "anonymous");
    assert_eq!(definition["secrecy"], "sealed");
    let issuers = &definition["issuers"];
    assert_eq!(
        (&issuers["modulus_bits"], &issuers["issuing"]),
        (&json!(2048), &json!("until-close"))
    );
    assert_eq!(issuers["members"].as_array().unwrap().len(), 2);
    let trustees = &definition["trustees"];
    assert_eq!((&trustees["threshold"], &view["credentials"]), (&json!(2), &json!([])));
    let mut members: Vec<_> =
        TRUSTEES.map(|name| json!({ "key": key(name).key().to_string(), "label": name })).into();
    members.sort_by_key(|member| member["key"].as_str().unwrap().to_owned());
    assert_eq!(trustees["members"], json!(members));
    let ceremony = &view["ceremony"];
    assert_eq!((&ceremony["ceremony"], &ceremony["stage"]), (&json!(1), &json!("joining")));
    assert_eq!((&ceremony["election_key"], &ceremony["shares"]), (&Value::Null, &json!([])));
    page(city, &["Anonymous and sealed", "issuer-1", "Any 2 of them", "trustees join"], &["Asked"]);
}

fn make_the_key_without_the_third(city: &City) {
    // One trustee is silent, and two officers say so, each with a tool of their own.
    city.submit(&poll(), &city.join(0));
    city.submit(&poll(), &city.join(1));
    assert!(draft(city, &city.exclusion(&[2])).is_object());
    let ceremony = shown(city)["ceremony"].clone();
    let excluded = json!([{ "trustee": 3, "ceremony": 1, "reason": "silent" }]);
    assert_eq!((&ceremony["ceremony"], &ceremony["excluded"]), (&json!(2), &excluded));
    city.submit(&poll(), &city.join(0));
    let participants = json!([
        { "trustee": 1, "posted": true },
        { "trustee": 2, "posted": false },
    ]);
    assert_eq!(shown(city)["ceremony"]["participants"], participants);
    city.submit(&poll(), &city.join(1));
    for step in [City::deal, City::ready] {
        (0..2).for_each(|place| city.submit(&poll(), &step(city, place)));
    }
    page(city, &["takes no part after ceremony 1", "have made the key"], &[]);
}

fn begin(city: &City) {
    for issuer in 0..2 {
        city.submit(&poll(), &city.issuer_keys(issuer));
    }
    assert!(draft(city, &city.beginning()).is_object());
    assert_eq!(city.client().get("/api/v1/polls/park/result").code(), "not-closed");
    city.serve(0..3);
    city.submit(&poll(), &city.request(&city.wallet(3)));
    let view = shown(city);
    assert_eq!((&view["phase"], &view["counts"]["eligible"]), (&json!("begun"), &json!(100)));
    assert_eq!(
        view["credentials"],
        json!([district("north", 2, 2, 0), district("south", 2, 1, 0)])
    );
    assert_eq!(view["ceremony"]["election_key"].as_str().unwrap().len(), 64);
    page(city, &["4 of 100 have asked", "<th class=\"number\" scope=\"col\">Asked</th>"], &[]);
    let first = city.client().get("/").ok();
    assert!(first.text().contains("4 of 100 have asked"), "{}", first.text());
}

fn vote(city: &City) {
    city.clock.set(OPENS_AT);
    assert!(draft(city, &city.secret_opening()).is_object());
    for number in 0..3 {
        city.submit(&poll(), &city.sealed(&city.wallet(number), 0, 1));
    }
    let view = shown(city);
    assert_eq!(
        view["credentials"],
        json!([district("north", 2, 2, 2), district("south", 2, 1, 1)])
    );
    let counts = json!({ "eligible": 100, "accepted": 3, "effective": 3 });
    assert_eq!(view["counts"], counts);
}

fn close_and_open_the_ballots(city: &City) {
    city.clock.set(CLOSES_AT);
    city.submit(&poll(), &city.closing(&OFFICERS));
    city.submit(&poll(), &city.share(1));
    // SEAL-7, API-7: closed, and nobody can count yet.
    let early = city.client().get("/api/v1/polls/park/result");
    assert_eq!(early.refusal(), (409, "not-closed".to_owned()));
    page(city, &["the ballots not yet opened", "1 of the 2 shares stand"], &["Votes"]);
    city.submit(&poll(), &city.share(0));
    assert_eq!(shown(city)["ceremony"]["shares"], json!([1, 2]));
    let result = city.client().get_json("/api/v1/polls/park/result");
    assert_eq!(result["result"]["questions"][0]["outcome"][1]["votes"], 3);
    page(city, &["Closed, not yet certified", "Votes", "2 of the 2 shares stand"], &[]);
    city.submit(&poll(), &city.certificate());
    assert_eq!(shown(city)["phase"], "certified");
}

#[test]
fn an_anonymous_sealed_poll_from_phase_to_phase() {
    let city = city();
    city.announce_secret(LAST, Issuing::UntilClose);
    show_the_definition(&city);
    make_the_key_without_the_third(&city);
    begin(&city);
    vote(&city);
    close_and_open_the_ballots(&city);
}

#[test]
fn pages_say_what_becomes_public() {
    // SEAL-7: in a named sealed poll every ballot will be read with its name.
    let sorts = [
        (Identity::Named, Secrecy::Open, "can be read by anyone, with its voter's key"),
        (Identity::Named, Secrecy::Sealed, "becomes public, with its voter's key"),
        (Identity::Anonymous, Secrecy::Open, "at once, and carries no name"),
        (Identity::Anonymous, Secrecy::Sealed, "becomes public, without a name"),
    ];
    for (identity, secrecy, text) in sorts {
        let city = city();
        let mut definition = secret_definition(LAST, Issuing::UntilOpen);
        if identity == Identity::Named {
            definition.issuance = None;
        }
        if secrecy == Secrecy::Open {
            definition.trustees = Trustees::default();
        }
        (definition.identity, definition.secrecy) = (identity, secrecy);
        city.announce_to(2, definition);
        page(&city, &[text], &[]);
        let view = shown(&city);
        assert_eq!(view["ceremony"].is_null(), secrecy == Secrecy::Open);
        assert_eq!(view["definition"]["issuers"].is_null(), identity == Identity::Named);
    }
}
