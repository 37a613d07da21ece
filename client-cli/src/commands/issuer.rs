//! `veche issuer`: an organisation that gives out credentials.

use clap::Subcommand;

use crate::commands::Global;
use crate::commands::issuer_serve::ServeCommand;
use crate::error::ClientError;

#[derive(Debug, Subcommand)]
pub(super) enum IssuerCommand {
    Serve(ServeCommand),
}

impl IssuerCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let Self::Serve(command) = self;
        command.run(global)
    }
}
