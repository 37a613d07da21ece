//! Ballots on their way to the log: checked against a snapshot, verified in batches, and judged in
//! the order in which the writer takes them.
//!
//! A group of ballots is judged before it is stored, and taken into the poll's fold afterwards.
//! What of the group has been decided stands beside the fold meanwhile ([`PendingBallots`]), so
//! that two ballots of one voter in one group are told apart; if storing fails it is dropped, and
//! nothing has happened. Not here: storing.

use std::collections::HashMap;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::poll::casting::OpenPoll;
use veche_protocol::poll::casting::{EligibleBallot, VerifiedBallot};
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::fold::PollFold;

use veche_protocol::signature::Key;

use crate::city::PollCell;
use crate::receipts::Reply;
use crate::shared::Shared;

/// A ballot with who waits for the answer.
pub(crate) struct Cast<B> {
    pub(crate) poll: Arc<PollCell>,
    /// The Open that it was checked against.
    pub(crate) open: Arc<OpenPoll>,
    pub(crate) ballot: B,
    pub(crate) reply: Reply,
}

/// Its signer is on the rolls.
pub(crate) type EligibleCast = Cast<EligibleBallot>;

/// Its signature holds.
pub(crate) type VerifiedCast = Cast<VerifiedBallot>;

/// Verifies what comes, as much at a time as is there, until the queue is closed and empty.
pub(crate) fn run_verifier(
    shared: &Shared,
    casts: &Receiver<EligibleCast>,
    verified: &Sender<Vec<VerifiedCast>>,
    rng: &mut StdRng,
) {
    while let Ok(first) = casts.recv() {
        let mut batch = vec![first];
        // No lingering: a batch is what has piled up while the one before was verified.
        while batch.len() < shared.settings.verify_batch
            && let Ok(cast) = casts.try_recv()
        {
            batch.push(cast);
        }
        shared.metrics.count_verified(batch.len());
        let passed = verify(shared, batch, rng);
        if !passed.is_empty() && verified.send(passed).is_err() {
            return;
        }
    }
}

/// Verifies the signatures, poll by poll, and refuses those that do not hold.
fn verify(shared: &Shared, batch: Vec<EligibleCast>, rng: &mut StdRng) -> Vec<VerifiedCast> {
    let mut passed = Vec::with_capacity(batch.len());
    for part in by_poll(batch) {
        let open = Arc::clone(&part[0].open);
        let mut ballots = Vec::with_capacity(part.len());
        let mut waiting = Vec::with_capacity(part.len());
        for cast in part {
            ballots.push(cast.ballot);
            waiting.push((cast.poll, cast.open, cast.reply));
        }
        for (verdict, (poll, open, reply)) in open.verify(ballots, rng).into_iter().zip(waiting) {
            match verdict {
                Ok(ballot) => passed.push(Cast { poll, open, ballot, reply }),
                // BALLOT-4: by the ZIP-215 rule, with the verdict it has alone.
                Err(breach) => shared.refuse(reply, breach),
            }
        }
    }
    passed
}

/// Divides casts by the Open they were checked against; each part is in order and not empty.
pub(crate) fn by_poll<B>(casts: Vec<Cast<B>>) -> Vec<Vec<Cast<B>>> {
    let mut parts: Vec<Vec<Cast<B>>> = Vec::with_capacity(1);
    let mut places: HashMap<*const OpenPoll, usize> = HashMap::with_capacity(1);
    for cast in casts {
        let place = *places.entry(Arc::as_ptr(&cast.open)).or_insert_with(|| {
            parts.push(Vec::new());
            parts.len() - 1
        });
        parts[place].push(cast);
    }
    parts
}

/// What was decided on a ballot.
#[derive(Debug)]
pub(crate) enum Decision {
    /// It stands at this place of the group.
    Accepted(usize),
    /// The same bytes stand at this place of the group.
    Repeated(usize),
    /// The same bytes may have been recorded before: the log has to be looked at.
    Seen(Box<VerifiedBallot>),
}

