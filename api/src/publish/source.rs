//! The city's public files, read over HTTP as anyone reads them.
//!
//! Every wait has a bound and every answer a longest length; what fails for a while is asked for
//! again, with pauses. Not here: whether anything that comes is true ([`super::tree`]).

use core::fmt::Display;
use std::io::Read as _;
use std::thread;
use std::time::Duration;

use axum::body::Bytes;
use ureq::Agent;
use ureq::http::StatusCode;
use veche_protocol::audit::{self, MAX_FILE_LENGTH, fetch_exact};
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use super::PARALLEL;
use super::error::PublishError;

/// How often a file is asked for before giving up.
const TRIES: u32 = 4;
/// The first pause before a file is asked for again; 0.2 + 0.8 + 3.2 = 4.2 s in all.
const PAUSE: Duration = Duration::from_millis(200);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for a whole file: the longest, 16 MiB, takes 45 s at 3 Mbit/s.
const ANSWER: Duration = Duration::from_mins(1);

/// A city, by the address below which `register/checkpoint` stands.
#[derive(Clone, Debug)]
pub struct CitySource {
    agent: Agent,
    base: String,
}

impl CitySource {
    /// The city at this address.
    pub fn new(base: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(3)
            .max_idle_connections(PARALLEL)
            .max_idle_connections_per_host(PARALLEL)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(concat!("veched/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, base: base.trim_end_matches('/').to_owned() }
    }

    /// A file; one that the city does not have is an error, since its own head speaks of it. Where
    /// a partial tile or bundle is gone, the beginning of the full one takes its place.
    pub(super) async fn read(&self, log: &LogPath, file: Resource) -> Result<Bytes, PublishError> {
        let (city, path) = (self.clone(), log.clone());
        // PUBLISH-27: the client's own time-outs and tries bound this.
        let reading = tokio::task::spawn_blocking(move || fetch_exact(&city, &path, &[file]));
        let url = || format!("{}/{log}/{file}", self.base);
        let mut files = reading
            .await
            .map_err(|error| PublishError::City { url: url(), reason: error.to_string() })??;
        let missing = || PublishError::City { url: url(), reason: "there is no such file".into() };
        files.pop().flatten().map(Bytes::from).ok_or_else(missing)
    }

    fn get(&self, log: &LogPath, file: &Resource) -> Result<Option<Vec<u8>>, PublishError> {
        let url = format!("{}/{log}/{file}", self.base);
        let mut pause = PAUSE;
        let mut tries = 1;
        loop {
            match self.try_get(&url) {
                Err(Failure::Passing(_)) if tries < TRIES => thread::sleep(pause),
                Err(Failure::Passing(reason) | Failure::Final(reason)) => {
                    return Err(PublishError::City { url, reason });
                }
                Ok(file) => return Ok(file),
            }
            tries += 1;
            pause *= 4;
        }
    }

    fn try_get(&self, url: &str) -> Result<Option<Vec<u8>>, Failure> {
        let passing = |error: &dyn Display| Failure::Passing(error.to_string());
        let answer = match self.agent.get(url).call() {
            Ok(answer) => answer,
            Err(error @ (ureq::Error::BadUri(_) | ureq::Error::Http(_))) => {
                return Err(Failure::Final(error.to_string()));
            }
            Err(error) => return Err(passing(&error)),
        };
        match answer.status() {
            StatusCode::OK => {
                let mut bytes = Vec::new();
                let body = answer.into_body().into_reader();
                let read = body.take(MAX_FILE_LENGTH as u64 + 1).read_to_end(&mut bytes);
                read.map(|_| Some(bytes)).map_err(|error| passing(&error))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(passing(&format_args!("the answer is {status}")))
            }
            status => Err(Failure::Final(format!("the answer is {status}"))),
        }
    }
}

/// Why a file was not got.
enum Failure {
    /// It may be better in a moment.
    Passing(String),
    /// Asking again will not help.
    Final(String),
}

impl audit::Source for CitySource {
    type Error = PublishError;

    fn fetch(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<Vec<Option<Vec<u8>>>, PublishError> {
        files.iter().map(|file| self.get(log, file)).collect()
    }
}
