//! The end of every act: sign, let a person confirm, hand in or pass on.

use std::path::{Path, PathBuf};

use clap::Args;
use veche_keys::key_file::{self, KeyFileError};
use veche_keys::private_file;
use veche_protocol::name::LogPath;
use veche_protocol::poll::fold::OFFICERS_PER_ACT;
use veche_protocol::signature::SigningKey;

use zeroize::Zeroizing;

use crate::acts::Act;
use crate::acts::check::Target;
use crate::api::Api;
use crate::city::City;
use crate::commands::session::Session;
use crate::draft::Draft;
use crate::error::ClientError;
use crate::terminal::{PassphraseSource, Progress, confirm};
use crate::{receipts, words};

/// Signers of an act on a roll: a registrar and an inspector.
const ROLL_SIGNERS: usize = 2;

/// Options of every command that signs.
#[derive(Debug, Args)]
pub(super) struct SigningArgs {
    /// Your key file; given twice where two signers sit at one desk.
    #[arg(long, required = true, value_name = "FILE")]
    key: Vec<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Write a draft for the next signer to this file instead of handing in.
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    out: Option<PathBuf>,
    /// Leave the draft for the next signer on the server.
    #[arg(long)]
    server: bool,
    /// Keep the receipts of what was handed in, in this folder.
    #[arg(long, value_name = "FOLDER")]
    receipts: Option<PathBuf>,
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl SigningArgs {
    /// Shows the acts in words, signs them, and hands them in if enough have signed.
    pub(super) fn finish(
        &self,
        session: &Session,
        city: &City,
        target: &mut Target,
        mut acts: Vec<Act>,
    ) -> Result<(), ClientError> {
        let Some(first) = acts.first() else {
            return Err(ClientError::usage("there is nothing to sign"));
        };
        let path = first.path().clone();
        for line in words::summary(&path, acts.iter().map(Act::payload)) {
            println!("{line}");
        }
        let keys = self.keys()?;
        for act in &mut acts {
            for key in &keys {
                act.sign(key);
            }
        }
        let signed = first_signatures(&acts);
        let needed = needed(city, &path);
        if signed >= needed && self.out.is_none() {
            // What would be refused is found here, by the law's own folds, before anything is sent.
            target.check(&session.api, city, &acts)?;
        }
        self.confirm(&format!("Sign this for {}?", city.pins().domain()))?;
        if let Some(out) = &self.out {
            Draft::of(&path, &acts).save(out)?;
            println!("signed by {signed} of {needed}; the draft is in {}", out.display());
            return Ok(());
        }
        if signed >= needed {
            return self.hand_in(&session.api, city, &path, &acts);
        }
        if !self.server {
            let text = format!(
                "{signed} of {needed} signatures: pass it on with --out FILE or --server, or give \
                 a second --key"
            );
            return Err(ClientError::Usage(text));
        }
        for act in &acts {
            let draft = session.api.leave_draft(&path, act.entry().bytes())?;
            println!("signed by {signed} of {needed}; the draft on the server is {}", draft.id);
        }
        Ok(())
    }

    fn confirm(&self, question: &str) -> Result<(), ClientError> {
        if self.yes { Ok(()) } else { confirm(question) }
    }

    fn keys(&self) -> Result<Vec<SigningKey>, ClientError> {
        self.key.iter().map(|file| open_key(file, &self.passphrase)).collect()
    }

    fn hand_in(
        &self,
        api: &Api,
        city: &City,
        path: &LogPath,
        acts: &[Act],
    ) -> Result<(), ClientError> {
        let progress = Progress::new("handing in");
        for (done, act) in (1..).zip(acts) {
            let entry = act.entry();
            let receipt = api.submit(path, entry.bytes())?;
            receipts::verify(&receipt, entry.bytes(), &city.pins().verifier(path))?;
            progress.set(done, acts.len() as u64);
            let kind = entry.payload().kind().name();
            println!("{path}: {kind} stands at index {}", receipt.index());
            if let Some(folder) = &self.receipts {
                std::fs::create_dir_all(folder).map_err(|e| ClientError::file(folder, e))?;
                let name = path.to_string().replace('/', "-");
                let file = folder.join(format!("{name}-{}.tlog-proof", receipt.index()));
                receipts::save(&file, &receipt, entry.bytes())?;
            }
        }
        Ok(())
    }
}

/// The fewest signatures that any of the acts has.
fn first_signatures(acts: &[Act]) -> usize {
    acts.iter().map(|act| act.signatures().len()).min().unwrap_or(0)
}

/// How many must sign an act on this log.
fn needed(city: &City, path: &LogPath) -> usize {
    match path {
        LogPath::Register => usize::from(city.register().commission().threshold),
        LogPath::Roll(_) => ROLL_SIGNERS,
        LogPath::Poll(_) => OFFICERS_PER_ACT,
    }
}

/// Reads and opens a key file.
pub(super) fn open_key(
    file: &Path,
    passphrase: &PassphraseSource,
) -> Result<SigningKey, ClientError> {
    let pem = Zeroizing::new(private_file::read_text(file)?);
    let phrase = key_file::is_encrypted(&pem).then(|| passphrase.existing(file)).transpose()?;
    let phrase = phrase.as_ref().map(|phrase| phrase.as_str());
    key_file::read(&pem, phrase).map_err(|error| key_error(file, error))
}

/// An error of a key file, with the file's name.
pub(super) fn key_error(file: &Path, error: KeyFileError) -> ClientError {
    match error {
        KeyFileError::PassphraseWrong => ClientError::Passphrase { path: file.to_owned() },
        error => ClientError::content(file, error),
    }
}
