//! What a witness keeps of a log that contradicts itself.
//!
//! Two kinds, which must never be taken for each other: a *fork proof* convicts whoever holds the
//! log's key, and a stranger can check it; a *suspicion* is two heads and a proof that does not
//! hold, which may be a mistake of whoever sent it. Not here: telling them apart, which the
//! protocol does.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use veche_protocol::hash::{Hash, sha256};
use veche_protocol::log::fork::{ForkProof, Growth};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::witness::{AddCheckpoint, Contradiction, TrustedRequest};

use super::store::Witnessed;

/// The most files of one kind that are kept. Each is below 140 kB (one note as it came, one with
/// the log's own signatures, a proof), so that a log that forks all the time fills 36 MB.
const MAX_FILES: usize = 256;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// It convicts by itself.
    Fork(Box<ForkProof>),
    /// It convicts nobody.
    Suspicion(String),
}

impl Finding {
    /// What a request shows against the head that was cosigned before. `None`: nothing.
    pub(super) fn of(
        request: &TrustedRequest,
        latest: &Witnessed,
        keys: &[VerifierKey],
    ) -> Option<Self> {
        let shown = request.head().note();
        let contradiction = request.contradicts(&latest.checkpoint)?;
        let growth = match contradiction {
            Contradiction::Roots => None,
            Contradiction::History(root) => Some(Growth { root, proof: request.proof().to_vec() }),
            Contradiction::Unproven => {
                return Some(Self::Suspicion(suspicion(request, latest)));
            }
        };
        // WITNESS-8: a proof is made with one key that has signed both, and checked before it is
        // called one.
        let proof = keys.iter().find_map(|key| {
            let (first, second) = (latest.note.clone(), shown.clone());
            let proof = ForkProof::new(key.clone(), first, second, growth.clone()).ok()?;
            proof.verify().is_ok().then_some(proof)
        });
        Some(match proof {
            Some(proof) => Self::Fork(Box::new(proof)),
            None => Self::Suspicion(suspicion(request, latest)),
        })
    }

    /// The ending of the name of its file.
    const fn ending(&self) -> &'static str {
        match self {
            Self::Fork(_) => "veche-fork",
            Self::Suspicion(_) => "suspicion.txt",
        }
    }

    /// What was found, whatever the lines of strangers below it: the same again is no news.
    fn id(&self) -> Hash {
        match self {
            Self::Fork(proof) => {
                sha256([proof.first().text(), proof.second().text()].concat().as_bytes())
            }
            Self::Suspicion(text) => sha256(text.as_bytes()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Fork(proof) => proof.to_string(),
            Self::Suspicion(text) => text.clone(),
        }
    }

    /// One line that says what was found, for whoever reads the output of the program.
    fn headline(&self, origin: &str) -> String {
        match self {
            Self::Fork(proof) => format!(
                "FORK: {origin} has signed two heads that cannot both be true; the proof follows, \
                 and holds against {}",
                proof.key()
            ),
            Self::Suspicion(_) => format!(
                "suspicion: {origin} was handed in with a proof that does not hold; this convicts \
                 nobody"
            ),
        }
    }
}

/// Both heads and the proof, with words on top that say what it is not.
fn suspicion(request: &TrustedRequest, latest: &Witnessed) -> String {
    let (size, note) = (latest.checkpoint.size, request.head().note().clone());
    let request = AddCheckpoint::new(size, request.proof().to_vec(), note)
        .expect("the parts of a request make one");
    format!(
        "This is not a proof. A witness was handed a head that does not follow, by what came with \
         it, from\nthe head that it had cosigned before. The log may have forked, or its operator \
         may have sent a wrong\nproof. Here are the head that was cosigned, and the request.\n\n\
         {}\n{request}",
        latest.note
    )
}

/// Where findings go: a folder, if there is one, and the standard error. Of what is found while the
/// folder is full only the counters tell.
#[derive(Debug)]
pub(super) struct Evidence {
    folder: Option<PathBuf>,
    /// Hashes of what was told already, so that a repeated request is not a repeated alarm.
    told: Mutex<BTreeSet<Hash>>,
}

impl Evidence {
    /// Makes the folder, if one is given.
    pub(super) fn new(folder: Option<PathBuf>) -> io::Result<Self> {
        if let Some(folder) = &folder {
            fs::create_dir_all(folder)?;
        }
        Ok(Self { folder, told: Mutex::default() })
    }

    /// Keeps and prints a finding. What was found before is not told again.
    pub(super) fn keep(&self, origin: &str, finding: &Finding) {
        let id = finding.id();
        {
            let mut told = self.told.lock().expect("nobody panics with this lock");
            if told.len() >= 2 * MAX_FILES || !told.insert(id) {
                return;
            }
        }
        let text = finding.text();
        let mut err = io::stderr().lock();
        // Where the standard error is gone there is still the folder.
        drop(writeln!(err, "{}", finding.headline(origin)));
        if let Finding::Fork(_) = finding {
            drop(err.write_all(text.as_bytes()));
        }
        if let Some(folder) = &self.folder {
            let path = folder.join(format!("{}.{}", &id.to_string()[..32], finding.ending()));
            drop(match write(folder, finding.ending(), &path, &text) {
                Ok(()) => writeln!(err, "kept in {}", path.display()),
                Err(error) => writeln!(err, "{} cannot be kept: {error}", path.display()),
            });
        }
    }
}

/// Writes a file whole or not at all, unless there are too many of its kind.
fn write(folder: &Path, ending: &str, path: &Path, text: &str) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let names = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let of_kind = names.iter().filter(|name| name.to_string_lossy().ends_with(ending)).count();
    // WITNESS-8: a bound, so that evidence does not fill the disk that the heads are on.
    if of_kind >= MAX_FILES {
        return Err(io::Error::other("there is more of its kind than is kept"));
    }
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests;
