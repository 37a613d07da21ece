//! `veche receipt check --book`, `veche receipt upgrade --book` and `veche receipt export`: the
//! receipts in a voter's book, and the parts of a grown receipt.

use std::path::{Path, PathBuf};

use clap::Args;
use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;

use crate::api::{Api, Source};
use crate::choices;
use crate::city::{City, RegisterRead};
use crate::commands::following::{convict, why};
use crate::commands::receipt::{CheckCommand, check_kept, say_standing};
use crate::commands::receipt_upgrade::UpgradeCommand;
use crate::commands::session::reading;
use crate::commands::{Global, receipt_file, receipt_parts};
use crate::error::ClientError;
use crate::growth::{Look, Promise, anchor_in, fork_in, look_in};
use crate::log_copy::LogCopy;
use crate::patience::{INTERVAL, Witnessing, look_until};
use crate::poll_copy::PollCopy;
use crate::receipts::{self, ReceiptFile};
use crate::terminal::PassphraseSource;
use crate::vote_book::{Vote, VoteBook};
use crate::witnesses::{Sight, policy_for};

/// Write receipts as files of their own, for auditors and for other people's tools.
///
/// Of a book all its receipts, grown ones as such; of a grown receipt its parts, each of which is a
/// tlog-proof of the C2SP.
///
/// Neither the files of a book nor their names say whose they are; whoever gets them from you
/// knows.
#[derive(Debug, Args)]
pub(super) struct ExportCommand {
    /// A grown receipt.
    #[arg(required_unless_present = "book")]
    file: Option<PathBuf>,
    /// Your book of the poll.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    book: Option<PathBuf>,
    /// The folder to write them to.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl ExportCommand {
    pub(super) fn run(self) -> Result<(), ClientError> {
        std::fs::create_dir_all(&self.out).map_err(|error| ClientError::file(&self.out, error))?;
        match (&self.book, &self.file) {
            (Some(book), _) => self.export_book(book),
            (None, Some(file)) => self.export_parts(file),
            (None, None) => Err(ClientError::usage("which receipt?")),
        }
    }

    fn export_book(&self, path: &Path) -> Result<(), ClientError> {
        let book = VoteBook::open(path, || self.passphrase.existing(path))?;
        for Vote { ballot, receipt, grown, .. } in book.votes() {
            let Some(receipt) = receipt else { continue };
            let leaf = &ballot.leaf().to_string()[..16];
            let file = self.out.join(format!("{}-{leaf}.tlog-proof", book.of().poll));
            receipts::save(&file, receipt, ballot.bytes())?;
            println!("{}", file.display());
            if let Some(grown) = grown {
                let file = receipts::grown_beside(&file);
                receipts::save_grown(&file, grown)?;
                println!("{}", file.display());
            }
        }
        Ok(())
    }

