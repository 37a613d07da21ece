//! `veche poll cancel`: end a poll without a result that binds.

use clap::Args;
use veche_protocol::poll::acts::CancelReason;

use crate::acts::poll;
use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::session::Session;
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;

/// Cancel a poll. Two poll officers sign. What was cast is counted all the same.
///
/// A poll that is closed can be cancelled only because too few trustees lay their shares open
/// (shares-missing); any other, for any other reason.
#[derive(Debug, Args)]
pub(super) struct CancelCommand {
    /// Id of the poll.
    poll: String,
    /// Why: definition-wrong, roll-wrong, technical-failure, legal-order or shares-missing.
    #[arg(long, value_parser = reason)]
    reason: CancelReason,
    #[command(flatten)]
    signing: SigningArgs,
}

impl CancelCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let (city, poll, mut target) = read_poll(&mut session, &self.poll)?;
        let act = poll::cancel(&city, &poll, self.reason)?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}

fn reason(name: &str) -> Result<CancelReason, String> {
    let reason = CancelReason::ALL.into_iter().find(|reason| reason.name() == name);
    reason.ok_or_else(|| {
        let names: Vec<_> = CancelReason::ALL.iter().map(|reason| reason.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}
