//! The copy of one log: brought from head to head, each of which extends all before it.
//!
//! ```text
//! <path>/checkpoint          the head up to which everything is there
//! <path>/tile/...            its tiles and bundles, and some of the head that is on its way
//! heads/<path>/seen          the largest head that was shown and extends the copy
//! ```
//!
//! Nothing gets its name before it hashes to a signed head. Not here: which heads to read, and what
//! the register says of them ([`super::city`]).

use veche_protocol::breach::Breach;
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::fork::ForkProof;
use veche_protocol::log::merkle::{consistency_proof, root_at, verify_consistency};
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::tile::{EntriesPath, Resource, TILE_WIDTH, TilePath, width_at};
use veche_protocol::name::LogPath;

use super::discovery::{Discovery, Kept, Weight};
use super::download;
use super::files::Files;
use super::tiles::{Authentic, ReadError, Tiles, edge};
use crate::source::Source;
use crate::source::directory::DirectorySource;

/// The copy of one log.
#[derive(Debug)]
pub(super) struct LogCopy {
    pub(super) path: LogPath,
    key: VerifierKey,
    /// The head up to which everything is there.
    head: Option<SignedCheckpoint>,
    /// The largest head that was shown: the copy's, or one that extends it.
    seen: Option<SignedCheckpoint>,
}

/// Whether a head that was shown may become the copy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It satisfies the policy.
    Witnessed,
    /// It does not: it is only remembered.
    Unwitnessed,
}

impl LogCopy {
    /// A copy of nothing yet.
    pub(super) fn new(path: &LogPath, key: VerifierKey) -> Self {
        Self { path: path.clone(), key, head: None, seen: None }
    }

    /// Opens the copy, which may be nothing yet, and sweeps up what a crash has left.
    pub(super) fn open(files: &Files, path: &LogPath, key: VerifierKey) -> Result<Self, ReadError> {
        let own = |name: &str| -> Result<Option<SignedCheckpoint>, ReadError> {
            let Some(note) = files.read(name)? else { return Ok(None) };
            let damaged = |breach| ReadError::Wrong(breach, format!("the copy's own {name}"));
            SignedCheckpoint::parse(&note, &key).map(Some).map_err(damaged)
        };
        let head = own(&format!("{path}/checkpoint"))?;
        let seen = own(&seen_name(path))?;
        let mut copy = Self { path: path.clone(), key, head, seen };
        let (size, root) = (copy.size(), copy.root());
        let tiles = DirectorySource::new(files.root());
        // MONITOR-2: what is served was verified; a disk that has changed it is found here.
        if root_at(&Tiles::new(&tiles, path, size), size)? != root {
            let what = format!("the copy of {path} does not hash to its own head");
            return Err(ReadError::Wrong(Breach::TileMismatch, what));
        }
        if copy.seen.as_ref().is_none_or(|seen| seen.checkpoint().size < size) {
            copy.seen.clone_from(&copy.head);
        }
        copy.sweep(files)?;
        Ok(copy)
    }

