//! The mirror: what it serves, and how it works around a city that does not answer.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};
use veche_auditor::source::http::HttpSource;
use veche_protocol::audit::Verdict;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::poll::definition::Revote;
use veche_tests::city::{City, Voter, single_choice_definition};
use veche_tests::live::{LiveCity, poll_path};
use veche_tests::programs::Programs;

use crate::program::text;
use crate::server::{Server, answer};
use crate::town::{poll, read, town, voter};

/// Longest wait for something that takes a moment.
const WAIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// A mirror while it runs; killed when dropped.
struct Mirror {
    child: Child,
    url: String,
    agent: Agent,
}

impl Mirror {
    fn start(city: &str, folder: &Path) -> Self {
        let port_file = folder.join("port");
        let _ = fs::remove_file(&port_file);
        let mut command = Programs::beside_this().unwrap().command("veche-audit");
        command.args(["mirror", city, "--dir", text(&folder.join("copy")), "--every", "1"]);
        command.args(["--listen", "127.0.0.1:0", "--port-file", text(&port_file)]);
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        wait("the mirror listens", || port_file.exists());
        let port = fs::read_to_string(&port_file).unwrap();
        let url = format!("http://127.0.0.1:{}", port.trim());
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        Self { child, url, agent }
    }

    fn get(&self, path: &str) -> Response<Body> {
        self.agent.get(format!("{}/{path}", self.url)).call().unwrap()
    }

    fn body(&self, path: &str) -> (u16, Vec<u8>) {
        let mut answer = self.get(path);
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    }

    fn health(&self) -> (u16, String) {
        let (status, body) = self.body("health");
        (status, String::from_utf8(body).unwrap())
    }

    fn hand_in(&self, kind: &str, accept: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let url = format!("{}/api/v1/polls/park/entries", self.url);
        let request = self.agent.post(url).header("content-type", kind).header("accept", accept);
        let mut answer = request.send(body).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + WAIT;
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        sleep(PAUSE);
    }
}

fn code(body: &[u8]) -> String {
    let document: Value = serde_json::from_slice(body).unwrap();
    document["code"].as_str().unwrap().to_owned()
}

/// A city that takes ballots of its poll, as they come and once each.
fn taking(city: &Arc<Mutex<City>>) -> impl Fn(&str, &[u8]) -> Vec<u8> + Send + 'static {
    let city = Arc::clone(city);
    move |path, entry| {
        assert_eq!(path, "api/v1/polls/park/entries");
        let mut city = city.lock().unwrap();
        let known = city.at(&poll()).entries.iter().position(|known| known == entry);
        let index = known
            .unwrap_or_else(|| usize::try_from(city.log_bytes(&poll(), entry.to_vec())).unwrap());
        let log = city.at(&poll());
        let receipt = log.receipt(index, log.entries.len(), &city.log_key);
        answer("200 OK", "text/plain; charset=utf-8", receipt.as_bytes())
    }
}

/// The ballot of one who has not voted yet.
fn ballot(city: &City, number: usize) -> Vec<u8> {
    let mut city = city.clone();
    city.cast(&poll(), &voter(number), 0, &[&[0]]);
    city.at(&poll()).entries.last().unwrap().clone()
}

// MONITOR-10
#[test]
fn a_dead_city_is_recounted_from_its_mirror() {
    let folder = tempfile::tempdir().unwrap();
    let mut city = town(300, 290);
    city.close(&poll());
    city.anchor();
    let server = Server::of(city.files());
    let mirror = Mirror::start(&server.url(), folder.path());
    wait("all is copied", || mirror.health().0 == 200);
    drop(server);
    for (name, bytes) in &city.files() {
        assert_eq!(mirror.body(name), (200, bytes.clone()), "{name}");
    }
    let source = HttpSource::new(&mirror.url);
    let options = veche_auditor::Options::new(poll());
    let recount = veche_auditor::recount(&source, &options, &|_, _, _| ()).unwrap();
    assert_eq!(recount.verdict(), Verdict::Sound);
    wait("it is said that the city is gone", || mirror.health().0 == 503);
    assert!(mirror.health().1.contains("the last verified state is served"));
    // API-1: the headers that the city's own files have.
    let head = mirror.get("poll/park/checkpoint");
    assert_eq!(head.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(head.headers()["cache-control"], "no-cache");
    assert_eq!(head.headers()["access-control-allow-origin"], "*");
    let tile = mirror.get("poll/park/tile/0/000");
    assert_eq!(tile.headers()["content-type"], "application/octet-stream");
    assert_eq!(tile.headers()["cache-control"], "public, max-age=31536000, immutable");
    for path in ["poll/none/checkpoint", "poll/park/tile/0/0", "heads/poll/park/seen", "lock"] {
        assert_eq!(mirror.body(path).0, 404, "{path}");
    }
    // MONITOR-12: what the client asks of a server before it votes.
    let (status, body) = mirror.body("api/v1/instance");
    let instance: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, instance["instance"].as_str()), (200, Some(&*city.instance.to_string())));
}

