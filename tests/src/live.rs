//! A city that the real `veched` serves as a child process, for tests that speak HTTP with it. Its
//! people have the same keys in every run, and what they do is checked as the client checks it.
//!
//! Not here: a city on paper ([`crate::city`]), which needs no server and commits every crime.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use veche_client::acts::{Act, poll, roll};
use veche_client::api::Api;
use veche_client::ballot_paper::BallotPaper;
use veche_client::city::City;
use veche_client::error::ClientError;
use veche_client::log_copy::read_head;
use veche_client::poll_copy::PollCopy;
use veche_client::roll_copy::RollCopy;
use veche_client::trust::Pins;
use veche_client::{receipts, time};
use veche_keys::key_file::write_plain;
use veche_keys::private_file::{self, Existing};
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::{Definition, Schedule};
use veche_protocol::poll::fold::PollFold;
use veche_protocol::roll::{District, Enrolment, RollHeader, census_commitment, prove_possession};

use crate::city::{DOMAIN, Voter, key};
use crate::programs::{Programs, Server};

/// Name of the roll.
pub const ROLL: &str = "residents";
/// Id of the poll.
pub const POLL: &str = "park";
/// The two who keep the roll.
const DESK: [&str; 2] = ["registrar", "inspector"];
/// The two who hold the poll.
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];
/// Anchors come often, so that a test need not wait for them.
const SETTINGS: [&str; 1] = ["engine.anchor_seconds=1"];
/// Longest wait for an announcement or an anchor.
const WAIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

fn quiet(_: u64, _: u64) {}

/// A city, its folder, and the server while it runs.
#[derive(Debug)]
pub struct LiveCity {
    folder: TempDir,
    programs: Programs,
    server: Option<Server>,
    pins: Pins,
    settings: Vec<String>,
}

impl LiveCity {
    /// Founds a city with one member of the commission, and serves it.
    pub fn found() -> anyhow::Result<Self> {
        let mut city = Self::found_at_rest()?;
        city.start()?;
        Ok(city)
    }

