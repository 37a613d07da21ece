//! `veche-audit manual`: manual pages and completions, written from the same words as `--help`.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate_to};

use super::{Cli, CommandError};
use crate::exit::Exit;

/// Write the manual pages (`veche-audit.1`, ...) and the completions for bash, zsh and fish.
#[derive(Args, Debug)]
pub(super) struct ManualCommand {
    /// The folder to write to.
    folder: PathBuf,
}

impl ManualCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        std::fs::create_dir_all(&self.folder)?;
        let mut command = Cli::command();
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            generate_to(shell, &mut command, "veche-audit", &self.folder)?;
        }
        clap_mangen::generate_to(command, &self.folder)?;
        Ok(Exit::Sound)
    }
}
