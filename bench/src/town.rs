//! A city in a real store with one roll, one poll, and voters who sign when they are asked to. The
//! poll is open to be read and names its voters; one that is not is [`crate::referendum`]'s.
//!
//! All keys are the same in every run. The calendar stands still, so that the poll is open for as
//! long as the benchmark takes; waits, anchors among them, take the time they take.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use crossbeam_channel::unbounded;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_engine::clock::ManualClock;
use veche_engine::store::Store;
use veche_engine::store::rocks::{RocksConfig, RocksStore};
use veche_engine::{Engine, Recorded, Refusal, Settings, SigningContext};
use veche_protocol::entry::{Binding, Kind, Payload, SignedEntry};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Announce, Certify, Close, Open, Seen};
use veche_protocol::poll::ballot::Ballot;
use veche_protocol::poll::definition::Definition;
use veche_protocol::roll::{Enrolment, MAX_ENROLMENTS, VoterId, prove_possession};
use veche_protocol::signature::SigningKey;

use crate::cores::each;
use crate::founding::{self, CLOSES_AT, DOMAIN, OPENS_AT, OPTIONS};
use crate::progress::Progress;

/// Submissions in flight from one client within the process: the queue of the engine holds twice as
/// many.
pub const IN_FLIGHT: usize = 16_384;
/// Enrolments in flight, entries of 256 voters each.
const ENROLS_IN_FLIGHT: usize = 64;
/// Entries of enrolments signed at a time.
const ENROLS_AT_A_TIME: usize = 256;
/// Ballots signed by one core at a time.
const SIGNED_AT_A_TIME: usize = 1_024;
/// Receipts of which one is kept, to be verified.
const KEPT: usize = 1_024;

/// The city.
#[derive(Debug)]
pub struct Town {
    /// Its engine.
    pub engine: Engine,
    /// Its poll.
    pub poll: LogPath,
    roll: LogPath,
    clock: Arc<ManualClock>,
    /// What ballots are bound to.
    context: SigningContext,
    voters: usize,
    /// The first voter who has not signed a ballot yet.
    next: usize,
}

impl Town {
    /// A city with so many voters and a poll that is open.
    pub fn open(path: &Path, voters: usize) -> Result<Self> {
        Self::open_with(path, voters, Settings::default())
    }

    /// The same, with such settings of the engine.
    pub fn open_with(path: &Path, voters: usize, settings: Settings) -> Result<Self> {
        let mut town = Self::enrolled_with(path, voters, settings)?;
        town.begin_poll()?;
        town.context = town.engine.context(&town.poll, Kind::Ballot)?;
        Ok(town)
    }

    /// A city with so many voters and no poll yet.
    pub fn enrolled(path: &Path, voters: usize) -> Result<Self> {
        Self::enrolled_with(path, voters, Settings::default())
    }

    fn enrolled_with(path: &Path, voters: usize, settings: Settings) -> Result<Self> {
        let store: Arc<dyn Store> = Arc::new(RocksStore::open(path, RocksConfig::default())?);
        Engine::found(store.as_ref(), &founding::key("log"), founding::genesis())?;
        let clock = Arc::new(ManualClock::new(OPENS_AT));
        let mut rng = StdRng::from_seed([1; 32]);
        let time = Arc::clone(&clock);
        let engine = Engine::open(store, founding::key("log"), settings, time, &mut rng)?;
        let (roll, poll) = (founding::roll(), founding::poll());
        let none = SigningContext {
            instance: Hash::ZERO,
            origin: String::new(),
            under: Hash::ZERO,
            seen: None,
        };
        let town = Self { engine, poll, roll, clock, context: none, voters, next: 0 };
        town.enrol()?;
        Ok(town)
    }

    fn enrol(&self) -> Result<()> {
        self.act(&self.roll, &Payload::Roll(founding::roll_header()), &founding::REGISTRARS)?;
        let context = self.engine.context(&self.roll, Kind::Enrol)?;
        let registrars = founding::REGISTRARS.map(founding::key);
        let batches = self.voters.div_ceil(MAX_ENROLMENTS);
        let progress = Progress::new("enrolling", self.voters);
        for first in (0..batches).step_by(ENROLS_AT_A_TIME) {
            let count = ENROLS_AT_A_TIME.min(batches - first);
            let entries = each(count, |batch| {
                let start = (first + batch) * MAX_ENROLMENTS;
                let voters = start..(start + MAX_ENROLMENTS).min(self.voters);
                let batch = voters.map(|voter| enrolment(&context.binding(), voter)).collect();
                let [registrar, inspector] = &registrars;
                let payload = Payload::Enrol(batch);
                SignedEntry::sign(&payload, &context.binding(), &[registrar, inspector])
                    .into_bytes()
            });
            self.submit_all(&self.roll, &entries, ENROLS_IN_FLIGHT, |_, _| Ok(()))?;
            progress.advance(count * MAX_ENROLMENTS);
        }
        Ok(())
    }

    fn begin_poll(&self) -> Result<()> {
        self.announce(founding::definition(self.roll.origin(DOMAIN)))?;
        let pins = self.engine.pins(&self.poll)?;
        self.decide(&Payload::Open(Open { seen: self.seen(Kind::Open)?, pins }))
    }

    /// Announces the poll.
    pub fn announce(&self, definition: Definition) -> Result<()> {
        let seen = self.seen(Kind::Announce)?;
        self.decide(&Payload::Announce(Announce { seen, definition }))
    }

    /// Closes the poll.
    pub fn close(&self) -> Result<()> {
        self.clock.set(CLOSES_AT);
        self.decide(&Payload::Close(Close { seen: self.seen(Kind::Close)? }))?;
        Ok(self.engine.anchor_now()?)
    }

