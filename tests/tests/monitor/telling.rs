//! How a monitor tells: lines of JSON, a webhook, numbers for Prometheus, and an end by the first
//! proof.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{audit, text};
use crate::server::{Files, Server, answer};
use crate::town::{poll, town, vote};

/// A city that has forked, once a monitor has seen it honest.
fn forked() -> (Files, Files) {
    let honest = town(20, 10);
    let mut forked = honest.clone();
    forked.logs.get_mut(&poll()).unwrap().entries.pop();
    vote(&mut forked, 10..14);
    (honest.files(), forked.files())
}

// MONITOR-5
#[test]
fn events_are_told_as_json_by_webhook_and_in_numbers() {
    let (honest, forked) = forked();
    let (city, hook) = (Server::of(honest), Server::of(Files::new()));
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&told);
    hook.on_post(move |path, body| {
        let mut told = hears.lock().unwrap();
        told.push((path.to_owned(), body.to_vec()));
        // Not at first.
        let status = if told.len() == 1 { "503 Service Unavailable" } else { "200 OK" };
        answer(status, "text/plain", b"")
    });
    let folder = tempfile::tempdir().unwrap();
    let (state, metrics) = (folder.path().join("state"), folder.path().join("metrics.prom"));
    let (url, hook_url) = (city.url(), format!("{}/hook", hook.url()));
    let arguments = [
        ["follow", &url, "--state", text(&state), "--json", "--once"].as_slice(),
        &["--webhook", &hook_url, "--metrics-file", text(&metrics)],
    ]
    .concat();
    assert_eq!(audit(&arguments).code, 0);
    city.show(forked);
    let ran = audit(&arguments);
    assert_eq!(ran.code, 1, "{ran:?}");
    let event: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!((&event["weight"], &event["code"]), (&"proof".into(), &"head-forked".into()));
    assert_eq!(event["log"], "poll/park");
    let evidence = event["evidence"].as_str().unwrap();
    let readme = fs::read_to_string(format!("{evidence}/README")).unwrap();
    assert!(readme.contains("veche-audit fork proof.veche-fork"), "{readme}");
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 2, "the webhook is asked again");
    for (path, body) in told.iter() {
        assert_eq!((path.as_str(), serde_json::from_slice::<Value>(body).unwrap()), {
            ("hook", event.clone())
        });
    }
    let metrics = fs::read_to_string(&metrics).unwrap();
    for line in [
        "veche_follow_events_total{weight=\"proof\",code=\"head-forked\"} 1",
        "veche_follow_entries{log=\"poll/park\"} 12",
        "veche_follow_sound{poll=\"poll/park\"} 1",
        "veche_follow_rounds_total 1",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}

// MONITOR-6
#[test]
fn the_first_proof_ends_it_and_a_silent_webhook_does_not_hold_it_up() {
    let (honest, forked) = forked();
    let (city, folder) = (Server::of(honest), tempfile::tempdir().unwrap());
    let url = city.url();
    let state = folder.path().join("state");
    let arguments = ["follow", &url, "--state", text(&state), "--every", "1"];
    let silent = ["--webhook", "http://127.0.0.1:1/"];
    assert_eq!(audit(&[&arguments[..], &["--once"]].concat()).code, 0);
    let begun = Instant::now();
    let telling = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(2));
        city.show(forked);
        city
    });
    let ran = audit(&[&arguments[..], &silent].concat());
    drop(telling.join().unwrap());
    assert_eq!((ran.code, ran.told("head-forked").len()), (1, 1), "{ran:?}");
    assert!(ran.errors.contains("the webhook cannot be reached"), "{ran:?}");
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    let wrong = audit(&[&arguments[..], &["--webhook", "ftp://a"]].concat());
    assert_eq!(wrong.code, 2, "{wrong:?}");
}

// MONITOR-6
#[test]
fn a_city_that_was_not_read_for_long_is_told() {
    let (honest, _) = forked();
    let folder = tempfile::tempdir().unwrap();
    let city = Server::of(honest);
    let url = city.url();
    let state = folder.path().join("state");
    let arguments = ["follow", &url, "--state", text(&state), "--once", "--stale", "1"];
    assert_eq!(audit(&arguments).code, 0);
    drop(city);
    std::thread::sleep(Duration::from_secs(3));
    let ran = audit(&arguments);
    assert_eq!((ran.code, ran.told("unreachable").len()), (1, 1), "{ran:?}");
}
