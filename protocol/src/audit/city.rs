//! Step A3: genesis, commission, officers and announced logs, and whether this is the city meant.
//!
//! The judging is [`RegisterFold`]'s. Not here: the officers' acts (steps A4 and A5).

use std::sync::Arc;

use rand::CryptoRng;

use super::entries::{Examined, Judge, LogRead, decode};
use super::finding::{Findings, Step};
use super::source::Source;
use super::trust::{PinnedBy, Trust};
use crate::breach::Breach;
use crate::entry::SignedEntry;
use crate::hash::Hash;
use crate::log::note::TYPE_ED25519;
use crate::name::{LogPath, LogType};
use crate::register::fold::RegisterFold;

/// Judges the register, entry by entry.
#[derive(Debug)]
pub(super) struct RegisterJudge {
    path: Arc<LogPath>,
    /// The origin in the register's checkpoint, if there is one to be read.
    origin: Option<String>,
    pub(super) fold: Option<RegisterFold>,
    pub(super) findings: Findings,
}

impl RegisterJudge {
    pub(super) fn new(path: Arc<LogPath>, origin: Option<String>) -> Self {
        Self { path, origin, fold: None, findings: Findings::default() }
    }

    fn begin(&self, entry: Result<SignedEntry, Breach>) -> Result<RegisterFold, Breach> {
        // REG-1: a valid genesis, of the city whose register this says to be.
        let fold = entry.and_then(|entry| RegisterFold::begin(&entry));
        fold.ok()
            .filter(|fold| Some(fold.verifier().name()) == self.origin.as_deref())
            .ok_or(Breach::GenesisMissing)
    }

    /// What is to be said at the end of the register.
    pub(super) fn finish(&mut self, size: u64) {
        if size == 0 {
            self.findings.add(Step::City, Breach::GenesisMissing, &self.path, None);
        }
    }
}

impl<S: Source> Judge<S> for RegisterJudge {
    type Lens = ();
    type Entry = SignedEntry;

    fn lens(&self) {}

    fn unsettled(&self) -> Option<usize> {
        None
    }

    fn examine(
        (): &(),
        _: u64,
        entries: Vec<Vec<u8>>,
        _: &mut dyn CryptoRng,
    ) -> Vec<Examined<SignedEntry>> {
        entries.iter().map(|bytes| decode(LogType::Register, bytes)).collect()
    }

    fn judge(
        &mut self,
        log: &LogRead<'_, S>,
        _: Hash,
        entry: Result<SignedEntry, Breach>,
    ) -> Result<(), S::Error> {
        let index = log.tree.size();
        let verdict = match (index, &mut self.fold, entry) {
            (0, _, entry) => self.begin(entry).map(|fold| self.fold = Some(fold)),
            // REG-2: without genesis nothing is judged. What does not decode was noted in A1.
            (_, None, _) | (_, _, Err(_)) => return Ok(()),
            (_, Some(fold), Ok(entry)) => {
                let mut failure = None;
                let verdict = fold.admit(&entry, index, |size| match log.root_at(size) {
                    Ok(root) => root,
                    Err(error) => {
                        failure = Some(error);
                        None
                    }
                });
                if let Some(error) = failure {
                    return Err(error);
                }
                verdict
            }
        };
        if let Err(breach) = verdict {
            self.findings.add(Step::City, breach, &self.path, Some(index));
        }
        Ok(())
    }
}

/// Whether the city is the one that the observer means; by what that was told.
pub(super) fn judge_instance(
    register: &RegisterFold,
    trust: &Trust,
    logs: &[&Arc<LogPath>],
    findings: &mut Findings,
) -> PinnedBy {
    let mut pinned = PinnedBy::Nothing;
    let mut matches = true;
    let domain = &register.genesis().domain;
    let lines = trust.policy.iter().flat_map(|policy| policy.logs().iter().map(|log| &log.key));
    for path in logs {
        let (origin, key) = (path.origin(domain), register.verifier_of(path));
        let lines = lines.clone().filter(|line| line.public_key().kind() == TYPE_ED25519);
        for line in lines.filter(|line| line.name() == origin) {
            // AUDIT-6: the policy's key of this log is genesis' log key.
            matches &= *line == key;
            pinned = PinnedBy::Policy;
        }
    }
    if let Some(key) = &trust.key {
        // A key that was given for this recount and is of none of its logs is of another city.
        let same = |path: &&Arc<LogPath>| register.verifier_of(path) == *key;
        matches &= logs.iter().any(same);
        if logs.iter().any(|path| path.origin(domain) == key.name()) {
            // AUDIT-12: a key that speaks of a log read.
            pinned = PinnedBy::Key;
        }
    }
    if let Some(instance) = trust.instance {
        // AUDIT-6: the instance that the observer has from elsewhere.
        matches &= instance == register.instance();
        pinned = PinnedBy::Instance;
    }
    if !matches {
        findings.add(Step::City, Breach::InstanceMismatch, &Arc::new(LogPath::Register), None);
    }
    pinned
}

/// Whether the register announces a log with the entry that it begins with.
pub(super) fn judge_announcement<S: Source>(
    log: &LogRead<'_, S>,
    register: &RegisterFold,
    findings: &mut Findings,
) {
    let origin = log.path.origin(&register.genesis().domain);
    let announced = register.logs().get(&origin).map(|announced| announced.first);
    // AUDIT-6: else the log may have been made for this observer alone.
    if announced.is_none() || announced != log.first {
        findings.add(Step::City, Breach::LogNotAnnounced, &log.path, None);
    }
}
