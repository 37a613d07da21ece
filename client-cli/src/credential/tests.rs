//! Tests of credentials against a city in memory.

use veche_protocol::breach::Breach;
use veche_protocol::poll::claim::Claim;
use veche_protocol::poll::phase::Phase;

use super::*;
use crate::ballot_paper::BallotPaper;
use crate::test_city::anonymous::CROWD;
use crate::test_city::{OFFICERS, TestCity, VOTERS, key, poll_path};

fn read_back(credential: &Credential) -> Credential {
    let mut encoder = Encoder::new();
    credential.encode(&mut encoder);
    let bytes = encoder.finish();
    let mut decoder = Decoder::payload(&bytes);
    let read = Credential::decode(&mut decoder).unwrap();
    decoder.finish().unwrap();
    read
}

#[test]
fn fifty_ask_are_served_and_vote_unseen() {
    let city = TestCity::with_sealed_poll();
    city.begin();
    let mut credentials: Vec<_> = (0..CROWD).map(|voter| city.credential(voter)).collect();
    for credential in &credentials {
        city.push(&poll_path(), credential.request().bytes());
    }
    city.issue(0);
    let poll = city.poll(&city.read());
    let answers = Answers::of(&poll);
    assert_eq!(credentials[0].collect(&poll, &answers).unwrap().len(), 1, "one has not answered");
    city.issue(1);
    let poll = city.poll(&city.read());
    let answers = Answers::of(&poll);
    for credential in &mut credentials {
        assert!(credential.collect(&poll, &answers).unwrap().is_empty());
        assert!(read_back(credential).is_ready());
    }
    let keepers = city.hold_ceremony();
    city.open();
    let read = city.read();
    let paper = BallotPaper::read(&city, &read, crate::test_city::POLL).unwrap();
    assert_eq!((paper.crowd("n"), paper.crowd("s")), (Some(50), Some(0)));
    // BALLOT-12: a voter's own name is never put under an anonymous ballot.
    let named = paper.sign(0, vec![vec![0]], &key(VOTERS));
    assert_eq!(named.unwrap_err(), Breach::CredentialMissing);
    for (place, credential) in credentials.iter().enumerate().take(40) {
        let ballot = paper.sign_with(0, vec![vec![place as u64 % 3]], credential).unwrap();
        let bytes = ballot.bytes();
        // Nothing of the voter is in it: neither the key on the roll nor the request.
        let roll_key = key(VOTERS + u8::try_from(place).unwrap()).key();
        assert!(!bytes.windows(32).any(|window| window == roll_key.as_bytes()));
        city.push(&poll_path(), bytes);
    }
    city.close();
    city.share(&keepers, 2);
    let read = city.read();
    let act = crate::acts::poll::certify(&read, &city.poll(&read)).unwrap();
    city.act(act, OFFICERS);
    let poll = city.poll(&city.read());
    assert_eq!(poll.rejected(), []);
    assert_eq!(poll.fold().phase(), Phase::Certified);
    let (result, _) = poll.count().unwrap();
    let votes: Vec<_> = result.questions[0].outcome.iter().map(|option| option.votes).collect();
    assert_eq!((result.effective, votes), (40, vec![14, 13, 13]));
    assert_eq!(poll.fold().claim(), Some(&result));
}

#[test]
fn a_claim_is_made_by_who_has_not_cast() {
    let city = TestCity::with_sealed_poll();
    city.begin();
    let mut credential = city.credential(7);
    let index = city.push(&poll_path(), credential.request().bytes());
    let poll = city.poll(&city.read());
    let code = |error: ClientError| error.code().to_owned();
    let early = credential.claim(&poll, &key(VOTERS + 7)).unwrap_err();
    assert_eq!(code(early), "credential-invalid", "nothing was issued");
    city.issue(0);
    city.issue(1);
    let poll = city.poll(&city.read());
    assert!(credential.collect(&poll, &Answers::to_one(&poll, index)).unwrap().is_empty());
    // CRED-11: it holds for this voter, and for no other.
    let claim = credential.claim(&poll, &key(VOTERS + 7)).unwrap();
    assert_eq!(Claim::parse(&claim.to_bytes()).unwrap(), claim);
    assert_eq!(code(credential.claim(&poll, &key(VOTERS)).unwrap_err()), "claim-invalid");
    city.hold_ceremony();
    city.open();
    let read = city.read();
    let paper = BallotPaper::of(&read, &city.poll(&read)).unwrap();
    let ballot = paper.sign_with(0, vec![vec![1]], &credential).unwrap();
    city.push(&poll_path(), ballot.bytes());
    let spent = credential.claim(&city.poll(&city.read()), &key(VOTERS + 7)).unwrap_err();
    assert_eq!(code(spent), "credential-spent");
}

#[test]
fn a_crash_at_any_step_costs_nothing() {
    let city = TestCity::with_sealed_poll();
    city.begin();
    let made = city.credential(3);
    // After making, before sending: the same bytes are sent from what was kept.
    let kept = read_back(&made);
    assert_eq!(kept.request().bytes(), made.request().bytes());
    assert_eq!(kept.find_request(&city.poll(&city.read())).unwrap(), None);
    let index = city.push(&poll_path(), kept.request().bytes());
    // After sending, before the answer: the log tells that it stands.
    let mut kept = read_back(&kept);
    assert_eq!(kept.find_request(&city.poll(&city.read())).unwrap(), Some(index));
    city.issue(0);
    city.issue(1);
    let poll = city.poll(&city.read());
    assert!(kept.collect(&poll, &Answers::of(&poll)).unwrap().is_empty());
    // After collecting: what was kept votes.
    assert_eq!(read_back(&kept).of_ballot(), kept.of_ballot());
}

#[test]
fn another_request_under_the_same_key_is_noticed() {
    let city = TestCity::with_sealed_poll();
    city.begin();
    let (here, elsewhere) = (city.credential(3), city.credential(3));
    city.push(&poll_path(), elsewhere.request().bytes());
    let refused = here.find_request(&city.poll(&city.read())).unwrap_err();
    // CRED-7: a voter has one request.
    assert_eq!(refused.code(), "request-repeated");
}

#[test]
fn nobody_asks_who_is_not_on_the_roll() {
    let city = TestCity::with_sealed_poll();
    city.begin();
    let poll = city.poll(&city.read());
    let begun = poll.fold().begun().unwrap();
    let stranger = Credential::make(begun, &key(VOTERS + CROWD), &mut rand::rng());
    // CRED-7: found before anything is signed.
    assert_eq!(stranger.unwrap_err(), Breach::VoterUnknown);
}

#[test]
fn every_credential_is_drawn_anew() {
    let city = TestCity::with_sealed_poll();
    city.begin();
    let (one, other) = (city.credential(3), city.credential(3));
    // CRED-10: key, prefix and blinding are fresh, so that nothing ties two requests.
    assert_ne!(one.key(), other.key());
    assert_ne!(one.prefix, other.prefix);
    assert_ne!(one.blinded(), other.blinded());
    assert_eq!(format!("{one:?}"), "Credential { ready: false, .. }");
}
