//! A log read whole and hashed, so that nothing about it rests on the server's word.
//!
//! A copy grows by reading on: the leaves it holds stay, so a later head that does not extend them
//! fails by its root. Not here: what the entries mean.

use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::{Hash, leaf_hash};
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::merkle::{Frontier, NodeReader, root_at};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::tile::{EntriesPath, TILE_WIDTH, split_bundle};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Head;

use crate::api::Source;
use crate::error::ClientError;

/// The longest log that is read, in entries: hashes of 64 bytes each and entries of 200 stay below
/// 3 GB. The auditor's program reads longer ones.
pub const MAX_ENTRIES: u64 = 10_000_000;

/// The full subtrees of a tree.
#[derive(Clone, Debug, Default)]
struct Tree {
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    fn push(&mut self, leaf: Hash) {
        let levels = &mut self.levels;
        self.frontier.push_each(leaf, |level, _, node| {
            let level = usize::from(level);
            if levels.len() == level {
                levels.push(Vec::new());
            }
            levels[level].push(node);
        });
    }
}

impl NodeReader for Tree {
    type Error = Breach;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Breach> {
        let index = usize::try_from(index).map_err(|_| Breach::ProofInvalid)?;
        let node = self.levels.get(usize::from(level)).and_then(|level| level.get(index));
        node.copied().ok_or(Breach::ProofInvalid)
    }
}

/// The full subtrees of a log that was read whole.
#[derive(Clone, Copy, Debug)]
pub struct LogNodes<'a>(&'a Tree);

impl NodeReader for LogNodes<'_> {
    type Error = ClientError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, ClientError> {
        Ok(self.0.node(level, index)?)
    }
}

/// A log up to a signed head to which its entries hash.
#[derive(Clone, Debug)]
pub struct LogCopy {
    path: LogPath,
    verifier: VerifierKey,
    head: SignedCheckpoint,
    entries: Vec<Vec<u8>>,
    tree: Tree,
}

impl LogCopy {
    /// Reads a log and checks it against its head. `progress` is told entries read and entries in
    /// all.
    pub fn read(
        source: &impl Source,
        path: &LogPath,
        verifier: &VerifierKey,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, ClientError> {
        let head = read_head(source, path, verifier)?;
        let (entries, tree) = (Vec::new(), Tree::default());
        let verifier = verifier.clone();
        let mut copy = Self { path: path.clone(), verifier, head: head.clone(), entries, tree };
        copy.extend_to(source, head, progress)?;
        Ok(copy)
    }

    /// Reads on to the log's present head, which must extend this copy.
    pub fn read_on(
        &mut self,
        source: &impl Source,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), ClientError> {
        let head = read_head(source, &self.path, &self.verifier)?;
        if head.checkpoint().size < self.size() {
            // An older head is a cache's doing, not evidence, as long as it fits.
            let Head { size, root } = head_of(&head);
            return self.check_contains(size, &root);
        }
        self.extend_to(source, head, progress)
    }

    fn extend_to(
        &mut self,
        source: &impl Source,
        head: SignedCheckpoint,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), ClientError> {
        let Head { size, root } = head_of(&head);
        if size > MAX_ENTRIES {
            let text = format!("{} has {size} entries: read it with `veche-audit`", self.path);
            return Err(ClientError::Usage(text));
        }
        // All is fetched before anything is taken in: a reading that breaks off changes nothing.
        let width = u64::from(TILE_WIDTH);
        let mut fetched: Vec<Vec<u8>> = Vec::new();
        for path in EntriesPath::since(self.size(), size) {
            let bundle = read_bundle(source, &self.path, path)?;
            let read = self.size() + fetched.len() as u64;
            let known = usize::try_from(read - path.index * width).expect("within a bundle");
            let entries = split_bundle(&bundle, path.width).map_err(self.distrust())?;
            fetched.extend(entries.into_iter().skip(known).map(<[u8]>::to_vec));
            progress(self.size() + fetched.len() as u64, size);
        }
        for entry in &fetched {
            self.tree.push(leaf_hash(entry));
        }
        self.entries.append(&mut fetched);
        // LOG-1: the entries hash, from their bytes, to the root that the log's key has signed.
        if self.size() != size || self.tree.frontier.root() != root {
            return Err(self.distrust()(Breach::RootMismatch));
        }
        self.head = head;
        Ok(())
    }

    /// That this log had this root at this size: a head known from elsewhere is a prefix of it.
    pub fn check_contains(&self, size: u64, root: &Hash) -> Result<(), ClientError> {
        if self.root_at(size) == Some(*root) {
            Ok(())
        } else {
            Err(self.distrust()(Breach::HeadForked))
        }
    }

    fn distrust(&self) -> impl FnOnce(Breach) -> ClientError + use<> {
        ClientError::distrust(format!("the log {}", self.path))
    }

    /// Which log this is.
    pub const fn path(&self) -> &LogPath {
        &self.path
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        self.verifier.name()
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The head, in the form in which officers state what they have seen.
    pub fn head(&self) -> Head {
        head_of(&self.head)
    }

    /// The signed head.
    pub const fn signed_head(&self) -> &SignedCheckpoint {
        &self.head
    }

    /// The root at a size up to the head's.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        if size > self.size() {
            return None;
        }
        root_at(&self.tree, size).ok()
    }

