//! What a poll's log adds up to: its phase, its electorate, its standing ballots, its result
//! (spec/polls.md). The server that appends and the auditor that recounts run this same fold.

use std::hash::RandomState;
use std::sync::Arc;

use crate::breach::Breach;
use crate::ceremony::TrusteeIndex;
use crate::count::{Outcome, count};
use crate::entry::{Binding, Kind, Payload, SignedEntry};
use crate::hash::{Hash, empty_root};
use crate::name::LogPath;
use crate::poll::acts::{Announce, CancelReason, Certify, Head, Open, Pin, Seen, seen_by};
use crate::poll::authorities::Issuing;
use crate::poll::ballot_box::{BallotBox, ClearBallots};
use crate::poll::casting::{Intake, OpenPoll, VerifiedBallot, VerifiedIssued, VerifiedRequest};
use crate::poll::ceremony_fold::CeremonyFold;
use crate::poll::credentials::{Begun, IssuerTable};
use crate::poll::definition::Definition;
use crate::poll::electorate::{Electorate, eligible_of};
use crate::poll::opening::{OpenedBallots, Opening};
use crate::poll::phase::Phase;
use crate::poll::requests::{CheckedIssued, IssuedCheck, Requests};
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

/// What the judge of an entry has to look up elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The register, as long as the judge has it.
    pub register: &'a RegisterFold,
    /// The register's root at the size that the officers had seen; `None` if it is not that long.
    pub register_root: Option<Hash>,
    /// This log's root at the size that the signers had seen; `None` if it is not that long.
    pub own_root: Option<Hash>,
    /// The pinned rolls in the order of the pins; `None` for one not that long.
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

