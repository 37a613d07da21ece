//! The memory of a witness: over restarts, under one process, and when it is not what it was.

use std::fs;

use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::Note;

use crate::running::{Files, NAME, checkpoint_path, log, request};

/// WITNESS-7
#[test]
fn a_restart_forgets_nothing() {
    let files = Files::new();
    let (log, fork) = (log("a", 3, 9), log("b", 3, 9));
    let witness = files.start();
    assert_eq!(witness.post(&request(&log, 0, 5)).status, 200);
    let shown = witness.get(&checkpoint_path());
    assert!(
        witness.said().contains("is new: this witness remembers nothing"),
        "{}",
        witness.said()
    );
    witness.kill();
    let witness = files.start();
    assert_eq!(witness.said().matches("is new").count(), 1, "{}", witness.said());
    assert_eq!(witness.get(&checkpoint_path()).text(), shown.text());
    assert_eq!(witness.post(&request(&log, 0, 5)).size(), Some(5));
    assert_eq!(witness.post(&request(&fork, 5, 5)).status, 422);
    assert_eq!(witness.post(&request(&log, 5, 9)).status, 200);
    let note = Note::parse(&witness.get(&checkpoint_path()).body).unwrap();
    assert_eq!(Checkpoint::parse(note.text()).unwrap().size, 9);
}

/// WITNESS-7
#[test]
fn two_processes_do_not_share_a_store() {
    let files = Files::new();
    let witness = files.start();
    let second = files.run(NAME);
    assert_eq!(second.status.code(), Some(2));
    let words = String::from_utf8(second.stderr).unwrap();
    assert!(words.contains("another program has this store open"), "{words}");
    assert_eq!(witness.post(&request(&log("a", 0, 9), 0, 5)).status, 200, "the first goes on");
}

/// WITNESS-7
#[test]
fn a_store_is_that_of_one_witness() {
    let files = Files::new();
    files.start().kill();
    let other = files.run("witness.example/w2");
    assert_eq!(other.status.code(), Some(2));
    let words = String::from_utf8(other.stderr).unwrap();
    assert!(words.contains("this is not the store of witness.example/w2"), "{words}");
    fs::write(files.path("store"), "something else").unwrap();
    let damaged = files.run(NAME);
    assert_eq!(damaged.status.code(), Some(2), "it does not begin anew");
}

#[test]
fn a_key_needs_its_passphrase() {
    let files = Files::new();
    let pem = fs::read_to_string(files.path("key")).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{pem}");
    fs::write(files.path("passphrase"), "another").unwrap();
    let refused = files.run(NAME);
    assert_eq!(refused.status.code(), Some(2));
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("the passphrase does not open this key"), "{words}");
    assert!(!files.path("store").exists());
}
