//! `veche poll sign`, `veche roll sign`, `veche commission sign`: add a signature to a draft.

use std::path::Path;

use clap::Args;

use crate::acts::check::{Target, check_claim};
use crate::commands::Global;
use crate::commands::session::{Session, reading};
use crate::commands::signing::SigningArgs;
use crate::draft::Draft;
use crate::error::ClientError;

/// Add your signature to what another has begun to sign.
///
/// The draft is a file or the id of a draft on the server. It is shown in words, held against the
/// logs as this program reads them, and handed in when enough have signed.
#[derive(Debug, Args)]
pub(super) struct SignCommand {
    /// The draft: a file, or the id of a draft on the server.
    draft: String,
    #[command(flatten)]
    signing: SigningArgs,
}

impl SignCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let file = Path::new(&self.draft);
        let draft = if file.exists() {
            Draft::load(file)?
        } else {
            Draft::fetch(&session.api, &self.draft)?
        };
        let city = session.city()?;
        let path = &draft.path;
        let mut target = Target::read(&session.api, &city, path, &mut reading(&path.to_string()))?;
        let take_up = |entry| target.take_up(&city, path, entry);
        let acts = draft.entries.iter().map(take_up).collect::<Result<Vec<_>, _>>()?;
        if let Target::Poll(poll) = &target {
            acts.iter().try_for_each(|act| check_claim(&city, poll, act))?;
            session.note(poll.log())?;
        }
        self.signing.finish(&session, &city, &mut target, acts)
    }
}
