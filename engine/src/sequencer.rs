//! The sequencer: the one thread that writes.
//!
//! It takes entries in turn, judges each against the state that is stored, commits, and only then
//! lets anything be seen:
//!
//! ```text
//! judge -> grow the tree -> commit (durable) -> sign the heads -> folds -> publish -> answer
//!              |                |
//!              |                +-- refused (disk full): nothing has happened
//!              +-- nothing in memory has changed so far
//! ```
//!
//! A crash before the commit is durable means that nobody was answered and nothing is there; a
//! crash after it means that entries are there whose senders were not answered: they send them
//! again and get the receipt of what stands (RECEIPT-5). After a failure with unknown outcome the
//! state is read back from the store before anything else is taken: it never goes on from memory.
//!
//! Not here: what the law says of an entry (the folds), and what can be prepared beforehand
//! ([`crate::desk`], [`crate::voting::intake`]).

mod acts;
mod anchoring;
mod drafting;
mod failures;
mod groups;
mod holding;
mod publishing;
mod step;

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, after, never, select};
use rand::rngs::StdRng;
use veche_protocol::entry::SignedEntry;
use veche_protocol::name::LogPath;

pub(crate) use anchoring::refuse_operator_entries;
pub(crate) use groups::find_recorded;

use crate::desk::PreparedAct;
use crate::drafts::Draft;
use crate::error::Refusal;
use crate::publication::{PublicationError, RoundHead};
use crate::shared::{Shared, Status};
use crate::store::LogId;
use crate::tree::TreeEdge;
use crate::voting::intake::CheckedArrival;
use holding::Held;

/// Something for the writer to do, other than entries that come in numbers.
pub(crate) enum Task {
    /// A single act.
    Act(Box<PreparedAct>),
    /// Anchor what has moved.
    Anchor(Sender<Result<(), Refusal>>),
    /// Keep an entry that waits for further signatures.
    Draft(Box<DraftTask>),
    /// Drop a draft; answers whether there was one.
    Withdraw(String, Sender<Result<bool, Refusal>>),
    /// Tell the heads of all logs as they are between two steps.
    Heads(Sender<Vec<RoundHead>>),
    /// Make these notes public.
    Publish(Vec<(LogPath, String)>, Sender<Result<(), PublicationError>>),
}

/// An entry that some have signed, checked as far as it can be.
pub(crate) struct DraftTask {
    pub(crate) id: String,
    pub(crate) path: LogPath,
    pub(crate) entry: SignedEntry,
    pub(crate) answer: Sender<Result<DraftOutcome, Refusal>>,
}

/// What became of it.
pub(crate) enum DraftOutcome {
    /// It waits, with what others have signed.
    Waiting(Arc<Draft>),
    /// Enough have signed: it is to be submitted.
    Complete(Box<SignedEntry>),
}

/// The writer's own state: what is durable, and not shared with anyone.
pub(crate) struct Sequencer {
    shared: Arc<Shared>,
    edges: HashMap<LogId, TreeEdge>,
    rng: StdRng,
    /// `None` once nobody can send any more and all is done; likewise below.
    tasks: Option<Receiver<Task>>,
    verified: Option<Receiver<Vec<CheckedArrival>>>,
    /// Entries that did not fit the last group.
    backlog: VecDeque<CheckedArrival>,
    /// Ballots of anonymous polls, until their interval is over.
    held: Vec<Held>,
    /// When the logs that have moved must be anchored; `None` if none has.
    anchor_due: Option<Duration>,
    /// When the next attempt to reload is due; only while the store has failed.
    reload_due: Option<Duration>,
}

/// What woke the writer.
enum Wake {
    Task(Task),
    Arrivals(Vec<CheckedArrival>),
    NoMoreTasks,
    NoMoreArrivals,
    /// A timer.
    Nothing,
}

