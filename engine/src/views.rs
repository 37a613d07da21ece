//! What can be asked of an engine: published state only, from memory or from the store.
//!
//! Not here: formats of an API.

mod operating;
mod proposals;
mod public_files;

use std::ops::ControlFlow;
use std::sync::Arc;

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Binding, Kind};
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Head, Pin, Seen};
use veche_protocol::poll::casting::OpenPoll;
use veche_protocol::poll::ceremony_fold::CeremonyFold;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::fold::{PhaseEntry, PollFold};
use veche_protocol::poll::phase::Phase;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::roll::RollHeader;
use veche_protocol::signature::Key;

use crate::city::{City, Counted, DistrictCounts, LogCell, PollCell, PublishedHead, RollCell};
use crate::engine::Engine;
use crate::error::{QueryError, Refusal};
use crate::lock::read;
use crate::publication::Publication;
use crate::receipts::Recorded;
use crate::sequencer::find_recorded;
use crate::store::StoreError;
use crate::voting::pins::pins_now;
use crate::voting::unique::{ballots_prefix, parse_unique_value};

pub use operating::Health;
pub use proposals::{DraftView, Proposal};

/// A log.
#[derive(Clone, Debug)]
pub struct LogView {
    /// Its path.
    pub path: LogPath,
    /// Its origin.
    pub origin: String,
    /// The key that verifies its heads, as C2SP note keys are written.
    pub verifier_key: String,
    /// Its published head.
    pub head: Arc<PublishedHead>,
}

/// What someone needs to sign an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningContext {
    /// The instance id; zero for nobody but genesis.
    pub instance: Hash,
    /// Origin of the log in which the entry is to stand.
    pub origin: String,
    /// Leaf hash of the entry acted under.
    pub under: Hash,
    /// For a phase entry or an Exclude, heads that are published and will do as what the officers
    /// have seen, once they have checked them.
    pub seen: Option<Seen>,
}

impl SigningContext {
    /// What a signature has to be bound to.
    pub fn binding(&self) -> Binding<'_> {
        Binding { instance: self.instance, origin: &self.origin, under: self.under }
    }
}

/// A poll.
#[derive(Clone, Debug)]
pub struct PollView {
    /// Its path.
    pub path: LogPath,
    /// Where it stands.
    pub phase: Phase,
    /// Its definition.
    pub definition: Arc<Definition>,
    /// The phase entries that stand.
    pub phases: Vec<PhaseEntry>,
    /// The pinned rolls, once begun or open.
    pub pins: Vec<Pin>,
    /// Its published head.
    pub head: Arc<PublishedHead>,
    /// What is fixed from Open on.
    pub open: Option<Arc<OpenPoll>>,
    /// The trustees' ceremonies and shares, of a sealed poll.
    pub ceremony: Option<Arc<CeremonyFold>>,
    /// Ballots accepted so far, replaced ones included.
    pub accepted: u64,
    /// Voters, or in an anonymous poll credentials, with a standing ballot.
    pub voted: u64,
    /// The districts that vote, ascending by code; none before the rolls are pinned.
    pub districts: Vec<DistrictView>,
}

/// A district that votes in a poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistrictView {
    /// Its code.
    pub code: String,
    /// Voters on the pinned rolls.
    pub eligible: u64,
    /// How far they have come.
    pub counts: DistrictCounts,
}

/// A roll.
#[derive(Clone, Debug)]
pub struct RollView {
    /// Its path.
    pub path: LogPath,
    /// Its header.
    pub header: RollHeader,
    /// Leaf hash of the header, under which enrolments act.
    pub header_leaf: Hash,
    /// The head that the numbers are for.
    pub head: Head,
    /// Voters who may vote, by district code in the header's order.
    pub eligible: Vec<(String, u64)>,
}

impl Engine {
    /// The instance id.
    pub fn instance(&self) -> Hash {
        self.register().instance()
    }

    /// The domain.
    pub fn domain(&self) -> String {
        self.register().genesis().domain.clone()
    }

    /// The register as it is published.
    pub fn register(&self) -> Arc<RegisterFold> {
        self.shared().city().register.fold()
    }

