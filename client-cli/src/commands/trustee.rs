//! `veche trustee`: an organisation that holds a share of a sealed poll's key.

use clap::Subcommand;

use crate::commands::Global;
use crate::commands::trustee_run::RunCommand;
use crate::commands::trustee_show::ShowCommand;
use crate::error::ClientError;

#[derive(Debug, Subcommand)]
pub(super) enum TrusteeCommand {
    Run(RunCommand),
    Show(ShowCommand),
}

impl TrusteeCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        match self {
            Self::Run(command) => command.run(global),
            Self::Show(command) => command.run(global),
        }
    }
}
