//! `veche receipt check`: what a receipt proves, in words.
//!
//! Not here: the receipts in a voter's book ([`super::receipt_book`]).

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use veche_keys::private_file;
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;
use veche_protocol::poll::ballot::Selections;

use crate::acts::check::Target;
use crate::city::City;
use crate::commands::Global;
use crate::commands::receipt_book::ExportCommand;
use crate::commands::session::reading;
use crate::error::ClientError;
use crate::log_copy::LogCopy;
use crate::poll_copy::PollCopy;
use crate::standing::{self, Standing};
use crate::terminal::PassphraseSource;
use crate::trust::{Pins, Trust};
use crate::voter_file::VoterFile;
use crate::{choices, receipts};

#[derive(Debug, Subcommand)]
pub(super) enum ReceiptCommand {
    Check(CheckCommand),
    Export(ExportCommand),
}

/// Check a receipt, and say what it proves.
///
/// By itself: that the city's log key has signed a head below which exactly these bytes stand. With
/// --against: that the log today still extends that head, that the entry is still there, and
/// whether the ballot counts. A receipt that the log no longer honours convicts the operator.
///
/// Of a poll that is anonymous or sealed the receipts are in your book (--book): every ballot in it
/// is found by its own key, and once it is open, what it says is held against what you chose.
#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    /// The receipt (.tlog-proof).
    #[arg(required_unless_present = "book")]
    file: Option<PathBuf>,
    /// Your book of the poll.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "voter", "ballot"])]
    pub(super) book: Option<PathBuf>,
    /// The server, or a mirror of its public files, whose log is read.
    #[arg(long, value_name = "URL")]
    pub(super) against: Option<String>,
    /// Your voter's file, which pins the city; without it the trust file does.
    #[arg(long, value_name = "FILE")]
    voter: Option<PathBuf>,
    /// The ballot as you signed it; by default the file beside the receipt, if it is there.
    #[arg(long, value_name = "FILE")]
    ballot: Option<PathBuf>,
    #[command(flatten)]
    pub(super) passphrase: PassphraseSource,
}

impl ReceiptCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        match self {
            Self::Check(command) => command.run(global),
            Self::Export(command) => command.run(),
        }
    }
}

impl CheckCommand {
    fn run(self, global: &Global) -> Result<(), ClientError> {
        if let Some(book) = &self.book {
            return self.check_book(book, global);
        }
        let file = self.file.as_deref().unwrap_or_else(|| Path::new(""));
        let (pins, trust) = self.pins(global)?;
        let receipt = receipts::load(file)?;
        let entry = self.entry(file, &receipt)?;
        let distrust = |breach| ClientError::distrust("the receipt")(breach);
        let origin = Checkpoint::parse(receipt.note().text()).map_err(distrust)?.origin;
        let path = LogPath::of_origin(&origin, pins.domain())
            .ok_or_else(|| distrust(Breach::CheckpointOrigin))?;
        let head = receipts::verify(&receipt, &entry, &pins.verifier(&path))?;
        let (index, size) = (receipt.index(), head.checkpoint().size);
        println!("signature: {path} at {size} entries is signed by the city's log key");
        println!("inclusion: exactly these {} bytes stand at index {index}", entry.len());
        let entry = SignedEntry::decode(path.log_type(), entry).map_err(distrust)?;
        say_choices(&entry);
        let Some(url) = &self.against else {
            println!("not looked at: whether the log still holds it (--against URL)");
            return Ok(());
        };
        let api = global.server(url)?;
        let city = City::read(&api, &pins)?;
        let title = path.to_string();
        let mut target = Target::read(&api, &city, &path, &mut reading(&title))?;
        let log = log_of(&mut target, &city)
            .ok_or_else(|| ClientError::distrust(title)(Breach::LogNotAnnounced))?;
        check_kept(log, &receipt, &head.checkpoint().root, &entry, size)?;
        println!("kept: the log has {} entries now and extends the receipt's head", log.size());
        if let Some(trust) = &trust {
            say_witnesses(trust, log)?;
        }
        if let Target::Poll(poll) = &target {
            say_standing(poll, &entry, index, None);
        }
        Ok(())
    }

    fn pins(&self, global: &Global) -> Result<(Pins, Option<Trust>), ClientError> {
        if let Some(voter) = &self.voter {
            return Ok((VoterFile::load(voter)?.pins, None));
        }
        let path = global.trust.clone().unwrap_or_else(Trust::default_path);
        match Trust::load(&path)? {
            Some(trust) => Ok((trust.pins.clone(), Some(trust))),
            None => Err(ClientError::usage(
                "by what key? Give --voter, or pin the city with `veche trust URL`",
            )),
        }
    }

    /// The bytes that the receipt is for: the voter's own, else those that the receipt carries.
    fn entry(&self, file: &Path, receipt: &Receipt) -> Result<Vec<u8>, ClientError> {
        let beside = file.with_extension("ballot");
        let own = self.ballot.as_deref().or_else(|| beside.exists().then_some(beside.as_path()));
        match (own, receipt.extra()) {
            (Some(file), _) => own_bytes(file),
            (None, Some(extra)) => Ok(extra.to_vec()),
            (None, None) => {
                Err(ClientError::usage("the receipt carries no entry: give it with --ballot"))
            }
        }
    }
}

fn own_bytes(file: &Path) -> Result<Vec<u8>, ClientError> {
    println!("held against your own copy in {}", file.display());
    Ok(private_file::read(file)?)
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
    root: &veche_protocol::hash::Hash,
    entry: &SignedEntry,
    size: u64,
) -> Result<(), ClientError> {
    let is_prefix = log.root_at(size) == Some(*root);
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

fn say_witnesses(trust: &Trust, log: &LogCopy) -> Result<(), ClientError> {
    let Some(policy) = trust.read_policy()?.filter(Policy::asks_for_witnesses) else {
        println!("witnesses: none asked for; the head is the operator's word alone");
        return Ok(());
    };
    match policy.check_quorum(log.signed_head().note()) {
        Ok(cosigned) => println!("witnesses: {} have cosigned the head", cosigned.len()),
        Err(Breach::QuorumMissing) => {
            println!("witnesses: not enough have cosigned the head yet; look again later");
        }
        Err(breach) => return Err(ClientError::distrust("the head's cosignatures")(breach)),
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
