//! The engine: founded once, opened on a store, asked and written to from any thread.
//!
//! ```text
//! submitting thread   decode, check the signer against a snapshot
//! verifying threads   signatures of what comes in numbers, in batches of what has piled up
//! desk threads        single acts: signatures of roll entries, rolls at a pin, counts
//! sequencer           judge, commit, sign, publish, answer
//! ```
//!
//! Not here: what can be asked ([`crate::views`]).

mod founding;
mod threads;

use core::fmt;
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, TrySendError, bounded};
use rand::CryptoRng;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::casting::Intake;
use veche_protocol::signature::SigningKey;

use crate::clock::Clock;
use crate::desk::Act;
use crate::error::{EngineError, QueryError, Refusal};
use crate::lock::{lock, read, write};
use crate::publication::{Publication, PublicationError, RoundHead};
use crate::receipts::{Recorded, Reply};
use crate::sequencer::{Task, find_recorded};
use crate::settings::Settings;
use crate::shared::{Shared, Status};
use crate::store::Store;
use crate::voting::intake::{Arrival, EligibleArrival};

/// A running engine. Cloning gives another handle to the same one; when the last handle is dropped
/// it is shut down.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    /// `None` once it is shut down.
    queues: RwLock<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Where submissions go. When these are dropped, the threads finish what is queued, and end.
struct Queues {
    arrivals: Sender<EligibleArrival>,
    acts: Sender<Act>,
    tasks: Sender<Task>,
}

impl Engine {
    /// Writes the genesis of a new city into an empty store; returns the instance id. Doing it
    /// again with the same bytes changes nothing.
    pub fn found(
        store: &dyn Store,
        key: &SigningKey,
        genesis: Vec<u8>,
    ) -> Result<Hash, EngineError> {
        founding::found(store, key, genesis)
    }

    /// Loads everything from the store, and starts. `rng` is drawn on once for the seeds of the
    /// threads' own generators, which blind the batched verification.
    pub fn open<R: CryptoRng>(
        store: Arc<dyn Store>,
        key: SigningKey,
        settings: Settings,
        clock: Arc<dyn Clock>,
        rng: &mut R,
    ) -> Result<Self, EngineError> {
        let mut rng = StdRng::from_rng(rng);
        let (shared, edges) = threads::load(store, key, settings, clock, &mut rng)?;
        let shared = Arc::new(shared);
        let (queues, threads) = threads::start(&shared, edges, &mut rng)?;
        let (queues, threads) = (RwLock::new(Some(queues)), Mutex::new(threads));
        Ok(Self(Arc::new(Inner { shared, queues, threads })))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    /// Submits an entry. It never waits for the writer, and reads at most one entry from the store;
    /// `reply` is called exactly once, at once or later, on a thread of the engine or on this one,
    /// and must not wait either.
    pub fn submit(
        &self,
        path: &LogPath,
        bytes: Vec<u8>,
        reply: impl FnOnce(Result<Recorded, Refusal>) + Send + 'static,
    ) {
        let reply = Reply::new(reply);
        let entry = self.shared().check_ready().and_then(|()| {
            // ENTRY-8: what does not decode is refused with the first defect.
            Ok(SignedEntry::decode(path.log_type(), bytes)?)
        });
        match entry {
            Err(refusal) => self.shared().refuse(reply, refusal),
            Ok(entry) if Intake::takes(entry.payload().kind()) => {
                self.submit_in_numbers(path, entry, reply);
            }
            Ok(entry) => {
                let act = Act { path: path.clone(), entry, reply };
                self.enqueue(|queues| &queues.acts, act, |act| act.reply);
            }
        }
    }

    /// A ballot, a request or an issuer's answers are checked against the poll as it is published:
    /// whatever can be refused without a signature is refused here, on the submitter's thread.
    fn submit_in_numbers(&self, path: &LogPath, entry: SignedEntry, reply: Reply) {
        let shared = self.shared();
        let city = shared.city();
        let Some(poll) = city.polls.get(path) else {
            return shared.refuse(reply, Refusal::UnknownLog);
        };
        let state = poll.state();
        // BALLOT-1, CRED-7, CRED-8: position first.
        if let Err(breach) = state.check_position(entry.payload().kind()) {
            return self.answer_late(path, &entry, breach, reply);
        }
        let length = entry.bytes().len();
        match state.intake.check(entry) {
            Ok(entry) => {
                // API-9: nobody has verified the signature yet.
                let Some(taken) = shared.ballot_room.take(length) else {
                    return shared.refuse(reply, Refusal::Busy);
                };
                let reply = Reply::new(move |outcome| {
                    drop(taken);
                    reply.send(outcome);
                });
                let (poll, intake) = (Arc::clone(poll), Arc::clone(&state.intake));
                let arrival = Arrival { poll, intake, entry, reply };
                self.enqueue(|queues| &queues.arrivals, arrival, |arrival| arrival.reply);
            }
            Err(breach) => shared.refuse(reply, breach),
        }
    }

    /// RECEIPT-5: who sends a recorded entry again gets its receipt even when its phase is over.
    fn answer_late(&self, path: &LogPath, entry: &SignedEntry, breach: Breach, reply: Reply) {
        let shared = self.shared();
        let city = shared.city();
        let log = city.log(path).expect("the poll was found in this city or an older one");
        match find_recorded(shared, log, &entry.leaf(), Some(entry.bytes())) {
            Ok(Some(recorded)) => {
                shared.metrics.count_repeat();
                reply.send(Ok(recorded));
            }
            Ok(None) => shared.refuse(reply, breach),
            Err(error) => {
                shared.note_error(&error);
                shared.refuse(reply, Refusal::StorageFailed);
            }
        }
    }

    /// Puts something into a queue, or refuses it at once if that is full or closed.
    fn enqueue<T>(
        &self,
        queue: impl FnOnce(&Queues) -> &Sender<T>,
        item: T,
        reply_of: impl FnOnce(T) -> Reply,
    ) {
        let queues = read(&self.0.queues);
        let refused = match queues.as_ref().map(queue) {
            None => (Refusal::Stopped, item),
            Some(queue) => match queue.try_send(item) {
                Ok(()) => return,
                Err(TrySendError::Full(item)) => (Refusal::Busy, item),
                Err(TrySendError::Disconnected(item)) => (Refusal::Stopped, item),
            },
        };
        drop(queues);
        self.shared().refuse(reply_of(refused.1), refused.0);
    }

    /// Submits an entry and waits for the answer, at most so long.
    pub fn submit_and_wait(
        &self,
        path: &LogPath,
        bytes: Vec<u8>,
        timeout: Duration,
    ) -> Result<Recorded, Refusal> {
        let (answer, answers) = bounded(1);
        self.submit(path, bytes, move |outcome| drop(answer.send(outcome)));
        match answers.recv_timeout(timeout) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => Err(Refusal::TimedOut),
            Err(RecvTimeoutError::Disconnected) => Err(Refusal::Internal),
        }
    }

