//! Those who watch the city from outside, each a program of its own with files of its own: two
//! witnesses who cosign every head before it is public, a monitor who follows every log, and a
//! mirror who serves all of it on.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use veche_client::api::{Api, Source as _};
use veche_client::trust::Pins;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::Note;
use veche_protocol::name::LogPath;

use super::narrator::Narrator;
use super::polling::{PAUSE, WAIT};
use crate::process::Process;
use crate::programs::Programs;

/// The witnesses: the name of the folder, and who they are.
const WITNESSES: [(&str, &str); 2] =
    [("witness-1", "library.example/w1"), ("witness-2", "newspaper.example/w1")];
/// Seconds between two looks of the monitor and of the mirror.
const LOOKS: &str = "1";
/// Milliseconds between two rounds of the server.
pub(super) const INTERVAL: u64 = 200;

/// The witnesses and the policy that everyone believes: any one of the two is enough.
#[derive(Debug)]
pub(super) struct Witnesses {
    running: Vec<(&'static str, Process)>,
    folder: PathBuf,
    pub(super) policy_file: PathBuf,
}

impl Witnesses {
    /// Each makes a key and begins to witness all logs of the city.
    pub(super) fn start(programs: &Programs, folder: &Path, pins: &Pins) -> anyhow::Result<Self> {
        let mut running = Vec::new();
        let mut text = format!("log {}\n", pins.register);
        let mut names = Vec::new();
        for (home, name) in WITNESSES {
            let home = folder.join(home);
            fs::create_dir(&home)?;
            let key = home.join("key.pem").display().to_string();
            let make = ["witness", "key", "--name", name, "--plain", "--out", &key];
            let line = programs.run("veche-audit", &make)?;
            let mut serve = programs.command("veche-audit");
            serve.current_dir(&home).args(["witness", "serve", "--name", name]);
            serve.args(["--key", "key.pem", "--store", "seen", "--evidence", "evidence"]);
            serve.args(["--city", &pins.register.to_string()]);
            let process = Process::serving(serve, "witness", &home)?;
            writeln!(text, "{} {}", line.trim(), process.url())?;
            names.push(name);
            running.push((name, process));
        }
        write!(text, "group any any {}\nquorum any\n", names.join(" "))?;
        let policy_file = folder.join("policy");
        fs::write(&policy_file, &text)?;
        Ok(Self { running, folder: folder.to_owned(), policy_file })
    }

    /// What the server has to be told.
    pub(super) fn settings(&self) -> [String; 2] {
        [
            format!("witness.policy={}", self.policy_file.display()),
            format!("witness.interval_milliseconds={INTERVAL}"),
        ]
    }

    /// Kills the second of them on the spot; gives its name.
    pub(super) fn kill_one(&mut self) -> anyhow::Result<&'static str> {
        let (name, process) = self.running.pop().context("there are two witnesses")?;
        process.kill()?;
        Ok(name)
    }

    /// The one that is left.
    pub(super) fn left(&self) -> anyhow::Result<(&'static str, &Process, PathBuf)> {
        let (name, process) = self.running.first().context("one witness is left")?;
        Ok((name, process, self.folder.join(WITNESSES[0].0)))
    }
}

/// Waits until the register has a public head.
pub(super) fn first_head(api: &Api) -> anyhow::Result<()> {
    let end = Instant::now() + WAIT;
    while api.checkpoint(&LogPath::Register).is_err() {
        ensure!(Instant::now() < end, "the register has no public head");
        sleep(PAUSE);
    }
    Ok(())
}

/// The monitor and the mirror.
#[derive(Debug)]
pub(super) struct Watchers {
    monitor: Process,
    mirror: Process,
    folder: PathBuf,
}

impl Watchers {
    /// Both begin with genesis, and believe the policy.
    pub(super) fn start(
        programs: &Programs,
        folder: &Path,
        url: &str,
        witnesses: &Witnesses,
    ) -> anyhow::Result<Self> {
        let policy = witnesses.policy_file.display().to_string();
        let watcher = |name: &str| {
            let home = folder.join(name);
            fs::create_dir(&home)?;
            let mut command = programs.command("veche-audit");
            command.current_dir(&home);
            anyhow::Ok((home, command))
        };
        let (home, mut follow) = watcher("monitor")?;
        follow.args(["follow", url, "--state", "state", "--policy", &policy, "--every", LOOKS]);
        let monitor = Process::working(follow, "monitor", &home)?;
        let (home, mut serve) = watcher("mirror")?;
        serve.args(["mirror", url, "--dir", "copy", "--policy", &policy, "--every", LOOKS]);
        let mirror = Process::serving(serve, "mirror", &home)?;
        Ok(Self { monitor, mirror, folder: folder.to_owned() })
    }

    /// Where the mirror serves.
    pub(super) fn mirror(&self) -> &str {
        self.mirror.url()
    }

    /// Waits until the mirror has what is public of a log, and has verified it.
    pub(super) fn wait_for_mirror(&self, city: &Api, path: &LogPath) -> anyhow::Result<()> {
        let size = |note: &[u8]| -> anyhow::Result<u64> {
            Ok(Checkpoint::parse(Note::parse(note)?.text())?.size)
        };
        let mirror = Api::new(self.mirror())?;
        let wanted = size(&city.checkpoint(path)?)?;
        let end = Instant::now() + WAIT;
        loop {
            let has = mirror.checkpoint(path).ok().and_then(|note| size(&note).ok());
            if has.is_some_and(|has| has >= wanted) {
                return Ok(());
            }
            let said = || format!("the mirror stays behind\n{}", self.mirror.said());
            ensure!(Instant::now() < end, said());
            sleep(PAUSE);
        }
    }

    /// Ends the monitor; gives what it has said, and where its state lies. It ends by itself only
    /// if it has proof of something wrong.
    pub(super) fn dismiss_monitor(
        mut self,
        narrator: &mut Narrator,
    ) -> anyhow::Result<(Process, PathBuf)> {
        let is_content = self.monitor.wait(Duration::ZERO).is_err();
        let said = self.monitor.said();
        narrator.claim(
            "the monitor has followed every log from genesis and proved nothing wrong",
            is_content && !said.contains("fork"),
        );
        self.monitor.kill()?;
        Ok((self.mirror, self.folder.join("monitor/state")))
    }
}
