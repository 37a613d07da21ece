//! `veche-audit witness`: the key of a witness, and the witness at work.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand};
use veche_keys::key_file;
use veche_keys::passphrase;
use veche_keys::private_file::{self, Existing};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::signature::SigningKey;

use super::CommandError;
use crate::exit::Exit;
use crate::serve::{Listen, serve};
use crate::witness::store::{Opened, Store};
use crate::witness::trust::TrustedLogs;
use crate::witness::{Clock, Cosigner, MAX_BODY, Witness};

/// Be a witness: cosign the heads of a city's logs, so that it cannot show two truths.
///
/// A city hands each new head of a log to its witnesses before it publishes it. A witness checks
/// that the log has only grown since the head before, remembers the new one, and cosigns it with
/// the time. It reads no ballots and needs no leave beyond the city asking it. Whoever trusts
/// enough witnesses knows that everyone else is shown the same log.
#[derive(Debug, Subcommand)]
pub(super) enum WitnessCommand {
    Key(KeyCommand),
    Serve(ServeCommand),
}

/// Make the key of a witness, and print its line for a policy.
///
/// The line is what cities and observers put into their policies (C2SP tlog-policy); they may add
/// the address of the witness at its end.
#[derive(Args, Debug)]
pub(super) struct KeyCommand {
    /// The name of the witness, without spaces and `+`: a host name and a path, by convention.
    #[arg(long)]
    name: String,
    /// The key file to make (PKCS #8 in PEM, Ed25519); one that is there is never replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Keep the key in clear, without a passphrase.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    passphrase: PassphraseArguments,
}

/// Witness the logs of cities, over HTTP, until told to stop.
///
/// Speaks C2SP tlog-witness: POST /add-checkpoint. Monitors ask for the last head with GET
/// /checkpoint/HEX, where HEX is the SHA-256 of the log's origin; operators for /health and
/// /metrics.
///
/// The store is the memory of the witness: it must outlive the machine, and must never be replaced
/// by an older copy. A witness that has lost it must stop for good, and its key with it, since it
/// could cosign a second history.
#[derive(Args, Debug)]
pub(super) struct ServeCommand {
    /// The key file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The name that the key was made for.
    #[arg(long)]
    name: String,
    /// The file that holds what was cosigned; it is made if it is not there.
    #[arg(long, value_name = "FILE")]
    store: PathBuf,
    #[command(flatten)]
    listen: Listen,
    /// The verifier key of a city's register: all logs of that city are witnessed.
    #[arg(long, value_name = "VKEY", required_unless_present = "log")]
    city: Vec<String>,
    /// The verifier key of one log, of a city or not.
    #[arg(long, value_name = "VKEY")]
    log: Vec<String>,
    /// A folder for proofs of forks.
    #[arg(long, value_name = "DIR")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArguments,
}

/// Where the passphrase of the key comes from.
#[derive(Args, Debug)]
struct PassphraseArguments {
    /// A file whose first line is the passphrase of the key; else the variable `VECHE_PASSPHRASE`,
    /// else you are asked.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl WitnessCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        match self {
            Self::Key(command) => command.run(),
            Self::Serve(command) => command.run(),
        }
    }
}

impl KeyCommand {
    fn run(self) -> Result<Exit, CommandError> {
        let of_file = |error: &dyn core::fmt::Display| usage(&self.out.display(), error);
        let key = key_file::generate().map_err(|error| of_file(&error))?;
        let verifier =
            VerifierKey::cosignature(&self.name, key.key()).map_err(|_| usage(&"--name", &NAME))?;
        let pem = if self.plain {
            key_file::write_plain(&key)
        } else {
            let file = self.passphrase.passphrase_file.as_deref();
            let passphrase = passphrase::fresh(file, &self.out).map_err(|error| of_file(&error))?;
            key_file::write_encrypted(&key, &passphrase).map_err(|error| of_file(&error))?
        };
        private_file::write(&self.out, pem.as_bytes(), Existing::Keep)
            .map_err(|error| CommandError::Usage(error.to_string()))?;
        println!("witness {} {verifier}", self.name);
        Ok(Exit::Sound)
    }
}

impl ServeCommand {
    fn run(self) -> Result<Exit, CommandError> {
        let trusted = self.trusted()?;
        let key = read_key(&self.key, self.passphrase.passphrase_file.as_deref())?;
        let (cosigner, verifier) =
            Cosigner::new(&self.name, key).map_err(|_| usage(&"--name", &NAME))?;
        let (store, opened) = Store::open(&self.store, &verifier)
            .map_err(|error| CommandError::Usage(error.to_string()))?;
        eprintln!("witness {} {verifier}", self.name);
        if opened == Opened::New {
            eprintln!(
                "{} is new: this witness remembers nothing. If it has cosigned before with this \
                 key, stop it now, and for good",
                self.store.display()
            );
        }
        let evidence = self.evidence.clone();
        let witness = Witness::new((cosigner, verifier), trusted, store, evidence, clock())?;
        serve(&self.listen, MAX_BODY, witness)
            .map_err(|error| usage(&self.listen.listen, &error))?;
        Ok(Exit::Sound)
    }

    fn trusted(&self) -> Result<TrustedLogs, CommandError> {
        let mut trusted = TrustedLogs::default();
        for text in &self.log {
            let key = VerifierKey::parse(text.trim());
            key.and_then(|key| trusted.add_log(key)).map_err(|breach| usage(&"--log", &breach))?;
        }
        for text in &self.city {
            let key =
                VerifierKey::parse(text.trim()).map_err(|breach| usage(&"--city", &breach))?;
            trusted.add_city(&key).map_err(|_| {
                usage(&"--city", &"not the key of a register, whose name ends in /register")
            })?;
        }
        Ok(trusted)
    }
}

/// What a name has to be (LOG-3).
const NAME: &str = "a name has 1 to 255 bytes, and neither white space nor `+`";

fn usage(what: &dyn core::fmt::Display, error: &dyn core::fmt::Display) -> CommandError {
    CommandError::Usage(format!("{what}: {error}"))
}

/// Reads the key; a passphrase is asked only if the file is encrypted.
fn read_key(path: &Path, passphrase_file: Option<&Path>) -> Result<SigningKey, CommandError> {
    let of_file = |error: &dyn core::fmt::Display| usage(&path.display(), error);
    let pem = private_file::read_text(path)
        .map(zeroize::Zeroizing::new)
        .map_err(|error| CommandError::Usage(error.to_string()))?;
    let passphrase = if key_file::is_encrypted(&pem) {
        let passphrase = passphrase::existing(passphrase_file, path);
        Some(passphrase.map_err(|error| of_file(&error))?)
    } else {
        None
    };
    key_file::read(&pem, passphrase.as_ref().map(|text| text.as_str()))
        .map_err(|error| of_file(&error))
}

/// The system's clock. A time before 1970 is 1970: what was stated last is the lower bound.
fn clock() -> Clock {
    Box::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
