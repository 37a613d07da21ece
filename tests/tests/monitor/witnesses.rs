//! What a monitor learns from the witnesses of its policy: other histories, what is withheld, how
//! old a view is, and when a poll was opened and closed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;
use veche_protocol::hash::sha256;
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_tests::city::{City, key, single_choice_definition};

use crate::program::{Ran, audit, text};
use crate::server::{Files, Server};
use crate::town::{announced, counted, poll, read, town, vote};

const WITNESS: &str = "witness.example";

/// A time at which the poll may be open.
fn open_time() -> u64 {
    let definition = single_choice_definition(&["a", "b"], Revote::First);
    definition.schedule.opens_at + 100
}

/// A city, the witness of its heads, and a monitor that believes both.
struct Watch {
    city: Server,
    witness: Server,
    folder: TempDir,
}

impl Watch {
    fn new(city: &City) -> Self {
        let (server, witness) = (Server::of(Files::new()), Server::of(Files::new()));
        let folder = tempfile::tempdir().unwrap();
        let verifier = VerifierKey::cosignature(WITNESS, key(WITNESS).key()).unwrap();
        let policy = format!(
            "log {}\nwitness w {verifier} {}\nquorum w\n",
            city.verifier(&LogPath::Register),
            witness.url()
        );
        fs::write(folder.path().join("policy"), policy).unwrap();
        Self { city: server, witness, folder }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The city shows these heads, cosigned at a time.
    fn shows(&self, city: &City, time: u64) {
        let mut files = city.files();
        for (name, bytes) in &mut files {
            if name.ends_with("/checkpoint") {
                *bytes = cosigned(bytes, time);
            }
        }
        self.city.show(files);
    }

    /// The witness has these heads of the register and the poll, cosigned at a time.
    fn knows(&self, city: &City, time: u64) {
        let mut files = Files::new();
        for path in [LogPath::Register, poll()] {
            let origin = sha256(path.origin(&city.domain).as_bytes());
            let note = city.at(&path).checkpoint(&city.log_key);
            files.insert(format!("checkpoint/{origin}"), cosigned(&note, time));
        }
        self.witness.show(files);
    }

    fn follow(&self, more: &[&str]) -> Ran {
        let (url, state) = (self.city.url(), self.state());
        let policy = self.folder.path().join("policy");
        let arguments = ["follow", &url, "--state", text(&state), "--once", "--policy"];
        audit(&[&arguments[..], &[text(&policy)], more].concat())
    }
}

fn cosigned(note: &[u8], time: u64) -> Vec<u8> {
    let mut note = Note::parse(note).unwrap();
    let line = cosignature::sign(note.text(), time, &key(WITNESS), WITNESS).unwrap();
    note.add_signature(line).unwrap();
    note.to_string().into_bytes()
}

fn evidence(state: &Path, code: &str) -> Vec<PathBuf> {
    let folders = fs::read_dir(state.join("evidence")).into_iter().flatten().flatten();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    folders.map(|entry| entry.path()).filter(|path| name(path).starts_with(code)).collect()
}

// MONITOR-7
#[test]
fn a_split_view_is_found_whoever_grows_first() {
    let one = town(20, 10);
    let mut other = one.clone();
    other.logs.get_mut(&poll()).unwrap().entries.pop();
    vote(&mut other, 10..11);
    let mut longer = one.clone();
    vote(&mut longer, 10..13);
    // The witness was shown another history, of the same size or smaller than what is shown here.
    for shown in [&one, &longer] {
        let watch = Watch::new(&one);
        watch.shows(shown, open_time());
        watch.knows(shown, open_time());
        assert_eq!(watch.follow(&[]).code, 0);
        watch.knows(&other, open_time());
        let ran = watch.follow(&[]);
        assert_eq!((ran.code, ran.told("head-forked").len()), (1, 1), "{ran:?}");
        let proof = evidence(&watch.state(), "head-forked").pop().unwrap();
        let proof = proof.join("proof.veche-fork");
        let policy = watch.folder.path().join("policy");
        let checked = audit(&["fork", text(&proof), "--policy", text(&policy)]);
        assert_eq!(checked.code, 0, "{checked:?}");
        assert!(checked.out.contains(WITNESS), "{checked:?}");
    }
}

// MONITOR-7
#[test]
fn what_a_witness_has_and_the_city_does_not_show_is_withheld() {
    let old = town(20, 10);
    let mut new = old.clone();
    vote(&mut new, 10..13);
    let watch = Watch::new(&old);
    watch.shows(&old, open_time());
    watch.knows(&new, open_time());
    // At first the city may be late; after the time it is allowed it is not.
    assert_eq!(watch.follow(&["--stale", "2"]).code, 0);
    std::thread::sleep(std::time::Duration::from_secs(4));
    watch.shows(&old, open_time());
    let ran = watch.follow(&["--stale", "2"]);
    assert_eq!((ran.code, ran.told("entry-missing").len()), (1, 1), "{ran:?}");
    let folder = evidence(&watch.state(), "entry-missing").pop().unwrap();
    let (head, copy) = (folder.join("witness.checkpoint"), watch.state());
    let ran = audit(&["recount", text(&copy), "--poll", "park", "--head", text(&head)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("entry-missing"), "{ran:?}");
    watch.shows(&new, open_time());
    assert_eq!(watch.follow(&["--stale", "2"]).code, 0);
}

// MONITOR-7: nonsense of a witness says nothing about the city.
#[test]
fn a_witness_that_lies_accuses_nobody() {
    let city = town(20, 10);
    let watch = Watch::new(&city);
    watch.shows(&city, open_time());
    let mut forged = city.clone();
    forged.log_key = key("a stranger");
    forged.logs.get_mut(&poll()).unwrap().entries.pop();
    watch.knows(&forged, open_time());
    assert_eq!(watch.follow(&[]).code, 0);
    let mut files = Files::new();
    let origin = sha256(poll().origin(&city.domain).as_bytes());
    files.insert(format!("checkpoint/{origin}"), b"nonsense".to_vec());
    watch.witness.show(files);
    assert_eq!(watch.follow(&[]).code, 0);
}

// MONITOR-1
#[test]
fn a_head_without_a_quorum_is_not_taken_and_not_forgotten() {
    let old = town(20, 10);
    let watch = Watch::new(&old);
    watch.shows(&old, open_time());
    assert_eq!(watch.follow(&[]).code, 0);
    let copy = read(&watch.state());
    let mut new = old.clone();
    vote(&mut new, 10..13);
    watch.city.show(new.files());
    let ran = watch.follow(&[]);
    assert_eq!((ran.code, ran.told("quorum-missing").len()), (1, 2), "{ran:?}");
    assert_eq!(read(&watch.state()), copy);
    // What was signed is held against the city all the same.
    let mut forked = old.clone();
    vote(&mut forked, 14..19);
    watch.shows(&forked, open_time());
    let ran = watch.follow(&[]);
    assert_eq!(ran.told("head-forked").len(), 1, "{ran:?}");
}

// MONITOR-6
#[test]
fn an_old_view_is_stale_unless_the_witnesses_know_no_newer() {
    // Its poll is only announced, so that no time is wrong for it.
    let city = announced();
    let watch = Watch::new(&city);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let long_ago = now - 5_000;
    watch.shows(&city, long_ago);
    let ran = watch.follow(&["--stale", "1000"]);
    assert_eq!((ran.code, ran.told("stale").len()), (1, 1), "{ran:?}");
    watch.knows(&city, long_ago);
    let ran = watch.follow(&["--stale", "1000"]);
    assert_eq!((ran.code, ran.told("stale").len()), (0, 0), "{ran:?}");
}

// MONITOR-8
#[test]
fn a_close_is_judged_by_heads_that_the_city_no_longer_shows() {
    let mut city = town(20, 10);
    let watch = Watch::new(&city);
    let definition = single_choice_definition(&["a", "b"], Revote::First);
    let closes = definition.schedule.closes_at;
    let show = |city: &City, time| {
        watch.shows(city, time);
        watch.knows(city, time);
    };
    // The poll is seen closed before it was to close; later heads alone do not tell.
    show(&city, closes - 1_000);
    assert_eq!(watch.follow(&[]).told("closed-early").len(), 0);
    city.close(&poll());
    city.anchor();
    show(&city, closes - 500);
    let ran = watch.follow(&[]);
    assert_eq!(ran.told("closed-early").len(), 1, "{ran:?}");
    let result = counted(&city);
    city.certify(&poll(), result);
    city.anchor();
    show(&city, closes + 50);
    assert_eq!(watch.follow(&[]).code, 1, "it stays unsound");
    let heads = fs::read_dir(watch.state().join("heads/poll/park")).unwrap().count();
    assert!(heads >= 4, "the latest, the largest, and those around the phases: {heads}");
}
