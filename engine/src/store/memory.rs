//! The store in memory, with faults on demand: for tests of everything that stands on a store.
//!
//! Not here: a store to run a city on; nothing survives the process.
//!
//! It keeps the same contract as the store on disk and stops after the same failures. What a fault
//! leaves behind is what a disk can leave behind:
//!
//! ```text
//! fault         the caller sees     the batch is      afterwards
//! Lost          Write               not there         stopped until reopened
//! Kept          Write               there             stopped until reopened
//! DiskFull      DiskFull            not there         goes on
//! CrashBefore   Write               not there         dead until reopened: reads fail too
//! CrashAfter    Write               there             dead until reopened: reads fail too
//! ```

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::{Mutex, MutexGuard, PoisonError};

use veche_protocol::hash::Hash;

use super::bundle::push_entry;
use super::{
    Append, Batch, Head, LogId, ORIGIN_BYTES_MAX, Store, StoreError, TILE_SPAN, Visit, tile_width,
};

/// What happens to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing of it was kept.
    Lost,
    /// It fails, and yet it was kept.
    Kept,
    /// It is refused for want of space.
    DiskFull,
    /// The process dies just before it becomes durable.
    CrashBefore,
    /// The process dies just after it became durable.
    CrashAfter,
}

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    contents: Contents,
    state: State,
    /// Commits and creations of logs so far, whatever became of them.
    writes: u64,
    faults: BTreeMap<u64, Fault>,
    /// Reads that still succeed; `None`: all of them.
    reads_left: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ready,
    Stopped,
    Dead,
}

/// What a disk would hold.
#[derive(Clone, Debug, Default)]
struct Contents {
    logs: Vec<Log>,
    meta: Records,
}

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone, Debug)]
struct Log {
    origin: String,
    entries: Vec<Vec<u8>>,
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
    head: Head,
    unique: Records,
}

impl MemoryStore {
    /// An empty store without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the `nth` write from now on fail (0 is the next one). Creating a log is a write too.
    pub fn fail_commit(&self, nth: u64, fault: Fault) {
        let mut inner = self.lock();
        let write = inner.writes + nth;
        inner.faults.insert(write, fault);
    }

    /// Lets all reads fail after the next `good` ones, until [`MemoryStore::heal`] or a reopening.
    pub fn fail_reads(&self, good: u64) {
        self.lock().reads_left = Some(good);
    }

    /// Takes back all faults that have not struck yet.
    pub fn heal(&self) {
        let mut inner = self.lock();
        inner.faults.clear();
        inner.reads_left = None;
    }

    /// Number of writes so far, whatever became of them.
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// Damages what is stored, as a failing disk would: flips a bit of an entry.
    ///
    /// # Panics
    ///
    /// If there is no such entry or it is empty.
    pub fn damage_entry(&self, log: LogId, index: u64) {
        let mut inner = self.lock();
        let log = inner.contents.logs.get_mut(log.0 as usize).expect("log exists");
        log.entries[usize::try_from(index).expect("index of a test")][0] ^= 1;
    }

    /// Damages what is stored: flips a bit of the last hash of a tile.
    ///
    /// # Panics
    ///
    /// If there is no such tile.
    pub fn damage_tile(&self, log: LogId, level: u8, index: u64) {
        let mut inner = self.lock();
        let log = inner.contents.logs.get_mut(log.0 as usize).expect("log exists");
        let tile = log.tiles.get_mut(&(level, index)).expect("tile exists");
        tile.last_mut().expect("tiles have hashes").0[0] ^= 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Contents) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut inner = self.lock();
        if inner.state == State::Dead {
            return Err(StoreError::Stopped);
        }
        match &mut inner.reads_left {
            None => {}
            Some(0) => return Err(StoreError::Read("injected".to_owned())),
            Some(left) => *left -= 1,
        }
        read(&inner.contents)
    }
}

impl Inner {
    /// Runs a write, which must not fail half-way, and the fault that was set for it.
    fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Contents) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.state != State::Ready {
            return Err(StoreError::Stopped);
        }
        let fault = self.faults.remove(&self.writes);
        self.writes += 1;
        let failed = || StoreError::Write("injected".to_owned());
        let (state, kept) = match fault {
            None => return write(&mut self.contents),
            Some(Fault::DiskFull) => return Err(StoreError::DiskFull { free: 0, floor: 1 }),
            Some(Fault::Lost) => (State::Stopped, false),
            Some(Fault::Kept) => (State::Stopped, true),
            Some(Fault::CrashBefore) => (State::Dead, false),
            Some(Fault::CrashAfter) => (State::Dead, true),
        };
        let before = self.contents.clone();
        write(&mut self.contents)?;
        if !kept {
            self.contents = before;
        }
        self.state = state;
        Err(failed())
    }
}

impl Contents {
    fn log(&self, log: LogId) -> Result<&Log, StoreError> {
        self.logs.get(log.0 as usize).ok_or(StoreError::UnknownLog(log))
    }

    fn check_sizes(&self, appends: &[Append]) -> Result<(), StoreError> {
        for &Append { log, expected, .. } in appends {
            let actual = self.log(log)?.head.size;
            if actual != expected {
                return Err(StoreError::Conflict { log, expected, actual });
            }
        }
        Ok(())
    }

