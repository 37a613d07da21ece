//! `veche poll exclude`: go on without trustees who are silent.

use clap::Args;
use veche_protocol::ceremony::TrusteeIndex;

use crate::acts::poll;
use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::session::Session;
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;

/// Exclude trustees for whom the ceremony of a sealed poll waits. Two poll officers sign.
///
/// The ceremony begins anew without them, as long as enough are left to reach the threshold.
/// `veche poll show` tells who is missing.
#[derive(Debug, Args)]
pub(super) struct ExcludeCommand {
    /// Id of the poll.
    poll: String,
    /// Number of a trustee, by its place in the definition; repeat for several.
    #[arg(long, required = true, value_name = "NUMBER", value_parser = trustee)]
    trustee: Vec<TrusteeIndex>,
    #[command(flatten)]
    signing: SigningArgs,
}

impl ExcludeCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let (city, poll, mut target) = read_poll(&mut session, &self.poll)?;
        let act = poll::exclude(&city, &poll, self.trustee)?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}

fn trustee(text: &str) -> Result<TrusteeIndex, String> {
    let index = text.parse().ok().and_then(TrusteeIndex::new);
    index.ok_or_else(|| "trustees have the numbers 1 to 16".to_owned())
}
