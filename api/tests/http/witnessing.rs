//! Rounds with witnesses over HTTP: honest ones, dead ones, slow ones, older ones and liars, and
//! what everyone is told meanwhile.
//!
//! Not here: the project's own witness program.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use veche_api::Config;
use veche_api::config::WithoutQuorum;
use veche_engine::{Publication, Settings, Status};
use veche_protocol::hash::{leaf_hash, sha256};
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::policy::Policy;
use veche_protocol::log::witness::{AddCheckpoint, Refusal};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;

use crate::city::{City, key, poll, settings};
use crate::operating::until;

/// How a witness behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Honest,
    /// As before the standard: 409 where it has 422, 500 where it has 403.
    Older,
    /// It takes its time.
    Slow,
    /// It breaks off.
    Dead,
    /// It signs something else.
    False,
    /// It says that it has seen more than there is.
    Boastful,
    /// It knows no such log.
    Stranger,
}

/// What a witness has cosigned last, by origin.
type Seen = Arc<Mutex<BTreeMap<String, (SignedCheckpoint, Note)>>>;

/// A witness that follows a script, on a port of its own; its thread ends with the test.
struct Witness {
    name: String,
    url: String,
    manner: Arc<Mutex<Manner>>,
    seen: Seen,
}

impl Witness {
    fn start(name: &str, manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (manner, seen) = (Arc::new(Mutex::new(manner)), Seen::default());
        let witness = Self { name: name.to_owned(), url, manner, seen };
        let (name, manner, seen) =
            (witness.name.clone(), Arc::clone(&witness.manner), Arc::clone(&witness.seen));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let manner = *manner.lock().unwrap();
                // Whoever asked may be gone.
                drop(answer(stream.unwrap(), &name, manner, &seen));
            }
        });
        witness
    }

    fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn line(&self) -> String {
        let key = VerifierKey::cosignature(&self.name, key(&self.name).key()).unwrap();
        format!("witness {} {key} {}\n", self.name, self.url)
    }
}

fn answer(mut stream: TcpStream, name: &str, manner: Manner, seen: &Seen) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    match manner {
        Manner::Dead => return Ok(()),
        Manner::Slow => thread::sleep(Duration::from_millis(1_500)),
        _ => {}
    }
    let (status, body) = match first.split(' ').nth(1).unwrap().strip_prefix("/checkpoint/") {
        Some(origin) => retrieve(origin, seen),
        None => add_checkpoint(&body, name, manner, seen),
    };
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn retrieve(origin: &str, seen: &Seen) -> (u16, String) {
    let seen = seen.lock().unwrap();
    let hash = |name: &str| hex::encode(sha256(name.as_bytes()).as_bytes());
    let found = seen.iter().find(|(name, _)| hash(name) == origin);
    found.map_or((404, String::new()), |(_, (_, note))| (200, note.to_string()))
}

fn add_checkpoint(body: &[u8], name: &str, manner: Manner, seen: &Seen) -> (u16, String) {
    let request = AddCheckpoint::parse(body).unwrap();
    let origin = request.origin().to_owned();
    let log = VerifierKey::ed25519(&origin, key("log").key()).unwrap();
    let request = request.trust(&[log]).unwrap();
    let mut seen = seen.lock().unwrap();
    let latest = seen.get(&origin).map(|(head, _)| head.checkpoint().clone());
    let text = request.head().note().text().to_owned();
    let line = |text: &str| cosignature::sign(text, 1_000, &key(name), name).unwrap();
    match (manner, request.judge(latest.as_ref())) {
        (Manner::Stranger, _) => (404, String::new()),
        (Manner::Boastful, _) => (409, "1000000\n".to_owned()),
        (Manner::False, _) => (200, line("vote.example.org/register\n1\nAAAA\n").to_string()),
        (_, Ok(())) => {
            let mut note = request.head().note().clone();
            note.add_signature(line(&text)).unwrap();
            seen.insert(origin, (request.head().clone(), note));
            (200, line(&text).to_string())
        }
        (_, Err(Refusal::Stale { latest })) => (409, format!("{latest}\n")),
        (Manner::Older, Err(Refusal::OtherRoot)) => (409, format!("{}\n", latest.unwrap().size)),
        (_, Err(refusal)) => (refusal.status(), String::new()),
    }
}

