//! Appending to a store as a writer does.

use std::ops::ControlFlow;

use tempfile::TempDir;
use veche_engine::store::rocks::{RocksConfig, RocksStore};
use veche_engine::store::{Append, Batch, LogId, MetaWrite, Store, StoreError, UniqueWrite};
use veche_engine::tree::TreeEdge;
use veche_protocol::hash::{Hash, leaf_hash};

/// A new store on disk, and the folder that goes when it is dropped.
pub(crate) fn rocks() -> (TempDir, RocksStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = RocksStore::open(&folder.path().join("store"), RocksConfig::default()).unwrap();
    (folder, store)
}

/// `count` distinct entries of a few bytes each.
pub(crate) fn entries(from: u64, count: u64) -> Vec<Vec<u8>> {
    (from..from + count).map(|index| format!("entry {index}").into_bytes()).collect()
}

pub(crate) fn leaves(entries: &[Vec<u8>]) -> Vec<Hash> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

/// The append of some entries to a log at this edge, and the edge after it.
pub(crate) fn grow(edge: &TreeEdge, log: LogId, entries: Vec<Vec<u8>>) -> (Append, TreeEdge) {
    let (append, next, _) = edge.grow(&leaves(&entries)).into_append(log, entries, Vec::new());
    (append, next)
}

pub(crate) fn batch(appends: Vec<Append>) -> Batch {
    Batch { appends, meta: Vec::new() }
}

/// Appends entries and returns the next edge.
pub(crate) fn append(
    store: &dyn Store,
    log: LogId,
    edge: &TreeEdge,
    entries: Vec<Vec<u8>>,
) -> TreeEdge {
    let (append, next) = grow(edge, log, entries);
    store.commit(&batch(vec![append])).unwrap();
    next
}

pub(crate) fn unique(key: &[u8], value: &[u8]) -> UniqueWrite {
    UniqueWrite { key: key.to_vec(), value: value.to_vec() }
}

pub(crate) fn meta(key: &[u8], value: Option<&[u8]>) -> MetaWrite {
    MetaWrite { key: key.to_vec(), value: value.map(<[u8]>::to_vec) }
}

pub(crate) type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// All records that a scan visits.
pub(crate) fn collect(
    scan: impl FnOnce(&mut veche_engine::store::Visit<'_>) -> Result<(), StoreError>,
) -> Result<Records, StoreError> {
    let mut records = Vec::new();
    scan(&mut |key, value| {
        records.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    })?;
    Ok(records)
}
