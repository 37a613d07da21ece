//! Where in a log the entry with a given leaf hash stands: in memory, about 16 bytes for an entry.
//!
//! It serves the receipts of entries that were recorded before, and tells the same bytes sent again
//! from new ones. It holds 64 bits of a keyed hash of each leaf, so an answer is a candidate:
//! whoever asks compares it with the stored entry. Not here: the rule that bytes count once (the
//! folds').

use std::hash::{BuildHasher, RandomState};

use veche_protocol::hash::Hash;

/// Slots of an index that has grown once.
const FIRST_SLOTS: usize = 16;

/// An empty slot. A log holds fewer entries than this.
const EMPTY: u32 = u32::MAX;

/// The leaves of one log, in its order.
#[derive(Debug)]
pub(crate) struct LeafIndex {
    /// By index: 64 bits of each leaf.
    prints: Vec<u64>,
    /// Indices, by linear probing; a power of two, at most three quarters full.
    slots: Vec<u32>,
    hasher: RandomState,
}

impl LeafIndex {
    /// The index of an empty log. The hasher's secret keeps crafted leaves apart.
    pub(crate) const fn new(hasher: RandomState) -> Self {
        Self { prints: Vec::new(), slots: Vec::new(), hasher }
    }

    /// Adds the leaf at the next index.
    pub(crate) fn push(&mut self, leaf: &Hash) {
        if self.prints.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let print = self.hasher.hash_one(leaf);
        let index = u32::try_from(self.prints.len()).expect("a log holds fewer than 2^32 entries");
        self.prints.push(print);
        self.settle(print, index);
    }

    /// The indices at which the leaf may stand, ascending for equal leaves; almost always none or
    /// the right one.
    pub(crate) fn candidates(&self, leaf: &Hash) -> impl Iterator<Item = u64> {
        let print = self.hasher.hash_one(leaf);
        let mut slot = self.slot_of(print);
        core::iter::from_fn(move || {
            let index = *self.slots.get(slot).filter(|&&index| index != EMPTY)?;
            slot = (slot + 1) & (self.slots.len() - 1);
            Some(index)
        })
        .filter(move |&index| self.prints[index as usize] == print)
        .map(u64::from)
    }

    fn settle(&mut self, print: u64, index: u32) {
        let mut slot = self.slot_of(print);
        while self.slots[slot] != EMPTY {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = index;
    }

    #[expect(clippy::cast_possible_truncation, reason = "the mask keeps fewer bits than usize")]
    fn slot_of(&self, print: u64) -> usize {
        print as usize & self.slots.len().saturating_sub(1)
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(FIRST_SLOTS);
        self.slots = vec![EMPTY; length];
        for index in 0..self.prints.len() {
            let print = self.prints[index];
            self.settle(print, u32::try_from(index).expect("it was one before"));
        }
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::hash::leaf_hash;

    use super::*;

    #[test]
    fn every_leaf_is_found_and_no_other() {
        let mut index = LeafIndex::new(RandomState::new());
        assert_eq!(index.candidates(&leaf_hash(b"0")).count(), 0);
        let leaf = |n: u64| leaf_hash(&n.to_be_bytes());
        for n in 0..10_000 {
            index.push(&leaf(n));
        }
        for n in 0..10_000 {
            assert_eq!(index.candidates(&leaf(n)).collect::<Vec<_>>(), [n]);
            assert_eq!(index.candidates(&leaf(n + 10_000)).count(), 0);
        }
    }

    #[test]
    fn equal_leaves_stand_in_their_order() {
        let mut index = LeafIndex::new(RandomState::new());
        for n in 0..100_u64 {
            index.push(&leaf_hash(&(n % 7).to_be_bytes()));
        }
        let found: Vec<_> = index.candidates(&leaf_hash(&3_u64.to_be_bytes())).collect();
        assert!(found.iter().all(|n| n % 7 == 3), "{found:?}");
        assert_eq!(found.len(), 14);
    }
}
