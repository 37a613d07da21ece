//! `veche manual`: manual pages and completions, written from the same words as `--help`.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate_to};

use crate::commands::Cli;
use crate::error::ClientError;

/// Write the manual pages (`veche.1`, ...) and the completions for bash, zsh and fish.
#[derive(Debug, Args)]
pub(super) struct ManualCommand {
    /// The folder to write to.
    folder: PathBuf,
}

impl ManualCommand {
    pub(super) fn run(self) -> Result<(), ClientError> {
        let failed = |error| ClientError::file(&self.folder, error);
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut command = Cli::command().disable_help_subcommand(true);
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            generate_to(shell, &mut command, "veche", &self.folder).map_err(failed)?;
        }
        clap_mangen::generate_to(command, &self.folder).map_err(failed)
    }
}
