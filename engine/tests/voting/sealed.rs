//! Whole anonymous sealed polls: from Announce to Certify with a restart in every phase, the
//! trustees' ceremony with those who fail, and a store that fails under it.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use veche_engine::store::memory::Fault;
use veche_engine::{DistrictView, Recorded, Refusal};
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::poll::acts::{Cancel, CancelReason, Certify};
use veche_protocol::poll::authorities::Issuing;
use veche_protocol::poll::ceremony_fold::{Exclusion, Stage};
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::phase::Phase;
use veche_protocol::poll::result::{OptionResult, PollResult, QuestionResult, Turnout};

use crate::city::{CLOSES_AT, City, PATIENCE, poll};

const LAST: Revote = Revote::Last { max_turn: 3 };

/// Hands entries in at once, and gives what was recorded, in their order.
fn at_once(city: &City, entries: &[SignedEntry]) -> Vec<Recorded> {
    let (answer, answers) = mpsc::channel();
    for (place, entry) in entries.iter().enumerate() {
        let answer = answer.clone();
        city.engine.submit(&poll(), entry.bytes().to_vec(), move |outcome| {
            answer.send((place, outcome.unwrap())).unwrap();
        });
    }
    drop(answer);
    let mut recorded: Vec<_> = answers.iter().collect();
    recorded.sort_by_key(|(place, _)| *place);
    recorded.into_iter().map(|(_, recorded)| recorded).collect()
}

/// What everyone can see of the poll.
fn seen(city: &City) -> (Phase, Vec<DistrictView>, u64, u64, Option<Stage>) {
    let view = city.engine.poll(&poll()).unwrap();
    let stage = view.ceremony.map(|ceremony| ceremony.stage());
    (view.phase, view.districts, view.accepted, view.head.size, stage)
}

/// Starts the server again: nothing that can be seen has changed.
fn restart(city: &mut City) {
    let before = seen(city);
    city.restart();
    assert_eq!(seen(city), before);
}

fn result(city: &City) -> Option<PollResult> {
    city.engine.result(&poll()).map(|counted| counted.result.clone())
}

fn votes(result: &PollResult) -> Vec<u64> {
    result.questions[0].outcome.iter().map(|option| option.votes).collect()
}

#[test]
fn from_announcement_to_certificate_with_restarts() {
    let (mut city, _) = City::in_memory();
    city.announce_secret(LAST, Issuing::UntilClose);
    restart(&mut city);
    for issuer in 0..2 {
        city.submit(&poll(), &city.issuer_keys(issuer)).unwrap();
        restart(&mut city);
    }
    // The two orders of Begin and the ceremony are free; here they are mixed.
    for place in 0..3 {
        city.submit(&poll(), &city.join(place)).unwrap();
    }
    city.submit(&poll(), &city.deal(0)).unwrap();
    restart(&mut city);
    city.submit(&poll(), &city.beginning()).unwrap();
    assert_eq!(city.phase(), Phase::Begun);
    restart(&mut city);
    for entry in [city.deal(1), city.deal(2)] {
        city.submit(&poll(), &entry).unwrap();
    }
    let readies: Vec<_> = (0..3).map(|place| city.ready(place)).collect();
    for ready in &readies {
        // CEREMONY-11: nobody opens a poll whose key is not made.
        let early = city.submit(&poll(), &city.secret_opening()).unwrap_err();
        assert_eq!(early, Refusal::Breach(Breach::CeremonyIncomplete));
        city.submit(&poll(), ready).unwrap();
    }
    let wallets = city.serve(0..56);
    restart(&mut city);
    city.open_secret();
    restart(&mut city);
    // Some ask late, since this poll issues until its close.
    let late = city.serve(56..60);
    let ballots: Vec<_> = wallets.iter().map(|wallet| city.sealed(wallet, 0, 1)).collect();
    at_once(&city, &ballots[..30]);
    restart(&mut city);
    at_once(&city, &ballots[30..]);
    at_once(&city, &late.iter().map(|wallet| city.sealed(wallet, 1, 2)).collect::<Vec<_>>());
    // Ten change their minds; what a sealed ballot says is judged when it is opened, not before.
    let changed: Vec<_> = wallets[..10].iter().map(|wallet| city.sealed(wallet, 2, 0)).collect();
    at_once(&city, &changed);
    city.submit(&poll(), &city.sealed(&wallets[20], 1, 7)).unwrap();
    let view = city.engine.poll(&poll()).unwrap();
    assert_eq!((view.accepted, view.voted), (71, 60));
    for district in &view.districts {
        let counts = district.counts;
        assert_eq!((counts.requested, counts.issued, counts.voted), (30, 30, 30));
    }
    city.close().unwrap();
    // SEAL-7: closed and not opened.
    assert_eq!(result(&city), None);
    restart(&mut city);
    city.submit(&poll(), &city.share(2)).unwrap();
    assert_eq!(result(&city), None);
    restart(&mut city);
    city.submit(&poll(), &city.share(0)).unwrap();
    let counted = result(&city).unwrap();
    // SEAL-6: the ballot for an option that there is not is spoiled, and the one before is gone.
    assert_eq!((votes(&counted), counted.effective), (vec![10, 45, 4], 59));
    restart(&mut city);
    assert_eq!(result(&city), Some(counted.clone()));
    // CEREMONY-13: a third share changes nothing.
    city.submit(&poll(), &city.share(1)).unwrap();
    assert_eq!(result(&city), Some(counted));
    city.certify().unwrap();
    assert_eq!(city.phase(), Phase::Certified);
    city.check_all();
}

