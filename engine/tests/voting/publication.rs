//! What is public of each log, where heads become public in rounds.

use std::sync::Arc;

use veche_engine::store::Store;
use veche_engine::store::memory::MemoryStore;
use veche_engine::{Engine, Publication, PublicationError, Refusal, Settings, Status};
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature;
use veche_protocol::log::note::Note;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;

use crate::city::{City, key, poll, small};

fn in_rounds() -> City {
    let settings = Settings { publication: Publication::InRounds, ..small() };
    City::found(Arc::new(MemoryStore::new()), settings)
}

/// A round in which one witness cosigns everything.
fn round(engine: &Engine) -> Vec<(LogPath, String)> {
    let cosigned = engine.heads().unwrap().into_iter().map(|head| {
        let mut note = Note::parse(head.head.note.as_bytes()).unwrap();
        let line = cosignature::sign(note.text(), 1_000, &key("witness"), "w.example").unwrap();
        note.add_signature(line).unwrap();
        (head.path, note.to_string())
    });
    cosigned.collect()
}

#[test]
fn nothing_is_public_before_its_round_and_everything_after() {
    let mut city = in_rounds();
    // PUBLISH-1: not even the register of a city that was just founded.
    assert_eq!(city.engine.checkpoint(&LogPath::Register), None);
    city.prepare(5, Revote::First);
    city.engine.publish(round(&city.engine)).unwrap();
    let public = city.engine.checkpoint(&poll()).unwrap();
    assert_eq!(public.size, city.engine.head(&poll()).unwrap().size);
    assert_eq!(Note::parse(public.note.as_bytes()).unwrap().signatures().len(), 2);

    // A receipt does not wait for a round.
    let recorded = city.cast(0, 0, 1).unwrap();
    assert_eq!(city.engine.checkpoint(&poll()).unwrap(), public);
    // API-7: asked for again, it stands below a public head as soon as there is one.
    let again = |city: &City| city.engine.find(&poll(), &recorded.leaf()).unwrap().unwrap();
    assert_eq!(again(&city).head(), recorded.head());
    city.engine.publish(round(&city.engine)).unwrap();
    assert_eq!(again(&city).head(), city.engine.checkpoint(&poll()).unwrap().as_ref());

    // PUBLISH-2: what was public is public after a restart, with the witness's line.
    let public = city.engine.checkpoint(&poll()).unwrap();
    city.cast(1, 0, 1).unwrap();
    city.engine.shutdown();
    city.restart();
    assert_eq!(city.engine.checkpoint(&poll()).unwrap(), public);
    city.cast(2, 0, 1).unwrap();
    assert_eq!(city.engine.checkpoint(&poll()).unwrap(), public);
}

#[test]
fn a_round_has_the_heads_of_one_moment() {
    let city = in_rounds();
    city.prepare(40, Revote::First);
    let engine = city.engine.clone();
    let rounds = std::thread::spawn(move || (0..50).map(|_| engine.heads().unwrap()).collect());
    (0..40).for_each(|number| drop(city.cast(number, 0, 1).unwrap()));
    city.engine.anchor_now().unwrap();
    let rounds: Vec<Vec<veche_engine::RoundHead>> = rounds.join().unwrap();
    for heads in rounds.iter().chain([&city.engine.heads().unwrap()]) {
        // PUBLISH-3: the register of a round anchors no more of a log than the round has of it.
        let register = city.engine.register();
        for head in &heads[1..] {
            let anchors = register.anchors_of(head.verifier.name());
            let anchored = anchors.iter().rfind(|a| a.index < heads[0].head.size);
            assert!(anchored.is_none_or(|anchor| anchor.size <= head.head.size));
        }
    }
}

