//! A monitor: keeps a verified copy of a city's logs, and judges what it is shown.
//!
//! One round reads what is new ([`crate::replica`]), asks the witnesses what they have seen, holds
//! Open and Close against their times, and recounts polls that have grown enough. Whatever is wrong
//! is kept as files that a stranger can check, and told once.
//!
//! ```text
//! DIR/register, DIR/roll, DIR/poll    the copy
//! DIR/heads                           heads that say when: the latest, and those around phases
//! DIR/evidence                        what is wrong, one folder each, with a README
//! DIR/monitor.json                    what was told and recounted
//! ```
//!
//! Not here: how often, and whom to tell ([`crate::commands`]).

mod evidence;
pub mod metrics;
mod recounts;
mod state;
pub mod teller;
mod times;
mod witnesses;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use veche_protocol::audit::Trust;
use veche_protocol::log::cosignature;
use veche_protocol::log::note::Note;
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;

use crate::replica::discovery::{Discovery, Weight};
use crate::replica::{Replica, ReplicaError, Round};
use crate::source::Source;
use evidence::Evidence;
use state::State;
use teller::Event;

/// Whom and how long to believe.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the observer has from elsewhere.
    pub trust: Trust,
    /// Seconds after which what is shown is too old, or withheld; if it is to be judged.
    pub stale: Option<u64>,
    /// Who recounts the polls.
    pub recounts: Recounts,
}

/// Whether polls are recounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recounts {
    /// By so many threads.
    Run(usize),
    /// That is left to others.
    Left,
}

/// A monitor of one city.
#[derive(Debug)]
pub struct Monitor {
    replica: Replica,
    settings: Settings,
    state: State,
    evidence: Evidence,
}

/// What a round came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was not told before.
    pub events: Vec<Event>,
    /// The gravest of all that stands now, told before or not.
    pub gravest: Option<Weight>,
}

impl Monitor {
    /// Takes up the monitor that keeps this folder, or begins one.
    pub fn open(folder: &Path, settings: Settings) -> Result<Self, ReplicaError> {
        let replica = Replica::open(folder, settings.trust.clone())?;
        let state = State::read(replica.files())?;
        let evidence = Evidence::new(folder);
        Ok(Self { replica, settings, state, evidence })
    }

    /// The copy.
    pub const fn replica(&self) -> &Replica {
        &self.replica
    }

    /// One round. Whatever was come upon is in the report, also where the source failed in the
    /// middle: that is the inner error.
    pub fn round(
        &mut self,
        source: &dyn Source,
    ) -> Result<(Report, Result<(), ReplicaError>), ReplicaError> {
        let mut round = Round::default();
        let outcome = match self.replica.update(source, &mut round) {
            Err(error @ ReplicaError::Source(_)) => Err(error),
            outcome => {
                outcome?;
                Ok(())
            }
        };
        let now = now();
        let mut found = round.found;
        if outcome.is_ok() {
            self.state.last_round = Some(now);
            found.extend(self.judge(source, now)?);
        }
        found.extend(self.judge_silence(now));
        let report = self.report(found, now)?;
        self.state.write(self.replica.files())?;
        Ok((report, outcome))
    }

    /// What can be judged of a copy that is up to date.
    fn judge(&mut self, source: &dyn Source, now: u64) -> Result<Vec<Discovery>, ReplicaError> {
        let Self { replica, settings, state, .. } = self;
        let mut found = Vec::new();
        let patience = settings.stale.unwrap_or(witnesses::PATIENCE);
        let confirmed = witnesses::ask(replica, source, state, (now, patience), &mut found)?;
        found.extend(judge_age(replica, settings, &confirmed, now));
        times::keep(replica, state)?;
        if let Recounts::Run(workers) = settings.recounts {
            found.extend(recounts::run(replica, &settings.trust, workers, state)?);
        }
        Ok(found)
    }

    /// That the city has not been read for too long, by the own clock.
    fn judge_silence(&self, now: u64) -> Option<Discovery> {
        let since = now.saturating_sub(self.state.last_round?);
        // MONITOR-6
        let is_long = self.settings.stale.is_some_and(|stale| since > stale);
        is_long.then(|| {
            let words = format!("the city has not been read for {since} seconds");
            let mut silence = Discovery::finding("unreachable", None, words);
            "unreachable".clone_into(&mut silence.key);
            silence
        })
    }

    /// Sorts what is new from what was told, and keeps the evidence.
    fn report(&mut self, found: Vec<Discovery>, now: u64) -> Result<Report, ReplicaError> {
        let mut report = Report { gravest: self.state.standing(), ..Report::default() };
        let mut standing = Vec::new();
        for discovery in found {
            report.gravest = report.gravest.max(Some(discovery.weight));
            let id = state::id_of(&discovery);
            if self.state.is_new(&id) && !standing.contains(&id) {
                // MONITOR-5: kept before it is told.
                let kept = self.evidence.keep(self.replica.files(), &discovery, &id, now)?;
                report.events.push(Event::new(&discovery, now, kept));
                self.state.tell(&discovery, &id);
            }
            standing.push(id);
        }
        self.state.settle(standing);
        Ok(report)
    }
}

/// That the newest head which the city shows is old, by the witnesses' times.
fn judge_age(
    replica: &Replica,
    settings: &Settings,
    confirmed: &[LogPath],
    now: u64,
) -> Option<Discovery> {
    let (stale, policy) = (settings.stale?, settings.trust.policy.as_ref()?);
    let register = LogPath::Register;
    let newest = newest_time(replica.head(&register)?.note(), policy)?;
    let age = now.saturating_sub(newest);
    // MONITOR-6: a city at rest is not stale, if the witnesses know of nothing newer.
    if age <= stale || confirmed.contains(&register) {
        return None;
    }
    let words = format!("register: the head shown was last witnessed {age} seconds ago");
    let mut found = Discovery::finding("stale", Some(&register), words);
    "stale".clone_into(&mut found.key);
    Some(found.with_head("shown.checkpoint", replica.head(&register)?.note()).checked_by(
        "The times in the cosignatures (LOG-13) are the witnesses'; ask the city for a newer head.",
    ))
}

/// The newest time that a witness of the policy states on a note.
pub(crate) fn newest_time(note: &Note, policy: &Policy) -> Option<u64> {
    let keys: Vec<_> = policy.witnesses().iter().map(|witness| witness.key.clone()).collect();
    cosignature::collect(note, &keys).ok()?.into_iter().filter_map(|cosigned| cosigned.time).max()
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the clock is past 1970").as_secs()
}
