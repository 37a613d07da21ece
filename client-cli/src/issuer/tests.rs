//! Issuers of the poll in memory: from keys to the end, and through crashes.

use std::path::Path;

use veche_protocol::breach::Breach;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;

use super::*;
use crate::acts::poll;
use crate::authority::test_desk::{Loss, TestDesk, Witnessed};
use crate::credential::{Answers, Credential};
use crate::test_city::anonymous::ISSUERS;
use crate::test_city::publishing::{WITNESSES, policy};
use crate::test_city::{OFFICERS, POLL, ROLL, TestCity, key, poll_path};
use crate::trust::Trust;

fn trust(city: &TestCity) -> Trust {
    Trust::new("http://127.0.0.1:1", city.pins.clone(), None)
}

/// The issuer with this key, from what its folder holds.
fn issuer_by(
    city: &TestCity,
    folder: &Path,
    number: u8,
    told: Trust,
) -> Result<Issuer, ClientError> {
    let (state, seen) = IssuerState::open(folder, None)?;
    let watch = PollWatch::read(city, seen.unwrap_or(told), POLL, &mut |_, _| {})?;
    Ok(Issuer::new(watch, key(number), state))
}

fn issuer(city: &TestCity, folder: &Path, place: usize) -> Issuer {
    issuer_by(city, folder, ISSUERS[place], trust(city)).unwrap()
}

fn begin(city: &TestCity) {
    let read = city.read();
    let rolls = [RollCopy::read(city, &read, ROLL, &mut |_, _| {}).unwrap()];
    city.act(poll::begin(&read, &city.poll(&read), &rolls).unwrap(), OFFICERS);
    city.anchor();
}

fn ask(city: &TestCity, voter: u8) -> Credential {
    let credential = city.credential(voter);
    city.push(&poll_path(), credential.request().bytes());
    credential
}

fn code<T>(result: Result<T, ClientError>) -> String {
    result.err().map(|error| error.code().to_owned()).unwrap_or_default()
}

/// Steps until there is something to wait for; what was done.
fn run(issuer: &mut Issuer, desk: &TestDesk<'_>) -> (Vec<Deed>, Step) {
    let mut deeds = Vec::new();
    loop {
        match issuer.step(desk.city, desk).unwrap() {
            Step::Did(deed) => deeds.push(deed),
            other => return (deeds, other),
        }
    }
}

#[test]
fn two_issuers_serve_a_poll_from_keys_to_the_end() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    let mut issuers = [0, 1].map(|place| issuer(&city, folders[place].path(), place));
    for issuer in &mut issuers {
        let (deeds, end) = run(issuer, &desk);
        assert_eq!(deeds, [Deed::GaveKeys(2)]);
        assert_eq!(end, Step::Waits(Waiting::Begin));
    }
    begin(&city);
    let voters = [0, 1, 2].map(|voter| ask(&city, voter));
    for issuer in &mut issuers {
        let (deeds, end) = run(issuer, &desk);
        let [signed, posted] = [(3, 0), (0, 3)];
        let issued = |(signed, posted)| Deed::Issued { signed, posted };
        assert_eq!(deeds, [issued(signed), issued(posted)]);
        assert_eq!(end, Step::Waits(Waiting::Requests));
    }
    let read = city.poll(&city.read());
    assert_eq!(read.rejected(), []);
    assert_eq!(read.fold().requests().served()[0].issued, 3);
    let mut first = voters.into_iter().next().unwrap();
    assert!(
        first.collect(&read, &Answers::of(&read)).is_ok(),
        "the voter's client accepts what was issued"
    );
    city.hold_ceremony();
    city.open();
    // Issuing goes on until the close in this poll.
    ask(&city, 7);
    assert_eq!(run(&mut issuers[0], &desk).0.len(), 2);
    city.close();
    for (issuer, folder) in issuers.iter_mut().zip(&folders) {
        assert_eq!(run(issuer, &desk).1, Step::Ended(Ending::IssuingOver));
        assert!(!folder.path().join("keys").exists());
        assert!(folder.path().join("signed").exists());
    }
}

#[test]
fn a_crash_at_any_step_changes_nothing_in_the_end() {
    // CRED-9: each step from the folder alone, entries and answers lost in between.
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    let once = |loss, place: usize| {
        desk.loss.set(loss);
        let mut issuer = issuer(&city, folders[place].path(), place);
        // The second step hands in what the first has signed.
        let _lost_or_not = issuer.step(&city, &desk);
        let _lost_or_not = issuer.step(&city, &desk);
    };
    let storm = || {
        for loss in [Loss::Entry, Loss::Answer, Loss::Nothing, Loss::Nothing] {
            once(loss, 0);
            once(loss, 1);
        }
    };
    storm();
    begin(&city);
    for voter in 0..3 {
        ask(&city, voter);
        once(Loss::Entry, 0);
    }
    storm();
    let read = city.poll(&city.read());
    assert_eq!(read.rejected(), []);
    let served = read.fold().requests().served()[0];
    assert_eq!((served.requested, served.issued), (3, 3));
    // Two entries of keys, Begin, three requests, and at most one answer for each and issuer.
    let records = std::fs::metadata(folders[0].path().join("signed")).unwrap().len();
    assert_eq!(records, 80 + 3 * 80);
}

#[test]
fn keys_that_are_lost_are_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    run(&mut issuer(&city, folder.path(), 0), &desk);
    let other = tempfile::tempdir().unwrap();
    let seen = desk.seen.get();
    assert_eq!(code(issuer(&city, other.path(), 0).step(&city, &desk)), "usage");
    assert_eq!(desk.seen.get(), seen, "nothing was handed in");
    begin_with_second(&city, &desk);
    ask(&city, 0);
    assert_eq!(code(issuer(&city, other.path(), 0).step(&city, &desk)), "usage");
}

