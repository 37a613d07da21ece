//! `veche-audit follow`: a monitor, for a minute or for years.

use std::io;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use clap::Args;

use super::CommandError;
use super::trust::TrustArguments;
use crate::crew;
use crate::exit::Exit;
use crate::follow::metrics::{Counters, Outcome};
use crate::follow::teller::{Form, Webhook, write};
use crate::follow::{Monitor, Recounts, Report, Settings, metrics};
use crate::replica::ReplicaError;
use crate::replica::discovery::Weight;
use crate::source;

/// Follow a city: verify every log as it grows, and keep the proof of anything wrong.
///
/// The first round copies and verifies everything; each later one reads only what is new. Heads
/// must be signed, witnessed as the policy asks, and extend all that was seen before; the
/// register's anchors must fit; witnesses are asked what they have seen; polls are recounted as
/// they grow. What is wrong is told once, in one line, and kept in DIR/evidence, each with a README
/// that says how a stranger checks it. Kill it whenever you like: it goes on where it was.
///
/// Exit codes, with --once or at the first proof: 0 nothing is wrong; 1 something is, or was ever
/// proved; 2 usage; 3 the city or the folder cannot be read, which says nothing about the city.
#[derive(Args, Debug)]
pub(super) struct FollowCommand {
    /// Where the city is: an address (https://...), or a directory that grows.
    source: String,
    /// The folder in which the copy and what is remembered are kept.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    #[command(flatten)]
    trust: TrustArguments,
    /// Pause between two rounds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    every: u64,
    /// One round, and an exit code.
    #[arg(long)]
    once: bool,
    /// Go on after a proof, instead of ending with exit code 1.
    #[arg(long)]
    keep_going: bool,
    /// Say so when the newest head that is shown, by the witnesses' times, or the last answer of
    /// the city, by the own clock, is older than this; and how long the city may lag behind a
    /// witness.
    #[arg(long, value_name = "SECONDS")]
    stale: Option<u64>,
    /// Where each event is sent as a JSON object, by POST.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// A text file with numbers for Prometheus, written after each round.
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,
    /// Write events as lines of JSON.
    #[arg(long)]
    json: bool,
    /// Threads that recount; by default one for each core.
    #[arg(long, value_name = "NUMBER")]
    workers: Option<usize>,
}

impl FollowCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let trust = self.trust.read()?;
        if let Some(url) = &self.webhook
            && !url.starts_with("http://")
            && !url.starts_with("https://")
        {
            return Err(CommandError::Usage(format!("{url}: an address begins with https://")));
        }
        let source = source::open(&self.source)?;
        let workers = self.workers.unwrap_or_else(crew::cores);
        let settings = Settings { trust, stale: self.stale, recounts: Recounts::Run(workers) };
        let mut monitor = Monitor::open(&self.state, settings).map_err(failed)?;
        let webhook = self.webhook.as_deref().map(Webhook::new);
        let mut counters = Counters::default();
        loop {
            let (report, outcome) = monitor.round(&*source).map_err(failed)?;
            self.tell(&report, webhook.as_ref())?;
            let came = if outcome.is_ok() { Outcome::Complete } else { Outcome::Failed };
            counters.count(&report.events, came);
            if let Some(path) = &self.metrics_file {
                metrics::write(path, &monitor, &counters)?;
            }
            // MONITOR-6: a proof ends it, unless it is told to go on; so does --once.
            let is_proved = report.gravest == Some(Weight::Proof);
            if self.once || (is_proved && !self.keep_going) {
                return match (report.gravest, outcome) {
                    (Some(Weight::Finding | Weight::Proof), _) => Ok(Exit::Findings),
                    (_, Ok(())) => Ok(Exit::Sound),
                    (_, Err(error)) => Err(failed(error)),
                };
            }
            if let Err(error) = outcome {
                eprintln!("{error}");
            }
            sleep(Duration::from_secs(self.every));
        }
    }

    fn tell(&self, report: &Report, webhook: Option<&Webhook>) -> io::Result<()> {
        let form = if self.json { Form::Json } else { Form::Lines };
        for event in &report.events {
            write(&mut io::stdout().lock(), form, event)?;
            if let Some(webhook) = webhook {
                webhook.tell(event);
            }
        }
        Ok(())
    }
}

/// Why a copy cannot be kept, as a command tells it.
pub(super) fn failed(error: ReplicaError) -> CommandError {
    match error {
        ReplicaError::Source(error) => CommandError::Source(error),
        ReplicaError::OtherCity(_) => CommandError::Usage(error.to_string()),
        error => CommandError::Output(io::Error::other(error.to_string())),
    }
}
