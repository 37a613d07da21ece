//! `veched`: what a city runs.
//!
//! Not here: the server itself (the library `veche_api`).

mod command;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match command::Veched::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("veched: {error:#}");
            ExitCode::FAILURE
        }
    }
}
