//! The leaves judged so far: small enough to keep one for each ballot of a city.

use std::hash::{BuildHasher, RandomState};

use crate::hash::Hash;

/// The leaves judged so far, by 64 bits of a keyed hash. Two leaves of a million meet by chance
/// with a probability of 2^-25, and nobody who does not know the key can make them meet.
#[derive(Clone, Debug)]
pub(super) struct LeafSet {
    /// Linear probing; zero is an empty slot.
    slots: Vec<u64>,
    length: usize,
    hasher: RandomState,
}

impl LeafSet {
    const FIRST_SLOTS: usize = 1_024;

    pub(super) const fn new(hasher: RandomState) -> Self {
        Self { slots: Vec::new(), length: 0, hasher }
    }

    pub(super) fn insert(&mut self, leaf: &Hash) -> bool {
        if self.length * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let fingerprint = self.fingerprint(leaf);
        let slot = self.slot_for(fingerprint);
        let is_new = self.slots[slot] == 0;
        self.slots[slot] = fingerprint;
        self.length += usize::from(is_new);
        is_new
    }

    pub(super) fn contains(&self, leaf: &Hash) -> bool {
        !self.slots.is_empty() && self.slots[self.slot_for(self.fingerprint(leaf))] != 0
    }

    fn fingerprint(&self, leaf: &Hash) -> u64 {
        self.hasher.hash_one(leaf).max(1)
    }

    fn slot_for(&self, fingerprint: u64) -> usize {
        let mask = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "the mask keeps fewer bits than usize")]
        let mut slot = fingerprint as usize & mask;
        while self.slots[slot] != 0 && self.slots[slot] != fingerprint {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(Self::FIRST_SLOTS);
        let old = core::mem::replace(&mut self.slots, vec![0; length]);
        for fingerprint in old.into_iter().filter(|&fingerprint| fingerprint != 0) {
            let slot = self.slot_for(fingerprint);
            self.slots[slot] = fingerprint;
        }
    }
}
