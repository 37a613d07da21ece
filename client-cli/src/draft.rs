//! Drafts: acts on their way from one signer to the next, in a file or on the server.
//!
//! ```json
//! { "format": "veche-draft/v1", "log": "poll/park", "says": ["..."], "entries": ["<base64>"] }
//! ```
//!
//! `says` is for people who look into the file; the tool shows what the entries themselves say, and
//! derives what they are bound to from logs that it reads itself.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use veche_keys::private_file::{self, Existing};
use veche_protocol::entry::SignedEntry;
use veche_protocol::name::LogPath;

use crate::acts::Act;
use crate::api::Api;
use crate::error::ClientError;
use crate::words;

const FORMAT: &str = "veche-draft/v1";

/// Entries of one log with the signatures so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The log for which they are meant.
    pub path: LogPath,
    /// The entries in their order, at least one.
    pub entries: Vec<SignedEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftFile {
    format: String,
    log: String,
    says: Vec<String>,
    entries: Vec<String>,
}

impl Draft {
    /// The draft of these acts, all of one log, each signed at least once.
    pub fn of(path: &LogPath, acts: &[Act]) -> Self {
        Self { path: path.clone(), entries: acts.iter().map(Act::entry).collect() }
    }

    /// Writes the draft to a new file.
    pub fn save(&self, file: &Path) -> Result<(), ClientError> {
        let content = DraftFile {
            format: FORMAT.to_owned(),
            log: self.path.to_string(),
            says: words::summary(&self.path, self.entries.iter().map(SignedEntry::payload)),
            entries: self.entries.iter().map(|entry| STANDARD.encode(entry.bytes())).collect(),
        };
        let mut text = serde_json::to_string_pretty(&content).expect("texts are always written");
        text.push('\n');
        Ok(private_file::write(file, text.as_bytes(), Existing::Keep)?)
    }

    /// Reads a draft from a file.
    pub fn load(file: &Path) -> Result<Self, ClientError> {
        let text = private_file::read_text(file)?;
        let content: DraftFile =
            serde_json::from_str(&text).map_err(|error| ClientError::content(file, error))?;
        if content.format != FORMAT {
            return Err(ClientError::content(file, "this is not a draft of this version"));
        }
        Self::parse(&content.log, &content.entries)
            .map_err(|reason| ClientError::content(file, reason))
    }

    /// Fetches a draft from the server.
    pub fn fetch(api: &Api, id: &str) -> Result<Self, ClientError> {
        let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id {
            let text = format!("{id}: neither a draft file nor the 64 hex digits of a draft's id");
            return Err(ClientError::Usage(text));
        }
        let answer = api.draft(id)?;
        Self::parse(&answer.path, &[answer.entry]).map_err(|reason| ClientError::Answer {
            url: format!("{}/api/v1/drafts/{id}", api.base()),
            reason,
        })
    }

    fn parse(log: &str, entries: &[String]) -> Result<Self, String> {
        let path = LogPath::parse(log).ok_or("the log's name is malformed")?;
        let decode = |text: &String| {
            let bytes = STANDARD.decode(text).map_err(|_| "an entry is not base64".to_owned())?;
            SignedEntry::decode(path.log_type(), bytes).map_err(|breach| breach.to_string())
        };
        let entries = entries.iter().map(decode).collect::<Result<Vec<_>, String>>()?;
        if entries.is_empty() {
            return Err("there is no entry in it".to_owned());
        }
        Ok(Self { path, entries })
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::entry::{Binding, Payload};
    use veche_protocol::hash::Hash;
    use veche_protocol::roll::{District, RollHeader};
    use veche_protocol::signature::SigningKey;

    use super::*;

    fn draft() -> Draft {
        let header = RollHeader {
            title: "Voters".to_owned(),
            districts: vec![District { code: "n".to_owned(), label: "North".to_owned() }],
            since: 1,
            until: 2,
        };
        let origin = "vote.example.org/roll/city";
        let binding = Binding { instance: Hash::ZERO, origin, under: Hash::ZERO };
        let path = LogPath::Roll("city".to_owned());
        let mut act = Act::new(path.clone(), &binding, Payload::Roll(header));
        act.sign(&SigningKey::from_seed(&[1; 32]));
        Draft::of(&path, &[act])
    }

    #[test]
    fn a_draft_survives_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("header.draft");
        draft().save(&file).unwrap();
        assert_eq!(Draft::load(&file).unwrap(), draft());
    }

    #[test]
    fn what_is_no_draft_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("header.draft");
        for (text, reason) in [
            ("{}", "missing field"),
            (r#"{"format":"x","log":"register","says":[],"entries":[]}"#, "version"),
            (
                r#"{"format":"veche-draft/v1","log":"roll/..","says":[],"entries":[]}"#,
                "the log's name",
            ),
            (r#"{"format":"veche-draft/v1","log":"roll/a","says":[],"entries":[]}"#, "no entry"),
            (
                r#"{"format":"veche-draft/v1","log":"roll/a","says":[],"entries":["gg=="]}"#,
                "entry-malformed",
            ),
        ] {
            private_file::write(&file, text.as_bytes(), Existing::Replace).unwrap();
            let error = Draft::load(&file).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
