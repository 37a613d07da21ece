//! Proofs about entries that have long been stored, from their tiles.
//!
//! Not here: proofs of what was just appended ([`super::FreshProofs`]), and verification (the
//! protocol's part).
//!
//! A proof needs eight nodes of one tile at each tile level. Tiles above the lowest level are 1 in
//! 256 of all: they are kept with all their inner nodes. Of the tiles of leaf hashes only the upper
//! half of the pyramid is kept (31 nodes, less than 1 KiB); the 16 leaf hashes around an entry are
//! read again, and 15 nodes hashed. So a cache of 64 MiB serves random entries of a log of 16
//! million with one read and some 15 hashes each.

use std::cell::RefCell;
use std::sync::Arc;

use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::log::merkle::{self, NodeReader};

use crate::store::{LogId, Store, StoreError, tile_width};

use super::cache::Cache;
use super::pyramid::Pyramid;
use super::right_edge::RightEdge;

/// Tiles of leaf hashes whose upper half is kept: 65,536 of at most 1 KiB, 64 MiB in all.
const TOPS_MAX: usize = 65_536;

/// Tiles of higher levels kept whole: 1,024 of 16 KiB, 16 MiB; enough for 67 million entries.
const WHOLE_MAX: usize = 1_024;

/// Heads whose right edge is kept, 2 KiB each: several for every log that is being read.
const EDGES_MAX: usize = 1_024;

/// Levels of a leaf tile that are hashed again for each proof: 2^4 leaf hashes, 15 nodes.
const LOWER_LEVELS: u8 = 4;

type TileKey = (LogId, u8, u64);

/// Makes roots and proofs from stored tiles; may be shared between threads.
pub struct TreeReader {
    store: Arc<dyn Store>,
    tops: Cache<TileKey, Arc<Pyramid>>,
    whole: Cache<TileKey, Arc<Pyramid>>,
    edges: Cache<(LogId, u64), Arc<RightEdge>>,
}

impl TreeReader {
    /// A reader with empty caches.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            tops: Cache::new(TOPS_MAX),
            whole: Cache::new(WHOLE_MAX),
            edges: Cache::new(EDGES_MAX),
        }
    }

    /// Forgets all tiles, as must be done when the store was reopened.
    pub fn forget(&self) {
        self.tops.clear();
        self.whole.clear();
        self.edges.clear();
    }

    /// The root of the first `size` entries.
    pub fn root_at(&self, log: LogId, size: u64) -> Result<Hash, StoreError> {
        Ok(self.edge(log, size)?.root())
    }

    /// The audit path of an entry under the head of this size, leaf side first.
    pub fn inclusion(&self, log: LogId, index: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
        if index >= size {
            return Err(Breach::ProofInvalid.into());
        }
        let edge = self.edge(log, size)?;
        let nodes = self.nodes(log, size);
        let mut path = Vec::with_capacity(u64::BITS as usize);
        edge.walk(index, |level, index| nodes.node(level, index), |hash| path.push(hash))?;
        Ok(path)
    }

    /// The consistency proof between two sizes of a log (RFC 6962, section 2.1.2).
    pub fn consistency(&self, log: LogId, from: u64, to: u64) -> Result<Vec<Hash>, StoreError> {
        merkle::consistency_proof(&self.nodes(log, to), from, to)
    }

    fn edge(&self, log: LogId, size: u64) -> Result<Arc<RightEdge>, StoreError> {
        if let Some(edge) = self.edges.get(&(log, size)) {
            return Ok(edge);
        }
        let frontier = merkle::frontier_at(&self.nodes(log, size), size)?;
        let edge = Arc::new(RightEdge::new(size, frontier.nodes()));
        self.edges.insert((log, size), Arc::clone(&edge));
        Ok(edge)
    }

    fn nodes(&self, log: LogId, size: u64) -> StoredNodes<'_> {
        StoredNodes { reader: self, log, size, last: RefCell::default() }
    }
}

