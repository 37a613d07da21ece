//! The person at the terminal: questions, progress, the option that names a passphrase's file. In
//! a pipe nothing is asked and nothing moves.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use veche_keys::passphrase::{self, is_attended};
use zeroize::Zeroizing;

use crate::error::ClientError;

/// Asks for a yes. Where nobody can be asked, `--yes` must have been given instead.
pub fn confirm(question: &str) -> Result<(), ClientError> {
    if !is_attended() {
        return Err(ClientError::usage("nobody is here to confirm: add --yes to the command"));
    }
    eprint!("{question} [y/N] ");
    let failed = |error| ClientError::file("the terminal", error);
    io::stderr().flush().map_err(failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(failed)?;
    let is_yes = ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str());
    if is_yes { Ok(()) } else { Err(ClientError::Declined) }
}

/// Where a passphrase comes from.
#[derive(Args, Clone, Debug, Default)]
pub struct PassphraseSource {
    /// A file whose first line is the passphrase (or set `VECHE_PASSPHRASE`).
    #[arg(id = "passphrase-file", long = "passphrase-file", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl PassphraseSource {
    /// The passphrase of a key that exists.
    pub fn existing(&self, of: &Path) -> Result<Zeroizing<String>, ClientError> {
        Ok(passphrase::existing(self.file.as_deref(), of)?)
    }

    /// A passphrase for a new key: asked twice, not empty.
    pub fn fresh(&self, of: &Path) -> Result<Zeroizing<String>, ClientError> {
        Ok(passphrase::fresh(self.file.as_deref(), of)?)
    }
}

/// A bar on a terminal, nothing in a pipe.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar under this title.
    pub fn new(title: &str) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}")
            .expect("the template is written by its rules");
        let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style);
        bar.set_message(title.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// So much is done of so much.
    pub fn set(&self, done: u64, of: u64) {
        self.0.set_length(of);
        self.0.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
