//! `veche receipt check`: what a receipt proves, in words.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use veche_protocol::breach::{Breach, Fault};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;
use veche_protocol::poll::phase::Phase;

use crate::acts::check::Target;
use crate::api::Api;
use crate::city::City;
use crate::commands::Global;
use crate::commands::session::reading;
use crate::error::ClientError;
use crate::log_copy::LogCopy;
use crate::poll_copy::PollCopy;
use crate::trust::{Pins, Trust};
use crate::voter_file::VoterFile;
use crate::{choices, private_file, receipts};

#[derive(Debug, Subcommand)]
pub(super) enum ReceiptCommand {
    Check(CheckCommand),
}

/// Check a receipt, and say what it proves.
///
/// By itself: that the city's log key has signed a head below which exactly these bytes stand. With
/// --against: that the log today still extends that head, that the entry is still there, and
/// whether the ballot counts. A receipt that the log no longer honours convicts the operator.
#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    /// The receipt (.tlog-proof).
    file: PathBuf,
    /// The server, or a mirror of its public files, whose log is read.
    #[arg(long, value_name = "URL")]
    against: Option<String>,
    /// Your voter's file, which pins the city; without it the trust file does.
    #[arg(long, value_name = "FILE")]
    voter: Option<PathBuf>,
    /// The ballot as you signed it; by default the file beside the receipt, if it is there.
    #[arg(long, value_name = "FILE")]
    ballot: Option<PathBuf>,
}

impl ReceiptCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let Self::Check(command) = self;
        command.run(global)
    }
}

impl CheckCommand {
    fn run(self, global: &Global) -> Result<(), ClientError> {
        let (pins, trust) = self.pins(global)?;
        let receipt = receipts::load(&self.file)?;
        let entry = self.entry(&receipt)?;
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
        let api = Api::new(url)?;
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
            say_standing(poll, &entry, index);
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
    fn entry(&self, receipt: &Receipt) -> Result<Vec<u8>, ClientError> {
        let beside = self.file.with_extension("ballot");
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
    private_file::read(file)
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
fn check_kept(
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
    let Payload::Ballot(_) = entry.payload() else {
        println!("entry: {}", entry.payload().kind().name());
        return;
    };
    let numbers = |selection: &Vec<u64>| {
        let numbers: Vec<_> = selection.iter().map(|choice| (choice + 1).to_string()).collect();
        if numbers.is_empty() { "blank".to_owned() } else { numbers.join(", ") }
    };
    let questions: Vec<_> = choices::of(entry).iter().map(numbers).collect();
    println!("ballot: turn {}, options {}", choices::turn(entry), questions.join(" | "));
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

/// Whether the ballot counts, by this program's own fold of the poll.
fn say_standing(poll: &PollCopy, entry: &SignedEntry, index: u64) {
    let Payload::Ballot(ballot) = entry.payload() else { return };
    let refused = poll.rejected().iter().find(|(rejected, _)| *rejected == index);
    if let Some((_, breach)) = refused {
        let who = if breach.fault() == Fault::Voter { "spoiled" } else { "refused by the law" };
        println!("standing: it is {who}: {breach}");
        return;
    }
    let open = poll.fold().open_poll();
    let voter = open.and_then(|open| open.electorate().find(entry.signers().next()?));
    let turn = voter.zip(poll.fold().ballots()).and_then(|(voter, ballots)| ballots.turn(voter));
    match (turn, poll.fold().phase()) {
        (Some(turn), _) if turn != ballot.turn => {
            println!("standing: a later ballot of yours, with turn {turn}, counts instead");
        }
        (Some(_), Phase::Open) => println!("standing: it is the one that counts, as of now"),
        (Some(_), phase) => {
            println!("standing: it is the one that counts; the poll is {}", phase.name());
        }
        (None, _) => println!("standing: it does not count"),
    }
}
