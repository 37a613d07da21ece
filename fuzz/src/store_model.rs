//! The store against a model of lists and maps: what is committed is there, what is refused left no
//! trace, and after a failure the store stops until it is reopened.
//!
//! ```text
//! input = medium, operation*        medium: 0 means the disk, all else the memory, which is faster
//! ```
//!
//! Not here: many random runs of well-formed batches, which the engine's own tests make.

use std::{collections::BTreeMap, ops::ControlFlow};

use veche_engine::{
    store::{
        Batch, BundleEntries, LogId, MetaWrite, Store, StoreError, UniqueWrite,
        memory::{Fault, MemoryStore},
        rocks::{RocksConfig, RocksStore},
    },
    tree::{TreeEdge, check::check_log},
};
use veche_protocol::{
    hash::{Hash, leaf_hash},
    log::merkle::Frontier,
};

use crate::input::Input;

/// Logs in the store; more would only make each input longer.
const LOGS: usize = 3;
/// Operations after which an input has said enough.
const MAX_OPERATIONS: usize = 48;
/// Most entries of one append: two tiles fill and a third begins.
const MAX_ENTRIES: u64 = 600;

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// What the store must hold.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    logs: [Vec<Vec<u8>>; LOGS],
    unique: [Records; LOGS],
    meta: Records,
}

/// The first byte chooses the medium; the rest are operations.
pub fn holds(data: &[u8]) {
    let mut input = Input::new(data);
    if input.byte() == 0 {
        let folder = tempfile::tempdir().expect("the system has a temporary folder");
        let config = RocksConfig { free_space_floor: 0 };
        let path = folder.path().join("store");
        let store = RocksStore::open(&path, config.clone()).expect("the folder is new");
        let model = run(&store, None, &mut input);
        drop(store);
        let again = RocksStore::open(&path, config).expect("the store was closed");
        compare(&again, &model);
    } else {
        let store = MemoryStore::new();
        run(&store, Some(&store), &mut input);
    }
}

/// Runs the operations on the store and its model; faults only where the store can be told to.
fn run(store: &dyn Store, faults: Option<&MemoryStore>, input: &mut Input<'_>) -> Model {
    for (number, id) in (0..LOGS).zip(ids()) {
        assert_eq!(store.create_log(&format!("city.example/poll/{number}")).ok(), Some(id));
    }
    let mut model = Model::default();
    for _ in 0..MAX_OPERATIONS {
        if input.is_empty() {
            break;
        }
        let operation = input.byte() % 8;
        let (batch, after) = batch(&model, input);
        match (operation, faults) {
            (0..=3, _) | (5, None) => {
                store.commit(&batch).expect("a well-formed batch at the right sizes");
                model = after;
            }
            (4, _) => refuse_stale(store, &model, batch),
            (5, Some(faults)) => model = fail(faults, model, after, &batch, input.byte()),
            (6, _) => refuse_malformed(store, batch, input.byte()),
            _ => store.reopen().expect("the medium is sound"),
        }
        compare_heads(store, &model);
    }
    compare(store, &model);
    store.reopen().expect("the medium is sound");
    compare(store, &model);
    model
}

/// A well-formed batch: appends to one or more logs, with records; and the model after it.
fn batch(model: &Model, input: &mut Input<'_>) -> (Batch, Model) {
    let (mut batch, mut after) = (Batch::default(), model.clone());
    let choice = input.byte();
    for (number, id) in (0..LOGS).zip(ids()) {
        if choice >> number & 1 == 0 {
            continue;
        }
        let count = if input.byte() % 8 == 0 { input.below(MAX_ENTRIES) } else { input.below(5) };
        let start = model.logs[number].len() as u64;
        let entries: Vec<_> = (start..start + count).map(|index| entry(number, index)).collect();
        let record = UniqueWrite { key: vec![1, input.byte() % 4], value: vec![input.byte()] };
        after.logs[number].extend(entries.iter().cloned());
        after.unique[number].insert(record.key.clone(), record.value.clone());
        let growth = edge(&model.logs[number]).grow(&leaves(&entries));
        batch.appends.push(growth.into_append(id, entries, vec![record]).0);
    }
    if choice & 8 != 0 || batch.appends.is_empty() {
        let value = input.byte();
        let write = MetaWrite {
            key: vec![2, input.byte() % 4],
            value: (value % 4 != 0).then(|| vec![value]),
        };
        match &write.value {
            Some(value) => after.meta.insert(write.key.clone(), value.clone()),
            None => after.meta.remove(&write.key),
        };
        batch.meta.push(write);
    }
    (batch, after)
}

