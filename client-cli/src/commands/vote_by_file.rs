//! `veche vote` in a poll that is named and open: ballots hide nothing, and are kept in files that
//! anyone may read.

use std::path::Path;
use std::time::Duration;

use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::policy::Policy;
use veche_protocol::poll::ballot::Selections;
use veche_protocol::poll::definition::Revote;
use veche_protocol::signature::SigningKey;

use crate::api::Api;
use crate::ballot_paper::BallotPaper;
use crate::commands::following::Followed;
use crate::commands::signing::key_error;
use crate::commands::vote::VoteCommand;
use crate::error::ClientError;
use crate::growth::Promise;
use crate::terminal::confirm;
use crate::vote_files::VoteFiles;
use crate::voter_file::VoterFile;
use crate::{casting, choices, receipts};

impl VoteCommand {
    pub(super) fn vote_by_file(
        &self,
        api: &Api,
        voter: Option<&VoterFile>,
        paper: &BallotPaper,
        selections: Selections,
        policy: Option<&Policy>,
    ) -> Result<(), ClientError> {
        let (Some(path), Some(voter)) = (&self.voter, voter) else {
            return Err(ClientError::usage("this poll is named and open: give --voter"));
        };
        let files = VoteFiles::of(path, self.folder.as_deref(), &self.poll);
        let ballot = match pending(&files, paper, &selections)? {
            Some(ballot) => {
                println!("this ballot was signed before and has no receipt yet: sending it again");
                ballot
            }
            None => self.sign(&files, paper, voter, selections)?,
        };
        let receipt = casting::cast(api, paper, &ballot)?;
        let file = files.receipt(choices::turn(&ballot));
        receipts::save(&file, &receipt, ballot.bytes())?;
        println!("your ballot stands in {} at index {}", paper.path(), receipt.index());
        println!("the receipt was checked and is in {}", file.display());
        if !self.wait.is_off() {
            let promise = Promise {
                path: paper.path(),
                verifier: paper.verifier(),
                entry: ballot.bytes(),
                receipt: &receipt,
            };
            let interval = Duration::from_millis(paper.definition().interval);
            let fork = receipts::fork_beside(&file);
            let followed = self.wait.follow(api, &promise, policy, interval, &fork)?;
            let (file, voter) = (file.display(), path.display());
            followed.say(&format!("finish it later: veche receipt upgrade {file} --voter {voter}"));
            keep(&followed, &receipts::grown_beside(&files.receipt(choices::turn(&ballot))))?;
        }
        println!("later, `veche receipt check` tells whether it is still there, and counts");
        Ok(())
    }

    fn sign(
        &self,
        files: &VoteFiles,
        paper: &BallotPaper,
        voter: &VoterFile,
        selections: Selections,
    ) -> Result<SignedEntry, ClientError> {
        let unlawful = |breach| ClientError::unlawful("the ballot")(breach);
        let next = files.next_turn()?;
        let turn = self.turn.unwrap_or(next);
        match paper.definition().revote {
            Revote::First if next > 0 => return Err(unlawful(Breach::AlreadyVoted)),
            Revote::Last { .. } if turn < next => return Err(unlawful(Breach::StaleTurn)),
            _ => {}
        }
        if !self.yes {
            confirm("Cast this ballot?")?;
        }
        let key = self.voter_key(voter)?;
        let ballot = paper.sign(turn, selections, &key).map_err(unlawful)?;
        // Kept before it is sent: the same bytes can be sent again, and they are one ballot.
        files.keep(turn, &ballot)?;
        Ok(ballot)
    }

    /// The voter's own key, opened.
    pub(super) fn voter_key(&self, voter: &VoterFile) -> Result<SigningKey, ClientError> {
        let path = self.voter.as_deref().unwrap_or_else(|| Path::new(""));
        let phrase = voter.is_encrypted().then(|| self.passphrase.existing(path)).transpose()?;
        let phrase = phrase.as_ref().map(|phrase| phrase.as_str());
        voter.open(phrase).map_err(|error| key_error(path, error))
    }
}

/// Keeps a receipt that witnesses have made grow.
fn keep(followed: &Followed, file: &Path) -> Result<(), ClientError> {
    let Followed::Grown(grown, Some(_)) = followed else { return Ok(()) };
    receipts::save_grown(file, grown)?;
    println!("the grown receipt is in {}", file.display());
    Ok(())
}

/// A ballot that was signed earlier and of which nobody knows whether it arrived.
fn pending(
    files: &VoteFiles,
    paper: &BallotPaper,
    selections: &[Vec<u64>],
) -> Result<Option<SignedEntry>, ClientError> {
    let Some(pending) = files.pending()? else { return Ok(None) };
    if choices::of(&pending) == selections {
        return Ok(Some(pending));
    }
    if paper.definition().revote == Revote::First {
        return Err(ClientError::Usage(format!(
            "you have signed another ballot before ({}), and it may stand already; this poll \
             counts the first. Run the command with that choice to send it again",
            files.ballot(choices::turn(&pending)).display()
        )));
    }
    Ok(None)
}
