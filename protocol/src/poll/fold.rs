//! What a poll's log adds up to: its phase, its electorate, its standing ballots, its result
//! (spec/polls.md). The server that appends and the auditor that recounts run this same fold.

use std::hash::RandomState;
use std::sync::Arc;

use crate::breach::Breach;
use crate::count::{Outcome, count};
use crate::entry::{Binding, Kind, Payload, SignedEntry};
use crate::hash::{Hash, empty_root};
use crate::name::LogPath;
use crate::poll::acts::{Announce, Certify, Open, Pin, Seen};
use crate::poll::ballot::VerifiedBallot;
use crate::poll::ballot_box::BallotBox;
use crate::poll::definition::Definition;
use crate::poll::electorate::{Electorate, eligible_of};
use crate::poll::phase::Phase;
use crate::poll::result::{OptionResult, PollResult, QuestionResult, Turnout};
use crate::register::Role;
use crate::register::fold::RegisterFold;
use crate::roll::fold::RollFold;

/// Officers who must sign a phase entry.
pub const OFFICERS_PER_ACT: usize = 2;

/// A roll at the size that an Open pins, as the judge of that Open sees it.
#[derive(Clone, Copy, Debug)]
pub struct PinnedRoll<'a> {
    /// The roll up to the pinned size, judged before the register that the Open had seen.
    pub fold: &'a RollFold,
    /// Leaf hash of the roll's entry 0.
    pub first: Option<Hash>,
    /// The roll's root at the pinned size; `None` if it is not that long.
    pub root: Option<Hash>,
}

/// What the judge of a phase entry has to look up elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The register, as long as the judge has it.
    pub register: &'a RegisterFold,
    /// The register's root at the size that the officers had seen; `None` if it is not that long.
    pub register_root: Option<Hash>,
    /// This log's root at the size that the officers had seen; `None` if it is not that long.
    pub own_root: Option<Hash>,
    /// For an Open, the pinned rolls in the order of its pins; `None` for one not that long.
    pub rolls: &'a [Option<PinnedRoll<'a>>],
}

/// A phase entry that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseEntry {
    /// Its kind.
    pub kind: Kind,
    /// Its index in the poll's log.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Hash,
    /// What its officers had seen.
    pub seen: Seen,
}

/// What is fixed from Open on, and shared by all who check ballots.
#[derive(Clone, Debug)]
pub struct OpenPoll {
    instance: Hash,
    origin: String,
    leaf: Hash,
    definition: Arc<Definition>,
    electorate: Electorate,
}

impl OpenPoll {
    /// What a ballot's signature is bound to.
    pub fn ballot_binding(&self) -> Binding<'_> {
        Binding { instance: self.instance, origin: &self.origin, under: self.leaf }
    }

    /// The definition.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Who may vote.
    pub const fn electorate(&self) -> &Electorate {
        &self.electorate
    }
}

/// A poll's log up to some size. Entries that are refused leave no trace in it.
#[derive(Clone, Debug)]
pub struct PollFold {
    instance: Hash,
    origin: String,
    domain: String,
    phase: Phase,
    entries: Vec<PhaseEntry>,
    definition: Option<Arc<Definition>>,
    pins: Vec<Pin>,
    open: Option<Arc<OpenPoll>>,
    ballots: BallotBox,
    claim: Option<PollResult>,
    hasher: RandomState,
}

impl PollFold {
    /// The poll before its first entry.
    pub fn new(register: &RegisterFold, path: &LogPath, hasher: &RandomState) -> Self {
        let domain = register.genesis().domain.clone();
        Self {
            instance: register.instance(),
            origin: path.origin(&domain),
            domain,
            phase: Phase::Unannounced,
            entries: Vec::new(),
            definition: None,
            pins: Vec::new(),
            open: None,
            ballots: BallotBox::new(0, hasher.clone()),
            claim: None,
            hasher: hasher.clone(),
        }
    }

