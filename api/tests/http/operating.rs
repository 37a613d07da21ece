//! For the machine that watches the server: whether it takes entries, and its counters, read as
//! Prometheus reads them.
//!
//! Not here: what is logged.

use std::collections::BTreeMap;

use veche_api::Config;
use veche_engine::store::memory::Fault;
use veche_protocol::poll::definition::Revote;

use crate::city::City;

/// A sample's name with its labels, as they are written, and its value.
type Samples = BTreeMap<String, f64>;

/// Reads the Prometheus text format, version 0.0.4, strictly.
fn parse(text: &str) -> (Samples, BTreeMap<String, String>) {
    let (mut samples, mut kinds) = (Samples::new(), BTreeMap::new());
    let mut family = String::new();
    let is_name = |name: &str| {
        name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap();
            assert!(is_name(name) && words.ends_with('.'), "{line}");
            name.clone_into(&mut family);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(name, family, "a family's TYPE stands below its HELP");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} twice");
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let name = sample.split('{').next().unwrap();
            let base = ["_bucket", "_sum", "_count"];
            let base = base.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert!(is_name(name) && (name == family || base == family), "{line} in {family}");
            let old = samples.insert(sample.to_owned(), value.parse().unwrap());
            assert_eq!(old, None, "{sample} stands twice");
        }
    }
    assert!(text.ends_with('\n'));
    (samples, kinds)
}

fn metrics(city: &City) -> Samples {
    let answer = city.client().get("/metrics").ok();
    let format = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(format));
    parse(answer.text()).0
}

#[test]
fn counters_are_read_as_prometheus_reads_them() {
    let city = City::with_open_poll(&Config::default(), 5, Revote::First);
    let before = metrics(&city);
    let mut client = city.client();
    for number in 0..3 {
        let ballot = city.ballot(number, 0, 1);
        client.cast("/api/v1/polls/park/entries", ballot.bytes()).ok();
    }
    assert_eq!(client.cast("/api/v1/polls/park/entries", b"\x80").code(), "entry-malformed");
    assert_eq!(client.get("/api/v1/polls/nowhere").code(), "unknown-log");
    let after = metrics(&city);
    let grown = |name: &str| after[name] - before.get(name).copied().unwrap_or_default();
    // The codes of refusals are the law's and the server's own.
    for (name, by) in [
        ("veche_http_refusals_total{code=\"entry-malformed\"}", 1.0),
        ("veche_http_refusals_total{code=\"unknown-log\"}", 1.0),
        // Three ballots, and the counters themselves once.
        ("veche_http_answers_total", 4.0),
        ("veche_http_seconds_count", 6.0),
        ("veche_http_seconds_bucket{le=\"+Inf\"}", 6.0),
        ("veche_entries", 3.0),
    ] {
        assert!((grown(name) - by).abs() < f64::EPSILON, "{name} has grown by {}", grown(name));
    }
    assert!(after["veche_http_connections_open"] >= 1.0);
}

#[test]
fn classes_of_a_histogram_contain_one_another() {
    let city = City::with_open_poll(&Config::default(), 2, Revote::First);
    let text = city.client().get("/metrics").ok();
    let (samples, kinds) = parse(text.text());
    let histograms: Vec<_> = kinds.iter().filter(|(_, kind)| *kind == "histogram").collect();
    assert!(histograms.len() >= 3, "{kinds:?}");
    for (name, _) in histograms {
        let prefix = format!("{name}_bucket{{le=\"");
        let bound = |sample: &str| {
            let bound = sample.strip_prefix(&prefix)?.strip_suffix("\"}")?;
            Some(if bound == "+Inf" { f64::INFINITY } else { bound.parse().unwrap() })
        };
        let mut classes: Vec<(f64, f64)> =
            samples.iter().filter_map(|(sample, value)| Some((bound(sample)?, *value))).collect();
        classes.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(classes.is_sorted_by(|a, b| a.1 <= b.1), "{name}: {classes:?}");
        let (last, count) = (classes.last().unwrap().1, samples[&format!("{name}_count")]);
        assert!(
            (last - count).abs() < f64::EPSILON && samples.contains_key(&format!("{name}_sum"))
        );
    }
}

#[test]
fn no_counter_says_who_asked() {
    let city = City::with_open_poll(&Config::default(), 2, Revote::First);
    let ballot = city.ballot(0, 0, 1);
    city.client().cast("/api/v1/polls/park/entries", ballot.bytes()).ok();
    let text = city.client().get("/metrics").ok();
    // API-9: neither addresses nor polls nor anything that a voter hands in.
    let leaf = ballot.leaf().to_string();
    for word in ["127.0.0.1", "park", "voter", &leaf[..8]] {
        assert!(!text.text().contains(word), "{word}");
    }
}

#[test]
fn health_says_whether_entries_are_taken() {
    let city = City::with_open_poll(&Config::default(), 3, Revote::First);
    let mut client = city.client();
    let answer = client.get("/health").ok();
    assert_eq!((answer.text(), answer.header("cache-control")), ("ready\n", Some("no-store")));
    (0..100_000).for_each(|nth| city.store.fail_commit(nth, Fault::CrashAfter));
    let refused = client.cast("/api/v1/polls/park/entries", city.ballot(0, 0, 1).bytes());
    assert_eq!(refused.code(), "storage-failed");
    assert_eq!(client.get("/health").refusal(), (503, "storage-stopped".to_owned()));
    // Reads go on from what is published.
    client.get("/poll/park/checkpoint").ok();
    client.get("/api/v1/polls/park").ok();
    city.store.heal();
    let ballot = city.ballot(0, 0, 1);
    let answer = until(|| {
        let answer = client.cast("/api/v1/polls/park/entries", ballot.bytes());
        (answer.status != 503).then_some(answer)
    });
    answer.ok();
    client.get("/health").ok();
    city.engine.shutdown();
    assert_eq!(client.get("/health").refusal(), (503, "stopped".to_owned()));
}

/// Tries until it succeeds; a minute is for a machine that others use too.
pub(crate) fn until<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = std::time::Instant::now() + crate::city::PATIENCE;
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(std::time::Instant::now() < end, "it has not happened within a minute");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}
