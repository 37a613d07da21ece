//! `veche credential`: ask for the credential of an anonymous poll, and collect it.

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;
use veche_protocol::breach::Breach;
use veche_protocol::entry::Kind;
use veche_protocol::signature::SigningKey;
use zeroize::Zeroizing;

use crate::api::{Api, Connections};
use crate::city::City;
use crate::commands::Global;
use crate::commands::poll_announce::poll_path;
use crate::commands::session::reading;
use crate::commands::signing::key_error;
use crate::credential::{Answers, Credential};
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::receipts;
use crate::terminal::PassphraseSource;
use crate::vote_book::{BookOf, VoteBook};
use crate::voter_file::VoterFile;
use crate::words;

/// Pause between two looks at the poll's log.
const PAUSE: Duration = Duration::from_secs(1);

/// Get a credential for an anonymous poll: whatever step is next.
///
/// A key for this poll alone is made here, and the issuers sign it without seeing it: the request
/// goes out under your name, the ballot later does not. All that is secret is written into your
/// book of the poll before anything is sent; after a crash, or while the issuers have not answered
/// yet, run the same command again. You have one request for one poll, so keep the book.
#[derive(Debug, Args)]
pub(super) struct CredentialCommand {
    /// Id of the poll.
    poll: String,
    /// Your voter's file.
    #[arg(long, value_name = "FILE")]
    voter: PathBuf,
    /// Your book of the poll, made if it is not there; by default beside the voter's file.
    #[arg(long, value_name = "FILE")]
    book: Option<PathBuf>,
    /// How long to wait for the issuers' answers, in seconds.
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    wait: u64,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl CredentialCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let path = poll_path(&self.poll)?;
        let voter = VoterFile::load(&self.voter)?;
        let api = global.api(&voter.url, Connections::Kept)?;
        let mut city = City::read(&api, &voter.pins)?;
        let title = path.to_string();
        let mut poll = PollCopy::read(&api, &city, &self.poll, &mut reading(&title))?;
        let mut book = self.book(&voter, &poll)?;
        book.check_and_note(poll.log())?;
        send_request(&api, &book, &poll)?;
        let end = Instant::now() + Duration::from_secs(self.wait);
        loop {
            let missing = collect(&mut book, &poll)?;
            if missing.is_empty() {
                println!("your credential is ready, in {}", book.path().display());
                println!("vote with it: `veche vote`; it does not name you any more");
                return Ok(());
            }
            if Instant::now() >= end {
                let text = format!("these issuers have not answered yet: {}", missing.join(", "));
                return Err(ClientError::NotYet(text));
            }
            sleep(PAUSE);
            poll.read_on(&api, &mut city)?;
            book.check_and_note(poll.log())?;
        }
    }

    /// The book, which holds the request before it is sent.
    fn book(&self, voter: &VoterFile, poll: &PollCopy) -> Result<VoteBook, ClientError> {
        let beside = || VoteBook::path_of(&self.voter, None, &self.poll);
        let path = self.book.clone().unwrap_or_else(beside);
        if path.exists() {
            let book = VoteBook::open(&path, || self.passphrase.existing(&path))?;
            let is_of = book.of().poll == self.poll && book.of().pins == voter.pins;
            if is_of && book.credential().is_some() {
                return Ok(book);
            }
            return Err(ClientError::content(&path, "this is a book of another poll"));
        }
        let what = || format!("a request for a credential of {}", poll.log().path());
        // CRED-7: said here, before anything is made.
        poll.fold().check_position(Kind::Request).map_err(ClientError::unlawful(what()))?;
        let begun = poll.fold().begun();
        let begun = begun.ok_or_else(|| ClientError::unlawful(what())(Breach::PhaseOutOfOrder))?;
        let (key, passphrase) = open_voter(voter, &self.voter, &self.passphrase)?;
        let place = begun.electorate().find(&key.key());
        if place.and_then(|place| poll.fold().requests().of_voter(place)).is_some() {
            let what =
                "a request under your key stands already; look for the book it was made with";
            return Err(ClientError::unlawful(what)(Breach::RequestRepeated));
        }
        let credential = Credential::make(begun, &key, &mut rand::rng());
        let credential = credential.map_err(ClientError::unlawful(what()))?;
        let passphrase = passphrase.as_ref().map(|phrase| phrase.as_str());
        let (url, pins) = (voter.url.clone(), voter.pins.clone());
        let of = BookOf { url, pins, poll: self.poll.clone() };
        // CRED-10: stored before the request is sent.
        let book = VoteBook::create(&path, passphrase, of, Some(credential))?;
        println!("your book of the poll is {}; keep it", path.display());
        Ok(book)
    }
}

/// Sends the request unless it stands already: always the same bytes.
fn send_request(api: &Api, book: &VoteBook, poll: &PollCopy) -> Result<(), ClientError> {
    let Some(credential) = book.credential() else { return Ok(()) };
    let path = poll.log().path();
    if let Some(index) = credential.find_request(poll)? {
        println!("your request stands in {path} at index {index}");
        return Ok(());
    }
    let bytes = credential.request().bytes();
    let receipt = api.submit(path, bytes)?;
    receipts::verify(&receipt, bytes, &book.of().pins.verifier(path))?;
    println!("your request stands in {path} at index {}", receipt.index());
    Ok(())
}

/// Takes what the issuers have answered; gives the labels of those who have not.
fn collect(book: &mut VoteBook, poll: &PollCopy) -> Result<Vec<String>, ClientError> {
    let index = book.credential().map(|credential| credential.find_request(poll)).transpose()?;
    let answers = match index.flatten() {
        Some(index) => Answers::to_one(poll, index),
        None => Answers::default(),
    };
    let missing = book.collect(poll, &answers)?;
    let issuers = poll.fold().begun().map_or(&[][..], |begun| &begun.issuance().issuers);
    let label = |&place: &usize| issuers.get(place).map_or("", |issuer| issuer.label.as_str());
    Ok(missing.iter().map(|place| words::printable(label(place))).collect())
}

/// The voter's key, opened, and the passphrase that the book is to have as well.
pub(super) fn open_voter(
    voter: &VoterFile,
    path: &Path,
    passphrase: &PassphraseSource,
) -> Result<(SigningKey, Option<Zeroizing<String>>), ClientError> {
    let phrase = voter.is_encrypted().then(|| passphrase.existing(path)).transpose()?;
    let text = phrase.as_ref().map(|phrase| phrase.as_str());
    let key = voter.open(text).map_err(|error| key_error(path, error))?;
    Ok((key, phrase))
}
