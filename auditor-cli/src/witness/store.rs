//! What a witness remembers: for each log the head that it has cosigned last.
//!
//! ```text
//! table     key                   value
//! meta      "format"              "veche/witness-store/v1"
//!           "witness"             verifier key of the witness whose memory this is
//! heads     SHA-256 of the origin 1, time in seconds (u64, big endian), the signed note
//! cities    domain                number of logs that are known by its rule (u64)
//! ```
//!
//! Checking a request and keeping its head are one transaction, and there is one transaction at a
//! time; it is on the disk when it returns. What cannot be read is an error, and never *nothing
//! yet*. Not here: cosigning, which comes after, and evidence.

use std::fs::File;
use std::path::{Path, PathBuf};

use redb::{
    Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _,
    TableDefinition, TableError, WriteTransaction,
};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::witness::{Refusal, TrustedRequest};

use super::trust::Rule;

/// The most logs of one city: one poll every day, with a roll of its own, for twenty-two years. A
/// record is below 1 kB (the name of the log in the text and before each signature, 255 bytes at
/// most), so a city that makes as many logs as it can fills 16 MB.
const MAX_LOGS_OF_CITY: u64 = 16_384;

/// The database's cache, in bytes: a thousandth of what it would take by itself, which holds the
/// heads of all logs that are active at a time.
const CACHE: usize = 1 << 20;

const FORMAT: &str = "veche/witness-store/v1";
const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");
const HEADS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("heads");
const CITIES: TableDefinition<'_, &str, u64> = TableDefinition::new("cities");

/// The version of a record.
const RECORD: u8 = 1;

/// Why the memory cannot be used. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another program holds it.
    #[error("{}: another program has this store open", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is that of another witness, or no such memory.
    #[error("{}: this is not the store of {expected}, but of {found}", path.display())]
    OtherWitness {
        /// The file.
        path: PathBuf,
        /// The witness that opens it.
        expected: String,
        /// Whose it is.
        found: String,
    },
    /// A record is not what was written.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// The disk, or the database on it.
    #[error("{0}")]
    Database(Box<redb::Error>),
}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

/// A head that was cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// What was cosigned.
    pub checkpoint: Checkpoint,
    /// The checkpoint with the signatures of the log.
    pub note: Note,
    /// The time of the latest cosignature, in seconds since 1970.
    pub time: u64,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advance {
    /// The head is on the disk, and may be cosigned at this time.
    Kept {
        /// In seconds since 1970.
        time: u64,
    },
    /// It is refused, and this is the head that stands against it, if there is one.
    Refused(Refusal, Option<Box<Witnessed>>),
    /// The city has as many logs as it may.
    TooManyLogs,
}

/// The memory of one witness. Only one process has it open.
#[derive(Debug)]
pub struct Store {
    database: Database,
    max_logs_of_city: u64,
}

/// Whether there was a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It was made now, and remembers nothing.
    New,
    /// It was there.
    Existing,
}

impl Store {
    /// Opens the memory of this witness, or makes it.
    pub fn open(path: &Path, witness: &VerifierKey) -> Result<(Self, Opened), StoreError> {
        let database = match Database::builder().set_cache_size(CACHE).create(path) {
            // WITNESS-7: two processes with one key would have to share one memory, and cannot.
            Err(DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch) => {
                return Err(StoreError::InUse { path: path.to_owned() });
            }
            opened => opened?,
        };
        let store = Self { database, max_logs_of_city: MAX_LOGS_OF_CITY };
        let opened = store.claim(path, witness)?;
        sync_folder(path).map_err(redb::StorageError::Io)?;
        Ok((store, opened))
    }

    /// Writes whose memory this is into a new one, and checks it in another.
    fn claim(&self, path: &Path, witness: &VerifierKey) -> Result<Opened, StoreError> {
        let witness = witness.to_string();
        let transaction = self.database.begin_write()?;
        let opened = {
            let mut meta = transaction.open_table(META)?;
            let format = meta.get("format")?.map(|value| value.value().to_owned());
            let owner = meta.get("witness")?.map(|value| value.value().to_owned());
            transaction.open_table(HEADS)?;
            transaction.open_table(CITIES)?;
            match (format.as_deref(), owner) {
                (None, None) => {
                    meta.insert("format", FORMAT)?;
                    meta.insert("witness", witness.as_str())?;
                    Opened::New
                }
                (Some(FORMAT), Some(owner)) if owner == witness => Opened::Existing,
                (format, owner) => {
                    let found = owner.or(format.map(str::to_owned));
                    let found = found.unwrap_or_else(|| "something else".to_owned());
                    let path = path.to_owned();
                    return Err(StoreError::OtherWitness { path, expected: witness, found });
                }
            }
        };
        transaction.commit()?;
        Ok(opened)
    }

