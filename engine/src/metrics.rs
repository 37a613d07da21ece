//! What the engine counts about itself: plain atomics, for whoever exports them.
//!
//! Not here: names and formats of a monitoring system (the API's).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use veche_protocol::breach::Breach;

use crate::error::Refusal;
use crate::voting::intake::Checked;

/// Upper bounds of the sizes of groups and batches.
const SIZES: [u64; 8] = [1, 4, 16, 64, 256, 1_024, 2_048, 4_096];

/// Upper bounds of durations, in microseconds: from an idle disk's fsync to one that is ill.
const MICROSECONDS: [u64; 10] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000];

/// Counts by upper bound, with their sum.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what lies above the last.
    counts: Vec<AtomicU64>,
    sum: AtomicU64,
}

impl Histogram {
    fn new(bounds: &'static [u64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, counts, sum: AtomicU64::new(0) }
    }

    pub(crate) fn observe(&self, value: u64) {
        let place = self.bounds.partition_point(|&bound| bound < value);
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    pub(crate) fn observe_duration(&self, duration: Duration) {
        self.observe(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
    }

    /// The upper bounds, ascending; each is part of its own class.
    pub const fn bounds(&self) -> &'static [u64] {
        self.bounds
    }

    /// The number of values in each class; the last one has those above all bounds.
    pub fn counts(&self) -> Vec<u64> {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }

    /// The sum of all values.
    pub fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }

    /// The number of all values.
    pub fn count(&self) -> u64 {
        self.counts().iter().sum()
    }
}

/// What an engine has done since it was opened.
#[derive(Debug)]
pub struct Metrics {
    ballots: AtomicU64,
    requests: AtomicU64,
    issued: AtomicU64,
    acts: AtomicU64,
    repeats: AtomicU64,
    anchors: AtomicU64,
    reloads: AtomicU64,
    panics: AtomicU64,
    /// By the order of `Breach::ALL`.
    breaches: Vec<AtomicU64>,
    /// By the order of `Refusal::OWN`.
    own: Vec<AtomicU64>,
    groups: Histogram,
    verify_batches: Histogram,
    commits: Histogram,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let zeros = |length: usize| (0..length).map(|_| AtomicU64::new(0)).collect();
        Self {
            ballots: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            issued: AtomicU64::new(0),
            acts: AtomicU64::new(0),
            repeats: AtomicU64::new(0),
            anchors: AtomicU64::new(0),
            reloads: AtomicU64::new(0),
            panics: AtomicU64::new(0),
            breaches: zeros(Breach::ALL.len()),
            own: zeros(Refusal::OWN.len()),
            groups: Histogram::new(&SIZES),
            verify_batches: Histogram::new(&SIZES),
            commits: Histogram::new(&MICROSECONDS),
        }
    }

    pub(crate) fn count_group(&self, recorded: &[Checked]) {
        for entry in recorded {
            let count = match entry {
                Checked::Ballot(_) => &self.ballots,
                Checked::Request(_) => &self.requests,
                Checked::Issued(_) => &self.issued,
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.groups.observe(recorded.len() as u64);
    }

    pub(crate) fn count_act(&self) {
        self.acts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_repeat(&self) {
        self.repeats.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_anchors(&self, entries: usize) {
        self.anchors.fetch_add(entries as u64, Ordering::Relaxed);
    }

    pub(crate) fn count_reload(&self) {
        self.reloads.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_panic(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_verified(&self, entries: usize) {
        self.verify_batches.observe(entries as u64);
    }

    pub(crate) fn count_commit(&self, duration: Duration) {
        self.commits.observe_duration(duration);
    }

    pub(crate) fn count_refusal(&self, refusal: Refusal) {
        let place = match refusal {
            Refusal::Breach(breach) => {
                let place = Breach::ALL.iter().position(|&other| other == breach);
                place.map(|place| &self.breaches[place])
            }
            own => Refusal::OWN.iter().position(|&other| other == own).map(|p| &self.own[p]),
        };
        place.expect("each refusal stands in one of the tables").fetch_add(1, Ordering::Relaxed);
    }

    /// Ballots recorded.
    pub fn ballots(&self) -> u64 {
        self.ballots.load(Ordering::Relaxed)
    }

    /// Requests for credentials recorded.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Entries of issuers that answer requests, recorded.
    pub fn issued(&self) -> u64 {
        self.issued.load(Ordering::Relaxed)
    }

    /// Other entries recorded for someone.
    pub fn acts(&self) -> u64 {
        self.acts.load(Ordering::Relaxed)
    }

    /// Submissions answered with the receipt of what stood in the log already.
    pub fn repeats(&self) -> u64 {
        self.repeats.load(Ordering::Relaxed)
    }

    /// Anchors entries recorded.
    pub fn anchors(&self) -> u64 {
        self.anchors.load(Ordering::Relaxed)
    }

    /// Successful reloads after a failure of the store.
    pub fn reloads(&self) -> u64 {
        self.reloads.load(Ordering::Relaxed)
    }

    /// Panics of the engine's threads, each of which ended the work at hand and nothing else.
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// Submissions refused, by code; those that never happened included.
    pub fn refusals(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let law = Breach::ALL.iter().map(|breach| breach.code()).zip(&self.breaches);
        let own = Refusal::OWN.iter().map(|refusal| refusal.code()).zip(&self.own);
        law.chain(own).map(|(code, count)| (code, count.load(Ordering::Relaxed)))
    }

    /// Entries of each commit of a group.
    pub const fn groups(&self) -> &Histogram {
        &self.groups
    }

    /// Entries of each verification.
    pub const fn verify_batches(&self) -> &Histogram {
        &self.verify_batches
    }

    /// Duration of each commit, in microseconds.
    pub const fn commits(&self) -> &Histogram {
        &self.commits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_own_class() {
        let histogram = Histogram::new(&[1, 10]);
        for value in [0, 1, 2, 10, 11] {
            histogram.observe(value);
        }
        assert_eq!(histogram.counts(), [2, 2, 1]);
        assert_eq!((histogram.sum(), histogram.count()), (24, 5));
    }

    #[test]
    fn refusals_are_counted_by_code() {
        let metrics = Metrics::new();
        metrics.count_refusal(Refusal::Busy);
        metrics.count_refusal(Refusal::Breach(Breach::StaleTurn));
        let counted: Vec<_> = metrics.refusals().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [("stale-turn", 1), ("busy", 1)]);
    }
}
