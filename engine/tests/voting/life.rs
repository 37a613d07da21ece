//! The life of a named poll, from the founding of the city to the certified result.

use std::sync::Arc;

use veche_engine::store::Store;
use veche_engine::store::rocks::{RocksConfig, RocksStore};
use veche_engine::{Recorded, Refusal};
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::leaf_hash;
use veche_protocol::log::tile::split_bundle;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Certify;
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::phase::Phase;

use crate::city::{CLOSES_AT, City, DOMAIN, OPENS_AT, key, poll, roll, small, voter_name};

#[test]
fn a_poll_in_memory() {
    let (mut city, _) = City::in_memory();
    whole_poll(&mut city);
}

#[test]
fn a_poll_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let config = RocksConfig { free_space_floor: 0 };
    let store: Arc<dyn Store> = Arc::new(RocksStore::open(directory.path(), config).unwrap());
    whole_poll(&mut City::found(store, small()));
}

fn whole_poll(city: &mut City) {
    city.enrol(300);
    city.announce(Revote::Last { max_turn: 3 });
    assert_eq!(city.phase(), Phase::Announced);
    let early = city.engine.context(&poll(), Kind::Ballot).unwrap_err();
    assert_eq!(early, Refusal::Breach(Breach::BallotBeforeOpen));
    city.open_poll();
    for number in 0..40 {
        let ballot = city.ballot(number, 0, (number % 3) as u64);
        let recorded = city.submit(&poll(), &ballot).unwrap();
        assert_eq!(recorded.index(), 2 + number as u64);
        city.check_receipt(&recorded, ballot.bytes());
    }
    city.cast(0, 1, 2).unwrap();
    // BALLOT-10, BALLOT-7, BALLOT-8, BALLOT-3: the server refuses what would be a finding.
    assert_eq!(city.cast(1, 0, 2).unwrap_err(), Refusal::Breach(Breach::StaleTurn));
    assert_eq!(city.cast(2, 4, 2).unwrap_err(), Refusal::Breach(Breach::TurnOutOfRange));
    assert_eq!(city.cast(3, 1, 3).unwrap_err(), Refusal::Breach(Breach::ChoiceOutOfRange));
    assert_eq!(city.cast(300, 0, 0).unwrap_err(), Refusal::Breach(Breach::VoterUnknown));
    let view = city.engine.poll(&poll()).unwrap();
    assert_eq!((view.accepted, view.voted), (41, 40));
    // API-7: nothing is counted before Close.
    assert!(city.engine.result(&poll()).is_none());
    let (early, late) = (city.ballot(5, 0, 2), city.ballot(99, 0, 0));
    city.close().unwrap();
    let after_close = city.submit(&poll(), &late).unwrap_err();
    assert_eq!(after_close, Refusal::Breach(Breach::BallotAfterClose));
    // RECEIPT-5: in whatever phase.
    let again = city.submit(&poll(), &early).unwrap();
    assert_eq!(again.index(), 7);
    city.check_receipt(&again, early.bytes());

    let result = city.engine.result(&poll()).unwrap().result.clone();
    assert_eq!((result.eligible, result.effective), (300, 40));
    let votes: Vec<_> = result.questions[0].outcome.iter().map(|option| option.votes).collect();
    // Voter 0 went from oaks to nothing.
    assert_eq!(votes, [13, 13, 14]);
    city.certify().unwrap();
    assert_eq!(city.phase(), Phase::Certified);
    city.check_all();
    assert_eq!(city.phase(), Phase::Certified);
    assert_eq!(city.engine.result(&poll()).unwrap().result, result);
}