    /// Judges a request by what is remembered and, if it is accepted, remembers its head instead,
    /// in one step. The head may be cosigned only after this has returned.
    ///
    /// `note` is the checkpoint with the signatures that are to be kept, `now` in seconds.
    pub fn advance(
        &self,
        request: &TrustedRequest,
        note: &Note,
        rule: &Rule,
        now: u64,
    ) -> Result<Advance, StoreError> {
        // WITNESS-7: the check and the writing see one state, and no other request comes between.
        let transaction = self.database.begin_write()?;
        let checkpoint = request.head().checkpoint();
        let key = sha256(checkpoint.origin.as_bytes());
        let before = read(&transaction.open_table(HEADS)?, &key)?;
        if let Err(refusal) = request.judge(before.as_ref().map(|before| &before.checkpoint)) {
            return Ok(Advance::Refused(refusal, before.map(Box::new)));
        }
        // WITNESS-9: no cosignature of a log states an earlier time than one before it.
        let time = before.as_ref().map_or(now, |before| before.time.max(now));
        if let Some(before) = &before {
            // The very same statement was made before, so that nothing is to be written: whoever
            // repeats a request all the time does not keep the disk busy.
            if before.checkpoint == *checkpoint && before.time == time {
                return Ok(Advance::Kept { time });
            }
        } else if !self.count(&transaction, rule)? {
            return Ok(Advance::TooManyLogs);
        }
        let record = encode(time, note);
        transaction.open_table(HEADS)?.insert(key.as_bytes().as_slice(), record.as_slice())?;
        transaction.commit()?;
        Ok(Advance::Kept { time })
    }

    /// Counts one more log of a city; whether it may have one more.
    fn count(&self, transaction: &WriteTransaction, rule: &Rule) -> Result<bool, StoreError> {
        // WITNESS-6: a city cannot fill the disk of a witness with logs.
        let Rule::City(domain) = rule else { return Ok(true) };
        let mut cities = transaction.open_table(CITIES)?;
        let count = cities.get(domain.as_str())?.map_or(0, |count| count.value());
        if count >= self.max_logs_of_city {
            return Ok(false);
        }
        cities.insert(domain.as_str(), count + 1)?;
        Ok(true)
    }

    /// The head that was cosigned last of the log whose origin has this hash.
    pub fn latest(&self, origin: &Hash) -> Result<Option<Witnessed>, StoreError> {
        let transaction = self.database.begin_read()?;
        read(&transaction.open_table(HEADS)?, origin)
    }

    /// The number of logs of which a head was cosigned.
    pub fn logs(&self) -> Result<u64, StoreError> {
        match self.database.begin_read()?.open_table(HEADS) {
            Ok(heads) => Ok(heads.len()?),
            Err(TableError::Storage(error)) => Err(error.into()),
            Err(_) => Err(StoreError::Damaged("there is no table of heads")),
        }
    }
}

/// Reads the record of a log.
fn read(
    heads: &impl redb::ReadableTable<&'static [u8], &'static [u8]>,
    key: &Hash,
) -> Result<Option<Witnessed>, StoreError> {
    let Some(record) = heads.get(key.as_bytes().as_slice())? else { return Ok(None) };
    // WITNESS-7: a record that cannot be read is not one that is absent.
    let witnessed = decode(record.value()).ok_or(StoreError::Damaged("a record"))?;
    if sha256(witnessed.checkpoint.origin.as_bytes()) != *key {
        return Err(StoreError::Damaged("a record of another log"));
    }
    Ok(Some(witnessed))
}

fn encode(time: u64, note: &Note) -> Vec<u8> {
    [&[RECORD][..], &time.to_be_bytes(), note.to_string().as_bytes()].concat()
}

fn decode(record: &[u8]) -> Option<Witnessed> {
    let (&RECORD, record) = record.split_first()? else { return None };
    let (time, note) = record.split_first_chunk()?;
    let note = Note::parse(note).ok()?;
    let checkpoint = Checkpoint::parse(note.text()).ok()?;
    Some(Witnessed { checkpoint, note, time: u64::from_be_bytes(*time) })
}

/// Waits until the name of a file is on the disk: a new file whose name is lost is lost.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Other systems have no way to ask for this, and write names through.
    if cfg!(unix) { File::open(folder.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests;
