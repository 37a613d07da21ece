//! A city in memory for this crate's tests: its logs grow by the acts that the crate itself builds.
//!
//! Nothing is judged here; the tests hold what is read against what was written.

pub(crate) mod anonymous;
pub(crate) mod publishing;

use std::cell::RefCell;
use std::collections::BTreeMap;

use veche_protocol::count::{Approval, Rule, TieBreak};
use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::hash::{Hash, leaf_hash};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::merkle::{Frontier, inclusion_proof};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::log::tile::{EntriesPath, TILE_WIDTH, TilePath, encode_bundle, width_at};
use veche_protocol::name::LogPath;
use veche_protocol::poll::authorities::Trustees;
use veche_protocol::poll::definition::{
    Definition, Identity, Question, Quorum, Revote, Schedule, Secrecy, VoteOption,
};
use veche_protocol::register::{
    AnchoredHead, Anchors, CommissionKeys, Genesis, LogAnnouncement, Officer, OfficerList, Role,
};
use veche_protocol::roll::{District, Enrolment, RollHeader, VoterId, census_commitment};
use veche_protocol::signature::SigningKey;

use crate::acts::{Act, poll, roll};
use crate::api::Source;
use crate::city::City;
use crate::enrolment_line::EnrolmentLine;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::roll_copy::RollCopy;
use crate::tiles;
use crate::trust::Pins;

pub(crate) const DOMAIN: &str = "vote.example.org";
pub(crate) const ROLL: &str = "city";
pub(crate) const POLL: &str = "park";

pub(crate) fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

/// Keys of the city's people.
pub(crate) const COMMISSION: u8 = 1;
pub(crate) const REGISTRAR: u8 = 2;
pub(crate) const INSPECTOR: u8 = 3;
pub(crate) const OFFICERS: [u8; 2] = [4, 5];
const LOG: u8 = 6;
/// The keys of voters begin here.
pub(crate) const VOTERS: u8 = 100;

pub(crate) struct TestCity {
    pub(crate) logs: RefCell<BTreeMap<LogPath, Vec<Vec<u8>>>>,
    pub(crate) pins: Pins,
    /// Sizes of the logs whose heads are held back.
    public: RefCell<BTreeMap<LogPath, u64>>,
    /// Keys of the witnesses that cosign.
    witnesses: RefCell<Vec<u8>>,
}

impl TestCity {
    pub(crate) fn found() -> Self {
        let officer = |number: u8, role| Officer {
            key: key(number).key(),
            label: format!("officer {number}"),
            roles: vec![role],
        };
        let mut officers = vec![
            officer(REGISTRAR, Role::Registrar),
            officer(INSPECTOR, Role::Inspector),
            officer(OFFICERS[0], Role::PollOfficer),
            officer(OFFICERS[1], Role::PollOfficer),
        ];
        officers.sort_by_key(|officer| officer.key);
        let genesis = Payload::Genesis(Genesis {
            domain: DOMAIN.to_owned(),
            city: "Test City".to_owned(),
            log_key: key(LOG).key(),
            commission: CommissionKeys { threshold: 1, keys: vec![key(COMMISSION).key()] },
            officers: OfficerList(officers),
        });
        let origin = LogPath::Register.origin(DOMAIN);
        let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
        let entry = SignedEntry::sign(&genesis, &binding, &[&key(COMMISSION), &key(LOG)]);
        let register = VerifierKey::ed25519(&origin, key(LOG).key()).unwrap();
        let pins = Pins { instance: entry.leaf(), register };
        let (public, witnesses) = (RefCell::default(), RefCell::default());
        let city = Self { logs: RefCell::default(), pins, public, witnesses };
        city.push(&LogPath::Register, entry.bytes());
        city
    }

    /// A city with a roll of two voters in two districts.
    pub(crate) fn with_roll() -> Self {
        Self::enrolled((0..2).map(|number| (number, u64::from(number % 2))))
    }

