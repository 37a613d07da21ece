//! Entries handed in: an engine in this process answers each as its vector says, and what it
//! refuses changes nothing; and whoever finds such an entry in a log gives it the same code.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use veche_auditor::{Options, recount};
use veche_engine::store::{Head, Store};
use veche_protocol::audit::Recount;
use veche_protocol::name::LogPath;
use veche_tests::city::PaperLog;

use crate::cities::{Logs, engine};
use crate::recounts::Files;
use crate::support::{bytes, read_folder, read_vector, root};

/// Nothing here waits for long; a minute is for a machine that others use too.
const PATIENCE: Duration = Duration::from_mins(1);

fn path_of(vector: &Value) -> LogPath {
    LogPath::parse(vector["path"].as_str().unwrap()).unwrap()
}

fn city_of(vector: &Value) -> Logs {
    Logs::of(&read_vector(vector["city"].as_str().unwrap()))
}

fn heads(store: &dyn Store) -> BTreeMap<String, Head> {
    let logs = store.logs().unwrap().into_iter();
    logs.map(|(log, origin)| (origin, store.head(log).unwrap())).collect()
}

/// The grown log is the one that was written to; a new one is announced beside it.
fn grown(before: &BTreeMap<String, Head>, after: &BTreeMap<String, Head>) -> Vec<String> {
    let has_grown = |(origin, head): &(&String, &Head)| before.get(*origin) != Some(*head);
    after.iter().filter(has_grown).map(|(origin, _)| origin.clone()).collect()
}

// ENTRY-13, POLL-15, POLL-18, RECEIPT-5, BALLOT-1, BALLOT-2, BALLOT-9, BALLOT-10
#[test]
fn an_engine_answers_every_submission_as_its_vector_says() {
    let (mut recorded, mut refused) = (0, 0);
    for (name, vector) in read_folder("submit") {
        let store = city_of(&vector).store();
        let engine = engine(&store, vector["clock"].as_u64().unwrap());
        let before = heads(store.as_ref());
        let path = path_of(&vector);
        let answer = engine.submit_and_wait(&path, bytes(&vector, "entry"), PATIENCE);
        let after = heads(store.as_ref());
        if let Some(code) = vector["code"].as_str() {
            let refusal = answer.err().unwrap_or_else(|| panic!("{name} was recorded"));
            assert_eq!(refusal.code(), code, "{name}");
            assert_eq!(before, after, "{name} has changed something");
            refused += 1;
        } else {
            let answer = answer.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
            assert_eq!(Some(answer.index()), vector["index"].as_u64(), "{name}");
            let origin = path.origin(veche_tests::city::DOMAIN);
            let stood = before.get(&origin).is_some_and(|head| head.size > answer.index());
            assert_eq!(grown(&before, &after).contains(&origin), !stood, "{name}");
            recorded += 1;
        }
        engine.shutdown();
    }
    assert!(recorded >= 20 && refused >= 110, "{recorded} recorded, {refused} refused");
}

/// Codes that no log can show: a server's own, and those that follow from its clock or from the
/// length of what was handed in.
const ONLY_A_SERVERS: [&str; 4] =
    ["unknown-log", "opened-early", "closed-early", "entry-oversized"];

/// A recount of the city with the entry at the end of its log.
fn recount_with(vector: &Value) -> Recount {
    let mut logs = city_of(vector);
    let path = path_of(vector);
    let origin = path.origin(veche_tests::city::DOMAIN);
    let log = logs.0.entry(path.clone()).or_insert_with(|| PaperLog::new(origin));
    log.push(bytes(vector, "entry"));
    let poll = match path {
        LogPath::Poll(_) => path,
        _ => LogPath::Poll("park".to_owned()),
    };
    let options = Options { workers: 1, ..Options::new(poll) };
    recount(&Files::from(logs.files()), &options, &|_, _, _| ()).unwrap()
}

// POLL-2, POLL-18, BALLOT-1, ROLL-8: in a log as at the door.
#[test]
fn a_recount_gives_a_logged_entry_the_code_of_its_refusal() {
    let mut judged = 0;
    for (name, vector) in read_folder("submit") {
        let path = path_of(&vector);
        let city = city_of(&vector);
        let size = city.0.get(&path).map_or(0, |log| log.entries.len() as u64);
        let is_read = city.0.contains_key(&path) || matches!(path, LogPath::Poll(_));
        let code = vector["code"].as_str();
        if !is_read || code.is_some_and(|code| ONLY_A_SERVERS.contains(&code)) {
            continue;
        }
        if vector["index"].as_u64().is_some_and(|index| index < size) {
            continue;
        }
        let recount = recount_with(&vector);
        let found = recount
            .findings
            .iter()
            .filter(|finding| *finding.log == path && finding.index == Some(size));
        let found: Vec<_> = found.map(|finding| finding.breach.code()).collect();
        assert_eq!(found, Vec::from_iter(code), "{name}");
        judged += 1;
    }
    assert!(judged >= 110, "{judged} submissions");
}

/// The statuses that the law gives to codes (API-5).
fn statuses() -> BTreeMap<String, u64> {
    let law = std::fs::read_to_string(root().join("../api.md")).unwrap();
    let mut statuses = BTreeMap::new();
    for line in law.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        if let Ok(status) = cells[1].parse() {
            let codes = cells[2].split(", ").map(|code| (code.to_owned(), status));
            statuses.extend(codes);
        } else if let Ok(status) = cells[2].parse() {
            statuses.insert(cells[1].trim_matches('`').to_owned(), status);
        }
    }
    statuses
}

#[test]
fn every_refusal_has_the_status_of_its_code() {
    // API-5: whatever the path.
    let statuses = statuses();
    for (name, vector) in read_folder("submit") {
        if let Some(code) = vector["code"].as_str() {
            assert_eq!(vector["status"].as_u64(), statuses.get(code).copied(), "{name}");
        }
    }
}
