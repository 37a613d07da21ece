//! The real server, the real program and a directory: killed at any moment, and read by an observer
//! who never asks the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use veche_auditor::Options;
use veche_auditor::source::directory::DirectorySource;
use veche_client::api::Api;
use veche_client::ballot_paper::BallotPaper;
use veche_protocol::poll::definition::Revote;
use veche_tests::city::{City, DOMAIN, Voter, single_choice_definition};
use veche_tests::live::{LiveCity, POLL, poll_path};

use crate::directory::files;
use crate::kept::{assert_complete, size_of};
use crate::shown_city;

const OPTIONS: [&str; 2] = ["Trees", "A pond"];
/// Voters, each of whom may vote 16 times: 320 ballots are a full tile and a partial one.
const VOTERS: usize = 20;
/// Publishers that are killed, and the longest that one of them lives.
const KILLS: u32 = 24;
const LONGEST_LIFE: Duration = Duration::from_millis(480);
/// Longest wait for what takes less than a second.
const WAIT: Duration = Duration::from_mins(1);

/// A city whose server runs, and a directory to publish to.
struct Scene {
    city: LiveCity,
    voters: Vec<Voter>,
    paper: BallotPaper,
    turn: u8,
}

impl Scene {
    fn set() -> Self {
        let city = LiveCity::found().unwrap();
        let voters: Vec<_> = (0..VOTERS).map(|n| Voter::named(&n.to_string(), 0)).collect();
        city.enrol(&voters).unwrap();
        let revote = Revote::Last { max_turn: 15 };
        let paper = city.open(single_choice_definition(&OPTIONS, revote)).unwrap();
        Self { city, voters, paper, turn: 0 }
    }

    /// Everybody votes once more. Gives a receipt.
    fn vote(&mut self) -> String {
        let api: Api = self.city.api().unwrap();
        let mut last = String::new();
        for voter in &self.voters {
            let ballot = self.paper.sign(self.turn, vec![vec![0]], &voter.key).unwrap();
            last = api.submit(self.paper.path(), ballot.bytes()).unwrap().to_string();
        }
        self.turn += 1;
        last
    }

    fn folder(&self) -> PathBuf {
        self.city.folder().join("published")
    }

