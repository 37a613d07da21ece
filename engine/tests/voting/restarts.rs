//! Founding and opening: what is refused, and what survives.

use std::sync::Arc;

use veche_engine::store::Store;
use veche_engine::store::memory::MemoryStore;
use veche_engine::{Engine, EngineError, Status};
use veche_protocol::breach::Breach;
use veche_protocol::poll::definition::Revote;

use crate::city::{City, genesis, key, poll, roll, small};

#[test]
fn a_city_is_founded_once() {
    let store = MemoryStore::new();
    let instance = Engine::found(&store, &key("log"), genesis()).unwrap();
    assert_eq!(Engine::found(&store, &key("log"), genesis()).unwrap(), instance);
    let wrong_key = Engine::found(&store, &key("other"), genesis());
    assert!(matches!(wrong_key, Err(EngineError::WrongLogKey)));
    let mut forged = genesis();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    // REG-1
    assert!(matches!(
        Engine::found(&store, &key("log"), forged),
        Err(EngineError::GenesisRefused(Breach::GenesisMissing))
    ));
}

#[test]
fn nothing_opens_without_a_register_or_with_another_key() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let clock = Arc::new(veche_engine::clock::ManualClock::new(0));
    let unfounded = crate::city::open(&store, &small(), &clock);
    assert!(matches!(unfounded, Err(EngineError::NotFounded)));
    Engine::found(store.as_ref(), &key("log"), genesis()).unwrap();
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::from_seed([1; 32]);
    let other = Engine::open(store, key("other"), small(), clock, &mut rng);
    assert!(matches!(other, Err(EngineError::WrongLogKey)));
}

#[test]
fn everything_published_survives_a_restart() {
    let (mut city, _) = City::in_memory();
    city.prepare(30, Revote::Last { max_turn: 2 });
    (0..20).for_each(|number| drop(city.cast(number, 0, 1).unwrap()));
    city.cast(3, 1, 2).unwrap();
    city.engine.shutdown();
    let heads: Vec<_> = city.engine.logs().into_iter().map(|log| (log.path, log.head)).collect();
    assert_eq!(heads.len(), 3);
    let view = city.engine.poll(&poll()).unwrap();
    city.restart();
    for (path, head) in heads {
        assert_eq!(city.engine.checkpoint(&path), Some(head), "{path}");
    }
    let after = city.engine.poll(&poll()).unwrap();
    assert_eq!((after.accepted, after.voted), (view.accepted, view.voted));
    assert_eq!((after.phase, after.phases, after.pins), (view.phase, view.phases, view.pins));
    assert_eq!(city.engine.roll(&roll()).unwrap().eligible.iter().map(|(_, n)| n).sum::<u64>(), 30);
    city.cast(3, 2, 0).unwrap();
    city.cast(25, 0, 0).unwrap();
    city.check_all();
}

/// A roll may have the register's name; its origin is another.
#[test]
fn a_roll_named_register() {
    let (mut city, _) = City::in_memory();
    let path = veche_protocol::name::LogPath::Roll("register".to_owned());
    let header = city.header();
    let header = city.sign(&path, header.payload(), &["registrar", "inspector"]);
    city.submit(&path, &header).unwrap();
    city.check_all();
    assert!(city.engine.roll(&path).is_some());
}

/// The last handle may go with an answer, on a thread of the engine itself.
#[test]
fn the_last_handle_dropped_by_an_answer() {
    let (city, _) = City::in_memory();
    city.prepare(3, Revote::First);
    let bytes = city.ballot(0, 0, 0).into_bytes();
    let (gate, opened) = std::sync::mpsc::channel();
    let (answer, answers) = std::sync::mpsc::channel();
    let handle = city.engine.clone();
    city.engine.submit(&poll(), bytes, move |outcome| {
        opened.recv().unwrap();
        drop(handle);
        answer.send(outcome.is_ok()).unwrap();
    });
    drop(city);
    gate.send(()).unwrap();
    assert!(answers.recv().unwrap());
}

/// The last handle that goes shuts the engine down in order.
#[test]
fn dropping_the_last_handle_shuts_down() {
    let (mut city, _) = City::in_memory();
    city.prepare(3, Revote::First);
    let other = city.engine.clone();
    city.cast(0, 0, 0).unwrap();
    city.reopen().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(other.health().status, Status::Ready);
    drop(other);
    city.check_all();
    assert_eq!(city.accepted(), 1);
}
