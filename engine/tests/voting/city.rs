//! A city with its keys, on an engine: what officers and voters would do with their own tools.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_engine::clock::ManualClock;
use veche_engine::store::Store;
use veche_engine::store::memory::MemoryStore;
use veche_engine::tree::check::check_log;
use veche_engine::{Engine, EngineError, Recorded, Refusal, Settings};
use veche_protocol::count::{Blank, Rule, SingleChoice};
use veche_protocol::entry::{Binding, Kind, Payload, SignedEntry};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Announce, Cancel, CancelReason, Certify, Close, Open};
use veche_protocol::poll::authorities::Trustees;
use veche_protocol::poll::ballot::Ballot;
use veche_protocol::poll::definition::{
    Definition, Identity, Question, Quorum, Revote, Schedule, Secrecy, VoteOption,
};
use veche_protocol::poll::phase::Phase;
use veche_protocol::register::{CommissionKeys, Genesis, Officer, OfficerList, Role};
use veche_protocol::roll::{
    District, Enrolment, Revocation, RevocationReason, RollHeader, VoterId, census_commitment,
    prove_possession,
};
use veche_protocol::signature::{Key, SigningKey};

pub(crate) const DOMAIN: &str = "vote.example.org";
/// The poll of most tests opens and closes at these times.
pub(crate) const OPENS_AT: u64 = 2_000;
pub(crate) const CLOSES_AT: u64 = 3_000;
/// Nothing in these tests waits for long; a minute is for a machine that others use too.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The key that belongs to this name, in every run.
pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(sha256(name.as_bytes()).as_bytes())
}

pub(crate) fn roll() -> LogPath {
    LogPath::Roll("city".to_owned())
}

pub(crate) fn poll() -> LogPath {
    LogPath::Poll("park".to_owned())
}

/// Every head that was ever signed: the notes by path and size.
pub(crate) type Signed = Arc<Mutex<BTreeMap<(String, u64), BTreeSet<String>>>>;

/// A city on an engine.
pub(crate) struct City {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) settings: Settings,
    pub(crate) signed: Signed,
}

/// Settings for small tests: two verifying threads, small batches, no timer in the way.
pub(crate) fn small() -> Settings {
    Settings {
        verifiers: 2,
        desks: 1,
        anchor_interval: Duration::from_hours(1),
        reload_pause: Duration::from_millis(1),
        ..Settings::default()
    }
}

impl City {
    pub(crate) fn in_memory() -> (Self, Arc<MemoryStore>) {
        let store = Arc::new(MemoryStore::new());
        (Self::found(Arc::clone(&store) as Arc<dyn Store>, small()), store)
    }

    pub(crate) fn found(store: Arc<dyn Store>, settings: Settings) -> Self {
        Engine::found(store.as_ref(), &key("log"), genesis()).unwrap();
        let signed = Signed::default();
        let clock = Arc::new(ManualClock::new(1_000));
        let settings = watched(settings, &signed);
        let engine = open(&store, &settings, &clock).unwrap();
        Self { engine, store, clock, settings, signed }
    }

    /// Shuts the engine down, and opens another on what it has left.
    pub(crate) fn restart(&mut self) {
        self.engine.shutdown();
        self.reopen().unwrap();
    }

    /// Opens another engine on the store, whatever state the last one is in.
    pub(crate) fn reopen(&mut self) -> Result<(), EngineError> {
        self.engine = open(&self.store, &self.settings, &self.clock)?;
        Ok(())
    }

    pub(crate) fn submit(&self, path: &LogPath, entry: &SignedEntry) -> Result<Recorded, Refusal> {
        self.engine.submit_and_wait(path, entry.bytes().to_vec(), PATIENCE)
    }

    /// Signs a payload as its place asks for now.
    pub(crate) fn sign(&self, path: &LogPath, payload: &Payload, by: &[&str]) -> SignedEntry {
        let context = self.engine.context(path, payload.kind()).unwrap();
        let keys: Vec<_> = by.iter().map(|name| key(name)).collect();
        SignedEntry::sign(payload, &context.binding(), &keys.iter().collect::<Vec<_>>())
    }

    pub(crate) fn header(&self) -> SignedEntry {
        let district = |code: &str| District { code: code.to_owned(), label: code.to_owned() };
        let header = Payload::Roll(RollHeader {
            title: "All voters".to_owned(),
            districts: vec![district("north"), district("south")],
            since: 0,
            until: 10_000,
        });
        self.sign(&roll(), &header, &["registrar", "inspector"])
    }

    /// The enrolment of voters by number; even ones live in the north.
    pub(crate) fn enrolment(&self, voters: core::ops::Range<usize>) -> SignedEntry {
        let context = self.engine.context(&roll(), Kind::Enrol).unwrap();
        let binding = context.binding();
        let enrolments = voters.map(|number| enrolment(&binding, number)).collect();
        self.sign(&roll(), &Payload::Enrol(enrolments), &["registrar", "inspector"])
    }

