//! The story of a poll by this crate's own acts, and what its checks refuse.

use veche_protocol::breach::Breach;
use veche_protocol::ceremony::TrusteeIndex;
use veche_protocol::entry::{Kind, Payload};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::CancelReason;
use veche_protocol::poll::definition::{Definition, Identity, Revote};
use veche_protocol::poll::phase::Phase;
use veche_protocol::roll::{Revocation, RevocationReason, VoterId};

use super::check::Target;
use super::{Act, poll, register, roll};
use crate::ballot_paper::BallotPaper;
use crate::error::ClientError;
use crate::roll_copy::RollCopy;
use crate::test_city::{
    COMMISSION, INSPECTOR, OFFICERS, POLL, REGISTRAR, ROLL, TestCity, VOTERS, definition,
    enrolment, key, poll_path, roll_path,
};
use crate::{receipts, words};

fn code<T>(result: Result<T, ClientError>) -> String {
    result.err().map(|error| error.code().to_owned()).unwrap_or_default()
}

fn vote(city: &TestCity, voter: u8, turn: u8, selection: &[u64]) -> u64 {
    let paper = BallotPaper::read(city, &city.read(), POLL).unwrap();
    let ballot = paper.sign(turn, vec![selection.to_vec()], &key(VOTERS + voter)).unwrap();
    let index = city.push(&poll_path(), ballot.bytes());
    let receipt = city.receipt(&poll_path(), index);
    receipts::verify(&receipt, ballot.bytes(), paper.verifier()).unwrap();
    index
}

fn signed(mut act: Act, signers: &[u8]) -> Act {
    for &signer in signers {
        act.sign(&key(signer));
    }
    act
}

fn check(city: &TestCity, act: Act) -> Result<(), ClientError> {
    let read = city.read();
    let mut target = Target::read(city, &read, act.path(), &mut |_, _| {})?;
    target.check(city, &read, &[act])
}

#[test]
fn a_poll_from_announce_to_certify() {
    let city = TestCity::with_open_poll(Revote::Last { max_turn: 3 });
    vote(&city, 0, 0, &[0]);
    vote(&city, 1, 0, &[0, 1]);
    vote(&city, 0, 1, &[1]);
    let read = city.read();
    city.act(poll::close(&read, &city.poll(&read)).unwrap(), OFFICERS);
    let read = city.read();
    // POLL-17: the register has not taken note of the close yet.
    assert_eq!(code(poll::certify(&read, &city.poll(&read))), "anchor-missing");
    city.anchor();
    let read = city.read();
    let act = poll::certify(&read, &city.poll(&read)).unwrap();
    check(&city, signed(act.clone(), &OFFICERS)).unwrap();
    city.act(act, OFFICERS);
    let read = city.read();
    let poll = city.poll(&read);
    assert_eq!(poll.rejected(), []);
    assert_eq!(poll.fold().phase(), Phase::Certified);
    let (result, _) = poll.fold().open_and_count().unwrap();
    let votes: Vec<_> = result.questions[0].outcome.iter().map(|option| option.votes).collect();
    assert_eq!((result.eligible, result.effective, votes), (2, 2, vec![1, 2, 0]));
    assert_eq!(poll.fold().claim(), Some(&result));
}

#[test]
fn a_false_claim_is_not_signed() {
    let city = TestCity::with_open_poll(Revote::First);
    vote(&city, 0, 0, &[0]);
    let read = city.read();
    city.act(poll::close(&read, &city.poll(&read)).unwrap(), OFFICERS);
    city.anchor();
    let read = city.read();
    let act = poll::certify(&read, &city.poll(&read)).unwrap();
    let Payload::Certify(mut certify) = act.payload().clone() else { panic!("a certify") };
    certify.result.questions[0].outcome[1].votes = 100;
    let poll = city.poll(&read);
    let binding = poll.fold().binding(Kind::Certify);
    let forged = Act::new(poll_path(), &binding, Payload::Certify(certify));
    // POLL-18: the claim is held against an own recount before a second officer signs.
    assert_eq!(code(check(&city, signed(forged, &OFFICERS))), "result-mismatch");
}

#[test]
fn one_officer_is_too_few_and_a_stranger_is_unknown() {
    let city = TestCity::with_open_poll(Revote::First);
    let close = || {
        let read = city.read();
        poll::close(&read, &city.poll(&read)).unwrap()
    };
    for (signers, breach) in [
        (&OFFICERS[..1], Breach::OfficersTooFew),
        (&[OFFICERS[0], REGISTRAR], Breach::OfficerRole),
        (&[OFFICERS[0], VOTERS], Breach::OfficerUnknown),
    ] {
        // POLL-3, POLL-4: found before anything is handed in.
        assert_eq!(code(check(&city, signed(close(), signers))), breach.code());
    }
    check(&city, signed(close(), &OFFICERS)).unwrap();
}