    /// Founds a city that is not served yet.
    pub fn found_at_rest() -> anyhow::Result<Self> {
        let programs = Programs::beside_this()?;
        let folder = tempfile::Builder::new().prefix("veche-live-").tempdir()?;
        let commission = folder.path().join("commission.pem");
        let member = write_plain(&key("commission-1"));
        private_file::write(&commission, member.as_bytes(), Existing::Keep)?;
        let arguments = init_arguments(folder.path(), &commission);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let printed = programs.run("veched", &arguments)?;
        let value = |name: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.with_context(|| format!("veched init did not print {name}"))
        };
        let pins = Pins::parse(value("instance")?, value("register")?);
        let pins = pins.context("veched init printed a malformed instance id or key")?;
        let settings = SETTINGS.map(str::to_owned).into();
        Ok(Self { folder, programs, server: None, pins, settings })
    }

    /// Adds a setting of the server, such as `engine.anchor_seconds=1`, from its next start on.
    pub fn set(&mut self, setting: &str) {
        self.settings.push(setting.to_owned());
    }

    /// Serves the city again, on another port.
    pub fn start(&mut self) -> anyhow::Result<()> {
        ensure!(self.server.is_none(), "the city is served already");
        let folder = self.folder.path();
        let server = Server::start(&self.programs, &self.data(), folder, &self.settings())?;
        self.server = Some(server);
        Ok(())
    }

    /// Starts the server and ends it with SIGKILL after so long, wherever it is by then.
    pub fn start_and_kill(&self, after: Duration) -> anyhow::Result<()> {
        ensure!(self.server.is_none(), "the city is served already");
        let folder = self.folder.path();
        let server = Server::launch(&self.programs, &self.data(), folder, &self.settings())?;
        sleep(after);
        server.kill()
    }

    /// Ends the server with SIGKILL, in the middle of whatever it does.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.server.take().context("the city is served")?.kill()
    }

    /// Ends the server in good order (SIGTERM).
    pub fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        self.server.take().context("the city is served")?.terminate()
    }

    fn settings(&self) -> Vec<&str> {
        self.settings.iter().map(String::as_str).collect()
    }

    /// The directory with the log key and the store.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the server has said, and the servers before it.
    pub fn server_log(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(self.folder.path().join("veched.log"))?)
    }

    /// Address of the server.
    ///
    /// # Panics
    /// When the city is not served.
    pub fn url(&self) -> &str {
        self.server.as_ref().expect("the city is served").url()
    }

    /// A client of the server.
    pub fn api(&self) -> anyhow::Result<Api> {
        Ok(Api::new(self.url())?)
    }

    /// What identifies the city.
    pub const fn pins(&self) -> &Pins {
        &self.pins
    }

    /// A folder for the test's own files, which is gone with the city.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The programs of this workspace.
    pub const fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Begins the roll and enrols these voters.
    pub fn enrol(&self, voters: &[Voter]) -> anyhow::Result<()> {
        let api = self.api()?;
        let city = self.read()?;
        let now = time::now();
        let header = RollHeader {
            title: "Residents".to_owned(),
            districts: vec![District { code: "all".to_owned(), label: "All".to_owned() }],
            since: now - 86_400,
            until: now + 86_400,
        };
        self.hand_in(vec![roll::header(&city, ROLL, header)?], &DESK)?;
        let path = LogPath::Roll(ROLL.to_owned());
        let city = self.read_with(&path)?;
        let copy = RollCopy::read(&api, &city, ROLL, &mut quiet)?;
        let enrolments: Vec<_> = voters.iter().map(|voter| enrolment(&copy, voter)).collect();
        self.hand_in(roll::enrol(&path, copy.fold(), &enrolments), &DESK)
    }

    /// Entries that enrol these voters one by one, signed and not handed in.
    pub fn signed_enrolments(&self, voters: &[Voter]) -> anyhow::Result<Vec<SignedEntry>> {
        let copy = RollCopy::read(&self.api()?, &self.read()?, ROLL, &mut quiet)?;
        let path = LogPath::Roll(ROLL.to_owned());
        let acts = voters.iter().flat_map(|voter| {
            let mut acts = roll::enrol(&path, copy.fold(), &[enrolment(&copy, voter)]);
            for act in &mut acts {
                for name in DESK {
                    act.sign(&key(name));
                }
            }
            acts
        });
        Ok(acts.map(|act| act.entry()).collect())
    }

    /// Announces and opens the poll for everyone on the roll.
    pub fn open(&self, definition: Definition) -> anyhow::Result<BallotPaper> {
        self.announce(definition)?;
        self.open_announced()
    }

    /// Announces the poll for everyone on the roll, with times by which it may be opened, and be
    /// closed, at any moment from now on.
    pub fn announce(&self, definition: Definition) -> anyhow::Result<()> {
        let now = time::now();
        let schedule = Schedule { opens_at: now - 7_200, closes_at: now + 60, tolerance: 3_600 };
        self.announce_for(definition, schedule)
    }

    /// The same with other times.
    pub fn announce_for(
        &self,
        mut definition: Definition,
        schedule: Schedule,
    ) -> anyhow::Result<()> {
        definition.schedule = schedule;
        definition.rolls = vec![self.pins.origin(&LogPath::Roll(ROLL.to_owned()))];
        self.hand_in(vec![poll::announce(&self.read()?, POLL, definition)?], &OFFICERS)
    }

    /// Begins to issue credentials, to everyone on the roll.
    pub fn begin(&self) -> anyhow::Result<()> {
        let (api, city) = (self.api()?, self.read_with(&poll_path())?);
        let rolls = [RollCopy::read(&api, &city, ROLL, &mut quiet)?];
        self.hand_in(vec![poll::begin(&city, &self.poll()?, &rolls)?], &OFFICERS)
    }

    /// Opens the poll that was announced.
    pub fn open_announced(&self) -> anyhow::Result<BallotPaper> {
        let (api, city) = (self.api()?, self.read_with(&poll_path())?);
        let rolls = [RollCopy::read(&api, &city, ROLL, &mut quiet)?];
        self.hand_in(vec![poll::open(&city, &self.poll()?, &rolls)?], &OFFICERS)?;
        Ok(BallotPaper::read(&api, &self.read()?, POLL)?)
    }

    /// Closes the poll.
    pub fn close(&self) -> anyhow::Result<()> {
        let (city, copy) = (self.read()?, self.poll()?);
        self.hand_in(vec![poll::close(&city, &copy)?], &OFFICERS)
    }

    /// The poll as its log tells it now.
    pub fn poll(&self) -> anyhow::Result<PollCopy> {
        let city = self.read_with(&poll_path())?;
        Ok(PollCopy::read(&self.api()?, &city, POLL, &mut quiet)?)
    }

    /// The poll, once its log says what is waited for.
    pub fn poll_when(&self, is_so: impl Fn(&PollFold) -> bool) -> anyhow::Result<PollCopy> {
        let end = Instant::now() + WAIT;
        loop {
            let copy = self.poll()?;
            if is_so(copy.fold()) {
                return Ok(copy);
            }
            ensure!(Instant::now() < end, "the poll does not get as far as that");
            sleep(PAUSE);
        }
    }

    /// Closes the poll and certifies the result that the officers' tools have counted.
    pub fn close_and_certify(&self) -> anyhow::Result<()> {
        let api = self.api()?;
        self.close()?;
        let end = Instant::now() + WAIT;
        loop {
            let city = self.read()?;
            let copy = PollCopy::read(&api, &city, POLL, &mut quiet)?;
            match poll::certify(&city, &copy) {
                Err(error) if error.code() == "anchor-missing" && Instant::now() < end => {
                    sleep(PAUSE);
                }
                act => return self.hand_in(vec![act?], &OFFICERS),
            }
        }
    }

    /// The city as its register tells it now, once there is one.
    pub fn read(&self) -> anyhow::Result<City> {
        self.public_when(&LogPath::Register, |_| true)?;
        Ok(City::read(&self.api()?, &self.pins)?)
    }

    /// The city, once its register announces this log.
    fn read_with(&self, path: &LogPath) -> anyhow::Result<City> {
        let end = Instant::now() + WAIT;
        loop {
            let city = self.read()?;
            if city.has_log(path) {
                return Ok(city);
            }
            ensure!(Instant::now() < end, "the register does not announce {path}");
            sleep(PAUSE);
        }
    }

    /// Signs acts by these names, hands them in, and checks the receipts.
    fn hand_in(&self, acts: Vec<Act>, signers: &[&str; 2]) -> anyhow::Result<()> {
        let api = self.api()?;
        for mut act in acts {
            for name in signers {
                act.sign(&key(name));
            }
            let entry = act.entry();
            let receipt = api.submit(act.path(), entry.bytes())?;
            let verifier = self.pins.verifier(act.path());
            receipts::verify(&receipt, entry.bytes(), &verifier)?;
            // The next act is made from what is public.
            self.public_when(act.path(), |head| head.size > receipt.index())?;
        }
        Ok(())
    }

    /// The public head of a log, signed by the city; none before there is one.
    pub fn public_head(&self, path: &LogPath) -> anyhow::Result<Option<SignedCheckpoint>> {
        match read_head(&self.api()?, path, &self.pins.verifier(path)) {
            Ok(head) => Ok(Some(head)),
            Err(ClientError::NoLog { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The public head of a log, once it is what is waited for.
    pub fn public_when(
        &self,
        path: &LogPath,
        is_so: impl Fn(&Checkpoint) -> bool,
    ) -> anyhow::Result<SignedCheckpoint> {
        let end = Instant::now() + WAIT;
        loop {
            match self.public_head(path)? {
                Some(head) if is_so(head.checkpoint()) => return Ok(head),
                _ => ensure!(Instant::now() < end, "the public head of {path} stays behind"),
            }
            sleep(PAUSE);
        }
    }
}

fn init_arguments(folder: &Path, commission: &Path) -> Vec<String> {
    let member = key("commission-1").key();
    let mut arguments = vec!["init".to_owned(), "--unencrypted".to_owned()];
    for (name, value) in [
        ("--domain", DOMAIN.to_owned()),
        ("--city", "Live City".to_owned()),
        ("--data", folder.join("data").display().to_string()),
        ("--threshold", "1".to_owned()),
        ("--commission", member.to_string()),
        ("--commission-key-file", commission.display().to_string()),
    ] {
        arguments.extend([name.to_owned(), value]);
    }
    let roles = ["registrar", "inspector", "poll-officer", "poll-officer"];
    for (name, role) in DESK.iter().chain(&OFFICERS).zip(roles) {
        arguments.extend(["--officer".to_owned(), format!("{}:{name}:{role}", key(name).key())]);
    }
    arguments
}

fn enrolment(roll: &RollCopy, voter: &Voter) -> Enrolment {
    Enrolment {
        voter: voter.id,
        key: voter.key.key(),
        district: 0,
        possession: prove_possession(&roll.fold().binding(), &voter.id, &voter.key),
        census: census_commitment(&[7; 32], voter.name.as_bytes()),
        replaces: None,
    }
}

/// The path of the poll.
pub fn poll_path() -> LogPath {
    LogPath::Poll(POLL.to_owned())
}

/// Whether asking again, perhaps of a server that has come back, may help.
pub fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Network { .. } | ClientError::TimeOut { .. } => true,
        ClientError::Refused(problem) => problem.is_passing(),
        _ => false,
    }
}
