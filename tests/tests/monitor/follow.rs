//! The monitor against a city that forks, goes back, withholds, changes bytes, and is gone.

use std::fs;
use std::path::Path;

use veche_protocol::log::fork::ForkProof;
use veche_tests::city::{City, Voter};

use crate::program::{Ran, audit, text};
use crate::server::Server;
use crate::town::{poll, read, town, vote};

/// One round of a monitor.
fn follow(server: &Server, state: &Path) -> Ran {
    audit(&["follow", &server.url(), "--state", text(state), "--once"])
}

/// The folders with evidence of a code.
fn evidence(state: &Path, code: &str) -> Vec<std::path::PathBuf> {
    let folders = fs::read_dir(state.join("evidence")).into_iter().flatten().flatten();
    let folders = folders.map(|entry| entry.path()).filter(|path| {
        path.file_name().unwrap().to_str().unwrap().starts_with(&format!("{code}-"))
    });
    folders.collect()
}

// MONITOR-1, MONITOR-2
#[test]
fn a_copy_is_the_city_file_by_file_and_grows_by_what_is_new() {
    let state = tempfile::tempdir().unwrap();
    let mut city = town(20, 10);
    let server = Server::of(city.files());
    let ran = follow(&server, state.path());
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    assert_eq!(read(state.path()), city.files());
    server.asked();
    let ran = follow(&server, state.path());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(server.asked(), 3, "at rest, only the heads are read");
    vote(&mut city, 10..15);
    city.anchor();
    server.show(city.files());
    assert_eq!(follow(&server, state.path()).code, 0);
    assert_eq!(read(state.path()), city.files());
    assert!(server.asked() < 20);
}

// MONITOR-5, FORK-3
#[test]
fn a_fork_is_proved() {
    let state = tempfile::tempdir().unwrap();
    let honest = town(20, 10);
    let server = Server::of(honest.files());
    assert_eq!(follow(&server, state.path()).code, 0);
    let before = read(state.path());
    let forked = rewritten(&honest);
    server.show(forked.files());
    let ran = follow(&server, state.path());
    assert_eq!((ran.code, ran.told("head-forked").len()), (1, 1), "{ran:?}");
    let proof = evidence(state.path(), "head-forked").pop().unwrap().join("proof.veche-fork");
    let read_back = ForkProof::parse(&fs::read(&proof).unwrap()).unwrap();
    assert_eq!(read_back.verify(), Ok(()));
    let key = honest.verifier(&poll()).to_string();
    let checked = audit(&["fork", text(&proof), "--key", &key]);
    assert_eq!(checked.code, 0, "{checked:?}");
    // What was verified stays, and the proof is told once and counts for ever.
    assert_eq!(read(state.path()), before);
    server.show(honest.files());
    let ran = follow(&server, state.path());
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
}

/// The same town, but the last vote is another's, and more have voted.
fn rewritten(honest: &City) -> City {
    let mut city = honest.clone();
    city.logs.get_mut(&poll()).unwrap().entries.truncate(honest.at(&poll()).entries.len() - 1);
    vote(&mut city, 10..14);
    city
}

// MONITOR-4
#[test]
fn a_head_that_goes_back_is_noticed() {
    let state = tempfile::tempdir().unwrap();
    let old = town(20, 10);
    let mut new = old.clone();
    vote(&mut new, 10..12);
    let server = Server::of(new.files());
    assert_eq!(follow(&server, state.path()).code, 0);
    let copy = read(state.path());
    server.show(old.files());
    let ran = follow(&server, state.path());
    assert_eq!((ran.code, ran.told("entry-missing").len()), (1, 1), "{ran:?}");
    assert_eq!(read(state.path()), copy, "what was verified is not given up");
    // Told once, though it still stands; and when it is over, all is well.
    let ran = follow(&server, state.path());
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    server.show(new.files());
    assert_eq!(follow(&server, state.path()).code, 0);
    let folder = evidence(state.path(), "entry-missing").pop().unwrap();
    for name in ["seen.checkpoint", "shown.checkpoint", "README"] {
        assert!(folder.join(name).exists(), "{name}");
    }
}

