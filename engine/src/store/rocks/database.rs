//! One open RocksDB: typed columns, checked format, the heads of its logs.
//!
//! Not here: the contract of the store around it ([`super::RocksStore`]).

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rocksdb::{
    ColumnFamily, DB, DBPinnableSlice, DBRawIterator, Error, ErrorKind, ReadOptions, WriteBatch,
    WriteOptions,
};

use super::columns::{Column, database_options, descriptors};
use super::{keys, records};
use crate::store::{Head, LogId, StoreError, Visit};

/// What is kept in memory about a log.
#[derive(Clone, Debug)]
pub(super) struct LogState {
    pub(super) origin: String,
    pub(super) head: Head,
}

pub(super) struct Database {
    db: DB,
    /// Origin and head of each log, as committed. Reads go by these, so that a reader never sees a
    /// head whose log is not wholly there yet.
    logs: RwLock<BTreeMap<LogId, LogState>>,
}

impl Database {
    /// Opens the database, or makes it if the directory holds none.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let db = DB::open_cf_descriptors(&database_options(), path, descriptors())
            .map_err(|error| opening_error(path, &error))?;
        let database = Self { db, logs: RwLock::default() };
        database.check_format()?;
        let logs = database.read_logs()?;
        *database.logs_mut() = logs;
        Ok(database)
    }

    /// Reads the format version; a new database gets one.
    fn check_format(&self) -> Result<(), StoreError> {
        if let Some(value) = self.get(Column::Meta, keys::FORMAT)? {
            return match *value {
                [records::STORE_VERSION] => Ok(()),
                [found] => {
                    let known = records::STORE_VERSION;
                    Err(StoreError::UnknownVersion { record: "store", found, known })
                }
                _ => Err(StoreError::Corrupt("malformed format version".to_owned())),
            };
        }
        // A crash here means: the columns were made, the version was not written, and nothing else.
        for column in Column::ALL {
            let mut iterator = self.iterate(column, &[], &[])?;
            iterator.seek_to_first();
            if iterator.valid() {
                return Err(StoreError::Corrupt("records without a format version".to_owned()));
            }
            iterator.status().map_err(|error| reading_error(&error))?;
        }
        let mut batch = WriteBatch::default();
        batch.put_cf(self.column(Column::Meta), keys::FORMAT, [records::STORE_VERSION]);
        self.write(batch)
    }

    fn read_logs(&self) -> Result<BTreeMap<LogId, LogState>, StoreError> {
        let mut origins = Vec::new();
        self.scan(Column::Meta, &[keys::ORIGIN], "origin", &mut |key, value| {
            origins.push((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })?;
        let mut logs = BTreeMap::new();
        for (key, value) in origins {
            let corrupt = || StoreError::Corrupt("malformed origin".to_owned());
            let log = keys::log_of_origin(&key).ok_or_else(corrupt)?;
            let origin = String::from_utf8(value).map_err(|_| corrupt())?;
            let head = match self.get(Column::Heads, &keys::head(log))? {
                Some(value) => records::decode_head(&value)?,
                None => Head::empty(),
            };
            logs.insert(log, LogState { origin, head });
        }
        Ok(logs)
    }

    pub(super) fn logs(&self) -> RwLockReadGuard<'_, BTreeMap<LogId, LogState>> {
        // The map is changed in single steps only, so a panic elsewhere leaves it valid.
        self.logs.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn logs_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<LogId, LogState>> {
        self.logs.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The committed size of a log.
    pub(super) fn size(&self, log: LogId) -> Result<u64, StoreError> {
        self.logs().get(&log).map(|state| state.head.size).ok_or(StoreError::UnknownLog(log))
    }

    pub(super) fn column(&self, column: Column) -> &ColumnFamily {
        self.db.cf_handle(column.name()).expect("all columns were opened")
    }

    /// Writes a batch, durable on return. After an error its outcome is unknown.
    pub(super) fn write(&self, batch: WriteBatch) -> Result<(), StoreError> {
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.db.write_opt(batch, &options).map_err(|error| StoreError::Write(error.into_string()))
    }

    pub(super) fn get(
        &self,
        column: Column,
        key: &[u8],
    ) -> Result<Option<DBPinnableSlice<'_>>, StoreError> {
        self.db.get_pinned_cf(self.column(column), key).map_err(|error| reading_error(&error))
    }

    /// An iterator over the keys from `from` up to, not including, `to` (empty: no end).
    pub(super) fn iterate(
        &self,
        column: Column,
        from: &[u8],
        to: &[u8],
    ) -> Result<DBRawIterator<'_>, StoreError> {
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(from);
        if !to.is_empty() {
            options.set_iterate_upper_bound(to);
        }
        let iterator = self.db.raw_iterator_cf_opt(self.column(column), options);
        iterator.status().map_err(|error| reading_error(&error))?;
        Ok(iterator)
    }

    /// Visits the plain records under a prefix, with their whole keys.
    pub(super) fn scan(
        &self,
        column: Column,
        prefix: &[u8],
        record: &'static str,
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        let to = keys::past_prefix(prefix).unwrap_or_default();
        let mut iterator = self.iterate(column, prefix, &to)?;
        iterator.seek_to_first();
        while let Some((key, value)) = iterator.item() {
            if visit(key, records::decode_bytes(record, value)?).is_break() {
                return Ok(());
            }
            iterator.next();
        }
        // An iterator also becomes invalid when reading fails: that is not the end of the records.
        iterator.status().map_err(|error| reading_error(&error))
    }
}

/// Sorts an error of reading: damage is for the operator, the rest may pass.
pub(super) fn reading_error(error: &Error) -> StoreError {
    match error.kind() {
        ErrorKind::Corruption => StoreError::Corrupt(error.to_string()),
        _ => StoreError::Read(error.to_string()),
    }
}

fn opening_error(path: &Path, error: &Error) -> StoreError {
    let reason = error.to_string();
    match error.kind() {
        ErrorKind::Corruption => StoreError::Corrupt(reason),
        // RocksDB has no kind for this: it says so in words, one for another process and one for
        // this one.
        _ if reason.contains("While lock file") || reason.contains("lock hold by") => {
            StoreError::Locked(path.to_owned())
        }
        _ => StoreError::Open { path: path.to_owned(), reason },
    }
}
