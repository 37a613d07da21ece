//! A city that an outside witness looks at: the real server gathers the cosignatures of a program
//! that is not ours, on checkpoints that it takes as they are.

use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::Checkpoint;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_tests::city::{Voter, single_choice_definition};
use veche_tests::live::{LiveCity, POLL, ROLL, poll_path};
use veche_tests::witnesses::WithoutQuorum;

use crate::witness::OutsideWitness;

#[test]
fn an_outside_witness_cosigns_our_checkpoints_unchanged() {
    let mut city = LiveCity::found_at_rest().unwrap();
    let keys = [LogPath::Register, poll_path()].map(|path| city.pins().verifier(&path).to_string());
    let witness = OutsideWitness::start("witness.example/outside", &keys);
    let policy = city.employ(&[witness.line()], 1, WithoutQuorum::HoldBack).unwrap();
    city.start().unwrap();
    let voters: Vec<_> = (0..3).map(|n| Voter::named(&n.to_string(), 0)).collect();
    city.enrol(&voters).unwrap();
    let definition = single_choice_definition(&["Trees", "Benches"], Revote::First);
    let paper = city.open(definition).unwrap();
    let api = city.api().unwrap();
    for voter in &voters {
        let ballot = paper.sign(0, vec![vec![0]], &voter.key).unwrap();
        let receipt = api.submit(paper.path(), ballot.bytes()).unwrap();
        city.public_when(&poll_path(), |head| head.size > receipt.index()).unwrap();
    }
    for (path, key) in [LogPath::Register, poll_path()].iter().zip(&keys) {
        // PUBLISH-4, PUBLISH-5: what is public bears the outside witness's line, below the log's.
        let file = ureq::get(format!("{}/{path}/checkpoint", city.url())).call().unwrap();
        let note = Note::from_bytes(&file.into_body().read_to_vec().unwrap()).unwrap();
        let log = StandardVerifier::new(key).unwrap();
        let known = VerifierList::new(vec![Box::new(log), Box::new(witness.verifier())]);
        let (verified, unknown) = note.verify(&known).unwrap();
        assert_eq!((verified.len(), unknown.len()), (2, 0), "{path}");
        let head = Checkpoint::from_bytes(note.text()).unwrap();
        let seen = &witness.seen()[head.origin()];
        assert!(seen.contains(&(head.size(), *head.hash())), "{path}");
        // More than one head of each, by proofs that `tlog_tiles` has checked.
        assert!(seen.len() > 1 && seen.windows(2).all(|two| two[0].0 <= two[1].0), "{seen:?}");
    }
    let roll = city.public_head(&LogPath::Roll(ROLL.to_owned())).unwrap().unwrap();
    assert_eq!(roll.note().signatures().len(), 1, "rolls are not cosigned");
    city.close_and_certify().unwrap();
    let policy = policy.display().to_string();
    let arguments = ["recount", city.url(), "--poll", POLL, "--policy", &policy];
    let report = city.programs().run("veche-audit", &arguments).unwrap();
    assert!(report.contains("witnessed 1 of 1"), "{report}");
}