// MONITOR-3, MONITOR-4
#[test]
fn a_log_that_the_register_anchors_is_not_withheld() {
    let state = tempfile::tempdir().unwrap();
    let old = town(20, 10);
    let mut new = old.clone();
    vote(&mut new, 10..12);
    new.anchor();
    let mut files = new.files();
    files.retain(|name, _| !name.starts_with("poll/"));
    files.extend(old.files().into_iter().filter(|(name, _)| name.starts_with("poll/")));
    let server = Server::of(files.clone());
    let ran = follow(&server, state.path());
    // By the copy, and by the recount.
    assert_eq!((ran.code, ran.told("entry-missing").len()), (1, 2), "{ran:?}");
    files.retain(|name, _| !name.starts_with("poll/"));
    server.show(files);
    let ran = follow(&server, state.path());
    assert_eq!((ran.code, ran.told("entry-missing").len()), (1, 1), "{ran:?}");
    server.show(new.files());
    assert_eq!(follow(&server, state.path()).code, 0);
}

// MONITOR-1
#[test]
fn every_changed_file_is_noticed_and_none_is_kept() {
    let city = town(6, 3);
    let good = city.files();
    for name in good.keys() {
        let mut files = good.clone();
        let file = files.get_mut(name).unwrap();
        let middle = file.len() / 2;
        file[middle] ^= 1;
        let state = tempfile::tempdir().unwrap();
        let server = Server::of(files);
        let ran = follow(&server, state.path());
        assert_eq!(ran.code, 1, "{name}: {ran:?}");
        for (kept, bytes) in read(state.path()) {
            assert_eq!(Some(&bytes), good.get(&kept), "{name} spoilt {kept}");
        }
    }
}

// MONITOR-4
#[test]
fn an_anchor_that_does_not_fit_is_proved() {
    let state = tempfile::tempdir().unwrap();
    let honest = town(20, 10);
    let server = Server::of(rewritten(&honest).files());
    let ran = follow(&server, state.path());
    assert_eq!((ran.code, ran.told("anchor-fork").len()), (1, 2), "{ran:?}");
    let folder = evidence(state.path(), "anchor-fork")
        .into_iter()
        .find(|folder| folder.join("anchors.tlog-proof").exists());
    let receipt = folder.unwrap().join("anchors.tlog-proof");
    let key = honest.verifier(&poll()).to_string();
    let ran = audit(&["receipt", text(&receipt), "--key", &key]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

// MONITOR-9
#[test]
fn polls_are_recounted_as_they_grow() {
    let state = tempfile::tempdir().unwrap();
    let mut city = town(20, 10);
    let server = Server::of(city.files());
    assert_eq!(follow(&server, state.path()).code, 0);
    city.cast(&poll(), &Voter::named("a stranger", 0), 0, &[&[0]]);
    city.close(&poll());
    city.anchor();
    server.show(city.files());
    let ran = follow(&server, state.path());
    assert_eq!((ran.code, ran.told("voter-unknown").len()), (1, 1), "{ran:?}");
    let folder = evidence(state.path(), "voter-unknown").pop().unwrap();
    let record = folder.join("record.tar");
    let again = audit(&["recount", text(&record), "--poll", "park"]);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.out.contains("voter-unknown"), "{again:?}");
}

// MONITOR-1
#[test]
fn another_city_is_refused() {
    let state = tempfile::tempdir().unwrap();
    let server = Server::of(town(6, 3).files());
    let id = "ab".repeat(32);
    let arguments = ["follow", &server.url(), "--state", text(state.path()), "--once"];
    let ran = audit(&[&arguments[..], &["--instance", &id]].concat());
    assert_eq!((ran.code, ran.told("instance-mismatch").len()), (1, 1), "{ran:?}");
    assert!(read(state.path()).is_empty());
    assert_eq!(follow(&server, state.path()).code, 0);
    let ran = audit(&[&arguments[..], &["--instance", &id]].concat());
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.errors.contains("another city"), "{ran:?}");
}

#[test]
fn a_city_that_is_gone_is_no_finding() {
    let state = tempfile::tempdir().unwrap();
    let url = Server::of(town(6, 3).files()).url();
    let ran = audit(&["follow", &url, "--state", text(state.path()), "--once"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
}
