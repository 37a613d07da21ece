//! Tests of the memory: what is kept, what is refused, and what a damaged file does.

use std::path::{Path, PathBuf};

use redb::Database;
use tempfile::TempDir;
use veche_protocol::hash::{Hash, empty_root, leaf_hash, sha256};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::witness::{AddCheckpoint, Refusal, TrustedRequest};
use veche_protocol::signature::SigningKey;

use super::{Advance, CITIES, HEADS, Opened, Rule, Store, StoreError};

fn key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn witness() -> VerifierKey {
    VerifierKey::cosignature("w.example", SigningKey::from_seed(&[9; 32]).key()).unwrap()
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("witness.redb");
    (folder, path)
}

fn open(path: &Path) -> Store {
    Store::open(path, &witness()).unwrap().0
}

/// A request whose proof is empty: from nothing, or from the same size.
fn request(origin: &str, old: u64, size: u64, root: Hash) -> TrustedRequest {
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
    let note = checkpoint.sign(&key()).unwrap().into_note();
    let keys = [VerifierKey::ed25519(origin, key().key()).unwrap()];
    AddCheckpoint::new(old, vec![], note).unwrap().trust(&keys).unwrap()
}

fn advance(store: &Store, request: &TrustedRequest, rule: &Rule, now: u64) -> Advance {
    store.advance(request, request.head().note(), rule, now).unwrap()
}

// WITNESS-7
#[test]
fn what_is_kept_is_there_after_a_restart() {
    let (_folder, path) = place();
    let first = request("a.example/log", 0, 5, leaf_hash(b"a"));
    {
        let (store, opened) = Store::open(&path, &witness()).unwrap();
        assert_eq!(opened, Opened::New);
        assert_eq!(advance(&store, &first, &Rule::Named, 100), Advance::Kept { time: 100 });
    }
    let (store, opened) = Store::open(&path, &witness()).unwrap();
    assert_eq!(opened, Opened::Existing);
    let latest = store.latest(&sha256(b"a.example/log")).unwrap().unwrap();
    assert_eq!((&latest.checkpoint, latest.time), (first.head().checkpoint(), 100));
    assert_eq!(&latest.note, first.head().note());
    assert_eq!(store.latest(&sha256(b"b.example/log")).unwrap(), None);
    assert_eq!(store.logs().unwrap(), 1);
    let again = request("a.example/log", 0, 5, leaf_hash(b"b"));
    let expected = Advance::Refused(Refusal::Stale { latest: 5 }, Some(Box::new(latest.clone())));
    assert_eq!(advance(&store, &again, &Rule::Named, 101), expected);
    let other = request("a.example/log", 5, 5, leaf_hash(b"b"));
    let expected = Advance::Refused(Refusal::OtherRoot, Some(Box::new(latest)));
    assert_eq!(advance(&store, &other, &Rule::Named, 101), expected);
}

// WITNESS-9
#[test]
fn time_does_not_go_back() {
    let (_folder, path) = place();
    let store = open(&path);
    let same = |now| {
        let old = store.latest(&sha256(b"a.example/log")).unwrap().map_or(0, |_| 5);
        advance(&store, &request("a.example/log", old, 5, leaf_hash(b"a")), &Rule::Named, now)
    };
    for (now, time) in [(100, 100), (100, 100), (99, 100), (0, 100), (101, 101), (100, 101)] {
        assert_eq!(same(now), Advance::Kept { time }, "{now}");
    }
    assert_eq!(store.latest(&sha256(b"a.example/log")).unwrap().unwrap().time, 101);
}

