//! Officers, rolls, pins and anchors: who may act, and what the register holds of it.

use veche_engine::{Refusal, Settings};
use veche_protocol::breach::Breach;
use veche_protocol::encoding::Encoder;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_protocol::register::{Anchors, Role};

use crate::city::{City, DOMAIN, OFFICERS, OPENS_AT, definition, key, officers, poll, roll, small};

fn refused(breach: Breach) -> Refusal {
    Refusal::Breach(breach)
}

/// REG-11, REG-10: a log's first entry, its announcement and its anchor are one step.
#[test]
fn a_new_log_is_announced_and_anchored_at_once() {
    let (city, store) = City::in_memory();
    let before = store.writes();
    let first = city.submit(&roll(), &city.header()).unwrap();
    // The log is created, and everything else is one commit.
    assert_eq!(store.writes() - before, 2);
    let register = city.engine.register();
    let origin = roll().origin(DOMAIN);
    assert_eq!(register.logs()[&origin].first, first.leaf());
    assert_eq!(register.anchors_of(&origin).last().unwrap().size, 1);
    assert_eq!(city.engine.checkpoint(&LogPath::Register).unwrap().size, 3);
}

/// POLL-7: after a governance entry all logs are anchored at once, and an older view is stale.
#[test]
fn a_dismissed_officer_cannot_use_an_older_view() {
    let (mut city, _) = City::in_memory();
    city.enrol(3);
    city.announce(Revote::First);
    city.clock.set(OPENS_AT);
    let opening = city.opening(&poll());
    let rest: Vec<_> = OFFICERS.iter().filter(|(name, _)| *name != "officer-2").copied().collect();
    city.appoint(officers(&rest)).unwrap();
    let register = city.engine.register();
    let governed = city.engine.checkpoint(&LogPath::Register).unwrap().size - 2;
    for path in [poll(), roll()] {
        let anchor = *register.anchors_of(&path.origin(DOMAIN)).last().unwrap();
        assert_eq!(anchor.index, governed + 1, "{path}");
    }
    assert_eq!(city.submit(&poll(), &opening).unwrap_err(), refused(Breach::OfficerPinStale));
    let with_third = city.sign(&poll(), opening.payload(), &["officer-1", "officer-3"]);
    city.submit(&poll(), &with_third).unwrap();
    city.check_all();
}

/// POLL-7, REG-11: a poll is announced at the end of the register, so its first officers must be in
/// office there, whatever they had seen. Else every reader would refuse what the server let in.
#[test]
fn a_dismissed_officer_cannot_announce_a_poll() {
    let (mut city, _) = City::in_memory();
    city.enrol(3);
    let announcement = city.announcement(&poll(), definition(Revote::First));
    let rest: Vec<_> = OFFICERS.iter().filter(|(name, _)| *name != "officer-2").copied().collect();
    city.appoint(officers(&rest)).unwrap();
    let outcome = city.submit(&poll(), &announcement);
    city.check_all();
    assert_eq!(outcome.unwrap_err(), refused(Breach::OfficerPinStale));
    let with_third = city.sign(&poll(), announcement.payload(), &["officer-1", "officer-3"]);
    city.submit(&poll(), &with_third).unwrap();
    city.check_all();
}

#[test]
fn governance_needs_the_commission() {
    let (city, _) = City::in_memory();
    let register = LogPath::Register;
    let payload = Payload::Officers(officers(&OFFICERS));
    let one = city.sign(&register, &payload, &["member-1"]);
    assert_eq!(city.submit(&register, &one).unwrap_err(), refused(Breach::CommissionQuorum));
    let strangers = city.sign(&register, &payload, &["member-1", "member-2", "officer-1"]);
    assert_eq!(city.submit(&register, &strangers).unwrap_err(), refused(Breach::CommissionQuorum));
    // REG-2: there is one genesis.
    let genesis = city.engine.submit_and_wait(
        &register,
        city.engine
            .find(&register, &city.engine.instance())
            .unwrap()
            .unwrap()
            .entry_bytes()
            .to_vec(),
        crate::city::PATIENCE,
    );
    assert_eq!(genesis.unwrap().index(), 0, "the same bytes are a repeat");
}

