//! The ballots of one poll that stand: at most one for each caster (spec/ballots.md).
//!
//! A *caster* is a voter of the electorate in a named poll, and a credential key in an anonymous
//! one; each has a place. Not here: what the ballots say (`clear`, `sealed`), and the count.

mod clear;
mod leaves;
mod sealed;

use std::hash::RandomState;

use crate::breach::Breach;
use crate::hash::Hash;
use crate::key_table::KeyTable;
use crate::poll::ballot::{Content, Selections};
use crate::poll::casting::{Caster, VerifiedBallot};
use crate::poll::definition::{Definition, Revote};
use crate::sealing::cipher::TAG_LENGTH;
use leaves::LeafSet;

pub use clear::{ClearBallots, QuestionBallots};
pub(in crate::poll) use sealed::SealedBallots;

/// The turn of a caster who has no standing ballot.
const NO_TURN: u8 = u8::MAX;

/// The standing ballots, by the places of their casters.
#[derive(Clone, Debug)]
pub struct BallotBox {
    /// The credential keys in the order of their first ballots, and the district of each; none in a
    /// named poll, where places are those of the electorate.
    credentials: Option<(KeyTable<32>, Vec<u16>)>,
    turns: Vec<u8>,
    contents: Contents,
    leaves: LeafSet,
    accepted: u64,
}

#[derive(Clone, Debug)]
enum Contents {
    Clear(ClearBallots),
    Sealed(SealedBallots),
}

impl BallotBox {
    /// An empty box. The hasher's secret keeps crafted keys and leaves apart.
    pub fn new(definition: &Definition, voters: usize, hasher: &RandomState) -> Self {
        let contents = if definition.is_sealed() {
            Contents::Sealed(SealedBallots::new(definition.sealed_length() + TAG_LENGTH))
        } else {
            Contents::Clear(ClearBallots::new(definition.questions.len()))
        };
        let is_anonymous = definition.is_anonymous();
        Self {
            credentials: is_anonymous.then(|| (KeyTable::new(hasher.clone()), Vec::new())),
            turns: vec![NO_TURN; if is_anonymous { 0 } else { voters }],
            contents,
            leaves: LeafSet::new(hasher.clone()),
            accepted: 0,
        }
    }

    /// Judges the ballot that stands at `index` of the log. What is refused changes nothing,
    /// except that the same bytes again are known as the same.
    pub fn admit(
        &mut self,
        definition: &Definition,
        ballot: &VerifiedBallot,
        index: u64,
    ) -> Result<(), Breach> {
        // BALLOT-5: the same bytes a second time; the first stands.
        if !self.leaves.insert(&ballot.leaf()) {
            return Err(Breach::DuplicateEntry);
        }
        self.check(definition, ballot)?;
        self.record(ballot, index);
        Ok(())
    }

    /// Judges a ballot without taking it in.
    pub fn check(&self, definition: &Definition, ballot: &VerifiedBallot) -> Result<(), Breach> {
        self.check_district(ballot)?;
        let content = ballot.ballot();
        // BALLOT-7: no more turns than the poll allows.
        if content.turn > definition.revote.max_turn() {
            return Err(Breach::TurnOutOfRange);
        }
        if let Content::Open(selections) = &content.content {
            check_selections(definition, selections)?;
        }
        match (definition.revote, self.turn_of(ballot)) {
            // BALLOT-9: the first ballot of a voter counts, and no other.
            (Revote::First, Some(_)) => Err(Breach::AlreadyVoted),
            // BALLOT-10: who holds back an old ballot cannot make it the last.
            (Revote::Last { .. }, Some(last)) if content.turn <= last => Err(Breach::StaleTurn),
            _ => Ok(()),
        }
    }

    fn check_district(&self, ballot: &VerifiedBallot) -> Result<(), Breach> {
        // BALLOT-15: a credential key belongs where it first voted.
        let known = self.place_of(ballot).and_then(|place| self.district(place));
        match (ballot.caster(), known) {
            (Caster::Credential { district }, Some(known)) if usize::from(district) != known => {
                Err(Breach::DistrictChanged)
            }
            _ => Ok(()),
        }
    }

    /// Whether these bytes were judged before.
    pub fn has_seen(&self, leaf: &Hash) -> bool {
        self.leaves.contains(leaf)
    }

