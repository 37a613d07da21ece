//! One step of the writer: what is appended to which logs, committed as one batch.
//!
//! The order is that of LOG-12. Nothing in memory changes before the batch is durable; heads are
//! signed after it, and published by whoever has brought the folds up to them.

use std::sync::Arc;

use veche_protocol::hash::{Hash, leaf_hash};

use crate::city::{LogCell, PublishedHead};
use crate::error::Refusal;
use crate::heads::{note_record, sign_head};
use crate::receipts::Group;
use crate::store::{Append, Batch, MetaWrite, UniqueWrite};
use crate::tree::{FreshProofs, TreeEdge};

use super::Sequencer;

/// An append that is not stored yet.
pub(super) struct Staged {
    log: Arc<LogCell>,
    append: Append,
    leaves: Vec<Hash>,
    edge: TreeEdge,
    proofs: Arc<FreshProofs>,
}

impl Staged {
    /// The log.
    pub(super) fn log(&self) -> &Arc<LogCell> {
        &self.log
    }

    /// The log's edge once it is stored.
    pub(super) fn edge(&self) -> &TreeEdge {
        &self.edge
    }
}

/// An append that is durable, with the head signed over it, not published yet.
pub(super) struct Landed {
    group: Arc<Group>,
}

impl Landed {
    /// The entries, their proofs and the head.
    pub(super) fn group(&self) -> &Arc<Group> {
        &self.group
    }

    /// The head.
    pub(super) fn head(&self) -> &Arc<PublishedHead> {
        &self.group.head
    }

    /// Lets everyone see it.
    pub(super) fn publish(&self) {
        let Group { log, leaves, head, .. } = self.group.as_ref();
        log.publish(Arc::clone(head), leaves);
    }
}

impl Sequencer {
    /// The size of a log.
    pub(super) fn size(&self, log: &LogCell) -> u64 {
        self.edges.get(&log.id).map_or(0, TreeEdge::size)
    }

    /// Prepares the append of entries to a log.
    pub(super) fn stage(&self, log: &Arc<LogCell>, entries: Vec<Vec<u8>>) -> Staged {
        let leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
        self.stage_hashed(log, entries, leaves, Vec::new())
    }

    /// Prepares the append of entries whose leaf hashes are known, with their unique records.
    pub(super) fn stage_hashed(
        &self,
        log: &Arc<LogCell>,
        entries: Vec<Vec<u8>>,
        leaves: Vec<Hash>,
        unique: Vec<UniqueWrite>,
    ) -> Staged {
        let growth = match self.edges.get(&log.id) {
            Some(edge) => edge.grow(&leaves),
            None => TreeEdge::new().grow(&leaves),
        };
        let (append, edge, proofs) = growth.into_append(log.id, entries, unique);
        Staged { log: Arc::clone(log), append, leaves, edge, proofs }
    }

    /// Commits everything as one batch, and signs the heads.
    ///
    /// After a refusal nothing has changed, or the state is about to be reloaded.
    pub(super) fn land(
        &mut self,
        staged: Vec<Staged>,
        mut meta: Vec<MetaWrite>,
    ) -> Result<Vec<Landed>, Refusal> {
        let mut batch = Batch::default();
        let mut pending = Vec::with_capacity(staged.len());
        for Staged { log, append, leaves, edge, proofs } in staged {
            // The head signed last is kept with the entries that extend it.
            let last = log.head();
            if last.size > 0 {
                meta.push(note_record(&log.origin, &last));
            }
            batch.appends.push(append);
            pending.push((log, leaves, edge, proofs));
        }
        batch.meta = meta;
        // A crash before this returns: all of it is there or nothing, and nobody was answered.
        self.commit(&batch)?;
        // A crash from here on: all of it is there; recovery signs the same heads again.
        let appends = batch.appends.into_iter().zip(pending);
        let landed = appends.map(|(append, (log, leaves, edge, proofs))| {
            // LOG-12: durable first, signed second; the store has compared the size it extends.
            let head = Arc::new(sign_head(&self.shared.key, &log.origin, edge.head()));
            if let Some(observer) = &self.shared.settings.on_head {
                observer(&log.path, &head);
            }
            self.edges.insert(log.id, edge);
            let entries = append.entries;
            Landed { group: Arc::new(Group { log, entries, leaves, proofs, head }) }
        });
        Ok(landed.collect())
    }

    /// Makes a batch durable, or says what became of it.
    pub(super) fn commit(&mut self, batch: &Batch) -> Result<(), Refusal> {
        let clock = Arc::clone(&self.shared.clock);
        let start = clock.monotonic();
        let outcome = self.shared.store.commit(batch);
        self.shared.metrics.count_commit(clock.monotonic().saturating_sub(start));
        outcome.map_err(|error| self.fail(&error))
    }
}
