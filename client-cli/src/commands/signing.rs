//! The end of every act: sign, let a person confirm, hand in or pass on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use veche_keys::key_file::{self, KeyFileError};
use veche_keys::private_file;
use veche_protocol::entry::Payload;
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;
use veche_protocol::poll::fold::OFFICERS_PER_ACT;
use veche_protocol::signature::SigningKey;

use zeroize::Zeroizing;

use crate::acts::Act;
use crate::acts::check::Target;
use crate::city::City;
use crate::commands::following::{Followed, WaitArgs};
use crate::commands::session::Session;
use crate::draft::Draft;
use crate::error::ClientError;
use crate::growth::Promise;
use crate::patience::INTERVAL;
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
    #[command(flatten)]
    wait: WaitArgs,
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
            let interval = interval(target, &acts);
            return self.hand_in(session, &HandingIn { city, path: &path, acts: &acts, interval });
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

    fn hand_in(&self, session: &Session, handing_in: &HandingIn<'_>) -> Result<(), ClientError> {
        let HandingIn { city, path, acts, interval } = handing_in;
        let (verifier, progress) = (city.pins().verifier(path), Progress::new("handing in"));
        let mut handed_in = Vec::new();
        for (done, act) in (1..).zip(*acts) {
            let entry = act.entry();
            let receipt = session.api.submit(path, entry.bytes())?;
            receipts::verify(&receipt, entry.bytes(), &verifier)?;
            progress.set(done, acts.len() as u64);
            let kind = entry.payload().kind().name();
            println!("{path}: {kind} stands at index {}", receipt.index());
            if let Some(file) = self.receipt_file(path, receipt.index())? {
                receipts::save(&file, &receipt, entry.bytes())?;
            }
            handed_in.push((entry, receipt));
        }
        drop(progress);
        // Without a folder there is nothing to keep: that the last is public says it of all.
        let skipped = if self.receipts.is_some() { 0 } else { handed_in.len().saturating_sub(1) };
        let policy = session.trust.read_policy()?;
        for (entry, receipt) in handed_in.iter().skip(skipped).filter(|_| !self.wait.is_off()) {
            let promise = Promise { path, verifier: &verifier, entry: entry.bytes(), receipt };
            self.follow(session, &promise, policy.as_ref(), *interval)?;
        }
        Ok(())
    }

    /// Waits for a public head that covers an entry, so that the next command sees it.
    fn follow(
        &self,
        session: &Session,
        promise: &Promise<'_>,
        policy: Option<&Policy>,
        interval: Duration,
    ) -> Result<(), ClientError> {
        let index = promise.receipt.index();
        let file = self.receipt_file(promise.path, index)?;
        let name = format!("{}-{index}.veche-fork", file_stem(promise.path));
        let fork = file.as_deref().map_or_else(|| PathBuf::from(name), receipts::fork_beside);
        let followed = self.wait.follow(&session.api, promise, policy, interval, &fork)?;
        match &file {
            Some(file) => {
                let file = file.display();
                followed.say(&format!("finish it later: veche receipt upgrade {file}"));
            }
            None => followed.say("the next command may not see it yet: wait a little"),
        }
        if let (Followed::Grown(grown, Some(_)), Some(file)) = (followed, file) {
            receipts::save_grown(&receipts::grown_beside(&file), &grown)?;
        }
        Ok(())
    }

    /// Where the receipt for an entry is kept, if the receipts are kept at all.
    fn receipt_file(&self, path: &LogPath, index: u64) -> Result<Option<PathBuf>, ClientError> {
        let Some(folder) = &self.receipts else { return Ok(None) };
        std::fs::create_dir_all(folder).map_err(|error| ClientError::file(folder, error))?;
        Ok(Some(folder.join(format!("{}-{index}.tlog-proof", file_stem(path)))))
    }
}

/// What is handed in, and where.
struct HandingIn<'a> {
    city: &'a City,
    path: &'a LogPath,
    acts: &'a [Act],
    /// Between public heads of this log.
    interval: Duration,
}

fn file_stem(path: &LogPath) -> String {
    path.to_string().replace('/', "-")
}

/// The interval between public heads of the log that acts are for.
fn interval(target: &Target, acts: &[Act]) -> Duration {
    let announced = acts.iter().find_map(|act| match act.payload() {
        Payload::Announce(announce) => Some(announce.definition.interval),
        _ => None,
    });
    let known = match target {
        Target::Poll(poll) => poll.fold().definition().map(|definition| definition.interval),
        _ => announced,
    };
    known.map_or(INTERVAL, Duration::from_millis)
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
