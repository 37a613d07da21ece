//! A city whose server runs in this process: its keys, its acts, and the address it listens on.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use veche_api::{Config, serve};
use veche_engine::clock::ManualClock;
use veche_engine::store::Store;
use veche_engine::store::memory::MemoryStore;
use veche_engine::{Engine, Settings};
use veche_protocol::count::{Blank, Rule, SingleChoice};
use veche_protocol::entry::{Binding, Kind, Payload, SignedEntry};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Announce, Certify, Close, Open};
use veche_protocol::poll::authorities::Trustees;
use veche_protocol::poll::ballot::Ballot;
use veche_protocol::poll::definition::{
    Definition, Identity, Question, Quorum, Revote, Schedule, Secrecy, VoteOption,
};
use veche_protocol::register::{CommissionKeys, Genesis, Officer, OfficerList, Role};
use veche_protocol::roll::{
    District, Enrolment, RollHeader, VoterId, census_commitment, prove_possession,
};
use veche_protocol::signature::{Key, SigningKey};

use crate::client::Client;

pub(crate) const DOMAIN: &str = "vote.example.org";
/// The poll of every test opens and closes at these times.
pub(crate) const OPENS_AT: u64 = 2_000;
pub(crate) const CLOSES_AT: u64 = 3_000;
/// For what takes milliseconds on a machine that nobody else uses.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Who signs for a roll, and who for a poll.
pub(crate) const REGISTRY: [&str; 2] = ["registrar", "inspector"];
pub(crate) const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// Settings for small tests: few threads, and no timer in the way.
pub(crate) fn settings() -> Settings {
    Settings {
        verifiers: 2,
        desks: 1,
        anchor_interval: Duration::from_hours(1),
        reload_pause: Duration::from_millis(1),
        ..Settings::default()
    }
}

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

/// A running server.
pub(crate) struct City {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) address: SocketAddr,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

impl City {
    /// A founded city without rolls and polls.
    pub(crate) fn start(config: &Config) -> Self {
        Self::start_with(config, settings())
    }

    pub(crate) fn start_with(config: &Config, settings: Settings) -> Self {
        let store = Arc::new(MemoryStore::new());
        let seen = Arc::clone(&store) as Arc<dyn Store>;
        Self::start_on(store, seen, config, settings)
    }

    /// A city on `store`, of which the engine sees what `seen` shows.
    pub(crate) fn start_on(
        store: Arc<MemoryStore>,
        seen: Arc<dyn Store>,
        config: &Config,
        settings: Settings,
    ) -> Self {
        Engine::found(store.as_ref(), &key("log"), genesis()).unwrap();
        let clock = Arc::new(ManualClock::new(1_000));
        let engine = Engine::open(
            seen,
            key("log"),
            settings,
            Arc::clone(&clock) as Arc<ManualClock>,
            &mut StdRng::from_seed([5; 32]),
        );
        let engine = engine.unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving =
            runtime.spawn({
                let (config, engine) = (config.clone(), engine.clone());
                async move {
                    serve(&config, engine, None, listener, async { drop(stopped.await) }).await
                }
            });
        let (stop, serving) = (Some(stop), Some(serving));
        Self { engine, clock, store, address, runtime, stop, serving }
    }

    /// A city with an open poll and so many voters.
    pub(crate) fn with_open_poll(config: &Config, voters: usize, revote: Revote) -> Self {
        let city = Self::start(config);
        city.prepare(voters, revote);
        city
    }

    pub(crate) fn prepare(&self, voters: usize, revote: Revote) {
        self.enrol(voters);
        self.submit(&poll(), &self.announcement(definition(revote)));
        self.clock.set(OPENS_AT);
        self.submit(&poll(), &self.opening());
    }

