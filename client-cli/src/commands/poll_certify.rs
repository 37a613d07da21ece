//! `veche poll certify`: claim the result.

use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;
use veche_protocol::breach::Breach;

use crate::acts::poll::{self, check_close_is_anchored};
use crate::city::City;
use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::session::Session;
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;

/// Pause between two looks at the register.
const PAUSE: Duration = Duration::from_secs(1);

/// Certify a poll: claim the result that you have counted. Two poll officers sign.
///
/// The result is this program's own recount of the whole log; the ballots of a sealed poll are
/// opened here, once enough trustees have laid their shares open. Before that the register must
/// have taken note of the close, which takes the operator some seconds.
#[derive(Debug, Args)]
pub(super) struct CertifyCommand {
    /// Id of the poll.
    poll: String,
    /// How long to wait until the register has taken note of the close, in seconds.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    wait_for_anchor: u64,
    #[command(flatten)]
    signing: SigningArgs,
}

impl CertifyCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let (mut city, poll, mut target) = read_poll(&mut session, &self.poll)?;
        wait_for_anchor(&mut session, &mut city, &poll, Duration::from_secs(self.wait_for_anchor))?;
        let act = poll::certify(&city, &poll)?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}

/// Reads the register again until it anchors the close, as long as that takes no longer than
/// `wait`.
fn wait_for_anchor(
    session: &mut Session,
    city: &mut City,
    poll: &PollCopy,
    wait: Duration,
) -> Result<(), ClientError> {
    let end = Instant::now() + wait;
    loop {
        match check_close_is_anchored(city, poll) {
            Err(ClientError::Unlawful { breach: Breach::AnchorMissing, .. })
                if Instant::now() < end => {}
            verdict => return verdict,
        }
        sleep(PAUSE);
        city.read_on(&session.api)?;
        session.note(city.log())?;
    }
}
