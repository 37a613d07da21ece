//! The ballots of one poll that stand: at most one for each voter (spec/ballots.md).
//!
//! A million ballots have to be recounted in little memory, so a standing ballot is one place in an
//! arena of 16-bit choices, and a leaf that was seen is 8 bytes of a keyed hash.

use std::hash::{BuildHasher, RandomState};

use crate::breach::Breach;
use crate::count::ballots::Ballots;
use crate::hash::Hash;
use crate::poll::ballot::VerifiedBallot;
use crate::poll::definition::{Definition, Revote};

/// The turn of a voter who has no standing ballot.
const NO_TURN: u8 = u8::MAX;
/// Choices of ballots that were replaced may take up to this many places before they are cleared.
const MIN_GARBAGE: usize = 1 << 16;

/// One voter's standing ballot.
#[derive(Clone, Copy, Debug)]
struct Standing {
    turn: u8,
    /// Start of the ballot's choices in the arena.
    start: u32,
}

/// The standing ballots, by the voters' places in the electorate.
#[derive(Clone, Debug)]
pub struct BallotBox {
    turns: Vec<u8>,
    starts: Vec<u32>,
    /// For each standing ballot and question: the number of choices, then the choices.
    arena: Vec<u16>,
    garbage: usize,
    leaves: LeafSet,
    accepted: u64,
}

impl BallotBox {
    /// An empty box for so many voters. The hasher's secret keeps crafted leaves apart.
    pub fn new(voters: usize, hasher: RandomState) -> Self {
        Self {
            turns: vec![NO_TURN; voters],
            starts: vec![0; voters],
            arena: Vec::new(),
            garbage: 0,
            leaves: LeafSet::new(hasher),
            accepted: 0,
        }
    }

    /// Judges a ballot that stands at the next place of the log. What is refused changes nothing,
    /// except that the same bytes again are known as the same.
    pub fn admit(
        &mut self,
        definition: &Definition,
        ballot: &VerifiedBallot,
    ) -> Result<(), Breach> {
        // BALLOT-5: the same bytes a second time; the first stands.
        if !self.leaves.insert(&ballot.leaf()) {
            return Err(Breach::DuplicateEntry);
        }
        self.check(definition, ballot)?;
        self.record(ballot);
        Ok(())
    }

    /// Judges a ballot without taking it in.
    pub fn check(&self, definition: &Definition, ballot: &VerifiedBallot) -> Result<(), Breach> {
        let content = ballot.ballot();
        // BALLOT-7: no more turns than the poll allows.
        if content.turn > definition.revote.max_turn() {
            return Err(Breach::TurnOutOfRange);
        }
        check_selections(definition, &content.selections)?;
        match (definition.revote, self.standing(ballot.voter())) {
            // BALLOT-9: the first ballot of a voter counts, and no other.
            (Revote::First, Some(_)) => Err(Breach::AlreadyVoted),
            // BALLOT-10: who holds back an old ballot cannot make it the last.
            (Revote::Last { .. }, Some(last)) if content.turn <= last.turn => {
                Err(Breach::StaleTurn)
            }
            _ => Ok(()),
        }
    }

    /// Whether these bytes were judged before.
    pub fn has_seen(&self, leaf: &Hash) -> bool {
        self.leaves.contains(leaf)
    }

    fn record(&mut self, ballot: &VerifiedBallot) {
        let voter = ballot.voter();
        if let Some(last) = self.standing(voter) {
            let own = self.questions(last).take(ballot.ballot().selections.len());
            self.garbage += own.map(|choices| 1 + choices.len()).sum::<usize>();
        }
        // BALLOT-11: it takes the place of the one before.
        self.turns[voter] = ballot.ballot().turn;
        self.starts[voter] = place(self.arena.len());
        push_selections(&mut self.arena, &ballot.ballot().selections);
        self.accepted += 1;
        if self.garbage > MIN_GARBAGE && self.garbage * 2 > self.arena.len() {
            self.compact(ballot.ballot().selections.len());
        }
    }

    /// Drops the choices of replaced ballots. `questions` is the number of questions of the poll.
    fn compact(&mut self, questions: usize) {
        let mut arena = Vec::with_capacity(self.arena.len() - self.garbage);
        for voter in 0..self.turns.len() {
            let Some(standing) = self.standing(voter) else { continue };
            let start = place(arena.len());
            for choices in self.questions(standing).take(questions) {
                arena.push(count(choices.len()));
                arena.extend_from_slice(choices);
            }
            self.starts[voter] = start;
        }
        self.arena = arena;
        self.garbage = 0;
    }

    fn standing(&self, voter: usize) -> Option<Standing> {
        let turn = self.turns[voter];
        (turn != NO_TURN).then(|| Standing { turn, start: self.starts[voter] })
    }

    /// The choices of a ballot question by question; what follows the last one is not its own.
    fn questions(&self, ballot: Standing) -> impl Iterator<Item = &[u16]> {
        let mut rest = &self.arena[ballot.start as usize..];
        core::iter::from_fn(move || {
            let (&length, after) = rest.split_first()?;
            let (choices, others) = after.split_at(usize::from(length));
            rest = others;
            Some(choices)
        })
    }

