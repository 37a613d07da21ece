//! Random operations on a store and on a simple model of it: lists and maps.

use std::collections::BTreeMap;

use proptest::prelude::*;
use veche_engine::store::memory::MemoryStore;
use veche_engine::store::{Batch, BundleEntries, LogId, Store, StoreError};
use veche_engine::tree::{TreeEdge, check::check_log};
use veche_protocol::hash::Hash;
use veche_protocol::log::merkle::Frontier;

use crate::support::{Records, collect, leaves, meta, rocks, unique};

const LOGS: usize = 3;

#[derive(Clone, Debug)]
enum Operation {
    /// Appends entries of these lengths to some logs in one batch, with a unique record each.
    Append(Vec<(usize, Vec<u16>, u8)>),
    /// Tries to append at a size that the log had before.
    Stale(usize),
    /// Writes a meta record, or removes it.
    Meta(u8, Option<u8>),
    Reopen,
}

#[derive(Default)]
struct Model {
    logs: [Vec<Vec<u8>>; LOGS],
    unique: [BTreeMap<Vec<u8>, Vec<u8>>; LOGS],
    meta: BTreeMap<Vec<u8>, Vec<u8>>,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let lengths = prop_oneof![
        4 => prop::collection::vec(0_u16..40, 0..20),
        1 => prop::collection::vec(0_u16..3, 200..600),
        1 => prop::collection::vec(1_000_u16..5_000, 1..5),
    ];
    let append = prop::collection::vec((0..LOGS, lengths, any::<u8>()), 1..4);
    let operation = prop_oneof![
        8 => append.prop_map(Operation::Append),
        1 => (0..LOGS).prop_map(Operation::Stale),
        1 => (0_u8..6, any::<Option<u8>>()).prop_map(|(key, value)| Operation::Meta(key, value)),
        1 => Just(Operation::Reopen),
    ];
    prop::collection::vec(operation, 1..16)
}

/// An entry that depends on its place, so that a mix-up shows.
fn content(log: usize, index: usize, length: u16) -> Vec<u8> {
    let place = [log.to_be_bytes(), index.to_be_bytes()].concat();
    place.iter().copied().cycle().skip(7).take(length.into()).collect()
}

fn apply(store: &dyn Store, model: &mut Model, ids: &[LogId], operation: &Operation) {
    match operation {
        Operation::Append(parts) => {
            let mut batch = Batch::default();
            for (number, lengths, key) in parts {
                if batch.appends.iter().any(|append| append.log == ids[*number]) {
                    continue;
                }
                let log = &mut model.logs[*number];
                let start = log.len();
                let added: Vec<Vec<u8>> = (start..)
                    .zip(lengths)
                    .map(|(index, length)| content(*number, index, *length))
                    .collect();
                let record = unique(&[*key], &start.to_be_bytes());
                model.unique[*number].insert(record.key.clone(), record.value.clone());
                log.extend(added.iter().cloned());
                let edge = TreeEdge::load(store, ids[*number]).unwrap();
                let growth = edge.grow(&leaves(&added));
                batch.appends.push(growth.into_append(ids[*number], added, vec![record]).0);
            }
            store.commit(&batch).unwrap();
        }
        Operation::Stale(number) => {
            let actual = model.logs[*number].len() as u64;
            if actual > 0 {
                let growth = TreeEdge::new().grow(&leaves(&[b"stale".to_vec()]));
                let entries = vec![b"stale".to_vec()];
                let (append, ..) = growth.into_append(ids[*number], entries, Vec::new());
                let refused = store.commit(&Batch { appends: vec![append], meta: Vec::new() });
                assert!(
                    matches!(refused, Err(StoreError::Conflict { actual: a, .. }) if a == actual)
                );
            }
        }
        Operation::Meta(key, value) => {
            let write = meta(&[*key], value.as_ref().map(core::slice::from_ref));
            match &write.value {
                Some(value) => drop(model.meta.insert(write.key.clone(), value.clone())),
                None => drop(model.meta.remove(&write.key)),
            }
            store.commit(&Batch { appends: Vec::new(), meta: vec![write] }).unwrap();
        }
        Operation::Reopen => store.reopen().unwrap(),
    }
}

fn compare(store: &dyn Store, model: &Model, ids: &[LogId]) {
    for ((id, entries), records) in ids.iter().zip(&model.logs).zip(&model.unique) {
        let head = check_log(store, *id).unwrap();
        assert_eq!((head.size, head.root), (entries.len() as u64, root(entries)));
        for (bundle, chunk) in (0..).zip(entries.chunks(256)) {
            let width = u16::try_from(chunk.len()).unwrap();
            let bytes = store.bundle(*id, bundle, width).unwrap();
            assert!(BundleEntries::new(&bytes).eq(chunk));
        }
        for (index, entry) in (0..).zip(entries) {
            assert_eq!(store.entry(*id, index).unwrap(), *entry);
        }
        let found = collect(|visit| store.scan_unique(*id, b"", visit)).unwrap();
        assert_eq!(found, records.clone().into_iter().collect::<Records>());
    }
    let found = collect(|visit| store.scan_meta(b"", visit)).unwrap();
    assert_eq!(found, model.meta.clone().into_iter().collect::<Records>());
}

fn root(entries: &[Vec<u8>]) -> Hash {
    let mut frontier = Frontier::new();
    for leaf in leaves(entries) {
        frontier.push(leaf);
    }
    frontier.root()
}

fn check(store: &dyn Store, operations: &[Operation]) {
    let mut model = Model::default();
    let ids: Vec<LogId> = (0..LOGS)
        .map(|number| store.create_log(&format!("example.com/poll/{number}")).unwrap())
        .collect();
    for operation in operations {
        apply(store, &mut model, &ids, operation);
    }
    compare(store, &model, &ids);
    store.reopen().unwrap();
    compare(store, &model, &ids);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_memory_store_is_the_model(operations in operations()) {
        check(&MemoryStore::new(), &operations);
    }

    #[test]
    fn the_disk_store_is_the_model(operations in operations()) {
        let (_folder, store) = rocks();
        check(&store, &operations);
    }
}
