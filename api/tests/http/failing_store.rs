//! A store that panics on demand: a fault of the program, which ends one request and no more.
//!
//! Not here: faults of a disk, which the store in memory has itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use veche_engine::store::memory::MemoryStore;
use veche_engine::store::{Batch, Head, LogId, Store, StoreError, Visit};
use veche_protocol::hash::Hash;

/// The store in memory, whose entries and tiles cannot be read without a panic once it is told so.
pub(crate) struct PanickingStore {
    store: Arc<MemoryStore>,
    panics: AtomicBool,
}

impl PanickingStore {
    pub(crate) fn over(store: Arc<MemoryStore>) -> Self {
        Self { store, panics: AtomicBool::new(false) }
    }

    pub(crate) fn panic_at_reads(&self) {
        self.panics.store(true, Ordering::SeqCst);
    }

    pub(crate) fn calm_down(&self) {
        self.panics.store(false, Ordering::SeqCst);
    }

    fn panic_if_asked(&self) {
        assert!(!self.panics.load(Ordering::SeqCst), "a fault that a test has asked for");
    }
}

impl Store for PanickingStore {
    fn tile(&self, log: LogId, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, StoreError> {
        self.panic_if_asked();
        self.store.tile(log, level, index, width)
    }

    fn create_log(&self, origin: &str) -> Result<LogId, StoreError> {
        self.store.create_log(origin)
    }

    fn logs(&self) -> Result<Vec<(LogId, String)>, StoreError> {
        self.store.logs()
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.store.commit(batch)
    }

    fn head(&self, log: LogId) -> Result<Head, StoreError> {
        self.store.head(log)
    }

    fn entry(&self, log: LogId, index: u64) -> Result<Vec<u8>, StoreError> {
        self.panic_if_asked();
        self.store.entry(log, index)
    }

    fn bundle(&self, log: LogId, bundle: u64, width: u16) -> Result<Vec<u8>, StoreError> {
        self.store.bundle(log, bundle, width)
    }

    fn unique(&self, log: LogId, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.unique(log, key)
    }

    fn scan_unique(
        &self,
        log: LogId,
        prefix: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        self.store.scan_unique(log, prefix, visit)
    }

    fn meta(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.meta(key)
    }

    fn scan_meta(&self, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.store.scan_meta(prefix, visit)
    }

    fn reopen(&self) -> Result<(), StoreError> {
        self.store.reopen()
    }
}