#[test]
fn a_cancelled_poll_is_counted() {
    let (mut city, _) = City::in_memory();
    city.prepare(4, Revote::First);
    city.cast(0, 0, 1).unwrap();
    assert_eq!(city.cast(0, 0, 2).unwrap_err(), Refusal::Breach(Breach::AlreadyVoted));
    city.cancel().unwrap();
    assert_eq!(city.engine.result(&poll()).unwrap().result.effective, 1);
    let close = city.engine.context(&poll(), Kind::Close).unwrap_err();
    assert_eq!(close, Refusal::Breach(Breach::PhaseOutOfOrder));
    city.check_all();
    assert_eq!(city.phase(), Phase::Cancelled);
}

#[test]
fn acts_before_their_time_are_refused() {
    let (city, _) = City::in_memory();
    city.enrol(2);
    city.announce(Revote::First);
    // POLL-15: by the server's clock.
    city.clock.set(OPENS_AT - 1);
    let opening = city.opening(&poll());
    assert_eq!(city.submit(&poll(), &opening).unwrap_err(), Refusal::Breach(Breach::OpenedEarly));
    city.clock.set(OPENS_AT);
    city.submit(&poll(), &opening).unwrap();
    city.clock.set(CLOSES_AT - 11);
    let closing = city.closing();
    assert_eq!(city.submit(&poll(), &closing).unwrap_err(), Refusal::Breach(Breach::ClosedEarly));
    city.clock.set(CLOSES_AT - 10);
    city.submit(&poll(), &closing).unwrap();
}

#[test]
fn a_wrong_claim_is_refused() {
    let (city, _) = City::in_memory();
    city.prepare(4, Revote::First);
    city.cast(0, 0, 1).unwrap();
    city.close().unwrap();
    let seen = city.engine.context(&poll(), Kind::Certify).unwrap().seen.unwrap();
    let counted = city.engine.result(&poll()).unwrap();
    let claim = |change: &dyn Fn(&mut Certify)| {
        let mut certify = Certify { seen, result: counted.result.clone() };
        change(&mut certify);
        let entry = city.sign(&poll(), &Payload::Certify(certify), &["officer-1", "officer-2"]);
        city.submit(&poll(), &entry).map(drop)
    };
    // POLL-18: with the first code that AUDIT-7 gives.
    let refused = |breach| Err(Refusal::Breach(breach));
    let more = claim(&|certify| certify.result.questions[0].outcome[0].votes += 1);
    assert_eq!(more, refused(Breach::ResultMismatch));
    let fewer = claim(&|certify| drop(certify.result.questions[0].outcome.pop()));
    assert_eq!(fewer, refused(Breach::LabelMissing));
    // POLL-17: what the officers saw must hold the Close, anchored.
    let open_seen = city.engine.poll(&poll()).unwrap().phases[1].seen.register;
    let close_seen = city.engine.poll(&poll()).unwrap().phases[2].seen.register;
    assert!(open_seen.size <= close_seen.size);
    assert_eq!(
        claim(&|certify| certify.seen.register = close_seen),
        refused(Breach::AnchorMissing)
    );
    assert_eq!(claim(&|_| {}), Ok(()));
}

#[test]
fn one_officer_does_nothing() {
    let (city, _) = City::in_memory();
    city.enrol(2);
    let both = city.announcement(&poll(), crate::city::definition(Revote::First));
    let one = city.sign(&poll(), both.payload(), &["officer-1"]);
    let refused = |breach| Refusal::Breach(breach);
    assert_eq!(city.submit(&poll(), &one).unwrap_err(), refused(Breach::OfficersTooFew));
    let wrong = city.sign(&poll(), both.payload(), &["officer-1", "registrar"]);
    assert_eq!(city.submit(&poll(), &wrong).unwrap_err(), refused(Breach::OfficerRole));
    let stranger = city.sign(&poll(), both.payload(), &["officer-1", "stranger"]);
    assert_eq!(city.submit(&poll(), &stranger).unwrap_err(), refused(Breach::OfficerUnknown));
    assert!(city.engine.poll(&poll()).is_none());
    assert!(city.engine.log(&poll()).is_none());
    let roll_entry = city.enrolment(2..4);
    let one = city.sign(&roll(), roll_entry.payload(), &["registrar"]);
    assert_eq!(city.submit(&roll(), &one).unwrap_err(), refused(Breach::OfficersTooFew));
}