    pub(crate) fn revocation(&self, number: usize) -> SignedEntry {
        let revocation = Revocation { voter: voter_id(number), reason: RevocationReason::Left };
        self.sign(&roll(), &Payload::Revoke(vec![revocation]), &["registrar", "inspector"])
    }

    /// Makes the roll with so many voters.
    pub(crate) fn enrol(&self, voters: usize) {
        self.submit(&roll(), &self.header()).unwrap();
        for first in (0..voters).step_by(256) {
            let batch = first..voters.min(first + 256);
            self.submit(&roll(), &self.enrolment(batch)).unwrap();
        }
    }

    pub(crate) fn announcement(&self, path: &LogPath, definition: Definition) -> SignedEntry {
        let seen = self.engine.context(path, Kind::Announce).unwrap().seen.unwrap();
        let payload = Payload::Announce(Announce { seen, definition });
        self.sign(path, &payload, &["officer-1", "officer-2"])
    }

    pub(crate) fn announce(&self, revote: Revote) {
        let entry = self.announcement(&poll(), definition(revote));
        self.submit(&poll(), &entry).unwrap();
    }

    pub(crate) fn opening(&self, path: &LogPath) -> SignedEntry {
        let seen = self.engine.context(path, Kind::Open).unwrap().seen.unwrap();
        let pins = self.engine.pins(path).unwrap();
        self.sign(path, &Payload::Open(Open { seen, pins }), &["officer-1", "officer-2"])
    }

    pub(crate) fn open_poll(&self) {
        self.clock.set(OPENS_AT);
        self.submit(&poll(), &self.opening(&poll())).unwrap();
    }

    /// An engine with an open poll and so many voters.
    pub(crate) fn prepare(&self, voters: usize, revote: Revote) {
        self.enrol(voters);
        self.announce(revote);
        self.open_poll();
    }

    pub(crate) fn ballot(&self, number: usize, turn: u8, choice: u64) -> SignedEntry {
        let payload = Payload::Ballot(Ballot::open(turn, vec![vec![choice]]));
        self.sign(&poll(), &payload, &[&voter_name(number)])
    }

    pub(crate) fn cast(&self, number: usize, turn: u8, choice: u64) -> Result<Recorded, Refusal> {
        self.submit(&poll(), &self.ballot(number, turn, choice))
    }

    pub(crate) fn closing(&self) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Close).unwrap().seen.unwrap();
        self.sign(&poll(), &Payload::Close(Close { seen }), &["officer-1", "officer-2"])
    }

    pub(crate) fn close(&self) -> Result<Recorded, Refusal> {
        self.clock.set(CLOSES_AT);
        self.submit(&poll(), &self.closing())
    }

    pub(crate) fn certificate(&self) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Certify).unwrap().seen.unwrap();
        let result = self.engine.result(&poll()).unwrap().result.clone();
        self.sign(&poll(), &Payload::Certify(Certify { seen, result }), &["officer-1", "officer-2"])
    }

    pub(crate) fn certify(&self) -> Result<Recorded, Refusal> {
        self.submit(&poll(), &self.certificate())
    }

    pub(crate) fn cancel(&self) -> Result<Recorded, Refusal> {
        let seen = self.engine.context(&poll(), Kind::Cancel).unwrap().seen.unwrap();
        let payload = Payload::Cancel(Cancel { seen, reason: CancelReason::RollWrong });
        self.submit(&poll(), &self.sign(&poll(), &payload, &["officer-1", "officer-2"]))
    }

    pub(crate) fn appoint(&self, officers: OfficerList) -> Result<Recorded, Refusal> {
        let register = LogPath::Register;
        let entry = self.sign(&register, &Payload::Officers(officers), &["member-1", "member-2"]);
        self.submit(&register, &entry)
    }

    pub(crate) fn phase(&self) -> Phase {
        self.engine.poll(&poll()).unwrap().phase
    }

    /// Ballots accepted so far.
    pub(crate) fn accepted(&self) -> u64 {
        self.engine.poll(&poll()).unwrap().accepted
    }

    /// What a voter checks: the receipt proves these bytes at this index, under the log's key.
    pub(crate) fn check_receipt(&self, recorded: &Recorded, bytes: &[u8]) {
        let verifier = self.engine.log(recorded.path()).unwrap().verifier_key;
        let verifier = VerifierKey::parse(&verifier).unwrap();
        let receipt = Receipt::parse(recorded.receipt().unwrap().as_bytes()).unwrap();
        // RECEIPT-2, RECEIPT-3: with the voter's own bytes.
        let head = receipt.verify(bytes, &verifier).unwrap();
        assert_eq!(receipt.extra(), Some(bytes));
        assert_eq!(receipt.index(), recorded.index());
        assert!(head.checkpoint().size > receipt.index());
    }

    /// Everything an operator could check: the stored logs hash to their heads, and a second engine
    /// folds every one of them again, from its first entry.
    pub(crate) fn check_all(&mut self) {
        self.restart();
        for (log, origin) in self.store.logs().unwrap() {
            let head = check_log(self.store.as_ref(), log).unwrap();
            if head.size > 0 {
                let path = LogPath::of_origin(&origin, DOMAIN).unwrap();
                let published = self.engine.checkpoint(&path).unwrap();
                assert_eq!((published.size, published.root), (head.size, head.root));
            }
        }
        self.check_signed();
    }

    /// LOG-12: no two different heads of one size are ever signed, whatever happens in between.
    pub(crate) fn check_signed(&self) {
        let signed = self.signed.lock().unwrap();
        let forks: Vec<_> = signed.iter().filter(|(_, notes)| notes.len() != 1).collect();
        assert!(forks.is_empty(), "{forks:?}");
    }
}

