//! `veche poll from-file`: a definition from a Pabulib file.

use std::path::PathBuf;

use clap::Args;
use veche_protocol::interchange::pabulib::parse;

use crate::commands::roll_new::date;
use crate::definition_file::DefinitionFile;
use crate::error::ClientError;
use crate::private_file::{self, Existing};
use crate::{pabulib, time};

/// Write the definition of a poll from a Pabulib file (.pb): projects, costs, budget, rule.
///
/// Read the definition before announcing it: the criteria for ties are not in the file.
#[derive(Debug, Args)]
pub(super) struct FromFileCommand {
    /// The Pabulib file.
    file: PathBuf,
    /// Name of the roll; repeat for several.
    #[arg(long, required = true)]
    roll: Vec<String>,
    /// When the poll opens, such as 2026-11-23T08:00:00Z.
    #[arg(long, value_parser = date)]
    opens_at: u64,
    /// When it closes.
    #[arg(long, value_parser = date)]
    closes_at: u64,
    /// Seconds by which it may open and close earlier or later.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    tolerance: u64,
    /// Title of the poll; by default the description in the file.
    #[arg(long)]
    title: Option<String>,
    /// The definition file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl FromFileCommand {
    pub(super) fn run(self) -> Result<(), ClientError> {
        let text = private_file::read_text(&self.file)?;
        let file = parse(&text).map_err(|error| ClientError::content(&self.file, error))?;
        let described = || file.meta.get("description").cloned();
        let title = self.title.or_else(described).unwrap_or_else(|| "Participatory budget".into());
        let question = pabulib::question(&file, &title)
            .map_err(|reason| ClientError::content(&self.file, reason))?;
        let definition = DefinitionFile {
            title,
            details: None,
            rolls: self.roll,
            districts: Vec::new(),
            opens_at: time::format(self.opens_at),
            closes_at: time::format(self.closes_at),
            tolerance: self.tolerance,
            revote: None,
            max_turn: None,
            quorum: None,
            interval: None,
            questions: vec![question],
        };
        private_file::write(&self.out, definition.to_toml().as_bytes(), Existing::Keep)?;
        let options = definition.questions.first().map_or(0, |question| question.options.len());
        println!("{options} options; the definition is in {}", self.out.display());
        Ok(())
    }
}
