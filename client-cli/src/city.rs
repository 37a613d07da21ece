//! A city as its register tells it, read whole and checked: officers, logs, anchors.
//!
//! Not here: rolls and polls ([`crate::roll_copy`], [`crate::poll_copy`]).

use std::hash::RandomState;

use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;

use crate::api::Source;
use crate::error::ClientError;
use crate::log_copy::LogCopy;
use crate::trust::Pins;

/// When the register was read that a log is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterRead {
    /// Before the log, which therefore holds all that the register anchors of it.
    BeforeLog,
    /// After it: an anchor past the log's end speaks of entries that were not read yet.
    AfterLog,
}

/// The register of a city and what it adds up to.
#[derive(Clone, Debug)]
pub struct City {
    pins: Pins,
    log: LogCopy,
    fold: RegisterFold,
    /// Entries judged so far.
    judged: u64,
    rejected: Vec<(u64, Breach)>,
    hasher: RandomState,
}

impl City {
    /// Reads the register, and holds it against the pins.
    pub fn read(source: &impl Source, pins: &Pins) -> Result<Self, ClientError> {
        let verifier = &pins.register;
        let log = LogCopy::read(source, &LogPath::Register, verifier, &mut |_, _| {})?;
        let distrust = || ClientError::distrust("the register");
        let genesis = log.entry(0).ok_or_else(|| distrust()(Breach::GenesisMissing))?;
        let genesis = SignedEntry::decode(LogPath::Register.log_type(), genesis.to_vec());
        let fold = genesis.and_then(|genesis| RegisterFold::begin(&genesis)).map_err(distrust())?;
        if fold.instance() != pins.instance || fold.verifier() != verifier {
            return Err(distrust()(Breach::InstanceMismatch));
        }
        let hasher = RandomState::new();
        let (pins, rejected) = (pins.clone(), Vec::new());
        let mut city = Self { pins, log, fold, judged: 1, rejected, hasher };
        city.judge();
        Ok(city)
    }

    /// Reads on to the register's present head.
    pub fn read_on(&mut self, source: &impl Source) -> Result<(), ClientError> {
        self.log.read_on(source, &mut |_, _| {})?;
        self.judge();
        Ok(())
    }

    fn judge(&mut self) {
        let Self { log, fold, rejected, .. } = self;
        for (index, entry) in log.decoded_from(self.judged) {
            let verdict =
                entry.and_then(|entry| fold.admit(&entry, index, |size| log.root_at(size)));
            // ENTRY-13: what is refused changes nothing; an auditor reports it.
            rejected.extend(verdict.err().map(|breach| (index, breach)));
        }
        self.judged = log.size();
    }

    /// Reads one of the city's logs, and holds it against the heads that the register anchors.
    pub fn read_log(
        &self,
        source: &impl Source,
        path: &LogPath,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<LogCopy, ClientError> {
        let log = LogCopy::read(source, path, &self.pins.verifier(path), progress)?;
        self.check_anchors(&log, 0, RegisterRead::BeforeLog)?;
        Ok(log)
    }

    /// That every head of this log which the register anchors, from its entry `since` on, is a
    /// prefix of the log.
    pub fn check_anchors(
        &self,
        log: &LogCopy,
        since: u64,
        read: RegisterRead,
    ) -> Result<(), ClientError> {
        let distrust = || ClientError::distrust(format!("the log {}", log.path()));
        let anchors = self.fold.anchors_of(log.origin()).iter().rev();
        for anchor in anchors.take_while(|anchor| anchor.index >= since) {
            match log.root_at(anchor.size) {
                None if read == RegisterRead::AfterLog => {}
                None => return Err(distrust()(Breach::EntryMissing)),
                Some(root) if root != anchor.root => return Err(distrust()(Breach::AnchorFork)),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Whether the register announces the log.
    pub fn has_log(&self, path: &LogPath) -> bool {
        self.fold.logs().contains_key(&self.pins.origin(path))
    }

    /// The logs that the register announces, ascending by origin.
    pub fn logs(&self) -> impl Iterator<Item = LogPath> + '_ {
        let domain = self.pins.domain();
        self.fold.logs().keys().filter_map(move |origin| LogPath::of_origin(origin, domain))
    }

    /// What identifies the city.
    pub const fn pins(&self) -> &Pins {
        &self.pins
    }

    /// The register's entries.
    pub const fn log(&self) -> &LogCopy {
        &self.log
    }

    /// What the register adds up to.
    pub const fn register(&self) -> &RegisterFold {
        &self.fold
    }

    /// Entries of the register that the law refuses.
    pub fn rejected(&self) -> &[(u64, Breach)] {
        &self.rejected
    }

    /// The hasher that all folds of this city share.
    pub const fn hasher(&self) -> &RandomState {
        &self.hasher
    }
}