pub(crate) fn open(
    store: &Arc<dyn Store>,
    settings: &Settings,
    clock: &Arc<ManualClock>,
) -> Result<Engine, EngineError> {
    let mut rng = StdRng::from_seed([5; 32]);
    let clock = Arc::clone(clock);
    Engine::open(Arc::clone(store), key("log"), settings.clone(), clock, &mut rng)
}

/// Writes down every head that is signed.
fn watched(mut settings: Settings, signed: &Signed) -> Settings {
    let signed = Arc::clone(signed);
    let on_head = move |path: &LogPath, head: &veche_engine::PublishedHead| {
        let mut signed = signed.lock().unwrap();
        signed.entry((path.to_string(), head.size)).or_default().insert(head.note.clone());
    };
    settings.on_head = Some(Arc::new(on_head));
    settings
}

pub(crate) fn genesis() -> Vec<u8> {
    let members = ["member-1", "member-2", "member-3"];
    let mut keys: Vec<Key> = members.iter().map(|name| key(name).key()).collect();
    keys.sort_unstable();
    let payload = Payload::Genesis(Genesis {
        domain: DOMAIN.to_owned(),
        city: "Test City".to_owned(),
        log_key: key("log").key(),
        commission: CommissionKeys { threshold: 2, keys },
        officers: officers(&OFFICERS),
    });
    let origin = LogPath::Register.origin(DOMAIN);
    let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
    let [a, b, c] = members.map(key);
    SignedEntry::sign(&payload, &binding, &[&a, &b, &c, &key("log")]).into_bytes()
}

/// The officers of most tests.
pub(crate) const OFFICERS: [(&str, Role); 5] = [
    ("registrar", Role::Registrar),
    ("inspector", Role::Inspector),
    ("officer-1", Role::PollOfficer),
    ("officer-2", Role::PollOfficer),
    ("officer-3", Role::PollOfficer),
];

pub(crate) fn officers(list: &[(&str, Role)]) -> OfficerList {
    let officer = |(name, role): &(&str, Role)| Officer {
        key: key(name).key(),
        label: (*name).to_owned(),
        roles: vec![*role],
    };
    let mut officers: Vec<_> = list.iter().map(officer).collect();
    officers.sort_by_key(|officer| officer.key);
    OfficerList(officers)
}

pub(crate) fn definition(revote: Revote) -> Definition {
    let option = |label: &str| VoteOption { label: label.to_owned(), details: None, cost: 0 };
    Definition {
        title: "The park".to_owned(),
        details: None,
        questions: vec![Question {
            title: "What to plant?".to_owned(),
            details: None,
            options: vec![option("oaks"), option("limes"), option("nothing")],
            rule: Rule::SingleChoice(SingleChoice { blank: Blank::Refused, ties: Vec::new() }),
            conditions: Vec::new(),
        }],
        identity: Identity::Named,
        secrecy: Secrecy::Open,
        revote,
        rolls: vec![roll().origin(DOMAIN)],
        districts: Vec::new(),
        schedule: Schedule { opens_at: OPENS_AT, closes_at: CLOSES_AT, tolerance: 10 },
        quorum: Quorum { numerator: 0, denominator: 1 },
        issuance: None,
        trustees: Trustees::default(),
        interval: 1_000,
    }
}

pub(crate) fn voter_name(number: usize) -> String {
    format!("voter {number}")
}

fn voter_id(number: usize) -> VoterId {
    let hash = sha256(voter_name(number).as_bytes());
    VoterId(*hash.0.first_chunk().unwrap())
}

fn enrolment(roll: &Binding<'_>, number: usize) -> Enrolment {
    let (voter, key) = (voter_id(number), key(&voter_name(number)));
    Enrolment {
        voter,
        key: key.key(),
        district: (number % 2) as u64,
        possession: prove_possession(roll, &voter, &key),
        census: census_commitment(&[0; 32], b"record"),
        replaces: None,
    }
}
