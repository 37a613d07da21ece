//! `veche vote` in a poll that is anonymous or sealed: what ties the ballot to its voter, and what
//! it says, is in the voter's book alone.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::poll::ballot::Selections;
use zeroize::Zeroizing;

use crate::api::{Api, Connections};
use crate::ballot_paper::BallotPaper;
use crate::city::City;
use crate::commands::Global;
use crate::commands::following::Followed;
use crate::commands::receipt_file;
use crate::commands::vote::VoteCommand;
use crate::error::ClientError;
use crate::growth::Promise;
use crate::poll_copy::PollCopy;
use crate::terminal::confirm;
use crate::vote_book::{BookOf, VoteBook};
use crate::voter_file::VoterFile;
use crate::{casting, receipts, time};

/// The paper of a poll that was read whole, or why there is none.
pub(super) fn paper(city: &City, poll: &PollCopy) -> Result<BallotPaper, ClientError> {
    let what = format!("a ballot for {}", poll.log().path());
    BallotPaper::of(city, poll).ok_or_else(|| ClientError::unlawful(what)(Breach::BallotBeforeOpen))
}

pub(super) fn vote(
    command: &VoteCommand,
    global: &Global,
    voter: Option<&VoterFile>,
    book: Option<VoteBook>,
    paper: &BallotPaper,
    selections: &Selections,
) -> Result<(), ClientError> {
    let definition = paper.definition();
    let is_anonymous = definition.is_anonymous();
    let mut book = match book {
        Some(book) => book,
        None if is_anonymous => {
            return Err(ClientError::Usage(format!(
                "this poll is anonymous, and you have no book of it: first ask for a credential, \
                 `veche credential {}`",
                command.poll
            )));
        }
        None => begin_book(command, voter)?,
    };
    if let Some(credential) = book.credential().filter(|_| is_anonymous) {
        casting::check_ready(paper, credential)?;
        if !command.small_crowd {
            casting::check_crowd(paper, credential)?;
        }
    }
    let ballot = match book.pending(selections, definition.revote)? {
        Some(ballot) => {
            println!("this ballot was signed before and has no receipt yet: sending it again");
            ballot
        }
        None => sign(command, voter, &mut book, paper, selections)?,
    };
    if is_anonymous && !command.now {
        wait(definition.schedule.closes_at, command.within);
    }
    // CRED-10: over connections of its own, with nothing that names the voter.
    let api = global.api(&book.of().url, Connections::Fresh)?;
    let receipt = casting::cast(&api, paper, &ballot)?;
    book.keep_receipt(&ballot, &receipt)?;
    println!("your ballot stands in {} at index {}", paper.path(), receipt.index());
    println!("the receipt was checked and is in your book, {}", book.path().display());
    follow(command, global, &api, &mut book, paper, &ballot, &receipt)?;
    println!("later, `veche receipt check --book` tells whether it is still there, and counts");
    Ok(())
}

/// Waits for a public head that covers the ballot, and keeps what witnesses say of it in the book.
fn follow(
    command: &VoteCommand,
    global: &Global,
    api: &Api,
    book: &mut VoteBook,
    paper: &BallotPaper,
    ballot: &SignedEntry,
    receipt: &Receipt,
) -> Result<(), ClientError> {
    if command.wait.is_off() {
        return Ok(());
    }
    let policy = receipt_file::policy(global, &book.of().pins)?;
    let (path, verifier, entry) = (paper.path(), paper.verifier(), ballot.bytes());
    let promise = Promise { path, verifier, entry, receipt };
    let interval = Duration::from_millis(paper.definition().interval);
    let fork = receipts::fork_beside(book.path());
    let followed = command.wait.follow(api, &promise, policy.as_ref(), interval, &fork)?;
    let file = book.path().display();
    followed.say(&format!("finish it later: veche receipt upgrade --book {file}"));
    if let Followed::Grown(grown, Some(_)) = followed {
        book.keep_grown(ballot, *grown)?;
    }
    Ok(())
}

fn sign(
    command: &VoteCommand,
    voter: Option<&VoterFile>,
    book: &mut VoteBook,
    paper: &BallotPaper,
    selections: &Selections,
) -> Result<SignedEntry, ClientError> {
    let turn = book.next_turn(command.turn, paper.definition().revote)?;
    if !command.yes {
        confirm("Cast this ballot?")?;
    }
    // In an anonymous poll the voter's own key stays closed.
    let own = match (book.credential(), voter) {
        (Some(_), _) => None,
        (None, Some(voter)) => Some(command.voter_key(voter)?),
        (None, None) => return Err(ClientError::usage("this poll is named: give --voter")),
    };
    // Kept before it is sent: the same bytes can be sent again, and they are one ballot.
    book.sign(paper, turn, selections.clone(), own.as_ref())
}

/// The book of a named poll that is sealed; protected as the voter's file is.
fn begin_book(command: &VoteCommand, voter: Option<&VoterFile>) -> Result<VoteBook, ClientError> {
    let (Some(path), Some(file), Some(voter)) = (command.book_path(), &command.voter, voter) else {
        return Err(ClientError::usage("this poll is named: give --voter"));
    };
    let passphrase = book_passphrase(voter, file, command)?;
    let passphrase = passphrase.as_ref().map(|phrase| phrase.as_str());
    let (url, pins) = (voter.url.clone(), voter.pins.clone());
    let of = BookOf { url, pins, poll: command.poll.clone() };
    VoteBook::create(&path, passphrase, of, None)
}

fn book_passphrase(
    voter: &VoterFile,
    file: &Path,
    command: &VoteCommand,
) -> Result<Option<Zeroizing<String>>, ClientError> {
    if !voter.is_encrypted() {
        return Ok(None);
    }
    let phrase = command.passphrase.existing(file)?;
    // A slip of the finger must not become the passphrase of the book.
    voter.open(Some(&phrase)).map_err(|error| crate::commands::signing::key_error(file, error))?;
    Ok(Some(phrase))
}

fn wait(closes_at: u64, within: u64) {
    let delay = casting::delay(time::now(), closes_at, within, &mut rand::rng());
    println!(
        "the ballot is kept, and is sent at a random moment, within {} at most; do not end this \
         program (or do, and run the same command again)",
        time::length(within)
    );
    sleep(delay);
}
