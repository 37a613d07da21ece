//! A verified copy of all logs of a city, in a folder laid out as the public files are.
//!
//! It is brought up to date in rounds, each of which fetches only what is new and gives nothing its
//! name before it hashes to a head that the log's key has signed and, with a policy, enough
//! witnesses have cosigned. A crash anywhere leaves a copy from which the next round goes on. The
//! folder is a source like any other ([`crate::source::directory`]), so a recount reads it.
//!
//! Not here: when to look, and whom to tell ([`crate::follow`], [`crate::mirror`]).

mod city;
pub mod discovery;
mod download;
pub mod files;
pub mod history;
mod log;
mod pin;
mod tiles;

use std::path::Path;
use std::sync::Arc;

use veche_protocol::audit::Trust;
use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::tile::TILE_WIDTH;
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;

use crate::source::directory::DirectorySource;
use crate::source::{Source, SourceError};
use city::CityCopy;
use discovery::Discovery;
use files::{DiskError, Files};
use tiles::ReadError;

const WIDTH: u64 = TILE_WIDTH as u64;

/// Why a round came to no end. It says nothing about the city.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The folder cannot be read or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The copy is not what it was when it was written.
    #[error("{0}; move the folder away and begin anew")]
    Damaged(String),
    /// The copy is of another city than the one that is meant.
    #[error("{0} holds a copy of another city")]
    OtherCity(String),
}

impl From<ReadError> for ReplicaError {
    fn from(error: ReadError) -> Self {
        match error {
            // What a source shows never gets here: the copies make discoveries of it.
            ReadError::Wrong(_, what) => Self::Damaged(what),
            ReadError::Source(error) => Self::Source(error),
            ReadError::Disk(error) => Self::Disk(error),
        }
    }
}

/// What a round came to.
#[derive(Debug, Default)]
pub struct Round {
    /// The logs that have grown, with the size before.
    pub grown: Vec<(LogPath, u64)>,
    /// What was come upon.
    pub found: Vec<Discovery>,
}

/// The copy.
#[derive(Debug)]
pub struct Replica {
    files: Arc<Files>,
    trust: Trust,
    city: Option<CityCopy>,
}

impl Replica {
    /// Opens the copy in this folder, which may be empty, of the city that is trusted.
    pub fn open(folder: &Path, trust: Trust) -> Result<Self, ReplicaError> {
        let files = Arc::new(Files::open(folder)?);
        let city = CityCopy::open(&files)?;
        if let Some(city) = &city
            && !pin::is_meant(city.fold(), &trust)
        {
            return Err(ReplicaError::OtherCity(folder.display().to_string()));
        }
        Ok(Self { files, trust, city })
    }

    /// Brings the copy up to what the source shows. An error is the source's or the disk's; what
    /// was done and come upon until then is in `round`.
    pub fn update(&mut self, source: &dyn Source, round: &mut Round) -> Result<(), ReplicaError> {
        if self.city.is_none() {
            match CityCopy::found(source)? {
                Ok(city) if pin::is_meant(city.fold(), &self.trust) => self.city = Some(city),
                Ok(city) => {
                    // MONITOR-1: AUDIT-6; nothing of another city is copied.
                    let words = format!("this is {}, not the city meant", city.fold().instance());
                    let code = Breach::InstanceMismatch.code();
                    round.found.push(Discovery::finding(code, None, words));
                    return Ok(());
                }
                Err(finding) => {
                    round.found.push(finding);
                    return Ok(());
                }
            }
        }
        let city = self.city.as_mut().expect("it was there, or has just been founded");
        city.update(&self.files, source, self.trust.policy.as_ref(), round)
    }

    /// The folder.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The folder, for whoever keeps something beside the copy.
    pub fn shared_files(&self) -> Arc<Files> {
        Arc::clone(&self.files)
    }

    /// What is trusted.
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The copy as a source of public files.
    pub fn source(&self) -> DirectorySource {
        DirectorySource::new(self.files.root())
    }

    /// The register as the copy holds it, if there is any.
    pub fn register(&self) -> Option<&RegisterFold> {
        self.city.as_ref().map(CityCopy::fold)
    }

    /// The logs of which anything is there, with their heads.
    pub fn heads(&self) -> impl Iterator<Item = (&LogPath, &SignedCheckpoint)> {
        let logs = self.city.iter().flat_map(CityCopy::logs);
        logs.filter_map(|log| Some((&log.path, log.head()?)))
    }

    /// The head of a log.
    pub fn head(&self, log: &LogPath) -> Option<&SignedCheckpoint> {
        self.city.as_ref()?.log(log)?.head()
    }

    /// The key of a log.
    pub fn key(&self, log: &LogPath) -> Option<VerifierKey> {
        Some(self.register()?.verifier_of(log))
    }

    /// Hands over the entries of a log from one size to the next, in their order.
    pub fn entries(
        &self,
        log: &LogPath,
        (from, to): (u64, u64),
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ReplicaError> {
        let size = self.head(log).map_or(0, |head| head.checkpoint().size).min(to);
        let mut next = from;
        while next < size {
            let entries = city::bundle(&self.source(), log, size, next / WIDTH)?;
            let start = usize::try_from(next % WIDTH).expect("below 256");
            entries.iter().skip(start).for_each(|entry| take(entry));
            next += entries.len() as u64 - next % WIDTH;
        }
        Ok(())
    }

    /// Holds a head that somebody else was shown against the copy: one that cannot be true beside
    /// it is a fork. `source` is asked where the copy does not reach.
    pub fn compare(
        &self,
        source: &dyn Source,
        log: &LogPath,
        note: Note,
    ) -> Result<Option<Discovery>, ReplicaError> {
        let Some(copy) = self.city.as_ref().and_then(|city| city.log(log)) else {
            return Ok(None);
        };
        // Whoever shows a head that the log has not signed proves nothing about the log.
        let Ok(head) = SignedCheckpoint::from_note(note, copy.key()) else { return Ok(None) };
        Ok(copy.contradiction(&self.files, source, &head)?)
    }
}