    /// What the next phase entry of this kind is bound to.
    pub fn binding(&self, kind: Kind) -> Binding<'_> {
        // ENTRY-12: a phase entry acts under the one before it, a ballot under Open.
        let leaf_of = |kind| self.entry(kind).map(|entry| entry.leaf);
        let under = match kind {
            Kind::Open => leaf_of(Kind::Announce),
            Kind::Close | Kind::Ballot => leaf_of(Kind::Open),
            Kind::Certify => leaf_of(Kind::Close),
            Kind::Cancel => self.entries.last().map(|entry| entry.leaf),
            _ => None,
        };
        Binding {
            instance: self.instance,
            origin: &self.origin,
            under: under.unwrap_or(self.instance),
        }
    }

    /// Judges the phase entry at `index`, and takes it in if the law allows it.
    pub fn admit(
        &mut self,
        entry: &SignedEntry,
        index: u64,
        evidence: &Evidence<'_>,
    ) -> Result<Phase, Breach> {
        let kind = entry.payload().kind();
        let (next, seen) = self.check_act(entry, index, evidence)?;
        match entry.payload() {
            Payload::Announce(announce) => self.announce(announce)?,
            Payload::Open(open) => self.open(entry.leaf(), open, evidence)?,
            // POLL-18: a claim, kept to be compared; nothing is counted by it.
            Payload::Certify(Certify { result, .. }) => self.claim = Some(result.clone()),
            _ => {}
        }
        self.entries.push(PhaseEntry { kind, index, leaf: entry.leaf(), seen });
        self.phase = next;
        Ok(next)
    }

    /// Judges a ballot that stands at the next place of the log, and takes it in.
    pub fn admit_ballot(&mut self, ballot: &VerifiedBallot) -> Result<(), Breach> {
        self.check_position()?;
        let open = self.open.as_ref().expect("an open poll has an electorate");
        self.ballots.admit(&open.definition, ballot)
    }

    /// Judges a ballot without taking it in, and without remembering that it was judged.
    pub fn check_ballot(&self, ballot: &VerifiedBallot) -> Result<(), Breach> {
        self.check_position()?;
        let open = self.open.as_ref().expect("an open poll has an electorate");
        self.ballots.check(&open.definition, ballot)
    }

    /// Whether a ballot may stand here at all.
    pub fn check_position(&self) -> Result<(), Breach> {
        // BALLOT-1: position comes first; order is the index alone.
        self.phase.after(Kind::Ballot).map(drop)
    }

    /// Judges a phase entry by its place, its signers and their signatures, before a register of
    /// which `register_size` entries are held; returns the phase that it would bring. This looks
    /// nothing up and copies nothing: it is what a server asks first about an entry of a stranger.
    pub fn check_signers(
        &self,
        entry: &SignedEntry,
        register: &RegisterFold,
        register_size: u64,
    ) -> Result<Phase, Breach> {
        // POLL-2: the first five steps, in this order.
        let kind = entry.payload().kind();
        let next = self.phase.after(kind)?;
        let seen = seen_by(entry.payload()).ok_or(Breach::EntryUnknownKind)?;
        // POLL-3: two people, two keys.
        if entry.signatures().len() < OFFICERS_PER_ACT {
            return Err(Breach::OfficersTooFew);
        }
        // POLL-2: a size that nobody holds leaves nothing to judge the officers by.
        if !(1..=register_size).contains(&seen.register.size) {
            return Err(Breach::SeenMismatch);
        }
        // POLL-4: judged by the register that the officers had seen.
        check_roles(entry, register, seen.register.size)?;
        entry.verify(&self.binding(kind))?;
        Ok(next)
    }

    /// The checks that all phase entries share, in the order of POLL-2.
    fn check_act(
        &self,
        entry: &SignedEntry,
        index: u64,
        evidence: &Evidence<'_>,
    ) -> Result<(Phase, Seen), Breach> {
        let seen = seen_by(entry.payload()).copied();
        // The register is held at least as far as there is a root of it.
        let held = seen.filter(|_| evidence.register_root.is_some());
        let held = held.map_or(0, |seen| seen.register.size);
        let next = self.check_signers(entry, evidence.register, held)?;
        let seen = seen.ok_or(Breach::EntryUnknownKind)?;
        self.check_seen(index, &seen, evidence)?;
        // POLL-7: and, if they saw little, by the register when it last took note of this log.
        let trace = evidence.register.last_trace(&self.origin, index);
        if let Some(trace) = trace.filter(|&trace| trace > seen.register.size) {
            let roles = check_roles(entry, evidence.register, trace);
            roles.map_err(|_| Breach::OfficerPinStale)?;
        }
        Ok((next, seen))
    }

    fn check_seen(&self, index: u64, seen: &Seen, evidence: &Evidence<'_>) -> Result<(), Breach> {
        // POLL-5: the officers signed for this log, through the entry that they act under.
        let last = self.entries.last();
        let own = match last {
            None => seen.own.size == 0 && seen.own.root == empty_root(),
            Some(last) => {
                let within = last.index < seen.own.size && seen.own.size <= index;
                within && evidence.own_root == Some(seen.own.root)
            }
        };
        // POLL-6: and for this register, at least as far as the officers before them.
        let earlier = last.map_or(0, |last| last.seen.register.size);
        let register =
            seen.register.size >= earlier && evidence.register_root == Some(seen.register.root);
        if own && register { Ok(()) } else { Err(Breach::SeenMismatch) }
    }

    fn announce(&mut self, announce: &Announce) -> Result<(), Breach> {
        announce.definition.check(&self.domain)?;
        self.definition = Some(Arc::new(announce.definition.clone()));
        Ok(())
    }

    fn open(&mut self, leaf: Hash, open: &Open, evidence: &Evidence<'_>) -> Result<(), Breach> {
        let definition = self.definition.clone().expect("the phase table puts Announce first");
        // POLL-11: exactly the rolls of the definition, in its order.
        if !open.pins.iter().map(|pin| &pin.origin).eq(&definition.rolls) {
            return Err(Breach::RollPinMismatch);
        }
        let mut folds = Vec::with_capacity(open.pins.len());
        for (pin, roll) in open.pins.iter().zip(evidence.rolls) {
            check_pin(pin, *roll, &definition, open.seen.register.size, evidence.register)?;
            folds.extend(roll.map(|roll| roll.fold));
        }
        if folds.len() != open.pins.len() {
            return Err(Breach::RollPinMismatch);
        }
        let electorate = Electorate::gather(&definition, &folds, &self.hasher)?;
        self.ballots = BallotBox::new(electorate.len(), self.hasher.clone());
        self.pins.clone_from(&open.pins);
        self.open = Some(Arc::new(OpenPoll {
            instance: self.instance,
            origin: self.origin.clone(),
            leaf,
            definition,
            electorate,
        }));
        Ok(())
    }

    /// The result of the ballots that stand, and for each question how it came about. `None`
    /// before Open, when there is nothing to count.
    pub fn result(&self) -> Option<(PollResult, Vec<Outcome>)> {
        // POLL-20: a poll that is cancelled after Open is counted as well.
        let open = self.open.as_ref()?;
        let definition = &open.definition;
        // POLL-19: totals by district, then the questions in their order.
        let districts = self.turnout(open);
        let eligible = districts.iter().map(|turnout| turnout.eligible).sum();
        let effective = districts.iter().map(|turnout| turnout.effective).sum();
        let outcomes: Vec<Outcome> = definition
            .questions
            .iter()
            .enumerate()
            .map(|(place, question)| {
                count(&question.rule, &question.costs(), &self.ballots.question(place))
                    .expect("the rule was checked at Announce and each ballot when it was admitted")
            })
            .collect();
        let questions = definition.questions.iter().zip(&outcomes);
        let questions = questions
            .map(|(question, outcome)| QuestionResult {
                blank: outcome.blank,
                outcome: question
                    .options
                    .iter()
                    .zip(outcome.votes.iter().zip(&outcome.selected))
                    .map(|(option, (&votes, &selected))| OptionResult {
                        label: option.label.clone(),
                        votes,
                        selected,
                    })
                    .collect(),
            })
            .collect();
        let quorum_met = definition.quorum.is_met(effective, eligible);
        Some((PollResult { eligible, effective, districts, quorum_met, questions }, outcomes))
    }

    fn turnout(&self, open: &OpenPoll) -> Vec<Turnout> {
        let electorate = &open.electorate;
        let mut effective = vec![0; electorate.eligible().len()];
        for voter in self.ballots.voted() {
            effective[electorate.district(voter)] += 1;
        }
        let districts = electorate.eligible().iter().zip(effective);
        districts
            .map(|((code, eligible), effective)| Turnout {
                district: code.clone(),
                eligible: *eligible,
                effective,
            })
            .collect()
    }

    /// Where the poll stands.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Origin of the poll's log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The phase entries that stand, ascending by index.
    pub fn entries(&self) -> &[PhaseEntry] {
        &self.entries
    }

    /// The standing phase entry of this kind.
    pub fn entry(&self, kind: Kind) -> Option<&PhaseEntry> {
        self.entries.iter().find(|entry| entry.kind == kind)
    }

    /// The definition, once announced.
    pub const fn definition(&self) -> Option<&Arc<Definition>> {
        self.definition.as_ref()
    }

    /// The pinned rolls, once open.
    pub fn pins(&self) -> &[Pin] {
        &self.pins
    }

    /// What is fixed from Open on.
    pub const fn open_poll(&self) -> Option<&Arc<OpenPoll>> {
        self.open.as_ref()
    }

    /// The ballots that stand.
    pub const fn ballots(&self) -> &BallotBox {
        &self.ballots
    }

    /// The result that the officers claim.
    pub const fn claim(&self) -> Option<&PollResult> {
        self.claim.as_ref()
    }
}

