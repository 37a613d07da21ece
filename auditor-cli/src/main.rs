//! `veche-audit`: the program. Everything it does is in the library; here are only the two ends.

use std::process::ExitCode;

use clap::Parser as _;
use veche_auditor::commands::{Cli, CommandError};
use veche_auditor::exit::Exit;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(exit) => exit.into(),
        // Whoever reads us may have read enough, as `head` does.
        Err(CommandError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            Exit::Unreadable.into()
        }
        Err(error) => {
            eprintln!("error: {error}");
            Exit::from(&error).into()
        }
    }
}