impl Sequencer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        edges: HashMap<LogId, TreeEdge>,
        rng: StdRng,
        tasks: Receiver<Task>,
        verified: Receiver<Vec<CheckedArrival>>,
    ) -> Self {
        Self {
            shared,
            edges,
            rng,
            tasks: Some(tasks),
            verified: Some(verified),
            backlog: VecDeque::new(),
            held: Vec::new(),
            anchor_due: None,
            reload_due: None,
        }
    }

    /// Works until both queues are closed and empty; then anchors, and stores the last heads.
    pub(crate) fn run(mut self) {
        loop {
            let wake = self.wait();
            // A panic here leaves memory and store in an unknown relation, like a failed commit.
            match catch_unwind(AssertUnwindSafe(|| self.turn(wake))) {
                Ok(Turn::Go) => {}
                Ok(Turn::Done) => break,
                Err(_) => {
                    self.shared.metrics.count_panic();
                    self.stop(&"the sequencer panicked");
                }
            }
        }
        if catch_unwind(AssertUnwindSafe(|| self.finish())).is_err() {
            tracing::error!("the sequencer panicked while it stopped");
        }
        self.shared.set_status(Status::Stopped);
    }

    /// One task and one group at most, so that neither kind of work starves the other.
    fn turn(&mut self, wake: Wake) -> Turn {
        match wake {
            Wake::Task(task) => self.perform(task),
            Wake::Arrivals(arrivals) => self.take(arrivals),
            Wake::NoMoreTasks | Wake::NoMoreArrivals | Wake::Nothing => {}
        }
        self.reload_if_due();
        self.anchor_if_due();
        let group = self.next_group();
        if !group.is_empty() {
            // Those who wait have been answered either way.
            let _ = self.record_group(group);
        }
        let closed = self.tasks.is_none() && self.verified.is_none();
        self.release_due(if closed { Duration::MAX } else { self.shared.clock.monotonic() });
        if self.backlog.is_empty() && closed { Turn::Done } else { Turn::Go }
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Act(act) => self.record_act(*act),
            Task::Anchor(answer) => {
                let outcome = self.shared.check_ready().and_then(|()| self.anchor());
                // Whoever asked may have stopped waiting.
                let _ = answer.send(outcome);
            }
            Task::Draft(draft) => self.keep_draft(*draft),
            Task::Withdraw(id, answer) => {
                let _ = answer.send(self.drop_draft(&id));
            }
            Task::Heads(answer) => {
                let _ = answer.send(self.heads_now());
            }
            Task::Publish(notes, answer) => {
                let _ = answer.send(self.make_public(&notes));
            }
        }
    }

    /// As many entries as are there and fit one commit.
    fn next_group(&mut self) -> Vec<CheckedArrival> {
        let most = self.shared.settings.group;
        while self.backlog.len() < most
            && let Some(Ok(arrivals)) = self.verified.as_ref().map(Receiver::try_recv)
        {
            self.take(arrivals);
        }
        let length = self.backlog.len().min(most);
        self.backlog.drain(..length).collect()
    }

    /// Waits for work or for a timer, whichever comes first; with work at hand it does not wait.
    fn wait(&mut self) -> Wake {
        if !self.backlog.is_empty() {
            let task = self.tasks.as_ref().and_then(|tasks| tasks.try_recv().ok());
            return task.map_or(Wake::Nothing, Wake::Task);
        }
        let (no_tasks, no_arrivals) = (never(), never());
        let tasks = self.tasks.as_ref().unwrap_or(&no_tasks);
        let verified = self.verified.as_ref().unwrap_or(&no_arrivals);
        let timer = self.timer();
        let wake = select! {
            recv(tasks) -> task => task.map_or(Wake::NoMoreTasks, Wake::Task),
            recv(verified) -> some => some.map_or(Wake::NoMoreArrivals, Wake::Arrivals),
            recv(timer) -> _ => Wake::Nothing,
        };
        match wake {
            Wake::NoMoreTasks => self.tasks = None,
            Wake::NoMoreArrivals => self.verified = None,
            _ => {}
        }
        wake
    }

    /// Fires when the next anchor, attempt to reload, or end of an interval is due.
    fn timer(&self) -> Receiver<Instant> {
        let held = self.held.iter().map(|held| held.due);
        let due = [self.anchor_due, self.reload_due].into_iter().flatten().chain(held).min();
        let now = self.shared.clock.monotonic();
        due.map_or_else(never, |due| after(due.saturating_sub(now)))
    }
}

/// Whether the writer goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Go,
    Done,
}