#[test]
fn no_certificate_before_enough_shares() {
    let (mut city, _) = City::in_memory();
    city.begin(LAST, Issuing::UntilOpen);
    let wallets = city.serve(0..2);
    city.open_secret();
    at_once(&city, &[city.sealed(&wallets[0], 0, 1), city.sealed(&wallets[1], 0, 2)]);
    city.close().unwrap();
    city.submit(&poll(), &city.share(1)).unwrap();
    let claim = |city: &City, result: PollResult| {
        let seen = city.engine.context(&poll(), Kind::Certify).unwrap().seen.unwrap();
        let payload = Payload::Certify(Certify { seen, result });
        let entry = city.sign(&poll(), &payload, &["officer-1", "officer-2"]);
        city.submit(&poll(), &entry)
    };
    let district = |code: &str| Turnout { district: code.to_owned(), eligible: 50, effective: 1 };
    let option = |label: &str| OptionResult { label: label.to_owned(), votes: 1, selected: false };
    let guess = PollResult {
        eligible: 100,
        effective: 2,
        districts: vec![district("north"), district("south")],
        quorum_met: true,
        questions: vec![QuestionResult {
            blank: 0,
            outcome: ["oaks", "limes", "nothing"].map(option).to_vec(),
        }],
    };
    // POLL-24: also with a share, as long as there are too few.
    assert_eq!(claim(&city, guess).unwrap_err(), Refusal::Breach(Breach::SharesMissing));
    // CEREMONY-12: each share once.
    let again = city.submit(&poll(), &city.share(1)).unwrap_err();
    assert_eq!(again, Refusal::Breach(Breach::ShareRepeated));
    // POLL-21: and here the officers may give up.
    let cancel = |city: &City| {
        let seen = city.engine.context(&poll(), Kind::Cancel).unwrap().seen.unwrap();
        let payload = Payload::Cancel(Cancel { seen, reason: CancelReason::SharesMissing });
        city.submit(&poll(), &city.sign(&poll(), &payload, &["officer-1", "officer-2"]))
    };
    restart(&mut city);
    cancel(&city).unwrap();
    assert_eq!((city.phase(), result(&city)), (Phase::Cancelled, None));
    city.check_all();
}

#[test]
fn a_ceremony_without_the_guilty_and_the_silent() {
    let (mut city, _) = City::in_memory();
    city.announce_secret(LAST, Issuing::UntilOpen);
    (0..2).for_each(|issuer| drop(city.submit(&poll(), &city.issuer_keys(issuer)).unwrap()));
    // Nobody but a trustee who takes part, and each in its turn.
    let stranger = city.sign(&poll(), city.join(0).payload(), &["issuer-1"]);
    let refused = city.submit(&poll(), &stranger).unwrap_err();
    assert_eq!(refused, Refusal::Breach(Breach::TrusteeUnknown));
    city.submit(&poll(), &city.join(0)).unwrap();
    city.submit(&poll(), &city.join(2)).unwrap();
    // CEREMONY-10: two officers exclude the one who is silent, and no other.
    let hasty = city.submit(&poll(), &city.exclusion(&[1, 2])).unwrap_err();
    assert_eq!(hasty, Refusal::Breach(Breach::TrusteeNotSilent));
    let late = city.join(1);
    city.submit(&poll(), &city.exclusion(&[1])).unwrap();
    restart(&mut city);
    let refused = city.submit(&poll(), &late).unwrap_err();
    assert_eq!(refused, Refusal::Breach(Breach::TrusteeUnknown));
    let ceremony = city.engine.poll(&poll()).unwrap().ceremony.unwrap();
    assert_eq!((ceremony.context().ceremony, ceremony.stage()), (2, Stage::Joining));
    assert!(matches!(ceremony.excluded(), [(1, index, Exclusion::Silent)] if index.get() == 2));
    // The two who are left are as many as are needed.
    city.hold_ceremony(&[0, 2]);
    restart(&mut city);
    city.submit(&poll(), &city.beginning()).unwrap();
    let wallets = city.serve(0..3);
    city.open_secret();
    at_once(&city, &wallets.iter().map(|wallet| city.sealed(wallet, 0, 1)).collect::<Vec<_>>());
    city.close().unwrap();
    for place in [0, 2] {
        city.submit(&poll(), &city.share(place)).unwrap();
    }
    assert_eq!(votes(&result(&city).unwrap()), [0, 3, 0]);
    city.certify().unwrap();
    city.check_all();
}

