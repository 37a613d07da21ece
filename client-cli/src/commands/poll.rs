//! `veche poll`: what two poll officers do, and what everybody can see.

use clap::Subcommand;

use crate::commands::Global;
use crate::commands::poll_announce::AnnounceCommand;
use crate::commands::poll_begin::BeginCommand;
use crate::commands::poll_cancel::CancelCommand;
use crate::commands::poll_certify::CertifyCommand;
use crate::commands::poll_close::CloseCommand;
use crate::commands::poll_exclude::ExcludeCommand;
use crate::commands::poll_from_file::FromFileCommand;
use crate::commands::poll_open::OpenCommand;
use crate::commands::poll_show::ShowCommand;
use crate::commands::sign::SignCommand;
use crate::error::ClientError;

#[derive(Debug, Subcommand)]
pub(super) enum PollCommand {
    FromFile(FromFileCommand),
    #[command(visible_alias = "new")]
    Announce(AnnounceCommand),
    Begin(BeginCommand),
    Exclude(ExcludeCommand),
    Open(OpenCommand),
    Close(CloseCommand),
    Certify(CertifyCommand),
    Cancel(CancelCommand),
    Sign(SignCommand),
    Show(ShowCommand),
}

impl PollCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        match self {
            Self::FromFile(command) => command.run(),
            Self::Announce(command) => command.run(global),
            Self::Begin(command) => command.run(global),
            Self::Exclude(command) => command.run(global),
            Self::Open(command) => command.run(global),
            Self::Close(command) => command.run(global),
            Self::Certify(command) => command.run(global),
            Self::Cancel(command) => command.run(global),
            Self::Sign(command) => command.run(global),
            Self::Show(command) => command.run(global),
        }
    }
}
