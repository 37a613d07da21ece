//! `veche poll open`: open a poll for the voters of its rolls.

use clap::Args;
use veche_protocol::breach::Breach;
use veche_protocol::name::LogPath;

use crate::acts::poll;
use crate::city::City;
use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::session::{Session, reading};
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::roll_copy::RollCopy;

/// Open a poll. Two poll officers sign.
///
/// The rolls of a named poll are read and counted here, and pinned as they are: later changes do
/// not touch the poll. An anonymous poll was begun before (`veche poll begin`), and that has pinned
/// them. A sealed poll needs the trustees' key, so their ceremony must be complete.
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
        let is_anonymous = poll.fold().definition().is_some_and(|d| d.is_anonymous());
        let rolls = if is_anonymous { Vec::new() } else { read_rolls(&mut session, &city, &poll)? };
        let act = poll::open(&city, &poll, &rolls)?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}

/// The rolls that a poll names, each read whole.
pub(super) fn read_rolls(
    session: &mut Session,
    city: &City,
    poll: &PollCopy,
) -> Result<Vec<RollCopy>, ClientError> {
    let mut rolls = Vec::new();
    for origin in poll.fold().definition().iter().flat_map(|definition| &definition.rolls) {
        let path = LogPath::of_origin(origin, city.pins().domain());
        let Some(path @ LogPath::Roll(name)) = path.as_ref() else { continue };
        if !city.has_log(path) {
            // POLL-11: said here, before the server is asked for what it cannot have.
            let what = format!("the roll {origin}");
            return Err(ClientError::unlawful(what)(Breach::LogNotAnnounced));
        }
        let roll = RollCopy::read(&session.api, city, name, &mut reading(origin))?;
        for (index, breach) in roll.rejected() {
            eprintln!("warning: entry {index} of {origin} is refused by the law: {breach}");
        }
        session.note(roll.log())?;
        rolls.push(roll);
    }
    Ok(rolls)
}