#[test]
fn only_heads_of_the_stored_log_become_public_and_none_goes_back() {
    let city = in_rounds();
    city.prepare(5, Revote::First);
    let early = round(&city.engine);
    city.cast(0, 0, 1).unwrap();
    city.engine.publish(round(&city.engine)).unwrap();
    // PUBLISH-1: in each case nothing of the round becomes public.
    let refuse = |path: &LogPath, note: String| {
        let before = city.engine.checkpoint(&LogPath::Register);
        let notes = vec![(path.clone(), note)];
        let refused = city.engine.publish(notes).unwrap_err();
        assert_eq!(city.engine.checkpoint(&LogPath::Register), before);
        refused
    };
    let (path, note) = early.into_iter().find(|(path, _)| *path == poll()).unwrap();
    assert_eq!(refuse(&path, note), PublicationError::Smaller);
    let head = city.engine.head(&poll()).unwrap();
    let origin = city.engine.log(&poll()).unwrap().origin;
    let sign = |size, root, name: &str| {
        let head = Checkpoint { origin: origin.clone(), size, root };
        head.sign(&key(name)).unwrap().into_note().to_string()
    };
    let other = veche_protocol::hash::leaf_hash(b"another history");
    assert_eq!(refuse(&poll(), sign(head.size, other, "log")), PublicationError::NotStored);
    assert_eq!(refuse(&poll(), sign(head.size + 1, head.root, "log")), PublicationError::NotStored);
    let unsigned = refuse(&poll(), sign(head.size, head.root, "other"));
    assert_eq!(unsigned, PublicationError::Head(Breach::NoteUnsigned));
    let nowhere = LogPath::Poll("nowhere".to_owned());
    assert_eq!(refuse(&nowhere, head.note.clone()), PublicationError::UnknownLog);
}

#[test]
fn anchors_hold_the_register_as_it_is_public() {
    let city = in_rounds();
    city.prepare(5, Revote::First);
    city.engine.anchor_now().unwrap();
    city.engine.publish(round(&city.engine)).unwrap();
    let public = city.engine.checkpoint(&LogPath::Register).unwrap();
    city.cast(0, 0, 1).unwrap();
    city.engine.anchor_now().unwrap();
    let size = city.engine.head(&LogPath::Register).unwrap().size;
    let bundle = city.engine.bundle(&LogPath::Register, 0, u16::try_from(size).unwrap());
    let bundle = bundle.unwrap().unwrap();
    let entries = veche_protocol::log::tile::split_bundle(&bundle, u16::try_from(size).unwrap());
    let last = entries.unwrap().last().unwrap().to_vec();
    let entry = SignedEntry::decode(LogPath::Register.log_type(), last).unwrap();
    let Payload::Anchors(anchors) = entry.payload() else { panic!("not an anchors entry") };
    // REG-9: verbatim, with what the witness has added.
    assert_eq!(anchors.register_checkpoint.as_deref(), Some(public.note.as_bytes()));
}

#[test]
fn a_store_that_lost_what_was_public_does_not_open() {
    let store = Arc::new(MemoryStore::new());
    let settings = Settings { publication: Publication::InRounds, ..small() };
    let mut city = City::found(Arc::clone(&store) as Arc<dyn Store>, settings);
    city.prepare(5, Revote::First);
    city.engine.publish(round(&city.engine)).unwrap();
    city.engine.shutdown();
    // PUBLISH-2: as after a backup of everything but the log itself.
    let origin = city.engine.log(&poll()).unwrap().origin;
    let root = veche_protocol::hash::leaf_hash(b"lost");
    let head = Checkpoint { origin: origin.clone(), size: 1_000, root };
    let note = head.sign(&key("log")).unwrap().into_note().to_string().into_bytes();
    let record = veche_engine::store::MetaWrite {
        key: format!("public/{origin}").into_bytes(),
        value: Some(note),
    };
    let batch = veche_engine::store::Batch { meta: vec![record], ..Default::default() };
    store.commit(&batch).unwrap();
    let refused = city.reopen().unwrap_err();
    assert!(refused.to_string().contains("1000 entries were public"), "{refused}");
}

#[test]
fn a_log_that_was_set_back_takes_nothing_in() {
    let mut city = in_rounds();
    city.prepare(5, Revote::First);
    city.engine.publish(round(&city.engine)).unwrap();
    city.engine.stop_set_back("a head that is not here");
    // PUBLISH-6: and what is public stays so.
    assert_eq!(city.cast(0, 0, 1).unwrap_err(), Refusal::LogSetBack);
    assert_eq!(city.engine.health().status, Status::SetBack);
    assert!(city.engine.checkpoint(&poll()).is_some());
    city.restart();
    city.cast(0, 0, 1).unwrap();
}
