//! `veche trustee show`: where the ceremony of a sealed poll stands.

use clap::Args;
use veche_protocol::breach::Breach;
use veche_protocol::hash::sha256;
use veche_protocol::poll::ceremony_fold::{CeremonyFold, Exclusion, Stage};
use veche_protocol::poll::definition::Definition;
use veche_protocol::signature::Key;

use crate::commands::Global;
use crate::commands::poll_announce::poll_path;
use crate::commands::session::{Session, reading};
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::words::printable;

/// Show the trustees of a sealed poll, the stage of their ceremony, and who is missing.
///
/// Each trustee stands with the fingerprint of its key. Trustees compare these with each other in
/// person or by telephone before they join: so nobody holds a ceremony with people whom one
/// organisation has made up.
#[derive(Debug, Args)]
pub(super) struct ShowCommand {
    /// Id of the poll.
    poll: String,
    /// Your public key, in hex: marks your line.
    #[arg(long, value_name = "HEX")]
    own: Option<String>,
}

impl ShowCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let path = poll_path(&self.poll)?;
        let mut session = Session::begin(global)?;
        let city = session.city()?;
        let mut progress = reading(&path.to_string());
        let poll = PollCopy::read(&session.api, &city, &self.poll, &mut progress)?;
        session.note(poll.log())?;
        let fold = poll.fold();
        let Some((definition, ceremony)) = fold.definition().zip(fold.ceremony()) else {
            return Err(ClientError::unlawful(path.to_string())(Breach::EntryNotOfPoll));
        };
        for line in overview(definition, ceremony, self.own.as_deref()) {
            println!("{line}");
        }
        Ok(())
    }
}

fn overview(definition: &Definition, ceremony: &CeremonyFold, own: Option<&str>) -> Vec<String> {
    let trustees = &definition.trustees;
    let (threshold, members) = (trustees.threshold, trustees.members.len());
    let number = ceremony.context().ceremony;
    let stage = match ceremony.stage() {
        Stage::Joining => "joining",
        Stage::Dealing => "dealing",
        Stage::Confirming => "confirming",
        Stage::Complete => "complete",
        Stage::Failed => "failed: too few trustees are left",
    };
    let mut lines = vec![
        format!("{threshold} of {members} trustees open the ballots"),
        format!("ceremony {number}: {stage}"),
    ];
    for index in trustees.indices() {
        let Some(trustee) = trustees.get(index) else { continue };
        let excluded = ceremony.excluded().iter().find(|(_, other, _)| *other == index);
        let takes_part = ceremony.participants().find(|(other, _)| *other == index);
        let standing = match (excluded, takes_part) {
            _ if ceremony.shared().any(|other| other == index) => "share stands".to_owned(),
            (Some((number, _, why)), _) => {
                format!("excluded from ceremony {number}: {}", word(*why))
            }
            (None, Some((_, false))) => "missing".to_owned(),
            _ => "done".to_owned(),
        };
        let mark = if own == Some(trustee.key.to_string().as_str()) { "*" } else { " " };
        let label = printable(&trustee.label);
        lines.push(format!("{mark}{:>2} {label}: {standing}", index.get()));
        lines.push(format!("    key {}", trustee.key));
        lines.push(format!("    fingerprint {}", fingerprint(&trustee.key)));
    }
    lines
}

const fn word(why: Exclusion) -> &'static str {
    match why {
        Exclusion::WrongShare => "a wrong share",
        Exclusion::FalseComplaint => "a false complaint",
        Exclusion::Silent => "silent",
    }
}

/// The first 16 bytes of the key's SHA-256 in groups that can be read aloud: nobody finds another
/// key for a given fingerprint.
fn fingerprint(key: &Key) -> String {
    let hash = sha256(key.as_bytes());
    let groups: Vec<_> = hash.as_bytes()[..16].chunks(2).map(hex::encode).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_short_and_of_the_whole_key() {
        let text = fingerprint(&Key([1; 32]));
        assert_eq!(text.len(), 39);
        let mut other = [1; 32];
        other[31] = 2;
        assert_ne!(text, fingerprint(&Key(other)));
    }
}
