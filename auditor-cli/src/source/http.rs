//! A server: the public files below an address, by HTTP.
//!
//! Every wait has a bound and every answer a longest length; what fails for a while is asked for
//! again, with pauses. Several files are under way at a time, over connections that stay open.

use std::io::Read as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ureq::Agent;
use ureq::http::StatusCode;
use veche_protocol::audit::{MAX_FILE_LENGTH, Source};
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use super::SourceError;

/// Files under way at a time: enough to fill a line of 100 Mbit/s at 30 ms with bundles of 48 kB
/// (8 * 48 kB / 30 ms = 12.8 MB/s), and no burden to a server.
const UNDER_WAY: usize = 8;
/// How often a file is asked for before giving up.
const TRIES: u32 = 4;

/// How long a server is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for a whole file.
    pub answer: Duration,
    /// The first pause before a file is asked for again; the next ones grow fourfold.
    pub pause: Duration,
}

impl Default for Patience {
    /// The longest file, 16 MiB, takes 45 s at 3 Mbit/s. The pauses are 0.2 + 0.8 + 3.2 = 4.2 s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_mins(1),
            pause: Duration::from_millis(200),
        }
    }
}

/// A server at one address.
#[derive(Clone, Debug)]
pub struct HttpSource {
    agent: Agent,
    base: String,
    pause: Duration,
}

impl HttpSource {
    /// The server below whose address `register/checkpoint` stands.
    pub fn new(base: &str) -> Self {
        Self::with_patience(base, Patience::default())
    }

    /// The same, waiting as long as this.
    pub fn with_patience(base: &str, patience: Patience) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(3)
            .max_idle_connections_per_host(UNDER_WAY)
            .timeout_connect(Some(patience.connect))
            .timeout_global(Some(patience.answer))
            .user_agent(concat!("veche-audit/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let base = base.trim_end_matches('/').to_owned();
        Self { agent, base, pause: patience.pause }
    }

    fn get(&self, log: &LogPath, file: &Resource) -> Result<Option<Vec<u8>>, SourceError> {
        let url = format!("{}/{log}/{file}", self.base);
        let mut pause = self.pause;
        for _ in 1..TRIES {
            match self.try_get(&url) {
                Err(Failure::Passing(_)) => thread::sleep(pause),
                Err(Failure::Final(reason)) => return Err(SourceError::Network { url, reason }),
                Ok(file) => return Ok(file),
            }
            pause *= 4;
        }
        self.try_get(&url).map_err(|failure| {
            let (Failure::Passing(reason) | Failure::Final(reason)) = failure;
            SourceError::Network { url, reason }
        })
    }

    fn try_get(&self, url: &str) -> Result<Option<Vec<u8>>, Failure> {
        let passing = |error: &dyn core::fmt::Display| Failure::Passing(error.to_string());
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
                Err(passing(&format_args!("the server answers {status}")))
            }
            status => Err(Failure::Final(format!("the server answers {status}"))),
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

impl Source for HttpSource {
    type Error = SourceError;

    fn fetch(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<Vec<Option<Vec<u8>>>, SourceError> {
        if let [file] = files {
            return Ok(vec![self.get(log, file)?]);
        }
        let next = AtomicUsize::new(0);
        let fetched = Mutex::new(vec![None; files.len()]);
        let failure = Mutex::new(None);
        let fetch_some = || {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = files.get(place) else { return };
                match self.get(log, file) {
                    Ok(bytes) => {
                        fetched.lock().expect("nothing panics under it")[place] = bytes;
                    }
                    Err(error) => {
                        *failure.lock().expect("nothing panics under it") = Some(error);
                        // The others find nothing left to do.
                        next.store(files.len(), Ordering::Relaxed);
                    }
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..UNDER_WAY.min(files.len()) {
                scope.spawn(fetch_some);
            }
        });
        match failure.into_inner().expect("nothing panics under it") {
            Some(error) => Err(error),
            None => Ok(fetched.into_inner().expect("nothing panics under it")),
        }
    }
}
