//! `./run demo`: a whole city on this machine, from its founding to the verdict of an observer.
//!
//! The programs `veched` and `veche-audit` stand beside this one. The exit status is the verdict's:
//! 0 only if everything held and both forgeries were caught.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use veche_tests::demo::{self, Options, Sort, Stay, Truths};

/// A whole city on this machine: its founding, a roll of 6,586 voters, a participatory budget with
/// the real ballots of Wieliczka 2023, held as an anonymous and sealed referendum, the result, the
/// recount, and two forgeries that are caught.
#[derive(Debug, Parser)]
#[command(name = "demo", max_term_width = 100)]
struct Arguments {
    /// End after the recount, instead of serving the city until interrupted.
    #[arg(long)]
    once: bool,
    /// Hold a poll that is named and open, without issuers and trustees.
    #[arg(long)]
    open: bool,
    /// Which of the three trustees is killed while the poll is open.
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=3))]
    kill: u16,
    /// In the end the operator signs a second history, and shows it to a witness and a monitor.
    #[arg(long)]
    fork: bool,
    /// Connections over which the ballots are cast.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// Keep keys, logs and the archive in this new folder.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let stay = if arguments.once { Stay::End } else { Stay::Serve };
    if let Some(folder) = &arguments.keep {
        std::fs::create_dir(folder).with_context(|| folder.display().to_string())?;
    }
    let connections = usize::from(arguments.connections);
    let sort = if arguments.open { Sort::Open } else { Sort::Referendum };
    let killed = usize::from(arguments.kill);
    let truths = if arguments.fork { Truths::Two } else { Truths::One };
    let options = Options { sort, stay, killed, connections, truths, keep: arguments.keep };
    let held = demo::run(&options)?;
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
