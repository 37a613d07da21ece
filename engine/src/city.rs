//! The logs of the city as everyone in the process sees them: what is published, and the folds.
//!
//! One writer ([`crate::sequencer`]) changes them, always after the change is durable; everyone
//! else reads. Not here: how anything is judged or written.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

use veche_protocol::count::Outcome;
use veche_protocol::hash::Hash;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Head, Pin};
use veche_protocol::poll::ballot_box::BallotBox;
use veche_protocol::poll::casting::OpenPoll;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::fold::{PhaseEntry, PollFold};
use veche_protocol::poll::phase::Phase;
use veche_protocol::poll::result::PollResult;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::roll::fold::RollFold;

use crate::leaves::LeafIndex;
use crate::lock::{read, write};
use crate::store::LogId;

/// The head of a log as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedHead {
    /// Number of entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// The signed checkpoint, byte for byte as it is served.
    pub note: String,
}

impl PublishedHead {
    /// Size and root.
    pub const fn head(&self) -> Head {
        Head { size: self.size, root: self.root }
    }
}

/// What all logs have.
#[derive(Debug)]
pub(crate) struct LogCell {
    pub(crate) id: LogId,
    pub(crate) path: LogPath,
    pub(crate) origin: String,
    pub(crate) verifier: VerifierKey,
    /// Replaced as a whole, after the head was signed.
    head: RwLock<Arc<PublishedHead>>,
    /// As long as the log is published, or a moment longer.
    leaves: RwLock<LeafIndex>,
}

impl LogCell {
    pub(crate) fn new(
        id: LogId,
        path: LogPath,
        register: &RegisterFold,
        head: PublishedHead,
        leaves: LeafIndex,
    ) -> Self {
        let verifier = register.verifier_of(&path);
        let origin = verifier.name().to_owned();
        Self {
            id,
            path,
            origin,
            verifier,
            head: RwLock::new(Arc::new(head)),
            leaves: RwLock::new(leaves),
        }
    }

    /// The published head.
    pub(crate) fn head(&self) -> Arc<PublishedHead> {
        Arc::clone(&read(&self.head))
    }

    /// Where the leaf may stand, below the published head or a moment before it is published.
    pub(crate) fn candidates(&self, leaf: &Hash) -> Vec<u64> {
        read(&self.leaves).candidates(leaf).collect()
    }

    /// Publishes a head and the leaves that it adds.
    pub(crate) fn publish(&self, head: Arc<PublishedHead>, leaves: &[Hash]) {
        let mut index = write(&self.leaves);
        for leaf in leaves {
            index.push(leaf);
        }
        drop(index);
        *write(&self.head) = head;
    }
}

/// The register.
#[derive(Debug)]
pub(crate) struct RegisterCell {
    pub(crate) log: Arc<LogCell>,
    /// Replaced as a whole.
    fold: RwLock<Arc<RegisterFold>>,
}

impl RegisterCell {
    pub(crate) fn new(log: Arc<LogCell>, fold: RegisterFold) -> Self {
        Self { log, fold: RwLock::new(Arc::new(fold)) }
    }

    pub(crate) fn fold(&self) -> Arc<RegisterFold> {
        Arc::clone(&read(&self.fold))
    }

    pub(crate) fn set_fold(&self, fold: Arc<RegisterFold>) {
        *write(&self.fold) = fold;
    }
}

/// A roll and the head up to which it is folded.
#[derive(Debug)]
pub(crate) struct FoldedRoll {
    pub(crate) fold: RollFold,
    pub(crate) head: Head,
}

/// A roll whose header stands.
#[derive(Debug)]
pub(crate) struct RollCell {
    pub(crate) log: Arc<LogCell>,
    /// The roll after its header alone: enough to examine the signatures of what follows.
    pub(crate) headed: RollFold,
    pub(crate) folded: RwLock<FoldedRoll>,
}

/// What changes in a poll with its phase entries alone.
#[derive(Clone, Debug)]
pub(crate) struct PollState {
    pub(crate) phase: Phase,
    pub(crate) definition: Arc<Definition>,
    pub(crate) phases: Vec<PhaseEntry>,
    pub(crate) pins: Vec<Pin>,
    pub(crate) open: Option<Arc<OpenPoll>>,
}

