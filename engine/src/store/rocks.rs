//! The store on a local disk: RocksDB. The only module that names it.
//!
//! Not here: the contract ([`super`]), which this fulfils as follows. Every commit is one write
//! batch over all columns, fsynced before it returns. One lock serialises commits, and the sizes
//! they compare with are those last committed. Keys and values are drawn in `keys.rs` and
//! `records.rs`.

mod columns;
mod database;
mod directory;
mod entries;
mod keys;
mod records;
#[cfg(test)]
mod tests;

use core::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use rocksdb::WriteBatch;
use veche_protocol::hash::Hash;

use super::{
    Append, Batch, Head, LogId, ORIGIN_BYTES_MAX, Store, StoreError, TILE_SPAN, Visit, tile_width,
};
use columns::Column;
use database::{Database, LogState};

/// Free space below which nothing more is written: 1 GiB. Two memtables to flush, one compaction of
/// the keys and the log of writes together stay below it, so a refused store can still be shut
/// down in order and opened again.
pub const FREE_SPACE_FLOOR: u64 = 1 << 30;

/// Settings of a [`RocksStore`].
#[derive(Clone, Debug)]
pub struct RocksConfig {
    /// Bytes that must stay free on the disk: [`FREE_SPACE_FLOOR`] unless there is a reason.
    pub free_space_floor: u64,
}

impl Default for RocksConfig {
    fn default() -> Self {
        Self { free_space_floor: FREE_SPACE_FLOOR }
    }
}

/// A store in a directory of its own.
pub struct RocksStore {
    path: PathBuf,
    config: RocksConfig,
    /// `None` between a failed reload and the next successful one.
    database: RwLock<Option<Database>>,
    writer: Mutex<Writer>,
}

impl fmt::Debug for RocksStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RocksStore").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Whether commits are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    Ready,
    /// A commit had an unknown outcome: memory and disk may differ.
    Stopped,
}

impl RocksStore {
    /// Opens the store in a directory, making both if there is none. One process at a time may
    /// hold it; another gets [`StoreError::Locked`].
    pub fn open(path: &Path, config: RocksConfig) -> Result<Self, StoreError> {
        directory::prepare(path)?;
        let database = Database::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            config,
            database: RwLock::new(Some(database)),
            writer: Mutex::new(Writer::Ready),
        })
    }

    /// Runs a read on the open database.
    fn read<T>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        read(self.lock_database().as_ref().ok_or(StoreError::Stopped)?)
    }

    fn lock_database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to commit. A writer that panicked may have left a commit half done, so it counts
    /// as stopped.
    fn lock_writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(|poisoned| {
            let mut writer = poisoned.into_inner();
            *writer = Writer::Stopped;
            self.writer.clear_poison();
            writer
        })
    }

    /// Writes under the writer's lock: `encode` sees the state that the write will meet and may
    /// refuse it, `apply` brings the memory up to what has become durable.
    fn write<T>(
        &self,
        encode: impl FnOnce(&Database, &mut WriteBatch) -> Result<T, StoreError>,
        apply: impl FnOnce(&Database, T),
    ) -> Result<(), StoreError> {
        let mut writer = self.lock_writer();
        if *writer == Writer::Stopped {
            return Err(StoreError::Stopped);
        }
        let guard = self.lock_database();
        let database = guard.as_ref().ok_or(StoreError::Stopped)?;
        directory::check_space(&self.path, self.config.free_space_floor)?;
        let mut batch = WriteBatch::default();
        let encoded = encode(database, &mut batch)?;
        if let Err(error) = database.write(batch) {
            *writer = Writer::Stopped;
            return Err(error);
        }
        apply(database, encoded);
        Ok(())
    }
}

impl Store for RocksStore {
    fn create_log(&self, origin: &str) -> Result<LogId, StoreError> {
        if !(1..=ORIGIN_BYTES_MAX).contains(&origin.len()) {
            return Err(StoreError::Malformed("origin empty or too long"));
        }
        let find = |database: &Database| {
            database.logs().iter().find(|(_, state)| state.origin == origin).map(|(log, _)| *log)
        };
        if let Some(log) = self.read(|database| Ok(find(database)))? {
            return Ok(log);
        }
        let mut created = LogId(0);
        self.write(
            |database, batch| {
                // Another thread may have been faster since the look-up above.
                let found = find(database);
                let last = database.logs().last_key_value().map(|(log, _)| log.0);
                let next = last.map_or(Some(0), |last| last.checked_add(1));
                let log =
                    found.or(next.map(LogId)).ok_or(StoreError::Malformed("too many logs"))?;
                if found.is_none() {
                    let value = records::encode_bytes(origin.as_bytes());
                    batch.put_cf(database.column(Column::Meta), keys::origin(log), value);
                }
                created = log;
                Ok(log)
            },
            |database, log| {
                let state = LogState { origin: origin.to_owned(), head: Head::empty() };
                database.logs_mut().entry(log).or_insert(state);
            },
        )?;
        Ok(created)
    }