/// A poll's log up to some size. Entries that are refused leave no trace in it.
///
/// What grows with the voters is shared between copies, and copied only when one of them takes in
/// more of it: a copy costs little, and is how a server tries an entry before it is durable.
#[derive(Clone, Debug)]
pub struct PollFold {
    instance: Hash,
    origin: String,
    domain: String,
    phase: Phase,
    entries: Vec<PhaseEntry>,
    definition: Option<Arc<Definition>>,
    pins: Vec<Pin>,
    issuer_keys: Arc<IssuerTable>,
    begun: Option<Arc<Begun>>,
    requests: Arc<Requests>,
    /// Of a sealed poll, from Announce on.
    ceremony: Option<CeremonyFold>,
    open: Option<Arc<OpenPoll>>,
    /// From Open on.
    ballots: Option<Arc<BallotBox>>,
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
            issuer_keys: Arc::default(),
            begun: None,
            requests: Arc::default(),
            ceremony: None,
            open: None,
            ballots: None,
            claim: None,
            hasher: hasher.clone(),
        }
    }

    /// What the next entry of this kind is bound to.
    pub fn binding(&self, kind: Kind) -> Binding<'_> {
        // ENTRY-12: each acts under the entry that it follows from.
        let leaf_of = |kind| self.entry(kind).map(|entry| entry.leaf);
        let under = match kind {
            Kind::Begin
            | Kind::IssuerKeys
            | Kind::Join
            | Kind::Deal
            | Kind::Complaint
            | Kind::Ready => leaf_of(Kind::Announce),
            Kind::Request | Kind::Issued => leaf_of(Kind::Begin),
            Kind::Close | Kind::Ballot => leaf_of(Kind::Open),
            Kind::Certify | Kind::Share => leaf_of(Kind::Close),
            Kind::Open | Kind::Cancel | Kind::Exclude => {
                self.entries.last().map(|entry| entry.leaf)
            }
            _ => None,
        };
        Binding {
            instance: self.instance,
            origin: &self.origin,
            under: under.unwrap_or(self.instance),
        }
    }

    /// Judges the entry at `index`, and takes it in if the law allows it. Entries that come in
    /// numbers ([`Intake`]) are taken in by functions of their own.
    pub fn admit(
        &mut self,
        entry: &SignedEntry,
        index: u64,
        evidence: &Evidence<'_>,
    ) -> Result<Phase, Breach> {
        let (next, seen) = self.check_act(entry, index, evidence)?;
        match entry.payload() {
            Payload::Announce(announce) => self.announce(entry.leaf(), announce)?,
            Payload::Begin(begin) => self.begin(entry.leaf(), begin, evidence)?,
            Payload::Open(open) => self.open(entry.leaf(), open, evidence)?,
            Payload::Certify(Certify { result, .. }) => {
                // POLL-24: without the shares there is no result to claim.
                if self.ceremony.as_ref().is_some_and(|ceremony| !ceremony.can_open()) {
                    return Err(Breach::SharesMissing);
                }
                // POLL-18: a claim, kept to be compared; nothing is counted by it.
                self.claim = Some(result.clone());
            }
            Payload::Close(_) | Payload::Cancel(_) => {}
            payload => self.admit_by_authority(payload, entry, index, evidence)?,
        }
        if let Some(seen) = seen.filter(|_| entry.payload().kind().is_phase()) {
            let (kind, leaf) = (entry.payload().kind(), entry.leaf());
            self.entries.push(PhaseEntry { kind, index, leaf, seen });
        }
        self.phase = next;
        Ok(next)
    }

    /// Takes in what issuers and trustees say, and exclusions.
    fn admit_by_authority(
        &mut self,
        payload: &Payload,
        entry: &SignedEntry,
        index: u64,
        evidence: &Evidence<'_>,
    ) -> Result<(), Breach> {
        if let Payload::IssuerKeys(keys) = payload {
            let definition = self.definition.as_ref().ok_or(Breach::NotAnnounced)?;
            let issuance = definition.issuance.as_ref().ok_or(Breach::EntryNotOfPoll)?;
            let issuer = self.issuer(entry).ok_or(Breach::IssuerUnknown)?;
            let table = Arc::make_mut(&mut self.issuer_keys);
            return table.admit(definition, issuance, issuer, keys);
        }
        let trustee = self.trustee(entry);
        let close = self.entry(Kind::Close).map(|close| close.index);
        let ceremony = self.ceremony.as_mut().ok_or(Breach::EntryNotOfPoll)?;
        match payload {
            Payload::Exclude(exclude) => ceremony.admit_exclude(exclude),
            Payload::Share(share) => {
                // CEREMONY-12: the trustee had verified this log, through its Close.
                let Head { size, root } = share.head;
                let within = close.is_some_and(|close| close < size) && size <= index;
                if !within || evidence.own_root != Some(root) {
                    return Err(Breach::SeenMismatch);
                }
                ceremony.admit_share(share, trustee.ok_or(Breach::TrusteeUnknown)?)
            }
            _ => {
                let signer = trustee.ok_or(Breach::TrusteeUnknown)?;
                ceremony.admit(payload, (signer, entry.leaf(), index))
            }
        }
    }

    /// Judges the ballot at `index`, and takes it in.
    pub fn admit_ballot(&mut self, ballot: &VerifiedBallot, index: u64) -> Result<(), Breach> {
        self.check_position(Kind::Ballot)?;
        let (Some(open), Some(ballots)) = (&self.open, &mut self.ballots) else {
            return Err(Breach::BallotBeforeOpen);
        };
        Arc::make_mut(ballots).admit(&open.definition, ballot, index)
    }

    /// Judges a ballot without taking it in, and without remembering that it was judged.
    pub fn check_ballot(&self, ballot: &VerifiedBallot) -> Result<(), Breach> {
        self.check_position(Kind::Ballot)?;
        let (Some(open), Some(ballots)) = (&self.open, &self.ballots) else {
            return Err(Breach::BallotBeforeOpen);
        };
        ballots.check(&open.definition, ballot)
    }

    /// Judges the request at `index`, and takes it in.
    pub fn admit_request(&mut self, request: &VerifiedRequest, index: u64) -> Result<(), Breach> {
        self.check_position(Kind::Request)?;
        let begun = self.begun.as_ref().ok_or(Breach::PhaseOutOfOrder)?;
        Arc::make_mut(&mut self.requests).admit(begun, request, index)
    }

    /// Judges a request without taking it in.
    pub fn check_request(&self, request: &VerifiedRequest) -> Result<(), Breach> {
        self.check_position(Kind::Request)?;
        self.requests.check(request)
    }

    /// Gathers what checking an issuer's answers takes. The check itself takes long, and can be
    /// run anywhere.
    pub fn look_up(&self, issued: VerifiedIssued) -> Result<IssuedCheck, Breach> {
        let begun = self.begun.as_ref().ok_or(Breach::PhaseOutOfOrder)?;
        Ok(self.requests.look_up(begun, issued))
    }

    /// Judges an issuer's answers, and takes them in.
    pub fn admit_issued(&mut self, issued: &CheckedIssued) -> Result<(), Breach> {
        self.check_position(Kind::Issued)?;
        let begun = self.begun.as_ref().ok_or(Breach::PhaseOutOfOrder)?;
        Arc::make_mut(&mut self.requests).admit_issued(begun, issued)
    }

    /// Judges an issuer's answers without taking them in.
    pub fn check_issued(&self, issued: &CheckedIssued) -> Result<(), Breach> {
        self.check_position(Kind::Issued)?;
        self.requests.check_issued(issued)
    }

    /// Whether an entry of this kind may stand here at all; the phase that it would bring.
    pub fn check_position(&self, kind: Kind) -> Result<Phase, Breach> {
        // BALLOT-1: position comes first; order is the index alone.
        let next = self.phase.after(kind)?;
        let Some(definition) = &self.definition else { return Ok(next) };
        let is_anonymous = definition.is_anonymous();
        match kind {
            // CRED-1, POLL-21: what has no meaning in a poll of this sort.
            Kind::Begin | Kind::IssuerKeys | Kind::Request | Kind::Issued if !is_anonymous => {
                Err(Breach::EntryNotOfPoll)
            }
            // CEREMONY-1: likewise.
            Kind::Join
            | Kind::Deal
            | Kind::Complaint
            | Kind::Ready
            | Kind::Exclude
            | Kind::Share
                if self.ceremony.is_none() =>
            {
                Err(Breach::EntryNotOfPoll)
            }
            // POLL-21: nobody can cast where nobody could ask.
            Kind::Open if is_anonymous && self.begun.is_none() => Err(Breach::PhaseOutOfOrder),
            // CRED-7, CRED-8: Open ends issuing unless the definition says otherwise.
            Kind::Request | Kind::Issued if self.phase == Phase::Open => {
                match definition.issuance.as_ref().map(|issuance| issuance.issuing) {
                    Some(Issuing::UntilClose) => Ok(next),
                    _ => Err(Breach::IssuingOver),
                }
            }
            _ => Ok(next),
        }
    }

    /// Whether this entry may stand here by its kind, and by its reason if it is a Cancel.
    fn check_place(&self, entry: &SignedEntry) -> Result<Phase, Breach> {
        let next = self.check_position(entry.payload().kind())?;
        if let Payload::Cancel(cancel) = entry.payload() {
            // POLL-21: after the close only because the ballots cannot be opened.
            let unopened = self.ceremony.as_ref().is_some_and(|ceremony| !ceremony.can_open());
            let for_shares = cancel.reason == CancelReason::SharesMissing;
            if for_shares != (self.phase == Phase::Closed) || for_shares && !unopened {
                return Err(Breach::PhaseOutOfOrder);
            }
        }
        Ok(next)
    }

    /// Judges an entry by its place, its signers and their signatures, before a register of which
    /// `register_size` entries are held; returns the phase that it would bring. This looks nothing
    /// up and copies nothing: it is what a server asks first about an entry of a stranger.
    pub fn check_signers(
        &self,
        entry: &SignedEntry,
        register: &RegisterFold,
        register_size: u64,
    ) -> Result<Phase, Breach> {
        let kind = entry.payload().kind();
        let next = self.check_place(entry)?;
        match (kind, seen_by(entry.payload())) {
            (_, Some(seen)) => check_officers(entry, seen, register, register_size)?,
            // CRED-6: an issuer of the definition, alone.
            (Kind::IssuerKeys, None) => {
                self.issuer(entry).ok_or(Breach::IssuerUnknown)?;
            }
            // CEREMONY-1: a trustee who takes part, alone.
            (_, None) => {
                self.trustee(entry).ok_or(Breach::TrusteeUnknown)?;
            }
        }
        entry.verify(&self.binding(kind))?;
        Ok(next)
    }

    /// The place of the issuer who alone has signed an entry.
    fn issuer(&self, entry: &SignedEntry) -> Option<usize> {
        let issuance = self.definition.as_ref()?.issuance.as_ref()?;
        let [(key, _)] = entry.signatures() else { return None };
        issuance.find(key)
    }

    /// The participant of the ceremony who alone has signed an entry.
    fn trustee(&self, entry: &SignedEntry) -> Option<TrusteeIndex> {
        let [(key, _)] = entry.signatures() else { return None };
        self.ceremony.as_ref()?.participant(key)
    }

    /// The checks that are made of all entries but those that come in numbers.
    fn check_act(
        &self,
        entry: &SignedEntry,
        index: u64,
        evidence: &Evidence<'_>,
    ) -> Result<(Phase, Option<Seen>), Breach> {
        let seen = seen_by(entry.payload()).copied();
        // The register is held at least as far as there is a root of it.
        let held = seen.filter(|_| evidence.register_root.is_some());
        let held = held.map_or(0, |seen| seen.register.size);
        let next = self.check_signers(entry, evidence.register, held)?;
        let Some(seen) = seen else { return Ok((next, None)) };
        self.check_seen(index, &seen, evidence)?;
        // POLL-7: and, if they saw little, by the register when it last took note of this log.
        let trace = evidence.register.last_trace(&self.origin, index);
        if let Some(trace) = trace.filter(|&trace| trace > seen.register.size) {
            let roles = check_roles(entry, evidence.register, trace);
            roles.map_err(|_| Breach::OfficerPinStale)?;
        }
        Ok((next, Some(seen)))
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

    fn announce(&mut self, leaf: Hash, announce: &Announce) -> Result<(), Breach> {
        let definition = &announce.definition;
        definition.check(&self.domain)?;
        if definition.is_sealed() {
            self.ceremony = Some(CeremonyFold::new(leaf, &definition.trustees));
        }
        self.definition = Some(Arc::new(definition.clone()));
        Ok(())
    }

    fn begin(&mut self, leaf: Hash, pinning: &Open, evidence: &Evidence<'_>) -> Result<(), Breach> {
        let definition = self.definition.clone().expect("the phase table puts Announce first");
        let issuance = definition.issuance.as_ref().ok_or(Breach::EntryNotOfPoll)?;
        let electorate = Arc::new(self.electorate(&definition, pinning, evidence)?);
        let binding = self.binding(Kind::Begin);
        let begun = Begun::new(&binding, leaf, issuance, electorate, &self.issuer_keys)?;
        self.requests = Arc::new(Requests::new(&begun));
        self.pins.clone_from(&pinning.pins);
        self.begun = Some(Arc::new(begun));
        Ok(())
    }

    fn open(&mut self, leaf: Hash, open: &Open, evidence: &Evidence<'_>) -> Result<(), Breach> {
        let definition = self.definition.clone().expect("the phase table puts Announce first");
        let ceremony = self.ceremony.as_ref();
        let election_key =
            ceremony.map(|ceremony| ceremony.election_key(open.seen.own.size)).transpose()?;
        let electorate = match &self.begun {
            // POLL-22: Begin has pinned the rolls.
            Some(_) if !open.pins.is_empty() => return Err(Breach::RollPinMismatch),
            Some(begun) => Arc::clone(begun.electorate()),
            None => {
                let electorate = self.electorate(&definition, open, evidence)?;
                self.pins.clone_from(&open.pins);
                Arc::new(electorate)
            }
        };
        let ballots = BallotBox::new(&definition, electorate.len(), &self.hasher);
        self.ballots = Some(Arc::new(ballots));
        self.open = Some(Arc::new(OpenPoll {
            instance: self.instance,
            origin: self.origin.clone(),
            leaf,
            definition,
            electorate,
            begun: self.begun.clone(),
            election_key,
        }));
        Ok(())
    }

    /// The voters whom a pinning entry gives.
    fn electorate(
        &self,
        definition: &Definition,
        pinning: &Open,
        evidence: &Evidence<'_>,
    ) -> Result<Electorate, Breach> {
        // POLL-11: exactly the rolls of the definition, in its order.
        if !pinning.pins.iter().map(|pin| &pin.origin).eq(&definition.rolls) {
            return Err(Breach::RollPinMismatch);
        }
        let mut folds = Vec::with_capacity(pinning.pins.len());
        for (pin, roll) in pinning.pins.iter().zip(evidence.rolls) {
            check_pin(pin, *roll, definition, pinning.seen.register.size, evidence.register)?;
            folds.extend(roll.map(|roll| roll.fold));
        }
        if folds.len() != pinning.pins.len() {
            return Err(Breach::RollPinMismatch);
        }
        Electorate::gather(definition, &folds, &self.hasher)
    }

    /// What opens the standing ballots, of a sealed poll of which enough shares stand.
    pub fn opening(&self) -> Option<Opening<'_>> {
        let key = self.ceremony.as_ref()?.decryption_key()?;
        Opening::new(key, self.open.as_deref()?, self.ballots.as_deref()?)
    }

    /// The result of the ballots that stand, and for each question how it came about. `None`
    /// before Open, when there is nothing to count, and for a sealed poll that is not opened.
    pub fn result(&self, opened: Option<&OpenedBallots>) -> Option<(PollResult, Vec<Outcome>)> {
        // POLL-20: a poll that is cancelled after Open is counted as well.
        let (open, ballots) = (self.open.as_ref()?, self.ballots.as_ref()?);
        // SEAL-7: of a sealed poll, the ballots that open.
        let clear = ballots.clear().or_else(|| opened.map(OpenedBallots::clear))?;
        let definition = &open.definition;
        // POLL-19: totals by district, then the questions in their order.
        let districts = turnout(open, ballots, clear);
        let eligible = districts.iter().map(|turnout| turnout.eligible).sum();
        let effective = districts.iter().map(|turnout| turnout.effective).sum();
        let outcomes: Vec<Outcome> = definition
            .questions
            .iter()
            .enumerate()
            .map(|(place, question)| {
                count(&question.rule, &question.costs(), &clear.question(place))
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

    /// The result with sealed ballots opened on this thread alone.
    pub fn open_and_count(&self) -> Option<(PollResult, Vec<Outcome>)> {
        self.result(self.opening().map(|opening| opening.open_all()).as_ref())
    }

    /// By place of the district in the electorate, the eligible and the casters of whom a ballot
    /// was accepted; none before Open.
    pub fn voters(&self) -> Vec<(u64, u64)> {
        let (Some(open), Some(ballots)) = (&self.open, &self.ballots) else { return Vec::new() };
        let eligible = open.electorate.eligible();
        let mut voters: Vec<_> = eligible.iter().map(|(_, eligible)| (*eligible, 0)).collect();
        for place in ballots.voted() {
            voters[open.district_of(ballots, place)].1 += 1;
        }
        voters
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

    /// The ballots that stand, once open.
    pub fn ballots(&self) -> Option<&BallotBox> {
        self.ballots.as_deref()
    }

    /// What entries that come in numbers are checked by.
    pub fn intake(&self) -> Intake {
        Intake { begun: self.begun.clone(), open: self.open.clone() }
    }

    /// The issuers' keys as they have been given, of an anonymous poll.
    pub fn issuer_keys(&self) -> &IssuerTable {
        &self.issuer_keys
    }

    /// What is fixed from Begin on, of an anonymous poll.
    pub const fn begun(&self) -> Option<&Arc<Begun>> {
        self.begun.as_ref()
    }

    /// The requests for credentials, and what was issued.
    pub fn requests(&self) -> &Requests {
        &self.requests
    }

    /// The trustees' ceremonies and shares, of a sealed poll.
    pub const fn ceremony(&self) -> Option<&CeremonyFold> {
        self.ceremony.as_ref()
    }

    /// The result that the officers claim.
    pub const fn claim(&self) -> Option<&PollResult> {
        self.claim.as_ref()
    }
}

/// Who could vote and who did, by district.
fn turnout(open: &OpenPoll, ballots: &BallotBox, clear: &ClearBallots) -> Vec<Turnout> {
    let electorate = &open.electorate;
    let mut effective = vec![0; electorate.eligible().len()];
    for place in ballots.voted().filter(|&place| clear.contains(place)) {
        effective[open.district_of(ballots, place)] += 1;
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

/// Two officers, by the register that they had seen.
fn check_officers(
    entry: &SignedEntry,
    seen: &Seen,
    register: &RegisterFold,
    register_size: u64,
) -> Result<(), Breach> {
    // POLL-3: two people, two keys.
    if entry.signatures().len() < OFFICERS_PER_ACT {
        return Err(Breach::OfficersTooFew);
    }
    // POLL-2: a size that nobody holds leaves nothing to judge the officers by.
    if !(1..=register_size).contains(&seen.register.size) {
        return Err(Breach::SeenMismatch);
    }
    // POLL-4: judged by the register that the officers had seen.
    check_roles(entry, register, seen.register.size)
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
