//! A store that fails at each write of a poll's life, in each way: nothing that was answered may be
//! lost, nothing may stand that the law refuses, and no two heads of one size may be signed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use veche_engine::store::memory::{Fault, MemoryStore};
use veche_engine::{EngineError, Recorded, Refusal, Repeat, Status};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::phase::Phase;

use crate::city::{CLOSES_AT, City, OPENS_AT, PATIENCE, definition, poll, roll};

const FAULTS: [Fault; 5] =
    [Fault::Lost, Fault::Kept, Fault::DiskFull, Fault::CrashBefore, Fault::CrashAfter];

/// What someone does who is told to try again: the same bytes, until they are answered.
fn insist(city: &City, path: &LogPath, bytes: &[u8]) -> Recorded {
    for _ in 0..2_000 {
        match city.engine.submit_and_wait(path, bytes.to_vec(), PATIENCE) {
            Ok(recorded) => return recorded,
            Err(
                Refusal::StorageFailed
                | Refusal::StorageStopped
                | Refusal::StorageFull
                | Refusal::Stopped,
            ) => thread::sleep(Duration::from_millis(1)),
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the engine does not recover: {:?}", city.engine.health());
}

/// A small poll from the roll to the certificate, everyone insisting. Returns what was answered.
fn live(city: &City) -> Vec<Recorded> {
    let mut answered = Vec::new();
    let mut submit = |path: &LogPath, bytes: &[u8]| answered.push(insist(city, path, bytes));
    submit(&roll(), city.header().bytes());
    submit(&roll(), city.enrolment(0..5).bytes());
    let definition = definition(Revote::Last { max_turn: 2 });
    submit(&poll(), city.announcement(&poll(), definition).bytes());
    city.clock.set(OPENS_AT);
    submit(&poll(), city.opening(&poll()).bytes());
    for number in 0..4 {
        submit(&poll(), city.ballot(number, 0, 1).bytes());
    }
    submit(&poll(), city.ballot(0, 1, 2).bytes());
    city.clock.set(CLOSES_AT);
    submit(&poll(), city.closing().bytes());
    submit(&poll(), city.certificate().bytes());
    answered
}

fn check(mut city: City, answered: &[Recorded], what: &str) {
    city.check_all();
    assert_eq!(city.phase(), Phase::Certified, "{what}");
    let result = city.engine.result(&poll()).unwrap().result.clone();
    let votes: Vec<_> = result.questions[0].outcome.iter().map(|option| option.votes).collect();
    assert_eq!(votes, [0, 3, 1], "{what}");
    for one in answered {
        // silent-drop: whatever was answered stands where the answer says.
        let found = city.engine.find(one.path(), &one.leaf()).unwrap().unwrap();
        assert_eq!(found.index(), one.index(), "{what}");
        city.check_receipt(one, one.entry_bytes());
    }
}

/// Every write of the poll's life fails once, in every way.
#[test]
fn each_write_fails_once_in_each_way() {
    let (city, store) = City::in_memory();
    let before = store.writes();
    let answered = live(&city);
    let writes = store.writes() - before;
    check(city, &answered, "no fault");
    assert!(writes >= 11, "{writes}");
    for fault in FAULTS {
        for nth in 0..writes {
            let (city, store) = City::in_memory();
            store.fail_commit(nth, fault);
            let answered = live(&city);
            check(city, &answered, &format!("write {nth}: {fault:?}"));
        }
    }
}

/// Several failures one after another, the reloads' own writes among them.
#[test]
fn failures_in_a_row() {
    for fault in FAULTS {
        for first in [0, 3, 6] {
            let (city, store) = City::in_memory();
            (first..first + 4).for_each(|nth| store.fail_commit(nth, fault));
            let answered = live(&city);
            check(city, &answered, &format!("writes from {first}: {fault:?}"));
        }
    }
}

#[test]
fn a_full_disk_changes_nothing_and_reading_goes_on() {
    let (mut city, store) = City::in_memory();
    city.prepare(3, Revote::Last { max_turn: 3 });
    city.cast(0, 0, 0).unwrap();
    let before = city.engine.checkpoint(&poll()).unwrap();
    store.fail_commit(0, Fault::DiskFull);
    assert_eq!(city.cast(1, 0, 0).unwrap_err(), Refusal::StorageFull);
    assert_eq!(city.engine.checkpoint(&poll()).unwrap(), before);
    assert_eq!(city.engine.health().status, Status::Ready);
    assert!(city.engine.health().last_error.is_some());
    assert!(city.engine.bundle(&poll(), 0, 3).unwrap().is_some());
    assert_eq!(city.accepted(), 1);
    // The turn that was refused is not used up.
    city.cast(0, 1, 0).unwrap();
    city.cast(1, 0, 0).unwrap();
    assert_eq!(city.engine.metrics().reloads(), 0);
    city.check_all();
}

/// Until the state has been read back nothing is taken.
#[test]
fn nothing_is_taken_while_the_store_is_unreadable() {
    let (mut city, store) = City::in_memory();
    city.prepare(3, Revote::First);
    let ballots: Vec<_> = (0..3).map(|number| city.ballot(number, 0, 0)).collect();
    // The write fails, and so does every reload: the notes of the heads cannot be stored.
    (0..200).for_each(|nth| store.fail_commit(nth, Fault::CrashAfter));
    assert_eq!(city.submit(&poll(), &ballots[0]).unwrap_err(), Refusal::StorageFailed);
    let refused = city.submit(&poll(), &ballots[1]).unwrap_err();
    assert_eq!(refused, Refusal::StorageStopped);
    assert_eq!(city.engine.health().status, Status::Reloading);
    store.heal();
    for ballot in &ballots {
        insist(&city, &poll(), ballot.bytes());
    }
    assert_eq!(city.engine.metrics().reloads(), 1);
    assert_eq!(city.accepted(), 3);
    city.check_all();
}

/// A log whose bytes were changed below the engine is not served as if nothing had happened.
#[test]
fn a_damaged_log_stops_the_start() {
    let damages: [fn(&MemoryStore, veche_engine::store::LogId); 2] =
        [|store, log| store.damage_entry(log, 2), |store, log| store.damage_tile(log, 0, 0)];
    for damage in damages {
        let (mut city, store) = City::in_memory();
        city.prepare(3, Revote::First);
        city.cast(0, 0, 0).unwrap();
        city.engine.shutdown();
        let logs = veche_engine::store::Store::logs(store.as_ref()).unwrap();
        let origin = poll().origin(crate::city::DOMAIN);
        let (log, _) = logs.into_iter().find(|(_, other)| *other == origin).unwrap();
        damage(&store, log);
        assert!(matches!(city.reopen(), Err(EngineError::Store(_))));
    }
}

/// The signed head that was stored last must be a head of what is stored.
#[test]
fn a_lost_tail_stops_the_start() {
    use veche_engine::store::{Batch, MetaWrite, Store as _};

    let (mut city, store) = City::in_memory();
    city.prepare(3, Revote::First);
    let early = Arc::new(MemoryStore::new());
    // truncate-after-receipt: a store that was put back to an older state, but for the notes.
    copy_logs(&store, &early);
    let old_size = city.engine.checkpoint(&poll()).unwrap().size;
    city.cast(0, 0, 0).unwrap();
    let note = city.engine.checkpoint(&poll()).unwrap().note.clone();
    city.engine.shutdown();
    let origin = poll().origin(crate::city::DOMAIN);
    let key = format!("note/{origin}").into_bytes();
    let meta = vec![MetaWrite { key, value: Some(note.into_bytes()) }];
    early.commit(&Batch { meta, ..Batch::default() }).unwrap();
    city.store = early;
    match city.reopen() {
        Err(EngineError::HeadLost { path, reason }) => {
            assert_eq!(path, poll().to_string());
            assert!(reason.contains(&old_size.to_string()), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

/// Copies every log, entry by entry, as a restored backup would.
fn copy_logs(from: &MemoryStore, to: &MemoryStore) {
    use veche_engine::store::{Batch, Store as _};
    use veche_engine::tree::TreeEdge;

    for (log, origin) in from.logs().unwrap() {
        let copy = to.create_log(&origin).unwrap();
        let size = from.head(log).unwrap().size;
        let entries: Vec<_> = (0..size).map(|index| from.entry(log, index).unwrap()).collect();
        let leaves: Vec<_> =
            entries.iter().map(|entry| veche_protocol::hash::leaf_hash(entry)).collect();
        let (append, _, _) = TreeEdge::new().grow(&leaves).into_append(copy, entries, Vec::new());
        to.commit(&Batch { appends: vec![append], ..Batch::default() }).unwrap();
    }
}

/// Lets the observer of heads, which runs on the writer's thread, panic so many times from now on;
/// returns what is left of them.
fn panic_at_heads(city: &mut City, times: usize) -> Arc<AtomicUsize> {
    let left = Arc::new(AtomicUsize::new(0));
    let (watch, panics) = (city.settings.on_head.clone().unwrap(), Arc::clone(&left));
    city.settings.on_head = Some(Arc::new(move |path, head| {
        let due = panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        assert!(due.is_err(), "a fault of the program");
        watch(path, head);
    }));
    city.restart();
    left.store(times, Ordering::SeqCst);
    left
}

/// RECEIPT-5: after the commit nobody is told that nothing was taken, since it stands.
#[test]
fn a_panic_after_the_commit_leaves_the_outcome_open() {
    let (mut city, _) = City::in_memory();
    city.prepare(3, Revote::First);
    panic_at_heads(&mut city, 1);
    let ballot = city.ballot(0, 0, 0);
    assert_eq!(city.submit(&poll(), &ballot).unwrap_err(), Refusal::Internal);
    assert_eq!(insist(&city, &poll(), ballot.bytes()).repeat(), Repeat::Yes);
    let metrics = city.engine.metrics();
    assert_eq!((metrics.panics(), metrics.reloads()), (1, 1));
    city.check_all();
}

/// A reload that panics is tried again after the pause, like one that fails.
#[test]
fn a_reload_that_panics_does_not_spin() {
    const MANY: usize = 1_000;
    let (mut city, _) = City::in_memory();
    city.settings.reload_pause = Duration::from_hours(1);
    city.prepare(3, Revote::First);
    let left = panic_at_heads(&mut city, MANY);
    let refused = city.cast(0, 0, 0).unwrap_err();
    assert_eq!(refused, Refusal::Internal);
    while left.load(Ordering::SeqCst) > MANY - 2 {
        thread::yield_now();
    }
    // Time for hundreds of attempts.
    thread::sleep(Duration::from_millis(100));
    assert_eq!(MANY - left.load(Ordering::SeqCst), 2, "the commit's head and one reload's");
    assert_eq!(city.engine.health().status, Status::Reloading);
}
