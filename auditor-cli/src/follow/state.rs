//! What a monitor remembers from round to round, in one file.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use veche_protocol::hash::sha256;

use crate::replica::ReplicaError;
use crate::replica::discovery::{Discovery, Weight};
use crate::replica::files::Files;

/// The file.
const NAME: &str = "monitor.json";
/// What was told once and for ever: 10,000 ids of 16 digits are 200 kB. Beyond, the oldest by name
/// may be told again.
const MAX_TOLD: usize = 10_000;

/// The memory of a monitor.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct State {
    /// When the last round was complete, in seconds since 1970.
    pub(super) last_round: Option<u64>,
    /// What is told once, for ever: proofs, and findings of recounts.
    told: BTreeSet<String>,
    /// What was wrong in the last round.
    standing: BTreeSet<String>,
    /// Whether anything was ever proved.
    proved: bool,
    /// For each poll, what was recounted.
    pub(super) recounts: BTreeMap<String, Recounted>,
    /// For each log, how far its entries were looked through for phases.
    pub(super) scanned: BTreeMap<String, Scanned>,
    /// Larger heads that witnesses have, by witness and log.
    pub(super) ahead: BTreeMap<String, Ahead>,
}

/// What was recounted of a poll.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Recounted {
    pub(super) size: u64,
    pub(super) is_sound: bool,
}

/// How far a poll was looked through.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Scanned {
    /// Entries looked at.
    pub(super) size: u64,
    /// How many of them are phase entries, refused ones included.
    pub(super) phases: u64,
    /// Whether the next head with a time is to be kept: a phase entry has come below one without.
    pub(super) awaits_head: bool,
    /// Its size in the round before, by which it is seen to rest.
    pub(super) last: u64,
}

/// A head that a witness has and the city does not show.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Ahead {
    pub(super) size: u64,
    /// Since when, in seconds since 1970.
    pub(super) since: u64,
}

/// What tells one discovery from all others: 16 hex digits, which name its folder too.
pub(super) fn id_of(discovery: &Discovery) -> String {
    let log = discovery.log.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = format!("{}\n{log}\n{}", discovery.code, discovery.key);
    sha256(text.as_bytes()).to_string()[..16].to_owned()
}

impl State {
    /// What was remembered; nothing if there is no file, or one that cannot be read any more. Then
    /// some things are told again.
    pub(super) fn read(files: &Files) -> Result<Self, ReplicaError> {
        let bytes = files.read(NAME)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    pub(super) fn write(&self, files: &Files) -> Result<(), ReplicaError> {
        let text = serde_json::to_vec_pretty(self).expect("texts and numbers are always written");
        Ok(files.write(NAME, &text)?)
    }

    /// Whether this was not told.
    pub(super) fn is_new(&self, id: &str) -> bool {
        !self.told.contains(id) && !self.standing.contains(id)
    }

    /// Remembers what is told once and for ever.
    pub(super) fn tell(&mut self, discovery: &Discovery, id: &str) {
        self.proved |= discovery.weight == Weight::Proof;
        let is_of_recount = discovery.key.starts_with(super::recounts::KEY);
        if discovery.weight == Weight::Proof || is_of_recount {
            self.told.insert(id.to_owned());
        }
        while self.told.len() > MAX_TOLD {
            self.told.pop_first();
        }
    }

    /// What stands now, for the next round to compare with.
    pub(super) fn settle(&mut self, standing: Vec<String>) {
        self.standing = standing.into_iter().collect();
    }

    /// The gravest of what is remembered: a proof never goes away.
    pub(super) fn standing(&self) -> Option<Weight> {
        if self.proved {
            return Some(Weight::Proof);
        }
        let unsound = self.recounts.values().any(|recounted| !recounted.is_sound);
        unsound.then_some(Weight::Finding)
    }
}