    /// All logs with the heads signed last, the register first.
    pub fn logs(&self) -> Vec<LogView> {
        self.shared().city().logs().map(|log| log_view(log)).collect()
    }

    /// A log.
    pub fn log(&self, path: &LogPath) -> Option<LogView> {
        self.shared().city().log(path).map(|log| log_view(log))
    }

    /// The head of a log that was signed last: that of its receipts.
    pub fn head(&self, path: &LogPath) -> Option<Arc<PublishedHead>> {
        self.shared().city().log(path).map(|log| log.head())
    }

    /// The public head of a log, whose note is its checkpoint file; `None` also for a log whose
    /// first round is not over.
    pub fn checkpoint(&self, path: &LogPath) -> Option<Arc<PublishedHead>> {
        match self.shared().settings.publication {
            Publication::AtOnce => self.head(path),
            Publication::InRounds => self.shared().public().get(path).cloned(),
        }
    }

    /// What an entry of this kind has to be bound to. Refused with the code that the entry itself
    /// would get for its place, or [`Refusal::UnknownLog`].
    pub fn context(&self, path: &LogPath, kind: Kind) -> Result<SigningContext, Refusal> {
        if kind.log_type() != path.log_type() {
            return Err(Breach::EntryUnknownKind.into());
        }
        let city = self.shared().city();
        let register = city.register.fold();
        let under = match (kind, path) {
            (Kind::Officers | Kind::Commission, _) => register.governance_binding().under,
            (_, LogPath::Register) => register.operator_binding().under,
            (_, LogPath::Roll(_)) => roll_under(&city, path, kind)?,
            (_, LogPath::Poll(_)) => poll_under(&city, &register, path, kind)?,
        };
        // POLL-2, CEREMONY-10: what officers do on a poll.
        let has_seen = kind.is_phase() || kind == Kind::Exclude;
        Ok(SigningContext {
            instance: register.instance(),
            origin: path.origin(&register.genesis().domain),
            under,
            seen: has_seen.then(|| seen_now(&city, path)),
        })
    }

    /// A poll that has been announced.
    pub fn poll(&self, path: &LogPath) -> Option<PollView> {
        self.shared().city().polls.get(path).map(|poll| poll_view(poll))
    }

    /// All polls, ascending by id.
    pub fn polls(&self) -> Vec<PollView> {
        self.shared().city().polls.values().map(|poll| poll_view(poll)).collect()
    }

    /// A roll. Its voters are counted anew: some 2 ms for a million.
    pub fn roll(&self, path: &LogPath) -> Option<RollView> {
        self.shared().city().rolls.get(path).map(|roll| roll_view(roll))
    }

    /// All rolls, ascending by name; see [`Engine::roll`].
    pub fn rolls(&self) -> Vec<RollView> {
        self.shared().city().rolls.values().map(|roll| roll_view(roll)).collect()
    }

    /// What the Open of this poll, or the Begin of an anonymous one, has to pin now.
    /// [`Breach::RollPinMismatch`] if one of its rolls is not there.
    pub fn pins(&self, path: &LogPath) -> Result<Vec<Pin>, Refusal> {
        let city = self.shared().city();
        let poll = city.polls.get(path).ok_or(Refusal::UnknownLog)?;
        let pins = pins_now(&city.rolls, &poll.state().definition, &self.domain());
        Ok(pins.ok_or(Breach::RollPinMismatch)?)
    }

    /// The result, once no ballot can come any more; `None` before, for a poll that was never open,
    /// and for a sealed one as long as too few shares stand (SEAL-7). The first to ask waits for
    /// the count: for a large participatory budget, or for many sealed ballots, some seconds.
    pub fn result(&self, path: &LogPath) -> Option<Arc<Counted>> {
        self.shared().city().polls.get(path)?.counted(self.shared().settings.verifiers)
    }

    /// The entry with this leaf hash.
    pub fn find(&self, path: &LogPath, leaf: &Hash) -> Result<Option<Recorded>, QueryError> {
        let city = self.shared().city();
        let Some(log) = city.log(path) else { return Ok(None) };
        let found = find_recorded(self.shared(), log, leaf, None)?;
        // API-7: below the public head where that covers it, since others have seen that one.
        let public = self.checkpoint(path);
        Ok(found.map(|recorded| match public {
            Some(public) if recorded.index() < public.size => recorded.below(public),
            _ => recorded,
        }))
    }

