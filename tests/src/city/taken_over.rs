//! A true city's logs and keys in the hands of a test: what an operator could do who has all that
//! an operator has, and officers to help.

use std::fs;

use anyhow::{Context as _, ensure};
use veche_client::log_copy::LogCopy;
use veche_keys::key_file;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Head;

use super::{City, PaperLog};
use crate::live::LiveCity;

impl City {
    /// The city that a real server serves, with the operator's own key, as its public logs tell it
    /// now. Whatever is done with it from here on, the server does not hear of.
    pub fn taken_over(live: &LiveCity) -> anyhow::Result<Self> {
        let pem = fs::read_to_string(live.data().join("log-key.pem"))?;
        let log_key = key_file::read(&pem, None)?;
        let city = live.read()?;
        let api = live.api()?;
        let mut taken = Self {
            domain: live.pins().domain().to_owned(),
            instance: live.pins().instance,
            log_key,
            logs: [(LogPath::Register, paper(city.log())?)].into(),
            // Nobody was appointed since the founding.
            governance: live.pins().instance,
            anchored: true,
        };
        for path in city.logs() {
            let verifier = live.pins().verifier(&path);
            let log = LogCopy::read(&api, &path, &verifier, &mut |_, _| {})?;
            taken.logs.insert(path, paper(&log)?);
        }
        Ok(taken)
    }

    /// The log at a path, to be changed.
    pub fn at_mut(&mut self, path: &LogPath) -> &mut PaperLog {
        self.logs.get_mut(path).expect("a test changes logs that there are")
    }

    /// The head of a log, signed by the operator.
    pub fn signed_head(&self, path: &LogPath) -> SignedCheckpoint {
        let Head { size, root } = self.head(path);
        let checkpoint = Checkpoint { origin: path.origin(&self.domain), size, root };
        checkpoint.sign(&self.log_key).expect("the origin is a log's")
    }
}

fn paper(log: &LogCopy) -> anyhow::Result<PaperLog> {
    let mut paper = PaperLog::new(log.origin().to_owned());
    for index in 0..log.size() {
        paper.push(log.entry(index).context("a copy has all its entries")?.to_vec());
    }
    ensure!(paper.head() == log.head(), "{} is not what its head says", log.path());
    Ok(paper)
}
