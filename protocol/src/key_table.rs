//! A set of fixed-size keys that remembers the order of insertion, small in memory.
//!
//! A roll of a million voters has to fit beside the recount of their ballots, so the table holds
//! each key once and four bytes of index for a third of a slot; `std`'s map of the same keys takes
//! twice as much. Not a map: what belongs to a key is kept in lists of the caller's, at the same
//! place.

use std::hash::{BuildHasher, RandomState};

/// Slots of a table that has grown once.
const FIRST_SLOTS: usize = 16;
/// An empty slot. A table holds fewer keys than this: 4,294,967,295 of 32 bytes are 128 GiB.
const EMPTY: u32 = u32::MAX;

/// Keys of `N` bytes by their place, and places by their key.
#[derive(Clone, Debug)]
pub struct KeyTable<const N: usize> {
    keys: Vec<[u8; N]>,
    /// Places in `keys`, by hash with linear probing; a power of two, at most three quarters full.
    slots: Vec<u32>,
    hasher: RandomState,
}

impl<const N: usize> KeyTable<N> {
    /// An empty table. The hasher's secret keeps crafted keys from meeting in one slot.
    pub fn new(hasher: RandomState) -> Self {
        Self { keys: Vec::new(), slots: Vec::new(), hasher }
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys in the order of insertion.
    pub fn keys(&self) -> &[[u8; N]] {
        &self.keys
    }

    /// The place of `key`.
    pub fn find(&self, key: &[u8; N]) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let place = self.slots[self.slot_for(key)];
        (place != EMPTY).then_some(place as usize)
    }

    /// Adds `key` and gives its place, or `None` if it is there already.
    pub fn insert(&mut self, key: &[u8; N]) -> Option<usize> {
        if self.keys.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let slot = self.slot_for(key);
        if self.slots[slot] != EMPTY {
            return None;
        }
        let place = u32::try_from(self.keys.len()).expect("fewer keys than u32 can count");
        self.slots[slot] = place;
        self.keys.push(*key);
        Some(place as usize)
    }

    /// The slot where `key` stands or would stand.
    fn slot_for(&self, key: &[u8; N]) -> usize {
        let mask = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "the mask keeps fewer bits than usize")]
        let mut slot = self.hasher.hash_one(key) as usize & mask;
        while self.slots[slot] != EMPTY && self.keys[self.slots[slot] as usize] != *key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(FIRST_SLOTS);
        // The old slots go first: at a million keys that is 8 MiB less at the peak.
        self.slots = Vec::new();
        self.slots = vec![EMPTY; length];
        for place in 0..self.keys.len() {
            let slot = self.slot_for(&self.keys[place]);
            self.slots[slot] = u32::try_from(place).expect("fewer keys than u32 can count");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::hash::RandomState;

    use proptest::prelude::*;

    use super::KeyTable;

    proptest! {
        #[test]
        fn it_agrees_with_a_map(keys: Vec<[u8; 1]>, absent: [u8; 1]) {
            let mut table = KeyTable::new(RandomState::new());
            let mut model = HashMap::new();
            for key in &keys {
                let next = model.len();
                let expected = (!model.contains_key(key)).then_some(next);
                prop_assert_eq!(table.insert(key), expected);
                model.entry(*key).or_insert(next);
            }
            prop_assert_eq!(table.len(), model.len());
            for key in keys.iter().chain([&absent]) {
                prop_assert_eq!(table.find(key), model.get(key).copied());
            }
        }
    }
}
