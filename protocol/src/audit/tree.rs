//! The tree over the entries as they are read: its root now and, in little memory, at any size
//! before.
//!
//! Of each 256 leaves only the root is kept, with the nodes above: a quarter of a byte for an
//! entry. A root that cuts through older leaves needs those 256 leaves once more.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::{Hash, empty_root};
use crate::log::merkle::Frontier;
use crate::log::tile::{TILE_HEIGHT, TILE_WIDTH};

const WIDTH: u64 = TILE_WIDTH as u64;

/// The tree over the entries read so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    frontier: Frontier,
    /// Roots of the full subtrees of 2^(8 + i) leaves, from left to right.
    nodes: Vec<Vec<Hash>>,
    /// The leaves from `recent_start` on: those of the last tile, and of the one before.
    recent: Vec<Hash>,
    recent_start: u64,
    wanted: BTreeSet<u64>,
    roots: BTreeMap<u64, Hash>,
}

impl Tree {
    /// An empty tree that will keep its roots at the sizes in `wanted`.
    pub(super) fn new(wanted: BTreeSet<u64>) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Number of leaves.
    pub(super) const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root now.
    pub(super) fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends a leaf hash.
    pub(super) fn push(&mut self, leaf: Hash) {
        if self.recent.len() == 2 * usize::from(TILE_WIDTH) {
            self.recent.drain(..usize::from(TILE_WIDTH));
            self.recent_start += WIDTH;
        }
        self.recent.push(leaf);
        let nodes = &mut self.nodes;
        self.frontier.push_each(leaf, |level, _, node| {
            if let Some(above) = level.checked_sub(TILE_HEIGHT) {
                let above = usize::from(above);
                if above == nodes.len() {
                    nodes.push(Vec::new());
                }
                nodes[above].push(node);
            }
        });
        if self.wanted.contains(&self.size()) {
            self.roots.insert(self.size(), self.root());
        }
    }

    /// The root at a size up to now. `reread` is asked for the leaves of one full tile, by its
    /// index, if they are needed and not kept; what it gives is checked against their root.
    pub(super) fn root_at<E>(
        &self,
        size: u64,
        reread: impl FnOnce(u64) -> Result<Vec<Hash>, E>,
    ) -> Result<Option<Hash>, E> {
        if size == 0 {
            return Ok(Some(empty_root()));
        }
        if size > self.size() {
            return Ok(None);
        }
        if let Some(root) = self.roots.get(&size) {
            return Ok(Some(*root));
        }
        let mut frontier = self.full_tiles(size);
        let cut = size % WIDTH;
        if cut == 0 {
            return Ok(Some(frontier.root()));
        }
        let start = size - cut;
        let leaves = if start >= self.recent_start {
            let start = usize::try_from(start - self.recent_start).expect("at most two tiles");
            self.recent[start..].to_vec()
        } else {
            reread(start / WIDTH)?
        };
        if start < self.recent_start && !self.is_tile(start / WIDTH, &leaves) {
            return Ok(None);
        }
        for &leaf in leaves.iter().take(usize::try_from(cut).expect("below 256")) {
            frontier.push(leaf);
        }
        Ok(Some(frontier.root()))
    }

    /// The frontier over the full tiles below `size`.
    fn full_tiles(&self, size: u64) -> Frontier {
        let whole = size - size % WIDTH;
        let mut position = 0;
        let mut roots = Vec::new();
        for level in (TILE_HEIGHT..64).rev().filter(|level| whole >> level & 1 == 1) {
            let above = usize::from(level - TILE_HEIGHT);
            roots.push(self.nodes[above][place(position >> level)]);
            position += 1 << level;
        }
        Frontier::from_parts(whole, roots).expect("one root for each bit of a size read so far")
    }

    fn is_tile(&self, index: u64, leaves: &[Hash]) -> bool {
        let mut frontier = Frontier::new();
        for &leaf in leaves {
            frontier.push(leaf);
        }
        frontier.size() == WIDTH && frontier.root() == self.nodes[0][place(index)]
    }

    /// The hashes that a tile of level 1 or more must hold.
    pub(super) fn tile(&self, level: u8, index: u64, width: u16) -> Option<&[Hash]> {
        let above = usize::from(level.checked_mul(TILE_HEIGHT)?.checked_sub(TILE_HEIGHT)?);
        let start = place(index * WIDTH);
        self.nodes.get(above)?.get(start..start + usize::from(width))
    }
}

fn place(index: u64) -> usize {
    usize::try_from(index).expect("an index of a list in memory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    #[test]
    fn roots_at_every_size_are_those_of_a_fresh_tree() {
        // LOG-1: 700 leaves are two full tiles and a part of a third.
        let leaves: Vec<Hash> = (0..700_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut tree = Tree::new(BTreeSet::from([3]));
        let mut fresh = Frontier::new();
        let mut roots = vec![fresh.root()];
        for &leaf in &leaves {
            tree.push(leaf);
            fresh.push(leaf);
            roots.push(fresh.root());
        }
        let mut reread = 0;
        for (size, root) in roots.iter().enumerate() {
            let found = tree.root_at(size as u64, |tile| {
                reread += 1;
                let start = place(tile) * 256;
                Ok::<_, ()>(leaves[start..start + 256].to_vec())
            });
            assert_eq!(found, Ok(Some(*root)), "{size}");
        }
        assert_eq!(reread, 254, "size 3 was wanted, and the last two tiles are kept");
        assert_eq!(tree.root_at(701, |_| Ok::<_, ()>(Vec::new())), Ok(None));
        let forged = vec![Hash::ZERO; 256];
        assert_eq!(tree.root_at(7, |_| Ok::<_, ()>(forged)), Ok(None));
        assert_eq!(tree.tile(1, 0, 2).unwrap().len(), 2);
        assert_eq!(tree.tile(1, 0, 3), None);
    }
}
