//! Writes archives: the public files of polls, their rolls and the register, in one plain tar.
//!
//! The same state gives the same bytes. Every file is written only after a recount has hashed it to
//! a head, and read again unchanged. A poll that is not sound is exported all the same, as
//! evidence; one whose files do not hash to their heads is not.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Mutex;

use tar::{Builder, EntryType, Header};
use veche_protocol::audit::{self, Finding, Recount, Step, fetch_exact};
use veche_protocol::breach::Breach;
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::Note;
use veche_protocol::log::tile::{EntriesPath, Resource, TilePath};
use veche_protocol::name::LogPath;

use crate::source::{Source, SourceError};
use crate::{Options, Progress, recount};

/// How often the heads of a growing city are read anew before giving up.
const ROUNDS: usize = 4;

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The archive cannot be written.
    #[error("the archive: {0}")]
    Write(#[from] io::Error),
    /// The files of a log do not hash to its head.
    #[error("{log}: {breach}")]
    Files {
        /// The log.
        log: LogPath,
        /// What is wrong with its files.
        breach: Breach,
    },
}

/// What an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its logs, ascending by path.
    pub logs: Vec<LogPath>,
    /// Number of files.
    pub files: usize,
    /// Bytes in them.
    pub bytes: u64,
}

/// Writes an archive of these polls.
pub fn export(
    source: &dyn Source,
    polls: &[LogPath],
    progress: Progress<'_>,
    out: &mut dyn Write,
) -> Result<Exported, ExportError> {
    let (steady, logs) = check(source, polls, progress)?;
    let mut exported = Exported { logs: Vec::new(), files: 0, bytes: 0 };
    let mut builder = Builder::new(out);
    for log in logs.into_values() {
        write_log(&steady, &log, &mut builder, &mut exported)?;
        exported.logs.push(log);
    }
    builder.into_inner()?.flush()?;
    Ok(exported)
}

/// Recounts the polls from heads that fit each other, and gives the logs that were read, by path.
fn check<'a>(
    source: &'a dyn Source,
    polls: &[LogPath],
    progress: Progress<'_>,
) -> Result<(Steady<'a>, BTreeMap<String, LogPath>), ExportError> {
    let mut rounds = 1;
    'again: loop {
        let steady = Steady::new(source);
        for poll in polls {
            audit::Source::fetch(&steady, poll, &[Resource::Checkpoint])?;
        }
        let mut logs = BTreeMap::from([("register".to_owned(), LogPath::Register)]);
        for poll in polls {
            let recount = recount(&steady, &Options::new(poll.clone()), progress)?;
            if is_behind(&recount) && rounds < ROUNDS {
                // The register grew past the head of another log: read all heads again.
                rounds += 1;
                continue 'again;
            }
            if let Some(Finding { log, breach, .. }) = broken(&recount) {
                return Err(ExportError::Files { log: (**log).clone(), breach: *breach });
            }
            let consulted = recount.consulted.iter();
            logs.extend(consulted.map(|log| (log.to_string(), (**log).clone())));
        }
        return Ok((steady, logs));
    }
}

/// Whether the register speaks of more than another log's head.
fn is_behind(recount: &Recount) -> bool {
    recount.findings_of(Step::Heads).any(|finding| finding.breach == Breach::EntryMissing)
}

/// What is wrong with the files themselves, entries aside.
fn broken(recount: &Recount) -> Option<&Finding> {
    recount.findings_of(Step::Entries).find(|finding| finding.index.is_none())
}

fn write_log(
    steady: &Steady<'_>,
    log: &LogPath,
    builder: &mut Builder<&mut dyn Write>,
    exported: &mut Exported,
) -> Result<(), ExportError> {
    let checkpoint = fetch_exact(steady, log, &[Resource::Checkpoint])?.pop().flatten();
    let Some(checkpoint) = checkpoint else { return Ok(()) };
    let size = Note::parse(&checkpoint)
        .and_then(|note| Checkpoint::parse(note.text()))
        .map_err(|breach| ExportError::Files { log: log.clone(), breach })?
        .size;
    // LOG-16: exactly the files of this size, ascending by the bytes of their names.
    let mut names = BTreeMap::from([(Resource::Checkpoint.to_string(), Resource::Checkpoint)]);
    let tiles = TilePath::all(size).map(Resource::Tile);
    let bundles = EntriesPath::all(size).map(Resource::Entries);
    names.extend(tiles.chain(bundles).map(|file| (file.to_string(), file)));
    for (name, file) in names {
        let bytes = fetch_exact(steady, log, &[file])?.pop().flatten();
        let bytes = bytes.ok_or_else(|| changed(log, &file))?;
        append(builder, &format!("{log}/{name}"), &bytes)?;
        exported.files += 1;
        exported.bytes += bytes.len() as u64;
    }
    Ok(())
}

fn append(builder: &mut Builder<&mut dyn Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    builder.append(&header, bytes)
}

/// A source whose heads stand still, and whose other files must be the same each time.
struct Steady<'a> {
    source: &'a dyn Source,
    checkpoints: Mutex<BTreeMap<LogPath, Option<Vec<u8>>>>,
    digests: Mutex<BTreeMap<(LogPath, Resource), Option<Hash>>>,
}

impl<'a> Steady<'a> {
    fn new(source: &'a dyn Source) -> Self {
        let (checkpoints, digests) = Default::default();
        Self { source, checkpoints, digests }
    }

    fn checkpoint(&self, log: &LogPath) -> Result<Option<Vec<u8>>, SourceError> {
        let mut known = self.checkpoints.lock().expect("nothing panics under it");
        if let Some(checkpoint) = known.get(log) {
            return Ok(checkpoint.clone());
        }
        let fetched = self.source.fetch(log, &[Resource::Checkpoint])?.pop().flatten();
        known.insert(log.clone(), fetched.clone());
        Ok(fetched)
    }
}

impl audit::Source for Steady<'_> {
    type Error = SourceError;

    fn fetch(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<Vec<Option<Vec<u8>>>, SourceError> {
        if files == [Resource::Checkpoint] {
            return Ok(vec![self.checkpoint(log)?]);
        }
        let fetched = self.source.fetch(log, files)?;
        let mut digests = self.digests.lock().expect("nothing panics under it");
        for (file, bytes) in files.iter().zip(&fetched) {
            let digest = bytes.as_deref().map(sha256);
            let known = digests.entry((log.clone(), *file)).or_insert(digest);
            if *known != digest {
                return Err(changed(log, file));
            }
        }
        Ok(fetched)
    }
}

fn changed(log: &LogPath, file: &Resource) -> SourceError {
    let reason = "it changed while it was read".to_owned();
    SourceError::Archive { path: format!("{log}/{file}"), reason }
}

/// The polls that the register of a source announces, ascending.
pub fn polls(source: &dyn Source) -> Result<BTreeSet<LogPath>, SourceError> {
    // The register is read as for a recount; a poll that it does not announce is not looked for.
    let register = audit::register(&source, &crate::crew::Threads::new(1))?;
    let domain = register.as_ref().map(|register| register.genesis().domain.clone());
    let logs = register.iter().flat_map(|register| register.logs().keys().cloned());
    let paths = logs.filter_map(|origin| LogPath::of_origin(&origin, domain.as_deref()?));
    Ok(paths.filter(|path| matches!(path, LogPath::Poll(_))).collect())
}
