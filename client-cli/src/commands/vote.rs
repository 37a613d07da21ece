//! `veche vote`: cast a ballot, and hold a verified receipt before saying that it was cast.
//!
//! Here are the choices and what is shown; how the ballot is signed and sent, in
//! [`super::vote_by_file`] for polls that are named and open, and in [`super::vote_by_book`].

use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use veche_keys::passphrase::is_attended;
use veche_protocol::count::{Form, Sharing, Values};
use veche_protocol::poll::ballot::Selections;
use veche_protocol::poll::definition::{Definition, Question};

use crate::api::Connections;
use crate::ballot_paper::BallotPaper;
use crate::choices::{self, Writing};
use crate::city::City;
use crate::commands::Global;
use crate::commands::following::WaitArgs;
use crate::commands::poll_announce::poll_path;
use crate::commands::receipt_file;
use crate::commands::vote_by_book;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::terminal::PassphraseSource;
use crate::vote_book::VoteBook;
use crate::voter_file::VoterFile;
use crate::words;

/// Cast a ballot.
///
/// The poll is read from its log and shown; you confirm. The signed ballot is kept in a file before
/// it is sent, so that a lost answer costs nothing: run the same command again. What proves that it
/// stands, the receipt, is checked here before this program says so.
///
/// In an anonymous poll your ballot is signed by the credential in your book (`veche credential`),
/// with nothing in it that names you, and is sent at a random moment within an hour over a
/// connection of its own. In a sealed poll it is encrypted until the close. Both kinds are kept in
/// the book, under its passphrase.
///
/// Then it waits, not long, for a public head of the log that covers the ballot, cosigned by the
/// witnesses of your trust file's policy if it has one, and keeps what they say beside the receipt.
/// `veche receipt upgrade` does the same later.
///
/// Where the poll counts the last ballot, voting again takes the next turn.
#[derive(Debug, Args)]
pub(super) struct VoteCommand {
    /// Id of the poll.
    #[arg(long)]
    pub(super) poll: String,
    /// Your voter's file.
    #[arg(long, value_name = "FILE", required_unless_present = "book")]
    pub(super) voter: Option<PathBuf>,
    /// Your book of the poll; by default beside the voter's file.
    #[arg(long, value_name = "FILE")]
    pub(super) book: Option<PathBuf>,
    /// Your choice: numbers or labels of options, separated by commas; `blank` for none. Once for
    /// each question that asks for choices, in order. Without any answer you are asked.
    #[arg(long, value_name = "OPTIONS")]
    choose: Vec<String>,
    /// Your scores, points or votes: options with values, such as `1=5,3=2`; `blank` for none. Once
    /// for each question that asks for them, in order.
    #[arg(long, value_name = "OPTION=VALUE,...")]
    mark: Vec<String>,
    /// Your ranking: options, the best first, equals joined by `=`, such as `3,1=2`; options that
    /// you leave out come last; `blank` for none. Once for each question that asks for one.
    #[arg(long, value_name = "OPTIONS")]
    rank: Vec<String>,
    /// The turn, where you have voted from another device before.
    #[arg(long)]
    pub(super) turn: Option<u8>,
    /// Where ballot and receipt are kept; by default beside the voter's file.
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,
    /// Send an anonymous ballot at once: whoever watches the server sees when.
    #[arg(long, conflicts_with = "within")]
    pub(super) now: bool,
    /// Send an anonymous ballot at a random moment within so many seconds, and within half of what
    /// is left until the close.
    #[arg(long, default_value_t = 3_600, value_name = "SECONDS")]
    pub(super) within: u64,
    /// Cast even though fewer than 50 voters of your district have a credential: your ballot can be
    /// told apart from theirs.
    #[arg(long)]
    pub(super) small_crowd: bool,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
    #[command(flatten)]
    pub(super) passphrase: PassphraseSource,
    /// Do not ask for confirmation.
    #[arg(long)]
    pub(super) yes: bool,
}