    /// The ballots of a key in a poll, ascending by turn: of a voter, or of a credential.
    pub fn ballots_of(&self, path: &LogPath, voter: &Key) -> Result<Vec<Recorded>, QueryError> {
        let shared = self.shared();
        let city = shared.city();
        let Some(poll) = city.polls.get(path) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let prefix = ballots_prefix(voter);
        shared.store.scan_unique(poll.log.id, &prefix, &mut |_, value| {
            found.push(parse_unique_value(value));
            ControlFlow::Continue(())
        })?;
        let published = poll.log.head().size;
        let mut ballots = Vec::with_capacity(found.len());
        for record in found {
            let unreadable = || StoreError::Corrupt("a unique record is unreadable".to_owned());
            let (index, leaf) = record.ok_or_else(unreadable)?;
            if index < published {
                let entry = shared.store.entry(poll.log.id, index)?;
                ballots.push(Recorded::stored(&poll.log, index, leaf, &entry, &shared.reader));
            }
        }
        Ok(ballots)
    }
}

fn log_view(log: &LogCell) -> LogView {
    LogView {
        path: log.path.clone(),
        origin: log.origin.clone(),
        verifier_key: log.verifier.to_string(),
        head: log.head(),
    }
}

fn poll_view(poll: &PollCell) -> PollView {
    let state = poll.state();
    let tally = poll.tally();
    let eligible = state.electorate().map_or(&[][..], |electorate| electorate.eligible());
    let districts = eligible.iter().zip(&tally.districts).map(|((code, eligible), counts)| {
        DistrictView { code: code.clone(), eligible: *eligible, counts: *counts }
    });
    PollView {
        path: poll.log.path.clone(),
        phase: state.phase,
        definition: Arc::clone(&state.definition),
        phases: state.phases.clone(),
        pins: state.pins.clone(),
        head: poll.log.head(),
        open: state.intake.open.clone(),
        ceremony: state.ceremony.clone(),
        accepted: tally.accepted,
        voted: tally.voted(),
        districts: districts.collect(),
    }
}

fn roll_view(roll: &RollCell) -> RollView {
    let folded = read(&roll.folded);
    let header = roll.headed.header().expect("only a roll with a header has a cell").clone();
    let header_leaf = roll.headed.header_leaf().expect("only a roll with a header has a cell");
    let codes = header.districts.iter().map(|district| district.code.clone());
    let eligible = codes.zip(folded.fold.eligible()).collect();
    RollView { path: roll.log.path.clone(), header, header_leaf, head: folded.head, eligible }
}

/// ENTRY-12: the instance for the header, the header for what follows.
fn roll_under(city: &City, path: &LogPath, kind: Kind) -> Result<Hash, Refusal> {
    match (city.rolls.get(path), kind) {
        (None, Kind::Roll) => Ok(city.register.fold().instance()),
        (None, _) => Err(Refusal::UnknownLog),
        (Some(_), Kind::Roll) => Err(Breach::RollHeader.into()),
        (Some(roll), _) => {
            Ok(roll.headed.header_leaf().expect("only a roll with a header has a cell"))
        }
    }
}

/// ENTRY-12: the phase entry acted under.
fn poll_under(
    city: &City,
    register: &RegisterFold,
    path: &LogPath,
    kind: Kind,
) -> Result<Hash, Refusal> {
    let under = |fold: &PollFold| {
        fold.check_position(kind)?;
        Ok(fold.binding(kind).under)
    };
    match city.polls.get(path) {
        Some(poll) => under(&read(&poll.fold)),
        None if kind == Kind::Announce => Ok(register.instance()),
        None => Err(Refusal::UnknownLog),
    }
}

/// The published heads of a poll and of the register.
fn seen_now(city: &City, path: &LogPath) -> Seen {
    let own = city.log(path).map_or(Head { size: 0, root: empty_root() }, |log| log.head().head());
    Seen { own, register: city.register.log.head().head() }
}
