//! The commands of `veche`: one file each. This file is the tree of names, and what all share.

mod claim;
mod commission;
mod commission_genesis;
mod commission_officers;
mod credential;
mod following;
mod issuer;
mod issuer_serve;
mod key;
mod manual;
mod poll;
mod poll_announce;
mod poll_begin;
mod poll_cancel;
mod poll_certify;
mod poll_close;
mod poll_exclude;
mod poll_from_file;
mod poll_open;
mod poll_show;
mod receipt;
mod receipt_book;
mod receipt_file;
mod receipt_parts;
mod receipt_upgrade;
mod roll;
mod roll_check;
mod roll_enrol;
mod roll_new;
mod roll_revoke;
mod roll_sample;
mod service;
mod session;
mod sign;
mod signing;
mod trust;
mod trustee;
mod trustee_run;
mod trustee_show;
mod vote;
mod vote_by_book;
mod vote_by_file;
mod voter;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::api::{Api, Connections};
use crate::error::ClientError;
use crate::trust::Trust;

/// Keys and signatures of a Veche city, in your own hands.
///
/// Veche is a voting engine whose every claim is a fold over public, append-only logs. This program
/// holds the keys of officers, commission members and voters, reads the logs itself, checks what it
/// reads, and signs only what it has checked.
///
/// A voter: `veche trust URL`, `veche voter key`, hand the enrolment line to the registrar, `veche
/// roll check`, in an anonymous poll `veche credential`, then `veche vote`, `veche receipt check`.
///
/// Two officers: `veche poll announce`, `veche poll sign`, and so on for begin, open, close and
/// certify.
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
    /// A proxy before the server, such as `socks5://127.0.0.1:9050`: it is what the server sees.
    #[arg(long, global = true, env = "VECHE_PROXY", value_name = "URL")]
    proxy: Option<String>,
}

impl Global {
    /// Where the trust file is.
    fn trust_path(&self) -> PathBuf {
        self.trust.clone().unwrap_or_else(Trust::default_path)
    }

    /// The server at this address, or at the one that the command line gives.
    fn api(&self, address: &str, connections: Connections) -> Result<Api, ClientError> {
        let address = self.url.as_deref().unwrap_or(address);
        Api::through(address, self.proxy.as_deref(), connections)
    }

    /// The server at just this address.
    fn server(&self, address: &str) -> Result<Api, ClientError> {
        Api::through(address, self.proxy.as_deref(), Connections::Kept)
    }
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
    Credential(credential::CredentialCommand),
    Vote(vote::VoteCommand),
    Claim(claim::ClaimCommand),
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
            Command::Credential(command) => command.run(&global),
            Command::Vote(command) => command.run(&global),
            Command::Claim(command) => command.run(&global),
            Command::Issuer(command) => command.run(&global),
            Command::Trustee(command) => command.run(&global),
            Command::Receipt(command) => command.run(&global),
            Command::Manual(command) => command.run(),
        }
    }
}
