//! Entries that come in numbers: judged in their order, committed together in groups, each poll's
//! under one new head.

use std::sync::Arc;

use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;

use crate::city::{LogCell, PollCell};
use crate::error::Refusal;
use crate::lock::read;
use crate::receipts::{Recorded, Repeat, Reply};
use crate::shared::Shared;
use crate::store::StoreError;
use crate::voting::intake::{Arrival, Checked, CheckedArrival, divide};
use crate::voting::pending::{Decision, PendingEntries};
use crate::voting::unique::unique_writes;

use super::Sequencer;
use super::step::{Landed, Staged};

/// The entries of one poll in a group.
struct Part {
    poll: Arc<PollCell>,
    pending: PendingEntries,
    /// Who waits for which of the pending entries.
    waiting: Vec<(usize, Repeat, Reply)>,
    /// What is judged after them.
    later: Vec<CheckedArrival>,
}

impl Sequencer {
    /// Records what it can of a group, and answers it; what has to be judged after it goes back to
    /// the backlog. Says why what is lawful was not stored, if it was not.
    pub(super) fn record_group(&mut self, group: Vec<CheckedArrival>) -> Result<(), Refusal> {
        // A log has one append in a batch: divided by poll, whatever each was checked against.
        let parts = divide(group, |arrival| Arc::as_ptr(&arrival.poll));
        let mut parts: Vec<Part> =
            parts.into_iter().filter_map(|arrivals| self.decide(arrivals)).collect();
        if parts.is_empty() {
            return Ok(());
        }
        for part in &mut parts {
            self.backlog.extend(part.later.drain(..));
        }
        let staged = parts.iter().map(|part| self.stage_part(part)).collect();
        match self.land(staged, Vec::new()) {
            Ok(landed) => {
                self.note_moved();
                for (part, landed) in parts.into_iter().zip(landed) {
                    self.settle(part, &landed)?;
                }
                Ok(())
            }
            Err(refusal) => {
                let waiting = parts.into_iter().flat_map(|part| part.waiting);
                waiting.for_each(|(_, _, reply)| self.shared.refuse(reply, refusal));
                Err(refusal)
            }
        }
    }

    /// Judges the entries of one poll; `None` if none of them is to be appended.
    fn decide(&self, arrivals: Vec<CheckedArrival>) -> Option<Part> {
        let poll = Arc::clone(&arrivals[0].poll);
        if let Err(refusal) = self.check_current(&poll) {
            for arrival in arrivals {
                self.shared.refuse(arrival.reply, refusal);
            }
            return None;
        }
        let pending = PendingEntries::with_capacity(arrivals.len());
        let waiting = Vec::with_capacity(arrivals.len());
        let mut part = Part { poll, pending, waiting, later: Vec::new() };
        let mut seen = Vec::new();
        let fold = read(&part.poll.fold);
        for arrival in arrivals {
            // An entry is judged by the Open or Begin that it was verified under, and by no other.
            if !arrival.belongs_to(&fold) {
                self.shared.refuse(arrival.reply, Refusal::StorageStopped);
                continue;
            }
            // RECEIPT-5, BALLOT-5: in whatever phase.
            if part.poll.may_have_recorded(&fold, &arrival.entry) {
                seen.push(arrival);
                continue;
            }
            let Arrival { poll, intake, entry, reply } = arrival;
            match part.pending.decide(&fold, entry) {
                Ok(Decision::Accepted(place)) => part.waiting.push((place, Repeat::No, reply)),
                Ok(Decision::Repeated(place)) => part.waiting.push((place, Repeat::Yes, reply)),
                Ok(Decision::Later(entry)) => {
                    part.later.push(Arrival { poll, intake, entry: *entry, reply });
                }
                Err(breach) => self.shared.refuse(reply, breach),
            }
        }
        drop(fold);
        for arrival in seen {
            self.answer_repeat(arrival);
        }
        (!part.pending.accepted.is_empty()).then_some(part)
    }

    /// Whether the poll is still the one that is being written: it is not after a reload.
    pub(super) fn check_current(&self, poll: &Arc<PollCell>) -> Result<(), Refusal> {
        self.shared.check_ready()?;
        let city = self.shared.city();
        let current = city.polls.get(&poll.log.path);
        if current.is_some_and(|current| Arc::ptr_eq(current, poll)) {
            Ok(())
        } else {
            Err(Refusal::StorageStopped)
        }
    }

    /// Answers someone whose bytes may have been recorded before: whoever sends them again gets
    /// their receipt.
    pub(super) fn answer_repeat(&self, arrival: CheckedArrival) {
        let Arrival { poll, entry, reply, .. } = arrival;
        let bytes = entry.entry().bytes();
        match find_recorded(&self.shared, &poll.log, &entry.leaf(), Some(bytes)) {
            Ok(Some(recorded)) => {
                self.shared.metrics.count_repeat();
                reply.send(Ok(recorded));
            }
            // BALLOT-5: seen by 64 bits of a keyed hash and not in the log: one in 2^64.
            Ok(None) => self.shared.refuse(reply, Breach::DuplicateEntry),
            Err(error) => {
                self.shared.note_error(&error);
                self.shared.refuse(reply, Refusal::StorageFailed);
            }
        }
    }

    fn stage_part(&self, part: &Part) -> Staged {
        let first = self.size(&part.poll.log);
        let entries = &part.pending.accepted;
        let unique = (first..).zip(entries).flat_map(|(index, entry)| unique_writes(index, entry));
        let bytes = entries.iter().map(|entry| entry.entry().bytes().to_vec()).collect();
        let leaves = entries.iter().map(Checked::leaf).collect();
        self.stage_hashed(&part.poll.log, bytes, leaves, unique.collect())
    }

    /// Takes durable entries into the fold, publishes their head, and answers.
    fn settle(&mut self, part: Part, landed: &Landed) -> Result<(), Refusal> {
        let Part { poll, pending, waiting, .. } = part;
        if let Err(breach) = poll.take_in(landed.group().proofs.first(), &pending.accepted) {
            // It was judged by the same rules a moment ago: a defect. Whatever stands in the log
            // now is judged anew from the store.
            self.stop(&breach);
            let replies = waiting.into_iter().map(|(_, _, reply)| reply);
            replies.for_each(|reply| self.shared.refuse(reply, Refusal::StorageFailed));
            return Err(Refusal::StorageFailed);
        }
        landed.publish();
        self.shared.metrics.count_group(&pending.accepted);
        for (place, repeat, reply) in waiting {
            if repeat == Repeat::Yes {
                self.shared.metrics.count_repeat();
            }
            // RECEIPT-4: the entry is durable, and so is the head that covers it.
            reply.send(Ok(Recorded::fresh(landed.group(), place, repeat)));
        }
        Ok(())
    }
}

/// The entry with this leaf hash below the published head of a log; with `bytes`, the one that is
/// the same.
pub(crate) fn find_recorded(
    shared: &Shared,
    log: &Arc<LogCell>,
    leaf: &Hash,
    bytes: Option<&[u8]>,
) -> Result<Option<Recorded>, StoreError> {
    let published = log.head().size;
    for index in log.candidates(leaf) {
        if index >= published {
            continue;
        }
        let entry = shared.store.entry(log.id, index)?;
        let same = match bytes {
            Some(bytes) => entry == bytes,
            None => veche_protocol::hash::leaf_hash(&entry) == *leaf,
        };
        if same {
            return Ok(Some(Recorded::stored(log, index, *leaf, &entry, &shared.reader)));
        }
    }
    Ok(None)
}
