//! One run of a command with a city: the trust file, the server, what was read of it.

use std::path::PathBuf;

use crate::api::{Api, Connections};
use crate::city::City;
use crate::commands::Global;
use crate::error::ClientError;
use crate::log_copy::LogCopy;
use crate::terminal::Progress;
use crate::trust::Trust;

/// A server, and what is believed about it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) api: Api,
    pub(super) trust: Trust,
    path: PathBuf,
}

impl Session {
    /// Begins with the trust file, which must be there: nothing is signed for a city that is not
    /// pinned.
    pub(super) fn begin(global: &Global) -> Result<Self, ClientError> {
        let path = global.trust_path();
        let Some(trust) = Trust::load(&path)? else {
            let text = format!("{}: no city is pinned here; run `veche trust URL`", path.display());
            return Err(ClientError::Usage(text));
        };
        let api = global.api(&trust.url, Connections::Kept)?;
        trust.seen().for_each(|(log, size)| api.expect(&log, size));
        Ok(Self { api, trust, path })
    }

    /// Reads the register.
    pub(super) fn city(&mut self) -> Result<City, ClientError> {
        let city = City::read(&self.api, &self.trust.pins)?;
        for (index, breach) in city.rejected() {
            eprintln!("warning: entry {index} of the register is refused by the law: {breach}");
        }
        self.note(city.log())?;
        Ok(city)
    }

    /// Holds a log against what was seen of it before, and remembers its head.
    pub(super) fn note(&mut self, log: &LogCopy) -> Result<(), ClientError> {
        self.trust.check_and_note(log)?;
        self.trust.save(&self.path)
    }
}

/// A bar for reading a log.
pub(super) fn reading(what: &str) -> impl FnMut(u64, u64) + use<> {
    let progress = Progress::new(&format!("reading {what}"));
    move |done, of| progress.set(done, of)
}