#[test]
fn an_act_out_of_order_is_not_written() {
    let city = TestCity::with_open_poll(Revote::First);
    let read = city.read();
    let poll = city.poll(&read);
    let rolls = [RollCopy::read(&city, &read, ROLL, &mut |_, _| {}).unwrap()];
    // POLL-1: the phase table.
    assert_eq!(code(poll::open(&read, &poll, &rolls)), "phase-repeated");
    assert_eq!(code(poll::certify(&read, &poll)), "phase-out-of-order");
    let mut wrong = definition(Revote::First);
    wrong.rolls = vec!["other.example.org/roll/city".to_owned()];
    // POLL-8: a roll of another city.
    assert_eq!(code(poll::announce(&read, "new", wrong)), "definition-invalid");
}

#[test]
fn a_draft_for_another_past_is_not_taken_up() {
    let city = TestCity::with_open_poll(Revote::First);
    let read = city.read();
    let close = signed(poll::close(&read, &city.poll(&read)).unwrap(), &OFFICERS[..1]);
    let mut target = Target::read(&city, &read, &poll_path(), &mut |_, _| {}).unwrap();
    let act = target.take_up(&read, &poll_path(), &close.entry()).unwrap();
    assert_eq!(act.id(), close.id());
    target.check(&city, &read, &[signed(act, &OFFICERS[1..])]).unwrap();
    // ENTRY-11: bound to this log and history; elsewhere the signature is worth nothing.
    let elsewhere = LogPath::Poll("other".to_owned());
    let other = Target::read(&city, &read, &elsewhere, &mut |_, _| {}).unwrap();
    let refused = other.take_up(&read, &elsewhere, &close.entry());
    assert_eq!(code(refused), "signature-invalid");
}

#[test]
fn roll_acts_are_judged_before_they_are_handed_in() {
    let city = TestCity::with_roll();
    let read = city.read();
    let copy = RollCopy::read(&city, &read, ROLL, &mut |_, _| {}).unwrap();
    assert_eq!(copy.rejected(), []);
    assert_eq!(copy.fold().eligible(), [1, 1]);
    let enrol = |number| {
        let batch = [enrolment(&copy.fold().binding(), number)];
        roll::enrol(&roll_path(), copy.fold(), &batch).remove(0)
    };
    check(&city, signed(enrol(7), &[REGISTRAR, INSPECTOR])).unwrap();
    // ROLL-2: a registrar alone, and ROLL-4: an id that is taken.
    assert_eq!(code(check(&city, signed(enrol(7), &[REGISTRAR]))), "officers-too-few");
    let again = signed(enrol(1), &[REGISTRAR, INSPECTOR]);
    assert_eq!(code(check(&city, again)), "voter-id-taken");
    let revocation = Revocation { voter: VoterId([1; 16]), reason: RevocationReason::Left };
    let revoke = roll::revoke(&roll_path(), copy.fold(), &[revocation]).remove(0);
    check(&city, signed(revoke.clone(), &[REGISTRAR, INSPECTOR])).unwrap();
    city.act(revoke, [REGISTRAR, INSPECTOR]);
    let copy = RollCopy::read(&city, &city.read(), ROLL, &mut |_, _| {}).unwrap();
    assert_eq!(copy.fold().eligible(), [1, 0]);
}

#[test]
fn the_commission_appoints_officers() {
    let city = TestCity::found();
    let list = city.read().register().officers().clone();
    let act = register::officers(&city.read(), list);
    check(&city, signed(act.clone(), &[COMMISSION])).unwrap();
    // REG-3: nobody else does.
    assert_eq!(code(check(&city, signed(act, &[REGISTRAR]))), "commission-quorum");
}

#[test]
fn a_spoiled_ballot_is_not_signed() {
    let city = TestCity::with_open_poll(Revote::Last { max_turn: 1 });
    let paper = BallotPaper::read(&city, &city.read(), POLL).unwrap();
    let sign = |turn, selections: Vec<Vec<u64>>| paper.sign(turn, selections, &key(VOTERS)).err();
    // BALLOT-7, BALLOT-8: refused here with the code that the recount would give.
    assert_eq!(sign(2, vec![vec![0]]), Some(Breach::TurnOutOfRange));
    assert_eq!(sign(0, vec![]), Some(Breach::QuestionCount));
    assert_eq!(sign(0, vec![vec![]]), Some(Breach::ChoicesTooFew));
    assert_eq!(sign(0, vec![vec![0, 1, 2]]), Some(Breach::ChoicesTooMany));
    assert_eq!(sign(0, vec![vec![3]]), Some(Breach::ChoiceOutOfRange));
    assert_eq!(sign(0, vec![vec![1, 0]]), Some(Breach::ChoiceDisordered));
    assert_eq!(sign(1, vec![vec![0, 2]]), None);
}

#[test]
fn a_stranger_s_ballot_is_refused_and_changes_nothing() {
    let city = TestCity::with_open_poll(Revote::First);
    let read = city.read();
    let paper = BallotPaper::read(&city, &read, POLL).unwrap();
    let stranger = paper.sign(0, vec![vec![0]], &key(99)).unwrap();
    let index = city.push(&poll_path(), stranger.bytes());
    vote(&city, 0, 0, &[2]);
    let poll = city.poll(&city.read());
    // BALLOT-3: not on the roll.
    assert_eq!(poll.rejected(), [(index, Breach::VoterUnknown)]);
    assert_eq!(poll.fold().ballots().unwrap().accepted(), 1);
    assert!(BallotPaper::of(&read, &poll).is_some());
}

