//! `veche vote`: cast a ballot, and hold a verified receipt before saying that it was cast.

use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::poll::definition::{Question, Revote};
use zeroize::Zeroizing;

use crate::api::Api;
use crate::ballot_paper::BallotPaper;
use crate::choices;
use crate::city::City;
use crate::commands::Global;
use crate::commands::poll_announce::poll_path;
use crate::commands::signing::key_error;
use crate::error::ClientError;
use crate::terminal::{PassphraseSource, confirm, is_attended};
use crate::vote_files::VoteFiles;
use crate::voter_file::VoterFile;
use crate::{receipts, words};

/// Cast a ballot.
///
/// The poll is read from its log and shown; you confirm. The signed ballot is kept in a file before
/// it is sent, so that a lost answer costs nothing: run the same command again. What proves that it
/// stands, the receipt, is checked here before this program says so.
///
/// Where the poll counts the last ballot, voting again takes the next turn.
#[derive(Debug, Args)]
pub(super) struct VoteCommand {
    /// Id of the poll.
    #[arg(long)]
    poll: String,
    /// Your voter's file.
    #[arg(long, value_name = "FILE")]
    voter: PathBuf,
    /// Your choice: numbers or labels of options, separated by commas; `blank` for none. Once for
    /// each question, in order. Without it you are asked.
    #[arg(long, value_name = "OPTIONS")]
    choose: Vec<String>,
    /// The turn, where you have voted from another device before.
    #[arg(long)]
    turn: Option<u8>,
    /// Where ballot and receipt are kept; by default beside the voter's file.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl VoteCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        poll_path(&self.poll)?;
        let voter = VoterFile::load(&self.voter)?;
        let api = Api::new(global.url.as_deref().unwrap_or(&voter.url))?;
        let city = City::read(&api, &voter.pins)?;
        let paper = BallotPaper::read(&api, &city, &self.poll)?;
        let selections = self.selections(&paper)?;
        show(&paper, &selections);
        let files = VoteFiles::of(&self.voter, self.folder.as_deref(), &self.poll);
        let ballot = match pending(&files, &paper, &selections)? {
            Some(ballot) => {
                println!("this ballot was signed before and has no receipt yet: sending it again");
                ballot
            }
            None => self.sign(&files, &paper, &voter, selections)?,
        };
        let receipt = api.submit(paper.path(), ballot.bytes())?;
        // RECEIPT-3: the leaf is computed from the bytes that were made here.
        receipts::verify(&receipt, ballot.bytes(), paper.verifier())?;
        let turn = choices::turn(&ballot);
        let file = files.receipt(turn);
        receipts::save(&file, &receipt, ballot.bytes())?;
        println!("your ballot stands in {} at index {}", paper.path(), receipt.index());
        println!("the receipt was checked and is in {}", file.display());
        println!("later, `veche receipt check` tells whether it is still there, and counts");
        Ok(())
    }

    /// The choices from the command line, or from the person.
    fn selections(&self, paper: &BallotPaper) -> Result<Vec<Vec<u64>>, ClientError> {
        let questions = &paper.definition().questions;
        if self.choose.is_empty() && is_attended() {
            return questions.iter().map(ask).collect();
        }
        if self.choose.len() != questions.len() {
            let count = questions.len();
            let text = format!("the poll has {count} questions: give --choose {count} times");
            return Err(ClientError::Usage(text));
        }
        let parse = |(question, text): (&Question, &String)| {
            choices::parse(question, text).map_err(ClientError::Usage)
        };
        questions.iter().zip(&self.choose).map(parse).collect()
    }

    fn sign(
        &self,
        files: &VoteFiles,
        paper: &BallotPaper,
        voter: &VoterFile,
        selections: Vec<Vec<u64>>,
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
        let phrase = if voter.is_encrypted() {
            self.passphrase.existing(&self.voter)?
        } else {
            Zeroizing::default()
        };
        let key = voter.open(&phrase).map_err(|error| key_error(&self.voter, error))?;
        let ballot = paper.sign(turn, selections, &key).map_err(unlawful)?;
        // Kept before it is sent: the same bytes can be sent again, and they are one ballot.
        files.keep(turn, &ballot)?;
        Ok(ballot)
    }
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

fn show(paper: &BallotPaper, selections: &[Vec<u64>]) {
    let definition = paper.definition();
    println!("{}", words::printable(&definition.title));
    for (question, selection) in definition.questions.iter().zip(selections) {
        println!("{}", words::printable(&question.title));
        if selection.is_empty() {
            println!("  you choose none of {} options", question.options.len());
        }
        for (place, option) in (0_u64..).zip(&question.options) {
            if selection.contains(&place) {
                println!("  you choose {}. {}", place + 1, words::printable(&option.label));
            }
        }
    }
    println!("this poll is named and open: your choice can be read by anyone, with your key");
}

/// Asks one question at the terminal.
fn ask(question: &Question) -> Result<Vec<u64>, ClientError> {
    println!("{}", words::printable(&question.title));
    for (place, option) in (1..).zip(&question.options) {
        println!("  {place}. {}", words::printable(&option.label));
    }
    let (min, max) = question.rule.selection_bounds();
    let failed = |error| ClientError::file("the terminal", error);
    loop {
        print!("Your choice ({min} to {max} numbers, separated by commas; blank for none): ");
        io::stdout().flush().map_err(failed)?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line).map_err(failed)? == 0 {
            return Err(ClientError::Declined);
        }
        match choices::parse(question, line.trim()) {
            Ok(selection) => return Ok(selection),
            Err(reason) => println!("{reason}"),
        }
    }
}