    /// Anchors at once what has moved since it was last anchored; returns when that is published.
    pub fn anchor_now(&self) -> Result<(), Refusal> {
        self.ask(Task::Anchor)?
    }

    /// When heads become public.
    pub fn publication(&self) -> Publication {
        self.shared().settings.publication
    }

    /// The heads of all logs at one moment, the register first: the beginning of a round of
    /// publication.
    pub fn heads(&self) -> Result<Vec<RoundHead>, Refusal> {
        self.ask(Task::Heads)
    }

    /// Makes these heads public, all at once, and durable before; each is a checkpoint of its log,
    /// with whatever signatures were added to it. Only where heads become public in rounds.
    pub fn publish(&self, notes: Vec<(LogPath, String)>) -> Result<(), PublicationError> {
        let published = self.ask(|answer| Task::Publish(notes, answer));
        published.map_err(PublicationError::Refused)?
    }

    /// The consistency proof between two sizes of a log.
    pub fn consistency(
        &self,
        path: &LogPath,
        from: u64,
        to: u64,
    ) -> Result<Option<Vec<Hash>>, QueryError> {
        let city = self.shared().city();
        let Some(log) = city.log(path).filter(|log| from <= to && to <= log.head().size) else {
            return Ok(None);
        };
        Ok(Some(self.shared().reader.consistency(log.id, from, to)?))
    }

    /// The root of a log at a size; `None` if it has never been so long.
    pub fn root_at(&self, path: &LogPath, size: u64) -> Result<Option<Hash>, QueryError> {
        let city = self.shared().city();
        let Some(log) = city.log(path).filter(|log| size <= log.head().size) else {
            return Ok(None);
        };
        Ok(Some(self.shared().reader.root_at(log.id, size)?))
    }

    /// Takes nothing in any more: a head of this city is known, signed by its key, that the log
    /// does not bear out. `evidence` goes to the operator.
    pub fn stop_set_back(&self, evidence: &str) {
        tracing::error!(evidence, "the log was set back behind what its key has signed");
        self.shared().note_error(&evidence);
        self.shared().stop_set_back();
    }

    /// Has the writer do something, and waits for the answer.
    pub(crate) fn ask<T>(&self, task: impl FnOnce(Sender<T>) -> Task) -> Result<T, Refusal> {
        self.shared().check_ready()?;
        let (answer, answers) = bounded(1);
        // The lock is not held while waiting, or nobody could shut the engine down.
        let tasks = read(&self.0.queues).as_ref().map(|queues| queues.tasks.clone());
        let tasks = tasks.ok_or(Refusal::Stopped)?;
        tasks.send(task(answer)).map_err(|_| Refusal::Stopped)?;
        drop(tasks);
        // Whatever is taken is done, or the writer panicked on it.
        answers.recv().map_err(|_| Refusal::Internal)
    }

    /// Entries that wait to be verified, and single acts that wait.
    pub(crate) fn queue_lengths(&self) -> (usize, usize) {
        read(&self.0.queues).as_ref().map_or((0, 0), |queues| {
            (queues.arrivals.len(), queues.acts.len() + queues.tasks.len())
        })
    }

    /// Takes nothing more, finishes what was taken, anchors, stores the last heads, and ends the
    /// threads. Queries still work. Doing it again does nothing.
    ///
    /// It must not be called from a reply.
    pub fn shutdown(&self) {
        self.0.shutdown();
    }
}

impl Inner {
    fn shutdown(&self) {
        drop(write(&self.queues).take());
        for thread in core::mem::take(&mut *lock(&self.threads)) {
            if thread.join().is_err() {
                tracing::error!("a thread of the engine has panicked");
            }
        }
        self.shared.set_status(Status::Stopped);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let current = std::thread::current().id();
        if lock(&self.threads).iter().any(|thread| thread.thread().id() == current) {
            // The last handle went with a reply, on a thread of the engine itself: it cannot wait
            // for itself. With the queues closed all threads finish what is queued, and end.
            drop(write(&self.queues).take());
        } else {
            self.shutdown();
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("status", &self.shared().status()).finish_non_exhaustive()
    }
}
