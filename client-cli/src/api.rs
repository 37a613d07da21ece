//! A city's server as a client sees it (spec/api.md): its public files, and handing in.
//!
//! Every wait has a bound, every answer a longest length. Nothing that is fetched here is believed:
//! readers of logs check it against signed heads ([`crate::log_copy`]). One [`Api`] keeps its
//! connections open and may be shared by threads.

pub mod answers;
pub mod problem;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Proxy};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::{MAX_NOTE_LENGTH, Note};
use veche_protocol::log::receipt::{MAX_RECEIPT_LENGTH, Receipt};
use veche_protocol::log::tile::{EntriesPath, MAX_ENTRY_LENGTH, Resource, TILE_WIDTH, TilePath};
use veche_protocol::name::LogPath;

use crate::api::answers::{DraftAnswer, InstanceAnswer};
use crate::api::problem::Problem;
use crate::error::ClientError;
use crate::patience::{INTERVAL, Witnessing, limit, look_until};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for a whole answer: a full bundle of 16 MiB at 3 Mbit/s takes 45 s.
const ANSWER: Duration = Duration::from_mins(1);
/// How often the same bytes are handed in before giving up, and the first pause between; the pauses
/// double, so all of them take 0.2 * (1 + 2 + 4 + 8) = 3 s.
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Longest JSON answer, in bytes: 256 times what a draft with its entry in base64 takes.
const MAX_JSON_LENGTH: u64 = 256 * 96 * 1024;
/// Longest bundle of entries, in bytes: 256 entries with their lengths.
const MAX_BUNDLE_LENGTH: u64 = TILE_WIDTH as u64 * (MAX_ENTRY_LENGTH as u64 + 2);
/// Longest tile, in bytes.
const MAX_TILE_LENGTH: u64 = TILE_WIDTH as u64 * 32;

/// Where the public files of a city's logs come from.
pub trait Source {
    /// The latest signed checkpoint of a log.
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError>;
    /// A bundle of entries; `None` if there is none of this width.
    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError>;
    /// A tile of hashes; `None` if there is none of this width.
    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError>;
}

/// Whether requests share connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connections {
    /// Yes, as long as the server keeps them open.
    Kept,
    /// Each has its own, from the first packet on: neither the server nor whoever terminates TLS
    /// before it can tell by the connection that two come from one program.
    Fresh,
}

/// A server at one address. It is sent no cookies, and nothing that it gave out in one answer
/// comes back in another request.
#[derive(Clone, Debug)]
pub struct Api {
    agent: Agent,
    base: String,
    /// Sizes of logs that are known to have been public, or promised.
    known: Arc<Mutex<BTreeMap<LogPath, u64>>>,
}

impl Api {
    /// A client of the server at this address (`http://` or `https://`, a path may follow).
    pub fn new(base: &str) -> Result<Self, ClientError> {
        Self::through(base, None, Connections::Kept)
    }

    /// The same, by way of a proxy (`http://`, `socks5://`), which then is what the server sees.
    pub fn through(
        base: &str,
        proxy: Option<&str>,
        connections: Connections,
    ) -> Result<Self, ClientError> {
        if !base.starts_with("http://") && !base.starts_with("https://") {
            let text = format!("{base}: an address begins with https:// or http://");
            return Err(ClientError::Usage(text));
        }
        let mut config = Agent::config_builder();
        if let Some(address) = proxy {
            let proxy = Proxy::new(address)
                .map_err(|error| ClientError::Usage(format!("the proxy {address}: {error}")))?;
            config = config.proxy(Some(proxy));
        }
        if connections == Connections::Fresh {
            config = config.max_idle_connections(0);
        }
        let agent = config
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(concat!("veche/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let known = Arc::default();
        Ok(Self { agent, base: base.trim_end_matches('/').to_owned(), known })
    }

    /// The address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Tells of a head of a log that is known to this size. A smaller one that is read is asked for
    /// again for some time: heads are published in rounds, and a mirror lags behind the server.
    pub fn expect(&self, log: &LogPath, size: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let largest = known.entry(log.clone()).or_default();
        *largest = size.max(*largest);
    }

    fn known(&self, log: &LogPath) -> u64 {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(log).copied().unwrap_or_default()
    }

    /// Hands in an entry, once. The receipt is read, not yet verified.
    pub fn submit_once(&self, log: &LogPath, entry: &[u8]) -> Result<Receipt, ClientError> {
        let url = format!("{}/api/v1/{}/entries", self.base, plural(log));
        let request = self
            .agent
            .post(&url)
            .header(header::CONTENT_TYPE, "application/cbor")
            .header(header::ACCEPT, "text/plain");
        let answer = request.send(entry).map_err(|error| failed(&url, &error))?;
        let body = body(&url, answer, MAX_RECEIPT_LENGTH as u64)?;
        Receipt::parse(&body).map_err(ClientError::distrust("the server's receipt"))
    }

    /// Hands in an entry, again and again while the server is busy or the answer gets lost: the
    /// same bytes are one entry however often they come (RECEIPT-5).
    pub fn submit(&self, log: &LogPath, entry: &[u8]) -> Result<Receipt, ClientError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.submit_once(log, entry) {
                Err(ClientError::Network { .. } | ClientError::TimeOut { .. }) => {}
                Err(ClientError::Refused(problem)) if problem.is_passing() => {}
                answer => return answer,
            }
            sleep(pause);
            pause *= 2;
        }
        self.submit_once(log, entry)
    }

