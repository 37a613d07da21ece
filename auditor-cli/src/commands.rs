//! The commands of `veche-audit`: one file each. Here: the tree of names, and what all share.

mod explain;
mod export;
mod follow;
mod fork;
mod manual;
mod mirror;
mod receipt;
mod receipt_grown;
mod recount;
mod trust;
mod witness;

use clap::{Parser, Subcommand};

use crate::exit::Exit;
use crate::source::SourceError;

/// Check what a Veche city claims, from public data alone.
///
/// Everything a city publishes about a poll is a list of signed entries that only grows. This
/// program reads that list, checks every signature in it and who was allowed to make it, counts the
/// ballots by the poll's own rule, and says whether the published result is what the ballots give.
/// That takes no secret and nobody's permission.
///
/// Exit codes: 0 sound; 1 findings; 2 usage, or a file of yours that is not what it must be; 3 the
/// source cannot be read, which says nothing about the poll.
#[derive(Debug, Parser)]
#[command(name = "veche-audit", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Recount(recount::RecountCommand),
    Receipt(receipt::ReceiptCommand),
    Export(export::ExportCommand),
    Follow(follow::FollowCommand),
    Mirror(mirror::MirrorCommand),
    Fork(fork::ForkCommand),
    Explain(explain::ExplainCommand),
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
    Manual(manual::ManualCommand),
}

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command line, or a file that it names, is not what it must be.
    #[error("{0}")]
    Usage(String),
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What was to be shown or written could not be.
    #[error("{0}")]
    Output(#[from] std::io::Error),
}

impl From<&CommandError> for Exit {
    fn from(error: &CommandError) -> Self {
        // AUDIT-11: a source that fails is no finding about a poll.
        match error {
            CommandError::Usage(_) => Self::Usage,
            CommandError::Source(_) | CommandError::Output(_) => Self::Unreadable,
        }
    }
}

impl Cli {
    /// Does what the command line asks.
    pub fn run(self) -> Result<Exit, CommandError> {
        match self.command {
            Command::Recount(command) => command.run(),
            Command::Receipt(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Follow(command) => command.run(),
            Command::Mirror(command) => command.run(),
            Command::Fork(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Witness(command) => command.run(),
            Command::Manual(command) => command.run(),
        }
    }
}