    /// Number of entries that are there.
    pub(super) fn size(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.checkpoint().size)
    }

    fn root(&self) -> Hash {
        self.head.as_ref().map_or_else(empty_root, |head| head.checkpoint().root)
    }

    /// The head up to which everything is there.
    pub(super) const fn head(&self) -> Option<&SignedCheckpoint> {
        self.head.as_ref()
    }

    /// The key of the log.
    pub(super) const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Reads a head as it was shown: signed by the log, or a finding.
    pub(super) fn read_head(&self, note: &[u8]) -> Result<SignedCheckpoint, Box<Discovery>> {
        // MONITOR-1: LOG-4 to LOG-6, with the key that the city was pinned by.
        SignedCheckpoint::parse(note, &self.key).map_err(|breach| {
            let words = format!("{}: the head shown is none: {}", self.path, breach.meaning());
            let mut found = Discovery::finding(breach.code(), Some(&self.path), words);
            breach.code().clone_into(&mut found.key);
            found.exhibits.push(Kept::new("shown.checkpoint", note));
            Box::new(found)
        })
    }

    /// Brings the copy to this head, which the source shows. What is wrong is added to `found`;
    /// whether the copy has grown.
    pub(super) fn advance(
        &mut self,
        files: &Files,
        source: &dyn Source,
        shown: &SignedCheckpoint,
        standing: Standing,
        found: &mut Vec<Discovery>,
    ) -> Result<bool, ReadError> {
        match self.try_advance(files, source, shown, standing) {
            Ok((grown, wrong)) => {
                found.extend(wrong);
                Ok(grown)
            }
            Err(ReadError::Wrong(breach, what)) => {
                let words = format!("{}: {what}", self.path);
                let finding = Discovery::finding(breach.code(), Some(&self.path), words)
                    .with_head("shown.checkpoint", shown.note())
                    .checked_by(
                        "Ask the city for the files below this head: its signature promises them, \
                         and a recount (veche-audit recount) shows what is missing or wrong.",
                    );
                found.push(finding);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn try_advance(
        &mut self,
        files: &Files,
        source: &dyn Source,
        shown: &SignedCheckpoint,
        standing: Standing,
    ) -> Result<(bool, Option<Discovery>), ReadError> {
        if let Some(wrong) = self.contradiction(files, source, shown)? {
            return Ok((false, Some(wrong)));
        }
        let size = shown.checkpoint().size;
        let last = self.seen.as_ref().map_or(0, |seen| seen.checkpoint().size);
        if size < last {
            return Ok((false, Some(self.rewound(shown))));
        }
        if size > last || self.seen.is_none() {
            // A crash from here on finds the promise again, though not all that was promised.
            files.write(&seen_name(&self.path), shown.note().to_string().as_bytes())?;
            self.seen = Some(shown.clone());
        }
        if standing == Standing::Unwitnessed {
            return Ok((false, None));
        }
        let old = self.size();
        if size > old {
            let mut below = Authentic::below(source, &self.path, shown.checkpoint())?;
            download::fetch(files, source, &self.path, &mut below, (old, size))?;
        }
        self.take(files, shown)?;
        Ok((size > old, None))
    }

    /// The head becomes the copy's: all below it is on the disk.
    fn take(&mut self, files: &Files, shown: &SignedCheckpoint) -> Result<(), ReadError> {
        let old = self.size();
        // MONITOR-2: last, and in one step. A crash before this goes on from the head before.
        let name = format!("{}/checkpoint", self.path);
        let note = shown.note().to_string();
        // Of one head the note that more have signed is the better one.
        let lines = |head: &SignedCheckpoint| head.note().signatures().len();
        let is_better = |head: &SignedCheckpoint| {
            head.checkpoint() != shown.checkpoint()
                || (head.note() != shown.note() && lines(shown) >= lines(head))
        };
        if self.head.as_ref().is_none_or(is_better) {
            files.write(&name, note.as_bytes())?;
            self.head = Some(shown.clone());
        }
        for file in superseded(old, self.size()) {
            // A crash here leaves files that the next start sweeps up.
            files.remove(&format!("{}/{file}", self.path))?;
        }
        Ok(())
    }

    /// Removes partial files that are not those of the head: of heads before, and of one that never
    /// came to be the copy's.
    fn sweep(&self, files: &Files) -> Result<(), ReadError> {
        for name in files.list(&self.path.to_string())? {
            let file = name.strip_prefix(&format!("{}/", self.path));
            let Some(Ok(file)) = file.map(Resource::parse) else { continue };
            let (level, index, width) = match file {
                Resource::Checkpoint => continue,
                Resource::Tile(TilePath { level, index, width }) => (level, index, width),
                Resource::Entries(EntriesPath { index, width }) => (0, index, width),
            };
            let own = width_at(self.size(), level, index);
            if width < TILE_WIDTH && own != Some(width) {
                files.remove(&name)?;
            }
        }
        Ok(())
    }

    /// The root at a size up to the copy's.
    pub(super) fn root_at(&self, files: &Files, size: u64) -> Result<Hash, ReadError> {
        let tiles = DirectorySource::new(files.root());
        root_at(&Tiles::new(&tiles, &self.path, self.size()), size)
    }

    /// Whether a signed head cannot be true beside the copy, or beside the largest head shown.
    /// `source` is asked for the history of the larger of two heads where the copy does not reach.
    pub(super) fn contradiction(
        &self,
        files: &Files,
        source: &dyn Source,
        shown: &SignedCheckpoint,
    ) -> Result<Option<Discovery>, ReadError> {
        let size = shown.checkpoint().size;
        if let Some(head) = self.head.as_ref().filter(|head| size <= head.checkpoint().size) {
            let own = DirectorySource::new(files.root());
            return self.compare(&own, shown, head);
        }
        for known in [&self.head, &self.seen].into_iter().flatten() {
            let is_larger = known.checkpoint().size > size;
            let (smaller, larger) = if is_larger { (shown, known) } else { (known, shown) };
            match self.compare(source, smaller, larger)? {
                // A source that went back may not have the history of what it showed before.
                Some(wrong) if !is_larger || wrong.weight == Weight::Proof => {
                    return Ok(Some(wrong));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether the larger head extends the smaller one, by the history that `source` shows.
    fn compare(
        &self,
        source: &dyn Source,
        smaller: &SignedCheckpoint,
        larger: &SignedCheckpoint,
    ) -> Result<Option<Discovery>, ReadError> {
        let (from, to) = (smaller.checkpoint(), larger.checkpoint());
        if from == to {
            return Ok(None);
        }
        let history = Tiles::new(source, &self.path, to.size);
        if from.size < to.size {
            let proof = match consistency_proof(&history, from.size, to.size) {
                Err(ReadError::Wrong(..)) => return Ok(Some(self.unproved(smaller, larger))),
                read => read?,
            };
            if verify_consistency(from.size, &from.root, to.size, &to.root, &proof).is_ok() {
                return Ok(None);
            }
        }
        // MONITOR-5: whoever signed both is convicted by both.
        match ForkProof::between(&self.key, smaller.note(), larger.note(), &history) {
            Ok(proof) => Ok(Some(Discovery::fork(&self.path, &proof))),
            Err(ReadError::Wrong(..)) => Ok(Some(self.unproved(smaller, larger))),
            Err(error) => Err(error),
        }
    }

    /// A head is shown whose files do not prove that it extends another, nor that it does not.
    fn unproved(&self, smaller: &SignedCheckpoint, larger: &SignedCheckpoint) -> Discovery {
        let words = format!(
            "{}: a head of {} entries is not shown to extend the one of {} entries",
            self.path,
            larger.checkpoint().size,
            smaller.checkpoint().size
        );
        Discovery::finding(Breach::TileMismatch.code(), Some(&self.path), words)
            .with_head("first.checkpoint", smaller.note())
            .with_head("second.checkpoint", larger.note())
            .checked_by(
                "The log's key has signed both heads. Ask the city for the tiles of the second: \
                 either they prove that it extends the first, or veche-audit fork --make convicts.",
            )
    }

    /// A head is shown that is older than one shown before.
    fn rewound(&self, shown: &SignedCheckpoint) -> Discovery {
        let seen = self.seen.as_ref().expect("a smaller head is smaller than one");
        let words = format!(
            "{}: the head went back from {} to {} entries",
            self.path,
            seen.checkpoint().size,
            shown.checkpoint().size
        );
        // MONITOR-4: an old head is no lie by itself; what it leaves out was promised.
        Discovery::finding(Breach::EntryMissing.code(), Some(&self.path), words)
            .with_head("seen.checkpoint", seen.note())
            .with_head("shown.checkpoint", shown.note())
            .checked_by(
                "veche-audit recount SOURCE --head seen.checkpoint finds entry-missing as long as \
                 the city does not show what this head promises.",
            )
    }

    /// A note of the copy's key.
    pub(super) fn note(&self) -> Option<&Note> {
        self.head.as_ref().map(SignedCheckpoint::note)
    }
}

fn seen_name(path: &LogPath) -> String {
    format!("heads/{path}/seen")
}

/// The partial files of the old size that the new one has otherwise.
fn superseded(old: u64, new: u64) -> impl Iterator<Item = Resource> {
    let kept: Vec<_> = partial(new).collect();
    partial(old).filter(move |file| !kept.contains(file))
}

/// The partial tiles and the partial bundle of a log of this size.
fn partial(size: u64) -> impl Iterator<Item = Resource> {
    let bundle = edge(size).find(|path| path.level == 0);
    let bundle = bundle.map(|path| EntriesPath { index: path.index, width: path.width });
    edge(size).map(Resource::Tile).chain(bundle.map(Resource::Entries))
}
