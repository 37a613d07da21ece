//! `veche issuer serve`: give out the credentials of an anonymous poll.

use std::path::PathBuf;

use clap::Args;

use crate::authority::watch::PollWatch;
use crate::commands::Global;
use crate::commands::poll_announce::poll_path;
use crate::commands::service::{Opened, ServiceArgs, trust_with_heads};
use crate::commands::session::{Session, reading};
use crate::error::ClientError;
use crate::issuer::Issuer;
use crate::issuer::state::IssuerState;

/// Serve as an issuer of an anonymous poll, until it has opened or closed.
///
/// Your key is the Ed25519 key (`veche key new`) that stands in the poll's definition. After the
/// announcement this makes an RSA key for each district, stores them and gives them to the log;
/// after Begin it signs, blindly, for every request that stands there, each voter once. Everything
/// is read and verified from the city's first entry on, under the policy of the trust file; the
/// server is believed in nothing.
///
/// The folder holds the keys (encrypted), the record of whom was signed for, and the heads seen. It
/// is needed until issuing is over: whoever loses it makes the poll start anew. One program uses it
/// at a time. When issuing is over the keys are wiped, and the program ends.
///
/// SIGTERM and SIGINT end it between batches; started again, it goes on. On a terminal it says what
/// it does; else each line on stderr is a JSON object.
#[derive(Debug, Args)]
pub(super) struct ServeCommand {
    /// Id of the poll.
    poll: String,
    /// The folder of this issuer for this poll; made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    state: PathBuf,
    #[command(flatten)]
    service: ServiceArgs,
}

impl ServeCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let path = poll_path(&self.poll)?;
        let session = Session::begin(global)?;
        let Opened { key, passphrase } = self.service.open(&self.state.join("keys"))?;
        let (state, seen) = IssuerState::open(&self.state, passphrase)?;
        let trust = trust_with_heads(&session.trust, seen)?;
        trust.seen().for_each(|(log, size)| session.api.expect(&log, size));
        let watch = self.service.begin(|| {
            let mut progress = reading(&path.to_string());
            PollWatch::read(&session.api, trust.clone(), &self.poll, &mut progress)
        })?;
        let mut issuer = Issuer::new(watch, key, state);
        self.service.run(|| issuer.step(&session.api, &session.api))
    }
}
