//! What a poll's log adds up to: its phase, its electorate, its standing ballots, its result
//! (spec/polls.md). The server that appends and the auditor that recounts run this same fold.

mod counting;
mod pinning;
mod signers;

use std::hash::RandomState;
use std::sync::Arc;

use crate::breach::Breach;
use crate::entry::{Binding, Kind, Payload, SignedEntry};
use crate::hash::Hash;
use crate::name::LogPath;
use crate::poll::acts::{Certify, Head, Pin, Seen};
use crate::poll::ballot_box::BallotBox;
use crate::poll::casting::{Intake, OpenPoll, VerifiedBallot, VerifiedIssued, VerifiedRequest};
use crate::poll::ceremony_fold::CeremonyFold;
use crate::poll::credentials::{Begun, IssuerTable};
use crate::poll::definition::Definition;
use crate::poll::phase::Phase;
use crate::poll::requests::{CheckedIssued, IssuedCheck, Requests};
use crate::poll::result::PollResult;
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
