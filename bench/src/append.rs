//! (a), (f) and (g): the log without signatures. How fast entries become durable beside raw
//! RocksDB batches of the same bytes, whether that holds at ten times the size, and how fast old
//! entries are proved.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use rocksdb::{DB, Options, WriteBatch, WriteOptions};
use veche_engine::store::rocks::{RocksConfig, RocksStore};
use veche_engine::store::{Batch, LogId, Store};
use veche_engine::tree::TreeEdge;
use veche_engine::tree::reader::TreeReader;
use veche_protocol::hash::{Hash, leaf_hash};
use veche_protocol::log::merkle::verify_inclusion;

use crate::table::{Goal, Line};

/// Bytes of an entry, as in the published figures of other logs.
const ENTRY_LENGTH: usize = 512;
/// Entries of one durable batch.
const BATCH: usize = 4_096;
/// Threads that ask for proofs.
const PROVERS: usize = 2;

/// How far the log is grown.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Entries at which the throughput is measured first.
    pub early: usize,
    /// Entries at which it is measured again.
    pub late: usize,
    /// How long proofs are asked for.
    pub proving: Duration,
}

/// Measures (a), (f) and (g) in a directory that is removed by the caller.
pub fn measure(directory: &Path, scale: Scale) -> Result<Vec<Line>> {
    let entries = random_entries();
    let mut log = GrowingLog::open(&directory.join("log"))?;
    let mut raw = RawBatches::open(&directory.join("raw"))?;
    // Both are measured in turns, so that a slow disk or a busy neighbour hits both alike.
    let (mut own, mut limit) = (Duration::ZERO, Duration::ZERO);
    while log.edge.size() < scale.early as u64 {
        own += log.append(&entries)?;
        limit += raw.write(&entries)?;
    }
    let early = per_second(scale.early, own);
    let limit = per_second(scale.early, limit);
    drop(raw);

    let mut tail = Duration::ZERO;
    let window = scale.early;
    while log.edge.size() < scale.late as u64 {
        let took = log.append(&entries)?;
        if log.edge.size() > (scale.late - window) as u64 {
            tail += took;
        }
    }
    let late = per_second(window, tail);
    let proofs = prove(&log, scale.proving)?;
    let size = log.edge.size();
    Ok(vec![
        Line {
            name: format!("(a) append of {ENTRY_LENGTH}-byte entries, durable, {BATCH} a batch"),
            measured: early,
            unit: "entries/s",
            limit: Some((limit, "raw RocksDB batches of the same bytes")),
            goal: Goal::RatioAtLeast(0.8),
            note: String::new(),
        },
        Line {
            name: format!("(f) inclusion proofs at {size} entries, {PROVERS} threads"),
            measured: proofs,
            unit: "proofs/s",
            limit: None,
            goal: Goal::AtLeast(100_000.0),
            note: "random entries, one in 64 verified".to_owned(),
        },
        Line {
            name: format!("(g) append at {} entries", scale.late),
            measured: late,
            unit: "entries/s",
            limit: Some((early, "the same at the first million")),
            goal: Goal::RatioAtLeast(0.95),
            note: String::new(),
        },
    ])
}

fn per_second(count: usize, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate of three digits")]
    let count = count as f64;
    count / took.as_secs_f64()
}

fn random_entries() -> Vec<Vec<u8>> {
    let mut rng = StdRng::seed_from_u64(1);
    let entry = |_| {
        let mut entry = vec![0; ENTRY_LENGTH];
        rng.fill_bytes(&mut entry);
        entry
    };
    (0..BATCH).map(entry).collect()
}

/// A log in a real store.
struct GrowingLog {
    store: Arc<RocksStore>,
    id: LogId,
    edge: TreeEdge,
}

impl GrowingLog {
    fn open(path: &Path) -> Result<Self> {
        let store = RocksStore::open(path, RocksConfig::default())?;
        let id = store.create_log("bench.example/append")?;
        Ok(Self { store: Arc::new(store), id, edge: TreeEdge::new() })
    }

    /// Appends one batch: leaf hashes, tree, tiles, commit.
    fn append(&mut self, entries: &[Vec<u8>]) -> Result<Duration> {
        let owned = entries.to_vec();
        let start = Instant::now();
        let leaves = hash_leaves(&owned);
        let growth = self.edge.grow(&leaves);
        let (append, edge, _) = growth.into_append(self.id, owned, Vec::new());
        self.store.commit(&Batch { appends: vec![append], ..Batch::default() })?;
        let took = start.elapsed();
        self.edge = edge;
        Ok(took)
    }
}

/// Leaf hashes on both cores, as the engine's verifying threads compute them.
fn hash_leaves(entries: &[Vec<u8>]) -> Vec<Hash> {
    let (left, right) = entries.split_at(entries.len() / 2);
    let hash = |half: &[Vec<u8>]| half.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let right = scope.spawn(|| hash(right));
        let mut leaves = hash(left);
        leaves.extend(right.join().expect("hashing does not panic"));
        leaves
    })
}

/// The limit: the same bytes under the same keys in bare write batches.
struct RawBatches {
    database: DB,
    next: u64,
}

impl RawBatches {
    fn open(path: &Path) -> Result<Self> {
        let mut options = Options::default();
        options.create_if_missing(true);
        options.set_compression_type(rocksdb::DBCompressionType::None);
        options.set_write_buffer_size(128 << 20);
        Ok(Self { database: DB::open(&options, path)?, next: 0 })
    }

    fn write(&mut self, entries: &[Vec<u8>]) -> Result<Duration> {
        let start = Instant::now();
        let mut batch = WriteBatch::default();
        for entry in entries {
            batch.put(self.next.to_be_bytes(), entry);
            self.next += 1;
        }
        let mut durable = WriteOptions::default();
        durable.set_sync(true);
        self.database.write_opt(batch, &durable)?;
        Ok(start.elapsed())
    }
}

/// Proofs of random entries under the last head, from the store.
fn prove(log: &GrowingLog, time: Duration) -> Result<f64> {
    let reader = TreeReader::new(log.store.clone());
    let size = log.edge.size();
    let start = Instant::now();
    let made = std::thread::scope(|scope| {
        let provers: Vec<_> = (0..PROVERS as u64)
            .map(|seed| {
                let reader = &reader;
                scope.spawn(move || prove_until(log, reader, size, seed, start + time))
            })
            .collect();
        let made = provers.into_iter().map(|prover| prover.join().expect("a prover panicked"));
        made.sum::<Result<usize>>()
    })?;
    Ok(per_second(made, start.elapsed()))
}

fn prove_until(
    log: &GrowingLog,
    reader: &TreeReader,
    size: u64,
    seed: u64,
    end: Instant,
) -> Result<usize> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut made = 0;
    while made % 64 != 0 || Instant::now() < end {
        let index = rng.random_range(0..size);
        let proof = reader.inclusion(log.id, index, size)?;
        ensure!(!proof.is_empty(), "a proof in a log of many entries has hashes");
        if made % 64 == 0 {
            let leaf = leaf_hash(&log.store.entry(log.id, index)?);
            verify_inclusion(&leaf, index, size, &proof, &log.edge.root())
                .context("a proof from the store must hold")?;
        }
        made += 1;
    }
    Ok(made)
}
