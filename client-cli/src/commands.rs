//! The commands of `veche`: one file each. This file is the tree of names, and what all share.

mod commission;
mod commission_genesis;
mod commission_officers;
mod issuer;
mod issuer_serve;
mod key;
mod manual;
mod poll;
mod poll_announce;
mod poll_cancel;
mod poll_certify;
mod poll_close;
mod poll_from_file;
mod poll_open;
mod poll_show;
mod receipt;
mod roll;
mod roll_check;
mod roll_enrol;
mod roll_new;
mod roll_revoke;
mod service;
mod session;
mod sign;
mod signing;
mod trust;
mod trustee;
mod trustee_run;
mod trustee_show;
mod vote;
mod voter;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::error::ClientError;

/// Keys and signatures of a Veche city, in your own hands.
///
/// Veche is a voting engine whose every claim is a fold over public, append-only logs. This program
/// holds the keys of officers, commission members and voters, reads the logs itself, checks what it
/// reads, and signs only what it has checked.
///
/// A voter: `veche trust URL`, `veche voter key`, hand the enrolment line to the registrar, `veche
/// roll check`, `veche vote`, `veche receipt check`.
///
/// Two officers: `veche poll announce`, `veche poll sign`, and so on for open, close and certify.
///
/// Exit codes: 0 done; 1 refused by the law, the server or you; 2 usage; 3 the server was not
/// reached; 4 a file cannot be used; 5 what the city shows does not check out.
#[derive(Debug, Parser)]
#[command(name = "veche", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
struct Global {
    /// The file that pins the city: instance id, log key, heads seen so far.
    ///
    /// By default in your configuration folder, veche/trust.toml.
    #[arg(long, global = true, env = "VECHE_TRUST", value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Address of the server, where it is not the one in the trust file.
    #[arg(long, global = true, env = "VECHE_URL", value_name = "URL")]
    url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make and look at secret keys.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Keys of officers: registrar, inspector, poll officer.
    #[command(subcommand)]
    Officer(key::HolderCommand),
    /// What the commission does: found the city, appoint officers.
    #[command(subcommand)]
    Commission(commission::CommissionCommand),
    Trust(trust::TrustCommand),
    /// The roll of voters: registrar and inspector, and the voter's own check.
    #[command(subcommand)]
    Roll(roll::RollCommand),
    /// Polls: what two poll officers do, and what everybody can see.
    #[command(subcommand)]
    Poll(poll::PollCommand),
    /// A voter's own key.
    #[command(subcommand)]
    Voter(voter::VoterCommand),
    Vote(vote::VoteCommand),
    /// Credentials of anonymous polls: what an issuer does.
    #[command(subcommand)]
    Issuer(issuer::IssuerCommand),
    /// The key of a sealed poll: what a trustee does.
    #[command(subcommand)]
    Trustee(trustee::TrusteeCommand),
    /// What a receipt proves.
    #[command(subcommand)]
    Receipt(receipt::ReceiptCommand),
    #[command(hide = true)]
    Manual(manual::ManualCommand),
}

impl Cli {
    /// Does what the command line asks for.
    pub fn run(self) -> Result<(), ClientError> {
        let global = self.global;
        match self.command {
            Command::Key(command) => command.run(),
            Command::Officer(command) => command.run(),
            Command::Commission(command) => command.run(&global),
            Command::Trust(command) => command.run(&global),
            Command::Roll(command) => command.run(&global),
            Command::Poll(command) => command.run(&global),
            Command::Voter(command) => command.run(&global),
            Command::Vote(command) => command.run(&global),
            Command::Issuer(command) => command.run(&global),
            Command::Trustee(command) => command.run(&global),
            Command::Receipt(command) => command.run(&global),
            Command::Manual(command) => command.run(),
        }
    }
}
