//! Entries of strangers: what anyone can send must not cost the one thread that writes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use veche_engine::store::memory::MemoryStore;
use veche_engine::{Refusal, Settings};
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::poll::ballot::Ballot;
use veche_protocol::poll::definition::Revote;
use veche_protocol::register::Anchors;

use crate::city::{
    CLOSES_AT, City, OFFICERS, PATIENCE, definition, officers, poll, small, voter_name,
};

/// A city whose writer can be stopped in the middle of a step.
struct Gated {
    city: City,
    /// While it is held, the writer stands still before the next head that it has signed.
    gate: Arc<Mutex<()>>,
    /// Hears of every head.
    arrivals: mpsc::Receiver<()>,
}

impl Gated {
    fn new() -> Self {
        Self::with(small())
    }

    fn with(settings: Settings) -> Self {
        let mut city = City::found(Arc::new(MemoryStore::new()), settings);
        city.prepare(3, Revote::First);
        let (arrive, arrivals) = mpsc::channel();
        let gate = Arc::new(Mutex::new(()));
        let (watch, passing) = (city.settings.on_head.clone().unwrap(), Arc::clone(&gate));
        city.settings.on_head = Some(Arc::new(move |path, head| {
            // Nobody listens any more at the end of a test.
            let _ = arrive.send(());
            drop(passing.lock().unwrap_or_else(PoisonError::into_inner));
            watch(path, head);
        }));
        city.restart();
        Self { city, gate, arrivals }
    }

    /// Stops the writer until what is returned is dropped.
    fn stop_writer(&self) -> MutexGuard<'_, ()> {
        while self.arrivals.try_recv().is_ok() {}
        let closed = self.gate.lock().unwrap();
        self.city.engine.submit(&poll(), self.city.ballot(0, 0, 0).into_bytes(), |_| {});
        self.arrivals.recv_timeout(PATIENCE).unwrap();
        closed
    }

    /// What these entries are answered while the writer stands still.
    fn refusals(&self, entries: Vec<(LogPath, SignedEntry)>) -> Vec<Refusal> {
        let closed = self.stop_writer();
        let (answer, answers) = mpsc::channel();
        let mut refusals = Vec::new();
        for (path, entry) in entries {
            let answer = answer.clone();
            let reply = move |outcome| answer.send(outcome).unwrap();
            self.city.engine.submit(&path, entry.into_bytes(), reply);
            let outcome = answers.recv_timeout(PATIENCE).expect("no answer without the writer");
            refusals.push(outcome.unwrap_err());
        }
        drop(closed);
        refusals
    }
}

/// POLL-2: place, signers and signatures are judged before the fold of the poll is copied.
#[test]
fn a_strangers_phase_entry_does_not_reach_the_writer() {
    let gated = Gated::new();
    let city = &gated.city;
    city.clock.set(CLOSES_AT);
    let closing = city.closing();
    let by = |names: &[&str]| (poll(), city.sign(&poll(), closing.payload(), names));
    let mut forged = closing.bytes().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let forged = SignedEntry::decode(poll().log_type(), forged).unwrap();
    let other = LogPath::Poll("other".to_owned());
    let announce = city.announcement(&other, definition(Revote::First));
    let stranger = city.sign(&other, announce.payload(), &["stranger-1", "stranger-2"]);
    let Payload::Close(mut early) = closing.payload().clone() else { unreachable!() };
    early.seen.register.size = u64::MAX;
    let early = city.sign(&poll(), &Payload::Close(early), &["officer-1", "officer-2"]);
    let refusals = gated.refusals(vec![
        (poll(), announce),
        by(&["officer-1"]),
        (poll(), early),
        by(&["stranger-1", "stranger-2"]),
        by(&["registrar", "inspector"]),
        (poll(), forged),
        (other, stranger),
    ]);
    let expected = [
        Breach::AnnounceRepeated,
        Breach::OfficersTooFew,
        Breach::SeenMismatch,
        Breach::OfficerUnknown,
        Breach::OfficerRole,
        Breach::SignatureInvalid,
        Breach::OfficerUnknown,
    ];
    assert_eq!(refusals, expected.map(Refusal::Breach));
    city.submit(&poll(), &closing).unwrap();
}

/// REG-3, REG-6: entries of the register, before it is copied with every anchor there ever was.
#[test]
fn a_strangers_governance_entry_does_not_reach_the_writer() {
    let gated = Gated::new();
    let city = &gated.city;
    let register = LogPath::Register;
    let list = Payload::Officers(officers(&OFFICERS[..4]));
    let by = |names: &[&str]| (register.clone(), city.sign(&register, &list, names));
    let mut forged = by(&["member-1", "member-2"]).1.into_bytes();
    *forged.last_mut().unwrap() ^= 1;
    let forged = SignedEntry::decode(register.log_type(), forged).unwrap();
    let anchors = Payload::Anchors(Anchors { heads: Vec::new(), register_checkpoint: None });
    let anchors = city.sign(&register, &anchors, &["log"]);
    let refusals = gated.refusals(vec![
        by(&["stranger-1", "stranger-2"]),
        by(&["member-1"]),
        (register.clone(), forged),
        (register.clone(), anchors),
    ]);
    let expected = [
        Breach::CommissionQuorum,
        Breach::CommissionQuorum,
        Breach::SignatureInvalid,
        Breach::NotSignedByLog,
    ];
    assert_eq!(refusals, expected.map(Refusal::Breach));
    city.submit(&register, &by(&["member-1", "member-2"]).1).unwrap();
}

/// API-9: what waits is bounded in bytes as well, and room that is given back is given again.
#[test]
fn long_ballots_do_not_fill_the_memory() {
    const LENGTH: usize = 60_000;
    let gated = Gated::with(Settings { ballot_bytes: 2 * LENGTH, ..small() });
    let city = &gated.city;
    let long = |voter: usize| {
        let selections = vec![vec![0; LENGTH]];
        city.sign(&poll(), &Payload::Ballot(Ballot::open(0, selections)), &[&voter_name(voter)])
    };
    let closed = gated.stop_writer();
    let (answer, answers) = mpsc::channel();
    for (place, voter) in [1, 2, 1].into_iter().enumerate() {
        let answer = answer.clone();
        let reply = move |outcome: Result<_, _>| answer.send((place, outcome.map(drop))).unwrap();
        city.engine.submit(&poll(), long(voter).into_bytes(), reply);
    }
    // The first of them waits for the writer, and with the ballot at which the writer stands there
    // is no room for a second.
    let next = || answers.recv_timeout(PATIENCE).unwrap();
    assert_eq!([next(), next()], [(1, Err(Refusal::Busy)), (2, Err(Refusal::Busy))]);
    drop(closed);
    let choices = Refusal::Breach(Breach::ChoiceDuplicated);
    assert_eq!(next(), (0, Err(choices)));
    assert_eq!(city.submit(&poll(), &long(2)).unwrap_err(), choices);
    city.cast(1, 0, 0).unwrap();
}
