//! Ballots in groups: judged in their order, committed together, each poll's under one new head.

use std::sync::Arc;

use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::poll::casting::VerifiedBallot;

use crate::city::{LogCell, PollCell};
use crate::error::Refusal;
use crate::lock::{read, write};
use crate::receipts::{Recorded, Repeat, Reply};
use crate::shared::Shared;
use crate::store::{StoreError, UniqueWrite};
use crate::voting::ballots::{
    Decision, PendingBallots, VerifiedCast, by_poll, unique_key, unique_value,
};

use super::Sequencer;
use super::step::{Landed, Staged};

/// The ballots of one poll in a group.
struct Part {
    poll: Arc<PollCell>,
    pending: PendingBallots,
    /// Who waits for which of the pending ballots.
    waiting: Vec<(usize, Repeat, Reply)>,
}

impl Sequencer {
    /// Records what it can of a group, and answers all of it.
    pub(super) fn record_ballots(&mut self, group: Vec<VerifiedCast>) {
        let parts: Vec<Part> =
            by_poll(group).into_iter().filter_map(|casts| self.decide(casts)).collect();
        if parts.is_empty() {
            return;
        }
        let staged = parts.iter().map(|part| self.stage_ballots(part)).collect();
        match self.land(staged, Vec::new()) {
            Ok(landed) => {
                self.note_moved();
                for (part, landed) in parts.into_iter().zip(landed) {
                    self.settle(part, &landed);
                }
            }
            Err(refusal) => {
                let waiting = parts.into_iter().flat_map(|part| part.waiting);
                waiting.for_each(|(_, _, reply)| self.shared.refuse(reply, refusal));
            }
        }
    }

    /// Judges the ballots of one poll; `None` if none of them is to be appended.
    fn decide(&self, casts: Vec<VerifiedCast>) -> Option<Part> {
        let poll = Arc::clone(&casts[0].poll);
        if let Err(refusal) = self.check_current(&poll) {
            for cast in casts {
                self.shared.refuse(cast.reply, refusal);
            }
            return None;
        }
        let pending = PendingBallots::with_capacity(casts.len());
        let mut part = Part { poll, pending, waiting: Vec::with_capacity(casts.len()) };
        let mut seen = Vec::new();
        let fold = read(&part.poll.fold);
        for cast in casts {
            // A ballot is judged by the Open that it was verified under, and by no other.
            if !fold.open_poll().is_some_and(|open| Arc::ptr_eq(open, &cast.open)) {
                self.shared.refuse(cast.reply, Refusal::StorageStopped);
                continue;
            }
            match part.pending.decide(&fold, cast.ballot) {
                Ok(Decision::Accepted(place)) => {
                    part.waiting.push((place, Repeat::No, cast.reply));
                }
                Ok(Decision::Repeated(place)) => {
                    part.waiting.push((place, Repeat::Yes, cast.reply));
                }
                Ok(Decision::Seen(ballot)) => seen.push((ballot, cast.reply)),
                Err(breach) => self.shared.refuse(cast.reply, breach),
            }
        }
        drop(fold);
        for (ballot, reply) in seen {
            self.answer_repeat(&part.poll.log, &ballot, reply);
        }
        (!part.pending.accepted.is_empty()).then_some(part)
    }

    /// Whether the poll is still the one that is being written: it is not after a reload.
    fn check_current(&self, poll: &Arc<PollCell>) -> Result<(), Refusal> {
        self.shared.check_ready()?;
        let city = self.shared.city();
        let current = city.polls.get(&poll.log.path);
        if current.is_some_and(|current| Arc::ptr_eq(current, poll)) {
            Ok(())
        } else {
            Err(Refusal::StorageStopped)
        }
    }

    /// Answers someone whose bytes the fold has seen before.
    fn answer_repeat(&self, log: &Arc<LogCell>, ballot: &VerifiedBallot, reply: Reply) {
        let bytes = ballot.entry().bytes();
        match find_recorded(&self.shared, log, &ballot.leaf(), Some(bytes)) {
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

    fn stage_ballots(&self, part: &Part) -> Staged {
        let first = self.size(&part.poll.log);
        let ballots = &part.pending.accepted;
        let unique = (first..).zip(ballots).map(|(index, ballot)| unique_write(index, ballot));
        let entries = ballots.iter().map(|ballot| ballot.entry().bytes().to_vec()).collect();
        let leaves = ballots.iter().map(VerifiedBallot::leaf).collect();
        self.stage_hashed(&part.poll.log, entries, leaves, unique.collect())
    }

    /// Takes durable ballots into the fold, publishes their head, and answers.
    fn settle(&mut self, part: Part, landed: &Landed) {
        let Part { poll, pending, waiting } = part;
        let mut new_voters = 0;
        let mut fold = write(&poll.fold);
        for (index, ballot) in (landed.group().proofs.first()..).zip(&pending.accepted) {
            let standing = fold.ballots().and_then(|ballots| ballots.turn_of(ballot));
            new_voters += u64::from(standing.is_none());
            if let Err(breach) = fold.admit_ballot(ballot, index) {
                // It was judged by the same rules a moment ago: a defect. Whatever stands in the
                // log now is judged anew from the store.
                drop(fold);
                self.stop(&breach);
                let replies = waiting.into_iter().map(|(_, _, reply)| reply);
                return replies.for_each(|r| self.shared.refuse(r, Refusal::StorageFailed));
            }
        }
        drop(fold);
        poll.count_ballots(pending.accepted.len() as u64, new_voters);
        landed.publish();
        self.shared.metrics.count_ballots(pending.accepted.len());
        for (place, repeat, reply) in waiting {
            if repeat == Repeat::Yes {
                self.shared.metrics.count_repeat();
            }
            // RECEIPT-4: the ballot is durable, and so is the head that covers it.
            reply.send(Ok(Recorded::fresh(landed.group(), place, repeat)));
        }
    }
}

fn unique_write(index: u64, ballot: &VerifiedBallot) -> UniqueWrite {
    let [(key, _)] = ballot.entry().signatures() else {
        unreachable!("a verified ballot has one signer")
    };
    UniqueWrite {
        key: unique_key(key.as_bytes(), ballot.ballot().turn),
        value: unique_value(index, &ballot.leaf()),
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
