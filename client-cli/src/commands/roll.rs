//! `veche roll`: the roll of voters.

use clap::Subcommand;

use crate::commands::Global;
use crate::commands::roll_check::CheckCommand;
use crate::commands::roll_enrol::EnrolCommand;
use crate::commands::roll_new::NewCommand;
use crate::commands::roll_revoke::RevokeCommand;
use crate::commands::roll_sample::SampleCommand;
use crate::commands::sign::SignCommand;
use crate::error::ClientError;

#[derive(Debug, Subcommand)]
pub(super) enum RollCommand {
    New(NewCommand),
    Enrol(EnrolCommand),
    Revoke(RevokeCommand),
    Check(CheckCommand),
    Sample(SampleCommand),
    Sign(SignCommand),
}

impl RollCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        match self {
            Self::New(command) => command.run(global),
            Self::Enrol(command) => command.run(global),
            Self::Revoke(command) => command.run(global),
            Self::Check(command) => command.run(global),
            Self::Sample(command) => command.run(global),
            Self::Sign(command) => command.run(global),
        }
    }
}
