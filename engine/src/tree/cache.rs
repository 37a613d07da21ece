//! A small bounded cache: what was not asked for since the hand last passed goes first ("clock", or
//! second chance).
//!
//! A working set that fits is held whole, whatever the order in which it is asked for. Not here:
//! what is cached.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A cache from `K` to cheaply cloned `V`, shared between threads.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    capacity: usize,
    clock: Mutex<Clock<K, V>>,
}

#[derive(Debug)]
struct Clock<K, V> {
    /// Where in `slots` a key stands.
    places: HashMap<K, usize>,
    slots: Vec<Slot<K, V>>,
    /// The slot that is looked at first when room is needed.
    hand: usize,
}

#[derive(Debug)]
struct Slot<K, V> {
    key: K,
    value: V,
    /// Whether it was asked for since the hand last passed.
    is_wanted: bool,
}

impl<K: Copy + Eq + Hash, V: Clone> Cache<K, V> {
    /// A cache of at most `capacity` items, and at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        let clock = Clock { places: HashMap::new(), slots: Vec::new(), hand: 0 };
        Self { capacity: capacity.max(1), clock: Mutex::new(clock) }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let mut clock = self.lock();
        let place = *clock.places.get(key)?;
        let slot = &mut clock.slots[place];
        slot.is_wanted = true;
        Some(slot.value.clone())
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        self.lock().insert(Slot { key, value, is_wanted: false }, self.capacity);
    }

    pub(crate) fn clear(&self) {
        let mut clock = self.lock();
        clock.places.clear();
        clock.slots.clear();
        clock.hand = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Clock<K, V>> {
        // Nothing between two changes of the clock can panic, so it is whole after any panic.
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash, V> Clock<K, V> {
    fn insert(&mut self, slot: Slot<K, V>, capacity: usize) {
        if let Some(&place) = self.places.get(&slot.key) {
            self.slots[place] = slot;
        } else if self.slots.len() < capacity {
            self.places.insert(slot.key, self.slots.len());
            self.slots.push(slot);
        } else {
            let place = self.make_room();
            self.places.insert(slot.key, place);
            self.slots[place] = slot;
        }
    }

    /// The place of an item that goes: the first one under the hand that nobody has wanted.
    fn make_room(&mut self) -> usize {
        // It ends: after one round at most, no slot is wanted.
        while core::mem::take(&mut self.slots[self.hand].is_wanted) {
            self.advance();
        }
        let place = self.hand;
        self.places.remove(&self.slots[place].key);
        self.advance();
        place
    }

    fn advance(&mut self) {
        self.hand = (self.hand + 1) % self.slots.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_its_capacity() {
        let cache = Cache::new(8);
        for key in 0..1_000 {
            cache.insert(key, key);
            let held = cache.lock();
            assert!(held.slots.len() <= 8);
            assert_eq!(held.slots.len(), held.places.len());
        }
        assert_eq!(cache.get(&999), Some(999));
        assert_eq!(cache.get(&0), None);
    }

    #[test]
    fn holds_all_that_fits() {
        let cache = Cache::new(100);
        for round in 0..3 {
            for key in 0..100 {
                if round == 0 {
                    cache.insert(key, key);
                }
                assert_eq!(
                    cache.get(&(key * 37 % 100)).is_some(),
                    round > 0 || key * 37 % 100 <= key
                );
            }
        }
    }

    #[test]
    fn keeps_what_is_asked_for() {
        let cache = Cache::new(8);
        cache.insert(7_777, "kept");
        for key in 0..1_000 {
            assert_eq!(cache.get(&7_777), Some("kept"));
            cache.insert(key, "passing");
        }
        cache.clear();
        assert_eq!(cache.get(&7_777), None);
    }

    #[test]
    fn a_later_value_replaces_an_earlier_one() {
        let cache = Cache::new(4);
        cache.insert(1, 'a');
        cache.insert(2, 'x');
        cache.insert(3, 'y');
        cache.insert(1, 'b');
        assert_eq!(cache.get(&1), Some('b'));
    }
}