fn begin_with_second(city: &TestCity, desk: &TestDesk<'_>) {
    let folder = tempfile::tempdir().unwrap();
    run(&mut issuer(city, folder.path(), 1), desk);
    begin(city);
}

#[test]
fn who_is_no_issuer_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    let mut stranger = issuer_by(&city, folder.path(), 99, trust(&city)).unwrap();
    assert_eq!(code(stranger.step(&city, &desk)), Breach::IssuerUnknown.code());
    let named = TestCity::with_open_poll(Revote::First);
    let mut stranger = issuer_by(&named, folder.path(), 99, trust(&named)).unwrap();
    let refused = code(stranger.step(&named, &TestDesk::new(&named)));
    assert_eq!(refused, Breach::EntryNotOfPoll.code());
}

#[test]
fn nothing_is_done_before_the_poll_is_announced_or_the_witnesses_have_seen_it() {
    let folder = tempfile::tempdir().unwrap();
    let city = TestCity::with_roll();
    let desk = TestDesk::new(&city);
    let (_, end) = run(&mut issuer(&city, folder.path(), 0), &desk);
    assert_eq!(end, Step::Waits(Waiting::Announcement));
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    let told = Trust::new("http://127.0.0.1:1", city.pins.clone(), Some(Witnessed::policy()));
    let folder = tempfile::tempdir().unwrap();
    let mut issuer = issuer_by(&city, folder.path(), ISSUERS[0], told).unwrap();
    // CRED-9: the register's head, and the poll's.
    for logs in [vec![], vec![LogPath::Register], vec![poll_path()]] {
        let source = Witnessed { city: &city, logs };
        let step = issuer.step(&source, &desk).unwrap();
        assert_eq!(step, Step::Waits(Waiting::Witnesses));
    }
    let source = Witnessed { city: &city, logs: vec![LogPath::Register, poll_path()] };
    assert_eq!(issuer.step(&source, &desk).unwrap(), Step::Did(Deed::GaveKeys(2)));
}

#[test]
fn what_is_not_public_yet_is_waited_for_and_not_handed_in_again() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    let mut first = issuer(&city, folders[0].path(), 0);
    city.hold_back();
    // RECEIPT-12: the keys stand, and the public head does not show them yet.
    let (deeds, end) = run(&mut first, &desk);
    assert_eq!((deeds, end), (vec![Deed::GaveKeys(2)], Step::Waits(Waiting::OwnEntry)));
    assert_eq!(run(&mut first, &desk), (vec![], Step::Waits(Waiting::OwnEntry)));
    assert_eq!(desk.seen.get(), 1);
    city.publish();
    assert_eq!(run(&mut first, &desk), (vec![], Step::Waits(Waiting::Begin)));
    run(&mut issuer(&city, folders[1].path(), 1), &desk);
    begin(&city);
    ask(&city, 0);
    city.hold_back();
    desk.seen.set(0);
    let (deeds, _) = run(&mut first, &desk);
    let issued = |signed, posted| Deed::Issued { signed, posted };
    assert_eq!(deeds, [issued(1, 0), issued(0, 1)]);
    assert_eq!(run(&mut first, &desk).0, []);
    assert_eq!(desk.seen.get(), 1, "the answer was handed in once");
    city.publish();
    assert_eq!(run(&mut first, &desk), (vec![], Step::Waits(Waiting::Requests)));
    assert_eq!(city.poll(&city.read()).rejected(), []);
}

#[test]
fn a_head_below_the_quorum_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    let told = Trust::new("http://127.0.0.1:1", city.pins.clone(), Some(policy(2)));
    city.witness_by(&WITNESSES);
    let mut issuer = issuer_by(&city, folder.path(), ISSUERS[0], told).unwrap();
    // CRED-9: a witness is away for a while, comes back, and nothing else happens.
    city.witness_by(&WITNESSES[..1]);
    assert_eq!(issuer.step(&city, &desk).unwrap(), Step::Waits(Waiting::Witnesses));
    assert_eq!(desk.seen.get(), 0);
    city.witness_by(&WITNESSES);
    assert_eq!(issuer.step(&city, &desk).unwrap(), Step::Did(Deed::GaveKeys(2)));
}

#[test]
fn a_log_that_forgets_what_was_seen_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    run(&mut issuer(&city, folder.path(), 0), &desk);
    begin_with_second(&city, &desk);
    ask(&city, 0);
    run(&mut issuer(&city, folder.path(), 0), &desk);
    // Request and answer vanish, and the voter asks again as if nothing had been signed.
    let mut log = city.logs.borrow_mut().remove(&poll_path()).unwrap();
    log.truncate(log.len() - 2);
    city.logs.borrow_mut().insert(poll_path(), log);
    ask(&city, 0);
    ask(&city, 1);
    let refused = issuer_by(&city, folder.path(), ISSUERS[0], trust(&city));
    assert_eq!(code(refused), Breach::HeadForked.code());
    // Even with what was seen forgotten, the record remembers whom was signed for.
    std::fs::remove_file(folder.path().join("seen")).unwrap();
    let refused = issuer(&city, folder.path(), 0).step(&city, &desk);
    assert_eq!(code(refused), Breach::RequestRepeated.code());
}

#[test]
fn another_program_does_not_serve_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let city = TestCity::with_sealed_poll();
    let desk = TestDesk::new(&city);
    let mut first = issuer(&city, folder.path(), 0);
    run(&mut first, &desk);
    let refused = issuer(&city, folder.path(), 0).step(&city, &desk);
    assert_eq!(code(refused), "usage");
}
