//! What the HTTP face counts about itself; nothing about who asked.
//!
//! Not here: the engine's own counters, and the text that both are written in
//! ([`crate::action::metrics`]).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::problem::Code;

/// Upper bounds of the classes of durations, in microseconds.
pub(crate) const DURATION_BOUNDS: [u64; 10] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000, 10_000_000];

/// Counters since the server started. Gauges are differences of two of them.
#[derive(Debug)]
pub(crate) struct Traffic {
    /// Answers below status 400.
    pub(crate) answers: Counter,
    /// Refusals, by the place of their code.
    problems: Vec<Counter>,
    /// Answers by duration; the last class is above all bounds.
    durations: [Counter; DURATION_BOUNDS.len() + 1],
    /// Microseconds of all answers together.
    pub(crate) microseconds: Counter,
    /// Requests that ended because the client went away.
    pub(crate) abandoned: Counter,
    /// Requests whose action panicked.
    pub(crate) panics: Counter,
    /// Connections taken.
    pub(crate) connections: Counter,
    /// Connections that have ended.
    pub(crate) connections_ended: Counter,
    /// Connections turned away.
    pub(crate) connections_refused: Counter,
}

impl Traffic {
    pub(crate) fn new() -> Self {
        Self {
            answers: Counter::default(),
            problems: (0..Code::COUNT).map(|_| Counter::default()).collect(),
            durations: std::array::from_fn(|_| Counter::default()),
            microseconds: Counter::default(),
            abandoned: Counter::default(),
            panics: Counter::default(),
            connections: Counter::default(),
            connections_ended: Counter::default(),
            connections_refused: Counter::default(),
        }
    }

    /// Counts one answer; `code` is that of a refusal.
    pub(crate) fn count(&self, code: Option<Code>, duration: Duration) {
        match code {
            Some(code) => self.problems[code.place()].increment(),
            None => self.answers.increment(),
        }
        let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let class = DURATION_BOUNDS.partition_point(|&bound| bound < microseconds);
        self.durations[class].increment();
        self.microseconds.add(microseconds);
    }

    /// Refusals by code.
    pub(crate) fn problems(&self) -> impl Iterator<Item = (Code, u64)> {
        Code::all().zip(&self.problems).map(|(code, count)| (code, count.get()))
    }

    /// Answers by class of duration.
    pub(crate) fn durations(&self) -> Vec<u64> {
        self.durations.iter().map(Counter::get).collect()
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn increment(&self) {
        self.add(1);
    }

    fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
