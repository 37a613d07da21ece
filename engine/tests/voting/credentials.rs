//! Requests, answers and anonymous ballots in crowds: what meets in one group, what comes again,
//! what is held back.

use std::sync::mpsc;
use std::time::Duration;

use veche_engine::{Recorded, Refusal, Repeat, Settings};
use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::poll::authorities::Issuing;
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::phase::Phase;

use crate::authorities::{CROWD, secret_definition};
use crate::city::{CLOSES_AT, City, poll, small};

const LAST: Revote = Revote::Last { max_turn: 3 };

/// An hour: nothing is appended by itself while a test runs.
const LONG: u64 = 3_600_000;

type Answers = mpsc::Receiver<(usize, Result<Recorded, Refusal>)>;

/// Hands entries in, one right after another.
fn hand_in(city: &City, entries: &[SignedEntry]) -> Answers {
    let (answer, answers) = mpsc::channel();
    for (place, entry) in entries.iter().enumerate() {
        let answer = answer.clone();
        city.engine.submit(&poll(), entry.bytes().to_vec(), move |outcome| {
            // A test that has seen enough listens no more.
            let _ = answer.send((place, outcome));
        });
    }
    answers
}

/// What became of each.
fn all(answers: &Answers) -> Vec<Result<Recorded, Refusal>> {
    let mut outcomes: Vec<_> = answers.iter().collect();
    outcomes.sort_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Has the writer take all these entries in one turn: it is kept from its work by an answer while
/// they pile up.
fn together(city: &City, first: &SignedEntry, entries: &[SignedEntry]) -> Answers {
    let (open, gate) = mpsc::channel::<()>();
    let (reached, at_gate) = mpsc::channel();
    city.engine.submit(&poll(), first.bytes().to_vec(), move |outcome| {
        reached.send(outcome.map(drop)).unwrap();
        gate.recv().unwrap();
    });
    at_gate.recv().unwrap().unwrap();
    let answers = hand_in(city, entries);
    // One thread verifies, in order: a refusal by signature says that all before it are verified.
    let mut forged = first.bytes().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let refused = city.engine.submit_and_wait(&poll(), forged, Duration::from_mins(1));
    assert_eq!(refused.unwrap_err(), Refusal::Breach(Breach::SignatureInvalid));
    open.send(()).unwrap();
    answers
}

fn one_verifier() -> Settings {
    Settings { verifiers: 1, ..small() }
}

fn in_memory() -> City {
    let store = std::sync::Arc::new(veche_engine::store::memory::MemoryStore::new());
    City::found(store, one_verifier())
}

fn breach(outcome: &Result<Recorded, Refusal>) -> Breach {
    match outcome {
        Err(Refusal::Breach(breach)) => *breach,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_voter_asks_once_however_the_requests_meet() {
    let mut city = in_memory();
    city.begin(LAST, Issuing::UntilClose);
    let (first, again) = (city.wallet(0), city.wallet_named(0, "another"));
    let entries = [city.request(&first), city.request(&again), city.request(&first)];
    let gate = city.request(&city.wallet(7));
    // CRED-7: within one group, and the same bytes get the same receipt.
    let outcomes = all(&together(&city, &gate, &entries));
    let recorded = outcomes[0].as_ref().unwrap();
    assert_eq!(breach(&outcomes[1]), Breach::RequestRepeated);
    let repeated = outcomes[2].as_ref().unwrap();
    assert_eq!((repeated.index(), repeated.repeat()), (recorded.index(), Repeat::Yes));
    // And one group after another.
    assert_eq!(breach(&city.submit(&poll(), &entries[1])), Breach::RequestRepeated);
    city.check_all();
    // RECEIPT-5: also from a server that was started again.
    let repeated = city.submit(&poll(), &entries[0]).unwrap();
    assert_eq!((repeated.index(), repeated.repeat()), (recorded.index(), Repeat::Yes));
    city.check_receipt(&repeated, entries[0].bytes());
    let view = city.engine.poll(&poll()).unwrap();
    let requested: Vec<_> = view.districts.iter().map(|one| one.counts.requested).collect();
    assert_eq!(requested, [1, 1]);
}

#[test]
fn an_issuer_answers_once_however_the_answers_meet() {
    let mut city = in_memory();
    city.begin(LAST, Issuing::UntilOpen);
    let wallets: Vec<_> = (0..4).map(|number| city.wallet(number)).collect();
    let indices: Vec<_> = wallets
        .iter()
        .map(|wallet| city.submit(&poll(), &city.request(wallet)).unwrap().index())
        .collect();
    let asked: Vec<_> = indices.iter().copied().zip(&wallets).collect();
    let both = city.answers(0, &asked[..2]);
    let entries = [
        both.clone(),
        // CRED-8: another entry on the same request; as a whole, so its second item is not used up.
        city.answers(0, &asked[1..3]),
        both.clone(),
        // The other issuer is another.
        city.answers(1, &asked[..1]),
        city.answers(0, &asked[2..3]),
        // Nobody has asked at the index of the first entry.
        city.answers(1, &[(0, &wallets[1])]),
        // Item by item: the first is wrong by itself, whatever is pending on the second.
        city.answers(0, &[(indices[3], &wallets[0]), asked[0]]),
    ];
    let gate = city.request(&city.wallet(7));
    let outcomes = all(&together(&city, &gate, &entries));
    assert_eq!(breach(&outcomes[1]), Breach::IssuedTwice);
    let (first, again) = (outcomes[0].as_ref().unwrap(), outcomes[2].as_ref().unwrap());
    assert_eq!((again.index(), again.repeat()), (first.index(), Repeat::Yes));
    assert!(outcomes[3].is_ok() && outcomes[4].is_ok(), "{outcomes:?}");
    assert_eq!(breach(&outcomes[5]), Breach::RequestUnknown);
    assert_eq!(breach(&outcomes[6]), Breach::IssuedInvalid);
    let issued = |city: &City| -> Vec<u64> {
        let view = city.engine.poll(&poll()).unwrap();
        view.districts.iter().map(|one| one.counts.issued).collect()
    };
    assert_eq!(issued(&city), [1, 0]);
    city.check_all();
    assert_eq!(issued(&city), [1, 0]);
    let late = city.request(&city.wallet(9));
    city.open_secret();
    // CRED-7, CRED-8: over with Open; what stands keeps its receipt (RECEIPT-5).
    assert_eq!(breach(&city.submit(&poll(), &entries[1])), Breach::IssuingOver);
    assert_eq!(breach(&city.submit(&poll(), &late)), Breach::IssuingOver);
    let again = city.submit(&poll(), &both).unwrap();
    assert_eq!((again.index(), again.repeat()), (first.index(), Repeat::Yes));
}

/// A city whose poll is open, with an interval of an hour, and voters with credentials.
fn open_for_long(revote: Revote, voters: usize) -> (City, Vec<crate::authorities::Wallet>) {
    let city = in_memory();
    let mut definition = secret_definition(revote, Issuing::UntilClose);
    definition.interval = LONG;
    city.announce_to(CROWD, definition);
    city.begin_announced();
    city.hold_ceremony(&[0, 1, 2]);
    let wallets = city.serve(0..voters);
    city.open_secret();
    (city, wallets)
}

/// Hands ballots in and waits until the writer has them.
fn hold_back(city: &City, ballots: &[SignedEntry]) -> Answers {
    let answers = hand_in(city, ballots);
    // One thread verifies, in order: this request comes to the writer after them.
    city.submit(&poll(), &city.request(&city.wallet(CROWD - 1))).unwrap();
    answers
}

/// BALLOT-16: all recorded, one after another, ascending by leaf hash.
fn check_order(outcomes: &[Result<Recorded, Refusal>]) {
    let mut recorded: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap()).collect();
    recorded.sort_by_key(|one| one.index());
    assert!(recorded.is_sorted_by_key(|one| one.leaf()));
    let first = recorded[0].index();
    assert!(recorded.iter().map(|one| one.index()).eq(first..first + recorded.len() as u64));
}

#[test]
fn ballots_that_wait_stand_before_the_close_in_the_order_of_their_hashes() {
    let (mut city, wallets) = open_for_long(LAST, 12);
    let ballots: Vec<_> = wallets.iter().map(|wallet| city.sealed(wallet, 0, 1)).collect();
    let answers = hold_back(&city, &ballots);
    assert!(answers.try_recv().is_err());
    // Officers who are too early do not cut the interval short.
    assert_eq!(breach(&city.submit(&poll(), &city.closing())), Breach::ClosedEarly);
    assert_eq!(city.accepted(), 0);
    assert!(answers.try_recv().is_err());
    city.clock.set(CLOSES_AT);
    let close = city.submit(&poll(), &city.closing()).unwrap();
    let outcomes = all(&answers);
    check_order(&outcomes);
    assert!(outcomes.iter().all(|one| one.as_ref().unwrap().index() < close.index()));
    assert_eq!((city.phase(), city.accepted()), (Phase::Closed, 12));
    // RECEIPT-5: after the close as well.
    for (ballot, outcome) in ballots.iter().zip(&outcomes) {
        let again = city.submit(&poll(), ballot).unwrap();
        assert_eq!(again.index(), outcome.as_ref().unwrap().index());
    }
    let late = city.sealed(&wallets[0], 1, 0);
    assert_eq!(breach(&city.submit(&poll(), &late)), Breach::BallotAfterClose);
    city.check_all();
    assert_eq!(city.accepted(), 12);
}

#[test]
fn ballots_that_wait_are_appended_before_the_server_ends() {
    let (mut city, wallets) = open_for_long(LAST, 5);
    let ballots: Vec<_> = wallets.iter().map(|wallet| city.sealed(wallet, 0, 1)).collect();
    let answers = hold_back(&city, &ballots);
    city.restart();
    check_order(&all(&answers));
    city.check_all();
    assert_eq!(city.accepted(), 5);
}

#[test]
fn what_is_refused_anyway_does_not_wait() {
    let (city, wallets) = open_for_long(LAST, 3);
    // BALLOT-7, and two ways in which a credential is not one.
    let late = city.sealed(&wallets[0], 4, 1);
    assert_eq!(breach(&city.submit(&poll(), &late)), Breach::TurnOutOfRange);
    let stolen = city.sealed_with(&wallets[0], &wallets[1].key, 0, 1);
    assert_eq!(breach(&city.submit(&poll(), &stolen)), Breach::CredentialInvalid);
    let named = city.ballot(5, 0, 1);
    assert_eq!(breach(&city.submit(&poll(), &named)), Breach::CredentialMissing);
    assert_eq!(city.accepted(), 0);
}

#[test]
fn two_ballots_of_a_credential_in_one_interval() {
    let (mut city, wallets) = open_for_long(Revote::First, 1);
    let ballots: Vec<_> = (0..3).map(|choice| city.sealed(&wallets[0], 0, choice)).collect();
    let answers = hold_back(&city, &[ballots.clone(), vec![ballots[0].clone()]].concat());
    city.clock.set(CLOSES_AT);
    city.submit(&poll(), &city.closing()).unwrap();
    let outcomes = all(&answers);
    // BALLOT-16, BALLOT-9: the first of them is the one with the least hash.
    let least = ballots.iter().min_by_key(|ballot| ballot.leaf()).unwrap();
    for (outcome, ballot) in outcomes.iter().zip(ballots.iter().chain([&ballots[0]])) {
        match outcome {
            Ok(recorded) => assert_eq!(recorded.leaf(), least.leaf()),
            Err(_) => assert_eq!(breach(outcome), Breach::AlreadyVoted, "{:?}", ballot.leaf()),
        }
    }
    assert_eq!(city.accepted(), 1);
    city.check_all();
}

#[test]
fn one_key_with_credentials_of_two_districts() {
    let city = in_memory();
    city.begin(LAST, Issuing::UntilClose);
    let wallets = [city.wallet_named(0, "shared"), city.wallet_named(1, "shared")];
    for wallet in &wallets {
        let index = city.submit(&poll(), &city.request(wallet)).unwrap().index();
        (0..2).for_each(|issuer| {
            drop(city.submit(&poll(), &city.answers(issuer, &[(index, wallet)])).unwrap());
        });
    }
    city.open_secret();
    // BALLOT-15: in one interval, where the order is that of hashes, and in another.
    let ballots = [city.sealed(&wallets[0], 0, 1), city.sealed(&wallets[1], 1, 1)];
    let outcomes = all(&hand_in(&city, &ballots));
    let refused: Vec<_> = outcomes.iter().filter(|outcome| outcome.is_err()).collect();
    assert_eq!(refused.len(), 1, "{outcomes:?}");
    assert!(matches!(breach(refused[0]), Breach::DistrictChanged));
    let kept = usize::from(outcomes[0].is_err());
    let other = city.submit(&poll(), &city.sealed(&wallets[1 - kept], 2, 1));
    assert_eq!(breach(&other), Breach::DistrictChanged);
    city.submit(&poll(), &city.sealed(&wallets[kept], 2, 1)).unwrap();
}