    /// Starts `veched publish`, which says what it has to say into a file.
    fn start(&self, arguments: &[&str]) -> Child {
        let log = self.city.folder().join("publish.log");
        let log = fs::File::options().append(true).create(true).open(log).unwrap();
        let mut command = self.city.programs().command("veched");
        command.args(["publish", "--from", self.city.url(), "--to"]).arg(self.folder());
        command.args(arguments).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    /// One round that must succeed.
    fn publish(&self) {
        let status = self.start(&["--once"]).wait().unwrap();
        let log = fs::read_to_string(self.city.folder().join("publish.log")).unwrap();
        assert!(status.success(), "{log}");
    }

    /// That everything below the directory is of the city, and every head there complete.
    fn check(&self) {
        let truth = City::taken_over(&self.city).unwrap();
        let mut files = files(&self.folder());
        // Files without their name yet, which the next publisher removes.
        files.retain(|name, _| !name.contains('#'));
        assert_complete(&files, &truth);
    }
}

/// A small poll on paper, from the roll to the result.
pub(crate) fn certified_on_paper() -> City {
    let mut city = City::found(DOMAIN);
    let (roll, poll) =
        (veche_protocol::name::LogPath::Roll("residents".to_owned()), shown_city::poll());
    let voters: Vec<_> = (0..40).map(|n| Voter::named(&n.to_string(), 0)).collect();
    city.begin_roll(&roll, &["all"]);
    city.enrol(&roll, &voters);
    city.announce(&poll, single_choice_definition(&OPTIONS, Revote::First));
    city.anchor();
    city.open(&poll);
    for voter in &voters {
        city.cast(&poll, voter, 0, &[&[1]]);
    }
    city.close(&poll);
    city.anchor();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in city.files() {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let source = DirectorySource::new(folder.path());
    let recount = veche_auditor::recount(&source, &Options::new(poll.clone()), &|_, _, _| ());
    city.certify(&poll, recount.unwrap().result.unwrap());
    city.anchor();
    city
}

#[test]
fn an_observer_needs_nothing_but_the_directory() {
    let mut scene = Scene::set();
    let mut receipt = String::new();
    for _ in 0..14 {
        receipt = scene.vote();
    }
    scene.publish();
    scene.city.close_and_certify().unwrap();
    scene.publish();
    let (folder, instance) = (scene.folder(), scene.city.pins().instance.to_string());
    let key = scene.city.pins().verifier(&poll_path()).to_string();
    let kept = scene.city.folder().join("mine.tlog-proof");
    fs::write(&kept, receipt).unwrap();
    scene.city.stop().unwrap();
    let (folder, kept) = (folder.to_str().unwrap(), kept.to_str().unwrap());
    let audit = |arguments: &[&str]| scene.city.programs().run("veche-audit", arguments).unwrap();
    // PUBLISH-20: the whole recount, from what was published.
    let arguments = ["recount", folder, "--poll", POLL, "--instance", &instance];
    let said = audit(&[&arguments[..], &["--receipt", kept]].concat());
    assert!(said.contains("SOUND") && !said.contains("NOT SOUND"), "{said}");
    let said = audit(&["receipt", kept, "--key", &key, "--against", folder]);
    assert!(said.contains("The receipt holds."), "{said}");
}

#[test]
fn a_publisher_may_be_killed_at_any_moment() {
    let mut scene = Scene::set();
    for kill in 0..KILLS {
        if kill % 2 == 0 && scene.turn < 15 {
            scene.vote();
        }
        let mut publisher = scene.start(&["--every", "1"]);
        sleep(LONGEST_LIFE * kill / KILLS);
        publisher.kill().unwrap();
        publisher.wait().unwrap();
        // PUBLISH-24
        scene.check();
    }
    scene.publish();
    scene.publish();
    scene.check();
    let truth = City::taken_over(&scene.city).unwrap();
    let files = files(&scene.folder());
    assert!(files.keys().all(|name| !name.contains('#')), "something is left of a kill");
    assert_eq!(size_of(&files, &truth, &poll_path()) as u64, truth.head(&poll_path()).size);
}

#[test]
fn rounds_follow_the_city_through_its_absence_until_they_are_told_to_stop() {
    let mut scene = Scene::set();
    scene.vote();
    let mut publisher = scene.start(&["--every", "1"]);
    wait_until(|| published_size(&scene) >= 20);
    let url = scene.city.url().to_owned();
    scene.city.stop().unwrap();
    let log = scene.city.folder().join("publish.log");
    // PUBLISH-27: a city that is not there is for the next round.
    wait_until(|| fs::read_to_string(&log).unwrap().contains("nothing was published"));
    assert!(publisher.try_wait().unwrap().is_none(), "it waits for the city at {url}");
    let asked = std::process::Command::new("kill")
        .args(["-TERM", &publisher.id().to_string()])
        .status()
        .unwrap();
    assert!(asked.success());
    let status = publisher.wait().unwrap();
    let said = fs::read_to_string(&log).unwrap();
    assert!(status.success(), "{said}");
    assert!(said.lines().filter(|line| line.contains("published")).count() > 1, "{said}");
    assert!(Path::new(&scene.folder()).join("register/checkpoint").exists());
}

/// The size of the poll's head in the directory.
fn published_size(scene: &Scene) -> u64 {
    let note = fs::read_to_string(scene.folder().join("poll/park/checkpoint"));
    let size = note.ok().and_then(|note| note.lines().nth(1)?.parse().ok());
    size.unwrap_or(0)
}

fn wait_until(is_so: impl Fn() -> bool) {
    let end = Instant::now() + WAIT;
    while !is_so() {
        assert!(Instant::now() < end, "it does not come to that");
        sleep(Duration::from_millis(20));
    }
}