fn trustee(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

#[test]
fn a_sealed_poll_does_not_open_before_its_key_stands() {
    let city = TestCity::with_sealed_poll();
    city.begin();
    let read = city.read();
    // CEREMONY-11: the officers are told for whom the ceremony waits.
    let early = poll::open(&read, &city.poll(&read), &[]).unwrap_err();
    assert_eq!(early.code(), "ceremony-incomplete");
    let labels = city.poll(&read).fold().definition().unwrap().trustees.members.clone();
    let waits = early.to_string();
    assert!(labels.iter().all(|trustee| waits.contains(&trustee.label)), "{waits}");
    city.hold_ceremony();
    let read = city.read();
    let act = poll::open(&read, &city.poll(&read), &[]).unwrap();
    check(&city, signed(act, &OFFICERS)).unwrap();
    // CEREMONY-10: nobody is silent any more.
    let late = poll::exclude(&read, &city.poll(&read), vec![trustee(1)]);
    assert_eq!(code(late), "ceremony-stage");
}

#[test]
fn silent_trustees_are_excluded_by_two_officers() {
    let city = TestCity::with_sealed_poll();
    let read = city.read();
    let act = poll::exclude(&read, &city.poll(&read), vec![trustee(3)]).unwrap();
    assert_eq!(code(check(&city, signed(act.clone(), &OFFICERS[..1]))), "officers-too-few");
    check(&city, signed(act.clone(), &OFFICERS)).unwrap();
    city.act(act, OFFICERS);
    let read = city.read();
    let copy = city.poll(&read);
    assert_eq!(copy.rejected(), []);
    let ceremony = copy.fold().ceremony().unwrap();
    let told = words::ceremony::describe(ceremony, &copy.fold().definition().unwrap().trustees);
    assert!(told[1].contains("excluded from ceremony 1: 3 ("), "{told:?}");
    assert!(told[1].ends_with("because two officers found it silent"), "{told:?}");
    // CEREMONY-10: who takes no part is not excluded again.
    assert_eq!(code(poll::exclude(&read, &copy, vec![trustee(3)])), "trustee-not-silent");
    let named = TestCity::with_open_poll(Revote::First);
    let read = named.read();
    let none = poll::exclude(&read, &named.poll(&read), vec![trustee(1)]);
    assert_eq!(code(none), "phase-out-of-order");
}

#[test]
fn a_poll_whose_shares_are_missing_is_cancelled_and_not_certified() {
    let city = TestCity::with_sealed_poll();
    city.begin();
    let keepers = city.hold_ceremony();
    city.open();
    let read = city.read();
    // POLL-21: the reason is for closed polls that cannot be opened.
    let early = poll::cancel(&read, &city.poll(&read), CancelReason::SharesMissing);
    assert_eq!(code(early), "phase-out-of-order");
    city.close();
    city.share(&keepers, 1);
    let read = city.read();
    let copy = city.poll(&read);
    // POLL-24: one share of two.
    let refused = poll::certify(&read, &copy).unwrap_err();
    assert_eq!(refused.code(), "shares-missing");
    assert!(refused.to_string().contains("1 shares stand and 2 open"), "{refused}");
    assert_eq!(code(poll::cancel(&read, &copy, CancelReason::LegalOrder)), "phase-out-of-order");
    let act = poll::cancel(&read, &copy, CancelReason::SharesMissing).unwrap();
    check(&city, signed(act, &OFFICERS)).unwrap();
}

#[test]
fn a_named_poll_can_be_sealed() {
    let city = TestCity::with_roll();
    let sealed = Definition {
        identity: Identity::Named,
        issuance: None,
        ..crate::test_city::anonymous::definition()
    };
    city.act(poll::announce(&city.read(), POLL, sealed).unwrap(), OFFICERS);
    city.announce_log(&poll_path());
    let keepers = city.hold_ceremony();
    let read = city.read();
    let rolls = [RollCopy::read(&city, &read, ROLL, &mut |_, _| {}).unwrap()];
    city.act(poll::open(&read, &city.poll(&read), &rolls).unwrap(), OFFICERS);
    city.anchor();
    vote(&city, 0, 0, &[2]);
    vote(&city, 1, 0, &[1, 2]);
    city.close();
    let counted = |city: &TestCity| city.poll(&city.read()).count();
    // SEAL-7: no result as long as the shares are missing.
    assert!(counted(&city).is_none());
    city.share(&keepers, 2);
    let (result, _) = counted(&city).unwrap();
    let votes: Vec<_> = result.questions[0].outcome.iter().map(|option| option.votes).collect();
    assert_eq!((result.effective, votes), (2, vec![0, 1, 2]));
}