// MONITOR-10
#[test]
fn a_city_that_lies_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let honest = town(20, 10);
    let server = Server::of(honest.files());
    let mirror = Mirror::start(&server.url(), folder.path());
    wait("all is copied", || mirror.health().0 == 200);
    let mut forked = honest.clone();
    forked.logs.get_mut(&poll()).unwrap().entries.pop();
    crate::town::vote(&mut forked, 10..14);
    server.show(forked.files());
    wait("it is said that the city lies", || mirror.health().1.contains("proof head-forked"));
    for (name, bytes) in &honest.files() {
        assert_eq!(mirror.body(name), (200, bytes.clone()), "{name}");
    }
    assert_eq!(read(&folder.path().join("copy")), honest.files());
}

// MONITOR-11
#[test]
fn a_ballot_reaches_a_city_that_answers_and_comes_back_as_its_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let city = Arc::new(Mutex::new(town(20, 10)));
    let server = Server::of(city.lock().unwrap().files());
    server.on_post(taking(&city));
    let mirror = Mirror::start(&server.url(), folder.path());
    wait("all is copied", || mirror.health().0 == 200);
    let entry = ballot(&city.lock().unwrap(), 11);
    let (status, body) = mirror.hand_in("application/cbor", "text/plain", &entry);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let key = city.lock().unwrap().verifier(&poll());
    Receipt::parse(&body).unwrap().verify(&entry, &key).unwrap();
    // The same as JSON, and once more: one entry.
    let json = format!("{{\"entry\":\"{}\"}}", STANDARD.encode(&entry));
    let (status, body) = mirror.hand_in("application/json", "application/json", json.as_bytes());
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(status, 200, "{answer}");
    let receipt = Receipt::parse(answer["receipt"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(answer["index"].as_u64(), Some(receipt.index()));
    let entries = city.lock().unwrap().at(&poll()).entries.clone();
    assert_eq!(entries.iter().filter(|known| **known == entry).count(), 1);
    // What was answered leaves nothing behind.
    let relay = folder.path().join("copy/relay");
    assert_eq!(fs::read_dir(relay).into_iter().flatten().count(), 0);
}

// MONITOR-11
#[test]
fn a_city_that_does_not_answer_is_worked_around() {
    let folder = tempfile::tempdir().unwrap();
    let city = Arc::new(Mutex::new(town(20, 10)));
    let server = Server::of(city.lock().unwrap().files());
    // Hangs up without a word.
    server.on_post(|_, _| Vec::new());
    let mirror = Mirror::start(&server.url(), folder.path());
    wait("all is copied", || mirror.health().0 == 200);
    let entry = ballot(&city.lock().unwrap(), 11);
    let hand_in = |mirror: &Mirror| mirror.hand_in("application/cbor", "text/plain", &entry);
    let (status, body) = hand_in(&mirror);
    assert_eq!((status, code(&body).as_str()), (503, "relay-kept"));
    assert!(mirror.health().1.contains("1 entries wait"));
    // Killed and started again, it still has the submission, and the times.
    mirror.kill();
    let mirror = Mirror::start(&server.url(), folder.path());
    wait("all is copied", || mirror.health().0 == 200);
    assert!(mirror.health().1.contains("1 entries wait"));
    let kept = fs::read_dir(folder.path().join("copy/relay")).unwrap().next().unwrap().unwrap();
    assert_eq!(fs::read(kept.path().join("entry")).unwrap(), entry);
    // A false receipt is no answer.
    let liar = Arc::clone(&city);
    server.on_post(move |_, _| {
        let city = liar.lock().unwrap();
        let receipt = city.at(&poll()).receipt(3, 5, &city.log_key);
        answer("200 OK", "text/plain", receipt.as_bytes())
    });
    assert_eq!(hand_in(&mirror).0, 503);
    let noted = || fs::read_to_string(kept.path().join("kept.json")).unwrap();
    assert!(noted().contains("false: proof-invalid"), "{}", noted());
    // The city comes back: the entry is handed in by itself, and asking again gives the receipt.
    server.on_post(taking(&city));
    wait("the entry is handed in", || kept.path().join("receipt").exists());
    server.on_post(|_, _| Vec::new());
    let (status, body) = hand_in(&mirror);
    assert_eq!(status, 200);
    let key = city.lock().unwrap().verifier(&poll());
    Receipt::parse(&body).unwrap().verify(&entry, &key).unwrap();
    let entries = city.lock().unwrap().at(&poll()).entries.clone();
    assert_eq!(entries.iter().filter(|known| **known == entry).count(), 1);
    assert!(mirror.health().1.contains("0 entries wait"));
}

// MONITOR-11
#[test]
fn what_is_no_entry_is_refused_and_a_refusal_comes_back_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let city = town(20, 10);
    let server = Server::of(city.files());
    let problem = br#"{"code":"already-voted","title":"No.","status":409,"detail":"","x":[1]}"#;
    server.on_post(|_, _| answer("409 Conflict", "application/problem+json", problem));
    let mirror = Mirror::start(&server.url(), folder.path());
    let entry = ballot(&city, 11);
    let refused = mirror.hand_in("application/cbor", "text/plain", &entry);
    assert_eq!(refused, (409, problem.to_vec()));
    for (kind, accept, body, expected) in [
        ("application/cbor", "*/*", b"garbage".to_vec(), (400, "entry-malformed")),
        ("application/cbor", "*/*", Vec::new(), (413, "entry-oversized")),
        ("application/cbor", "*/*", vec![0x82; 65_536], (413, "entry-oversized")),
        ("application/cbor", "*/*", [&entry[..], b"x"].concat(), (400, "entry-trailing-bytes")),
        ("application/json", "*/*", b"{}".to_vec(), (400, "bad-request")),
        ("application/json", "*/*", vec![b' '; 131_073], (413, "body-too-large")),
        ("text/plain", "*/*", entry.clone(), (415, "unsupported-media-type")),
        ("application/cbor", "image/png", entry.clone(), (406, "not-acceptable")),
    ] {
        let (status, body) = mirror.hand_in(kind, accept, &body);
        assert_eq!((status, code(&body).as_str()), expected);
    }
    assert_eq!(mirror.body("api/v1/polls/park/entries").0, 405);
    assert_eq!(mirror.body("api/v1/drafts").0, 404);
    let relay = folder.path().join("copy/relay");
    assert_eq!(fs::read_dir(relay).into_iter().flatten().count(), 0);
}

// MONITOR-11, MONITOR-12
#[test]
fn the_voters_own_tool_works_with_a_mirror_of_a_real_city() {
    let mut city = LiveCity::found().unwrap();
    let voters: Vec<_> = (0..2).map(|number| Voter::named(&number.to_string(), 0)).collect();
    city.enrol(&voters).unwrap();
    let definition = single_choice_definition(&["Trees", "A pond"], Revote::First);
    let paper = city.open(definition).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mirror = Mirror::start(city.url(), folder.path());
    wait("the poll is copied", || mirror.body("poll/park/checkpoint").0 == 200);
    let api = veche_client::api::Api::new(&mirror.url).unwrap();
    let cast =
        |number: usize| paper.sign(0, vec![vec![0]], &voters[number].key).unwrap().bytes().to_vec();
    let entry = cast(0);
    let receipt = api.submit(&poll_path(), &entry).unwrap();
    let key = city.pins().verifier(&poll_path());
    veche_client::receipts::verify(&receipt, &entry, &key).unwrap();
    // The city is gone: the tool is told that the ballot is kept.
    city.kill().unwrap();
    let kept = api.submit_once(&poll_path(), &cast(1)).unwrap_err();
    assert_eq!(kept.code(), "relay-kept", "{kept}");
}