/// The ballots of one poll that are decided and not stored yet.
pub(crate) struct PendingBallots {
    pub(crate) accepted: Vec<VerifiedBallot>,
    places: HashMap<Hash, usize>,
    /// The turn of the last pending ballot of a key.
    turns: HashMap<Key, u8>,
}

impl PendingBallots {
    /// None yet, and room for so many.
    pub(crate) fn with_capacity(ballots: usize) -> Self {
        Self {
            accepted: Vec::with_capacity(ballots),
            places: HashMap::with_capacity(ballots),
            turns: HashMap::with_capacity(ballots),
        }
    }

    /// Judges the next ballot: as if all pending ones were in the fold.
    pub(crate) fn decide(
        &mut self,
        fold: &PollFold,
        ballot: VerifiedBallot,
    ) -> Result<Decision, Breach> {
        let leaf = ballot.leaf();
        // RECEIPT-5, BALLOT-5: the same bytes are never appended a second time, and whoever sends
        // them again gets their receipt, in whatever phase.
        if let Some(&place) = self.places.get(&leaf) {
            return Ok(Decision::Repeated(place));
        }
        if fold.ballots().is_some_and(|ballots| ballots.has_seen(&leaf)) {
            return Ok(Decision::Seen(Box::new(ballot)));
        }
        fold.check_ballot(&ballot)?;
        let turn = ballot.ballot().turn;
        if let Some(&last) = self.turns.get(ballot.key()) {
            let revote = fold.definition().map_or(Revote::First, |definition| definition.revote);
            match revote {
                // BALLOT-9, among ballots that are stored together.
                Revote::First => return Err(Breach::AlreadyVoted),
                // BALLOT-10, likewise.
                Revote::Last { .. } if turn <= last => return Err(Breach::StaleTurn),
                Revote::Last { .. } => {}
            }
        }
        let place = self.accepted.len();
        self.places.insert(leaf, place);
        self.turns.insert(*ballot.key(), turn);
        self.accepted.push(ballot);
        Ok(Decision::Accepted(place))
    }
}

/// The key of the unique record of a ballot: the voter's key, then the turn. A key and a turn meet
/// in at most one accepted ballot (BALLOT-9, BALLOT-10), so nothing is read before it is written.
pub(crate) fn unique_key(voter: &[u8; 32], turn: u8) -> Vec<u8> {
    let mut key = Vec::with_capacity(33);
    key.extend_from_slice(voter);
    key.push(turn);
    key
}

/// The value of the unique record: index (8 bytes, most significant first), leaf hash.
pub(crate) fn unique_value(index: u64, leaf: &Hash) -> Vec<u8> {
    let mut value = Vec::with_capacity(40);
    value.extend_from_slice(&index.to_be_bytes());
    value.extend_from_slice(leaf.as_bytes());
    value
}

/// Reads the value of a unique record.
pub(crate) fn parse_unique_value(value: &[u8]) -> Option<(u64, Hash)> {
    let (index, leaf) = value.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*index), Hash::from_slice(leaf)?))
}

#[cfg(test)]
mod tests {
    use veche_protocol::hash::leaf_hash;

    use super::*;

    #[test]
    fn unique_values_round_trip() {
        let leaf = leaf_hash(b"ballot");
        assert_eq!(parse_unique_value(&unique_value(7, &leaf)), Some((7, leaf)));
        assert_eq!(parse_unique_value(b"short"), None);
    }

    #[test]
    fn unique_keys_of_a_voter_stand_in_the_order_of_turns() {
        let keys: Vec<_> = (0..16).map(|turn| unique_key(&[9; 32], turn)).collect();
        assert!(keys.is_sorted());
        assert!(keys.iter().all(|key| key.starts_with(&[9; 32])));
    }
}
