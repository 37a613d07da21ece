//! `veche-audit fork`: checks a fork proof without a network, or makes one.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use veche_protocol::audit::{Trust, register};
use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::fork::ForkProof;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;

use super::CommandError;
use super::trust::{TrustArguments, read_file};
use crate::crew::Threads;
use crate::exit::Exit;
use crate::replica::history::{HistoryError, fork_between};
use crate::source::{self, Source};
use crate::words::visible;

/// Check the proof that somebody signed two histories, and say whom it convicts.
///
/// A fork proof holds two heads of one log, both signed by its key, that cannot both be true. It
/// needs no network and no belief in whoever hands it over. With --key or --policy it is also said
/// whether the key is that of the city which you know; anyone can make a key and convict it.
///
/// With --make the proof is made first, from two checkpoints and a source that shows the history of
/// the larger one, and written to the file; it is checked like any other then.
///
/// Exit codes: 0 the proof HOLDS, and convicts whoever holds the key; 1 it does not hold, and
/// accuses nobody; 2 usage; 3 the source cannot be read.
#[derive(Args, Debug)]
pub(super) struct ForkCommand {
    /// The proof; with --make the file to write.
    file: PathBuf,
    #[command(flatten)]
    trust: TrustArguments,
    /// Two checkpoint files, and where the history of the larger one is: an address, a directory,
    /// or an archive file.
    #[arg(long, num_args = 3, value_names = ["HEAD", "HEAD", "SOURCE"])]
    make: Option<Vec<String>>,
}

impl ForkCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let trust = self.trust.read()?;
        let mut out = io::stdout().lock();
        let mut keys = trusted_keys(&trust);
        if let Some([one, other, location]) = self.make.as_deref() {
            let source = source::open(location)?;
            if keys.is_empty() {
                keys.extend(register_key(&*source, &trust)?);
            }
            let made = make(&keys, Path::new(one), Path::new(other), &*source)?;
            match made {
                Ok(proof) => std::fs::write(&self.file, proof.to_string())?,
                Err(breach) => return refuse(&mut out, breach),
            }
        } else if trust.instance.is_some() {
            let text = "an instance id names no key: give --key or --policy";
            return Err(CommandError::Usage(text.to_owned()));
        }
        let proof = match check(&read_file(&self.file)?, &keys) {
            Ok(proof) => proof,
            Err(breach) => return refuse(&mut out, breach),
        };
        describe(&mut out, &proof, if keys.is_empty() { Key::Given } else { Key::Known })?;
        Ok(Exit::Sound)
    }
}

/// Whose key it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// The city's, as the user knows it from elsewhere.
    Known,
    /// The one that the proof itself names.
    Given,
}

fn refuse(out: &mut dyn io::Write, breach: Breach) -> Result<Exit, CommandError> {
    writeln!(out, "The proof does not hold. It accuses nobody.\n{breach}")?;
    Ok(Exit::Findings)
}

/// Reads and verifies a proof; with keys, that it is of one of them.
fn check(bytes: &[u8], keys: &[VerifierKey]) -> Result<ForkProof, Breach> {
    let proof = ForkProof::parse(bytes)?;
    // FORK-3: a key that is not the city's convicts nobody whom the user knows.
    proof.verify_known(keys)?;
    Ok(proof)
}

fn trusted_keys(trust: &Trust) -> Vec<VerifierKey> {
    let lines = trust.policy.iter().flat_map(Policy::logs).map(|log| log.key.clone());
    trust.key.iter().cloned().chain(lines).collect()
}

/// The key of the register that a source shows, if it is of the city that is meant.
fn register_key(source: &dyn Source, trust: &Trust) -> Result<Option<VerifierKey>, CommandError> {
    let register = register(&source, &Threads::new(1))?;
    let meant = |instance| trust.instance.is_none_or(|meant| meant == instance);
    Ok(register.filter(|fold| meant(fold.instance())).map(|fold| fold.verifier().clone()))
}

/// Makes a proof from two heads and the history of the larger one.
fn make(
    keys: &[VerifierKey],
    one: &Path,
    other: &Path,
    source: &dyn Source,
) -> Result<Result<ForkProof, Breach>, CommandError> {
    let note = |path: &Path| -> Result<_, CommandError> {
        let usage = |breach| CommandError::Usage(format!("{}: {breach}", path.display()));
        let note = Note::parse(&read_file(path)?).map_err(usage)?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(usage)?;
        Ok((note, checkpoint))
    };
    let ((one, first), (other, _)) = (note(one)?, note(other)?);
    let log = first.origin.split_once('/').and_then(|(domain, path)| {
        let path = LogPath::parse(path)?;
        let own = keys.iter().filter_map(|key| {
            LogPath::of_origin(key.name(), domain)?;
            VerifierKey::ed25519(&first.origin, *key.public_key().key()?).ok()
        });
        Some((path, own.collect::<Vec<_>>()))
    });
    let Some((path, own)) = log else { return Ok(Err(Breach::CheckpointOrigin)) };
    let mut refusal = Breach::InstanceMismatch;
    for key in own {
        match fork_between(&key, &path, &one, &other, source) {
            Ok(proof) => return Ok(Ok(proof)),
            Err(HistoryError::Wrong(breach)) => refusal = breach,
            Err(HistoryError::Source(error)) => return Err(error.into()),
        }
    }
    Ok(Err(refusal))
}

fn describe(out: &mut dyn io::Write, proof: &ForkProof, key: Key) -> io::Result<()> {
    writeln!(out, "The proof holds: two signed heads of one log that cannot both be true.")?;
    writeln!(out, "  log      {}", visible(proof.key().name()))?;
    writeln!(out, "  key      {}", proof.key())?;
    for (name, note) in [("first", proof.first()), ("second", proof.second())] {
        let Ok(Checkpoint { size, root, .. }) = Checkpoint::parse(note.text()) else { continue };
        let others = note.signatures().iter().map(|line| visible(line.name()));
        let others: Vec<_> = others.filter(|other| other != proof.key().name()).collect();
        let below = match others.len() {
            0 => String::new(),
            _ => format!("; below it also {}, not checked here", others.join(", ")),
        };
        writeln!(out, "  {name:<8} {size} entries, root {root}{below}")?;
    }
    // FORK-3: what it proves, and of whom.
    match key {
        Key::Known => writeln!(
            out,
            "Whoever holds the log key of the city that you know has shown one history of this log \
             to some and another to others. No receipt and no result below this key can be relied \
             upon until that is explained."
        ),
        Key::Given => writeln!(
            out,
            "It convicts whoever holds this key. Whose key it is, the proof cannot say: compare it \
             with the city's as you have it from elsewhere, or give --key or --policy."
        ),
    }
}
