//! Entries that come in numbers (ballots, and in anonymous polls requests and the issuers'
//! answers) on their way to the writer: checked against a snapshot, then verified in batches with
//! all that takes long.
//!
//! Not here: what the poll's state says of them ([`super::pending`]), and storing.

use std::collections::HashMap;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::casting::{Eligible, Intake, Verified, VerifiedBallot, VerifiedRequest};
use veche_protocol::poll::fold::PollFold;
use veche_protocol::poll::requests::CheckedIssued;

use crate::city::PollCell;
use crate::lock::read;
use crate::receipts::Reply;
use crate::shared::Shared;

/// An entry with who waits for the answer.
pub(crate) struct Arrival<E> {
    pub(crate) poll: Arc<PollCell>,
    /// What it was checked against.
    pub(crate) intake: Arc<Intake>,
    pub(crate) entry: E,
    pub(crate) reply: Reply,
}

/// Its signer may sign it.
pub(crate) type EligibleArrival = Arrival<Eligible>;

/// Nothing remains to be asked but the poll's state.
pub(crate) type CheckedArrival = Arrival<Checked>;

/// An entry that is right in itself.
#[derive(Debug)]
pub(crate) enum Checked {
    Ballot(VerifiedBallot),
    Request(VerifiedRequest),
    /// With its blind signatures.
    Issued(CheckedIssued),
}

impl Checked {
    pub(crate) const fn entry(&self) -> &SignedEntry {
        match self {
            Self::Ballot(ballot) => ballot.entry(),
            Self::Request(request) => request.entry(),
            Self::Issued(issued) => issued.entry(),
        }
    }

    pub(crate) const fn leaf(&self) -> Hash {
        self.entry().leaf()
    }

    /// Judges it without taking it in.
    pub(crate) fn check(&self, fold: &PollFold) -> Result<(), Breach> {
        match self {
            Self::Ballot(ballot) => fold.check_ballot(ballot),
            Self::Request(request) => fold.check_request(request),
            Self::Issued(issued) => fold.check_issued(issued),
        }
    }

    /// Judges it at `index`, and takes it in.
    pub(crate) fn admit(&self, fold: &mut PollFold, index: u64) -> Result<(), Breach> {
        match self {
            Self::Ballot(ballot) => fold.admit_ballot(ballot, index),
            Self::Request(request) => fold.admit_request(request, index),
            Self::Issued(issued) => fold.admit_issued(issued),
        }
    }
}

impl CheckedArrival {
    /// Whether the fold has the Open, or the Begin, that this was verified under.
    pub(crate) fn belongs_to(&self, fold: &PollFold) -> bool {
        let (begun, open) = (self.intake.begun.as_ref(), self.intake.open.as_ref());
        match &self.entry {
            Checked::Ballot(_) => same(open, fold.open_poll()),
            Checked::Request(_) | Checked::Issued(_) => same(begun, fold.begun()),
        }
    }
}

fn same<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
    one.zip(other).is_some_and(|(one, other)| Arc::ptr_eq(one, other))
}

/// The kinds that pass through here, and what a poll says of the place of each.
pub(crate) const INTAKE_KINDS: [Kind; 3] = [Kind::Ballot, Kind::Request, Kind::Issued];

/// Verifies what comes, as much at a time as is there, until the queue is closed and empty.
pub(crate) fn run_verifier(
    shared: &Shared,
    arrivals: &Receiver<EligibleArrival>,
    checked: &Sender<Vec<CheckedArrival>>,
    rng: &mut StdRng,
) {
    while let Ok(first) = arrivals.recv() {
        let mut batch = vec![first];
        // No lingering: a batch is what has piled up while the one before was verified.
        while batch.len() < shared.settings.verify_batch
            && let Ok(arrival) = arrivals.try_recv()
        {
            batch.push(arrival);
        }
        shared.metrics.count_verified(batch.len());
        let passed = verify(shared, batch, rng);
        if !passed.is_empty() && checked.send(passed).is_err() {
            return;
        }
    }
}

/// Verifies the signatures, poll by poll, and refuses those that do not hold.
fn verify(shared: &Shared, batch: Vec<EligibleArrival>, rng: &mut StdRng) -> Vec<CheckedArrival> {
    let mut passed = Vec::with_capacity(batch.len());
    for part in divide(batch, |arrival| Arc::as_ptr(&arrival.intake)) {
        let intake = Arc::clone(&part[0].intake);
        let mut entries = Vec::with_capacity(part.len());
        let mut waiting = Vec::with_capacity(part.len());
        for Arrival { poll, entry, reply, .. } in part {
            entries.push(entry);
            waiting.push((poll, reply));
        }
        for (verdict, (poll, reply)) in intake.verify(entries, rng).into_iter().zip(waiting) {
            match verdict.and_then(|entry| check_answers(&poll, entry)) {
                Ok(entry) => {
                    passed.push(Arrival { poll, intake: Arc::clone(&intake), entry, reply });
                }
                // BALLOT-4: by the ZIP-215 rule, with the verdict it has alone.
                Err(breach) => shared.refuse(reply, breach),
            }
        }
    }
    passed
}

/// Checks the blind signatures of an issuer's answers: here and not on the writer's thread, for 64
/// of them take milliseconds. The fold is held only while the requests are looked up: whatever an
/// issuer can have read of is in it.
fn check_answers(poll: &PollCell, entry: Verified) -> Result<Checked, Breach> {
    match entry {
        Verified::Ballot(ballot) => Ok(Checked::Ballot(ballot)),
        Verified::Request(request) => Ok(Checked::Request(request)),
        Verified::Issued(issued) => {
            let look_up = read(&poll.fold).look_up(issued)?;
            Ok(Checked::Issued(look_up.run()))
        }
    }
}

/// Divides arrivals by something they share; each part is in order and not empty.
pub(crate) fn divide<E, K: core::hash::Hash + Eq>(
    arrivals: Vec<Arrival<E>>,
    by: impl Fn(&Arrival<E>) -> K,
) -> Vec<Vec<Arrival<E>>> {
    let mut parts: Vec<Vec<Arrival<E>>> = Vec::with_capacity(1);
    let mut places: HashMap<K, usize> = HashMap::with_capacity(1);
    for arrival in arrivals {
        let place = *places.entry(by(&arrival)).or_insert_with(|| {
            parts.push(Vec::new());
            parts.len() - 1
        });
        parts[place].push(arrival);
    }
    parts
}