#[test]
fn a_ballot_with_a_bad_signature_is_refused_alone() {
    let (city, _) = City::in_memory();
    city.prepare(20, Revote::First);
    let mut forged = city.ballot(0, 0, 0).into_bytes();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let refused = city.engine.submit_and_wait(&poll(), forged, crate::city::PATIENCE);
    // BALLOT-4
    assert_eq!(refused.unwrap_err(), Refusal::Breach(Breach::SignatureInvalid));
    city.cast(0, 0, 0).unwrap();
}

#[test]
fn public_files_end_at_the_published_head() {
    let (city, _) = City::in_memory();
    city.prepare(6, Revote::First);
    (0..6).for_each(|number| drop(city.cast(number, 0, 0).unwrap()));
    let size = city.engine.checkpoint(&poll()).unwrap().size;
    assert_eq!(size, 8);
    let bundle = city.engine.bundle(&poll(), 0, 8).unwrap().unwrap();
    let entries = split_bundle(&bundle, 8).unwrap();
    let tile = city.engine.tile(&poll(), 0, 0, 8).unwrap().unwrap();
    for (entry, hash) in entries.iter().zip(tile.chunks(32)) {
        assert_eq!(leaf_hash(entry).as_bytes(), hash);
    }
    // LOG-11: nothing empty, nothing past the head, and older widths are still there.
    for width in [0, 9, 256] {
        assert_eq!(city.engine.tile(&poll(), 0, 0, width).unwrap(), None);
        assert_eq!(city.engine.bundle(&poll(), 0, width).unwrap(), None);
    }
    assert_eq!(city.engine.tile(&poll(), 0, 0, 3).unwrap().unwrap(), tile[..96]);
    assert_eq!(city.engine.tile(&poll(), 1, 0, 1).unwrap(), None);
}

#[test]
fn ballots_are_found_by_leaf_and_by_voter() {
    let (city, _) = City::in_memory();
    city.prepare(3, Revote::Last { max_turn: 5 });
    let ballots: Vec<SignedEntry> = (0..3).map(|turn| city.ballot(1, turn, 0)).collect();
    for ballot in &ballots {
        city.submit(&poll(), ballot).unwrap();
    }
    city.cast(0, 0, 0).unwrap();
    let voter = key(&voter_name(1)).key();
    let found = city.engine.ballots_of(&poll(), &voter).unwrap();
    assert_eq!(found.iter().map(Recorded::index).collect::<Vec<_>>(), [2, 3, 4]);
    for (recorded, ballot) in found.iter().zip(&ballots) {
        city.check_receipt(recorded, ballot.bytes());
        let by_leaf = city.engine.find(&poll(), &ballot.leaf()).unwrap().unwrap();
        assert_eq!(by_leaf.index(), recorded.index());
    }
    assert!(city.engine.find(&poll(), &leaf_hash(b"nothing")).unwrap().is_none());
    assert!(city.engine.ballots_of(&poll(), &key("stranger").key()).unwrap().is_empty());
}

#[test]
fn what_is_not_kept_here_is_unknown() {
    let (city, _) = City::in_memory();
    city.prepare(2, Revote::First);
    let ballot = city.ballot(0, 0, 0);
    let nowhere = LogPath::Poll("nowhere".to_owned());
    assert_eq!(city.submit(&nowhere, &ballot).unwrap_err(), Refusal::UnknownLog);
    assert_eq!(city.engine.context(&nowhere, Kind::Open), Err(Refusal::UnknownLog));
    assert!(city.engine.log(&nowhere).is_none());
    let misplaced = city.submit(&roll(), &ballot).unwrap_err();
    // ENTRY-5: a kind of another log.
    assert_eq!(misplaced, Refusal::Breach(Breach::EntryUnknownKind));
    assert_eq!(city.engine.domain(), DOMAIN);
}
