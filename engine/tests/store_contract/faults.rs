//! Every fault at every write, and a full check of the log after each.

use veche_engine::store::memory::{Fault, MemoryStore};
use veche_engine::store::{Remedy, Store, StoreError};
use veche_engine::tree::{TreeEdge, check::check_log};

use crate::support::{batch, entries, grow, unique};

const FAULTS: [Fault; 5] =
    [Fault::Lost, Fault::Kept, Fault::DiskFull, Fault::CrashBefore, Fault::CrashAfter];

const STEPS: u64 = 6;

/// Appends 60 entries in each step, going on from what is stored, as recovery does. Returns how
/// often a commit failed.
fn run(store: &MemoryStore) -> usize {
    let log = loop {
        match store.create_log("example.com/poll/1") {
            Ok(log) => break log,
            Err(_) => store.reopen().unwrap(),
        }
    };
    let mut failures = 0;
    let mut edge = TreeEdge::load(store, log).unwrap();
    while edge.size() < STEPS * 60 {
        let (mut append, next) = grow(&edge, log, entries(edge.size(), 60));
        append.unique = vec![unique(&edge.size().to_be_bytes(), b"voted")];
        let batch = batch(vec![append]);
        match store.commit(&batch) {
            Ok(()) => edge = next,
            Err(error) => {
                failures += 1;
                recover(store, &error, &batch);
                edge = TreeEdge::load(store, log).unwrap();
                assert_eq!(check_log(store, log).unwrap(), *edge.head());
            }
        }
    }
    let head = check_log(store, log).unwrap();
    assert_eq!(head.size, STEPS * 60, "nothing twice, nothing missing");
    for step in 0..STEPS {
        assert!(store.unique(log, &(step * 60).to_be_bytes()).unwrap().is_some());
    }
    failures
}

fn recover(store: &MemoryStore, error: &StoreError, batch: &veche_engine::store::Batch) {
    match error.remedy() {
        Remedy::MakeRoom => store.commit(batch).unwrap(),
        Remedy::Reload => {
            assert!(matches!(store.commit(batch), Err(StoreError::Stopped)));
            assert!(matches!(store.create_log("another"), Err(StoreError::Stopped)));
            store.reopen().unwrap();
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_fault_at_every_write() {
    for fault in FAULTS {
        for nth in 0..=STEPS {
            let store = MemoryStore::new();
            store.fail_commit(nth, fault);
            let failures = run(&store);
            assert_eq!(failures, usize::from(nth > 0), "{fault:?} at write {nth}");
        }
    }
}

#[test]
fn two_faults_after_one_another() {
    for first in FAULTS {
        for second in FAULTS {
            let store = MemoryStore::new();
            store.fail_commit(2, first);
            store.fail_commit(4, second);
            assert_eq!(run(&store), 2, "{first:?} then {second:?}");
        }
    }
}

#[test]
fn reads_after_a_failure_show_the_state_before() {
    for fault in [Fault::Lost, Fault::DiskFull] {
        let store = MemoryStore::new();
        let log = store.create_log("example.com/poll/1").unwrap();
        let (append, edge) = grow(&TreeEdge::new(), log, entries(0, 3));
        store.commit(&batch(vec![append])).unwrap();
        store.fail_commit(0, fault);
        let (append, _) = grow(&edge, log, entries(3, 3));
        store.commit(&batch(vec![append])).unwrap_err();
        assert_eq!(store.head(log).unwrap(), *edge.head());
    }
}

#[test]
fn a_dead_store_answers_nothing() {
    let store = MemoryStore::new();
    let log = store.create_log("example.com/poll/1").unwrap();
    store.fail_commit(0, Fault::CrashAfter);
    let (append, edge) = grow(&TreeEdge::new(), log, entries(0, 3));
    store.commit(&batch(vec![append])).unwrap_err();
    assert!(matches!(store.head(log), Err(StoreError::Stopped)));
    store.reopen().unwrap();
    assert_eq!(store.head(log).unwrap(), *edge.head());
}

#[test]
fn a_failed_read_is_never_an_absent_record() {
    let store = MemoryStore::new();
    let log = store.create_log("example.com/poll/1").unwrap();
    store.fail_reads(0);
    let failed = |error: StoreError| error.remedy() == Remedy::Retry;
    assert!(failed(store.unique(log, b"voter").unwrap_err()));
    assert!(failed(store.meta(b"signed").unwrap_err()));
    assert!(failed(TreeEdge::load(&store, log).unwrap_err()));
    store.heal();
    assert_eq!(store.unique(log, b"voter").unwrap(), None);
}
