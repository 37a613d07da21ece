//! A poll as everyone in the process sees it: its fold, and what readers need of it without waiting
//! for the fold.
//!
//! Not here: other logs ([`super`]).

use std::sync::{Arc, Mutex, OnceLock, RwLock};

use veche_protocol::breach::Breach;
use veche_protocol::count::Outcome;
use veche_protocol::entry::Kind;
use veche_protocol::poll::acts::Pin;
use veche_protocol::poll::ballot_box::BallotBox;
use veche_protocol::poll::casting::{Caster, Intake, VerifiedBallot};
use veche_protocol::poll::ceremony_fold::CeremonyFold;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::electorate::Electorate;
use veche_protocol::poll::fold::{PhaseEntry, PollFold};
use veche_protocol::poll::opening::Opening;
use veche_protocol::poll::phase::Phase;
use veche_protocol::poll::result::PollResult;

use crate::lock::{lock, read, write};
use crate::replay::run_parts;
use crate::voting::intake::{Checked, INTAKE_KINDS};

use super::LogCell;

/// Sealed ballots that are opened before their contents are gathered: 65,536 of them, with what
/// they say, are some 16 MiB.
const OPENED_AT_ONCE: usize = 65_536;

/// What changes in a poll with single acts alone, and not with the entries that come in numbers.
#[derive(Clone, Debug)]
pub(crate) struct PollState {
    pub(crate) phase: Phase,
    pub(crate) definition: Arc<Definition>,
    pub(crate) phases: Vec<PhaseEntry>,
    pub(crate) pins: Vec<Pin>,
    /// What entries that come in numbers are checked by.
    pub(crate) intake: Arc<Intake>,
    /// Whether they may stand now, in the order of `INTAKE_KINDS`.
    positions: [Result<(), Breach>; INTAKE_KINDS.len()],
    pub(crate) ceremony: Option<Arc<CeremonyFold>>,
}

impl PollState {
    /// The state of a poll that has been announced.
    fn of(fold: &PollFold) -> Self {
        Self {
            phase: fold.phase(),
            definition: Arc::clone(fold.definition().expect("the poll has been announced")),
            phases: fold.entries().to_vec(),
            pins: fold.pins().to_vec(),
            intake: Arc::new(fold.intake()),
            positions: INTAKE_KINDS.map(|kind| fold.check_position(kind).map(drop)),
            ceremony: fold.ceremony().map(|ceremony| Arc::new(ceremony.clone())),
        }
    }

    /// Whether an entry of a kind that comes in numbers may stand now.
    pub(crate) fn check_position(&self, kind: Kind) -> Result<(), Breach> {
        let mut positions = INTAKE_KINDS.iter().zip(self.positions);
        let found = positions.find(|(other, _)| **other == kind);
        found.map_or(Err(Breach::EntryUnknownKind), |(_, position)| position)
    }

    /// Who may vote, once the rolls are pinned.
    pub(crate) fn electorate(&self) -> Option<&Electorate> {
        let begun = self.intake.begun.as_ref().map(|begun| begun.electorate().as_ref());
        begun.or_else(|| self.intake.open.as_ref().map(|open| open.electorate()))
    }
}

/// How far the voters of a district have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DistrictCounts {
    /// Requests for credentials that stand.
    pub requested: u64,
    /// Those of them that all issuers have answered.
    pub issued: u64,
    /// Voters, or in an anonymous poll credentials, of whom a ballot was accepted.
    pub voted: u64,
}

/// What entries that come in numbers add up to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Ballots accepted, replaced ones included.
    pub(crate) accepted: u64,
    /// By place of the district in the electorate.
    pub(crate) districts: Vec<DistrictCounts>,
}

impl Tally {
    fn of(fold: &PollFold) -> Self {
        let accepted = fold.ballots().map_or(0, BallotBox::accepted);
        let length = fold.requests().served().len().max(fold.voters().len());
        let mut tally = Self { accepted, districts: vec![DistrictCounts::default(); length] };
        for (counts, (_, voted)) in tally.districts.iter_mut().zip(fold.voters()) {
            counts.voted = voted;
        }
        tally.note_served(fold);
        tally
    }

    fn note_served(&mut self, fold: &PollFold) {
        for (counts, served) in self.districts.iter_mut().zip(fold.requests().served()) {
            (counts.requested, counts.issued) = (served.requested, served.issued);
        }
    }

    /// Counts a ballot that `fold` is about to take in.
    fn note_ballot(&mut self, fold: &PollFold, ballot: &VerifiedBallot) {
        self.accepted += 1;
        let is_first = fold.ballots().is_some_and(|ballots| ballots.turn_of(ballot).is_none());
        let district = match ballot.caster() {
            Caster::Credential { district } => Some(usize::from(district)),
            Caster::Voter(place) => fold.open_poll().map(|open| open.electorate().district(place)),
        };
        let counts = district.and_then(|district| self.districts.get_mut(district));
        if let Some(counts) = counts.filter(|_| is_first) {
            counts.voted += 1;
        }
    }

