//! `veche voter`: a voter's own key.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use veche_keys::key_file::random_bytes;
use veche_protocol::roll::VoterId;

use crate::acts::check::Target;
use crate::commands::Global;
use crate::commands::key::new_key;
use crate::commands::roll_new::roll_path;
use crate::commands::session::{Session, reading};
use crate::commands::signing::key_error;
use crate::error::ClientError;
use crate::terminal::PassphraseSource;
use crate::voter_file::VoterFile;

#[derive(Debug, Subcommand)]
pub(super) enum VoterCommand {
    Key(VoterKeyCommand),
    Line(LineCommand),
}

/// Make your voting key, and print the line to hand to the registrar.
///
/// The file holds your key and what identifies the city; without it you cannot vote. Nobody else
/// has your key, and nobody can restore it.
#[derive(Debug, Args)]
pub(super) struct VoterKeyCommand {
    /// Name of the roll on which you want to stand.
    #[arg(long)]
    roll: String,
    /// The voter's file to make; one that is there is never replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Keep the key in clear, without a passphrase.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Print the line for the registrar once more.
#[derive(Debug, Args)]
pub(super) struct LineCommand {
    /// Your voter's file.
    #[arg(long, value_name = "FILE")]
    voter: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl VoterCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        match self {
            Self::Key(command) => command.run(global),
            Self::Line(command) => command.run(),
        }
    }
}

impl VoterKeyCommand {
    fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let path = roll_path(&self.roll)?;
        let city = session.city()?;
        let target = Target::read(&session.api, &city, &path, &mut reading(&path.to_string()))?;
        let header = match &target {
            Target::Roll(roll) => {
                session.note(roll.log())?;
                roll.fold().header_leaf()
            }
            _ => None,
        };
        let Some(header) = header else {
            return Err(ClientError::Usage(format!("there is no {path} yet")));
        };
        let voter = VoterId(random_bytes().map_err(|error| key_error(&self.out, error))?);
        let passphrase = (!self.plain).then_some(&self.passphrase);
        let (key, secret) = new_key(&self.out, passphrase)?;
        let roll = (self.roll.as_str(), header);
        let url = session.api.base();
        let file = VoterFile::new(url, &session.trust.pins, roll, voter, key.key(), secret);
        file.save(&self.out)?;
        println!("{}", file.enrolment_line(&key));
        eprintln!("hand this line to the registrar; keep {} to yourself", self.out.display());
        Ok(())
    }
}

impl LineCommand {
    fn run(self) -> Result<(), ClientError> {
        let voter = VoterFile::load(&self.voter)?;
        let phrase =
            voter.is_encrypted().then(|| self.passphrase.existing(&self.voter)).transpose()?;
        let phrase = phrase.as_ref().map(|phrase| phrase.as_str());
        let key = voter.open(phrase).map_err(|error| key_error(&self.voter, error))?;
        println!("{}", voter.enrolment_line(&key));
        Ok(())
    }
}
