//! What the operator, and everyone who asks, is told about the rounds.

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::witness::Failure;
use crate::config::WithoutQuorum;

/// Upper bounds of the classes of a round's duration, in microseconds.
pub(crate) const ROUND_BOUNDS: [u64; 8] =
    [5_000, 10_000, 25_000, 100_000, 250_000, 1_000_000, 2_500_000, 10_000_000];

/// How the rounds go.
#[derive(Debug)]
pub(crate) struct Status {
    without_quorum: WithoutQuorum,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    witnesses: Vec<WitnessState>,
    /// Witnesses of the log that has the fewest.
    fewest: usize,
    is_quorum: bool,
    last_public: Option<Instant>,
    /// Since when there have been too few.
    short_since: Option<Instant>,
    rounds: Rounds,
}

/// How a witness is.
#[derive(Clone, Debug)]
pub(crate) struct WitnessState {
    pub(crate) name: String,
    /// Why it did not cosign what it was asked last.
    pub(crate) failure: Option<Failure>,
    cosigned: u64,
    failed: u64,
}

impl WitnessState {
    /// Heads that it has cosigned.
    pub(crate) const fn cosigned(&self) -> u64 {
        self.cosigned
    }

    /// Times that it did not cosign what it was asked to.
    pub(crate) const fn failed(&self) -> u64 {
        self.failed
    }
}

/// Rounds that have made something public, by duration.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rounds {
    /// The last class is above all bounds.
    pub(crate) counts: [u64; ROUND_BOUNDS.len() + 1],
    pub(crate) microseconds: u64,
    /// Rounds that have made nothing public, for want of witnesses.
    pub(crate) held_back: u64,
}

/// What everybody may know.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) witnesses: Vec<WitnessState>,
    pub(crate) fewest: usize,
    pub(crate) is_quorum: bool,
    pub(crate) is_held_back: bool,
    pub(crate) short_for: Option<Duration>,
    pub(crate) public_for: Option<Duration>,
    pub(crate) rounds: Rounds,
}

impl Status {
    pub(super) fn new(names: Vec<String>, without_quorum: WithoutQuorum) -> Self {
        let fresh = |name| WitnessState { name, failure: None, cosigned: 0, failed: 0 };
        let state = State {
            witnesses: names.into_iter().map(fresh).collect(),
            fewest: 0,
            is_quorum: false,
            last_public: None,
            short_since: None,
            rounds: Rounds::default(),
        };
        Self { without_quorum, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Numbers and texts: a panic between two of them breaks nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn heard(&self, witness: usize, failure: Option<&Failure>) {
        let mut state = self.lock();
        let witness = &mut state.witnesses[witness];
        match failure {
            None => witness.cosigned += 1,
            Some(failure) => {
                if witness.failure.as_ref() != Some(failure) {
                    tracing::warn!(witness = witness.name, %failure, "a witness does not cosign");
                }
                witness.failed += 1;
            }
        }
        witness.failure = failure.cloned();
    }

    pub(super) fn held_back(&self, fewest: usize) {
        let mut state = self.lock();
        if state.short_since.is_none() {
            tracing::error!(witnesses = fewest, "too few witnesses: heads are held back");
        }
        state.rounds.held_back += 1;
        state.short_since.get_or_insert_with(Instant::now);
        (state.fewest, state.is_quorum) = (fewest, false);
    }

    pub(super) fn published(&self, fewest: usize, is_quorum: bool, took: Duration) {
        let mut state = self.lock();
        if is_quorum {
            if state.short_since.take().is_some() {
                tracing::info!(witnesses = fewest, "there are enough witnesses again");
            }
        } else {
            if state.short_since.is_none() {
                tracing::error!(witnesses = fewest, "too few witnesses: heads are public without");
            }
            state.short_since.get_or_insert_with(Instant::now);
        }
        (state.fewest, state.is_quorum) = (fewest, is_quorum);
        state.last_public = Some(Instant::now());
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = ROUND_BOUNDS.partition_point(|&bound| bound < microseconds);
        state.rounds.counts[class] += 1;
        state.rounds.microseconds = state.rounds.microseconds.saturating_add(microseconds);
    }

    /// The state now.
    pub(crate) fn summary(&self) -> Summary {
        let state = self.lock();
        let short_for = state.short_since.map(|since| since.elapsed());
        Summary {
            witnesses: state.witnesses.clone(),
            fewest: state.fewest,
            is_quorum: state.is_quorum,
            is_held_back: short_for.is_some() && self.without_quorum == WithoutQuorum::HoldBack,
            short_for,
            public_for: state.last_public.map(|since| since.elapsed()),
            rounds: state.rounds,
        }
    }
}

impl Summary {
    /// In one sentence.
    pub(crate) fn sentence(&self) -> String {
        let all = self.witnesses.len();
        let fewest = self.fewest;
        match self.short_for {
            None if self.is_quorum => format!("{fewest} of {all} witnesses have seen every log"),
            None => format!("{all} witnesses are being asked for the first time"),
            Some(since) => {
                let seconds = since.as_secs();
                let state = if self.is_held_back {
                    "new heads are held back"
                } else {
                    "new heads are public without a quorum"
                };
                format!("{fewest} of {all} witnesses, too few for {seconds} s: {state}")
            }
        }
    }

    /// The lines of `/health`.
    pub(crate) fn lines(&self) -> String {
        let mut text = format!("witnesses: {}\n", self.sentence());
        if let Some(since) = self.public_for {
            writeln!(text, "last round: {:.1} s ago", since.as_secs_f64()).expect("a string");
        }
        for WitnessState { name, failure, .. } in &self.witnesses {
            let state = failure.as_ref().map_or_else(|| "cosigns".to_owned(), ToString::to_string);
            writeln!(text, "witness {name}: {state}").expect("a string");
        }
        text
    }
}