    /// A city with a roll of so many voters, all in the first of its two districts.
    pub(crate) fn with_roll_of(voters: u8) -> Self {
        Self::enrolled((0..voters).map(|number| (number, 0)))
    }

    fn enrolled(voters: impl Iterator<Item = (u8, u64)>) -> Self {
        let this = Self::found();
        let header = RollHeader {
            title: "Voters".to_owned(),
            districts: ["n", "s"]
                .map(|code| District { code: code.into(), label: code.into() })
                .into(),
            since: 1_000,
            until: 100_000,
        };
        this.act(roll::header(&this.read(), ROLL, header).unwrap(), [REGISTRAR, INSPECTOR]);
        this.announce_log(&roll_path());
        let fold = RollCopy::read(&this, &this.read(), ROLL, &mut |_, _| {}).unwrap();
        let binding = fold.fold().binding();
        let enrolments =
            voters.map(|(number, district)| Enrolment { district, ..enrolment(&binding, number) });
        for act in roll::enrol(&roll_path(), fold.fold(), &enrolments.collect::<Vec<_>>()) {
            this.act(act, [REGISTRAR, INSPECTOR]);
        }
        this.anchor();
        this
    }

    /// A city with an open poll of that roll.
    pub(crate) fn with_open_poll(revote: Revote) -> Self {
        let this = Self::with_roll();
        this.act(poll::announce(&this.read(), POLL, definition(revote)).unwrap(), OFFICERS);
        this.announce_log(&poll_path());
        let city = this.read();
        let rolls = [RollCopy::read(&this, &city, ROLL, &mut |_, _| {}).unwrap()];
        this.act(poll::open(&city, &this.poll(&city), &rolls).unwrap(), OFFICERS);
        this.anchor();
        this
    }

    pub(crate) fn read(&self) -> City {
        let city = City::read(self, &self.pins).unwrap();
        assert_eq!(city.rejected(), []);
        city
    }

    pub(crate) fn poll(&self, city: &City) -> PollCopy {
        PollCopy::read(self, city, POLL, &mut |_, _| {}).unwrap()
    }

    /// Signs an act and logs it.
    pub(crate) fn act(&self, mut act: Act, signers: [u8; 2]) -> u64 {
        for signer in signers {
            act.sign(&key(signer));
        }
        self.push(act.path(), act.entry().bytes())
    }

    pub(crate) fn push(&self, path: &LogPath, bytes: &[u8]) -> u64 {
        let mut logs = self.logs.borrow_mut();
        let log = logs.entry(path.clone()).or_default();
        log.push(bytes.to_vec());
        log.len() as u64 - 1
    }

    fn operator(&self, payload: &Payload) {
        let origin = LogPath::Register.origin(DOMAIN);
        let instance = self.pins.instance;
        let binding = Binding { instance, origin: &origin, under: instance };
        let entry = SignedEntry::sign(payload, &binding, &[&key(LOG)]);
        self.push(&LogPath::Register, entry.bytes());
    }

    pub(crate) fn announce_log(&self, path: &LogPath) {
        let first = leaf_hash(&self.logs.borrow()[path][0]);
        self.operator(&Payload::Log(LogAnnouncement { origin: path.origin(DOMAIN), first }));
    }

    pub(crate) fn anchor(&self) {
        let paths: Vec<_> = self.logs.borrow().keys().cloned().collect();
        let paths = paths.iter().filter(|path| **path != LogPath::Register);
        let heads = paths.map(|path| {
            let Checkpoint { origin, size, root } = self.head(path);
            AnchoredHead { origin, size, root }
        });
        let mut heads: Vec<_> = heads.collect();
        heads.sort_by(|left, right| left.origin.cmp(&right.origin));
        let has_anchors = self.read_quietly().register().has_anchors();
        let note = self.checkpoint(&LogPath::Register).unwrap();
        let register_checkpoint = has_anchors.then_some(note);
        self.operator(&Payload::Anchors(Anchors { heads, register_checkpoint }));
    }

