//! Steps A4 and A6 to A9: the entries of a poll, judged in their order.
//!
//! The judging is [`PollFold`]'s. Here it gets what it asks for: roots of this log and of the
//! register, and where rolls are pinned those rolls. Not here: times and anchors
//! ([`super::life`]), the opening of sealed ballots ([`super::opening`]).

use core::ops::ControlFlow;
use std::collections::BTreeMap;
use std::hash::RandomState;
use std::sync::{Arc, OnceLock};

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
use crate::poll::acts::{Open, SeenHeads};
use crate::poll::casting::{Intake, OpenPoll, Verified};
use crate::poll::credentials::Begun;
use crate::poll::fold::{Evidence, PinnedRoll, PollFold};
use crate::poll::requests::{CheckedIssued, IssuedCheck};
use crate::register::fold::RegisterFold;

/// Entries examined together before the rolls are pinned, after which signatures of voters can be
/// verified.
const BEFORE_PINS: usize = 256;
/// Issued entries whose blind signatures are checked together: of 64 answers each they are 2,048
/// operations of 0.1 ms, so that all cores have work for a tenth of a second.
const ISSUED_BATCH: usize = 32;

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
    lens: Arc<PollLens>,
    /// Issued entries whose blind signatures are not checked yet, with their indices.
    unchecked: Vec<(u64, IssuedCheck)>,
}

/// What examining an entry needs to know of the poll, as far as it is fixed by now.
#[derive(Debug, Default)]
pub(super) struct PollLens {
    begun: OnceLock<Arc<Begun>>,
    open: OnceLock<Arc<OpenPoll>>,
}

impl PollLens {
    fn intake(&self) -> Intake {
        Intake { begun: self.begun.get().cloned(), open: self.open.get().cloned() }
    }
}