impl VoteCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        poll_path(&self.poll)?;
        let voter = self.voter.as_deref().map(VoterFile::load).transpose()?;
        let mut book = self.open_book()?;
        let (url, pins) = match (&voter, &book) {
            (Some(voter), _) => (&voter.url, &voter.pins),
            (None, Some(book)) => (&book.of().url, &book.of().pins),
            (None, None) => return Err(ClientError::usage("there is no such book")),
        };
        let api = global.api(url, Connections::Kept)?;
        let policy = receipt_file::policy(global, pins)?;
        if let Some((book, seen)) = book.as_ref().and_then(|book| Some((book, book.seen()?))) {
            api.expect(&book.of().log(), seen.size);
        }
        let city = City::read(&api, pins)?;
        let paper = match &mut book {
            Some(book) => {
                let poll = PollCopy::read(&api, &city, &self.poll, &mut |_, _| {})?;
                book.check_and_note(poll.log())?;
                vote_by_book::paper(&city, &poll)?
            }
            None => BallotPaper::read(&api, &city, &self.poll)?,
        };
        let selections = self.selections(&paper)?;
        show(&paper, &selections);
        let definition = paper.definition();
        if definition.is_anonymous() || definition.is_sealed() {
            return vote_by_book::vote(&self, global, voter.as_ref(), book, &paper, &selections);
        }
        self.vote_by_file(&api, voter.as_ref(), &paper, selections, policy.as_ref())
    }

    /// The voter's book of the poll, if there is one.
    fn open_book(&self) -> Result<Option<VoteBook>, ClientError> {
        let Some(path) = self.book_path() else { return Ok(None) };
        if self.book.is_none() && !path.exists() {
            return Ok(None);
        }
        let book = VoteBook::open(&path, || self.passphrase.existing(&path))?;
        if book.of().poll == self.poll {
            return Ok(Some(book));
        }
        let of = &book.of().poll;
        Err(ClientError::Usage(format!("{} is a book of the poll {of}", path.display())))
    }

    /// Where the voter's book lies, or will.
    pub(super) fn book_path(&self) -> Option<PathBuf> {
        let beside = |voter: &PathBuf| VoteBook::path_of(voter, self.folder.as_deref(), &self.poll);
        self.book.clone().or_else(|| self.voter.as_ref().map(beside))
    }

    /// The answers from the command line, or from the person.
    fn selections(&self, paper: &BallotPaper) -> Result<Selections, ClientError> {
        let questions = &paper.definition().questions;
        let given = [&self.choose, &self.mark, &self.rank];
        if given.iter().all(|answers| answers.is_empty()) && is_attended() {
            return questions.iter().map(ask).collect();
        }
        let mut answers = given.map(|answers| answers.iter());
        let mut selections = Vec::new();
        for (number, question) in (1..).zip(questions) {
            let writing = Writing::of(&question.rule.form());
            let text = answers[writing as usize].next().ok_or_else(|| {
                let argument = writing.argument();
                let count = questions.len();
                ClientError::Usage(format!("question {number} of {count} asks for {argument}"))
            })?;
            selections.push(choices::parse(question, text).map_err(ClientError::Usage)?);
        }
        if answers.iter_mut().any(|answers| answers.next().is_some()) {
            let count = questions.len();
            let text = format!("more answers are given than the poll's {count} questions ask for");
            return Err(ClientError::Usage(text));
        }
        Ok(selections)
    }
}

fn show(paper: &BallotPaper, selections: &[Vec<u64>]) {
    let definition = paper.definition();
    println!("{}", words::printable(&definition.title));
    for (question, selection) in definition.questions.iter().zip(selections) {
        println!("{}", words::printable(&question.title));
        for line in choices::told(question, selection) {
            println!("  {}", words::printable(&line));
        }
    }
    println!("{}", who_reads(definition));
}

/// What a voter has to know before casting (spec/sealing.md).
fn who_reads(definition: &Definition) -> &'static str {
    match (definition.is_anonymous(), definition.is_sealed()) {
        (false, false) => {
            "this poll is named and open: your choice can be read by anyone, with your key"
        }
        (false, true) => {
            "this poll is named and sealed: after the close anyone can read your choice, with \
             your key"
        }
        (true, false) => {
            "this poll is anonymous and open: your choice can be read by anyone, without your name"
        }
        (true, true) => {
            "this poll is anonymous and sealed: after the close your choice can be read by anyone, \
             without your name"
        }
    }
}

/// Asks one question at the terminal.
fn ask(question: &Question) -> Result<Vec<u64>, ClientError> {
    println!("{}", words::printable(&question.title));
    for (place, option) in (1..).zip(&question.options) {
        println!("  {place}. {}", words::printable(&option.label));
    }
    let what = asked(&question.rule.form());
    let failed = |error| ClientError::file("the terminal", error);
    loop {
        print!("{what}; blank for none: ");
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

/// What the person at the terminal is asked to type.
fn asked(form: &Form) -> String {
    let Form { min, max, .. } = form;
    let marks = |what: &str| {
        format!("{what} for {min} to {max} options, such as 1=5,3=2 for 5 to the first")
    };
    match form.values {
        Values::None => format!("Your choice ({min} to {max} numbers, separated by commas)"),
        Values::Upto { largest } => marks(&format!("Values from 1 to {largest}")),
        Values::Sum { largest, sum } => {
            marks(&format!("At most {sum} points, {largest} for one option,"))
        }
        Values::Squares { sum } => {
            marks(&format!("Votes, of which n cost n * n of {sum} credits,"))
        }
        Values::Rank { sharing } => {
            let equals = match sharing {
                Sharing::Refused => "",
                Sharing::Allowed => ", equals joined by =, such as 3,1=2",
            };
            format!("{min} to {max} numbers, the best first, separated by commas{equals}")
        }
    }
}