    fn read_quietly(&self) -> City {
        City::read(self, &self.pins).unwrap()
    }

    fn head(&self, path: &LogPath) -> Checkpoint {
        self.head_at(path, usize::MAX)
    }

    fn head_at(&self, path: &LogPath, size: usize) -> Checkpoint {
        let mut frontier = Frontier::new();
        let logs = self.logs.borrow();
        logs[path].iter().take(size).for_each(|entry| frontier.push(leaf_hash(entry)));
        Checkpoint { origin: path.origin(DOMAIN), size: frontier.size(), root: frontier.root() }
    }

    /// The receipt that a server gives for the entry at an index.
    pub(crate) fn receipt(&self, path: &LogPath, index: u64) -> Receipt {
        let head = self.head(path);
        let reader = tiles::reader(self, path, head.size);
        let proof = inclusion_proof(&reader, index, head.size).unwrap();
        Receipt::new(index, proof, head.sign(&key(LOG)).unwrap().into_note()).unwrap()
    }
}

impl Source for TestCity {
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
        if !self.logs.borrow().contains_key(log) {
            return Err(ClientError::NoLog { log: log.to_string(), at: DOMAIN.to_owned() });
        }
        Ok(self.published(log).to_string().into_bytes())
    }

    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
        let logs = self.logs.borrow();
        let entries = logs[log].chunks(usize::from(TILE_WIDTH)).nth(path.index.try_into().unwrap());
        let entries = entries.and_then(|entries| entries.get(..usize::from(path.width)));
        Ok(entries.map(|entries| encode_bundle(entries).unwrap()))
    }

    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        let logs = self.logs.borrow();
        let log = &logs[log];
        if width_at(log.len() as u64, path.level, path.index).is_none_or(|w| w < path.width) {
            return Ok(None);
        }
        let span = 1 << (8 * path.level);
        let first = usize::try_from(path.index).unwrap() * usize::from(TILE_WIDTH) * span;
        let hashes = log[first..].chunks(span).take(usize::from(path.width)).map(|leaves| {
            let mut frontier = Frontier::new();
            for entry in leaves {
                frontier.push(leaf_hash(entry));
            }
            frontier.root().0
        });
        Ok(Some(hashes.collect::<Vec<_>>().concat()))
    }
}

pub(crate) fn roll_path() -> LogPath {
    LogPath::Roll(ROLL.to_owned())
}

pub(crate) fn poll_path() -> LogPath {
    LogPath::Poll(POLL.to_owned())
}

pub(crate) fn enrolment(roll: &Binding<'_>, number: u8) -> Enrolment {
    let voter = VoterId([number; 16]);
    let EnrolmentLine { key, possession, .. } =
        EnrolmentLine::new(roll, voter, &key(VOTERS + number));
    let census = census_commitment(&[number; 32], b"record");
    let district = u64::from(number % 2);
    Enrolment { voter, key, district, possession, census, replaces: None }
}

pub(crate) fn definition(revote: Revote) -> Definition {
    let option = |label: &str| VoteOption { label: label.into(), details: None, cost: 0 };
    Definition {
        title: "A park".to_owned(),
        details: None,
        questions: vec![Question {
            title: "Which?".to_owned(),
            details: None,
            options: ["Oaks", "Limes", "Elms"].map(option).into(),
            rule: Rule::Approval(Approval {
                min: 1,
                max: 2,
                winners: 1,
                ties: vec![TieBreak::ListedOrder],
            }),
            conditions: Vec::new(),
        }],
        identity: Identity::Named,
        secrecy: Secrecy::Open,
        revote,
        rolls: vec![roll_path().origin(DOMAIN)],
        districts: Vec::new(),
        schedule: Schedule { opens_at: 2_000, closes_at: 3_000, tolerance: 10 },
        quorum: Quorum { numerator: 0, denominator: 1 },
        issuance: None,
        trustees: Trustees::default(),
        interval: 1_000,
    }
}
