//! Witnessing: before a head becomes public, independent witnesses are asked to cosign it.
//!
//! ```text
//! heads of all logs at one moment -> every witness, side by side -> lines -> enough? -> public
//!          ^                                                                  |
//!          +---------- the next interval ---------- no: as the operator chose +
//! ```
//!
//! One thread holds the rounds and one asks each witness, so that a slow or dead one delays nobody
//! but itself. A voter's receipt never waits for any of it (RECEIPT-4). Not here: what is public
//! and when it is stored (the engine), and what a witness checks.

mod round;
mod second_key;
mod status;
mod witness;
mod worker;

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use veche_engine::{Engine, RoundHead};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::policy::Policy;
use veche_protocol::poll::phase::Phase;

use crate::config::WithoutQuorum;
use crate::config::WitnessConfig;
use round::{Lines, is_witnessed};
pub use second_key::SecondKey;
pub(crate) use status::{ROUND_BOUNDS, Status, Summary, WitnessState};
use witness::Witness;
use worker::{Question, Said, Slot};

/// The part of an interval for which the slower witnesses are waited for once there are enough.
const GRACE_PART: u32 = 4;

/// The rounds of a city. They end when this is dropped.
#[derive(Debug)]
pub(crate) struct Witnessing {
    pub(crate) status: Arc<Status>,
    /// Hears nothing, and ends with the first round.
    first: Receiver<Infallible>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Witnessing {
    /// Begins the first round.
    pub(crate) fn start(
        engine: Engine,
        policy: Policy,
        second: Option<SecondKey>,
        config: &WitnessConfig,
    ) -> Self {
        let patience = Duration::from_secs(config.timeout_seconds.max(1));
        let witnesses: Vec<_> =
            policy.witnesses().iter().filter_map(|line| Witness::new(line, patience)).collect();
        let names = witnesses.iter().map(|witness| witness.name.clone());
        let status = Arc::new(Status::new(names.collect(), config.without_quorum));
        let (stop, stopped) = bounded(0);
        let (before_first, first) = bounded(0);
        let pace = Pace {
            interval: Duration::from_millis(config.interval_milliseconds.max(1)),
            patience,
            refresh: Duration::from_secs(config.refresh_seconds.max(1)),
            without_quorum: config.without_quorum,
        };
        let shown = Arc::clone(&status);
        let thread = thread::spawn(move || {
            let slots: Vec<_> = witnesses.iter().map(|_| Slot::default()).collect();
            thread::scope(|scope| {
                let (say, heard) = unbounded();
                for (place, (witness, slot)) in witnesses.iter().zip(&slots).enumerate() {
                    let (engine, say) = (&engine, say.clone());
                    scope.spawn(move || worker::run(place, witness, engine, slot, &say));
                }
                let keys = witnesses.iter().map(|witness| witness.key.clone()).collect();
                let mut rounds = Rounds {
                    engine: &engine,
                    policy,
                    keys,
                    slots: &slots,
                    heard,
                    stopped,
                    pace,
                    lines: Lines::default(),
                    second,
                    number: 0,
                    before_first: Some(before_first),
                    status: &shown,
                };
                let _closing = Closing(&slots);
                rounds.hold();
            });
        });
        Self { status, first, stop: Some(stop), thread: Some(thread) }
    }

    /// What waits until every witness was asked once, or for as long as one is waited for.
    pub(crate) fn first_round(&self) -> impl FnOnce() + Send + use<> {
        let first = self.first.clone();
        move || {
            let _over = first.recv();
        }
    }
}

impl Drop for Witnessing {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the rounds has panicked");
        }
    }
}

/// Ends the workers, however the rounds end.
struct Closing<'a>(&'a [Slot]);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.iter().for_each(Slot::close);
    }
}

#[derive(Clone, Copy, Debug)]
struct Pace {
    interval: Duration,
    patience: Duration,
    refresh: Duration,
    without_quorum: WithoutQuorum,
}

/// Whether the rounds go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Going {
    On,
    Stopped,
}

struct Rounds<'a> {
    engine: &'a Engine,
    policy: Policy,
    /// By the place of the witness.
    keys: Vec<VerifierKey>,
    slots: &'a [Slot],
    heard: Receiver<Said>,
    stopped: Receiver<()>,
    pace: Pace,
    lines: Lines,
    second: Option<SecondKey>,
    number: u64,
    /// Dropped when the first round is over.
    before_first: Option<Sender<Infallible>>,
    status: &'a Status,
}

