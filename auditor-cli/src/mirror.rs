//! A mirror: a verified copy of a city's logs, served on under the same paths, and a way in for
//! those whom the city does not answer.
//!
//! One thread keeps the copy ([`crate::follow`], without recounts), handlers serve what it has
//! verified ([`files`]), and what is handed in is kept and passed on ([`relay`]). Not here: HTTP
//! ([`crate::serve`]).

mod files;
mod health;
mod problem;
pub mod relay;
mod submission;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde_json::json;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;

use crate::follow::teller::Event;
use crate::follow::{Monitor, Report, now};
use crate::replica::ReplicaError;
use crate::serve::{Handler, Method, Request, Response};
use health::Health;
use problem::Problem;
use relay::{Relay, Relayed};
use submission::Submission;

/// Longest body that is read: JSON of API-9, and as much again so that what is too long is told so
/// by a problem document.
pub const MAX_BODY: usize = 2 * submission::MAX_JSON_LENGTH;

/// What a city is known by, as the copy has verified it.
#[derive(Clone, Debug)]
pub struct Known {
    domain: String,
    city: String,
    instance: String,
    register: VerifierKey,
}

impl Known {
    fn of(register: &RegisterFold) -> Self {
        let genesis = register.genesis();
        Self {
            domain: genesis.domain.clone(),
            city: genesis.city.clone(),
            instance: register.instance().to_string(),
            register: register.verifier().clone(),
        }
    }

    /// The key of a log: all logs of a city have one.
    fn key_of(&self, log: &LogPath) -> Option<VerifierKey> {
        let key = self.register.public_key().key()?;
        VerifierKey::ed25519(&log.origin(&self.domain), *key).ok()
    }
}

/// What handlers and the thread that keeps the copy share.
#[derive(Debug)]
pub struct Mirror {
    folder: PathBuf,
    known: Arc<RwLock<Option<Known>>>,
    health: Mutex<Health>,
    relay: Arc<Relay>,
}

impl Mirror {
    /// A mirror of what this monitor keeps, which passes on to the city at an address.
    pub fn new(monitor: &Monitor, city: &str) -> Result<Arc<Self>, ReplicaError> {
        let known = monitor.replica().register().map(Known::of);
        let known = Arc::new(RwLock::new(known));
        let files = monitor.replica().shared_files();
        let relay = Relay::open(files, city, Arc::clone(&known))?;
        let folder = monitor.replica().files().root().to_owned();
        Ok(Arc::new(Self { folder, known, health: Mutex::default(), relay }))
    }

    /// What goes on passing on what was kept: never returns.
    pub fn relay(&self) -> Arc<Relay> {
        Arc::clone(&self.relay)
    }

    /// Takes note of a round; the city was read, or why it was not.
    pub fn after_round(&self, monitor: &Monitor, report: &Report, failure: Option<String>) {
        if let Some(register) = monitor.replica().register() {
            let known = Some(Known::of(register));
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        }
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.after_round(now(), report.gravest, failure);
    }

    /// The last events, for `/health`.
    pub fn told(&self, events: &[Event]) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.told(events);
    }

    fn instance(&self) -> Response {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = &*known else { return Problem::NothingYet.response("") };
        // MONITOR-12: what the copy has verified, and not what the city says now.
        let answer = json!({
            "domain": known.domain,
            "city": known.city,
            "instance": known.instance,
            "register": known.register.to_string(),
            "software": concat!("veche-audit mirror ", env!("CARGO_PKG_VERSION")),
        });
        Response::new(200, "application/json", answer.to_string())
            .with_header("cache-control", "no-cache")
    }

    fn hand_in(&self, log: &LogPath, request: &Request) -> Response {
        let submission = match Submission::read(log, request) {
            Ok(submission) => submission,
            Err((problem, detail)) => return problem.response(&detail),
        };
        match self.relay.submit(&submission) {
            Ok(Relayed::Receipt(receipt)) => submission.answer(&receipt),
            Ok(Relayed::Answer { status, kind, body }) => {
                Response::new(status, &kind, body).with_header("cache-control", "no-store")
            }
            // MONITOR-11: it is on the disk, and will be handed in again.
            Ok(Relayed::Kept { since }) => Problem::RelayKept
                .response(&format!("kept since {since}: ask again with the same bytes"))
                .with_header("retry-after", "5"),
            Ok(Relayed::Full) => Problem::TooBusy
                .response("the relay keeps as much as it may")
                .with_header("retry-after", "60"),
            Err(error) => {
                eprintln!("{error}");
                Problem::StorageFailed.response("")
            }
        }
    }
}

/// Answers for a mirror.
#[derive(Clone, Debug)]
pub struct Door(pub Arc<Mirror>);

impl Handler for Door {
    fn answer(&self, request: Request) -> Response {
        let mirror = &*self.0;
        let path = request.path.trim_start_matches('/');
        let log = path.strip_prefix("api/v1/").and_then(submission::log_of);
        let response = match (request.method, log, path) {
            (Method::Post, Some(log), _) => return mirror.hand_in(&log, &request),
            (_, Some(_), _) => {
                Problem::MethodNotAllowed.response("POST").with_header("allow", "POST")
            }
            (Method::Get, None, "health") => {
                let health = mirror.health.lock().unwrap_or_else(PoisonError::into_inner);
                health.response(now(), mirror.relay.waiting())
            }
            (Method::Get, None, "api/v1/instance") => mirror.instance(),
            (Method::Get, None, path) => files::answer(&mirror.folder, path),
            _ => Problem::MethodNotAllowed.response("GET").with_header("allow", "GET"),
        };
        response.with_header("access-control-allow-origin", "*")
    }
}
