//! `veche poll announce`: fix a poll's definition.

use std::path::PathBuf;

use clap::Args;
use veche_protocol::name::{LogPath, is_id};

use crate::acts::check::Target;
use crate::acts::poll;
use crate::commands::Global;
use crate::commands::session::Session;
use crate::commands::signing::SigningArgs;
use crate::definition_file::DefinitionFile;
use crate::error::ClientError;

/// Announce a poll: from here on its definition is frozen. Two poll officers sign.
#[derive(Debug, Args)]
pub(super) struct AnnounceCommand {
    /// Id of the poll: lower case letters, digits and hyphens.
    #[arg(long, value_name = "ID")]
    poll: String,
    /// The definition, in TOML or JSON.
    #[arg(long, value_name = "FILE")]
    definition: PathBuf,
    #[command(flatten)]
    signing: SigningArgs,
}

impl AnnounceCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let path = poll_path(&self.poll)?;
        let city = session.city()?;
        if city.has_log(&path) {
            return Err(ClientError::Usage(format!("there is a log {path} already")));
        }
        let definition = DefinitionFile::load(&self.definition)?
            .read(city.pins().domain())
            .map_err(|reason| ClientError::content(&self.definition, reason))?;
        for origin in &definition.rolls {
            if !city.register().logs().contains_key(origin) {
                eprintln!(
                    "warning: there is no roll {origin} yet; the poll cannot open without it"
                );
            }
        }
        let act = poll::announce(&city, &self.poll, definition)?;
        let mut target = Target::read(&session.api, &city, &path, &mut |_, _| {})?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}

/// The path of a poll's log.
pub(super) fn poll_path(id: &str) -> Result<LogPath, ClientError> {
    if is_id(id) {
        return Ok(LogPath::Poll(id.to_owned()));
    }
    let text = format!("{id:?} is no id: lower case letters, digits and hyphens, at most 64");
    Err(ClientError::Usage(text))
}
