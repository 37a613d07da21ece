//! The logs of the city as everyone in the process sees them: what is published, and the folds.
//!
//! One writer ([`crate::sequencer`]) changes them, always after the change is durable; everyone
//! else reads. Not here: how anything is judged or written.

mod poll;

use core::fmt;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use veche_protocol::hash::Hash;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Head;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::roll::fold::RollFold;

use crate::leaves::LeafIndex;
use crate::lock::{read, write};
use crate::store::LogId;

pub(crate) use poll::PollCell;
pub use poll::{Counted, DistrictCounts};

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
