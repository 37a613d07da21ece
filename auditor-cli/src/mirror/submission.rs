//! What is handed in: an entry for a log, read as a server reads it (API-2, API-3, API-9).
//!
//! Only its form is judged. Whether it counts is for the city to say, and for whoever recounts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::{Hash, leaf_hash};
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::{LogPath, is_id};

use super::problem::Problem;
use crate::serve::{Request, Response};

/// Longest JSON, in bytes (API-9).
pub(super) const MAX_JSON_LENGTH: usize = 131_072;

/// The log that `<collection>/entries` is for.
pub(super) fn log_of(path: &str) -> Option<LogPath> {
    let collection = path.strip_suffix("/entries")?;
    match collection.split_once('/') {
        None if collection == "register" => Some(LogPath::Register),
        Some(("rolls", name)) if is_id(name) => Some(LogPath::Roll(name.to_owned())),
        Some(("polls", id)) if is_id(id) => Some(LogPath::Poll(id.to_owned())),
        _ => None,
    }
}

/// In what a receipt is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Json,
}

/// An entry as it was handed in.
#[derive(Clone, Debug)]
pub(super) struct Submission {
    /// The log that it is for.
    pub(super) log: LogPath,
    /// Its bytes.
    pub(super) entry: Vec<u8>,
    /// Their leaf hash.
    pub(super) leaf: Hash,
    form: Form,
}

#[derive(Deserialize)]
struct Document {
    entry: String,
}

impl Submission {
    /// Reads a request.
    pub(super) fn read(log: &LogPath, request: &Request) -> Result<Self, (Problem, String)> {
        let plain = |problem| (problem, String::new());
        let form = form(request.header("accept")).ok_or_else(|| plain(Problem::NotAcceptable))?;
        let kind = request.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let entry = match kind.as_str() {
            "application/cbor" => request.body.clone(),
            "application/json" => read_json(&request.body)?,
            _ => return Err(plain(Problem::UnsupportedMediaType)),
        };
        // MONITOR-11: what is no entry of this log's grammar is not passed on.
        SignedEntry::decode(log.log_type(), entry.clone())
            .map_err(|breach| plain(Problem::Breach(breach)))?;
        Ok(Self { log: log.clone(), leaf: leaf_hash(&entry), entry, form })
    }

    /// An entry that was kept.
    pub(super) fn kept(log: LogPath, entry: Vec<u8>) -> Self {
        Self { log, leaf: leaf_hash(&entry), entry, form: Form::Text }
    }

    /// The answer with a receipt.
    pub(super) fn answer(&self, receipt: &Receipt) -> Response {
        // API-3
        let response = match self.form {
            Form::Text => Response::new(200, "text/plain; charset=utf-8", receipt.to_string()),
            Form::Json => {
                let (index, leaf) = (receipt.index(), self.leaf.to_string());
                let answer =
                    json!({ "index": index, "leaf": leaf, "receipt": receipt.to_string() });
                Response::new(200, "application/json", answer.to_string())
            }
        };
        response.with_header("cache-control", "no-cache")
    }
}

fn read_json(body: &[u8]) -> Result<Vec<u8>, (Problem, String)> {
    // API-9
    if body.len() > MAX_JSON_LENGTH {
        return Err((Problem::BodyTooLarge, String::new()));
    }
    let document: Document =
        serde_json::from_slice(body).map_err(|error| (Problem::BadRequest, error.to_string()))?;
    let entry = STANDARD.decode(document.entry);
    entry.map_err(|error| (Problem::BadRequest, format!("entry: {error}")))
}

/// In what the receipt is wanted; as text where nothing is said.
fn form(accept: Option<&str>) -> Option<Form> {
    let accept = accept.unwrap_or("*/*").to_ascii_lowercase();
    let wanted = accept.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    let mut forms = wanted.filter_map(|kind| match kind {
        "text/plain" | "text/*" | "*/*" | "" => Some(Form::Text),
        "application/json" | "application/*" => Some(Form::Json),
        _ => None,
    });
    forms.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_interface() {
        let path = |path| log_of(path).map(|log| log.to_string());
        assert_eq!(path("register/entries").as_deref(), Some("register"));
        assert_eq!(path("rolls/a-1/entries").as_deref(), Some("roll/a-1"));
        assert_eq!(path("polls/b/entries").as_deref(), Some("poll/b"));
        for other in ["polls//entries", "polls/B/entries", "poll/b/entries", "polls/b", "drafts"] {
            assert_eq!(path(other), None, "{other}");
        }
    }

    #[test]
    fn the_form_is_the_first_that_can_be_given() {
        assert_eq!(form(None), Some(Form::Text));
        assert_eq!(form(Some("application/json")), Some(Form::Json));
        assert_eq!(form(Some("image/png, application/json;q=1, */*")), Some(Form::Json));
        assert_eq!(form(Some("image/png")), None);
    }
}
