//! The record of whom an issuer signs for: written, and on the disk, before it signs (CRED-9).
//!
//! ```text
//! header = "veche/signed/v1" 0, leaf hash of Begin (32 bytes), the issuer's key (32)
//! record = request (8 bytes, most significant first), voter's key (32),
//!          SHA-256 of the blinded message (32), the first 8 bytes of the SHA-256 of these 72
//! ```
//!
//! A crash may leave a torn tail: nothing of it was signed, so it is cut off. Not here: signing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use veche_keys::private_file;
use veche_protocol::breach::Breach;
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::signature::Key;

use crate::error::ClientError;

const MAGIC: &[u8; 16] = b"veche/signed/v1\0";
const HEADER_LENGTH: usize = 16 + 32 + 32;
const CONTENT_LENGTH: usize = 8 + 32 + 32;
const CHECK_LENGTH: usize = 8;
const RECORD_LENGTH: usize = CONTENT_LENGTH + CHECK_LENGTH;
/// Most records that are written at once, and so the most that a crash can tear.
pub const MAX_BATCH: usize = 1_024;

/// A request for which an issuer signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Index of the request.
    pub request: u64,
    /// Who asks.
    pub voter: Key,
    /// SHA-256 of the blinded message.
    pub message: Hash,
}

impl Record {
    fn to_bytes(self) -> [u8; RECORD_LENGTH] {
        let mut bytes = [0; RECORD_LENGTH];
        bytes[..8].copy_from_slice(&self.request.to_be_bytes());
        bytes[8..40].copy_from_slice(self.voter.as_bytes());
        bytes[40..CONTENT_LENGTH].copy_from_slice(self.message.as_bytes());
        let check = sha256(&bytes[..CONTENT_LENGTH]);
        bytes[CONTENT_LENGTH..].copy_from_slice(&check.as_bytes()[..CHECK_LENGTH]);
        bytes
    }

    fn parse(bytes: &[u8; RECORD_LENGTH]) -> Option<Self> {
        let (request, rest) = bytes.split_first_chunk::<8>()?;
        let (voter, rest) = rest.split_first_chunk::<32>()?;
        let (message, _) = rest.split_first_chunk::<32>()?;
        let request = u64::from_be_bytes(*request);
        let record = Self { request, voter: Key(*voter), message: Hash(*message) };
        (record.to_bytes() == *bytes).then_some(record)
    }
}

/// The open record.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// By voter, the request and its message.
    signed: HashMap<Key, (u64, Hash)>,
}

impl Journal {
    /// Opens the record of an issuer in the poll whose Begin has this leaf hash; makes it if it is
    /// not there.
    pub fn open(path: &Path, begin: Hash, issuer: &Key) -> Result<Self, ClientError> {
        let fail = |source| ClientError::file(path, source);
        let mut header = [0; HEADER_LENGTH];
        header[..16].copy_from_slice(MAGIC);
        header[16..48].copy_from_slice(begin.as_bytes());
        header[48..].copy_from_slice(issuer.as_bytes());
        let mut journal = Self {
            path: path.to_owned(),
            file: private_file::append(path)?,
            signed: HashMap::new(),
        };
        let mut reader = BufReader::new(File::open(path).map_err(fail)?);
        let mut found = Vec::with_capacity(HEADER_LENGTH);
        let length = reader.by_ref().take(HEADER_LENGTH as u64).read_to_end(&mut found);
        if length.map_err(fail)? < HEADER_LENGTH && header.starts_with(&found) {
            journal.file.set_len(0).map_err(fail)?;
            journal.append(&header)?;
            return Ok(journal);
        }
        if found != header {
            return Err(ClientError::content(path, "this is the record of another poll or issuer"));
        }
        journal.read_records(&mut reader)?;
        Ok(journal)
    }

