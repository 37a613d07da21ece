//! Steps A4, A7 and A8: the entries of a poll, judged in their order.
//!
//! The judging is [`PollFold`]'s. Here it gets what it asks for: roots of this log and of the
//! register, and at an Open the pinned rolls. Not here: times and anchors ([`super::life`]).

use std::collections::BTreeMap;
use std::hash::RandomState;
use std::sync::Arc;

use rand::CryptoRng;

use super::entries::{Examined, Judge, LogRead, decode};
use super::finding::{Findings, Step};
use super::pins::{RollRead, read_named_rolls, read_rolls};
use super::source::{Crew, Source};
use super::surroundings::Surroundings;
use crate::breach::{Breach, Fault};
use crate::entry::{Kind, Payload, SignedEntry};
use crate::hash::Hash;
use crate::name::LogType;
use crate::poll::acts::Open;
use crate::poll::ballot::VerifiedBallot;
use crate::poll::fold::{Evidence, OpenPoll, PinnedRoll, PollFold, seen_by};
use crate::register::fold::RegisterFold;

/// Entries examined together before Open, after which ballots can be verified.
const BEFORE_OPEN: usize = 256;

/// How many ballots stand, and why others do not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BallotCounts {
    /// Accepted: replaced ones included.
    pub accepted: u64,
    /// Those that count: one for each voter who voted.
    pub effective: u64,
    /// Spoiled by their voters, by code.
    pub spoiled: BTreeMap<Breach, u64>,
    /// Refused for reasons that the city answers for, by code.
    pub refused: BTreeMap<Breach, u64>,
}

/// Judges a poll, entry by entry.
pub(super) struct PollJudge<'a, S: Source, C> {
    around: &'a Surroundings<'a, S, C>,
    register: &'a RegisterFold,
    register_log: &'a LogRead<'a, S>,
    hasher: RandomState,
    pub(super) fold: PollFold,
    /// The rolls of the standing Open; where none stands, those of the definition, read at the end.
    pub(super) rolls: Vec<RollRead<'a, S>>,
    /// Every roll that was looked at, whether the Open stands or not.
    pub(super) consulted: Vec<Arc<crate::name::LogPath>>,
    pub(super) counts: BallotCounts,
    /// Every refused entry with the code that refused it, ascending by index.
    pub(super) refused: Vec<(u64, Breach)>,
    pub(super) findings: Findings,
}

/// An entry of a poll, examined.
#[derive(Debug)]
pub(super) enum PollEntry {
    /// A phase entry.
    Act(SignedEntry),
    /// A ballot that stands before any Open, where nothing verifies it.
    Unverified,
    /// A ballot after Open, whatever the phase.
    Ballot(Result<VerifiedBallot, Breach>),
}

impl<'a, S: Source, C: Crew> PollJudge<'a, S, C> {
    pub(super) fn new(
        around: &'a Surroundings<'a, S, C>,
        register: &'a RegisterFold,
        register_log: &'a LogRead<'a, S>,
    ) -> Self {
        let hasher = RandomState::new();
        Self {
            around,
            register,
            register_log,
            fold: PollFold::new(register, &around.poll, &hasher),
            hasher,
            rolls: Vec::new(),
            consulted: Vec::new(),
            counts: BallotCounts::default(),
            refused: Vec::new(),
            findings: Findings::default(),
        }
    }

    /// Reads the rolls of a poll that no Open has pinned.
    pub(super) fn finish(&mut self) -> Result<(), S::Error> {
        if let (None, Some(definition)) = (self.fold.open_poll(), self.fold.definition()) {
            let rolls = read_named_rolls(self.around, self.register, definition, &self.hasher)?;
            self.rolls = rolls.into_iter().map(RollRead::without_voters).collect();
        }
        Ok(())
    }

    fn refuse(&mut self, step: Step, breach: Breach, index: u64) {
        self.findings.add(step, breach, &self.around.poll, Some(index));
        self.refused.push((index, breach));
    }

    fn judge_ballot(&mut self, ballot: Result<VerifiedBallot, Breach>, index: u64) {
        // BALLOT-1: position first, then what the city answers for, then what the voter does.
        let position = self.fold.check_position();
        let verdict = position.and(ballot).and_then(|ballot| self.fold.admit_ballot(&ballot));
        let Err(breach) = verdict else { return };
        let step = match breach {
            Breach::AlreadyVoted | Breach::StaleTurn => Step::Revotes,
            _ => Step::Ballots,
        };
        let counts = match breach.fault() {
            Fault::Voter => &mut self.counts.spoiled,
            _ => &mut self.counts.refused,
        };
        *counts.entry(breach).or_default() += 1;
        self.refuse(step, breach, index);
    }

