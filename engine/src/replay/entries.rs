//! The entries of a stored log, one after another, bundle by bundle.
//!
//! Not here: decoding them.

use std::vec::IntoIter;

use crate::store::{BundleEntries, LogId, Store, StoreError, TILE_SPAN};

/// Entries 0 to `size` of a log. After an error it ends.
pub(crate) struct Entries<'a> {
    store: &'a dyn Store,
    log: LogId,
    next_bundle: u64,
    size: u64,
    bundle: IntoIter<Vec<u8>>,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(store: &'a dyn Store, log: LogId, size: u64) -> Self {
        Self { store, log, next_bundle: 0, size, bundle: Vec::new().into_iter() }
    }

    fn read_bundle(&mut self) -> Result<(), StoreError> {
        let left = self.size - self.next_bundle * TILE_SPAN;
        let width = u16::try_from(left.min(TILE_SPAN)).expect("at most 256");
        let bytes = self.store.bundle(self.log, self.next_bundle, width)?;
        let entries: Vec<Vec<u8>> = BundleEntries::new(&bytes).map(<[u8]>::to_vec).collect();
        if entries.len() != usize::from(width) {
            let what = format!("{}: bundle {} is cut short", self.log, self.next_bundle);
            return Err(StoreError::Corrupt(what));
        }
        self.next_bundle += 1;
        self.bundle = entries.into_iter();
        Ok(())
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Vec<u8>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(entry) = self.bundle.next() {
            return Some(Ok(entry));
        }
        if self.next_bundle * TILE_SPAN >= self.size {
            return None;
        }
        match self.read_bundle() {
            Ok(()) => self.bundle.next().map(Ok),
            Err(error) => {
                self.size = 0;
                Some(Err(error))
            }
        }
    }
}
