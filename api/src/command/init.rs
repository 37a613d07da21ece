//! `veched init`: the log key, and the genesis of a city.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use veche_api::data_directory::{DataDirectory, write_secret};
use veche_api::genesis::{GenesisDraft, parse_key, parse_officer};
use veche_keys::key_file;
use veche_protocol::register::{CommissionKeys, Genesis, Officer, OfficerList};
use veche_protocol::signature::{Key, SigningKey};

use super::{found_city, read_key, read_passphrase};

/// Make the log key and draft the genesis of a city.
///
/// The commission signs the draft with `veche commission genesis`, and `veched found` joins what
/// comes back. Where the keys of all its members are at hand, the city is founded at once.
#[derive(Debug, Args)]
pub(super) struct InitCommand {
    /// The directory to keep everything in; made with mode 0700.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The domain with which the names of all logs begin.
    #[arg(long)]
    domain: String,
    /// The city's name, as people read it.
    #[arg(long, value_name = "NAME")]
    city: String,
    /// A member of the commission: a public key in hex; repeat for each.
    #[arg(long, value_name = "KEY", value_parser = parse_key)]
    commission: Vec<Key>,
    /// How many members of the commission must agree.
    #[arg(long, value_name = "N")]
    threshold: u8,
    /// An officer: public key, function, and roles (registrar, inspector, poll-officer, moderator);
    /// repeat for each.
    #[arg(long, value_name = "KEY:LABEL:ROLE[,ROLE]", required = true)]
    #[arg(value_parser = parse_officer)]
    officer: Vec<Officer>,
    /// Keep the log key in clear: whoever reads the disk can sign heads.
    #[arg(long, required_unless_present = "passphrase_file", conflicts_with = "passphrase_file")]
    unencrypted: bool,
    /// Encrypt the log key with the first line of this file.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The key file of a member of the commission, to sign with at once; repeat for each.
    #[arg(long, value_name = "FILE")]
    commission_key_file: Vec<PathBuf>,
    /// What opens the commission's key files, if they are encrypted.
    #[arg(long, value_name = "FILE")]
    commission_passphrase_file: Option<PathBuf>,
}

impl InitCommand {
    pub(super) fn run(self) -> Result<()> {
        let data = DataDirectory::create(&self.data)?;
        ensure!(!data.store().exists(), "{} holds a city already", self.data.display());
        let file = data.genesis_draft();
        ensure!(
            !file.exists(),
            "a draft is in {} already: give its signed copies to `veched found`, or remove it to \
             begin anew",
            file.display()
        );
        let signers = self.signers()?;
        let log_key = self.log_key(&data)?;
        let mut draft = GenesisDraft::new(self.genesis(&log_key, &signers), &log_key)?;
        for key in &signers {
            draft = draft.signed_by(key)?;
        }
        if draft.missing().is_empty() {
            return found_city(&data, &log_key, draft.complete()?);
        }
        write_secret(&file, &draft.to_text())?;
        println!("the draft is in {}", file.display());
        for key in draft.missing() {
            println!("to be signed by {key}");
        }
        Ok(())
    }

    fn genesis(&self, log_key: &SigningKey, signers: &[SigningKey]) -> Genesis {
        let mut keys = self.commission.clone();
        keys.extend(signers.iter().map(SigningKey::key));
        keys.sort_unstable();
        keys.dedup();
        Genesis {
            domain: self.domain.clone(),
            city: self.city.clone(),
            log_key: log_key.key(),
            commission: CommissionKeys { threshold: self.threshold, keys },
            officers: OfficerList(self.officer.clone()),
        }
    }

    fn signers(&self) -> Result<Vec<SigningKey>> {
        let passphrase = read_passphrase(self.commission_passphrase_file.as_ref())?;
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        self.commission_key_file.iter().map(|file| read_key(file, passphrase)).collect()
    }

    /// The log key: the one that is there, from an attempt before, or a fresh one.
    fn log_key(&self, data: &DataDirectory) -> Result<SigningKey> {
        let passphrase = read_passphrase(self.passphrase_file.as_ref())?;
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        let file = data.log_key();
        if file.exists() {
            eprintln!("veched: taking the log key that is in {}", file.display());
            return read_key(&file, passphrase);
        }
        let key = key_file::generate()?;
        let pem = match passphrase {
            None => key_file::write_plain(&key),
            Some(passphrase) => key_file::write_encrypted(&key, passphrase)?,
        };
        write_secret(&file, &pem)?;
        Ok(key)
    }
}