/// A batch of which one append was made for another size is refused as a whole.
fn refuse_stale(store: &dyn Store, model: &Model, mut batch: Batch) {
    let Some(append) = batch.appends.last_mut() else { return };
    let number = append.log.0 as usize;
    let longer = [model.logs[number].as_slice(), &[entry(number, u64::MAX)]].concat();
    let entries = vec![entry(number, 0)];
    let growth = edge(&longer).grow(&leaves(&entries));
    *append = growth.into_append(append.log, entries, Vec::new()).0;
    let (stale, size) = (append.log, model.logs[number].len() as u64);
    match store.commit(&batch) {
        Err(StoreError::Conflict { log, expected, actual }) => {
            assert_eq!((log, expected, actual), (stale, size + 1, size));
        }
        other => panic!("a stale append gave {other:?}"),
    }
}

/// A batch with a defect is refused before anything is written, and does not stop the store.
fn refuse_malformed(store: &dyn Store, mut batch: Batch, defect: u8) {
    let Some(append) = batch.appends.first_mut() else { return };
    match defect % 6 {
        0 => append.head.size += 1,
        1 => append.head.frontier.push(Hash::ZERO),
        2 if append.tiles.pop().is_some() => {}
        3 if !append.tiles.is_empty() => append.tiles[0].hashes.push(Hash::ZERO),
        4 => append.unique[0].key.clear(),
        _ => {
            let twin = append.clone();
            batch.appends.push(twin);
        }
    }
    let refused = store.commit(&batch);
    assert!(matches!(refused, Err(StoreError::Malformed(_))), "{refused:?}");
}

/// A commit fails as told; what is there afterwards is what that fault leaves.
fn fail(store: &MemoryStore, before: Model, after: Model, batch: &Batch, choice: u8) -> Model {
    let (fault, is_kept) = match choice % 5 {
        0 => (Fault::Lost, false),
        1 => (Fault::Kept, true),
        2 => (Fault::CrashBefore, false),
        3 => (Fault::CrashAfter, true),
        _ => (Fault::DiskFull, false),
    };
    store.fail_commit(0, fault);
    match (store.commit(batch), fault) {
        (Err(StoreError::DiskFull { .. }), Fault::DiskFull) => return before,
        (Err(StoreError::Write(_)), _) => {}
        (other, _) => panic!("{fault:?} gave {other:?}"),
    }
    let refused = store.commit(batch);
    assert!(matches!(refused, Err(StoreError::Stopped)), "went on after {fault:?}: {refused:?}");
    store.reopen().expect("the fault has passed");
    if is_kept { after } else { before }
}

fn compare_heads(store: &dyn Store, model: &Model) {
    for (id, entries) in ids().zip(&model.logs) {
        let head = store.head(id).expect("the log is there");
        assert_eq!((head.size, head.root), (entries.len() as u64, edge(entries).root()));
    }
}

/// Everything in the store is in the model, and the other way round.
fn compare(store: &dyn Store, model: &Model) {
    for ((id, entries), unique) in ids().zip(&model.logs).zip(&model.unique) {
        let head = check_log(store, id).expect("the log is whole");
        assert_eq!((head.size, head.root), (entries.len() as u64, root(entries)));
        assert_eq!(&TreeEdge::load(store, id).expect("the edge is there"), &edge(entries));
        for (bundle, chunk) in (0..).zip(entries.chunks(256)) {
            let width = u16::try_from(chunk.len()).expect("a chunk has at most 256");
            let bytes = store.bundle(id, bundle, width).expect("the bundle is there");
            assert!(BundleEntries::new(&bytes).eq(chunk));
        }
        let past = store.entry(id, entries.len() as u64);
        assert!(matches!(past, Err(StoreError::OutOfRange { .. })), "{past:?}");
        let mut found = Records::new();
        let scan = store.scan_unique(id, &[], &mut |key, value| {
            found.insert(key.to_vec(), value.to_vec());
            ControlFlow::Continue(())
        });
        assert!(scan.is_ok());
        assert_eq!(&found, unique);
    }
    let mut found = Records::new();
    let scan = store.scan_meta(&[2], &mut |key, value| {
        found.insert(key.to_vec(), value.to_vec());
        ControlFlow::Continue(())
    });
    assert!(scan.is_ok());
    assert_eq!(found, model.meta);
}

fn ids() -> impl Iterator<Item = LogId> {
    (0..).take(LOGS).map(LogId)
}

/// An entry that depends on its place, so that a mix-up shows.
fn entry(log: usize, index: u64) -> Vec<u8> {
    format!("log {log} entry {index}").into_bytes()
}

fn leaves(entries: &[Vec<u8>]) -> Vec<Hash> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

fn edge(entries: &[Vec<u8>]) -> TreeEdge {
    TreeEdge::new().grow(&leaves(entries)).edge
}

fn root(entries: &[Vec<u8>]) -> Hash {
    let mut frontier = Frontier::new();
    leaves(entries).into_iter().for_each(|leaf| frontier.push(leaf));
    frontier.root()
}