    fn apply(&mut self, batch: &Batch) {
        for append in &batch.appends {
            let log = &mut self.logs[append.log.0 as usize];
            log.entries.extend_from_slice(&append.entries);
            for tile in &append.tiles {
                log.tiles.insert((tile.level, tile.index), tile.hashes.clone());
            }
            log.head = append.head.clone();
            for write in &append.unique {
                log.unique.insert(write.key.clone(), write.value.clone());
            }
        }
        for write in &batch.meta {
            match &write.value {
                Some(value) => drop(self.meta.insert(write.key.clone(), value.clone())),
                None => drop(self.meta.remove(&write.key)),
            }
        }
    }
}

impl Store for MemoryStore {
    fn create_log(&self, origin: &str) -> Result<LogId, StoreError> {
        if !(1..=ORIGIN_BYTES_MAX).contains(&origin.len()) {
            return Err(StoreError::Malformed("origin empty or too long"));
        }
        let found = self.read(|contents| {
            Ok(contents.logs.iter().position(|log| log.origin == origin).map(id_of))
        })?;
        if let Some(log) = found {
            return Ok(log);
        }
        self.lock().write(|contents| {
            contents.logs.push(Log {
                origin: origin.to_owned(),
                entries: Vec::new(),
                tiles: BTreeMap::new(),
                head: Head::empty(),
                unique: Records::new(),
            });
            Ok(id_of(contents.logs.len() - 1))
        })
    }

    fn logs(&self) -> Result<Vec<(LogId, String)>, StoreError> {
        self.read(|contents| {
            let origins = contents.logs.iter().map(|log| log.origin.clone());
            Ok((0..).map(LogId).zip(origins).collect())
        })
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        batch.check()?;
        if batch.is_empty() {
            return Ok(());
        }
        self.lock().write(|contents| {
            contents.check_sizes(&batch.appends)?;
            contents.apply(batch);
            Ok(())
        })
    }

    fn head(&self, log: LogId) -> Result<Head, StoreError> {
        self.read(|contents| Ok(contents.log(log)?.head.clone()))
    }

    fn entry(&self, log: LogId, index: u64) -> Result<Vec<u8>, StoreError> {
        self.read(|contents| {
            let Log { entries, head, .. } = contents.log(log)?;
            let entry = usize::try_from(index).ok().and_then(|index| entries.get(index));
            let what = || format!("entry {index}");
            entry.cloned().ok_or_else(|| out_of_range(log, head, what()))
        })
    }

    fn bundle(&self, log: LogId, bundle: u64, width: u16) -> Result<Vec<u8>, StoreError> {
        self.read(|contents| {
            let Log { entries, head, .. } = contents.log(log)?;
            if width == 0 || width > tile_width(head.size, 0, bundle) {
                let what = format!("bundle {bundle} of {width} entries");
                return Err(out_of_range(log, head, what));
            }
            let first = usize::try_from(bundle * TILE_SPAN).expect("below the size");
            let mut bytes = Vec::new();
            let wanted = &entries[first..first + usize::from(width)];
            for entry in wanted {
                push_entry(&mut bytes, entry);
            }
            Ok(bytes)
        })
    }

    fn tile(&self, log: LogId, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, StoreError> {
        self.read(|contents| {
            let Log { tiles, head, .. } = contents.log(log)?;
            if width == 0 || width > tile_width(head.size, level, index) {
                let what = format!("tile {level}/{index} of {width} hashes");
                return Err(out_of_range(log, head, what));
            }
            let tile = tiles.get(&(level, index)).expect("commits are checked");
            Ok(tile[..usize::from(width)].to_vec())
        })
    }

    fn unique(&self, log: LogId, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|contents| Ok(contents.log(log)?.unique.get(key).cloned()))
    }

    fn scan_unique(
        &self,
        log: LogId,
        prefix: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        self.read(|contents| {
            scan(&contents.log(log)?.unique, prefix, visit);
            Ok(())
        })
    }

    fn meta(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|contents| Ok(contents.meta.get(key).cloned()))
    }

    fn scan_meta(&self, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.read(|contents| {
            scan(&contents.meta, prefix, visit);
            Ok(())
        })
    }

    fn reopen(&self) -> Result<(), StoreError> {
        let mut inner = self.lock();
        inner.reads_left = None;
        inner.state = State::Ready;
        Ok(())
    }
}

fn id_of(position: usize) -> LogId {
    LogId(u32::try_from(position).expect("fewer than 2^32 logs fit memory"))
}

fn out_of_range(log: LogId, head: &Head, what: String) -> StoreError {
    StoreError::OutOfRange { log, size: head.size, what }
}

fn scan(records: &Records, prefix: &[u8], visit: &mut Visit<'_>) {
    let from = (Bound::Included(prefix), Bound::Unbounded);
    for (key, value) in records.range::<[u8], _>(from) {
        if !key.starts_with(prefix) || visit(key, value) == ControlFlow::Break(()) {
            return;
        }
    }
}
