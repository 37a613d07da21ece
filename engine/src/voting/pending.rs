//! The entries of one poll that are decided and not stored yet.
//!
//! A group is judged before it is stored, and taken into the poll's fold afterwards. What of the
//! group has been decided stands beside the fold meanwhile, so that two entries of one voter in one
//! group are told apart; if storing fails it is dropped, and nothing has happened. Not here:
//! storing.

use std::collections::{HashMap, HashSet};

use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::poll::casting::{Caster, VerifiedBallot};
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::fold::PollFold;
use veche_protocol::poll::requests::CheckedIssued;
use veche_protocol::signature::Key;

use crate::voting::intake::Checked;

/// What was decided on an entry.
#[derive(Debug)]
pub(crate) enum Decision {
    /// It stands at this place of the group.
    Accepted(usize),
    /// The same bytes stand at this place of the group.
    Repeated(usize),
    /// It is judged once what it meets in this group is stored.
    Later(Box<Checked>),
}

/// The decided entries of a group, in their order.
pub(crate) struct PendingEntries {
    pub(crate) accepted: Vec<Checked>,
    places: HashMap<Hash, usize>,
    /// The last pending ballot of a key.
    casts: HashMap<Key, (Caster, u8)>,
    /// The places of voters with a pending request.
    asked: HashSet<usize>,
    /// Issuers, and the requests that they answer.
    answered: HashSet<(usize, u64)>,
}

impl PendingEntries {
    /// None yet, and room for so many.
    pub(crate) fn with_capacity(entries: usize) -> Self {
        Self {
            accepted: Vec::with_capacity(entries),
            places: HashMap::with_capacity(entries),
            casts: HashMap::with_capacity(entries),
            asked: HashSet::new(),
            answered: HashSet::new(),
        }
    }

    /// Judges the next entry: as if all pending ones were in the fold.
    pub(crate) fn decide(&mut self, fold: &PollFold, entry: Checked) -> Result<Decision, Breach> {
        let leaf = entry.leaf();
        // RECEIPT-5: the same bytes are never appended a second time.
        if let Some(&place) = self.places.get(&leaf) {
            return Ok(Decision::Repeated(place));
        }
        if let Checked::Issued(issued) = &entry
            && self.meets(issued)
        {
            // CRED-8: item by item, of which another entry has decided some if it is stored.
            return Ok(Decision::Later(Box::new(entry)));
        }
        self.check(fold, &entry)?;
        let place = self.accepted.len();
        self.places.insert(leaf, place);
        match &entry {
            Checked::Ballot(ballot) => {
                self.casts.insert(*ballot.key(), (ballot.caster(), ballot.ballot().turn));
            }
            Checked::Request(request) => {
                self.asked.insert(request.voter());
            }
            Checked::Issued(issued) => {
                self.answered.extend(issued.requests().map(|request| (issued.issuer(), request)));
            }
        }
        self.accepted.push(entry);
        Ok(Decision::Accepted(place))
    }

    /// Whether this issuer answers one of these requests already.
    fn meets(&self, issued: &CheckedIssued) -> bool {
        issued.requests().any(|request| self.answered.contains(&(issued.issuer(), request)))
    }

    fn check(&self, fold: &PollFold, entry: &Checked) -> Result<(), Breach> {
        match entry {
            Checked::Ballot(ballot) => self.check_ballot(fold, ballot),
            Checked::Request(request) => {
                entry.check(fold)?;
                // CRED-7: one request of a voter, among those that are stored together.
                let is_first = !self.asked.contains(&request.voter());
                if is_first { Ok(()) } else { Err(Breach::RequestRepeated) }
            }
            Checked::Issued(_) => entry.check(fold),
        }
    }

    fn check_ballot(&self, fold: &PollFold, ballot: &VerifiedBallot) -> Result<(), Breach> {
        let pending = self.casts.get(ballot.key());
        // BALLOT-15: likewise, and before the turn.
        if pending.is_some_and(|(caster, _)| *caster != ballot.caster()) {
            return Err(Breach::DistrictChanged);
        }
        fold.check_ballot(ballot)?;
        let Some((_, last)) = pending else { return Ok(()) };
        match fold.definition().map_or(Revote::First, |definition| definition.revote) {
            // BALLOT-9, likewise.
            Revote::First => Err(Breach::AlreadyVoted),
            // BALLOT-10, likewise.
            Revote::Last { .. } if ballot.ballot().turn <= *last => Err(Breach::StaleTurn),
            Revote::Last { .. } => Ok(()),
        }
    }
}