// WITNESS-7
#[test]
fn a_store_is_of_one_process_and_of_one_witness() {
    let (_folder, path) = place();
    let store = open(&path);
    assert!(matches!(Store::open(&path, &witness()), Err(StoreError::InUse { .. })));
    drop(store);
    let other = VerifierKey::cosignature("v.example", SigningKey::from_seed(&[9; 32]).key());
    let error = Store::open(&path, &other.unwrap()).unwrap_err();
    assert!(error.to_string().contains(&witness().to_string()), "{error}");
    let (folder, foreign) = place();
    std::fs::write(folder.path().join("witness.redb"), "something else").unwrap();
    assert!(matches!(Store::open(&foreign, &witness()), Err(StoreError::Database(_))));
    let none = folder.path().join("none").join("witness.redb");
    assert!(matches!(Store::open(&none, &witness()), Err(StoreError::Database(_))));
}

// WITNESS-6
#[test]
fn a_city_has_as_many_logs_as_it_may() {
    let (_folder, path) = place();
    let store = Store { max_logs_of_city: 2, ..open(&path) };
    let city = |name: &str| Rule::City(name.to_owned());
    let new =
        |origin: &str, rule: &Rule| advance(&store, &request(origin, 0, 0, empty_root()), rule, 7);
    let kept = Advance::Kept { time: 7 };
    assert_eq!(new("a.example/register", &city("a.example")), kept);
    assert_eq!(new("a.example/poll/a", &city("a.example")), kept);
    assert_eq!(new("a.example/poll/b", &city("a.example")), Advance::TooManyLogs);
    // What it has goes on, and others do not suffer.
    assert_eq!(new("a.example/poll/a", &city("a.example")), kept);
    assert_eq!(new("b.example/register", &city("b.example")), kept);
    assert_eq!(new("a.example/poll/b", &Rule::Named), kept);
    assert_eq!(store.logs().unwrap(), 4);
}

// WITNESS-7
#[test]
fn a_damaged_record_is_not_an_absent_one() {
    let (_folder, path) = place();
    let origin = "a.example/log";
    let first = request(origin, 0, 5, leaf_hash(b"a"));
    advance(&open(&path), &first, &Rule::Named, 100);
    let other = request("b.example/log", 0, 5, leaf_hash(b"a"));
    advance(&open(&path), &other, &Rule::Named, 100);
    let database = Database::open(&path).unwrap();
    let read = |name: &str| {
        let transaction = redb::ReadableDatabase::begin_read(&database).unwrap();
        let heads = transaction.open_table(HEADS).unwrap();
        let key = sha256(name.as_bytes());
        redb::ReadableTable::get(&heads, key.as_bytes().as_slice())
            .unwrap()
            .unwrap()
            .value()
            .to_vec()
    };
    let (good, foreign) = (read(origin), read("b.example/log"));
    drop(database);
    let unread = [&[2], &good[1..]].concat();
    for bad in [&[][..], &[1], &good[..8], &good[..good.len() - 1], &unread, &foreign] {
        let database = Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let key = sha256(origin.as_bytes());
        transaction.open_table(HEADS).unwrap().insert(key.as_bytes().as_slice(), bad).unwrap();
        transaction.commit().unwrap();
        drop(database);
        let store = open(&path);
        assert!(matches!(store.latest(&key), Err(StoreError::Damaged(_))), "{bad:?}");
        let outcome = store.advance(&first, first.head().note(), &Rule::Named, 100);
        assert!(matches!(outcome, Err(StoreError::Damaged(_))), "{bad:?}");
    }
}

#[test]
fn what_is_refused_counts_for_nothing() {
    let (_folder, path) = place();
    let store = open(&path);
    let rule = Rule::City("a.example".to_owned());
    let wrong = request("a.example/register", 0, 0, leaf_hash(b"a"));
    let expected = Advance::Refused(Refusal::OtherRoot, None);
    assert_eq!(advance(&store, &wrong, &rule, 1), expected);
    assert_eq!(store.logs().unwrap(), 0);
    let transaction = redb::ReadableDatabase::begin_read(&store.database).unwrap();
    let cities = transaction.open_table(CITIES).unwrap();
    assert!(redb::ReadableTable::get(&cities, "a.example").unwrap().is_none());
}