    fn judge_act(
        &mut self,
        log: &LogRead<'_, S>,
        entry: &SignedEntry,
        index: u64,
    ) -> Result<(), S::Error> {
        let (register_root, own_root) = self.roots(log, entry, index)?;
        let register = self.register;
        let evidence = Evidence { register, register_root, own_root, rolls: &[] };
        let verdict = if let Payload::Open(open) = entry.payload() {
            self.judge_open(entry, open, index, evidence)?
        } else {
            self.fold.admit(entry, index, &evidence).map(drop)
        };
        if let Err(breach) = verdict {
            self.refuse(Step::Life, breach, index);
        }
        Ok(())
    }

    /// The roots that a phase entry's officers should have seen.
    fn roots(
        &self,
        log: &LogRead<'_, S>,
        entry: &SignedEntry,
        index: u64,
    ) -> Result<(Option<Hash>, Option<Hash>), S::Error> {
        let Some(seen) = seen_by(entry.payload()) else { return Ok((None, None)) };
        // POLL-5: a head of this log's own past.
        let own = if seen.own.size <= index { log.root_at(seen.own.size)? } else { None };
        Ok((self.register_log.root_at(seen.register.size)?, own))
    }

    /// Judges an Open with the rolls that it pins. They are read only if all else is in order.
    fn judge_open(
        &mut self,
        entry: &SignedEntry,
        open: &Open,
        index: u64,
        evidence: Evidence<'_>,
    ) -> Result<Result<(), Breach>, S::Error> {
        let nothing = vec![None; open.pins.len()];
        // No ballot stands before Open, so trying on a copy costs little.
        match self.fold.clone().admit(entry, index, &Evidence { rolls: &nothing, ..evidence }) {
            Err(Breach::RollPinMismatch | Breach::LogNotAnnounced) | Ok(_) => {}
            Err(breach) => return Ok(Err(breach)),
        }
        let rolls = read_rolls(self.around, self.register, open, &self.hasher)?;
        let read = rolls.iter().map(|roll| roll.as_ref());
        let pinned: Vec<_> = read
            .clone()
            .map(|roll| {
                roll.map(|roll| PinnedRoll {
                    fold: &roll.fold,
                    first: roll.log.first,
                    root: roll.pinned_root,
                })
            })
            .collect();
        let evidence = Evidence { rolls: &pinned, ..evidence };
        let verdict = self.fold.admit(entry, index, &evidence).map(drop);
        self.consulted.extend(read.flatten().map(|roll| Arc::clone(&roll.log.path)));
        if verdict.is_ok() {
            // From here on the electorate holds what counts of the rolls.
            self.rolls = rolls.into_iter().flatten().map(RollRead::without_voters).collect();
        }
        Ok(verdict)
    }
}

impl<S: Source, C: Crew> Judge<S> for PollJudge<'_, S, C> {
    type Lens = Option<Arc<OpenPoll>>;
    type Entry = PollEntry;

    fn lens(&self) -> Self::Lens {
        self.fold.open_poll().cloned()
    }

    fn unsettled(&self) -> Option<usize> {
        self.fold.open_poll().is_none().then_some(BEFORE_OPEN)
    }

    fn examine(
        lens: &Self::Lens,
        _: u64,
        entries: Vec<Vec<u8>>,
        mut rng: &mut dyn CryptoRng,
    ) -> Vec<Examined<PollEntry>> {
        let mut eligible = Vec::new();
        let mut examined = Vec::with_capacity(entries.len());
        let mut waiting = Vec::new();
        for bytes in entries {
            let Examined { leaf, read } = decode(LogType::Poll, &bytes);
            let read = read.map(|entry| match (lens, entry.payload().kind()) {
                (Some(open), Kind::Ballot) => match open.check(entry) {
                    Ok(ballot) => {
                        waiting.push(examined.len());
                        eligible.push(ballot);
                        PollEntry::Unverified
                    }
                    Err(breach) => PollEntry::Ballot(Err(breach)),
                },
                (None, Kind::Ballot) => PollEntry::Unverified,
                _ => PollEntry::Act(entry),
            });
            examined.push(Examined { leaf, read });
        }
        if let Some(open) = lens {
            for (place, ballot) in waiting.into_iter().zip(open.verify(eligible, &mut rng)) {
                examined[place].read = Ok(PollEntry::Ballot(ballot));
            }
        }
        examined
    }

    fn judge(
        &mut self,
        log: &LogRead<'_, S>,
        _: Hash,
        entry: Result<PollEntry, Breach>,
    ) -> Result<(), S::Error> {
        let index = log.tree.size();
        match entry {
            Ok(PollEntry::Act(entry)) => self.judge_act(log, &entry, index)?,
            Ok(PollEntry::Ballot(ballot)) => self.judge_ballot(ballot, index),
            // Nothing is open as long as ballots go unverified, so the phase refuses it.
            Ok(PollEntry::Unverified) => self.judge_ballot(Err(Breach::BallotBeforeOpen), index),
            Err(breach) => self.refused.push((index, breach)),
        }
        Ok(())
    }
}
