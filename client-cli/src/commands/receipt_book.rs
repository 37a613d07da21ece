//! `veche receipt check --book` and `veche receipt export`: the receipts in a voter's book.

use std::path::{Path, PathBuf};

use clap::Args;
use veche_protocol::breach::Breach;
use veche_protocol::log::receipt::Receipt;

use crate::city::City;
use crate::commands::Global;
use crate::commands::receipt::{CheckCommand, check_kept, say_standing};
use crate::commands::session::reading;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::terminal::PassphraseSource;
use crate::vote_book::{Vote, VoteBook};
use crate::{choices, receipts};

/// Write the receipts of a book as files, for auditors.
///
/// Neither the files nor their names say whose they are; whoever gets them from you knows.
#[derive(Debug, Args)]
pub(super) struct ExportCommand {
    /// Your book of the poll.
    #[arg(long, value_name = "FILE")]
    book: PathBuf,
    /// The folder to write them to.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl ExportCommand {
    pub(super) fn run(self) -> Result<(), ClientError> {
        let book = VoteBook::open(&self.book, || self.passphrase.existing(&self.book))?;
        std::fs::create_dir_all(&self.out).map_err(|error| ClientError::file(&self.out, error))?;
        for Vote { ballot, receipt, .. } in book.votes() {
            let Some(receipt) = receipt else { continue };
            let leaf = &ballot.leaf().to_string()[..16];
            let file = self.out.join(format!("{}-{leaf}.tlog-proof", book.of().poll));
            receipts::save(&file, receipt, ballot.bytes())?;
            println!("{}", file.display());
        }
        Ok(())
    }
}

impl CheckCommand {
    /// Checks every ballot of a book.
    pub(super) fn check_book(&self, path: &Path, global: &Global) -> Result<(), ClientError> {
        let mut book = VoteBook::open(path, || self.passphrase.existing(path))?;
        if book.votes().is_empty() {
            println!("there is no ballot in {}", path.display());
            return Ok(());
        }
        let log = book.of().log();
        let verifier = book.of().pins.verifier(&log);
        for vote in book.votes() {
            let turn = choices::turn(&vote.ballot);
            println!("ballot: turn {turn}, you chose {}", choices::numbers(&vote.selections));
            let Some(receipt) = &vote.receipt else {
                println!("receipt: none; run `veche vote` with that choice to send it again");
                continue;
            };
            let head = receipts::verify(receipt, vote.ballot.bytes(), &verifier)?;
            let (index, size) = (receipt.index(), head.checkpoint().size);
            println!("signature: {log} at {size} entries is signed by the city's log key");
            println!("inclusion: exactly your bytes stand at index {index}");
        }
        let Some(url) = &self.against else {
            println!("not looked at: whether the log still holds it (--against URL)");
            return Ok(());
        };
        let api = global.server(url)?;
        let city = City::read(&api, &book.of().pins)?;
        let title = log.to_string();
        let poll = PollCopy::read(&api, &city, &book.of().poll, &mut reading(&title))?;
        book.check_and_note(poll.log())?;
        let sent = book.votes().iter().filter_map(|vote| Some((vote, vote.receipt.as_ref()?)));
        let mut agree = true;
        for (vote, receipt) in sent {
            agree &= check_vote(&poll, vote, receipt)?;
        }
        if agree { Ok(()) } else { Err(ClientError::distrust(title)(Breach::ResultMismatch)) }
    }
}

/// Whether the ballot says what the voter chose, as far as it can be read.
fn check_vote(poll: &PollCopy, vote: &Vote, receipt: &Receipt) -> Result<bool, ClientError> {
    let head = veche_protocol::log::checkpoint::Checkpoint::parse(receipt.note().text());
    let head = head.map_err(ClientError::distrust("the receipt"))?;
    check_kept(poll.log(), receipt, &head.root, &vote.ballot, head.size)?;
    let size = poll.log().size();
    println!(
        "kept: the log has {size} entries now, and your ballot is at index {}",
        receipt.index()
    );
    Ok(say_standing(poll, &vote.ballot, receipt.index(), Some(&vote.selections)))
}
