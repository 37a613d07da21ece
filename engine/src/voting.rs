//! The voting module: polls and rolls judged by the protocol's folds, from what is stored here.
//!
//! The folds are the auditor's own; this module only looks up what they ask for: roots at the sizes
//! that officers had seen, and rolls at the sizes that an Open pins. Not here: writing anything
//! ([`crate::sequencer`]), and the rules themselves (`veche-protocol`).

pub(crate) mod intake;
pub(crate) mod own_rules;
pub(crate) mod pending;
pub(crate) mod pins;
pub(crate) mod unique;

use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::poll::acts::{Head, SeenHeads};
use veche_protocol::poll::fold::{Evidence, PinnedRoll, PollFold};
use veche_protocol::poll::phase::Phase;
use veche_protocol::register::fold::RegisterFold;

use crate::store::{LogId, StoreError};
use crate::tree::reader::TreeReader;
use pins::PinnedFold;

/// A stored log and how much of it there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// `None` for a log that does not exist yet.
    pub(crate) log: Option<LogId>,
    pub(crate) size: u64,
}

impl Extent {
    /// The root at a size; `None` if the log is not that long.
    fn root_at(&self, size: u64, reader: &TreeReader) -> Result<Option<Hash>, StoreError> {
        match self.log {
            _ if size == 0 => Ok(Some(empty_root())),
            Some(log) if size <= self.size => reader.root_at(log, size).map(Some),
            _ => Ok(None),
        }
    }
}

/// What the judge of a single act reads.
pub(crate) struct Bench<'a> {
    pub(crate) reader: &'a TreeReader,
    pub(crate) register: &'a RegisterFold,
    pub(crate) register_extent: Extent,
    pub(crate) own_extent: Extent,
}

/// Judges the next single act on a poll (what officers, issuers and trustees do there, but for the
/// answers that issuers give in numbers), and takes it into the fold if the law allows it. The
/// outer error says that the judge could not look something up: then nothing is decided.
pub(crate) fn judge_act(
    fold: &mut PollFold,
    entry: &SignedEntry,
    index: u64,
    bench: &Bench<'_>,
    pinned: &[Option<PinnedFold>],
) -> Result<Result<Phase, Breach>, StoreError> {
    let seen = SeenHeads::of(entry.payload());
    let root = |extent: &Extent, head: Option<Head>| match head {
        Some(head) => extent.root_at(head.size, bench.reader),
        None => Ok(None),
    };
    let rolls: Vec<Option<PinnedRoll<'_>>> =
        pinned.iter().map(|roll| roll.as_ref().map(PinnedFold::as_evidence)).collect();
    let evidence = Evidence {
        register: bench.register,
        register_root: root(&bench.register_extent, seen.register)?,
        own_root: root(&bench.own_extent, seen.own)?,
        rolls: &rolls,
    };
    Ok(fold.admit(entry, index, &evidence))
}