    fn read_records(&mut self, reader: &mut BufReader<File>) -> Result<(), ClientError> {
        let fail = |source| ClientError::file(&self.path, source);
        let length = self.file.metadata().map_err(fail)?.len();
        let mut end = HEADER_LENGTH as u64;
        loop {
            let mut bytes = [0; RECORD_LENGTH];
            match reader.read_exact(&mut bytes) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(fail(error)),
            }
            let Some(record) = Record::parse(&bytes) else { break };
            end += RECORD_LENGTH as u64;
            self.signed.insert(record.voter, (record.request, record.message));
        }
        if length - end > (MAX_BATCH * RECORD_LENGTH) as u64 {
            let reason = "a record in the middle is damaged; restore the file, sign nothing";
            return Err(ClientError::content(&self.path, reason));
        }
        if length > end {
            self.file.set_len(end).and_then(|()| self.file.sync_all()).map_err(fail)?;
        }
        Ok(())
    }

    /// Records that these are signed for, at most [`MAX_BATCH`] of them, and waits until that is on
    /// the disk. What is recorded already may come again; a voter who was signed for otherwise is
    /// refused.
    pub fn record(&mut self, records: &[Record]) -> Result<(), ClientError> {
        let mut bytes = Vec::with_capacity(records.len() * RECORD_LENGTH);
        let mut fresh = Vec::new();
        for record in records {
            let content = (record.request, record.message);
            // CRED-9: nobody is signed for twice, whatever a log shows later.
            match self.signed.entry(record.voter) {
                Entry::Occupied(known) if *known.get() == content => {}
                Entry::Occupied(_) => {
                    self.forget(&fresh);
                    let what = format!("request {}, whose voter was served before", record.request);
                    return Err(ClientError::distrust(what)(Breach::RequestRepeated));
                }
                Entry::Vacant(place) => {
                    place.insert(content);
                    fresh.push(record.voter);
                    bytes.extend_from_slice(&record.to_bytes());
                }
            }
        }
        let appended = if bytes.is_empty() { Ok(()) } else { self.append(&bytes) };
        if appended.is_err() {
            self.forget(&fresh);
        }
        appended
    }

    fn forget(&mut self, voters: &[Key]) {
        for voter in voters {
            self.signed.remove(voter);
        }
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_all());
        written.map_err(|source| ClientError::file(&self.path, source))
    }

    /// How many voters were signed for.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.signed.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u8) -> Record {
        let message = Hash([number; 32]);
        Record { request: u64::from(number), voter: Key([number; 32]), message }
    }

    fn open(path: &Path) -> Journal {
        Journal::open(path, Hash([1; 32]), &Key([2; 32])).unwrap()
    }

    #[test]
    fn what_is_recorded_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signed");
        open(&path).record(&[record(1), record(2)]).unwrap();
        let mut journal = open(&path);
        assert_eq!(journal.len(), 2);
        let length = std::fs::metadata(&path).unwrap().len();
        journal.record(&[record(2), record(1)]).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), length, "the same again adds nothing");
        assert!(Journal::open(&path, Hash([9; 32]), &Key([2; 32])).is_err());
    }

    #[test]
    fn nobody_is_signed_for_twice() {
        // CRED-9: neither for another request nor for another message.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signed");
        open(&path).record(&[record(1)]).unwrap();
        let mut journal = open(&path);
        for other in
            [Record { request: 7, ..record(1) }, Record { message: Hash([7; 32]), ..record(1) }]
        {
            let error = journal.record(&[record(3), other]).unwrap_err();
            assert_eq!(error.code(), "request-repeated");
        }
        assert_eq!((journal.len(), open(&path).len()), (1, 1));
    }

    #[test]
    fn a_torn_tail_is_cut_off_and_damage_before_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signed");
        open(&path).record(&[record(1), record(2)]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let records = length.saturating_sub(HEADER_LENGTH) / RECORD_LENGTH;
            assert_eq!(open(&path).len(), records, "{length}");
            open(&path).record(&[record(1), record(2)]).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), whole, "{length}");
        }
        let many = Record { request: 0, ..record(3) }.to_bytes().repeat(MAX_BATCH + 1);
        let mut damaged = [whole.as_slice(), &many].concat();
        damaged[HEADER_LENGTH] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        let error = Journal::open(&path, Hash([1; 32]), &Key([2; 32])).unwrap_err();
        assert_eq!(error.code(), "file-content");
    }
}
