//! Two people, one act: drafts that wait for the second signature.

use veche_engine::store::memory::Fault;
use veche_engine::{Proposal, Refusal, Settings};
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::phase::Phase;

use crate::city::{CLOSES_AT, City, OFFICERS, PATIENCE, definition, officers, poll, roll, small};

impl City {
    fn propose(&self, path: &LogPath, payload: &Payload, by: &str) -> Result<Proposal, Refusal> {
        let entry = self.sign(path, payload, &[by]);
        self.engine.propose(path, entry.into_bytes(), PATIENCE)
    }

    fn waiting(&self, path: &LogPath, payload: &Payload, by: &str) -> (String, usize) {
        match self.propose(path, payload, by).unwrap() {
            Proposal::Waiting(view) => (view.draft.id.clone(), view.missing),
            Proposal::Recorded(recorded) => panic!("{recorded:?}"),
        }
    }
}

fn closing(city: &City) -> SignedEntry {
    city.clock.set(CLOSES_AT);
    city.closing()
}

#[test]
fn two_officers_meet_in_one_draft() {
    let (mut city, _) = City::in_memory();
    city.prepare(3, Revote::First);
    let close = closing(&city).payload().clone();
    let (id, missing) = city.waiting(&poll(), &close, "officer-1");
    assert_eq!(missing, 1);
    assert_eq!(city.waiting(&poll(), &close, "officer-1"), (id.clone(), 1), "once is once");
    assert_eq!(city.phase(), Phase::Open);
    city.restart();
    assert_eq!(city.engine.draft(&id).unwrap().draft.entry.payload(), &close);
    match city.propose(&poll(), &close, "officer-2").unwrap() {
        Proposal::Recorded(recorded) => {
            assert_eq!(recorded.path(), &poll());
            city.check_receipt(&recorded, recorded.entry_bytes());
        }
        Proposal::Waiting(view) => panic!("{view:?}"),
    }
    assert_eq!(city.phase(), Phase::Closed);
    assert!(city.engine.drafts().is_empty());
    city.check_all();
    assert!(city.engine.drafts().is_empty());
}

/// However the second signature comes, the draft has served.
#[test]
fn an_act_recorded_elsewhere_ends_its_draft() {
    let (city, _) = City::in_memory();
    city.prepare(3, Revote::First);
    let close = closing(&city);
    city.waiting(&poll(), close.payload(), "officer-1");
    city.submit(&poll(), &close).unwrap();
    assert!(city.engine.drafts().is_empty());
}

#[test]
fn only_who_may_sign_is_heard() {
    let (city, _) = City::in_memory();
    city.prepare(3, Revote::First);
    let close = closing(&city).payload().clone();
    let refused = |by: &str| city.propose(&poll(), &close, by).unwrap_err();
    assert_eq!(refused("stranger"), Refusal::Breach(Breach::OfficerUnknown));
    assert_eq!(refused("registrar"), Refusal::Breach(Breach::OfficerRole));
    let entry = city.sign(&poll(), &close, &["officer-1"]);
    let mut forged = entry.into_bytes();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let forged = city.engine.propose(&poll(), forged, PATIENCE).unwrap_err();
    assert_eq!(forged, Refusal::Breach(Breach::SignatureInvalid));
    let ballot = city.ballot(0, 0, 0).into_bytes();
    let ballot = city.engine.propose(&poll(), ballot, PATIENCE).unwrap_err();
    assert_eq!(ballot, Refusal::Breach(Breach::EntryUnknownKind));
    assert!(city.engine.drafts().is_empty());
}

/// A registrar alone is half an enrolment, and two registrars are not a registrar and an inspector.
#[test]
fn a_roll_is_drafted_too() {
    let (city, _) = City::in_memory();
    city.enrol(2);
    let enrolment = city.enrolment(2..4).payload().clone();
    city.waiting(&roll(), &enrolment, "registrar");
    assert!(matches!(city.propose(&roll(), &enrolment, "inspector"), Ok(Proposal::Recorded(_))));
}