    /// Tells the server to stop.
    pub(crate) fn ask_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has stopped.
    pub(crate) fn wait_for_end(&mut self) {
        let serving = self.serving.take().unwrap();
        self.runtime
            .block_on(async { tokio::time::timeout(PATIENCE, serving).await })
            .expect("the server stops")
            .unwrap()
            .unwrap();
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Past the server, for what a test only needs to be there.
    pub(crate) fn submit(&self, path: &LogPath, entry: &SignedEntry) {
        self.engine.submit_and_wait(path, entry.bytes().to_vec(), PATIENCE).unwrap();
    }

    /// Signs a payload as its place asks for now.
    pub(crate) fn sign(&self, path: &LogPath, payload: &Payload, by: &[&str]) -> SignedEntry {
        let context = self.engine.context(path, payload.kind()).unwrap();
        let keys: Vec<_> = by.iter().map(|name| key(name)).collect();
        SignedEntry::sign(payload, &context.binding(), &keys.iter().collect::<Vec<_>>())
    }

    /// Signs a payload for a place that does not ask for it now, under any entry at all.
    pub(crate) fn sign_out_of_place(
        &self,
        path: &LogPath,
        payload: &Payload,
        by: &[&str],
    ) -> SignedEntry {
        let origin = path.origin(DOMAIN);
        let binding =
            Binding { instance: self.engine.instance(), origin: &origin, under: Hash::ZERO };
        let keys: Vec<_> = by.iter().map(|name| key(name)).collect();
        SignedEntry::sign(payload, &binding, &keys.iter().collect::<Vec<_>>())
    }

    pub(crate) fn header(&self) -> SignedEntry {
        self.header_of(&roll())
    }

    pub(crate) fn header_of(&self, path: &LogPath) -> SignedEntry {
        let district = |code: &str| District { code: code.to_owned(), label: code.to_uppercase() };
        let header = Payload::Roll(RollHeader {
            title: "All voters".to_owned(),
            districts: vec![district("north"), district("south")],
            since: 0,
            until: 10_000,
        });
        self.sign(path, &header, &REGISTRY)
    }

    /// The roll with so many voters; even ones live in the north.
    pub(crate) fn enrol(&self, voters: usize) {
        self.submit(&roll(), &self.header());
        for first in (0..voters).step_by(256) {
            let batch = self.enrolments(first..voters.min(first + 256));
            self.submit(&roll(), &self.sign(&roll(), &Payload::Enrol(batch), &REGISTRY));
        }
    }

    pub(crate) fn enrolments(&self, voters: Range<usize>) -> Vec<Enrolment> {
        let context = self.engine.context(&roll(), Kind::Enrol).unwrap();
        voters.map(|number| enrolment(&context.binding(), number)).collect()
    }

    pub(crate) fn announcement(&self, definition: Definition) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Announce).unwrap().seen.unwrap();
        let payload = Payload::Announce(Announce { seen, definition });
        self.sign(&poll(), &payload, &OFFICERS)
    }

    pub(crate) fn opening(&self) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Open).unwrap().seen.unwrap();
        let pins = self.engine.pins(&poll()).unwrap();
        self.sign(&poll(), &Payload::Open(Open { seen, pins }), &OFFICERS)
    }

    pub(crate) fn ballot(&self, number: usize, turn: u8, choice: u64) -> SignedEntry {
        let payload = Payload::Ballot(Ballot::open(turn, vec![vec![choice]]));
        self.sign(&poll(), &payload, &[&voter_name(number)])
    }

    pub(crate) fn closing(&self, by: &[&str]) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Close).unwrap().seen.unwrap();
        self.sign(&poll(), &Payload::Close(Close { seen }), by)
    }

    pub(crate) fn certificate(&self) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Certify).unwrap().seen.unwrap();
        let result = self.engine.result(&poll()).unwrap().result.clone();
        self.sign(&poll(), &Payload::Certify(Certify { seen, result }), &OFFICERS)
    }

    /// The list of officers without one of them, signed by the commission.
    pub(crate) fn dismissal(&self, dismissed: &str) -> SignedEntry {
        let OfficerList(mut list) = officers();
        list.retain(|officer| officer.label != dismissed);
        let payload = Payload::Officers(OfficerList(list));
        self.sign(&LogPath::Register, &payload, &["member-1", "member-2"])
    }

    pub(crate) fn verifier(&self, path: &LogPath) -> VerifierKey {
        self.engine.register().verifier_of(path)
    }
}

impl Drop for City {
    fn drop(&mut self) {
        self.engine.shutdown();
    }
}

fn genesis() -> Vec<u8> {
    let members = ["member-1", "member-2", "member-3"];
    let mut keys: Vec<Key> = members.iter().map(|name| key(name).key()).collect();
    keys.sort_unstable();
    let payload = Payload::Genesis(Genesis {
        domain: DOMAIN.to_owned(),
        city: "Test <City>".to_owned(),
        log_key: key("log").key(),
        commission: CommissionKeys { threshold: 2, keys },
        officers: officers(),
    });
    let origin = LogPath::Register.origin(DOMAIN);
    let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
    let [a, b, c] = members.map(key);
    SignedEntry::sign(&payload, &binding, &[&a, &b, &c, &key("log")]).into_bytes()
}

fn officers() -> OfficerList {
    let list = [
        ("registrar", Role::Registrar),
        ("inspector", Role::Inspector),
        ("officer-1", Role::PollOfficer),
        ("officer-2", Role::PollOfficer),
        ("officer-3", Role::PollOfficer),
    ];
    let officer = |(name, role): (&str, Role)| Officer {
        key: key(name).key(),
        label: name.to_owned(),
        roles: vec![role],
    };
    let mut officers: Vec<_> = list.map(officer).into();
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
            details: Some(sha256(b"a longer text")),
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
        quorum: Quorum { numerator: 1, denominator: 4 },
        issuance: None,
        trustees: Trustees::default(),
        interval: 1_000,
    }
}

pub(crate) fn voter_name(number: usize) -> String {
    format!("voter {number}")
}

pub(crate) fn voter_id(number: usize) -> VoterId {
    VoterId(*sha256(voter_name(number).as_bytes()).0.first_chunk().unwrap())
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
