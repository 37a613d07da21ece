//! `veche poll begin`: let voters of an anonymous poll ask for credentials.

use clap::Args;

use crate::acts::poll;
use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::poll_open::read_rolls;
use crate::commands::session::Session;
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;

/// Begin an anonymous poll: from here on its voters ask for credentials. Two poll officers sign.
///
/// The rolls are read and counted here, and pinned as they are: later changes do not touch the
/// poll. In each district there must be at least 50 voters, among whom a ballot can hide, and every
/// issuer must have given its key.
#[derive(Debug, Args)]
pub(super) struct BeginCommand {
    /// Id of the poll.
    poll: String,
    #[command(flatten)]
    signing: SigningArgs,
}

impl BeginCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let (city, poll, mut target) = read_poll(&mut session, &self.poll)?;
        let rolls = read_rolls(&mut session, &city, &poll)?;
        let act = poll::begin(&city, &poll, &rolls)?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}