#[test]
fn a_new_poll_and_new_officers_are_drafted() {
    let (mut city, _) = City::in_memory();
    city.enrol(2);
    let announce = city.announcement(&poll(), definition(Revote::First)).payload().clone();
    city.waiting(&poll(), &announce, "officer-1");
    assert!(city.engine.poll(&poll()).is_none());
    assert!(matches!(city.propose(&poll(), &announce, "officer-3"), Ok(Proposal::Recorded(_))));
    let list = Payload::Officers(officers(&OFFICERS[..4]));
    let register = LogPath::Register;
    let outsider = city.propose(&register, &list, "officer-1").unwrap_err();
    assert_eq!(outsider, Refusal::Breach(Breach::CommissionQuorum));
    assert_eq!(city.waiting(&register, &list, "member-3").1, 1);
    assert!(matches!(city.propose(&register, &list, "member-1"), Ok(Proposal::Recorded(_))));
    city.check_all();
    assert_eq!(city.engine.register().officers().0.len(), 4);
}

#[test]
fn drafts_are_bounded_in_number_and_age() {
    let store = std::sync::Arc::new(veche_engine::store::memory::MemoryStore::new());
    let mut city = City::found(store, Settings { drafts: 2, draft_age: 100, ..small() });
    city.enrol(2);
    let announce = |title: &str| {
        let mut definition = definition(Revote::First);
        definition.title = title.to_owned();
        city.announcement(&poll(), definition).payload().clone()
    };
    let (first, _) = city.waiting(&poll(), &announce("1"), "officer-1");
    city.waiting(&poll(), &announce("2"), "officer-1");
    let third = city.propose(&poll(), &announce("3"), "officer-1").unwrap_err();
    assert_eq!(third, Refusal::DraftLimit);
    assert_eq!(city.engine.withdraw(&first), Ok(true));
    assert_eq!(city.engine.withdraw(&first), Ok(false));
    city.waiting(&poll(), &announce("3"), "officer-1");
    city.clock.set(1_101);
    city.waiting(&poll(), &announce("4"), "officer-1");
    let drafts = city.engine.drafts();
    assert_eq!(drafts.len(), 1, "what is too old made room");
    city.restart();
    assert_eq!(city.engine.drafts().len(), 1);
}

#[test]
fn a_draft_that_is_not_stored_is_not_there() {
    let (city, store) = City::in_memory();
    city.prepare(3, Revote::First);
    let close = closing(&city).payload().clone();
    store.fail_commit(0, Fault::DiskFull);
    let full = city.propose(&poll(), &close, "officer-1").unwrap_err();
    assert_eq!(full, Refusal::StorageFull);
    assert!(city.engine.drafts().is_empty());
    city.waiting(&poll(), &close, "officer-1");
}

/// POLL-4, POLL-7: the signature of someone dismissed would spoil the act for all who sign after.
#[test]
fn a_dismissed_officers_signature_leaves_the_draft() {
    let (mut city, _) = City::in_memory();
    city.prepare(3, Revote::First);
    let close = closing(&city).payload().clone();
    let (id, _) = city.waiting(&poll(), &close, "officer-1");
    let rest: Vec<_> = OFFICERS.iter().filter(|(name, _)| *name != "officer-1").copied().collect();
    city.appoint(officers(&rest)).unwrap();
    assert_eq!(city.engine.draft(&id).unwrap().missing, 2, "nobody in office has signed");
    assert_eq!(city.waiting(&poll(), &close, "officer-2"), (id.clone(), 1));
    let signers = city.engine.draft(&id).unwrap().draft.entry.signatures().len();
    assert_eq!(signers, 1);
    assert!(matches!(city.propose(&poll(), &close, "officer-3"), Ok(Proposal::Recorded(_))));
    assert_eq!(city.phase(), Phase::Closed);
    city.check_all();
}
