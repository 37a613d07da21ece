//! `veche receipt check`: what a receipt proves, in words.
//!
//! Not here: the receipts in a voter's book ([`super::receipt_book`]).

use std::path::PathBuf;

use clap::{Args, Subcommand};
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::grown_receipt::GrownReceipt;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::poll::ballot::Selections;

use crate::acts::check::Target;
use crate::choices;
use crate::city::City;
use crate::commands::Global;
use crate::commands::following::convict;
use crate::commands::receipt_book::ExportCommand;
use crate::commands::receipt_file::{FileArgs, Loaded};
use crate::commands::receipt_parts;
use crate::commands::receipt_upgrade::UpgradeCommand;
use crate::commands::session::reading;
use crate::error::ClientError;
use crate::growth::fork_in;
use crate::log_copy::LogCopy;
use crate::poll_copy::PollCopy;
use crate::receipts::fork_beside;
use crate::standing::{self, Standing};
use crate::terminal::PassphraseSource;
use crate::witnesses::{Sight, policy_for};

#[derive(Debug, Subcommand)]
pub(super) enum ReceiptCommand {
    Check(CheckCommand),
    Upgrade(UpgradeCommand),
    Export(ExportCommand),
}

/// Check a receipt, and say what it proves.
///
/// By itself: that the city's log key has signed a head below which exactly these bytes stand. A
/// grown receipt (`veche receipt upgrade`) proves more: that a later head, which witnesses have
/// cosigned, extends that one, and that the register names a head which holds the entry. Each part
/// is said by itself, and what it does not prove.
///
/// With --against: that the log today still extends those heads, that the entry is still there, and
/// whether the ballot counts. A receipt that the log no longer honours convicts the operator; where
/// two signed heads contradict each other, the proof is written to a file beside the receipt.
///
/// Of a poll that is anonymous or sealed the receipts are in your book (--book): every ballot in it
/// is found by its own key, and once it is open, what it says is held against what you chose.
#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    #[command(flatten)]
    file: FileArgs,
    /// Your book of the poll.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "voter", "ballot"])]
    pub(super) book: Option<PathBuf>,
    /// The server, or a mirror of its public files, whose log is read.
    #[arg(long, value_name = "URL")]
    pub(super) against: Option<String>,
    #[command(flatten)]
    pub(super) passphrase: PassphraseSource,
}

impl ReceiptCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        match self {
            Self::Check(command) => command.run(global),
            Self::Upgrade(command) => command.run(global),
            Self::Export(command) => command.run(),
        }
    }
}

impl CheckCommand {
    fn run(self, global: &Global) -> Result<(), ClientError> {
        if let Some(book) = &self.book {
            return self.check_book(book, global);
        }
        let loaded = self.file.load(global)?;
        let entry = loaded.say()?;
        let Some(url) = &self.against else {
            println!("not looked at: whether the log still holds it (--against URL)");
            return Ok(());
        };
        let api = global.server(url)?;
        api.expect(&loaded.path, loaded.largest());
        let city = City::read(&api, &loaded.pins)?;
        let title = loaded.path.to_string();
        let mut target = Target::read(&api, &city, &loaded.path, &mut reading(&title))?;
        let log = log_of(&mut target, &city)
            .ok_or_else(|| ClientError::distrust(title)(Breach::LogNotAnnounced))?;
        self.check_kept(&loaded, log, &entry)?;
        println!("kept: the log has {} entries now and extends the receipt's head", log.size());
        say_witnesses(loaded.policy.as_ref(), log)?;
        if let Target::Poll(poll) = &target {
            say_standing(poll, &entry, loaded.file.first().index(), None);
        }
        Ok(())
    }

    /// That the log bears out each receipt of the file that is of it; writes down a fork.
    fn check_kept(
        &self,
        loaded: &Loaded,
        log: &LogCopy,
        entry: &SignedEntry,
    ) -> Result<(), ClientError> {
        let later = loaded.file.grown().map(GrownReceipt::later);
        for receipt in [loaded.file.first()].into_iter().chain(later) {
            if let Some(proof) = fork_in(log, &loaded.verifier, receipt) {
                let file = fork_beside(self.file.path());
                return Err(convict(&loaded.promise(), &proof, &file)?);
            }
            check_kept(log, receipt, entry)?;
        }
        Ok(())
    }
}

