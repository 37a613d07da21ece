//! The commands of `veched`, one file each.

mod found;
mod init;
mod openapi;
mod publish;
mod second_key;
mod serve;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use veche_api::data_directory::{DataDirectory, read_secret};
use veche_engine::Engine;
use veche_engine::store::rocks::{RocksConfig, RocksStore};
use veche_engine::store::{Store, StoreError};
use veche_keys::key_file;
use veche_protocol::entry::SignedEntry;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::signature::SigningKey;
use zeroize::Zeroizing;

/// The server of a city: keeps its logs and answers over HTTP.
///
/// A city begins with `veched init`, which makes the log key and drafts the genesis. The commission
/// signs the draft (`veche commission genesis`), `veched found` joins what comes back, and `veched
/// serve` serves the city from then on. Everything it keeps lies in one directory.
///
/// Exit codes: 0 done; 1 failed, with the reason on standard error; 2 usage.
#[derive(Debug, Parser)]
#[command(name = "veched", version, max_term_width = 100)]
pub(crate) struct Veched {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitCommand),
    Found(found::FoundCommand),
    SecondKey(second_key::SecondKeyCommand),
    Serve(Box<serve::ServeCommand>),
    Publish(publish::PublishCommand),
    Openapi(openapi::OpenapiCommand),
}

impl Veched {
    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            Command::Init(command) => command.run(),
            Command::Found(command) => command.run(),
            Command::SecondKey(command) => command.run(),
            Command::Serve(command) => command.run(),
            Command::Publish(command) => command.run(),
            Command::Openapi(command) => command.run(),
        }
    }
}

/// The first line of a passphrase file.
fn read_passphrase(file: Option<&PathBuf>) -> Result<Option<Zeroizing<String>>> {
    let Some(file) = file else { return Ok(None) };
    let text = read_secret(file)?;
    let line = text.lines().next().unwrap_or_default();
    anyhow::ensure!(!line.is_empty(), "{}: the first line is empty", file.display());
    Ok(Some(Zeroizing::new(line.to_owned())))
}

/// Reads a secret key from a file.
fn read_key(file: &Path, passphrase: Option<&str>) -> Result<SigningKey> {
    let pem = read_secret(file)?;
    key_file::read(&pem, passphrase).with_context(|| file.display().to_string())
}

fn open_store(data: &DataDirectory, config: RocksConfig) -> Result<Arc<dyn Store>> {
    let path = data.store();
    match RocksStore::open(&path, config) {
        Ok(store) => Ok(Arc::new(store)),
        // These name the directory themselves.
        Err(error @ (StoreError::Locked(_) | StoreError::Open { .. })) => Err(error.into()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Founds the city and prints what the city has to publish.
fn found_city(data: &DataDirectory, key: &SigningKey, genesis: SignedEntry) -> Result<()> {
    let register = RegisterFold::begin(&genesis)?;
    let store = open_store(data, RocksConfig::default())?;
    Engine::found(store.as_ref(), key, genesis.into_bytes())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "instance {}\nregister {}", register.instance(), register.verifier())?;
    Ok(())
}
