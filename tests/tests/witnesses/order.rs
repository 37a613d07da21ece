//! Entries that are moved, removed, put in or repeated by who holds the log's key; and a result
//! that was certified before anything held the close.

use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::{LogPath, LogType};
use veche_tests::city::City;
use veche_tests::front::Front;
use veche_tests::live::poll_path;
use veche_tests::witnesses::WithoutQuorum;

use crate::stage::{Stage, cut, measured, until};

/// Places of the poll's entries: Announce, Open, then ballots.
const FIRST_BALLOT: usize = 2;

/// The log's own key signs another past: what shows it, and to whom.
fn rewritten(name: &str, code: &str, change: impl Fn(&mut City, &Stage)) {
    let stage = Stage::witnessed(&["north"], 1, WithoutQuorum::HoldBack);
    for voter in 0..5 {
        stage.cast_until_public(voter);
    }
    let size = stage.paper_size();
    anchored(&stage, stage.size());
    stage.monitor("monitor", stage.city.url(), &[]).is_content();
    let mut forger = stage.taken_over();
    change(&mut forger, &stage);
    // AUDIT-5: the register has anchored the old past.
    let front = Front::showing(forger.files());
    let found = stage.recount(&front.url(), &[]);
    found.finds(code).finds("anchor-fork");
    measured(&format!("{name}: a recount from public files alone finds it in"), found.took);
    let found = stage.monitor("monitor", &front.url(), &[]);
    measured(&format!("{name}: the monitor proves it after"), found.finds("head-forked").took);
    stage.all_convict(&stage.evidence("monitor", "head-forked", "proof.veche-fork"));
    // WITNESS-3: the witness does not cosign another past, however it grows, and keeps the proof.
    let witness = &stage.witnesses[0];
    let refused = forger.ask_witness(&witness.url(), &poll_path(), size).unwrap();
    assert_eq!(refused.status, 422, "{name}");
    stage.all_convict(&witness.evidence());
}

#[test]
fn reorder() {
    rewritten("reorder", "anchor-fork", |city, _| {
        city.at_mut(&poll_path()).entries.swap(FIRST_BALLOT, FIRST_BALLOT + 1);
    });
}

#[test]
fn gap() {
    rewritten("gap", "anchor-fork", |city, stage| {
        city.at_mut(&poll_path()).entries.remove(FIRST_BALLOT);
        city.cast(&poll_path(), &stage.voters[9], 0, &[&[1]]);
    });
}

#[test]
fn early_insert() {
    rewritten("early insert", "ballot-before-open", |city, stage| {
        let ballot = city.ballot(&poll_path(), &stage.voters[9], 0, &[&[1]]);
        city.at_mut(&poll_path()).entries.insert(1, ballot.into_bytes());
    });
}

#[test]
fn bit_flip() {
    rewritten("bit flip", "signature-invalid", |city, _| {
        let ballot = &mut city.at_mut(&poll_path()).entries[FIRST_BALLOT];
        let last = ballot.len() - 1;
        ballot[last] ^= 1;
    });
}

/// Waits until the register anchors so many entries of the poll.
fn anchored(stage: &Stage, size: u64) {
    until("an anchor", || {
        let city = stage.city.read().unwrap();
        let origin = city.pins().origin(&poll_path());
        let anchors = city.register().anchors_of(&origin).last().map(|anchor| anchor.size);
        (anchors >= Some(size)).then_some(())
    });
}

/// The log grows by what should not be in it. Nothing that was shown changes, and so no witness
/// objects: the entries themselves tell.
fn grown(name: &str, code: &str, change: impl Fn(&mut City, &Stage)) {
    let stage = Stage::witnessed(&["north"], 1, WithoutQuorum::HoldBack);
    for voter in 0..3 {
        stage.cast_until_public(voter);
    }
    stage.monitor("monitor", stage.city.url(), &[]).is_content();
    let mut forger = stage.taken_over();
    let seen = forger.at(&poll_path()).entries.len();
    change(&mut forger, &stage);
    let mut files = forger.files();
    let witness = stage.witnesses[0].url();
    files.extend(forger.cosigned(&poll_path(), &[(&witness, seen)]).unwrap());
    let front = Front::showing(files);
    let found = stage.recount(&front.url(), &[]);
    measured(&format!("{name}: a recount finds it in"), found.finds(code).took);
    let found = stage.monitor("monitor", &front.url(), &[]);
    measured(&format!("{name}: the monitor's next round finds it after"), found.finds(code).took);
}

#[test]
fn duplicate_entry() {
    grown("duplicate entry", "duplicate-entry", |city, _| {
        let ballot = city.at(&poll_path()).entries[FIRST_BALLOT].clone();
        city.log_bytes(&poll_path(), ballot);
    });
}

#[test]
fn late_insert() {
    grown("late insert", "ballot-after-close", |city, stage| {
        city.close(&poll_path());
        city.cast(&poll_path(), &stage.voters[9], 0, &[&[1]]);
    });
}

#[test]
fn anchor_missing() {
    let stage = Stage::bare();
    stage.cast(0);
    stage.city.close_and_certify().unwrap();
    let mut forger = stage.taken_over();
    let park = poll_path();
    let certify = forger.at_mut(&park).entries.pop().unwrap();
    let certify = SignedEntry::decode(LogType::Poll, certify).unwrap();
    let Payload::Certify(certify) = certify.payload().clone() else { panic!("{certify:?}") };
    let size = forger.at(&park).entries.len();
    // The officers certify before the register holds the close; the server would refuse it.
    cut(&mut forger, size - 1);
    let close = stage.taken_over().at(&park).entries[size - 1].clone();
    forger.log_bytes(&park, close);
    assert!(
        forger.head(&LogPath::Register).size < stage.taken_over().head(&LogPath::Register).size
    );
    forger.certify(&park, certify.result);
    forger.anchor();
    let front = Front::showing(forger.files());
    let found = stage.recount(&front.url(), &[]);
    measured("anchor missing: a recount finds it in", found.finds("anchor-missing").took);
    let found = stage.monitor("monitor", &front.url(), &[]);
    measured("anchor missing: a monitor finds it after", found.finds("anchor-missing").took);
}
