//! What only the store on disk can do wrong: directories, locks, versions, damage.
//!
//! Not here: the contract that it shares with the store in memory (`tests/store_contract.rs`).

use super::*;
use crate::store::{MetaWrite, Remedy};
use crate::tree::TreeEdge;
use rocksdb::DB;
use veche_protocol::hash::leaf_hash;

fn open(path: &Path) -> RocksStore {
    RocksStore::open(path, RocksConfig::default()).unwrap()
}

/// A store with one log of 300 entries, appended in two batches.
fn filled(path: &Path) -> (RocksStore, LogId) {
    let store = open(path);
    let log = store.create_log("example.com/register").unwrap();
    let mut edge = TreeEdge::new();
    for (from, to) in [(0_u64, 100), (100, 300)] {
        let entries: Vec<Vec<u8>> = (from..to).map(|index| index.to_be_bytes().to_vec()).collect();
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let (append, next, _) = edge.grow(&leaves).into_append(log, entries, Vec::new());
        store.commit(&Batch { appends: vec![append], meta: Vec::new() }).unwrap();
        edge = next;
    }
    (store, log)
}

/// Writes into the database behind the store's back.
fn tamper(store: &RocksStore, change: impl FnOnce(&Database, &mut WriteBatch)) {
    let guard = store.lock_database();
    let database = guard.as_ref().unwrap();
    let mut batch = WriteBatch::default();
    change(database, &mut batch);
    database.write(batch).unwrap();
}

#[test]
fn a_second_holder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let second = RocksStore::open(folder.path(), RocksConfig::default());
    assert!(matches!(second, Err(StoreError::Locked(path)) if path == folder.path()));
    drop(first);
    open(folder.path());
}

#[test]
fn below_the_floor_writes_are_refused_and_reads_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (store, log) = filled(folder.path());
    drop(store);
    let full = RocksStore::open(folder.path(), RocksConfig { free_space_floor: u64::MAX }).unwrap();
    let growth = TreeEdge::load(&full, log).unwrap().grow(&[leaf_hash(b"x")]);
    let (append, ..) = growth.into_append(log, vec![b"x".to_vec()], Vec::new());
    let batch = Batch { appends: vec![append], meta: Vec::new() };
    // Refused before it began, so the store is not stopped: it says the same again.
    for _ in 0..2 {
        let refused = full.commit(&batch).unwrap_err();
        assert!(matches!(refused, StoreError::DiskFull { floor: u64::MAX, .. }));
        assert_eq!(refused.remedy(), Remedy::MakeRoom);
    }
    assert_eq!(full.entry(log, 7).unwrap(), 7_u64.to_be_bytes());
    assert_eq!(full.head(log).unwrap().size, 300);
}

#[test]
fn another_format_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = filled(folder.path());
    tamper(&store, |database, batch| {
        batch.put_cf(database.column(Column::Meta), keys::FORMAT, [9]);
    });
    drop(store);
    let refused = RocksStore::open(folder.path(), RocksConfig::default());
    assert!(matches!(
        refused,
        Err(StoreError::UnknownVersion { record: "store", found: 9, known: 1 })
    ));
}

#[test]
fn records_without_a_format_are_not_taken_for_a_new_store() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = filled(folder.path());
    tamper(&store, |database, batch| {
        batch.delete_cf(database.column(Column::Meta), keys::FORMAT);
    });
    drop(store);
    let refused = RocksStore::open(folder.path(), RocksConfig::default());
    assert!(matches!(refused, Err(StoreError::Corrupt(_))));
}

#[test]
fn a_directory_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let db = DB::open_default(folder.path()).unwrap();
    db.put(b"key", b"value").unwrap();
    let columns = ["default", "theirs"];
    drop(db);
    let mut options = columns::database_options();
    options.create_missing_column_families(true);
    drop(DB::open_cf(&options, folder.path(), columns).unwrap());
    let refused = RocksStore::open(folder.path(), RocksConfig::default());
    assert!(matches!(refused, Err(StoreError::Open { .. })), "{refused:?}");
}

#[test]
fn a_missing_record_is_corrupt_and_never_absent() {
    let folder = tempfile::tempdir().unwrap();
    let (store, log) = filled(folder.path());
    tamper(&store, |database, batch| {
        batch.delete_cf(database.column(Column::Entries), keys::run(log, 64));
        batch.delete_cf(database.column(Column::Tiles), keys::tile(log, 0, 0));
    });
    let corrupt = |error: &StoreError| matches!(error, StoreError::Corrupt(_));
    assert!(corrupt(&store.entry(log, 64).unwrap_err()));
    assert!(corrupt(&store.entry(log, 99).unwrap_err()));
    assert!(corrupt(&store.bundle(log, 0, 256).unwrap_err()));
    assert!(corrupt(&store.tile(log, 0, 0, 1).unwrap_err()));
    assert_eq!(store.bundle(log, 0, 64).unwrap().len(), 64 * 10);
    assert_eq!(store.entry(log, 100).unwrap(), 100_u64.to_be_bytes());
}

#[test]
fn a_record_of_a_later_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (store, log) = filled(folder.path());
    tamper(&store, |database, batch| {
        batch.put_cf(database.column(Column::Unique), keys::unique(log, b"key"), [7, 1]);
        batch.put_cf(database.column(Column::Tiles), keys::tile(log, 0, 0), [7; 33]);
    });
    let unknown = |error: &StoreError| matches!(error, StoreError::UnknownVersion { found: 7, .. });
    assert!(unknown(&store.unique(log, b"key").unwrap_err()));
    assert!(unknown(&store.tile(log, 0, 0, 1).unwrap_err()));
    let mut visited = 0;
    let scanned = store.scan_unique(log, b"", &mut |_, _| {
        visited += 1;
        std::ops::ControlFlow::Continue(())
    });
    assert!(unknown(&scanned.unwrap_err()));
    assert_eq!(visited, 0);
}

#[test]
fn a_reload_that_fails_leaves_the_store_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (store, log) = filled(folder.path());
    tamper(&store, |database, batch| {
        batch.put_cf(database.column(Column::Heads), keys::head(log), b"\x01short");
    });
    assert!(matches!(store.reopen(), Err(StoreError::Corrupt(_))));
    assert!(matches!(store.head(log), Err(StoreError::Stopped)));
    let write = MetaWrite { key: b"k".to_vec(), value: None };
    let batch = Batch { appends: Vec::new(), meta: vec![write] };
    assert!(matches!(store.commit(&batch), Err(StoreError::Stopped)));
    assert!(matches!(store.create_log("example.com/other"), Err(StoreError::Stopped)));
}

#[test]
fn a_panicking_writer_stops_the_store_until_it_is_reopened() {
    let folder = tempfile::tempdir().unwrap();
    let (store, log) = filled(folder.path());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let _guard = store.lock_writer();
            panic!("injected");
        });
        assert!(writer.join().is_err());
    });
    let write = MetaWrite { key: b"k".to_vec(), value: Some(b"v".to_vec()) };
    let batch = Batch { appends: Vec::new(), meta: vec![write] };
    assert!(matches!(store.commit(&batch), Err(StoreError::Stopped)));
    assert_eq!(store.head(log).unwrap().size, 300);
    store.reopen().unwrap();
    store.commit(&batch).unwrap();
}