/// A city whose heads these witnesses cosign; of whom so many are enough.
fn city(
    folder: &tempfile::TempDir,
    witnesses: &[&Witness],
    quorum: usize,
    choice: WithoutQuorum,
) -> (City, Policy) {
    let mut text: String = witnesses.iter().map(|witness| witness.line()).collect();
    let names: Vec<_> = witnesses.iter().map(|witness| witness.name.as_str()).collect();
    let names = names.join(" ");
    text.extend([format!("group all {quorum} {names}\nquorum all\n")]);
    let file = folder.path().join("policy");
    std::fs::write(&file, &text).unwrap();
    let mut config = Config::default();
    config.witness.policy = Some(file);
    config.witness.without_quorum = choice;
    config.witness.interval_milliseconds = 50;
    config.witness.timeout_seconds = 1;
    let settings = Settings { publication: Publication::InRounds, ..settings() };
    let city = City::start_with(&config, settings);
    city.prepare(10, Revote::First);
    (city, Policy::parse(text.as_bytes()).unwrap())
}

/// The head that the server shows of a log, if it shows one.
fn shown(city: &City, path: &LogPath) -> Option<Note> {
    let answer = city.client().get(&format!("/{path}/checkpoint"));
    (answer.status == 200).then(|| Note::parse(answer.text().as_bytes()).unwrap())
}

fn size(note: &Note) -> u64 {
    Checkpoint::parse(note.text()).unwrap().size
}

/// Waits until the last head of the poll is public.
fn caught_up(city: &City) -> Note {
    until(|| {
        let head = city.engine.head(&poll()).unwrap().size;
        shown(city, &poll()).filter(|note| size(note) == head)
    })
}

fn cast(city: &City, number: usize) {
    let ballot = city.ballot(number, 0, 1);
    city.client().cast("/api/v1/polls/park/entries", ballot.bytes()).ok();
}

#[test]
fn what_is_public_was_seen_by_a_quorum() {
    let folder = tempfile::tempdir().unwrap();
    let [north, south] = ["north", "south"].map(|name| Witness::start(name, Manner::Honest));
    let (city, policy) = city(&folder, &[&north, &south], 2, WithoutQuorum::HoldBack);
    for number in 0..3 {
        cast(&city, number);
        let note = caught_up(&city);
        // PUBLISH-1, PUBLISH-5: by both, whenever it is looked at.
        assert_eq!(policy.check_quorum(&note).unwrap().len(), 2);
        let register = shown(&city, &LogPath::Register).unwrap();
        assert_eq!(policy.check_quorum(&register).unwrap().len(), 2);
    }
    let roll = shown(&city, &crate::city::roll()).unwrap();
    assert_eq!(roll.signatures().len(), 1, "rolls are not cosigned");
    let health = city.client().get("/health").ok();
    assert!(health.text().contains("2 of 2 witnesses have seen every log"), "{}", health.text());
    let page = city.client().get("/").ok();
    assert!(page.text().contains("2 of 2 witnesses have seen every log"));
    let metrics = city.client().get("/metrics").ok();
    assert!(metrics.text().contains("veche_witness_quorum 1\n"));
    assert!(metrics.text().contains("veche_cosignatures_total{witness=\"north\"} "));
}

#[test]
fn one_witness_of_two_is_enough_where_the_policy_says_so() {
    for manner in [Manner::Dead, Manner::Slow, Manner::False, Manner::Boastful, Manner::Stranger] {
        let folder = tempfile::tempdir().unwrap();
        let north = Witness::start("north", Manner::Honest);
        let south = Witness::start("south", manner);
        let (city, policy) = city(&folder, &[&north, &south], 1, WithoutQuorum::HoldBack);
        cast(&city, 0);
        // PUBLISH-5: whatever the other does, a cosignature that is not true is none.
        let note = caught_up(&city);
        assert_eq!(policy.check_quorum(&note).unwrap()[0].key.name(), "north", "{manner:?}");
        assert_eq!(
            city.engine.health().status,
            Status::Ready,
            "{manner:?}: a claim proves nothing"
        );
        south.behave(Manner::Honest);
        cast(&city, 1);
        // It takes part again as soon as it can.
        until(|| {
            let note = shown(&city, &poll())?;
            (policy.check_quorum(&note).unwrap().len() == 2).then_some(())
        });
    }
}

#[test]
fn heads_that_too_few_have_seen_are_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let [north, south] = ["north", "south"].map(|name| Witness::start(name, Manner::Honest));
    let (city, _) = city(&folder, &[&north, &south], 2, WithoutQuorum::HoldBack);
    let before = size(&caught_up(&city));
    south.behave(Manner::Dead);
    cast(&city, 0);
    // PUBLISH-4: the ballot is taken and has its receipt; what is public stays.
    let told = |words: &str| city.client().get("/health").ok().text().contains(words);
    until(|| told("new heads are held back").then_some(()));
    assert!(told("witness south: does not answer"));
    assert!(city.client().get("/").ok().text().contains("new heads are held back"));
    assert_eq!(size(&shown(&city, &poll()).unwrap()), before);
    assert!(city.client().get("/metrics").ok().text().contains("veche_witness_quorum 0\n"));
    south.behave(Manner::Honest);
    assert_eq!(size(&caught_up(&city)), before + 1);
    until(|| told("2 of 2 witnesses").then_some(()));
}

