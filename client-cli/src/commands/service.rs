//! A command that goes on: looks at a poll again and again, until there is nothing left to do or it
//! is asked to end.
//!
//! Not here: what a look does.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use veche_keys::{key_file, private_file};
use veche_protocol::signature::SigningKey;
use zeroize::Zeroizing;

use crate::authority::pace::{Pace, Stop, is_passing};
use crate::authority::step::Step;
use crate::commands::signing::key_error;
use crate::error::ClientError;
use crate::terminal::PassphraseSource;
use crate::time;
use crate::trust::Trust;

/// Options of every command that goes on.
#[derive(Debug, Args)]
pub(super) struct ServiceArgs {
    /// Your key file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Keep the secrets of this poll in clear, where your key file is in clear as well.
    #[arg(long)]
    plain: bool,
    /// Do what there is to do now, and end when there is something to wait for.
    #[arg(long)]
    once: bool,
    /// Milliseconds between looks at the log, more or less.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1_000)]
    poll_interval: u64,
}

/// An open key, and the passphrase under which further secrets are kept; none for secrets in clear.
pub(super) struct Opened {
    pub(super) key: SigningKey,
    pub(super) passphrase: Option<Zeroizing<String>>,
}

impl ServiceArgs {
    /// Opens the key file. `secrets` is the file in which the secrets of the poll are kept.
    pub(super) fn open(&self, secrets: &Path) -> Result<Opened, ClientError> {
        let pem = Zeroizing::new(private_file::read_text(&self.key)?);
        let is_encrypted = key_file::is_encrypted(&pem);
        let passphrase = if is_encrypted {
            Some(self.passphrase.existing(&self.key)?)
        } else if self.plain {
            None
        } else if secrets.exists() {
            Some(self.passphrase.existing(secrets)?)
        } else {
            Some(self.passphrase.fresh(secrets)?)
        };
        let phrase = passphrase.as_ref().map(|phrase| phrase.as_str());
        let key = key_file::read(&pem, phrase).map_err(|error| key_error(&self.key, error))?;
        Ok(Opened { key, passphrase })
    }

    /// Reads for the first time, again and again while the network fails.
    pub(super) fn begin<T>(
        &self,
        mut read: impl FnMut() -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut pace = Pace::new(Duration::from_millis(self.poll_interval));
        loop {
            match read() {
                Err(error) if is_passing(&error) && !self.once => {
                    say("retries", &error.to_string());
                    sleep(pace.after_failure());
                }
                outcome => return outcome,
            }
        }
    }

    /// Looks until there is an end.
    pub(super) fn run(
        &self,
        mut look: impl FnMut() -> Result<Step, ClientError>,
    ) -> Result<(), ClientError> {
        let signals = Stop::on_signals()?;
        let mut pace = Pace::new(Duration::from_millis(self.poll_interval));
        let mut said = None;
        while !signals.is_asked() {
            match look() {
                Ok(Step::Waits(_)) if self.once => return Ok(()),
                Ok(step) => {
                    let is_over = matches!(step, Step::Ended(_));
                    let waits = matches!(step, Step::Waits(_));
                    if said.as_ref() != Some(&step) || !waits {
                        say(step.event(), &step.to_string());
                    }
                    said = Some(step);
                    if is_over {
                        return Ok(());
                    }
                    if waits {
                        signals.sleep(pace.after_success());
                    }
                }
                Err(error) if is_passing(&error) && !self.once => {
                    said = None;
                    say("retries", &error.to_string());
                    signals.sleep(pace.after_failure());
                }
                Err(error) => return Err(error),
            }
        }
        say("stopped", "asked to end");
        Ok(())
    }
}

/// What a service believes about the city: what it was told to, with the heads that it has seen
/// itself.
pub(super) fn trust_with_heads(told: &Trust, seen: Option<Trust>) -> Result<Trust, ClientError> {
    let Some(mut seen) = seen else { return Ok(told.clone()) };
    if seen.pins != told.pins {
        let (seen, told) = (seen.pins.domain().to_owned(), told.pins.domain());
        let text = format!("what was seen before is of another city ({seen}) than {told}");
        return Err(ClientError::Usage(text));
    }
    seen.policy.clone_from(&told.policy);
    Ok(seen)
}

/// A line for the person at the terminal, or for the program that reads along.
fn say(event: &str, words: &str) {
    if io::stderr().is_terminal() {
        eprintln!("{words}");
    } else {
        let line = serde_json::json!({
            "time": time::format(time::now()),
            "event": event,
            "detail": words,
        });
        eprintln!("{line}");
    }
}