    /// Certifies what the server has counted.
    pub fn certify(&self) -> Result<()> {
        let counted = self.engine.result(&self.poll).context("a closed poll has a result")?;
        let (seen, result) = (self.seen(Kind::Certify)?, counted.result.clone());
        self.decide(&Payload::Certify(Certify { seen, result }))?;
        Ok(self.engine.anchor_now()?)
    }

    /// What officers have seen who sign now.
    pub fn seen(&self, kind: Kind) -> Result<Seen> {
        self.engine.context(&self.poll, kind)?.seen.context("a phase entry says what was seen")
    }

    /// Two officers act on the poll.
    pub fn decide(&self, payload: &Payload) -> Result<()> {
        self.act(&self.poll, payload, &founding::OFFICERS)
    }

    /// These act on a log.
    pub fn act(&self, path: &LogPath, payload: &Payload, by: &[&str]) -> Result<()> {
        let context = self.engine.context(path, payload.kind())?;
        let keys: Vec<_> = by.iter().map(|name| founding::key(name)).collect();
        let keys: Vec<_> = keys.iter().collect();
        let entry = SignedEntry::sign(payload, &context.binding(), &keys).into_bytes();
        self.submit_all(path, &[entry], 1, |_, _| Ok(())).map(drop)
    }

    /// Origin of the roll.
    pub fn roll_origin(&self) -> String {
        self.roll.origin(DOMAIN)
    }

    /// What ballots are bound to.
    pub fn binding(&self) -> Binding<'_> {
        self.context.binding()
    }

    /// Voters who have not signed a ballot yet.
    pub fn voters_left(&self) -> usize {
        self.voters - self.next
    }

    /// The ballots of the next voters, signed on all cores.
    ///
    /// # Panics
    ///
    /// If there are fewer voters left.
    pub fn ballots(&mut self, count: usize) -> Vec<Vec<u8>> {
        assert!(count <= self.voters_left(), "the sizes of a run leave voters for all of it");
        let first = self.next;
        self.next += count;
        let pieces = each(count.div_ceil(SIGNED_AT_A_TIME), |piece| {
            let start = first + piece * SIGNED_AT_A_TIME;
            let voters = start..(start + SIGNED_AT_A_TIME).min(first + count);
            voters.map(|voter| self.ballot(voter)).collect::<Vec<_>>()
        });
        pieces.into_iter().flatten().collect()
    }

    fn ballot(&self, voter: usize) -> Vec<u8> {
        let choice = (voter % OPTIONS.len()) as u64;
        let payload = Payload::Ballot(Ballot::open(0, vec![vec![choice]]));
        SignedEntry::sign(&payload, &self.binding(), &[&voter_key(voter)]).into_bytes()
    }

    /// Casts ballots within the process, so many in flight, until each has its receipt; some of the
    /// receipts are verified afterwards. Gives the time without that.
    pub fn cast(&self, ballots: &[Vec<u8>], in_flight: usize) -> Result<Duration> {
        let mut kept = Vec::with_capacity(ballots.len() / KEPT + 1);
        let mut received = 0;
        let took = self.submit_all(&self.poll, ballots, in_flight, |_, recorded| {
            let receipt = recorded.receipt()?;
            if usize::is_multiple_of(received, KEPT) {
                kept.push(receipt);
            }
            received += 1;
            Ok(())
        })?;
        kept.iter().try_for_each(|receipt| self.check_receipt(receipt.as_bytes()))?;
        Ok(took)
    }

    /// Verifies a receipt for the entry that it carries.
    pub fn check_receipt(&self, receipt: &[u8]) -> Result<()> {
        let receipt = veche_protocol::log::receipt::Receipt::parse(receipt)?;
        let entry = receipt.extra().context("a receipt carries its entry")?;
        let verifier = self.engine.register().verifier_of(&self.poll);
        receipt.verify(entry, &verifier)?;
        Ok(())
    }

    /// Submits entries, so many in flight, and hands every answer to `take`, with the place of its
    /// entry. One thread does both.
    pub fn submit_all(
        &self,
        path: &LogPath,
        entries: &[Vec<u8>],
        in_flight: usize,
        mut take: impl FnMut(usize, &Recorded) -> Result<()>,
    ) -> Result<Duration> {
        // The copies stand for entries that came from outside.
        let entries = entries.to_vec();
        let count = entries.len();
        let (answer, answers) = unbounded::<(usize, Result<Recorded, Refusal>)>();
        let mut receive = || {
            let (place, answer) = answers.recv()?;
            take(place, &answer.map_err(|refusal| anyhow!("refused: {refusal}"))?)
        };
        let start = Instant::now();
        for (sent, entry) in entries.into_iter().enumerate() {
            if sent >= in_flight {
                receive()?;
            }
            let answer = answer.clone();
            // Nobody receives only after another submission has failed.
            self.engine.submit(path, entry, move |outcome| drop(answer.send((sent, outcome))));
        }
        for _ in 0..count.min(in_flight) {
            receive()?;
        }
        let took = start.elapsed();
        ensure!(answers.is_empty(), "each submission has one answer");
        Ok(took)
    }
}

/// The key of a voter, the same in every run.
pub fn voter_key(voter: usize) -> SigningKey {
    founding::key(&format!("voter {voter}"))
}

fn enrolment(binding: &Binding<'_>, voter: usize) -> Enrolment {
    let key = voter_key(voter);
    let id = sha256(format!("id {voter}").as_bytes());
    let id = VoterId(*id.0.first_chunk().expect("a hash has 32 bytes"));
    Enrolment {
        voter: id,
        key: key.key(),
        district: 0,
        possession: prove_possession(binding, &id, &key),
        census: Hash::ZERO,
        replaces: None,
    }
}
