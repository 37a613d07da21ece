//! Loading the right edge of a log from the store, at start and after every failure.
//!
//! Not here: a full recomputation ([`super::check`]); this reads one tile per level and at most
//! 255 entries, so that a server with many logs starts in moments.

use veche_protocol::hash::{Hash, leaf_hash};
use veche_protocol::log::merkle::Frontier;

use crate::store::tiling::level_length;
use crate::store::{BundleEntries, Head, LogId, Store, StoreError, TILE_SPAN};

use super::TreeEdge;
use super::right_edge::bit_length;

impl TreeEdge {
    /// The edge of a stored log.
    ///
    /// A crash here means nothing, for nothing is written. A crash inside a commit leaves the log
    /// as it was or with the whole batch, so tiles, entries and head must agree; if they do not,
    /// the medium lies and the log must not grow: [`StoreError::Corrupt`].
    pub fn load(store: &dyn Store, log: LogId) -> Result<Self, StoreError> {
        let head = store.head(log)?;
        let mut partial = Vec::new();
        for level in 0..bit_length(head.size).div_ceil(8) {
            let length = level_length(head.size, level);
            let width = u16::try_from(length % TILE_SPAN).expect("below 256");
            partial.push(match width {
                0 => Vec::new(),
                _ => store.tile(log, level, length / TILE_SPAN, width)?,
            });
        }
        let edge = Self { head, partial };
        edge.check_frontier(log)?;
        edge.check_last_entries(store, log)?;
        Ok(edge)
    }

    /// The tiles must lead to the stored frontier, and the frontier to the stored root.
    fn check_frontier(&self, log: LogId) -> Result<(), StoreError> {
        let Head { size, root, frontier } = &self.head;
        let from_tiles: Vec<Hash> =
            self.partial.iter().rev().flat_map(|tile| frontier_of(tile)).collect();
        if from_tiles != *frontier {
            return Err(corrupt(log, "the tiles at its right edge do not fit its head"));
        }
        let rebuilt = Frontier::from_parts(*size, from_tiles)
            .map_err(|_| corrupt(log, "its size is out of range"))?;
        if rebuilt.root() != *root {
            return Err(corrupt(log, "its root is not that of its frontier"));
        }
        Ok(())
    }

    /// The last entries must hash to the last tile of leaf hashes.
    fn check_last_entries(&self, store: &dyn Store, log: LogId) -> Result<(), StoreError> {
        let Some(leaves) = self.partial.first().filter(|tile| !tile.is_empty()) else {
            return Ok(());
        };
        let width = u16::try_from(leaves.len()).expect("below 256");
        let bundle = store.bundle(log, self.head.size / TILE_SPAN, width)?;
        let mut entries = BundleEntries::new(&bundle);
        let agree =
            leaves.iter().all(|leaf| entries.next().is_some_and(|entry| leaf_hash(entry) == *leaf));
        if agree && entries.is_at_end() {
            Ok(())
        } else {
            Err(corrupt(log, "its last entries do not fit their tile"))
        }
    }
}

/// The perfect subtrees that a tile which is not full splits into, the largest first.
fn frontier_of(tile: &[Hash]) -> Vec<Hash> {
    let mut frontier = Frontier::new();
    for hash in tile {
        frontier.push(*hash);
    }
    frontier.nodes().to_vec()
}

pub(super) fn corrupt(log: LogId, what: &str) -> StoreError {
    StoreError::Corrupt(format!("{log}: {what}"))
}
