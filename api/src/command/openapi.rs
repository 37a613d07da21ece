//! `veched openapi`: the `OpenAPI` document, for the snapshot in `api/openapi.json`.

use std::io::Write as _;

use anyhow::Result;
use clap::Args;

/// Print the description of the interface that programs read.
#[derive(Debug, Args)]
#[command(hide = true)]
pub(super) struct OpenapiCommand {}

impl OpenapiCommand {
    pub(super) fn run(self) -> Result<()> {
        let Self {} = self;
        std::io::stdout().write_all(veche_api::openapi_document().as_bytes())?;
        Ok(())
    }
}