/// An entry of a poll, examined.
#[derive(Debug)]
pub(super) enum PollEntry {
    /// An entry that is judged one by one.
    Act(SignedEntry),
    /// One that comes in numbers, examined.
    Examined(Kind, Result<Verified, Breach>),
    /// One that comes in numbers, and came before it could be examined.
    Unexamined(SignedEntry),
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
            lens: Arc::default(),
            unchecked: Vec::new(),
        }
    }

    /// Checks what is left, and reads the rolls of a poll that has not pinned them.
    pub(super) fn finish(&mut self) -> Result<(), S::Error> {
        self.check_issued();
        self.refused.sort_unstable();
        if let (true, Some(definition)) = (self.fold.pins().is_empty(), self.fold.definition()) {
            let rolls = read_named_rolls(self.around, self.register, definition, &self.hasher)?;
            self.rolls = rolls.into_iter().map(RollRead::without_voters).collect();
        }
        Ok(())
    }

    fn refuse(&mut self, step: Step, breach: Breach, index: u64) {
        self.findings.add(step, breach, &self.around.poll, Some(index));
        self.refused.push((index, breach));
    }

    /// Judges an entry that comes in numbers.
    fn judge_examined(&mut self, kind: Kind, entry: Result<Verified, Breach>, index: u64) {
        // BALLOT-1: position first, then what the city answers for, then what the voter does.
        let position = self.fold.check_position(kind);
        let verdict = position.and(entry).and_then(|entry| match entry {
            Verified::Ballot(ballot) => self.fold.admit_ballot(&ballot, index),
            Verified::Request(request) => self.fold.admit_request(&request, index),
            Verified::Issued(issued) => {
                self.unchecked.push((index, self.fold.look_up(issued)?));
                Ok(())
            }
        });
        if self.unchecked.len() >= ISSUED_BATCH {
            self.check_issued();
        }
        if let Err(breach) = verdict {
            self.refuse_examined(kind, breach, index);
        }
    }

    fn refuse_examined(&mut self, kind: Kind, breach: Breach, index: u64) {
        let step = match (kind, breach) {
            (Kind::Request | Kind::Issued, _) => Step::Credentials,
            (_, Breach::AlreadyVoted | Breach::StaleTurn) => Step::Revotes,
            _ => Step::Ballots,
        };
        if kind == Kind::Ballot {
            let counts = match breach.fault() {
                Fault::Voter => &mut self.counts.spoiled,
                _ => &mut self.counts.refused,
            };
            *counts.entry(breach).or_default() += 1;
        }
        self.refuse(step, breach, index);
    }

    /// Checks the blind signatures that wait, side by side, and takes their entries in. Nothing
    /// that is judged meanwhile depends on them but the phase, before which they are taken in.
    fn check_issued(&mut self) {
        let mut waiting = core::mem::take(&mut self.unchecked).into_iter();
        let mut checked: Vec<(u64, CheckedIssued)> = Vec::new();
        self.around.crew.pipeline(
            || waiting.next(),
            |(index, check), _| (index, check.run()),
            |result| {
                checked.push(result);
                ControlFlow::Continue(())
            },
        );
        for (index, issued) in checked {
            if let Err(breach) = self.fold.admit_issued(&issued) {
                self.refuse_examined(Kind::Issued, breach, index);
            }
        }
    }

    fn judge_act(
        &mut self,
        log: &LogRead<'_, S>,
        entry: &SignedEntry,
        index: u64,
    ) -> Result<(), S::Error> {
        self.check_issued();
        let (register_root, own_root) = self.roots(log, entry, index)?;
        let register = self.register;
        let evidence = Evidence { register, register_root, own_root, rolls: &[] };
        let verdict = match entry.payload() {
            Payload::Begin(pinning) | Payload::Open(pinning) if !pinning.pins.is_empty() => {
                self.judge_pinning(entry, pinning, index, evidence)?
            }
            _ => self.fold.admit(entry, index, &evidence).map(drop),
        };
        if let Err(breach) = verdict {
            let step = match entry.payload().kind() {
                kind if kind.is_phase() => Step::Life,
                Kind::IssuerKeys => Step::Credentials,
                _ => Step::Trustees,
            };
            self.refuse(step, breach, index);
        }
        if let Some(begun) = self.fold.begun() {
            self.lens.begun.get_or_init(|| Arc::clone(begun));
        }
        if let Some(open) = self.fold.open_poll() {
            self.lens.open.get_or_init(|| Arc::clone(open));
        }
        Ok(())
    }

    /// The roots at the sizes that an entry's signers should have seen.
    fn roots(
        &self,
        log: &LogRead<'_, S>,
        entry: &SignedEntry,
        index: u64,
    ) -> Result<(Option<Hash>, Option<Hash>), S::Error> {
        let seen = SeenHeads::of(entry.payload());
        // POLL-5, CEREMONY-12: a head of this log's own past.
        let own = match seen.own.filter(|own| own.size <= index) {
            Some(own) => log.root_at(own.size)?,
            None => None,
        };
        let register = match seen.register {
            Some(register) => self.register_log.root_at(register.size)?,
            None => None,
        };
        Ok((register, own))
    }

    /// Judges an entry with the rolls that it pins. They are read only if all else is in order.
    fn judge_pinning(
        &mut self,
        entry: &SignedEntry,
        pinning: &Open,
        index: u64,
        evidence: Evidence<'_>,
    ) -> Result<Result<(), Breach>, S::Error> {
        let nothing = vec![None; pinning.pins.len()];
        // No ballot stands before Open, so trying on a copy costs little.
        match self.fold.clone().admit(entry, index, &Evidence { rolls: &nothing, ..evidence }) {
            Err(Breach::RollPinMismatch | Breach::LogNotAnnounced) | Ok(_) => {}
            Err(breach) => return Ok(Err(breach)),
        }
        let rolls = read_rolls(self.around, self.register, pinning, &self.hasher)?;
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
    type Lens = Arc<PollLens>;
    type Entry = PollEntry;

    fn lens(&self) -> Self::Lens {
        Arc::clone(&self.lens)
    }

    fn unsettled(&self) -> Option<usize> {
        self.fold.pins().is_empty().then_some(BEFORE_PINS)
    }

    fn examine(
        lens: &Self::Lens,
        _: u64,
        entries: Vec<Vec<u8>>,
        mut rng: &mut dyn CryptoRng,
    ) -> Vec<Examined<PollEntry>> {
        let intake = lens.intake();
        let mut eligible = Vec::new();
        let mut examined = Vec::with_capacity(entries.len());
        let mut waiting = Vec::new();
        for bytes in entries {
            let Examined { leaf, read } = decode(LogType::Poll, &bytes);
            let read = read.map(|entry| {
                let kind = entry.payload().kind();
                if !Intake::takes(kind) {
                    return PollEntry::Act(entry);
                }
                if !intake.is_ready_for(kind) {
                    return PollEntry::Unexamined(entry);
                }
                match intake.check(entry) {
                    Ok(entry) => {
                        waiting.push((examined.len(), kind));
                        eligible.push(entry);
                        // Its place is taken once its signature is verified, below.
                        PollEntry::Examined(kind, Err(Breach::SignatureInvalid))
                    }
                    Err(breach) => PollEntry::Examined(kind, Err(breach)),
                }
            });
            examined.push(Examined { leaf, read });
        }
        let verified = intake.verify(eligible, &mut rng);
        for ((place, kind), entry) in waiting.into_iter().zip(verified) {
            examined[place].read = Ok(PollEntry::Examined(kind, entry));
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
            Ok(PollEntry::Examined(kind, entry)) => self.judge_examined(kind, entry, index),
            Ok(PollEntry::Unexamined(entry)) => {
                let kind = entry.payload().kind();
                let position = self.fold.check_position(kind);
                let entry = position.and_then(|_| self.fold.intake().judge_alone(entry));
                self.judge_examined(kind, entry, index);
            }
            Err(breach) => self.refused.push((index, breach)),
        }
        Ok(())
    }
}
