//! A program that runs beside a test: one that serves on a free port, or one that only works.
//!
//! Not here: the city's own server ([`crate::programs::Server`]), which starts with more settings.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

/// Longest wait until a program listens.
const START: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(10);

/// A running program. It is ended when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    url: String,
    said: PathBuf,
}

impl Process {
    /// Starts a program that takes `--listen` and `--port-file`, and waits until it listens. What
    /// it says goes into `<name>.log` in `folder`.
    pub fn serving(mut command: Command, name: &str, folder: &Path) -> anyhow::Result<Self> {
        let port_file = folder.join(format!("{name}.port"));
        if port_file.exists() {
            // Of one that was here before.
            fs::remove_file(&port_file)?;
        }
        command.args(["--listen", "127.0.0.1:0", "--port-file"]).arg(&port_file);
        let mut process = Self::working(command, name, folder)?;
        let end = Instant::now() + START;
        let port = loop {
            if let Some(port) = read_port(&port_file) {
                break port;
            }
            if let Some(status) = process.child.try_wait()? {
                bail!("{name} ended: {status}\n{}", process.said());
            }
            ensure!(Instant::now() < end, "{name} does not listen\n{}", process.said());
            sleep(PAUSE);
        };
        process.url = format!("http://127.0.0.1:{port}");
        Ok(process)
    }

    /// Starts a program that does not listen.
    pub fn working(mut command: Command, name: &str, folder: &Path) -> anyhow::Result<Self> {
        let said = folder.join(format!("{name}.log"));
        let log = File::options().append(true).create(true).open(&said)?;
        let child = command.stdout(log.try_clone()?).stderr(log).spawn()?;
        Ok(Self { child, url: String::new(), said })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// Ends it with SIGKILL, in the middle of whatever it does.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits until it has ended by itself.
    pub fn wait(&mut self, longest: Duration) -> anyhow::Result<ExitStatus> {
        let end = Instant::now() + longest;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            let said = || format!("it has not ended within {longest:?}\n{}", self.said());
            (Instant::now() < end).then_some(()).with_context(said)?;
            sleep(PAUSE);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _gone = self.child.kill();
            let _status = self.child.wait();
        }
    }
}

/// The port, once it is there.
fn read_port(file: &Path) -> Option<u16> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}
