//! The copies of all logs that the register of a city announces.
//!
//! A round reads the heads of the logs, then that of the register, and reads on while the register
//! speaks of more (spec/audit.md, "What goes in"). Not here: one log ([`super::log`]).

use std::collections::BTreeMap;

use veche_protocol::audit::{self, fetch_exact};
use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::leaf_hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::merkle::{NodeReader as _, consistency_proof, inclusion_proof, root_at};
use veche_protocol::log::note::Note;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::log::tile::{EntriesPath, Resource, TILE_WIDTH, split_bundle, width_at};
use veche_protocol::name::LogPath;
use veche_protocol::register::anchor_list::Anchor;
use veche_protocol::register::fold::RegisterFold;

use super::discovery::{Discovery, Kept, Weight};
use super::files::Files;
use super::log::{LogCopy, Standing};
use super::tiles::{ReadError, Tiles};
use super::{ReplicaError, Round};
use crate::source::directory::DirectorySource;
use crate::source::{Source, SourceError};

const WIDTH: u64 = TILE_WIDTH as u64;
/// How often the heads of a growing city are read anew before they are taken as they are.
const HEAD_ROUNDS: usize = 4;

/// The copies.
#[derive(Debug)]
pub(super) struct CityCopy {
    fold: RegisterFold,
    /// Entries of the register that the fold has taken in.
    folded: u64,
    register: LogCopy,
    logs: BTreeMap<LogPath, LogCopy>,
    /// How many of the anchors of each log its copy has been held against.
    judged: BTreeMap<LogPath, usize>,
}

impl CityCopy {
    /// Opens the copies in a folder; nothing if it has no register.
    pub(super) fn open(files: &Files) -> Result<Option<Self>, ReplicaError> {
        let own = DirectorySource::new(files.root());
        let Ok(mut city) = (match begin(&own) {
            Err(SourceError::NoHead(_)) => return Ok(None),
            begun => begun?,
        }) else {
            let what = "the copy of the register has no genesis".to_owned();
            return Err(ReplicaError::Damaged(what));
        };
        city.register = LogCopy::open(files, &LogPath::Register, city.fold.verifier().clone())?;
        city.read_register(files, &mut Round::default())?;
        city.open_logs(files)?;
        Ok(Some(city))
    }

    /// Begins with what a source shows as the genesis of its city. Nothing of it is believed yet
    /// but by comparison with what the observer has from elsewhere.
    pub(super) fn found(source: &dyn Source) -> Result<Result<Self, Discovery>, ReplicaError> {
        Ok(begin(source)?)
    }

    pub(super) const fn fold(&self) -> &RegisterFold {
        &self.fold
    }

    /// All copies, the register's first.
    pub(super) fn logs(&self) -> impl Iterator<Item = &LogCopy> {
        core::iter::once(&self.register).chain(self.logs.values())
    }

    pub(super) fn log(&self, path: &LogPath) -> Option<&LogCopy> {
        self.logs().find(|log| log.path == *path)
    }

    /// One round.
    pub(super) fn update(
        &mut self,
        files: &Files,
        source: &dyn Source,
        policy: Option<&Policy>,
        round: &mut Round,
    ) -> Result<(), ReplicaError> {
        // MONITOR-3: the logs' heads, then the register's.
        let mut heads = BTreeMap::new();
        for path in self.logs.keys() {
            heads.insert(path.clone(), head(source, path)?);
        }
        self.update_register(files, source, policy, round)?;
        for _ in 0..HEAD_ROUNDS {
            let behind = self.behind(&heads);
            if behind.is_empty() {
                break;
            }
            let mut has_grown = false;
            for path in behind {
                let (again, size) = (head(source, &path)?, size_of);
                has_grown |= size(again.as_ref()) > size(heads.get(&path).and_then(Option::as_ref));
                heads.insert(path, again);
            }
            if !has_grown {
                break;
            }
            // MONITOR-3: the register's again, for as long as there is more to read.
            self.update_register(files, source, policy, round)?;
        }
        for (path, head) in heads {
            self.update_log(files, source, policy, (&path, head), round)?;
        }
        Ok(())
    }