#[test]
fn an_operator_may_choose_to_go_on_and_everyone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let north = Witness::start("north", Manner::Honest);
    let south = Witness::start("south", Manner::Dead);
    let (city, policy) = city(&folder, &[&north, &south], 2, WithoutQuorum::Publish);
    cast(&city, 0);
    let note = caught_up(&city);
    assert_eq!(note.signatures().len(), 2, "the log's and north's");
    assert_eq!(policy.check_quorum(&note).unwrap_err().code(), "quorum-missing");
    // PUBLISH-4
    let health = city.client().get("/health").ok();
    assert!(health.text().contains("new heads are public without a quorum"), "{}", health.text());
}

#[test]
fn witnesses_that_have_seen_earlier_heads_are_shown_the_growth() {
    // PUBLISH-5: a server that starts anew does not know what a witness has seen.
    for manner in [Manner::Honest, Manner::Older] {
        let folder = tempfile::tempdir().unwrap();
        let north = Witness::start("north", manner);
        let (mut city, _) = city(&folder, &[&north], 1, WithoutQuorum::HoldBack);
        cast(&city, 0);
        caught_up(&city);
        city.ask_to_stop();
        city.wait_for_end();
        let sizes = |north: &Witness| -> Vec<u64> {
            north.seen.lock().unwrap().values().map(|(head, _)| head.checkpoint().size).collect()
        };
        let before = sizes(&north);
        let mut config = Config::default();
        config.witness.policy = Some(folder.path().join("policy"));
        config.witness.interval_milliseconds = 50;
        let settings = Settings { publication: Publication::InRounds, ..settings() };
        let store = Arc::clone(&city.store);
        let again = City::start_on(Arc::clone(&store), store, &config, settings);
        again.clock.set(crate::city::OPENS_AT);
        cast(&again, 1);
        caught_up(&again);
        assert!(sizes(&north).iter().sum::<u64>() > before.iter().sum());
    }
}

#[test]
fn a_log_behind_what_its_key_has_signed_takes_nothing_in() {
    for manner in [Manner::Honest, Manner::Older] {
        let folder = tempfile::tempdir().unwrap();
        let north = Witness::start("north", manner);
        let (city, _) = city(&folder, &[&north], 1, WithoutQuorum::Publish);
        caught_up(&city);
        // As after an old backup was put back: the witness has seen what this server has not.
        let origin = city.engine.log(&poll()).unwrap().origin;
        let size = city.engine.head(&poll()).unwrap().size + 7;
        let head = Checkpoint { origin: origin.clone(), size, root: leaf_hash(b"lost") };
        let signed = head.sign(&key("log")).unwrap();
        let note = signed.note().clone();
        north.seen.lock().unwrap().insert(origin, (signed, note));
        let voter = std::cell::Cell::new(0);
        let refused = until(|| {
            let ballot = city.ballot(voter.replace(voter.get() + 1) % 10, 0, 1);
            let answer = city.client().cast("/api/v1/polls/park/entries", ballot.bytes());
            thread::sleep(Duration::from_millis(50));
            (answer.status != 200).then(|| answer.refusal())
        });
        // PUBLISH-6: whatever was chosen for a missing quorum.
        assert_eq!(refused, (503, "log-set-back".to_owned()), "{manner:?}");
        assert_eq!(city.client().get("/health").refusal().1, "log-set-back");
        // What is public is still served.
        assert!(shown(&city, &poll()).is_some());
    }
}

#[test]
fn the_time_of_a_log_at_rest_is_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let north = Witness::start("north", Manner::Honest);
    let file = folder.path().join("policy");
    std::fs::write(&file, format!("{}quorum north\n", north.line())).unwrap();
    let mut config = Config::default();
    config.witness.policy = Some(file);
    config.witness.interval_milliseconds = 20;
    config.witness.refresh_seconds = 1;
    let settings = Settings { publication: Publication::InRounds, ..settings() };
    let city = City::start_with(&config, settings);
    let asked = || {
        let text = city.client().get("/metrics").ok().text().to_owned();
        let name = "veche_cosignatures_total{witness=\"north\"} ";
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |count| count.parse::<u64>().unwrap())
    };
    // PUBLISH-7: again and again, and not with every round.
    until(|| (asked() >= 3).then_some(()));
    assert_eq!(size(&shown(&city, &LogPath::Register).unwrap()), 1);
}
