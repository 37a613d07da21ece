//! A small bounded cache: the least recently used items go, in halves.
//!
//! Two generations of at most half the capacity each. What is found in the old one moves to the
//! young one; when the young one is full it becomes the old one, and what was old and never asked
//! for again is dropped at once. So it needs no list through the items and no clock.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A cache from `K` to cheaply cloned `V`, shared between threads.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    half: usize,
    generations: Mutex<Generations<K, V>>,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// A cache of at most `capacity` items, and at least two.
    pub(crate) fn new(capacity: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { half: (capacity / 2).max(1), generations: Mutex::new(generations) }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let mut generations = self.lock();
        if let Some(value) = generations.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = generations.old.remove_entry(key)?;
        generations.insert(key, value.clone(), self.half);
        Some(value)
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        self.lock().insert(key, value, self.half);
    }

    pub(crate) fn clear(&self) {
        let mut generations = self.lock();
        generations.young.clear();
        generations.old.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        // Every state between two operations on the maps is a valid cache.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn insert(&mut self, key: K, value: V, half: usize) {
        if self.young.len() >= half && !self.young.contains_key(&key) {
            self.old = core::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
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
            assert!(held.young.len() + held.old.len() <= 8);
        }
        assert_eq!(cache.get(&999), Some(999));
        assert_eq!(cache.get(&0), None);
    }

    #[test]
    fn keeps_what_is_asked_for() {
        let cache = Cache::new(8);
        cache.insert(7_777, "kept");
        for key in 0..1_000 {
            cache.insert(key, "passing");
            assert_eq!(cache.get(&7_777), Some("kept"));
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