impl Loaded {
    /// Says what the receipt proves by itself; gives the entry, read.
    pub(super) fn say(&self) -> Result<SignedEntry, ClientError> {
        let distrust = || ClientError::distrust("the receipt");
        let (path, index) = (&self.path, self.file.first().index());
        let size = self.head.checkpoint().size;
        println!("signature: {path} at {size} entries is signed by the city's log key");
        println!("inclusion: exactly these {} bytes stand at index {index}", self.entry.len());
        match self.file.grown() {
            Some(grown) => {
                let grown = grown.verify(&self.entry, &self.verifier).map_err(distrust())?;
                receipt_parts::say(path, &grown, self.policy.as_ref())?;
            }
            None => println!(
                "not proven: that others are shown the same log (`veche receipt upgrade` brings a \
                 head that witnesses have cosigned)"
            ),
        }
        let entry = SignedEntry::decode(path.log_type(), self.entry.clone());
        let entry = entry.map_err(distrust())?;
        say_choices(&entry);
        Ok(entry)
    }

    /// The largest size that the receipt promises.
    fn largest(&self) -> u64 {
        let first = self.head.checkpoint().size;
        let later = self.file.grown().map(|grown| head_size(grown.later()));
        later.map_or(first, |later| later.max(first))
    }
}

fn head_size(receipt: &Receipt) -> u64 {
    Checkpoint::parse(receipt.note().text()).map_or(0, |head| head.size)
}

fn log_of<'a>(target: &'a mut Target, city: &'a City) -> Option<&'a LogCopy> {
    match target {
        Target::Register => Some(city.log()),
        Target::Roll(roll) => Some(roll.log()),
        Target::Poll(poll) => Some(poll.log()),
        Target::NewRoll(_) | Target::NewPoll(_) => None,
    }
}

/// RECEIPT-6: the receipt's head is a prefix of the log, and its entry stands there.
pub(super) fn check_kept(
    log: &LogCopy,
    receipt: &Receipt,
    entry: &SignedEntry,
) -> Result<(), ClientError> {
    let head = Checkpoint::parse(receipt.note().text());
    let head = head.map_err(ClientError::distrust("the receipt"))?;
    let is_prefix = log.root_at(head.size) == Some(head.root);
    if is_prefix && log.entry(receipt.index()) == Some(entry.bytes()) {
        return Ok(());
    }
    let what = format!("the receipt for index {} of {}", receipt.index(), log.path());
    Err(ClientError::distrust(what)(Breach::ReceiptNotInLog))
}

fn say_choices(entry: &SignedEntry) {
    let Payload::Ballot(ballot) = entry.payload() else {
        println!("entry: {}", entry.payload().kind().name());
        return;
    };
    let turn = choices::turn(entry);
    match ballot.selections() {
        Some(selections) => {
            println!("ballot: turn {turn}, options {}", choices::numbers(selections));
        }
        None => println!("ballot: turn {turn}, sealed"),
    }
}

fn say_witnesses(policy: Option<&Policy>, log: &LogCopy) -> Result<(), ClientError> {
    let Some(policy) = policy_for(policy, log.path()) else {
        println!("witnesses: none asked for; the head is the operator's word alone");
        return Ok(());
    };
    let sight = Sight::of(policy, log.signed_head().note());
    let sight = sight.map_err(ClientError::distrust("the head's cosignatures"))?;
    if sight.is_enough() {
        println!("witnessed: {sight} have cosigned the head");
    } else {
        println!("witnessed: {sight} have cosigned the head: not enough yet; look again later");
    }
    Ok(())
}

/// Whether the ballot counts, by this program's own fold of the poll; gives `false` if it says
/// something else than the voter chose.
pub(super) fn say_standing(
    poll: &PollCopy,
    entry: &SignedEntry,
    index: u64,
    cast: Option<&Selections>,
) -> bool {
    if !matches!(entry.payload(), Payload::Ballot(_)) {
        return true;
    }
    let standing = standing::of(poll, entry, index);
    let phase = poll.fold().phase().name();
    println!("standing: {}; the poll is {phase}", standing::describe(&standing, cast));
    !matches!((standing, cast), (Standing::Counts(says), Some(cast)) if says != *cast)
}