/// REG-6: what the operator makes itself is not taken from anyone else, key or no key.
#[test]
fn the_operators_entries_are_not_taken_from_outside() {
    let (city, _) = City::in_memory();
    let anchors = Payload::Anchors(Anchors { heads: Vec::new(), register_checkpoint: None });
    let entry = city.sign(&LogPath::Register, &anchors, &["log"]);
    let outcome = city.submit(&LogPath::Register, &entry).unwrap_err();
    assert_eq!(outcome, refused(Breach::NotSignedByLog));
}

/// POLL-12, POLL-13: a pin is a head of the roll, also one that the roll has left behind.
#[test]
fn an_open_pins_the_roll_as_the_officers_saw_it() {
    let (mut city, _) = City::in_memory();
    city.enrol(4);
    city.announce(Revote::First);
    city.clock.set(OPENS_AT);
    let opening = city.opening(&poll());
    city.submit(&roll(), &city.enrolment(4..9)).unwrap();
    city.submit(&roll(), &city.revocation(0)).unwrap();
    city.submit(&poll(), &opening).unwrap();
    assert_eq!(city.engine.poll(&poll()).unwrap().open.unwrap().electorate().len(), 4);
    city.cast(0, 0, 0).unwrap();
    assert_eq!(city.cast(5, 0, 0).unwrap_err(), refused(Breach::VoterUnknown));
    let eligible = city.engine.roll(&roll()).unwrap().eligible;
    assert_eq!(eligible, [("north".to_owned(), 4), ("south".to_owned(), 4)]);
    city.check_all();
}

/// ROLL-9: an Open that had not seen the registrar's appointment does not see the registrar's work.
#[test]
fn a_roll_by_officers_whom_the_open_had_not_seen_is_refused() {
    let (mut city, _) = City::in_memory();
    city.submit(&roll(), &city.header()).unwrap();
    city.announce(Revote::First);
    city.clock.set(OPENS_AT);
    let seen = city.engine.context(&poll(), Kind::Open).unwrap().seen.unwrap();
    let mut list = OFFICERS.to_vec();
    list.push(("registrar-2", Role::Registrar));
    city.appoint(officers(&list)).unwrap();
    let by_the_new_one = city.enrolment(0..3);
    let entry = city.sign(&roll(), by_the_new_one.payload(), &["registrar-2", "inspector"]);
    city.submit(&roll(), &entry).unwrap();
    let pins = city.engine.pins(&poll()).unwrap();
    let open = veche_protocol::poll::acts::Open { seen, pins: pins.clone() };
    let stale = city.sign(&poll(), &Payload::Open(open), &["officer-1", "officer-2"]);
    assert_eq!(city.submit(&poll(), &stale).unwrap_err(), refused(Breach::OfficerUnknown));
    city.submit(&poll(), &city.opening(&poll())).unwrap();
    city.check_all();
    assert_eq!(city.engine.poll(&poll()).unwrap().pins, pins);
}

#[test]
fn enrolments_are_judged_one_by_one_and_kept_or_refused_as_a_whole() {
    let (mut city, _) = City::in_memory();
    city.enrol(3);
    // ROLL-4: an id and a key are enrolled once.
    let again = city.enrolment(2..6);
    assert_eq!(city.submit(&roll(), &again).unwrap_err(), refused(Breach::VoterIdTaken));
    let Payload::Enrol(mut batch) = city.enrolment(3..5).payload().clone() else { panic!() };
    // ROLL-5: someone else's proof.
    batch[1].possession = batch[0].possession;
    let entry = city.sign(&roll(), &Payload::Enrol(batch), &["registrar", "inspector"]);
    assert_eq!(city.submit(&roll(), &entry).unwrap_err(), refused(Breach::PossessionInvalid));
    // ROLL-8: the officers' signatures first; here they are over what the batch was before.
    let Payload::Enrol(batch) = city.enrolment(3..5).payload().clone() else { panic!() };
    let signed = city.sign(&roll(), &Payload::Enrol(batch), &["registrar", "inspector"]);
    let forged = entry_with_signatures_of(&entry, &signed);
    assert_eq!(city.submit(&roll(), &forged).unwrap_err(), refused(Breach::SignatureInvalid));
    city.submit(&roll(), &city.enrolment(3..5)).unwrap();
    // ROLL-1: one header.
    assert_eq!(city.engine.context(&roll(), Kind::Roll), Err(refused(Breach::RollHeader)));
    city.check_all();
    let eligible = city.engine.roll(&roll()).unwrap().eligible;
    assert_eq!(eligible, [("north".to_owned(), 3), ("south".to_owned(), 2)]);
}

