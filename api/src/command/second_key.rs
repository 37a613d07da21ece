//! `veched second-key`: a post-quantum key beside the log key.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use veche_api::data_directory::{DataDirectory, write_secret};
use veche_engine::store::rocks::RocksConfig;
use veche_keys::second_key_file;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::name::LogType;
use veche_protocol::register::fold::RegisterFold;

use super::{open_store, read_passphrase};

/// Make a second key for all logs: ML-DSA-44, for the day on which Ed25519 can be forged.
///
/// From then on `veched serve` signs every public head with it as well, below the log key's line.
/// It prints a log line for policies (C2SP tlog-policy): whoever puts it into theirs accepts no
/// head without the second signature. The server must not be running.
#[derive(Debug, Args)]
pub(super) struct SecondKeyCommand {
    /// The directory of the city.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Keep the key in clear, as the log key may be.
    #[arg(long, required_unless_present = "passphrase_file", conflicts_with = "passphrase_file")]
    unencrypted: bool,
    /// Encrypt the key with the first line of this file: the same as that of the log key.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl SecondKeyCommand {
    pub(super) fn run(self) -> Result<()> {
        let data = DataDirectory::open_founded(&self.data)?;
        let file = data.second_key();
        ensure!(!file.exists(), "{} is there already", file.display());
        let passphrase = read_passphrase(self.passphrase_file.as_ref())?;
        let register = {
            let store = open_store(&data, RocksConfig::default())?;
            let logs = store.logs()?;
            let (log, _) = logs.first().ok_or_else(|| anyhow::anyhow!("the store is empty"))?;
            let genesis = SignedEntry::decode(LogType::Register, store.entry(*log, 0)?)?;
            RegisterFold::begin(&genesis)?.verifier().name().to_owned()
        };
        let key = second_key_file::generate()?;
        let pem = second_key_file::write(&key, passphrase.as_ref().map(|text| text.as_str()))?;
        write_secret(&file, &pem)?;
        println!("log {}", VerifierKey::ml_dsa_44(&register, key.key().clone())?);
        Ok(())
    }
}