    fn export_parts(&self, path: &Path) -> Result<(), ClientError> {
        let file = ReceiptFile::load(path)?;
        let Some(grown) = file.grown() else {
            return Err(ClientError::content(path, "this receipt has one part, itself"));
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        for (part, receipt) in ["first", "later", "register"].iter().zip(grown.receipts()) {
            let file = self.out.join(format!("{stem}.{part}.tlog-proof"));
            receipts::save(&file, receipt, receipt.extra().unwrap_or_default())?;
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
        let policy = receipt_file::policy(global, &book.of().pins)?;
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
            let Some(grown) = &vote.grown else { continue };
            let grown = grown.verify(vote.ballot.bytes(), &verifier);
            let grown = grown.map_err(ClientError::distrust("the grown receipt"))?;
            receipt_parts::say(&log, &grown, policy.as_ref())?;
        }
        let Some(url) = &self.against else {
            println!("not looked at: whether the log still holds it (--against URL)");
            return Ok(());
        };
        let api = global.server(url)?;
        expect(&api, &book);
        let city = City::read(&api, &book.of().pins)?;
        let title = log.to_string();
        let poll = PollCopy::read(&api, &city, &book.of().poll, &mut reading(&title))?;
        check_forks(&book, poll.log())?;
        book.check_and_note(poll.log())?;
        let sent = book.votes().iter().filter_map(|vote| Some((vote, vote.receipt.as_ref()?)));
        let mut agree = true;
        for (vote, receipt) in sent {
            agree &= check_vote(&poll, vote, receipt)?;
        }
        if agree { Ok(()) } else { Err(ClientError::distrust(title)(Breach::ResultMismatch)) }
    }
}

impl UpgradeCommand {
    /// Brings all receipts of a book up to date. The log is read whole, so that who serves it does
    /// not learn which ballots are meant.
    pub(super) fn upgrade_book(&self, path: &Path, global: &Global) -> Result<(), ClientError> {
        let mut book = VoteBook::open(path, || self.passphrase.existing(path))?;
        let (pins, log) = (book.of().pins.clone(), book.of().log());
        let policy = receipt_file::policy(global, &pins)?;
        let verifier = pins.verifier(&log);
        let address = self.against.as_ref().or(global.url.as_ref()).unwrap_or(&book.of().url);
        let api = global.server(address)?;
        expect(&api, &book);
        let title = log.to_string();
        let mut copy = LogCopy::read(&api, &log, &verifier, &mut reading(&title))?;
        check_forks(&book, &copy)?;
        book.check_and_note(&copy)?;
        if let Some(policy) = policy_for(policy.as_ref(), &log) {
            self.wait_for_witnesses(&api, &mut copy, policy)?;
        }
        let city = self.register(&api, &pins, policy.as_ref())?;
        city.check_anchors(&copy, 0, RegisterRead::AfterLog)?;
        for vote in book.votes().to_vec() {
            let Some(receipt) = &vote.receipt else { continue };
            let (path, verifier, entry) = (&log, &verifier, vote.ballot.bytes());
            let promise = Promise { path, verifier, entry, receipt };
            let grown = match look_in(&copy, &promise, policy.as_ref())? {
                Look::Grown(grown, _) => *grown,
                look => return Err(ClientError::NotYet(why(&look, &promise))),
            };
            let anchor = anchor_in(&copy, &city, &promise, copy.signed_head().checkpoint())?;
            let distrust = || ClientError::distrust("the grown receipt");
            let grown = match anchor {
                Some(anchor) => grown.with_anchor(anchor).map_err(distrust())?,
                None => grown,
            };
            println!("ballot: turn {}, at index {}", choices::turn(&vote.ballot), receipt.index());
            let proved = grown.verify(entry, verifier).map_err(distrust())?;
            receipt_parts::say(&log, &proved, policy.as_ref())?;
            book.keep_grown(&vote.ballot, grown)?;
        }
        println!("the receipts in {} are up to date", path.display());
        Ok(())
    }

    fn wait_for_witnesses(
        &self,
        source: &impl Source,
        log: &mut LogCopy,
        policy: &Policy,
    ) -> Result<(), ClientError> {
        let limit = self.wait.limit(INTERVAL, Witnessing::Asked);
        let path = log.path().clone();
        let mut look = || {
            let sight = Sight::of(policy, log.signed_head().note());
            let sight = sight.map_err(ClientError::distrust(format!("the head of {path}")))?;
            if !sight.is_enough() {
                log.read_on(source, &mut |_, _| {})?;
            }
            Ok(sight)
        };
        let sight = look_until(limit, &mut look, Sight::is_enough)?;
        if sight.is_enough() {
            return Ok(());
        }
        let what = "your receipts stay as they are, the operator's signed promise:";
        Err(ClientError::NotYet(format!("{what} {sight} have cosigned the head of {path}")))
    }
}

/// What is known of the log's size by the book.
fn expect(api: &Api, book: &VoteBook) {
    let heads = book.votes().iter().filter_map(|vote| {
        let note = vote.receipt.as_ref()?.note();
        Some(Checkpoint::parse(note.text()).ok()?.size)
    });
    let seen = book.seen().map(|head| head.size);
    heads.chain(seen).for_each(|size| api.expect(&book.of().log(), size));
}

/// That no receipt of the book is contradicted by the log; writes down a fork.
fn check_forks(book: &VoteBook, log: &LogCopy) -> Result<(), ClientError> {
    let (path, verifier) = (book.of().log(), book.of().pins.verifier(&book.of().log()));
    for vote in book.votes() {
        let Some(receipt) = &vote.receipt else { continue };
        if let Some(proof) = fork_in(log, &verifier, receipt) {
            let entry = vote.ballot.bytes();
            let promise = Promise { path: &path, verifier: &verifier, entry, receipt };
            return Err(convict(&promise, &proof, &receipts::fork_beside(book.path()))?);
        }
    }
    Ok(())
}

/// Whether the ballot says what the voter chose, as far as it can be read.
fn check_vote(poll: &PollCopy, vote: &Vote, receipt: &Receipt) -> Result<bool, ClientError> {
    check_kept(poll.log(), receipt, &vote.ballot)?;
    let size = poll.log().size();
    println!(
        "kept: the log has {size} entries now, and your ballot is at index {}",
        receipt.index()
    );
    Ok(say_standing(poll, &vote.ballot, receipt.index(), Some(&vote.selections)))
}