impl Rounds<'_> {
    fn hold(&mut self) {
        loop {
            let begun = Instant::now();
            match catch_unwind(AssertUnwindSafe(|| self.round())) {
                Ok(Going::On) => {}
                Ok(Going::Stopped) => return,
                // The next round takes everything anew from the engine.
                Err(_) => tracing::error!("a round has panicked"),
            }
            drop(self.before_first.take());
            // PUBLISH-3: the next one begins an interval after this one did.
            let left = self.interval().saturating_sub(begun.elapsed());
            if self.stopped.recv_timeout(left) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// The shortest interval that a poll under way has announced, or the configured one.
    fn interval(&self) -> Duration {
        let polls = self.engine.polls();
        let under_way = polls.iter().filter(|poll| {
            !matches!(poll.phase, Phase::Unannounced | Phase::Certified | Phase::Cancelled)
        });
        let announced = under_way.map(|poll| Duration::from_millis(poll.definition.interval));
        announced.min().map_or(self.pace.interval, |shortest| shortest.min(self.pace.interval))
    }

    fn round(&mut self) -> Going {
        while let Ok(said) = self.heard.try_recv() {
            self.take(said);
        }
        let Ok(heads) = self.engine.heads() else { return Going::On };
        self.lines.begin(&heads, self.second.as_ref());
        self.number += 1;
        let begun = Instant::now();
        let mut waiting = 0;
        for (place, slot) in self.slots.iter().enumerate() {
            let wanted =
                |head: &&RoundHead| self.lines.is_wanted(&head.path, place, self.pace.refresh);
            let wanted: Vec<_> = heads.iter().filter(wanted).cloned().collect();
            if !wanted.is_empty() {
                slot.put(Question { round: self.number, heads: Arc::new(wanted) });
                waiting += 1;
            }
        }
        if self.gather(&heads, begun, waiting) == Going::Stopped {
            return Going::Stopped;
        }
        self.conclude(&heads, begun.elapsed());
        Going::On
    }

    /// Takes in what the witnesses say until all of them are done, or enough of them and a little
    /// longer, or the time is over.
    fn gather(&mut self, heads: &[RoundHead], begun: Instant, mut waiting: usize) -> Going {
        // PUBLISH-6: whoever knows more than this server is heard before anything is taken in.
        let is_first = self.before_first.is_some();
        let grace = if is_first { self.pace.patience } else { self.interval() / GRACE_PART };
        let last = begun + self.pace.patience;
        let mut enough_since = None;
        while waiting > 0 {
            if enough_since.is_none() && self.is_quorum(heads) {
                enough_since = Some(Instant::now());
            }
            let end = enough_since.map_or(last, |since| last.min(since + grace));
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            crossbeam_channel::select! {
                recv(self.heard) -> said => match said {
                    Ok(Said::Done(round)) if round == self.number => waiting -= 1,
                    Ok(said) => self.take(said),
                    Err(_) => return Going::Stopped,
                },
                recv(self.stopped) -> _ => return Going::Stopped,
                default(left) => {}
            }
        }
        Going::On
    }

    fn take(&mut self, said: Said) {
        let Said::Of { witness, path, size, outcome } = said else { return };
        self.status.heard(witness, outcome.as_ref().err());
        match outcome {
            Ok(line) => self.lines.add(&path, size, witness, line),
            Err(failure) => {
                tracing::debug!(witness, log = %path, %failure, "a head is not cosigned");
            }
        }
    }

    fn is_quorum(&self, heads: &[RoundHead]) -> bool {
        heads.iter().all(|head| self.lines.is_quorum(&head.path, &self.policy, &self.keys))
    }

    /// Makes the heads public, if there are enough witnesses or the operator does without.
    fn conclude(&self, heads: &[RoundHead], took: Duration) {
        let is_quorum = self.is_quorum(heads);
        let cosigned = heads.iter().filter(|head| is_witnessed(&head.path));
        let fewest = cosigned.map(|head| self.lines.count(&head.path)).min().unwrap_or(0);
        // PUBLISH-4: too few, and the operator's stated choice decides.
        if !is_quorum && self.pace.without_quorum == WithoutQuorum::HoldBack {
            return self.status.held_back(fewest);
        }
        let notes = heads.iter().map(|head| (head, self.lines.note(head)));
        let is_new = |(head, note): &(&RoundHead, String)| {
            head.public.as_ref().is_none_or(|public| public.note != *note)
        };
        let notes: Vec<_> =
            notes.filter(is_new).map(|(head, note)| (head.path.clone(), note)).collect();
        if !notes.is_empty()
            && let Err(error) = self.engine.publish(notes)
        {
            tracing::warn!(%error, "the heads of this round do not become public");
            return;
        }
        self.status.published(fewest, is_quorum, took);
    }
}