    fn record(&mut self, ballot: &VerifiedBallot, index: u64) {
        let place = self.place_for(ballot);
        // BALLOT-11: it takes the place of the one before.
        self.turns[place] = ballot.ballot().turn;
        match (&mut self.contents, &ballot.ballot().content) {
            (Contents::Clear(clear), Content::Open(selections)) => clear.put(place, selections),
            (Contents::Sealed(slots), Content::Sealed(sealed)) => slots.put(place, index, sealed),
            _ => unreachable!("`OpenPoll::check` lets only the poll's kind of content through"),
        }
        self.accepted += 1;
    }

    /// The place of a ballot's caster, if it is known.
    fn place_of(&self, ballot: &VerifiedBallot) -> Option<usize> {
        match (ballot.caster(), &self.credentials) {
            (Caster::Voter(place), _) => Some(place),
            (Caster::Credential { .. }, Some((keys, _))) => keys.find(ballot.key().as_bytes()),
            (Caster::Credential { .. }, None) => None,
        }
    }

    fn place_for(&mut self, ballot: &VerifiedBallot) -> usize {
        let known = self.place_of(ballot);
        match (ballot.caster(), &mut self.credentials) {
            (Caster::Credential { district }, Some((keys, districts))) => {
                known.or_else(|| keys.insert(ballot.key().as_bytes())).inspect(|&place| {
                    if place == districts.len() {
                        districts.push(district);
                        self.turns.push(NO_TURN);
                    }
                })
            }
            _ => known,
        }
        .expect("a voter has a place, and a key gets one")
    }

    /// The turn of the standing ballot of this ballot's caster.
    pub fn turn_of(&self, ballot: &VerifiedBallot) -> Option<u8> {
        self.place_of(ballot).and_then(|place| self.turn(place))
    }

    /// The turn of the standing ballot of the caster at `place`.
    pub fn turn(&self, place: usize) -> Option<u8> {
        self.turns.get(place).copied().filter(|&turn| turn != NO_TURN)
    }

    /// The credential key at `place`.
    pub fn credential(&self, place: usize) -> Option<&[u8; 32]> {
        self.credentials.as_ref().and_then(|(keys, _)| keys.keys().get(place))
    }

    /// The place of a credential key of which a ballot was accepted.
    pub fn find_credential(&self, key: &[u8; 32]) -> Option<usize> {
        self.credentials.as_ref().and_then(|(keys, _)| keys.find(key))
    }

    /// The district of the credential key at `place`, as a place in the electorate's list.
    pub fn district(&self, place: usize) -> Option<usize> {
        let (_, districts) = self.credentials.as_ref()?;
        districts.get(place).copied().map(usize::from)
    }

    /// The choices of a standing ballot in clear on one question.
    pub fn choices(&self, place: usize, question: usize) -> Option<&[u16]> {
        self.clear()?.choices(place, question)
    }

    /// Places of the casters with a standing ballot, ascending.
    pub fn voted(&self) -> impl Iterator<Item = usize> {
        (0..self.turns.len()).filter(|&place| self.turns[place] != NO_TURN)
    }

    /// How many ballots were accepted, replaced ones included.
    pub const fn accepted(&self) -> u64 {
        self.accepted
    }

    /// The standing ballots, if they are in clear.
    pub const fn clear(&self) -> Option<&ClearBallots> {
        match &self.contents {
            Contents::Clear(clear) => Some(clear),
            Contents::Sealed(_) => None,
        }
    }

    /// The standing ballots alone, if they are in clear.
    pub(in crate::poll) fn into_clear(self) -> Option<ClearBallots> {
        match self.contents {
            Contents::Clear(clear) => Some(clear),
            Contents::Sealed(_) => None,
        }
    }

    /// The standing ballots, if they are sealed.
    pub(in crate::poll) const fn sealed(&self) -> Option<&SealedBallots> {
        match &self.contents {
            Contents::Clear(_) => None,
            Contents::Sealed(sealed) => Some(sealed),
        }
    }
}

/// Judges the answers, question by question, choice by choice, from left to right.
pub(in crate::poll) fn check_selections(
    definition: &Definition,
    selections: &Selections,
) -> Result<(), Breach> {
    // BALLOT-8, BALLOT-17: every question is answered in the form that its rule asks for.
    if selections.len() != definition.questions.len() {
        return Err(Breach::QuestionCount);
    }
    for (question, selection) in definition.questions.iter().zip(selections) {
        question.rule.form().check(question.options.len(), selection)?;
    }
    Ok(())
}