    /// The full subtrees of the log's tree, for proofs.
    pub const fn nodes(&self) -> LogNodes<'_> {
        LogNodes(&self.tree)
    }

    /// The leaf hash at an index.
    pub fn leaf(&self, index: u64) -> Option<Hash> {
        self.tree.node(0, index).ok()
    }

    /// The bytes of an entry.
    pub fn entry(&self, index: u64) -> Option<&[u8]> {
        let index = usize::try_from(index).ok()?;
        self.entries.get(index).map(Vec::as_slice)
    }

    /// The entries from an index on, decoded by the grammar of this log.
    pub fn decoded_from(
        &self,
        index: u64,
    ) -> impl Iterator<Item = (u64, Result<SignedEntry, Breach>)> + '_ {
        let log_type = self.path.log_type();
        let first = usize::try_from(index).unwrap_or(usize::MAX);
        let entries = self.entries.iter().enumerate().skip(first);
        entries
            .map(move |(index, bytes)| (index as u64, SignedEntry::decode(log_type, bytes.clone())))
    }
}

/// The log's latest head, signed by the log's key.
pub fn read_head(
    source: &impl Source,
    path: &LogPath,
    verifier: &VerifierKey,
) -> Result<SignedCheckpoint, ClientError> {
    SignedCheckpoint::parse(&source.checkpoint(path)?, verifier)
        .map_err(ClientError::distrust(format!("the head of {path}")))
}

/// A bundle of exactly the width asked for; a full one in place of a partial one is cut.
pub fn read_bundle(
    source: &impl Source,
    log: &LogPath,
    path: EntriesPath,
) -> Result<Vec<u8>, ClientError> {
    if let Some(bundle) = source.bundle(log, path)? {
        return Ok(bundle);
    }
    // LOG-9: a partial bundle may be gone once the full one is there.
    let distrust = || ClientError::distrust(format!("{path} of {log}"));
    let full = EntriesPath { width: TILE_WIDTH, ..path };
    let bundle = source.bundle(log, full)?.ok_or_else(|| distrust()(Breach::EntryMissing))?;
    let entries = split_bundle(&bundle, TILE_WIDTH).map_err(distrust())?;
    let kept = entries.iter().take(usize::from(path.width)).map(|entry| entry.len() + 2).sum();
    Ok(bundle[..kept].to_vec())
}

fn head_of(head: &SignedCheckpoint) -> Head {
    Head { size: head.checkpoint().size, root: head.checkpoint().root }
}

#[cfg(test)]
mod tests;