    /// The logs of which nothing was read, or less than the register anchors.
    fn behind(&self, heads: &BTreeMap<LogPath, Option<Vec<u8>>>) -> Vec<LogPath> {
        let is_behind = |path: &&LogPath| match heads.get(*path) {
            None => true,
            Some(head) => size_of(head.as_ref()) < self.anchored(path),
        };
        self.logs.keys().filter(is_behind).cloned().collect()
    }

    fn anchored(&self, path: &LogPath) -> u64 {
        let origin = path.origin(&self.fold.genesis().domain);
        self.fold.anchors_of(&origin).last().map_or(0, |anchor| anchor.size)
    }

    fn update_register(
        &mut self,
        files: &Files,
        source: &dyn Source,
        policy: Option<&Policy>,
        round: &mut Round,
    ) -> Result<(), ReplicaError> {
        let Some(note) = head(source, &LogPath::Register)? else {
            round.found.push(no_head(&LogPath::Register));
            return Ok(());
        };
        advance(&mut self.register, files, source, policy, &note, round)?;
        self.read_register(files, round)?;
        self.open_logs(files)
    }

    /// Takes in the entries of the register that the copy has grown by.
    fn read_register(&mut self, files: &Files, round: &mut Round) -> Result<(), ReplicaError> {
        let own = DirectorySource::new(files.root());
        while self.folded < self.register.size() {
            let index = self.folded / WIDTH;
            let entries = bundle(&own, &LogPath::Register, self.register.size(), index)?;
            let start = usize::try_from(self.folded % WIDTH).expect("below 256");
            for entry in entries.into_iter().skip(start) {
                self.admit(files, entry, round)?;
                self.folded += 1;
            }
        }
        Ok(())
    }

    fn admit(
        &mut self,
        files: &Files,
        entry: Vec<u8>,
        round: &mut Round,
    ) -> Result<(), ReplicaError> {
        let index = self.folded;
        if index == 0 {
            // The city was begun with what the source showed first; now it hashes to the head.
            let is_same = leaf_hash(&entry) == self.fold.instance();
            let damaged = || ReplicaError::Damaged("the register has two beginnings".to_owned());
            return if is_same { Ok(()) } else { Err(damaged()) };
        }
        let mut failure = None;
        let register = &self.register;
        let root_at = |size| match register.root_at(files, size) {
            Ok(root) => Some(root),
            Err(error) => {
                failure = Some(error);
                None
            }
        };
        let decoded = SignedEntry::decode(LogPath::Register.log_type(), entry);
        let verdict = decoded.and_then(|entry| self.fold.admit(&entry, index, root_at));
        if let Some(error) = failure {
            return Err(error.into());
        }
        if let Err(breach) = verdict {
            let words = format!("register: entry {index} is refused: {}", breach.meaning());
            let finding = Discovery::finding(breach.code(), Some(&LogPath::Register), words);
            let check = "veche-audit recount SOURCE --poll ID, of any poll, finds it in step A1 or \
                         A3.";
            round.found.push(finding.checked_by(check));
        }
        Ok(())
    }

    /// Opens copies of the logs that the register announces.
    fn open_logs(&mut self, files: &Files) -> Result<(), ReplicaError> {
        let domain = &self.fold.genesis().domain;
        for origin in self.fold.logs().keys() {
            let Some(path) = LogPath::of_origin(origin, domain) else { continue };
            if !self.logs.contains_key(&path) {
                let copy = LogCopy::open(files, &path, self.fold.verifier_of(&path))?;
                self.logs.insert(path, copy);
            }
        }
        Ok(())
    }

