//! `veche roll revoke`: take voters off a roll.

use clap::{Args, ValueEnum};
use veche_protocol::roll::{Revocation, RevocationReason, VoterId};

use crate::acts::check::Target;
use crate::acts::roll;
use crate::commands::Global;
use crate::commands::roll_new::roll_path;
use crate::commands::session::{Session, reading};
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;

/// Take voters off a roll. A registrar and an inspector sign.
///
/// Polls that are open already are not touched: they have pinned the roll as it was.
#[derive(Debug, Args)]
pub(super) struct RevokeCommand {
    /// Name of the roll.
    #[arg(long)]
    name: String,
    /// A voter's id, in hex; repeat for each.
    #[arg(long, required = true, value_name = "HEX", value_parser = voter_id)]
    voter: Vec<VoterId>,
    /// Why: the key is to be replaced by another, or the voter has left.
    #[arg(long)]
    reason: Reason,
    #[command(flatten)]
    signing: SigningArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reason {
    Replaced,
    Left,
}

impl RevokeCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let path = roll_path(&self.name)?;
        let city = session.city()?;
        let mut target = Target::read(&session.api, &city, &path, &mut reading(&path.to_string()))?;
        let Target::Roll(roll) = &target else {
            return Err(ClientError::Usage(format!("there is no {path}")));
        };
        session.note(roll.log())?;
        let reason = match self.reason {
            Reason::Replaced => RevocationReason::Replaced,
            Reason::Left => RevocationReason::Left,
        };
        let revocations: Vec<_> =
            self.voter.iter().map(|&voter| Revocation { voter, reason }).collect();
        if let Some(unknown) = self.voter.iter().find(|voter| roll.fold().find(voter).is_none()) {
            let id = hex::encode(unknown.0);
            return Err(ClientError::Usage(format!("{id} is not an active voter of {path}")));
        }
        let acts = roll::revoke(&path, roll.fold(), &revocations);
        self.signing.finish(&session, &city, &mut target, acts)
    }
}

/// Reads a voter id in hex.
fn voter_id(text: &str) -> Result<VoterId, String> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(VoterId).ok_or_else(|| "expected 32 hex digits".to_owned())
}
