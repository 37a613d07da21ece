//! `veche commission`: what the commission does.

use clap::Subcommand;

use crate::commands::Global;
use crate::commands::commission_genesis::GenesisCommand;
use crate::commands::commission_officers::OfficersCommand;
use crate::commands::key::NewKey;
use crate::commands::sign::SignCommand;
use crate::error::ClientError;

#[derive(Debug, Subcommand)]
pub(super) enum CommissionCommand {
    /// Make a key file, and print the public key.
    Key(NewKey),
    Genesis(GenesisCommand),
    Officers(OfficersCommand),
    Sign(SignCommand),
}

impl CommissionCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        match self {
            Self::Key(command) => command.run(),
            Self::Genesis(command) => command.run(),
            Self::Officers(command) => command.run(global),
            Self::Sign(command) => command.run(global),
        }
    }
}
