//! `veche-audit explain`: what a code means.

use std::io::{self, Write as _};

use clap::Args;
use veche_protocol::breach::Breach;

use super::CommandError;
use crate::exit::Exit;
use crate::words::fault_name;

/// Say what a code means, and who answers for it; all codes if none is given.
#[derive(Args, Debug)]
pub(super) struct ExplainCommand {
    /// The code, as `root-mismatch`.
    code: Option<String>,
}

impl ExplainCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let breaches = match &self.code {
            None => Breach::ALL.to_vec(),
            Some(code) => vec![Breach::from_code(code).ok_or_else(|| {
                CommandError::Usage(format!("{code}: no such code; without one all are listed"))
            })?],
        };
        let mut out = io::stdout().lock();
        for breach in breaches {
            writeln!(out, "{} ({})", breach.code(), fault_name(breach.fault()))?;
            writeln!(out, "  {}", breach.meaning())?;
        }
        Ok(Exit::Sound)
    }
}