/// What the signers of a phase entry had seen.
pub const fn seen_by(payload: &Payload) -> Option<&Seen> {
    match payload {
        Payload::Announce(act) => Some(&act.seen),
        Payload::Open(act) => Some(&act.seen),
        Payload::Close(act) => Some(&act.seen),
        Payload::Certify(act) => Some(&act.seen),
        Payload::Cancel(act) => Some(&act.seen),
        _ => None,
    }
}

fn check_roles(entry: &SignedEntry, register: &RegisterFold, size: u64) -> Result<(), Breach> {
    let officers = register.officers_at(size).ok_or(Breach::OfficerUnknown)?;
    for key in entry.signers() {
        let officer = officers.find(key).ok_or(Breach::OfficerUnknown)?;
        if !officer.roles.contains(&Role::PollOfficer) {
            return Err(Breach::OfficerRole);
        }
    }
    Ok(())
}

fn check_pin(
    pin: &Pin,
    roll: Option<PinnedRoll<'_>>,
    definition: &Definition,
    register_size: u64,
    register: &RegisterFold,
) -> Result<(), Breach> {
    let announced = register.logs().get(&pin.origin).filter(|log| log.index < register_size);
    let announced = announced.ok_or(Breach::LogNotAnnounced)?;
    let roll = roll.ok_or(Breach::RollPinMismatch)?;
    // POLL-11: a roll of which there is no entry 0 is not the one that was announced either.
    if roll.first != Some(announced.first) {
        return Err(Breach::LogNotAnnounced);
    }
    // POLL-12: the pin is a head of the roll, and the roll spans the poll.
    if pin.head.size == 0 || roll.root != Some(pin.head.root) {
        return Err(Breach::RollPinMismatch);
    }
    let header = roll.fold.header().ok_or(Breach::RollPinMismatch)?;
    let schedule = definition.schedule;
    if schedule.opens_at < header.since || schedule.closes_at > header.until {
        return Err(Breach::RollLife);
    }
    // POLL-13: the officers signed for a number of voters that the roll really has.
    if pin.eligible != eligible_of(definition, roll.fold) {
        return Err(Breach::RollPinMismatch);
    }
    Ok(())
}
