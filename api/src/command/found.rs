//! `veched found`: join what the commission has signed, and begin the city.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use veche_api::data_directory::{DataDirectory, read};
use veche_api::genesis::GenesisDraft;

use super::{found_city, read_key, read_passphrase};

/// Join the drafts that the commission has signed, and found the city.
#[derive(Debug, Args)]
pub(super) struct FoundCommand {
    /// The directory in which `veched init` has made the draft.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// What opens the log key, if it is encrypted.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The drafts that came back from the commission.
    #[arg(required = true, value_name = "DRAFT")]
    drafts: Vec<PathBuf>,
}

impl FoundCommand {
    pub(super) fn run(self) -> Result<()> {
        let data = DataDirectory::open(&self.data)?;
        ensure!(!data.store().exists(), "{} holds a city already", self.data.display());
        let passphrase = read_passphrase(self.passphrase_file.as_ref())?;
        let key = read_key(&data.log_key(), passphrase.as_ref().map(|text| text.as_str()))?;
        let load = |file: &PathBuf| -> Result<GenesisDraft> {
            GenesisDraft::parse(&read(file)?).with_context(|| file.display().to_string())
        };
        // The operator's own draft is the measure: nobody brings another in by mistake.
        let mut draft = load(&data.genesis_draft())?;
        for file in &self.drafts {
            draft = draft.joined(&load(file)?).with_context(|| file.display().to_string())?;
        }
        found_city(&data, &key, draft.complete()?)
    }
}
