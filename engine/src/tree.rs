//! The tree of one log while it grows: its right edge, held in memory, from which every append
//! makes tiles, the new head and the proofs of what was just appended, without a single read.
//!
//! Not here: writing any of it (the store does), nor proofs about older entries
//! ([`reader`] makes those from stored tiles). RFC 6962, section 2.1; C2SP tlog-tiles.

mod cache;
pub mod check;
mod fresh;
mod load;
mod pyramid;
pub mod reader;
mod right_edge;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use veche_protocol::hash::{Hash, node_hash};
use veche_protocol::log::merkle::MAX_SIZE;

use crate::store::{Append, Head, LogId, TILE_SPAN, TileWrite, UniqueWrite};
pub use fresh::FreshProofs;
pub(crate) use fresh::{LINE_LENGTH, push_line};
use right_edge::{RightEdge, bit_length, node_of_frontier};

/// Everything that a log needs to grow: size, root, frontier, and for each tile level the hashes
/// of the tile that is not full yet.
///
/// It is a value: [`TreeEdge::grow`] leaves it untouched and returns the next one. A writer takes
/// the next edge over only when the store has committed the append; after a failure it drops both
/// and [loads](TreeEdge::load) the edge again. The next append may be grown on an edge that is not
/// committed yet, while the disk is still busy with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEdge {
    head: Head,
    /// For each tile level its last tile, 0 to 255 hashes; as many levels as ever had one.
    partial: Vec<Vec<Hash>>,
}

/// What one append does to the tree.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The edge afterwards.
    pub edge: TreeEdge,
    /// Every tile that changes, as [`Append::tiles`] wants them.
    pub tiles: Vec<TileWrite>,
    /// Inclusion proofs of the appended entries under the new head, for any thread.
    pub proofs: Arc<FreshProofs>,
}

impl Default for TreeEdge {
    fn default() -> Self {
        Self::new()
    }
}

impl TreeEdge {
    /// The edge of an empty log.
    pub fn new() -> Self {
        Self { head: Head::empty(), partial: Vec::new() }
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.head.size
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        self.head.root
    }

    /// Size, root and frontier, as the store keeps them.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Appends entries by their leaf hashes, in order.
    ///
    /// # Panics
    ///
    /// If the log would grow past [`MAX_SIZE`].
    #[must_use]
    pub fn grow(&self, leaves: &[Hash]) -> Growth {
        let from = self.head.size;
        let size = from + leaves.len() as u64;
        assert!(size <= MAX_SIZE, "no log grows that long");
        let levels = self.grown_levels(leaves, size);
        let frontier: Vec<Hash> = (0..bit_length(size))
            .rev()
            .filter(|level| size >> level & 1 == 1)
            .map(|level| {
                // Where `size` has a bit, the last node of the level is part of the frontier: it is
                // a new one, or it was in the old frontier and stands first.
                *levels[usize::from(level)].nodes.last().expect("frontier node was kept")
            })
            .collect();
        let right = RightEdge::new(size, &frontier);
        let (tiles, partial) = self.grown_tiles(&levels);
        let edge = Self { head: Head { size, root: right.root(), frontier }, partial };
        Growth { edge, tiles, proofs: Arc::new(FreshProofs::new(from, levels, right)) }
    }

    /// The complete nodes of each level that the append makes, and before them, where the level
    /// had an odd number of nodes, the last old one: the left sibling of the first new one.
    fn grown_levels(&self, leaves: &[Hash], size: u64) -> Vec<fresh::Level> {
        let from = self.head.size;
        let mut levels: Vec<fresh::Level> = Vec::with_capacity(usize::from(bit_length(size)));
        for level in 0..bit_length(size) {
            let old = node_of_frontier(from, &self.head.frontier, level);
            let mut nodes = Vec::with_capacity((leaves.len() >> level) + 2);
            nodes.extend(old);
            match levels.last() {
                None => nodes.extend_from_slice(leaves),
                Some(below) => {
                    nodes
                        .extend(below.nodes.chunks_exact(2).map(|two| node_hash(&two[0], &two[1])));
                }
            }
            levels.push(fresh::Level { first: from >> level & !1, nodes });
        }
        levels
    }

    /// The changed tiles, and the last tile of each level afterwards.
    fn grown_tiles(&self, levels: &[fresh::Level]) -> (Vec<TileWrite>, Vec<Vec<Hash>>) {
        let mut tiles = Vec::new();
        let mut partial = self.partial.clone();
        for (level, nodes) in (0u8..).zip(levels.iter().step_by(8)) {
            let old = self.head.size >> (8 * level);
            let kept = usize::try_from(old - nodes.first).expect("0 or 1: the first index is even");
            let new = &nodes.nodes[kept..];
            if partial.len() <= usize::from(level) {
                partial.push(Vec::new());
            }
            let last = &mut partial[usize::from(level)];
            if new.is_empty() {
                continue;
            }
            last.extend_from_slice(new);
            let line = core::mem::take(last);
            let mut chunks = line.chunks_exact(usize::from(FULL));
            let mut index = old / TILE_SPAN;
            for full in &mut chunks {
                tiles.push(TileWrite { level, index, hashes: full.to_vec() });
                index += 1;
            }
            if !chunks.remainder().is_empty() {
                *last = chunks.remainder().to_vec();
                tiles.push(TileWrite { level, index, hashes: last.clone() });
            }
        }
        (tiles, partial)
    }
}

/// [`TILE_SPAN`] as a tile's width.
const FULL: u16 = 256;

impl Growth {
    /// The append that a store commits for this growth, the edge to go on from when it has, and
    /// the proofs. The entries are those whose leaf hashes were given to [`TreeEdge::grow`].
    #[must_use]
    pub fn into_append(
        self,
        log: LogId,
        entries: Vec<Vec<u8>>,
        unique: Vec<UniqueWrite>,
    ) -> (Append, TreeEdge, Arc<FreshProofs>) {
        let expected = self.proofs.first();
        let head = self.edge.head.clone();
        let append = Append { log, expected, entries, tiles: self.tiles, head, unique };
        (append, self.edge, self.proofs)
    }
}
