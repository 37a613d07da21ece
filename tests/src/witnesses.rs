//! Witnesses of a city that is really served: the project's own program, each on a line of its own
//! that a test may cut, and witnesses that lie.
//!
//! Not here: witnesses that are not ours (`tests/tests/outside`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use anyhow::Context as _;
use veche_client::time;
use veche_protocol::hash::sha256;
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::witness::AddCheckpoint;

use crate::city::key;
use crate::fault_proxy::FaultProxy;
use crate::live::LiveCity;
use crate::process::Process;
use crate::web_server::{Request, WebServer, not_found, ok, status};

/// Milliseconds between two rounds: the least there is.
pub const INTERVAL: u64 = 100;

/// The project's witness, `veche-audit witness serve`, with files of its own.
#[derive(Debug)]
pub struct WitnessProgram {
    name: String,
    folder: PathBuf,
    /// Its line in a policy, without an address.
    line: String,
    register: String,
    wire: FaultProxy,
    process: Option<Process>,
}

impl WitnessProgram {
    /// Makes the key of a witness, and starts it for all logs of a city.
    pub fn start(city: &LiveCity, name: &str) -> anyhow::Result<Self> {
        let folder = city.folder().join(name);
        fs::create_dir(&folder)?;
        let key = folder.join("key.pem").display().to_string();
        let make = ["witness", "key", "--name", name, "--plain", "--out", &key];
        let line = city.programs().run("veche-audit", &make)?.trim().to_owned();
        let register = city.pins().register.to_string();
        let wire = FaultProxy::new()?;
        let mut witness =
            Self { name: name.to_owned(), folder, line, register, wire, process: None };
        witness.start_again(city)?;
        Ok(witness)
    }

    /// Starts it again on its own files, on another port; its address stays.
    pub fn start_again(&mut self, city: &LiveCity) -> anyhow::Result<()> {
        let mut command = city.programs().command("veche-audit");
        command.current_dir(&self.folder).args(["witness", "serve", "--name", &self.name]);
        command.args(["--key", "key.pem", "--store", "store", "--evidence", "evidence"]);
        command.args(["--city", &self.register]);
        let process = Process::serving(command, "witness", &self.folder)?;
        self.wire.lead_to(process.url())?;
        self.process = Some(process);
        Ok(())
    }

    /// Ends it with SIGKILL, in the middle of whatever it does.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.take().context("the witness is running")?.kill()
    }

    /// The line between it and everyone who asks it.
    pub const fn wire(&self) -> &FaultProxy {
        &self.wire
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.wire.url()
    }

    /// Its line in a policy.
    pub fn line(&self) -> String {
        format!("{} {}\n", self.line, self.url())
    }

    /// The proofs of forks that it has written.
    pub fn evidence(&self) -> Vec<PathBuf> {
        fork_proofs(&self.folder.join("evidence"))
    }
}

/// The proofs of forks in a folder.
pub fn fork_proofs(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
    files.filter(|path| path.extension().is_some_and(|end| end == "veche-fork")).collect()
}

/// How a witness misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It cosigns whatever it is asked, whatever it has seen before.
    CosignsAnything,
    /// It does so with a time that is so many seconds off.
    OffBy(i64),
    /// It does so, and takes its time.
    Slow(Duration),
}

/// The last note of each log, by the hash of its origin.
type Seen = Mutex<BTreeMap<String, String>>;

/// A witness that cosigns anything, with a key that is the same in every run.
#[derive(Debug)]
pub struct FalseWitness {
    name: String,
    server: WebServer,
}

impl FalseWitness {
    /// Starts it.
    pub fn start(name: &str, manner: Manner) -> Self {
        let seen = Arc::new(Seen::default());
        let owned = name.to_owned();
        let server = WebServer::answering(move |request| {
            if let Manner::Slow(time) = manner {
                sleep(time);
            }
            answer(&owned, manner, &seen, request).unwrap_or_else(|| status("400 Bad Request"))
        });
        Self { name: name.to_owned(), server }
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Its line in a policy.
    pub fn line(&self) -> String {
        let key = VerifierKey::cosignature(&self.name, key(&self.name).key());
        format!("witness {} {} {}\n", self.name, key.expect("a name of a key"), self.url())
    }
}

fn answer(name: &str, manner: Manner, seen: &Seen, request: &Request) -> Option<Vec<u8>> {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(origin) = request.path.strip_prefix("checkpoint/") {
        return Some(seen.get(origin).map_or_else(not_found, |note| ok(note.as_bytes())));
    }
    let asked = AddCheckpoint::parse(&request.body).ok()?;
    let text = asked.to_string();
    let (_, note) = text.split_once("\n\n")?;
    let mut note = Note::parse(note.as_bytes()).ok()?;
    let off = if let Manner::OffBy(seconds) = manner { seconds } else { 0 };
    let time = time::now().saturating_add_signed(off);
    let line = cosignature::sign(note.text(), time, &key(name), name).ok()?;
    note.add_signature(line.clone()).ok()?;
    seen.insert(hex::encode(sha256(asked.origin().as_bytes()).as_bytes()), note.to_string());
    Some(ok(line.to_string().as_bytes()))
}

/// What the operator does without a quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutQuorum {
    /// New heads wait.
    HoldBack,
    /// New heads become public all the same.
    Publish,
}

/// A policy that asks for so many of these witnesses, given by their lines; it knows the city.
pub fn policy(city: &LiveCity, lines: &[String], quorum: usize) -> String {
    let names = lines.iter().filter_map(|line| line.split(' ').nth(1));
    let names: Vec<_> = names.collect();
    let register = &city.pins().register;
    let witnesses = lines.concat();
    format!("log {register}\n{witnesses}group enough {quorum} {}\nquorum enough\n", names.join(" "))
}

impl LiveCity {
    /// Has the server ask these witnesses from its next start on; gives the file of the policy.
    pub fn employ(
        &mut self,
        lines: &[String],
        quorum: usize,
        without: WithoutQuorum,
    ) -> anyhow::Result<PathBuf> {
        let file = self.folder().join("policy");
        fs::write(&file, policy(self, lines, quorum))?;
        let without = match without {
            WithoutQuorum::HoldBack => "hold-back",
            WithoutQuorum::Publish => "publish",
        };
        self.set(&format!("witness.policy={}", file.display()));
        self.set(&format!("witness.interval_milliseconds={INTERVAL}"));
        self.set("witness.timeout_seconds=1");
        self.set(&format!("witness.without_quorum={without}"));
        Ok(file)
    }
}
