//! `veche poll open`: open a poll for the voters of its rolls.

use clap::Args;
use veche_protocol::name::LogPath;

use crate::acts::poll;
use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::session::{Session, reading};
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;
use crate::roll_copy::RollCopy;

/// Open a poll. Two poll officers sign.
///
/// The rolls are read and counted here, and pinned as they are: later changes do not touch the
/// poll.
#[derive(Debug, Args)]
pub(super) struct OpenCommand {
    /// Id of the poll.
    poll: String,
    #[command(flatten)]
    signing: SigningArgs,
}

impl OpenCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let (city, poll, mut target) = read_poll(&mut session, &self.poll)?;
        let definition = poll.fold().definition().cloned();
        let mut rolls = Vec::new();
        for origin in definition.iter().flat_map(|definition| &definition.rolls) {
            let path = LogPath::of_origin(origin, city.pins().domain());
            let Some(LogPath::Roll(name)) = path else { continue };
            let roll = RollCopy::read(&session.api, &city, &name, &mut reading(origin))?;
            for (index, breach) in roll.rejected() {
                eprintln!("warning: entry {index} of {origin} is refused by the law: {breach}");
            }
            session.note(roll.log())?;
            rolls.push(roll);
        }
        let act = poll::open(&city, &poll, &rolls)?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}