/// The complete nodes of one log at one size, for the making of one proof.
struct StoredNodes<'r> {
    reader: &'r TreeReader,
    log: LogId,
    size: u64,
    last: RefCell<LastRead>,
}

/// What the proof being made has just used: consecutive nodes come from the same tile.
#[derive(Default)]
struct LastRead {
    leaves: Option<(u64, Vec<Hash>)>,
    group: Option<(u64, Pyramid)>,
    tile: Option<(TileKey, Arc<Pyramid>)>,
}

impl NodeReader for StoredNodes<'_> {
    type Error = StoreError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, StoreError> {
        let within = level % 8;
        let tile = index >> (8 - within);
        let position = usize::try_from(index - (tile << (8 - within))).expect("below 256");
        if level < LOWER_LEVELS {
            return self.lower_node(level, index);
        }
        let key = (self.log, level / 8, tile);
        let height = if level < 8 { within - LOWER_LEVELS } else { within };
        let mut last = self.last.borrow_mut();
        if let Some((found, pyramid)) = &last.tile
            && *found == key
            && let Some(node) = pyramid.node(height, position)
        {
            return Ok(node);
        }
        let pyramid =
            self.tile(key, &mut last, |pyramid| pyramid.node(height, position).is_some())?;
        let node = pyramid.node(height, position);
        last.tile = Some((key, pyramid));
        node.ok_or_else(|| Breach::ProofInvalid.into())
    }
}

impl StoredNodes<'_> {
    /// A tile of the cache if it is wide enough for the node wanted, else read again: it may have
    /// grown since.
    fn tile(
        &self,
        key: TileKey,
        last: &mut LastRead,
        suffices: impl Fn(&Pyramid) -> bool,
    ) -> Result<Arc<Pyramid>, StoreError> {
        let (log, level, index) = key;
        let cache = if level == 0 { &self.reader.tops } else { &self.reader.whole };
        if let Some(pyramid) = cache.get(&key).filter(|pyramid| suffices(pyramid)) {
            return Ok(pyramid);
        }
        let pyramid = if level == 0 {
            Pyramid::over(self.leaves(index, last)?).upper(LOWER_LEVELS)
        } else {
            let width = tile_width(self.size, level, index);
            Pyramid::over(&self.reader.store.tile(log, level, index, width)?)
        };
        let pyramid = Arc::new(pyramid);
        cache.insert(key, Arc::clone(&pyramid));
        Ok(pyramid)
    }

    /// A node of the lowest levels, from the 16 leaf hashes around it.
    fn lower_node(&self, level: u8, index: u64) -> Result<Hash, StoreError> {
        let mut last = self.last.borrow_mut();
        let group = index >> (LOWER_LEVELS - level);
        if last.group.as_ref().is_none_or(|(found, _)| *found != group) {
            let tile = group >> (8 - LOWER_LEVELS);
            let first = usize::try_from((group << LOWER_LEVELS) % 256).expect("below 256");
            let leaves = self.leaves(tile, &mut last)?;
            let past = leaves.len().min(first + (1 << LOWER_LEVELS));
            let pyramid = Pyramid::over(leaves.get(first..past).unwrap_or(&[]));
            last.group = Some((group, pyramid));
        }
        let (_, pyramid) = last.group.as_ref().expect("was just set");
        let position =
            usize::try_from(index - (group << (LOWER_LEVELS - level))).expect("below 16");
        pyramid.node(level, position).ok_or_else(|| Breach::ProofInvalid.into())
    }

    /// The leaf hashes of a tile, as many as there are at this size.
    fn leaves<'l>(&self, tile: u64, last: &'l mut LastRead) -> Result<&'l [Hash], StoreError> {
        if last.leaves.as_ref().is_none_or(|(found, _)| *found != tile) {
            let width = tile_width(self.size, 0, tile);
            let hashes = self.reader.store.tile(self.log, 0, tile, width)?;
            last.leaves = Some((tile, hashes));
        }
        Ok(&last.leaves.as_ref().expect("was just set").1)
    }
}
