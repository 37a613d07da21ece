//! Checks everything a city claims, from public data alone.
//!
//! The steps of a recount are the protocol's ([`veche_protocol::audit`]); here are what they need
//! from a machine (files, a network, threads) and what people get to see of them. Beside it stands
//! what observers do for each other: witnesses and mirrors. Not here: the keys of staff and voters.
//! An auditor signs nothing; a witness signs what it has seen.

pub mod ballot_export;
pub mod commands;
pub mod crew;
pub mod exit;
pub mod export;
pub mod follow;
pub mod html;
pub mod json;
pub mod margin;
pub mod mirror;
pub mod replica;
pub mod serve;
pub mod source;
pub mod text;
pub mod witness;
pub mod words;

use veche_protocol::audit::{self, Recount, Trust};
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use crate::crew::Threads;
use crate::source::{Source, SourceError};

/// What to recount, by whose word, and with how many hands.
#[derive(Clone, Debug)]
pub struct Options {
    /// The poll.
    pub poll: LogPath,
    /// What the observer has from elsewhere.
    pub trust: Trust,
    /// Threads that verify; at least one.
    pub workers: usize,
}

impl Options {
    /// A recount of this poll on all cores, by nobody's word.
    pub fn new(poll: LogPath) -> Self {
        Self { poll, trust: Trust::default(), workers: crew::cores() }
    }
}

/// Told how far a recount is: the log, entries read of it, entries in all.
pub type Progress<'a> = &'a dyn Fn(&LogPath, u64, u64);

/// Recounts a poll. An error is the source's, and says nothing about the poll.
pub fn recount(
    source: &dyn Source,
    options: &Options,
    progress: Progress<'_>,
) -> Result<Recount, SourceError> {
    for log in [&LogPath::Register, &options.poll] {
        // AUDIT-4: without a head of both there is nothing to recount.
        let head = source.fetch(log, &[Resource::Checkpoint])?.pop().flatten();
        head.ok_or_else(|| SourceError::NoHead(log.to_string()))?;
    }
    let crew = Threads::new(options.workers);
    audit::recount(&source, &crew, &options.poll, &options.trust, progress)
}
