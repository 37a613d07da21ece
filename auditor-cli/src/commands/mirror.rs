//! `veche-audit mirror`: a verified copy of a city, served on.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::CommandError;
use super::follow::failed;
use super::trust::TrustArguments;
use crate::exit::Exit;
use crate::follow::teller::{Form, write};
use crate::follow::{Monitor, Recounts, Settings};
use crate::mirror::{Door, MAX_BODY, Mirror};
use crate::replica::ReplicaError;
use crate::serve::{Listen, serve};
use crate::source;

/// Serve a verified copy of a city, and pass entries on to it.
///
/// Readers, trustees and auditors need not ask the city: all its logs are copied, verified before
/// they are stored, and served under the same paths, also when the city lies or is gone. What
/// voters and others hand in is kept on the disk, passed on, and answered with the city's receipt
/// once it was checked; where the city does not answer, it is handed in again until it does.
/// Nothing is noted of who hands in.
///
/// Exit codes: 0 it was told to stop; 2 usage; 3 the folder or the address cannot be used.
#[derive(Args, Debug)]
pub(super) struct MirrorCommand {
    /// Address of the city (https://...).
    url: String,
    /// The folder in which the copy is kept.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    trust: TrustArguments,
    /// Pause between two looks at the city.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    every: u64,
}

impl MirrorCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        if !self.url.starts_with("http://") && !self.url.starts_with("https://") {
            let text = format!("{}: an address begins with https://", self.url);
            return Err(CommandError::Usage(text));
        }
        let trust = self.trust.read()?;
        let settings = Settings { trust, stale: None, recounts: Recounts::Left };
        let monitor = Monitor::open(&self.dir, settings).map_err(failed)?;
        let mirror = Mirror::new(&monitor, &self.url).map_err(failed)?;
        let relay = mirror.relay();
        thread::spawn(move || relay.run());
        let (keeper, every) = (Arc::clone(&mirror), Duration::from_secs(self.every));
        let url = self.url;
        thread::spawn(move || keep(monitor, &keeper, &url, every));
        serve(&self.listen, MAX_BODY, Door(mirror))?;
        Ok(Exit::Sound)
    }
}

/// Keeps the copy, until the disk fails: then the program ends, and says why.
fn keep(mut monitor: Monitor, mirror: &Mirror, url: &str, every: Duration) {
    let fail = |error: ReplicaError| -> ! {
        eprintln!("error: {error}");
        std::process::exit(Exit::Unreadable as i32)
    };
    loop {
        let source = source::open(url).unwrap_or_else(|error| fail(error.into()));
        let (report, outcome) = monitor.round(&*source).unwrap_or_else(|error| fail(error));
        for event in &report.events {
            // Whoever reads us may have gone; the mirror serves on.
            drop(write(&mut io::stdout().lock(), Form::Lines, event));
        }
        mirror.told(&report.events);
        mirror.after_round(&monitor, &report, outcome.err().map(|error| error.to_string()));
        thread::sleep(every);
    }
}
