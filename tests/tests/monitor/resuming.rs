//! A copy goes on from wherever it was broken off: by a source that fails, by a kill, by a folder
//! full of what was half done.

use std::fs;
use std::process::Stdio;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use veche_auditor::replica::{Replica, ReplicaError, Round};
use veche_auditor::source::SourceError;
use veche_auditor::source::directory::DirectorySource;
use veche_protocol::audit::{Source, Trust};
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;
use veche_tests::city::City;
use veche_tests::programs::Programs;

use crate::program::{audit, text};
use crate::server::Server;
use crate::town::{read, town, vote, write};

/// A source that gives so many files and then fails.
struct Failing {
    source: DirectorySource,
    left: Mutex<usize>,
}

impl Source for Failing {
    type Error = SourceError;

    fn fetch(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<Vec<Option<Vec<u8>>>, SourceError> {
        let mut fetched = Vec::new();
        for file in files {
            let mut left = self.left.lock().unwrap();
            *left = left.checked_sub(1).ok_or_else(|| SourceError::NoHead("failed".to_owned()))?;
            fetched.extend(self.source.fetch(log, std::slice::from_ref(file))?);
        }
        Ok(fetched)
    }
}

/// Two states of a town, the first of which is copied already.
fn grown() -> (City, City) {
    let old = town(280, 250);
    let mut new = old.clone();
    vote(&mut new, 250..270);
    new.anchor();
    (old, new)
}

// MONITOR-2
#[test]
fn a_source_that_fails_anywhere_leaves_a_copy_that_goes_on() {
    let (old, new) = grown();
    let public = tempfile::tempdir().unwrap();
    write(&new.files(), public.path());
    let good = DirectorySource::new(public.path());
    let before = tempfile::tempdir().unwrap();
    write(&old.files(), before.path());
    for files in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path();
        let mut round = Round::default();
        let mut replica = Replica::open(copy, Trust::default()).unwrap();
        replica.update(&DirectorySource::new(before.path()), &mut round).unwrap();
        assert_eq!(read(copy), old.files());
        let failing = Failing { source: good.clone(), left: Mutex::new(files) };
        let outcome = replica.update(&failing, &mut round);
        drop(replica);
        // At any moment each log is that of its checkpoint, and what is beyond it is true.
        for (name, bytes) in read(copy) {
            let known = [&old, &new].map(|city| city.files().get(&name).cloned());
            assert!(known.contains(&Some(bytes)), "{files}: {name}");
        }
        let mut replica = Replica::open(copy, Trust::default()).unwrap();
        replica.update(&good, &mut round).unwrap();
        assert_eq!(read(copy), new.files(), "{files}");
        assert!(round.found.is_empty(), "{files}: {:?}", round.found);
        if outcome.is_ok() {
            assert!(files > 10, "{files}");
            return;
        }
        assert!(matches!(outcome, Err(ReplicaError::Source(_))));
    }
}

// MONITOR-2
#[test]
fn what_a_crash_left_half_done_is_swept_away() {
    let (old, new) = grown();
    let folder = tempfile::tempdir().unwrap();
    write(&old.files(), folder.path());
    // Files of the new head, one of them damaged, one unfinished, and no checkpoint.
    let mut beyond = new.files();
    beyond.retain(|name, _| !name.ends_with("/checkpoint") && !old.files().contains_key(name));
    beyond.insert("poll/park/tile/entries/001~".to_owned(), b"half".to_vec());
    beyond.insert("poll/park/tile/0/000".to_owned(), vec![0; 8_192]);
    write(&beyond, folder.path());
    let public = tempfile::tempdir().unwrap();
    write(&new.files(), public.path());
    let mut replica = Replica::open(folder.path(), Trust::default()).unwrap();
    let mut round = Round::default();
    replica.update(&DirectorySource::new(public.path()), &mut round).unwrap();
    assert_eq!(read(folder.path()), new.files());
    assert!(round.found.is_empty());
}

// MONITOR-2
#[test]
fn a_disk_that_changed_the_copy_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = town(20, 10).files();
    let tile = files.iter_mut().find(|(name, _)| name.starts_with("poll/park/tile/0/"));
    tile.unwrap().1[40] ^= 1;
    write(&files, folder.path());
    let opened = Replica::open(folder.path(), Trust::default());
    assert!(matches!(opened, Err(ReplicaError::Damaged(_))), "{opened:?}");
}

// MONITOR-2
#[test]
fn a_monitor_that_is_killed_anywhere_goes_on() {
    let (old, new) = grown();
    let server = Server::of(old.files());
    let state = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(7);
    let programs = Programs::beside_this().unwrap();
    let arguments = ["follow", &server.url(), "--state", text(state.path()), "--once"];
    for attempt in 0..30 {
        if attempt == 15 {
            server.show(new.files());
        }
        let mut command = programs.command("veche-audit");
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        sleep(Duration::from_millis(rng.random_range(0..150)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let ran = audit(&arguments);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    assert_eq!(read(state.path()), new.files());
    let unfinished = fs::read_dir(state.path()).unwrap().flatten();
    let unfinished = unfinished.filter(|entry| entry.path().to_string_lossy().ends_with('~'));
    assert_eq!(unfinished.count(), 0);
}
