//! (f): inclusion proofs of random entries of a large log, from the store, on all cores.
//!
//! The reader of the store keeps the upper nodes of every tile that it has used. So that each is
//! used, one entry of each tile is proved before the clock starts; how fast that goes stands below
//! the line. Limit: reading the tile of leaf hashes in which the entry stands, which every proof
//! has to do at least. One proof in some is verified against the log's root.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use veche_engine::store::{Store as _, StoreError};
use veche_engine::tree::reader::TreeReader;
use veche_protocol::hash::leaf_hash;
use veche_protocol::log::merkle::verify_inclusion;

use crate::cores::{cores, each, per_second};
use crate::growing::GrowingLog;
use crate::progress::Progress;
use crate::scale::Scale;
use crate::table::{Limit, Line, Target, number};

/// Slices of either kind.
const SLICES: u32 = 6;
/// One proof of so many is verified.
const VERIFIED: u32 = 64;
/// Entries, and hashes, of a full tile.
const TILE: u16 = 256;

/// Measures line (f).
pub fn measure(log: &GrowingLog, scale: Scale) -> Result<Line> {
    let reader = TreeReader::new(log.store.clone());
    let first = prove_each_tile(log, &reader)?;
    let time = scale.proving / SLICES;
    let progress = Progress::new("(f) proofs", SLICES as usize);
    let (mut proofs, mut reads) = (Rate::default(), Rate::default());
    for slice in 0..SLICES {
        proofs.add(slice, time, |rng| prove(log, &reader, rng))?;
        reads.add(slice, time, |rng| read_tile(log, rng))?;
        progress.advance(1);
    }
    Ok(Line {
        letter: 'f',
        what: format!("inclusion proofs at {} M entries", log.size() / 1_000_000),
        measured: proofs.per_second(),
        unit: "proofs/s",
        limit: Limit {
            value: reads.per_second(),
            name: "reading the tile of leaf hashes alone".to_owned(),
        },
        target: Target::AtLeast(100_000.0),
        note: format!(
            "{} threads, random entries, one in {VERIFIED} verified; the first of each tile {}/s",
            cores(),
            number(first)
        ),
        cause: "each proof reads a tile of 8 KiB and hashes 15 nodes; the cores have no more",
    })
}

/// How often something was done in how much time.
#[derive(Default)]
struct Rate {
    done: usize,
    took: Duration,
}

impl Rate {
    /// Does something over and over on all cores for so long.
    fn add(
        &mut self,
        slice: u32,
        time: Duration,
        work: impl Fn(&mut StdRng) -> Result<()> + Sync,
    ) -> Result<()> {
        let start = Instant::now();
        let run = |core: usize| {
            let mut rng = StdRng::seed_from_u64(u64::from(slice) << 32 | core as u64);
            let mut done = 0;
            while done == 0 || start.elapsed() < time {
                for _ in 0..VERIFIED {
                    work(&mut rng)?;
                }
                done += VERIFIED as usize;
            }
            Ok(done)
        };
        let done: Result<usize> = each(cores(), run).into_iter().sum();
        self.done += done?;
        self.took += start.elapsed();
        Ok(())
    }

    fn per_second(&self) -> f64 {
        per_second(self.done, self.took)
    }
}

/// Proves the first entry of each tile; gives how many in a second.
fn prove_each_tile(log: &GrowingLog, reader: &TreeReader) -> Result<f64> {
    let tiles = log.size() / usize::from(TILE);
    let start = Instant::now();
    let prove = |tile: usize| {
        let index = tile as u64 * u64::from(TILE);
        reader.inclusion(log.id, index, log.edge.size()).map(drop)
    };
    each(tiles, prove).into_iter().collect::<Result<(), StoreError>>()?;
    Ok(per_second(tiles, start.elapsed()))
}

fn prove(log: &GrowingLog, reader: &TreeReader, rng: &mut StdRng) -> Result<()> {
    let size = log.edge.size();
    let index = rng.random_range(0..size);
    let proof = reader.inclusion(log.id, index, size)?;
    if rng.random_ratio(1, VERIFIED) {
        let leaf = leaf_hash(&log.store.entry(log.id, index)?);
        verify_inclusion(&leaf, index, size, &proof, &log.edge.root())
            .context("a proof from the store must hold")?;
    }
    Ok(())
}

fn read_tile(log: &GrowingLog, rng: &mut StdRng) -> Result<()> {
    let tiles = log.edge.size() / u64::from(TILE);
    let tile = log.store.tile(log.id, 0, rng.random_range(0..tiles), TILE)?;
    ensure!(tile.len() == usize::from(TILE), "a full tile has all its hashes");
    Ok(())
}
