//! The programs of this workspace, found beside the one that runs, and the server among them while
//! it runs.
//!
//! Not here: building them. `cargo build --workspace --bins` does, and so does `./run test`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// Longest wait until the server accepts connections.
const START: Duration = Duration::from_mins(1);
/// Longest wait until the server has ended by itself: it gives what is in flight 20 seconds.
const STOP: Duration = Duration::from_secs(40);
/// The file into which the server writes its port.
const PORT_FILE: &str = "port";
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Where the programs are.
#[derive(Debug)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The programs in the folder of this one; a test stands one folder below them.
    pub fn beside_this() -> anyhow::Result<Self> {
        let this = std::env::current_exe()?;
        let folder = this.parent().context("a program stands in a folder")?;
        let above = folder.parent().filter(|_| folder.ends_with("deps"));
        let programs = Self { folder: above.unwrap_or(folder).to_owned() };
        for name in ["veched", "veche", "veche-audit"] {
            let path = programs.path(name);
            if !path.exists() {
                bail!("{} is missing: cargo build --workspace --bins", path.display());
            }
        }
        Ok(programs)
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// A program of this name.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.path(name));
        command.stdin(Stdio::null());
        command
    }

    /// Runs a program that must succeed; gives what it printed.
    pub fn run(&self, name: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let Output { status, stdout, stderr } = self.command(name).args(arguments).output()?;
        if !status.success() {
            bail!("{name} {arguments:?}: {status}\n{}", String::from_utf8_lossy(&stderr));
        }
        Ok(String::from_utf8(stdout)?)
    }
}

/// A running server. It is stopped when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Serves the city in `data` on a free port of this machine, with settings such as
    /// `engine.anchor_seconds=1`. What it says goes into `veched.log` in `folder`.
    pub fn start(
        programs: &Programs,
        data: &Path,
        folder: &Path,
        settings: &[&str],
    ) -> anyhow::Result<Self> {
        let mut server = Self::launch(programs, data, folder, settings)?;
        server.wait_for_port(folder)?;
        Ok(server)
    }

    /// Starts a server and does not wait for it: it has no address yet.
    pub fn launch(
        programs: &Programs,
        data: &Path,
        folder: &Path,
        settings: &[&str],
    ) -> anyhow::Result<Self> {
        let port_file = folder.join(PORT_FILE);
        if port_file.exists() {
            // Of a server that was here before.
            fs::remove_file(&port_file)?;
        }
        let log_file = folder.join("veched.log");
        let log = fs::File::options().append(true).create(true).open(log_file)?;
        let child = programs
            .command("veched")
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", "127.0.0.1:0", "--port-file"])
            .arg(&port_file)
            .args(settings.iter().flat_map(|setting| ["--set", setting]))
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(Self { child, url: String::new() })
    }

    /// Waits until the server listens.
    fn wait_for_port(&mut self, folder: &Path) -> anyhow::Result<()> {
        let port_file = folder.join(PORT_FILE);
        let end = Instant::now() + START;
        while !port_file.exists() {
            if let Some(status) = self.child.try_wait()? {
                bail!("veched ended: {status}\n{}", server_log(folder));
            }
            if Instant::now() > end {
                bail!("veched does not listen after {START:?}\n{}", server_log(folder));
            }
            sleep(PAUSE);
        }
        let port: u16 = fs::read_to_string(&port_file)?.trim().parse()?;
        self.url = format!("http://127.0.0.1:{port}");
        Ok(())
    }

    /// The address of the server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the server ends, which an interrupt makes it do.
    pub fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Ends the server on the spot (SIGKILL), whatever it is doing.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks the server to end (SIGTERM), and waits until it has.
    pub fn terminate(mut self) -> anyhow::Result<ExitStatus> {
        self.stop();
        Ok(self.child.wait()?)
    }

    /// Asks the server to end, and ends it if it does not.
    fn stop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            // It has ended, and its number may be another's by now.
            return;
        }
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        let end = Instant::now() + if asked.is_ok() { STOP } else { Duration::ZERO };
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > end {
                // A log that was killed loses nothing that a receipt was given for.
                let _gone = self.child.kill();
                let _status = self.child.wait();
                return;
            }
            sleep(PAUSE);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn server_log(folder: &Path) -> String {
    fs::read_to_string(folder.join("veched.log")).unwrap_or_default()
}