    fn logs(&self) -> Result<Vec<(LogId, String)>, StoreError> {
        self.read(|database| {
            let logs = database.logs();
            Ok(logs.iter().map(|(log, state)| (*log, state.origin.clone())).collect())
        })
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        batch.check()?;
        if batch.is_empty() {
            return Ok(());
        }
        self.write(
            |database, writes| {
                check_sizes(database, &batch.appends)?;
                batch.appends.iter().for_each(|append| put_append(database, writes, append));
                put_meta(database, writes, batch);
                Ok(())
            },
            |database, ()| {
                let mut logs = database.logs_mut();
                for append in &batch.appends {
                    let state = logs.get_mut(&append.log).expect("sizes were checked");
                    state.head = append.head.clone();
                }
            },
        )
    }

    fn head(&self, log: LogId) -> Result<Head, StoreError> {
        self.read(|database| {
            let logs = database.logs();
            logs.get(&log).map(|state| state.head.clone()).ok_or(StoreError::UnknownLog(log))
        })
    }

    fn entry(&self, log: LogId, index: u64) -> Result<Vec<u8>, StoreError> {
        self.read(|database| {
            let size = database.size(log)?;
            if index >= size {
                return Err(StoreError::OutOfRange { log, size, what: format!("entry {index}") });
            }
            entries::read(database, log, index)
        })
    }

    fn bundle(&self, log: LogId, bundle: u64, width: u16) -> Result<Vec<u8>, StoreError> {
        self.read(|database| {
            let size = database.size(log)?;
            if width == 0 || width > tile_width(size, 0, bundle) {
                let what = format!("bundle {bundle} of {width} entries");
                return Err(StoreError::OutOfRange { log, size, what });
            }
            entries::read_range(database, log, bundle * TILE_SPAN, width.into())
        })
    }

    fn tile(&self, log: LogId, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, StoreError> {
        self.read(|database| {
            let size = database.size(log)?;
            if width == 0 || width > tile_width(size, level, index) {
                let what = format!("tile {level}/{index} of {width} hashes");
                return Err(StoreError::OutOfRange { log, size, what });
            }
            let value = database.get(Column::Tiles, &keys::tile(log, level, index))?;
            let lost = || StoreError::Corrupt(format!("{log} has lost tile {level}/{index}"));
            records::decode_tile(&value.ok_or_else(lost)?, width)
        })
    }

    fn unique(&self, log: LogId, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|database| {
            database.size(log)?;
            let value = database.get(Column::Unique, &keys::unique(log, key))?;
            let value = value.as_deref().map(|value| records::decode_bytes("unique record", value));
            Ok(value.transpose()?.map(<[u8]>::to_vec))
        })
    }

    fn scan_unique(
        &self,
        log: LogId,
        prefix: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        self.read(|database| {
            database.size(log)?;
            let scope = keys::head(log).len();
            let prefix = keys::unique(log, prefix);
            database.scan(Column::Unique, &prefix, "unique record", &mut |key, value| {
                visit(&key[scope..], value)
            })
        })
    }

    fn meta(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|database| {
            let value = database.get(Column::Meta, &keys::meta(key))?;
            let value = value.as_deref().map(|value| records::decode_bytes("meta record", value));
            Ok(value.transpose()?.map(<[u8]>::to_vec))
        })
    }

    fn scan_meta(&self, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.read(|database| {
            database.scan(Column::Meta, &keys::meta(prefix), "meta record", &mut |key, value| {
                visit(&key[1..], value)
            })
        })
    }

    fn reopen(&self) -> Result<(), StoreError> {
        let mut writer = self.lock_writer();
        *writer = Writer::Stopped;
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        // The old one must be gone first, for it holds the directory's lock. It is closed without
        // writing anything: what it has not made durable it never acknowledged.
        *database = None;
        *database = Some(Database::open(&self.path)?);
        *writer = Writer::Ready;
        Ok(())
    }
}

fn check_sizes(database: &Database, appends: &[Append]) -> Result<(), StoreError> {
    for &Append { log, expected, .. } in appends {
        let actual = database.size(log)?;
        if actual != expected {
            return Err(StoreError::Conflict { log, expected, actual });
        }
    }
    Ok(())
}

fn put_append(database: &Database, batch: &mut WriteBatch, append: &Append) {
    let log = append.log;
    entries::put(database, batch, append);
    let mut value = Vec::new();
    for tile in &append.tiles {
        records::encode_tile(&tile.hashes, &mut value);
        let key = keys::tile(log, tile.level, tile.index);
        batch.put_cf(database.column(Column::Tiles), key, &value);
    }
    let mut unique: Vec<_> = append.unique.iter().collect();
    // In the order of keys each finds its place near the one before. The sort is stable, so of two
    // values for one key the later still replaces the earlier.
    unique.sort_by(|one, other| one.key.cmp(&other.key));
    for write in unique {
        let value = records::encode_bytes(&write.value);
        batch.put_cf(database.column(Column::Unique), keys::unique(log, &write.key), value);
    }
    let head = records::encode_head(&append.head);
    batch.put_cf(database.column(Column::Heads), keys::head(log), head);
}

fn put_meta(database: &Database, batch: &mut WriteBatch, writes: &Batch) {
    let column = database.column(Column::Meta);
    for write in &writes.meta {
        match &write.value {
            Some(value) => {
                batch.put_cf(column, keys::meta(&write.key), records::encode_bytes(value));
            }
            None => batch.delete_cf(column, keys::meta(&write.key)),
        }
    }
}
