//! The thread of one witness: asks it about the newest round, and leaves it alone for a while when
//! it does not answer.
//!
//! Not here: what a round is, and what becomes of it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use veche_engine::{Engine, RoundHead};
use veche_protocol::log::note::NoteSignature;
use veche_protocol::name::LogPath;

use super::witness::{Failure, Witness};

/// The first pause after a witness did not answer; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a worker is asked: the heads to be cosigned in this round.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) round: u64,
    pub(super) heads: Arc<Vec<RoundHead>>,
}

/// What a worker has to say.
#[derive(Debug)]
pub(super) enum Said {
    /// The witness has, or has not, cosigned a head of this size.
    Of { witness: usize, path: LogPath, size: u64, outcome: Result<NoteSignature, Failure> },
    /// A witness was asked everything in this round, or is left alone.
    Done(u64),
}

/// Where the newest question lies until the worker takes it.
#[derive(Debug, Default)]
pub(super) struct Slot {
    state: Mutex<SlotState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct SlotState {
    question: Option<Question>,
    is_closed: bool,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Puts a question in the place of whatever was not taken.
    pub(super) fn put(&self, question: Question) {
        self.lock().question = Some(question);
        self.changed.notify_one();
    }

    /// Ends the worker.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    fn take(&self) -> Option<Question> {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some(question) = state.question.take() {
                return Some(question);
            }
            state = self.changed.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    fn is_overtaken(&self) -> bool {
        let state = self.lock();
        state.is_closed || state.question.is_some()
    }
}

/// Works until the slot is closed.
pub(super) fn run(
    place: usize,
    witness: &Witness,
    engine: &Engine,
    slot: &Slot,
    said: &Sender<Said>,
) {
    let mut seen: BTreeMap<LogPath, u64> = BTreeMap::new();
    let mut rest = Rest::default();
    while let Some(Question { round, heads }) = slot.take() {
        for head in heads.iter() {
            if rest.is_on() || slot.is_overtaken() {
                break;
            }
            let known = seen.entry(head.path.clone()).or_default();
            let asked = catch_unwind(AssertUnwindSafe(|| witness.cosign(engine, head, known)));
            // One fault must not leave the round waiting for this witness for good.
            let outcome = asked.unwrap_or_else(|_| Err(Failure::Silent("a fault here".to_owned())));
            match &outcome {
                Err(Failure::Silent(_)) => rest.begin(),
                Err(Failure::Other(_)) => look_for_evidence(witness, engine, head),
                Ok(_) => rest.end(),
                Err(_) => {}
            }
            let (path, size) = (head.path.clone(), head.head.size);
            if said.send(Said::Of { witness: place, path, size, outcome }).is_err() {
                return;
            }
        }
        if said.send(Said::Done(round)).is_err() {
            return;
        }
    }
}

/// A witness that has seen another history may hold a head that this city's key has signed: then
/// the log was set back, or is served twice, and nothing may be taken in on top of it.
fn look_for_evidence(witness: &Witness, engine: &Engine, head: &RoundHead) {
    let Some((seen, note)) = witness.last_seen(&head.verifier) else { return };
    let own = engine.head(&head.path);
    // PUBLISH-6: the head must be one of the log as it is now, which may have grown.
    let extends = own.is_some_and(|own| own.size >= seen.size)
        && engine.root_at(&head.path, seen.size).is_ok_and(|root| root == Some(seen.root));
    if !extends {
        let words =
            format!("witness {} holds a head that this log does not bear out", witness.name);
        engine.stop_set_back(&format!("{words}:\n{note}"));
    }
}

/// The pauses of a witness that does not answer.
#[derive(Debug)]
struct Rest {
    until: Option<Instant>,
    next: Duration,
}

impl Default for Rest {
    fn default() -> Self {
        Self { until: None, next: FIRST_PAUSE }
    }
}

impl Rest {
    fn is_on(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }

    fn begin(&mut self) {
        self.until = Some(Instant::now() + self.next);
        self.next = (self.next * 2).min(LONGEST_PAUSE);
    }

    fn end(&mut self) {
        *self = Self::default();
    }
}