impl PollState {
    /// The state of a poll that has been announced.
    pub(crate) fn of(fold: &PollFold) -> Self {
        Self {
            phase: fold.phase(),
            definition: Arc::clone(fold.definition().expect("the poll has been announced")),
            phases: fold.entries().to_vec(),
            pins: fold.pins().to_vec(),
            open: fold.open_poll().cloned(),
        }
    }
}

/// A result with how each question came about.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The result, as a Certify has to claim it.
    pub result: PollResult,
    /// One for each question.
    pub outcomes: Vec<Outcome>,
}

/// A poll whose Announce stands.
#[derive(Debug)]
pub(crate) struct PollCell {
    pub(crate) log: Arc<LogCell>,
    /// Written with every group of ballots, so read it for moments only.
    pub(crate) fold: RwLock<PollFold>,
    /// Replaced as a whole with each phase entry.
    state: RwLock<Arc<PollState>>,
    accepted: AtomicU64,
    voted: AtomicU64,
    counted: OnceLock<Option<Arc<Counted>>>,
}

impl PollCell {
    pub(crate) fn new(log: Arc<LogCell>, fold: PollFold) -> Self {
        let voted = fold.ballots().map_or(0, |ballots| ballots.voted().count()) as u64;
        Self {
            log,
            state: RwLock::new(Arc::new(PollState::of(&fold))),
            accepted: AtomicU64::new(fold.ballots().map_or(0, BallotBox::accepted)),
            voted: AtomicU64::new(voted),
            fold: RwLock::new(fold),
            counted: OnceLock::new(),
        }
    }

    pub(crate) fn state(&self) -> Arc<PollState> {
        Arc::clone(&read(&self.state))
    }

    /// Ballots accepted, and voters who have a standing one.
    pub(crate) fn turnout(&self) -> (u64, u64) {
        (self.accepted.load(Ordering::Relaxed), self.voted.load(Ordering::Relaxed))
    }

    pub(crate) fn count_ballots(&self, accepted: u64, voted: u64) {
        self.accepted.fetch_add(accepted, Ordering::Relaxed);
        self.voted.fetch_add(voted, Ordering::Relaxed);
    }

    /// Puts the fold after a phase entry in place of the one before.
    pub(crate) fn set_fold(&self, fold: PollFold) {
        let state = Arc::new(PollState::of(&fold));
        *write(&self.fold) = fold;
        *write(&self.state) = state;
    }

    /// The result once no ballot can come any more; counted on first demand, which may take
    /// seconds.
    pub(crate) fn counted(&self) -> Option<Arc<Counted>> {
        let phase = self.state().phase;
        if !matches!(phase, Phase::Closed | Phase::Certified | Phase::Cancelled) {
            return None;
        }
        let count = || {
            let (result, outcomes) = read(&self.fold).open_and_count()?;
            Some(Arc::new(Counted { result, outcomes }))
        };
        self.counted.get_or_init(count).clone()
    }
}

/// All logs. Replaced as a whole when a log is added, and with new cells after a reload.
#[derive(Clone)]
pub(crate) struct City {
    pub(crate) register: Arc<RegisterCell>,
    pub(crate) rolls: BTreeMap<LogPath, Arc<RollCell>>,
    pub(crate) polls: BTreeMap<LogPath, Arc<PollCell>>,
}

impl City {
    pub(crate) fn log(&self, path: &LogPath) -> Option<&Arc<LogCell>> {
        match path {
            LogPath::Register => Some(&self.register.log),
            LogPath::Roll(_) => self.rolls.get(path).map(|roll| &roll.log),
            LogPath::Poll(_) => self.polls.get(path).map(|poll| &poll.log),
        }
    }

    /// Every log, the register first.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &Arc<LogCell>> {
        let rolls = self.rolls.values().map(|roll| &roll.log);
        let polls = self.polls.values().map(|poll| &poll.log);
        core::iter::once(&self.register.log).chain(rolls).chain(polls)
    }
}

impl fmt::Debug for City {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.logs().map(|log| log.path.to_string())).finish()
    }
}
