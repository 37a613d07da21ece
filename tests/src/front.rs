//! What an operator who forges puts before its server: it shows files of its own making, and shows
//! them to witnesses.
//!
//! Not here: the forging ([`crate::city::City::taken_over`]).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use ureq::Agent;
use veche_protocol::log::note::Note;
use veche_protocol::log::witness::{AddCheckpoint, parse_cosignatures};
use veche_protocol::name::LogPath;

use crate::city::City;
use crate::web_server::{WebServer, not_found, ok};

/// Files by their paths.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Longest wait for an answer of a witness.
const PATIENCE: Duration = Duration::from_secs(20);

/// An address at which forged files are shown.
#[derive(Debug)]
pub struct Front {
    files: Arc<Mutex<Files>>,
    server: WebServer,
}

impl Front {
    /// Shows these files, and nothing else.
    pub fn showing(files: Files) -> Self {
        let files = Arc::new(Mutex::new(files));
        let shown = Arc::clone(&files);
        let server = WebServer::answering(move |request| {
            let files = shown.lock().unwrap_or_else(PoisonError::into_inner);
            files.get(&request.path).map_or_else(not_found, |file| ok(file))
        });
        Self { files, server }
    }

    /// Shows other files from now on.
    pub fn show(&self, files: Files) {
        *self.files.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url()
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
    config.timeout_global(Some(PATIENCE)).build().new_agent()
}

/// What a witness has answered: the status, and the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// 200 is a cosignature.
    pub status: u16,
    /// Signature lines, a size, or words.
    pub text: String,
}

impl City {
    /// Asks a witness to cosign the head of a log, with the proof that it extends that over the
    /// first `old` entries of the same log.
    pub fn ask_witness(&self, url: &str, path: &LogPath, old: usize) -> anyhow::Result<Answered> {
        let log = self.at(path);
        let proof = log.consistency(old, log.entries.len());
        let note = self.signed_head(path).into_note();
        let request = AddCheckpoint::new(old as u64, proof, note)?.to_string();
        let mut came = agent().post(format!("{url}/add-checkpoint")).send(request)?;
        let status = came.status().as_u16();
        Ok(Answered { status, text: came.body_mut().read_to_string()? })
    }

    /// The head of a log with the cosignatures of these witnesses, each of whom has seen the first
    /// `old` entries last, as a public file.
    pub fn cosigned(&self, path: &LogPath, witnesses: &[(&str, usize)]) -> anyhow::Result<Files> {
        let mut note: Note = self.signed_head(path).into_note();
        for (url, old) in witnesses {
            let Answered { status, text } = self.ask_witness(url, path, *old)?;
            (status == 200).then_some(()).with_context(|| format!("{status}: {text}"))?;
            for line in parse_cosignatures(text.as_bytes())? {
                note.add_signature(line)?;
            }
        }
        Ok([(format!("{path}/checkpoint"), note.to_string().into_bytes())].into())
    }
}