    /// What the server says of itself; every word of it is checked elsewhere.
    pub fn instance(&self) -> Result<InstanceAnswer, ClientError> {
        self.get_json("/api/v1/instance")
    }

    /// One entry that waits for signatures.
    pub fn draft(&self, id: &str) -> Result<DraftAnswer, ClientError> {
        self.get_json(&format!("/api/v1/drafts/{id}"))
    }

    /// Leaves an entry, with at least one signature, for others to sign.
    pub fn leave_draft(&self, log: &LogPath, entry: &[u8]) -> Result<DraftAnswer, ClientError> {
        let draft = answers::NewDraft { path: log.to_string(), entry: STANDARD.encode(entry) };
        self.post_json("/api/v1/drafts", &draft)
    }

    /// Asks for any JSON answer of the interface.
    pub fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let url = format!("{}{path}", self.base);
        let request = self.agent.get(&url).header(header::ACCEPT, "application/json");
        let answer = request.call().map_err(|error| failed(&url, &error))?;
        read_json(&url, answer)
    }

    fn post_json<T: DeserializeOwned>(
        &self,
        path: &str,
        content: &impl Serialize,
    ) -> Result<T, ClientError> {
        let url = format!("{}{path}", self.base);
        let content = serde_json::to_vec(content).expect("texts and lists are always written");
        let request = self.agent.post(&url).header(header::CONTENT_TYPE, "application/json");
        let answer = request.send(&content).map_err(|error| failed(&url, &error))?;
        read_json(&url, answer)
    }

    /// A public file of a log; `None` if there is none.
    fn file(
        &self,
        log: &LogPath,
        resource: Resource,
        longest: u64,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        let url = format!("{}/{log}/{resource}", self.base);
        let answer = self.agent.get(&url).call().map_err(|error| failed(&url, &error))?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        body(&url, answer, longest).map(Some)
    }
}

impl Source for Api {
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
        let fetch = || {
            let note = self.file(log, Resource::Checkpoint, MAX_NOTE_LENGTH as u64)?;
            let missing = || ClientError::NoLog { log: log.to_string(), at: self.base.clone() };
            note.ok_or_else(missing)
        };
        let known = self.known(log);
        if known == 0 {
            return fetch();
        }
        // RECEIPT-12: a smaller head is no evidence before the bound; what it is then, the readers
        // of logs say.
        look_until(limit(INTERVAL, Witnessing::Asked), fetch, |note| {
            let note = Note::parse(note).and_then(|note| Checkpoint::parse(note.text()));
            note.map_or(true, |head| head.size >= known)
        })
    }

    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
        self.file(log, Resource::Entries(path), MAX_BUNDLE_LENGTH)
    }

    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        self.file(log, Resource::Tile(path), MAX_TILE_LENGTH)
    }
}

/// The collection in which the interface keeps a log.
fn plural(log: &LogPath) -> String {
    match log {
        LogPath::Register => "register".to_owned(),
        LogPath::Roll(name) => format!("rolls/{name}"),
        LogPath::Poll(id) => format!("polls/{id}"),
    }
}

fn read_json<T: DeserializeOwned>(
    url: &str,
    answer: Response<ureq::Body>,
) -> Result<T, ClientError> {
    let body = body(url, answer, MAX_JSON_LENGTH)?;
    serde_json::from_slice(&body).map_err(|error| ClientError::Answer {
        url: url.to_owned(),
        reason: format!("not the JSON that was asked for: {error}"),
    })
}

/// The body of a good answer; an error status becomes the problem that it carries.
fn body(url: &str, mut answer: Response<ureq::Body>, longest: u64) -> Result<Vec<u8>, ClientError> {
    let status = answer.status();
    let body = answer.body_mut().with_config().limit(longest).read_to_vec();
    let body = body.map_err(|error| failed(url, &error))?;
    if status.is_success() {
        return Ok(body);
    }
    if status.is_redirection() {
        let reason = format!("status {status}: the address leads elsewhere; give the final one");
        return Err(ClientError::Answer { url: url.to_owned(), reason });
    }
    Err(ClientError::Refused(Problem::read(status.as_u16(), &body)))
}

fn failed(url: &str, error: &ureq::Error) -> ClientError {
    let url = url.to_owned();
    match error {
        ureq::Error::Timeout(_) => ClientError::TimeOut { url },
        ureq::Error::BodyExceedsLimit(limit) => {
            ClientError::Answer { url, reason: format!("the answer is longer than {limit} bytes") }
        }
        error => ClientError::Network { url, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests;