    /// Voters, or credentials, of whom a ballot was accepted.
    pub(crate) fn voted(&self) -> u64 {
        self.districts.iter().map(|counts| counts.voted).sum()
    }
}

/// A result with how each question came about.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The result, as a Certify has to claim it.
    pub result: PollResult,
    /// One for each question.
    pub outcomes: Vec<Outcome>,
}

/// A poll whose Announce stands.
#[derive(Debug)]
pub(crate) struct PollCell {
    pub(crate) log: Arc<LogCell>,
    /// Written with every group of entries, so read it for moments only.
    pub(crate) fold: RwLock<PollFold>,
    /// Replaced as a whole with each single act.
    state: RwLock<Arc<PollState>>,
    /// Replaced as a whole with each group.
    tally: RwLock<Arc<Tally>>,
    counted: OnceLock<Arc<Counted>>,
    /// Held while counting: one thread counts, and the others wait for it.
    counting: Mutex<()>,
}

impl PollCell {
    pub(crate) fn new(log: Arc<LogCell>, fold: PollFold) -> Self {
        Self {
            log,
            state: RwLock::new(Arc::new(PollState::of(&fold))),
            tally: RwLock::new(Arc::new(Tally::of(&fold))),
            fold: RwLock::new(fold),
            counted: OnceLock::new(),
            counting: Mutex::new(()),
        }
    }

    pub(crate) fn state(&self) -> Arc<PollState> {
        Arc::clone(&read(&self.state))
    }

    pub(crate) fn tally(&self) -> Arc<Tally> {
        Arc::clone(&read(&self.tally))
    }

    /// Puts the fold after a single act in place of the one before.
    pub(crate) fn set_fold(&self, fold: PollFold) {
        let state = Arc::new(PollState::of(&fold));
        // Only the act that pins the rolls changes what is counted: from nothing, to all zeros.
        let pinned = self.tally().districts.is_empty().then(|| Arc::new(Tally::of(&fold)));
        *write(&self.fold) = fold;
        if let Some(tally) = pinned {
            *write(&self.tally) = tally;
        }
        *write(&self.state) = state;
    }

    /// Takes entries that are durable into the fold: those from index `first` on.
    pub(crate) fn take_in(&self, first: u64, entries: &[Checked]) -> Result<(), Breach> {
        let mut tally = self.tally().as_ref().clone();
        let mut fold = write(&self.fold);
        for (index, entry) in (first..).zip(entries) {
            if let Checked::Ballot(ballot) = entry {
                tally.note_ballot(&fold, ballot);
            }
            entry.admit(&mut fold, index)?;
        }
        tally.note_served(&fold);
        drop(fold);
        *write(&self.tally) = Arc::new(tally);
        Ok(())
    }

    /// Whether the same bytes may have been recorded; the log has to be looked at.
    pub(crate) fn may_have_recorded(&self, fold: &PollFold, entry: &Checked) -> bool {
        let leaf = entry.leaf();
        // BALLOT-5: what the fold holds for the same it would refuse.
        let seen = fold.ballots().is_some_and(|ballots| ballots.has_seen(&leaf));
        seen || !self.log.candidates(&leaf).is_empty()
    }

    /// The result once no ballot can come any more, and those that are sealed can be opened;
    /// counted on first demand, on so many threads, which may take seconds.
    pub(crate) fn counted(&self, threads: usize) -> Option<Arc<Counted>> {
        let phase = self.state().phase;
        if !matches!(phase, Phase::Closed | Phase::Certified | Phase::Cancelled) {
            return None;
        }
        if let Some(counted) = self.counted.get() {
            return Some(Arc::clone(counted));
        }
        let _counting = lock(&self.counting);
        if let Some(counted) = self.counted.get() {
            return Some(Arc::clone(counted));
        }
        // A copy shares the ballots, of which none comes any more: nobody waits for the count.
        let fold = read(&self.fold).clone();
        let opened = fold.opening().map(|opening| {
            opening.gather(
                windows(&opening, threads)
                    .flat_map(|parts| run_parts(parts, |places| opening.open_some(places))),
            )
        });
        let (result, outcomes) = fold.result(opened.as_ref())?;
        Some(Arc::clone(self.counted.get_or_init(|| Arc::new(Counted { result, outcomes }))))
    }
}

/// The places of sealed ballots, in windows that are opened one after another, each divided among
/// the threads.
fn windows(
    opening: &Opening<'_>,
    threads: usize,
) -> impl Iterator<Item = Vec<core::ops::Range<usize>>> {
    let end = opening.places().end;
    let share = OPENED_AT_ONCE.div_ceil(threads.max(1));
    (0..end).step_by(OPENED_AT_ONCE).map(move |first| {
        let last = end.min(first + OPENED_AT_ONCE);
        (first..last).step_by(share).map(|part| part..last.min(part + share)).collect()
    })
}
