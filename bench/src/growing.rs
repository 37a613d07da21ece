//! A log that grows in a real store, and the raw batches that it is held against.
//!
//! One thread hashes leaves and grows the tree while another commits, as in the engine, where the
//! leaves are hashed before the writer sees them. Not here: signatures, folds, signed heads.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use crossbeam_channel::bounded;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use rocksdb::{DB, Options, WriteBatch, WriteOptions};
use veche_engine::store::rocks::{RocksConfig, RocksStore};
use veche_engine::store::{Batch, LogId, Store as _, StoreError};
use veche_engine::tree::TreeEdge;
use veche_protocol::hash::{Hash, leaf_hash};

/// Bytes of an entry, as in the published figures of other logs.
pub const ENTRY_LENGTH: usize = 512;
/// Entries of one durable batch: as many as the engine commits together at most.
pub const BATCH: usize = 4_096;
/// Batches hashed ahead of the one being committed.
const AHEAD: usize = 2;
/// Bytes of the raw database's write buffer: that of the store's entries.
const WRITE_BUFFER: usize = 64 << 20;
/// Bytes after which the raw database hands written files to the disk, as the store does.
const WRITEBACK: u64 = 1 << 20;

/// Batches of random entries, `count` in all.
pub fn random_batches(count: usize) -> Vec<Vec<Vec<u8>>> {
    let mut rng = StdRng::seed_from_u64(1);
    let mut entry = || {
        let mut entry = vec![0; ENTRY_LENGTH];
        rng.fill_bytes(&mut entry);
        entry
    };
    let lengths = (0..count).step_by(BATCH).map(|first| BATCH.min(count - first));
    lengths.map(|length| (0..length).map(|_| entry()).collect()).collect()
}

/// A log and the edge of its tree.
#[derive(Debug)]
pub struct GrowingLog {
    /// The store.
    pub store: Arc<RocksStore>,
    /// The log.
    pub id: LogId,
    /// The edge as it is stored.
    pub edge: TreeEdge,
}

impl GrowingLog {
    /// An empty log in a new store.
    pub fn open(path: &Path) -> Result<Self> {
        let store = RocksStore::open(path, RocksConfig::default())?;
        let id = store.create_log("bench.example/append")?;
        Ok(Self { store: Arc::new(store), id, edge: TreeEdge::new() })
    }

    /// Number of entries.
    pub fn size(&self) -> usize {
        usize::try_from(self.edge.size()).expect("a benchmark's log is short")
    }

    /// Appends batches, each durable before the next: leaf hashes, tree, tiles, commit.
    pub fn append(&mut self, batches: &[Vec<Vec<u8>>]) -> Result<Duration> {
        // The copies stand for entries that came from outside.
        let batches = batches.to_vec();
        let (grown, to_commit) = bounded(AHEAD);
        let (store, id, edge) = (&self.store, self.id, &mut self.edge);
        let start = Instant::now();
        let stored = std::thread::scope(|scope| {
            scope.spawn(move || {
                for entries in batches {
                    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
                    let (append, next, _) = edge.grow(&leaves).into_append(id, entries, Vec::new());
                    *edge = next;
                    // Nobody takes it only after a commit has failed, and then all of it is void.
                    if grown.send(append).is_err() {
                        return;
                    }
                }
            });
            to_commit.into_iter().try_for_each(|append| {
                store.commit(&Batch { appends: vec![append], ..Batch::default() })
            })
        });
        Result::<(), StoreError>::Ok(stored?)?;
        Ok(start.elapsed())
    }
}

/// The limit: the same bytes, under numbers as keys, in bare write batches of a bare RocksDB.
#[derive(Debug)]
pub struct RawBatches {
    database: DB,
    next: u64,
}

impl RawBatches {
    /// An empty database.
    pub fn open(path: &Path) -> Result<Self> {
        let mut options = Options::default();
        options.create_if_missing(true);
        options.set_compression_type(rocksdb::DBCompressionType::None);
        options.set_write_buffer_size(WRITE_BUFFER);
        options.set_bytes_per_sync(WRITEBACK);
        Ok(Self { database: DB::open(&options, path)?, next: 0 })
    }

    /// Writes batches, each fsynced before the next.
    pub fn write(&mut self, batches: &[Vec<Vec<u8>>]) -> Result<Duration> {
        let mut durable = WriteOptions::default();
        durable.set_sync(true);
        let start = Instant::now();
        for entries in batches {
            let mut batch = WriteBatch::default();
            for entry in entries {
                batch.put(self.next.to_be_bytes(), entry);
                self.next += 1;
            }
            self.database.write_opt(batch, &durable)?;
        }
        Ok(start.elapsed())
    }
}
