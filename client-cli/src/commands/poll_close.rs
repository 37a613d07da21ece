//! `veche poll close`: end the voting.

use clap::Args;

use crate::acts::check::Target;
use crate::acts::poll;
use crate::city::City;
use crate::commands::Global;
use crate::commands::poll_announce::poll_path;
use crate::commands::session::{Session, reading};
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;

/// Close a poll: no ballot counts that comes later. Two poll officers sign.
#[derive(Debug, Args)]
pub(super) struct CloseCommand {
    /// Id of the poll.
    poll: String,
    #[command(flatten)]
    signing: SigningArgs,
}

impl CloseCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let (city, poll, mut target) = read_poll(&mut session, &self.poll)?;
        let act = poll::close(&city, &poll)?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}

/// Reads a poll that exists, for an act of its officers.
pub(super) fn read_poll(
    session: &mut Session,
    id: &str,
) -> Result<(City, PollCopy, Target), ClientError> {
    let path = poll_path(id)?;
    let city = session.city()?;
    let target = Target::read(&session.api, &city, &path, &mut reading(&path.to_string()))?;
    let Target::Poll(poll) = &target else {
        return Err(ClientError::Usage(format!("there is no {path}")));
    };
    session.note(poll.log())?;
    let poll = (**poll).clone();
    Ok((city, poll, target))
}
