//! Entries as runs: appending them, reading one, reading a bundle.
//!
//! Not here: the form of a run (`records.rs`).

use rocksdb::WriteBatch;

use super::columns::Column;
use super::database::{Database, reading_error};
use super::{keys, records};
use crate::store::{Append, BundleEntries, LogId, StoreError};

/// Adds the entries of an append to a write batch.
pub(super) fn put(database: &Database, batch: &mut WriteBatch, append: &Append) {
    let column = database.column(Column::Entries);
    let mut value = Vec::new();
    let mut index = append.expected;
    let mut rest = append.entries.as_slice();
    while !rest.is_empty() {
        // Up to the next multiple of the limit, which divides 256: runs never cross a bundle.
        let room = records::RUN_ENTRIES_MAX - index % records::RUN_ENTRIES_MAX;
        let count = rest.len().min(usize::try_from(room).expect("at most 64"));
        let (run, after) = rest.split_at(count);
        records::encode_run(run, &mut value);
        batch.put_cf(column, keys::run(append.log, index), &value);
        index += count as u64;
        rest = after;
    }
}

/// Reads an entry below the size of its log.
pub(super) fn read(database: &Database, log: LogId, index: u64) -> Result<Vec<u8>, StoreError> {
    let lost = || StoreError::Corrupt(format!("{log} has lost entry {index}"));
    let from = keys::run(log, index - index % records::RUN_ENTRIES_MAX);
    let mut iterator = database.iterate(Column::Entries, &from, &[])?;
    iterator.seek_for_prev(keys::run(log, index));
    iterator.status().map_err(|error| reading_error(&error))?;
    let (key, value) = iterator.item().ok_or_else(lost)?;
    let first = keys::first_of_run(log, key).ok_or_else(lost)?;
    let run = records::decode_run(value)?;
    let before = index.checked_sub(first).filter(|before| *before < run.count).ok_or_else(lost)?;
    let before = usize::try_from(before).expect("below 64");
    BundleEntries::new(run.bundle).nth(before).map(<[u8]>::to_vec).ok_or_else(lost)
}

/// Reads the `width` entries from `first` on, all below the size of their log, as a bundle.
pub(super) fn read_range(
    database: &Database,
    log: LogId,
    first: u64,
    width: u64,
) -> Result<Vec<u8>, StoreError> {
    let past = first + width;
    let (from, to) = (keys::run(log, first), keys::run(log, past));
    let mut iterator = database.iterate(Column::Entries, &from, &to)?;
    iterator.seek_to_first();
    let mut bundle = Vec::new();
    let mut next = first;
    while next < past {
        let Some((key, value)) = iterator.item() else { break };
        if keys::first_of_run(log, key) != Some(next) {
            break;
        }
        let run = records::decode_run(value)?;
        let wanted = run.count.min(past - next);
        bundle.extend_from_slice(records::cut_run(&run, wanted)?);
        next += wanted;
        iterator.next();
    }
    iterator.status().map_err(|error| reading_error(&error))?;
    if next < past {
        return Err(StoreError::Corrupt(format!("{log} has lost entry {next}")));
    }
    Ok(bundle)
}
