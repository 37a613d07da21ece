//! `veche roll new`: begin a roll.

use std::path::Path;

use clap::Args;
use veche_keys::private_file;
use veche_protocol::name::{LogPath, is_id};
use veche_protocol::roll::{District, RollHeader};

use crate::acts::check::Target;
use crate::acts::roll;
use crate::commands::Global;
use crate::commands::session::Session;
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;
use crate::time;

/// Begin a roll of voters. A registrar and an inspector sign.
#[derive(Debug, Args)]
pub(super) struct NewCommand {
    /// Name of the roll: lower case letters, digits and hyphens.
    #[arg(long)]
    name: String,
    /// Title, as people read it.
    #[arg(long)]
    title: String,
    /// Districts as code=label,code=label,... or a file with one code=label on each line.
    #[arg(long, value_name = "FILE|LIST")]
    districts: String,
    /// From when polls may use the roll; now if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    since: Option<u64>,
    /// Until when: at most 366 days later. A date, or a time such as 2026-11-23T08:00:00Z.
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: u64,
    #[command(flatten)]
    signing: SigningArgs,
}

impl NewCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let path = roll_path(&self.name)?;
        let city = session.city()?;
        if city.has_log(&path) {
            return Err(ClientError::Usage(format!("there is a log {path} already")));
        }
        let header = RollHeader {
            title: self.title,
            districts: districts(&self.districts)?,
            since: self.since.unwrap_or_else(time::now),
            until: self.until,
        };
        let act = roll::header(&city, &self.name, header)?;
        let mut target = Target::read(&session.api, &city, &path, &mut |_, _| {})?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}

/// The path of a roll's log.
pub(super) fn roll_path(name: &str) -> Result<LogPath, ClientError> {
    if is_id(name) {
        return Ok(LogPath::Roll(name.to_owned()));
    }
    let text = format!("{name:?} is no name: lower case letters, digits and hyphens, at most 64");
    Err(ClientError::Usage(text))
}

/// Reads a date or time of a command line.
pub(super) fn date(text: &str) -> Result<u64, String> {
    time::parse(text).ok_or_else(|| "expected 2026-11-23 or 2026-11-23T08:00:00Z".to_owned())
}

/// Reads districts from a file, if the text names one, or from the text itself.
fn districts(text: &str) -> Result<Vec<District>, ClientError> {
    let file = Path::new(text);
    let list = if !text.contains('=') || file.exists() {
        private_file::read_text(file)?
    } else {
        text.replace(',', "\n")
    };
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let parts =
                line.split_once('=').filter(|(code, label)| !code.is_empty() && !label.is_empty());
            let (code, label) =
                parts.ok_or_else(|| ClientError::Usage(format!("{line:?} is not code=label")))?;
            Ok(District { code: code.trim().to_owned(), label: label.trim().to_owned() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::districts;

    #[test]
    fn districts_come_from_a_list_or_a_file() {
        let listed = districts("n=North,s=South bank").unwrap();
        assert_eq!((listed[1].code.as_str(), listed[1].label.as_str()), ("s", "South bank"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("districts");
        std::fs::write(&file, "n=North, old town\n\ns=South bank\n").unwrap();
        let read = districts(file.to_str().unwrap()).unwrap();
        assert_eq!(read[0].label, "North, old town");
        assert!(districts("n=North,south").is_err());
    }
}
