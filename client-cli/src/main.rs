//! `veche`: the program. Everything it does is in the library; here are only the two ends.

use std::process::ExitCode;

use clap::Parser as _;
use veche_client::commands::Cli;
use veche_client::exit::Exit;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => Exit::Done.into(),
        Err(error) => {
            eprintln!("error: {error} [{}]", error.code());
            if let Some(advice) = error.advice() {
                eprintln!("  now: {advice}");
            }
            Exit::from(&error).into()
        }
    }
}