    /// Brings the copy of one log to the head that was read, and holds it against the register.
    fn update_log(
        &mut self,
        files: &Files,
        source: &dyn Source,
        policy: Option<&Policy>,
        (path, note): (&LogPath, Option<Vec<u8>>),
        round: &mut Round,
    ) -> Result<(), ReplicaError> {
        let anchored = self.anchored(path);
        let copy = self.logs.get_mut(path).expect("heads are read of logs that are copied");
        if let Some(note) = &note {
            advance(copy, files, source, policy, note, round)?;
        } else if anchored > 0 || copy.size() > 0 {
            round.found.push(no_head(path));
        }
        let shown = size_of(note.as_ref());
        if note.is_some() && shown < anchored {
            // MONITOR-4: AUDIT-5.
            let words = format!("{path}: {anchored} entries are anchored, and {shown} shown");
            let code = Breach::EntryMissing.code();
            let check = "veche-audit recount SOURCE finds entry-missing: the register's own \
                         anchors speak of entries that the city does not show.";
            round.found.push(Discovery::finding(code, Some(path), words).checked_by(check));
        }
        self.judge(files, path, round)
    }

    /// Holds a copy against what the register says of the log: how it begins, and its anchors.
    fn judge(
        &mut self,
        files: &Files,
        path: &LogPath,
        round: &mut Round,
    ) -> Result<(), ReplicaError> {
        let copy = &self.logs[path];
        if copy.size() == 0 {
            return Ok(());
        }
        let origin = path.origin(&self.fold.genesis().domain);
        let own = DirectorySource::new(files.root());
        let tiles = Tiles::new(&own, path, copy.size());
        let first = tiles.node(0, 0)?;
        if self.fold.logs().get(&origin).is_none_or(|log| log.first != first) {
            // MONITOR-4: AUDIT-6.
            let words = format!("{path}: it does not begin as the register says");
            let code = Breach::LogNotAnnounced.code();
            round.found.push(Discovery::finding(code, Some(path), words));
        }
        let judged = self.judged.entry(path.clone()).or_default();
        let mut found = None;
        for anchor in self.fold.anchors_of(&origin).iter().skip(*judged) {
            if anchor.size > copy.size() {
                break;
            }
            // MONITOR-4: AUDIT-5, the root at every anchored size.
            if found.is_none() && root_at(&tiles, anchor.size)? != anchor.root {
                found = Some(*anchor);
            }
            *judged += 1;
        }
        if let Some(anchor) = found {
            round.found.push(self.anchor_fork(files, path, &anchor)?);
        }
        Ok(())
    }

    /// The register's word and the log's own, which cannot both be true.
    fn anchor_fork(
        &self,
        files: &Files,
        path: &LogPath,
        anchor: &Anchor,
    ) -> Result<Discovery, ReplicaError> {
        let own = DirectorySource::new(files.root());
        let register = Tiles::new(&own, &LogPath::Register, self.register.size());
        let proof = inclusion_proof(&register, anchor.index, self.register.size())?;
        let entries = bundle(&own, &LogPath::Register, self.register.size(), anchor.index / WIDTH)?;
        let place = usize::try_from(anchor.index % WIDTH).expect("below 256");
        let note = self.register.note().expect("it has entries").clone();
        let receipt = Receipt::new(anchor.index, proof, note).map_err(ReadError::from)?;
        let receipt = receipt.with_extra(entries[place].clone());
        let copy = &self.logs[path];
        let tiles = Tiles::new(&own, path, copy.size());
        let consistency = consistency_proof(&tiles, anchor.size, copy.size())?;
        let hashes = core::iter::once(copy.root_at(files, anchor.size)?).chain(consistency);
        let lines: Vec<_> = hashes.map(|hash| hash.to_string()).collect();
        let history = lines.join("\n") + "\n";
        let words = format!("{path}: the register anchors another root at {} entries", anchor.size);
        let finding = Discovery::finding(Breach::AnchorFork.code(), Some(path), words);
        let note = copy.note().expect("it has entries");
        let mut found = finding.with_head("log.checkpoint", note).checked_by(
            "anchors.tlog-proof proves (veche-audit receipt) that the register holds an entry with \
             another root of this log at this size. history.txt has, in hex, the root that the log \
             has there, and the consistency proof (RFC 6962) from it to log.checkpoint.",
        );
        found.weight = Weight::Proof;
        found.exhibits.push(Kept::new("anchors.tlog-proof", receipt.to_string()));
        found.exhibits.push(Kept::new("history.txt", history));
        Ok(found)
    }
}

