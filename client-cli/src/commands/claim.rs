//! `veche claim`: lay an unspent credential open.

use std::path::PathBuf;

use clap::Args;
use veche_keys::private_file::{self, Existing};
use veche_protocol::poll::phase::Phase;

use crate::api::Connections;
use crate::city::City;
use crate::commands::Global;
use crate::commands::credential::open_voter;
use crate::commands::poll_announce::poll_path;
use crate::commands::session::reading;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::terminal::{PassphraseSource, confirm};
use crate::vote_book::VoteBook;
use crate::voter_file::VoterFile;

/// Write a claim: that a credential was issued to you, and that you have not voted with it.
///
/// Auditors count claims: with them, all issuers together cannot cast in the place of those who
/// asked and stayed away. Whoever reads the claim knows which credential was yours. From then on
/// this program signs no ballot with it.
#[derive(Debug, Args)]
pub(super) struct ClaimCommand {
    /// Id of the poll.
    poll: String,
    /// Your voter's file.
    #[arg(long, value_name = "FILE")]
    voter: PathBuf,
    /// Your book of the poll; by default beside the voter's file.
    #[arg(long, value_name = "FILE")]
    book: Option<PathBuf>,
    /// The claim to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl ClaimCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let path = poll_path(&self.poll)?;
        let voter = VoterFile::load(&self.voter)?;
        let beside = || VoteBook::path_of(&self.voter, None, &self.poll);
        let book = self.book.clone().unwrap_or_else(beside);
        let mut book = VoteBook::open(&book, || self.passphrase.existing(&book))?;
        let api = global.api(&voter.url, Connections::Kept)?;
        let city = City::read(&api, &voter.pins)?;
        let title = path.to_string();
        let poll = PollCopy::read(&api, &city, &self.poll, &mut reading(&title))?;
        book.check_and_note(poll.log())?;
        println!("the claim ties this credential to your name, for everyone who reads it");
        println!("you do not vote with it any more");
        if matches!(poll.fold().phase(), Phase::Begun | Phase::Open) {
            println!("the poll is not closed yet: you still could vote");
        }
        if !self.yes {
            confirm("Give your vote up, and write the claim?")?;
        }
        let (key, _) = open_voter(&voter, &self.voter, &self.passphrase)?;
        let claim = book.claim(&poll, &key)?;
        private_file::write(&self.out, &claim.to_bytes(), Existing::Keep)?;
        println!("the claim is in {}; hand it to auditors", self.out.display());
        Ok(())
    }
}
