//! Many submitters at once: retries, full queues, groups, and shutting down in the middle.

use std::sync::mpsc;
use std::thread;

use veche_engine::{Recorded, Refusal, Repeat, Settings};
use veche_protocol::breach::Breach;
use veche_protocol::poll::definition::Revote;

use crate::city::{City, PATIENCE, poll, small};

/// retry-storm: the same ballot posted a thousand times at once is one entry and one receipt.
#[test]
fn a_thousand_copies_are_one_entry() {
    let (mut city, _) = City::in_memory();
    city.prepare(50, Revote::First);
    let ballot = city.ballot(7, 0, 1).into_bytes();
    let (answer, answers) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..8 {
            let (engine, ballot, answer) = (city.engine.clone(), &ballot, answer.clone());
            scope.spawn(move || {
                for _ in 0..125 {
                    let answer = answer.clone();
                    let reply = move |outcome| answer.send(outcome).unwrap();
                    engine.submit(&poll(), ballot.clone(), reply);
                }
            });
        }
    });
    let recorded: Vec<_> = answers.iter().take(1_000).map(Result::unwrap).collect();
    // RECEIPT-5: one index, however often and however concurrently.
    assert!(recorded.iter().all(|one| one.index() == recorded[0].index()));
    assert_eq!(recorded.iter().filter(|one| one.repeat() == Repeat::No).count(), 1);
    for one in &recorded {
        city.check_receipt(one, &ballot);
    }
    assert_eq!(city.engine.checkpoint(&poll()).unwrap().size, 3);
    assert_eq!(city.accepted(), 1);
    assert_eq!(city.engine.metrics().repeats(), 999);
    city.check_all();
    let after_restart = city.engine.submit_and_wait(&poll(), ballot.clone(), PATIENCE).unwrap();
    assert_eq!((after_restart.index(), after_restart.repeat()), (2, Repeat::Yes));
    city.check_receipt(&after_restart, &ballot);
}

/// Ballots of one voter that meet in one group are told apart as if they had come one by one.
#[test]
fn ballots_of_one_voter_in_one_group() {
    let (mut city, store) = City::in_memory();
    city.prepare(3, Revote::Last { max_turn: 15 });
    // While the writer is busy with the first, the others pile up behind it.
    let ballots: Vec<_> = (0..16).map(|turn| city.ballot(1, turn, 0).into_bytes()).collect();
    let (answer, answers) = mpsc::channel();
    for bytes in ballots.iter().rev() {
        let answer = answer.clone();
        city.engine.submit(&poll(), bytes.clone(), move |outcome| answer.send(outcome).unwrap());
    }
    let outcomes: Vec<_> = answers.iter().take(16).collect();
    let accepted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        // BALLOT-10
        assert_eq!(*refused, Refusal::Breach(Breach::StaleTurn));
    }
    assert!(accepted >= 1);
    assert_eq!(city.accepted(), accepted as u64);
    assert!(store.writes() > 0);
    city.check_all();
    assert_eq!(city.accepted(), accepted as u64);
}

#[test]
fn many_voters_at_once_all_stand() {
    let (mut city, store) = City::in_memory();
    let voters = 1_500;
    city.prepare(voters, Revote::First);
    let before = store.writes();
    let ballots: Vec<_> =
        (0..voters).map(|number| city.ballot(number, 0, 0).into_bytes()).collect();
    let (answer, answers) = mpsc::channel();
    for bytes in &ballots {
        let answer = answer.clone();
        city.engine.submit(&poll(), bytes.clone(), move |outcome| answer.send(outcome).unwrap());
    }
    let mut recorded: Vec<_> = answers.iter().take(voters).map(Result::unwrap).collect();
    recorded.sort_by_key(Recorded::index);
    assert!(recorded.iter().enumerate().all(|(place, one)| one.index() == place as u64 + 2));
    for one in recorded.iter().step_by(97) {
        city.check_receipt(one, one.entry_bytes());
    }
    let commits = store.writes() - before;
    assert!(commits < voters as u64 / 2, "{commits} commits for {voters} ballots");
    let metrics = city.engine.metrics();
    assert_eq!((metrics.ballots(), metrics.groups().sum()), (1_500, 1_500));
    assert_eq!(metrics.groups().count(), commits);
    city.check_all();
    assert_eq!(city.accepted(), voters as u64);
}

#[test]
fn who_comes_to_a_full_queue_is_told_at_once() {
    let (city, _) = City::in_memory();
    city.prepare(300, Revote::First);
    let settings = Settings { ballot_queue: 1, verifiers: 1, ..small() };
    city.engine.shutdown();
    let engine = crate::city::open(&city.store, &settings, &city.clock).unwrap();
    let city = City { engine, ..city };
    let ballots: Vec<_> = (0..300).map(|number| city.ballot(number, 0, 0).into_bytes()).collect();
    let (answer, answers) = mpsc::channel();
    for bytes in ballots {
        let answer = answer.clone();
        city.engine.submit(&poll(), bytes, move |outcome| answer.send(outcome.map(drop)).unwrap());
    }
    let outcomes: Vec<_> = answers.iter().take(300).collect();
    let busy = outcomes.iter().filter(|outcome| **outcome == Err(Refusal::Busy)).count();
    let recorded = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(busy > 0 && recorded > 0, "{busy} busy, {recorded} recorded");
    assert_eq!(busy + recorded, 300);
    assert_eq!(city.accepted(), recorded as u64);
}

/// Nothing that was taken is lost when the engine is shut down, and nobody waits in vain.
#[test]
fn shutting_down_answers_everyone() {
    let (mut city, _) = City::in_memory();
    city.prepare(1_000, Revote::First);
    let ballots: Vec<_> = (0..1_000).map(|number| city.ballot(number, 0, 0)).collect();
    let (answer, answers) = mpsc::channel();
    let engine = city.engine.clone();
    let submitter = thread::spawn(move || {
        for ballot in ballots {
            let answer = answer.clone();
            let bytes = ballot.into_bytes();
            engine.submit(&poll(), bytes, move |outcome| answer.send(outcome).unwrap());
        }
    });
    let first = answers.recv().unwrap().unwrap();
    city.engine.shutdown();
    submitter.join().unwrap();
    let outcomes: Vec<_> = answers.iter().collect();
    assert_eq!(outcomes.len(), 999);
    let recorded: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert_eq!(*refused, Refusal::Stopped);
    }
    city.check_all();
    assert_eq!(city.accepted(), recorded.len() as u64 + 1);
    for one in recorded.into_iter().chain([&first]) {
        let found = city.engine.find(&poll(), &one.leaf()).unwrap().unwrap();
        assert_eq!(found.index(), one.index());
    }
    let late = city.ballot(0, 0, 0).into_bytes();
    city.engine.shutdown();
    let stopped = city.engine.submit_and_wait(&poll(), late, PATIENCE).unwrap_err();
    assert_eq!(stopped, Refusal::Stopped);
    assert!(city.engine.checkpoint(&poll()).is_some(), "queries still work");
}

#[test]
fn a_submitter_that_panics_harms_nobody() {
    let (city, _) = City::in_memory();
    city.prepare(3, Revote::First);
    let bytes = city.ballot(0, 0, 0).into_bytes();
    city.engine.submit(&poll(), bytes, |_| panic!("a defect of the submitter"));
    city.cast(1, 0, 0).unwrap();
    assert_eq!(city.accepted(), 2);
}