/// The payload of one entry under the signatures of another.
fn entry_with_signatures_of(entry: &SignedEntry, signed: &SignedEntry) -> SignedEntry {
    let mut encoder = Encoder::new();
    encoder.array(2).bytes(entry.payload_bytes());
    encoder.list(signed.signatures(), |encoder, (key, signature)| {
        encoder.array(2).bytes(key.as_bytes()).bytes(signature.as_bytes());
    });
    SignedEntry::decode(roll().log_type(), encoder.finish()).unwrap()
}

/// REG-10: with the timer, and on demand, every log that has moved is anchored, and no other.
#[test]
fn moving_logs_are_anchored() {
    let store = std::sync::Arc::new(veche_engine::store::memory::MemoryStore::new());
    let mut city = City::found(store, Settings { verifiers: 1, ..small() });
    city.prepare(5, Revote::First);
    city.engine.anchor_now().unwrap();
    let size = city.engine.checkpoint(&LogPath::Register).unwrap().size;
    city.engine.anchor_now().unwrap();
    assert_eq!(city.engine.checkpoint(&LogPath::Register).unwrap().size, size, "nothing moved");
    city.cast(0, 0, 0).unwrap();
    city.engine.anchor_now().unwrap();
    let register = city.engine.register();
    assert_eq!(register.anchors_of(&poll().origin(DOMAIN)).last().unwrap().size, 3);
    assert_eq!(city.engine.checkpoint(&LogPath::Register).unwrap().size, size + 1);
    // What has moved when the engine is shut down is anchored on the way.
    city.cast(1, 0, 0).unwrap();
    city.restart();
    let register = city.engine.register();
    assert_eq!(register.anchors_of(&poll().origin(DOMAIN)).last().unwrap().size, 4);
    city.check_all();
}

#[test]
fn a_timer_anchors_what_moves() {
    let store = std::sync::Arc::new(veche_engine::store::memory::MemoryStore::new());
    Engine::found(store.as_ref(), &key("log"), crate::city::genesis()).unwrap();
    let settings = Settings { anchor_interval: std::time::Duration::from_millis(20), ..small() };
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::from_seed([1; 32]);
    let clock = std::sync::Arc::new(veche_engine::clock::SystemClock::new());
    let engine = Engine::open(store, key("log"), settings, clock, &mut rng).unwrap();
    let (city, _) = City::in_memory();
    let city = City { engine, ..city };
    city.enrol(3);
    let origin = roll().origin(DOMAIN);
    let anchored = || city.engine.register().anchors_of(&origin).last().unwrap().size;
    for _ in 0..3_000 {
        if anchored() == 2 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("anchored at {}", anchored());
}

use veche_engine::Engine;

#[test]
fn a_definition_that_breaks_the_law_makes_no_poll() {
    let (city, store) = City::in_memory();
    city.enrol(3);
    let mut wrong = definition(Revote::First);
    wrong.schedule.closes_at = wrong.schedule.opens_at;
    let before = store.writes();
    let entry = city.announcement(&poll(), wrong);
    assert_eq!(city.submit(&poll(), &entry).unwrap_err(), refused(Breach::DefinitionInvalid));
    assert_eq!(store.writes(), before);
    assert!(city.engine.polls().is_empty());
}
