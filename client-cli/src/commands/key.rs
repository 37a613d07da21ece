//! `veche key`, `veche officer key`, `veche commission key`: secret keys of staff.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use veche_keys::key_file;
use veche_keys::private_file::{self, Existing};
use veche_protocol::signature::SigningKey;
use zeroize::Zeroizing;

use crate::commands::signing::{key_error, open_key};
use crate::error::ClientError;
use crate::terminal::PassphraseSource;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key file, and print the public key.
    New(NewKey),
    /// Print the public key of a key file.
    Show(ShowKey),
}

#[derive(Debug, Subcommand)]
pub(super) enum HolderCommand {
    /// Make a key file, and print the public key.
    ///
    /// The key file stays with you. The public key goes to the commission, which appoints you by
    /// it.
    Key(NewKey),
}

/// Make a key file (PKCS #8 in PEM, Ed25519), readable only by you.
#[derive(Debug, Args)]
pub(super) struct NewKey {
    /// The file to make; one that is there is never replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Keep the key in clear, without a passphrase.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Print the public key of a key file, in hex.
#[derive(Debug, Args)]
pub(super) struct ShowKey {
    /// The key file.
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl KeyCommand {
    pub(super) fn run(self) -> Result<(), ClientError> {
        match self {
            Self::New(command) => command.run(),
            Self::Show(command) => {
                println!("{}", open_key(&command.file, &command.passphrase)?.key());
                Ok(())
            }
        }
    }
}

impl HolderCommand {
    pub(super) fn run(self) -> Result<(), ClientError> {
        let Self::Key(command) = self;
        command.run()
    }
}

impl NewKey {
    pub(super) fn run(self) -> Result<(), ClientError> {
        let passphrase = (!self.plain).then_some(&self.passphrase);
        let (key, pem) = new_key(&self.out, passphrase)?;
        private_file::write(&self.out, pem.as_bytes(), Existing::Keep)?;
        println!("{}", key.key());
        Ok(())
    }
}

/// A fresh key and its key file, in clear if there is no source of a passphrase.
pub(super) fn new_key(
    file: &Path,
    passphrase: Option<&PassphraseSource>,
) -> Result<(SigningKey, Zeroizing<String>), ClientError> {
    let failed = |error| key_error(file, error);
    let key = key_file::generate().map_err(failed)?;
    let pem = match passphrase {
        None => key_file::write_plain(&key),
        Some(source) => key_file::write_encrypted(&key, &source.fresh(file)?).map_err(failed)?,
    };
    Ok((key, pem))
}
