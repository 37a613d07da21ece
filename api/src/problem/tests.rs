//! The table of codes against the law's text.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use veche_engine::Refusal;
use veche_protocol::breach::Breach;

use super::Problem;
use super::code::{Code, Own};

const LAW: &str = include_str!("../../../spec/api.md");

/// Status by code, as the two tables of spec/api.md have it.
fn statuses_in_the_law() -> BTreeMap<String, u16> {
    let mut statuses = BTreeMap::new();
    for line in LAW.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        match cells[..] {
            ["", status, codes, ""] => {
                let Ok(status) = status.parse() else { continue };
                statuses.extend(codes.split(", ").map(|code| (code.to_owned(), status)));
            }
            ["", code, status, _, ""] => {
                let Ok(status) = status.parse() else { continue };
                statuses.insert(code.trim_matches('`').to_owned(), status);
            }
            _ => {}
        }
    }
    statuses
}

#[test]
fn every_code_has_the_status_of_the_law() {
    // API-5: the table in the law and the table in the code are one.
    let law = statuses_in_the_law();
    for code in Code::all() {
        let status = law.get(code.name()).copied();
        match code {
            Code::Own(_) => assert_eq!(status, Some(code.status().as_u16()), "{}", code.name()),
            Code::Law(_) => {
                assert_eq!(status.unwrap_or(500), code.status().as_u16(), "{}", code.name());
            }
        }
    }
    let known: Vec<_> = Code::all().map(Code::name).collect();
    for code in law.keys().filter(|code| !code.starts_with("every other")) {
        assert!(known.contains(&code.as_str()), "the law has {code}, the server has not");
    }
}

#[test]
fn places_count_the_codes() {
    assert!(Code::all().map(Code::place).eq(0..Code::COUNT));
}

#[test]
fn every_refusal_of_the_engine_has_its_own_code() {
    let codes: Vec<_> = Refusal::OWN.iter().map(|&refusal| Code::of(refusal).name()).collect();
    for (refusal, code) in Refusal::OWN.iter().zip(&codes) {
        // The engine says what its queue is, the interface what the client meets.
        let expected = if *refusal == Refusal::Busy { "too-busy" } else { refusal.code() };
        assert_eq!(*code, expected);
    }
    assert_eq!(Code::of(Refusal::Breach(Breach::StaleTurn)).name(), "stale-turn");
}

#[test]
fn a_problem_is_a_problem_document() {
    // API-4: the type, the five fields, and when to come back.
    let response = Problem::new(Own::TooBusy, "the queue is full").into_response();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let body = runtime.block_on(axum::body::to_bytes(response.into_body(), 4_096)).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let expected = serde_json::json!({
        "type": "https://veche.example/breach/too-busy",
        "title": "More is waiting than the server takes on.",
        "status": 429,
        "code": "too-busy",
        "detail": "the queue is full",
    });
    assert_eq!(document, expected);
}
