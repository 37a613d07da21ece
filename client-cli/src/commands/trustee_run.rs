//! `veche trustee run`: take part in the ceremony of a sealed poll, and open it after the close.

use std::path::PathBuf;

use clap::Args;

use crate::authority::watch::PollWatch;
use crate::commands::Global;
use crate::commands::poll_announce::poll_path;
use crate::commands::service::{Opened, ServiceArgs, trust_with_heads};
use crate::commands::session::{Session, reading};
use crate::error::ClientError;
use crate::time;
use crate::trustee::Trustee;
use crate::trustee::state::{Office, TrusteeState};

/// Serve as a trustee of a sealed poll: from the ceremony to the share after the close.
///
/// Your key is the Ed25519 key (`veche key new`) that stands in the poll's definition. This joins
/// the ceremony, deals, checks every share that was dealt to you, complains of a wrong one, and
/// begins again without whoever was excluded. Then it waits for the close. Your share is laid open
/// only when the log is closed as this program has verified it from the city's first entry on,
/// under the policy of the trust file, and when this machine's clock has reached the announced
/// time.
///
/// Before the ceremony compare the trustees' keys with the other trustees in person: `veche trustee
/// show`. The file holds your secrets, encrypted, and what was seen of the log; it is needed until
/// your share stands. One program uses it at a time.
///
/// SIGTERM and SIGINT end it; started again, it goes on. On a terminal it says what it does; else
/// each line on stderr is a JSON object.
#[derive(Debug, Args)]
pub(super) struct RunCommand {
    /// Id of the poll.
    poll: String,
    /// The file of this trustee for this poll; made if it is not there.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    #[command(flatten)]
    service: ServiceArgs,
}

impl RunCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let path = poll_path(&self.poll)?;
        let session = Session::begin(global)?;
        let Opened { key, passphrase } = self.service.open(&self.state)?;
        let origin = session.trust.pins.origin(&path);
        let office = Office { origin, trustee: key.key() };
        let state = if self.state.exists() {
            let phrase = || Ok(passphrase.clone().unwrap_or_default());
            TrusteeState::open(&self.state, phrase, &office)?
        } else {
            let phrase = passphrase.as_ref().map(|phrase| phrase.as_str());
            TrusteeState::create(&self.state, phrase, office, session.trust.clone())?
        };
        let trust = trust_with_heads(&session.trust, Some(state.seen().clone()))?;
        trust.seen().for_each(|(log, size)| session.api.expect(&log, size));
        let watch = self.service.begin(|| {
            let mut progress = reading(&path.to_string());
            PollWatch::read(&session.api, trust.clone(), &self.poll, &mut progress)
        })?;
        let mut trustee = Trustee::new(watch, key, state);
        let api = &session.api;
        self.service.run(|| trustee.step(api, api, time::now(), &mut rand::rng()))
    }
}
