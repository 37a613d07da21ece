//! A city on paper whose public files are served as they are at a moment that the test chooses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::runtime::Runtime;
use veche_api::publish::{CitySource, Destination, Labels, PublishError, Publisher, Round};
use veche_protocol::name::LogPath;
use veche_tests::city::{City, DOMAIN};
use veche_tests::web_server::{WebServer, not_found, ok};

use crate::kept::Kept;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A city and what its server shows of it.
pub(crate) struct ShownCity {
    pub(crate) city: City,
    shown: Arc<Mutex<Files>>,
    server: WebServer,
    runtime: Runtime,
}

pub(crate) fn poll() -> LogPath {
    LogPath::Poll("park".to_owned())
}

pub(crate) fn pond() -> LogPath {
    LogPath::Poll("pond".to_owned())
}

impl ShownCity {
    /// A city with a poll of this many entries.
    pub(crate) fn with_entries(count: usize) -> Self {
        let shown = Arc::new(Mutex::new(Files::new()));
        let files = Arc::clone(&shown);
        let server = WebServer::answering(move |request| {
            files.lock().unwrap().get(&request.path).map_or_else(not_found, |file| ok(file))
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut town = Self { city: City::found(DOMAIN), shown, server, runtime };
        town.append(&poll(), 1);
        town.city.announce_log(&poll());
        town.append(&poll(), count - 1);
        town.city.anchor();
        town.show();
        town
    }

    /// Adds entries to a log. What they say is no matter of a publisher.
    pub(crate) fn append(&mut self, path: &LogPath, count: usize) {
        for _ in 0..count {
            let number = self.city.logs.get(path).map_or(0, |log| log.entries.len());
            self.city.log_bytes(path, format!("{path} {number}").repeat(1 + number % 5).into());
        }
    }

    /// A second poll, 350 ballots in the first, and an anchor of both.
    pub(crate) fn grow(&mut self) {
        self.append(&poll(), 350);
        self.append(&pond(), 1);
        self.city.announce_log(&pond());
        self.append(&pond(), 2);
        self.city.anchor();
        self.show();
    }

    /// Shows the city as it is now.
    pub(crate) fn show(&self) {
        self.show_files(self.city.files());
    }

    pub(crate) fn show_files(&self, files: Files) {
        *self.shown.lock().unwrap() = files;
    }

    /// A publisher from here to there.
    pub(crate) fn publisher(&self, kept: &Kept) -> Publisher {
        let destination = Destination::new(kept.store(), Labels::Kept);
        Publisher::new(CitySource::new(&self.url()), destination)
    }

    /// One round from another server.
    pub(crate) fn publish_from(&self, url: &str, kept: &Kept) -> Result<Round, PublishError> {
        let destination = Destination::new(kept.store(), Labels::Kept);
        self.round(&mut Publisher::new(CitySource::new(url), destination))
    }

    /// One round.
    pub(crate) fn round(&self, publisher: &mut Publisher) -> Result<Round, PublishError> {
        self.runtime.block_on(publisher.round(&|_, _| ()))
    }

    /// One round of a publisher that knows nothing but what it finds.
    pub(crate) fn publish(&self, kept: &Kept) -> Result<Round, PublishError> {
        self.round(&mut self.publisher(kept))
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }
}