/// Brings a copy to a head that was read.
fn advance(
    copy: &mut LogCopy,
    files: &Files,
    source: &dyn Source,
    policy: Option<&Policy>,
    note: &[u8],
    round: &mut Round,
) -> Result<(), ReplicaError> {
    let shown = match copy.read_head(note) {
        Ok(shown) => shown,
        Err(finding) => {
            round.found.push(*finding);
            return Ok(());
        }
    };
    let standing = match (policy.map(|policy| policy.check_quorum(shown.note())), &copy.path) {
        // AUDIT-4: rolls are not cosigned themselves.
        (None | Some(Ok(_)), _) | (Some(Err(Breach::QuorumMissing)), LogPath::Roll(_)) => {
            Standing::Witnessed
        }
        // MONITOR-1: LOG-15.
        (Some(Err(breach)), path) => {
            let words = format!("{path}: {}", breach.meaning());
            let mut finding = Discovery::finding(breach.code(), Some(path), words);
            finding.exhibits.push(Kept::new("shown.checkpoint", note));
            round.found.push(finding);
            // LOG-5: a false signature by a known key condemns the note as a whole.
            if breach != Breach::QuorumMissing {
                return Ok(());
            }
            Standing::Unwitnessed
        }
    };
    let before = copy.size();
    if copy.advance(files, source, &shown, standing, &mut round.found)? {
        round.grown.push((copy.path.clone(), before));
    }
    Ok(())
}

fn no_head(path: &LogPath) -> Discovery {
    let words = format!("{path}: the city has no head of it");
    Discovery::finding(Breach::EntryMissing.code(), Some(path), words)
}

fn head(source: &dyn Source, log: &LogPath) -> Result<Option<Vec<u8>>, SourceError> {
    Ok(audit::Source::fetch(source, log, &[Resource::Checkpoint])?.pop().flatten())
}

/// The size in a head that can be read; 0 in any other.
fn size_of(note: Option<&Vec<u8>>) -> u64 {
    let checkpoint = note.and_then(|note| parse(note).ok());
    checkpoint.map_or(0, |checkpoint| checkpoint.size)
}

fn parse(note: &[u8]) -> Result<Checkpoint, Breach> {
    Note::parse(note).and_then(|note| Checkpoint::parse(note.text()))
}

/// The entries of one bundle of a copy.
pub(super) fn bundle(
    own: &DirectorySource,
    log: &LogPath,
    size: u64,
    index: u64,
) -> Result<Vec<Vec<u8>>, ReadError> {
    let missing = || ReadError::from(Breach::EntryMissing);
    let width = width_at(size, 0, index).ok_or_else(missing)?;
    let path = EntriesPath { index, width };
    let bytes = fetch_exact(own, log, &[Resource::Entries(path)])?.pop().flatten();
    let bytes = bytes.ok_or_else(missing)?;
    Ok(split_bundle(&bytes, width)?.into_iter().map(<[u8]>::to_vec).collect())
}

/// The city that begins with the first entry which a source shows.
fn begin(source: &dyn Source) -> Result<Result<CityCopy, Discovery>, SourceError> {
    let path = LogPath::Register;
    let note = head(source, &path)?.ok_or_else(|| SourceError::NoHead(path.to_string()))?;
    let size = size_of(Some(&note));
    let bytes = match width_at(size, 0, 0) {
        None => None,
        Some(width) => {
            let first = Resource::Entries(EntriesPath { index: 0, width });
            let bytes = fetch_exact(&source, &path, &[first])?.pop().flatten();
            bytes.map(|bytes| (bytes, width))
        }
    };
    let genesis = bytes.and_then(|(bytes, width)| {
        let first = split_bundle(&bytes, width).ok()?.first()?.to_vec();
        RegisterFold::begin(&SignedEntry::decode(path.log_type(), first).ok()?).ok()
    });
    let Some(fold) = genesis else {
        let words = "register: it does not begin with a genesis".to_owned();
        let finding = Discovery::finding(Breach::GenesisMissing.code(), Some(&path), words);
        return Ok(Err(finding));
    };
    let register = LogCopy::new(&path, fold.verifier().clone());
    let (logs, judged) = Default::default();
    Ok(Ok(CityCopy { fold, folded: 0, register, logs, judged }))
}