    /// The turn of the voter's standing ballot.
    pub fn turn(&self, voter: usize) -> Option<u8> {
        self.standing(voter).map(|standing| standing.turn)
    }

    /// The choices of the voter's standing ballot on one question.
    pub fn choices(&self, voter: usize, question: usize) -> Option<&[u16]> {
        self.questions(self.standing(voter)?).nth(question)
    }

    /// Places of the voters with a standing ballot, ascending.
    pub fn voted(&self) -> impl Iterator<Item = usize> {
        (0..self.turns.len()).filter(|&voter| self.turns[voter] != NO_TURN)
    }

    /// How many ballots were accepted, replaced ones included.
    pub const fn accepted(&self) -> u64 {
        self.accepted
    }

    /// The standing ballots' answers to one question, for a count.
    pub const fn question(&self, question: usize) -> QuestionBallots<'_> {
        QuestionBallots { ballots: self, question }
    }
}

/// The answers of all standing ballots to one question.
#[derive(Clone, Copy, Debug)]
pub struct QuestionBallots<'a> {
    ballots: &'a BallotBox,
    question: usize,
}

impl Ballots for QuestionBallots<'_> {
    fn for_each(&self, visit: &mut dyn FnMut(&[u16])) {
        for voter in self.ballots.voted() {
            let choices = self.ballots.choices(voter, self.question);
            visit(choices.expect("a ballot is recorded only if it answers every question"));
        }
    }
}

/// Judges the answers, question by question, choice by choice, from left to right.
fn check_selections(definition: &Definition, selections: &[Vec<u64>]) -> Result<(), Breach> {
    // BALLOT-8: every question is answered, by distinct options in ascending order, in bounds.
    if selections.len() != definition.questions.len() {
        return Err(Breach::QuestionCount);
    }
    for (question, selection) in definition.questions.iter().zip(selections) {
        for (place, choice) in selection.iter().enumerate() {
            let before = &selection[..place];
            if *choice >= question.options.len() as u64 {
                return Err(Breach::ChoiceOutOfRange);
            }
            match before.last() {
                // What stands before is ascending, so only a descent can repeat an older choice.
                Some(last) if choice <= last => {
                    let repeated = before.contains(choice);
                    let breach =
                        if repeated { Breach::ChoiceDuplicated } else { Breach::ChoiceDisordered };
                    return Err(breach);
                }
                _ => {}
            }
        }
        let (min, max) = question.rule.selection_bounds();
        let chosen = selection.len() as u64;
        if chosen < min {
            return Err(Breach::ChoicesTooFew);
        }
        if chosen > max {
            return Err(Breach::ChoicesTooMany);
        }
    }
    Ok(())
}

fn push_selections(arena: &mut Vec<u16>, selections: &[Vec<u64>]) {
    for selection in selections {
        arena.push(count(selection.len()));
        arena.extend(selection.iter().map(|&choice| {
            u16::try_from(choice).expect("choices were checked against MAX_OPTIONS")
        }));
    }
}

fn count(length: usize) -> u16 {
    u16::try_from(length).expect("distinct choices are fewer than MAX_OPTIONS")
}

fn place(length: usize) -> u32 {
    u32::try_from(length).expect("fewer than 2^32 choices stand: 8 GiB of arena")
}

/// The leaves judged so far, by 64 bits of a keyed hash. Two leaves of a million meet by chance
/// with a probability of 2^-25, and nobody who does not know the key can make them meet.
#[derive(Clone, Debug)]
struct LeafSet {
    /// Linear probing; zero is an empty slot.
    slots: Vec<u64>,
    length: usize,
    hasher: RandomState,
}

impl LeafSet {
    const FIRST_SLOTS: usize = 1_024;

    const fn new(hasher: RandomState) -> Self {
        Self { slots: Vec::new(), length: 0, hasher }
    }

    fn insert(&mut self, leaf: &Hash) -> bool {
        if self.length * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let fingerprint = self.fingerprint(leaf);
        let slot = self.slot_for(fingerprint);
        let is_new = self.slots[slot] == 0;
        self.slots[slot] = fingerprint;
        self.length += usize::from(is_new);
        is_new
    }

    fn contains(&self, leaf: &Hash) -> bool {
        !self.slots.is_empty() && self.slots[self.slot_for(self.fingerprint(leaf))] != 0
    }

    fn fingerprint(&self, leaf: &Hash) -> u64 {
        self.hasher.hash_one(leaf).max(1)
    }

    fn slot_for(&self, fingerprint: u64) -> usize {
        let mask = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "the mask keeps fewer bits than usize")]
        let mut slot = fingerprint as usize & mask;
        while self.slots[slot] != 0 && self.slots[slot] != fingerprint {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(Self::FIRST_SLOTS);
        let old = core::mem::replace(&mut self.slots, vec![0; length]);
        for fingerprint in old.into_iter().filter(|&fingerprint| fingerprint != 0) {
            let slot = self.slot_for(fingerprint);
            self.slots[slot] = fingerprint;
        }
    }
}
