//! A witness as a process, the log that asks it, and what it answers.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;
use ureq::Agent;
use veche_protocol::hash::sha256;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::witness::{AddCheckpoint, parse_cosignatures, parse_size};
use veche_protocol::signature::SigningKey;
use veche_tests::city::{PaperLog, key};
use veche_tests::process::Process;
use veche_tests::programs::Programs;

/// The register of the city that is witnessed.
pub(crate) const ORIGIN: &str = "city.example/register";
/// The name of the witness.
pub(crate) const NAME: &str = "witness.example/w1";
const PASSPHRASE: &str = "correct horse";

/// The key of the city's logs.
pub(crate) fn log_key() -> SigningKey {
    key("log that is witnessed")
}

/// The verifier key of the register.
pub(crate) fn register() -> VerifierKey {
    VerifierKey::ed25519(ORIGIN, log_key().key()).unwrap()
}

/// A log of made-up entries; those with other words share the entries below `common`.
pub(crate) fn log(word: &str, common: usize, size: usize) -> PaperLog {
    let mut log = PaperLog::new(ORIGIN.to_owned());
    for index in 0..size {
        let word = if index < common { "both" } else { word };
        log.push(format!("{word} {index}").into_bytes());
    }
    log
}

/// The body of a request to cosign the head over the first `size` entries.
pub(crate) fn request(log: &PaperLog, old: usize, size: usize) -> String {
    request_by(&log_key(), log, old, size)
}

/// [`request`], signed by another key.
pub(crate) fn request_by(key: &SigningKey, log: &PaperLog, old: usize, size: usize) -> String {
    let proof = if old > size { vec![] } else { log.consistency(old, size) };
    let note = Note::parse(&log.checkpoint_at(size, key)).unwrap();
    AddCheckpoint::new(old as u64, proof, note).unwrap().to_string()
}

/// The files of a witness, in a folder that is gone afterwards.
pub(crate) struct Files {
    folder: TempDir,
    pub(crate) verifier: VerifierKey,
}

impl Files {
    /// Makes the key by the program, under a passphrase.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
        let programs = Programs::beside_this().unwrap();
        let (key, passphrase) = (folder.path().join("key"), folder.path().join("passphrase"));
        let (key, passphrase) = (key.to_str().unwrap(), passphrase.to_str().unwrap());
        let command = ["witness", "key", "--name", NAME, "--out", key];
        let line = programs
            .run("veche-audit", &[&command[..], &["--passphrase-file", passphrase]].concat())
            .unwrap();
        let verifier = line.trim().strip_prefix("witness witness.example/w1 ").unwrap();
        Self { verifier: VerifierKey::parse(verifier).unwrap(), folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command that serves under this name, but for where it listens.
    fn command(&self, name: &str) -> Command {
        let mut command = Programs::beside_this().unwrap().command("veche-audit");
        command.current_dir(self.folder.path());
        command.args(["witness", "serve", "--name", name, "--key", "key", "--store", "store"]);
        command.args(["--evidence", "evidence", "--passphrase-file", "passphrase"]);
        command.args(["--city", &register().to_string()]);
        command
    }

    /// Runs a witness of this name that is expected to end by itself.
    pub(crate) fn run(&self, name: &str) -> Output {
        self.command(name).args(["--listen", "127.0.0.1:0"]).output().unwrap()
    }

    /// Starts the witness, and waits until it listens.
    pub(crate) fn start(&self) -> Witness {
        let process = Process::serving(self.command(NAME), "witness", self.folder.path());
        let process = process.unwrap();
        Witness { agent: agent(), url: process.url().to_owned(), process }
    }

    /// The files of evidence: names and contents.
    pub(crate) fn evidence(&self) -> Vec<(String, String)> {
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let files = fs::read_dir(self.path("evidence")).unwrap().map(|file| file.unwrap().path());
        files.map(|path| (path.display().to_string(), read(&path))).collect()
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)));
    config.build().into()
}

/// A running witness. It is killed when this is dropped.
pub(crate) struct Witness {
    process: Process,
    url: String,
    agent: Agent,
}

/// An answer: status, media type, body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        core::str::from_utf8(&self.body).unwrap()
    }

    /// The size in the body of a 409.
    pub(crate) fn size(&self) -> Option<usize> {
        (self.status == 409).then(|| usize::try_from(parse_size(&self.body).unwrap()).unwrap())
    }
}

impl Witness {
    pub(crate) fn address(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// What it has said, and those before it in its folder.
    pub(crate) fn said(&self) -> String {
        self.process.said()
    }

    /// A client with connections of its own.
    pub(crate) fn client(&self) -> Client {
        Client { agent: agent(), url: self.url.clone() }
    }

    /// Hands in a request.
    pub(crate) fn post(&self, body: &str) -> Answer {
        Client { agent: self.agent.clone(), url: self.url.clone() }.post(body).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        read(&mut self.agent.get(format!("{}{path}", self.url)).call().unwrap()).unwrap()
    }

    /// Ends the witness in the middle of whatever it does.
    pub(crate) fn kill(self) {
        self.process.kill().unwrap();
    }
}

/// Somebody who asks a witness.
pub(crate) struct Client {
    agent: Agent,
    url: String,
}

impl Client {
    /// Hands in a request; an error is the network's.
    pub(crate) fn post(&self, body: &str) -> Result<Answer, ureq::Error> {
        read(&mut self.agent.post(format!("{}/add-checkpoint", self.url)).send(body)?)
    }
}

fn read(answer: &mut ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let media_type = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap());
    let media_type = media_type.unwrap_or_default().to_owned();
    let status = answer.status().as_u16();
    Ok(Answer { status, media_type, body: answer.body_mut().read_to_vec()? })
}

/// The checkpoint of a request with the cosignatures of its answer, verified by the log's key and
/// by the witness's.
pub(crate) fn cosigned(body: &str, answer: &Answer, witness: &VerifierKey) -> Note {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut note = Note::parse(body.split_once("\n\n").unwrap().1.as_bytes()).unwrap();
    for line in parse_cosignatures(&answer.body).unwrap() {
        note.add_signature(line).unwrap();
    }
    assert_eq!(note.verify(&[register(), witness.clone()]), Ok(vec![0, 1]));
    note
}

/// Where monitors find the last head of the register.
pub(crate) fn checkpoint_path() -> String {
    format!("/checkpoint/{}", sha256(ORIGIN.as_bytes()))
}