#[test]
fn a_complaint_is_decided_when_it_is_recorded() {
    let (mut city, _) = City::in_memory();
    city.announce_secret(LAST, Issuing::UntilOpen);
    for place in 0..3 {
        city.submit(&poll(), &city.join(place)).unwrap();
    }
    for place in 0..3 {
        city.submit(&poll(), &city.deal(place)).unwrap();
    }
    // CEREMONY-7: the share was right, so the one who complains is out.
    city.submit(&poll(), &city.complaint(0, 1)).unwrap();
    let excluded = |city: &City| {
        let ceremony = city.engine.poll(&poll()).unwrap().ceremony.unwrap();
        ceremony.excluded().iter().map(|(_, index, why)| (index.get(), *why)).collect::<Vec<_>>()
    };
    assert_eq!(excluded(&city), [(2, Exclusion::FalseComplaint)]);
    restart(&mut city);
    assert_eq!(excluded(&city), [(2, Exclusion::FalseComplaint)]);
    city.hold_ceremony(&[0, 2]);
    city.check_all();
}

/// What someone does who is told to try again: the same bytes, until they are answered.
fn insist(city: &City, entry: &SignedEntry) -> Recorded {
    for _ in 0..2_000 {
        match city.engine.submit_and_wait(&poll(), entry.bytes().to_vec(), PATIENCE) {
            Ok(recorded) => return recorded,
            Err(Refusal::Breach(breach)) => panic!("{breach}"),
            Err(_) => thread::sleep(Duration::from_millis(1)),
        }
    }
    panic!("the engine does not recover: {:?}", city.engine.health());
}

/// At every step on the way of a voter, and for every way in which a store fails: what was answered
/// stands, once.
#[test]
fn a_store_that_fails_under_requests_answers_and_ballots() {
    let (mut city, store) = City::in_memory();
    city.begin(LAST, Issuing::UntilClose);
    city.open_secret();
    let faults = [Fault::Lost, Fault::Kept, Fault::DiskFull, Fault::CrashBefore, Fault::CrashAfter];
    let mut answered = Vec::new();
    for (number, fault) in faults.into_iter().enumerate() {
        let mut under_fault = |entry: &SignedEntry| {
            store.fail_commit(0, fault);
            let recorded = insist(&city, entry);
            let index = recorded.index();
            answered.push(recorded);
            index
        };
        let wallet = city.wallet(number);
        let index = under_fault(&city.request(&wallet));
        for issuer in 0..2 {
            under_fault(&city.answers(issuer, &[(index, &wallet)]));
        }
        under_fault(&city.sealed(&wallet, 0, 1));
        under_fault(&city.sealed(&wallet, 1, 2));
    }
    city.clock.set(CLOSES_AT);
    store.fail_commit(0, Fault::Lost);
    insist(&city, &city.closing());
    for (place, fault) in [(1, Fault::Kept), (2, Fault::Lost)] {
        store.fail_commit(0, fault);
        insist(&city, &city.share(place));
    }
    assert_eq!(votes(&result(&city).unwrap()), [0, 0, 5]);
    city.certify().unwrap();
    city.check_all();
    for one in &answered {
        let found = city.engine.find(one.path(), &one.leaf()).unwrap().unwrap();
        assert_eq!(found.index(), one.index());
        city.check_receipt(one, one.entry_bytes());
    }
    let indices: std::collections::BTreeSet<_> = answered.iter().map(Recorded::index).collect();
    assert_eq!(indices.len(), answered.len());
}
