//! Who the city is and which logs it has, as its own register tells it.
//!
//! The register is read to its present head and held against it; only genesis and announcements
//! are looked at. Not here: whether officers and anchors stand, which is an auditor's question.

use std::collections::BTreeMap;

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::tile::{EntriesPath, Resource, TILE_WIDTH, split_bundle, width_at};
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;

use super::error::PublishError;
use super::source::CitySource;
use super::tree::Tree;

/// The register, read so far.
#[derive(Clone, Debug)]
pub(super) struct Register {
    /// As it begins: the names and keys of all logs follow from that.
    genesis: RegisterFold,
    size: u64,
    root: Hash,
    /// The logs announced, with the leaf hash of their entry 0.
    logs: BTreeMap<LogPath, Hash>,
}

impl Register {
    /// Reads the register of a city.
    pub(super) async fn read(source: &CitySource) -> Result<Self, PublishError> {
        let path = &LogPath::Register;
        let note = source.read(path, Resource::Checkpoint).await?;
        // The key stands in the register itself, so what is signed is read before it is verified.
        let read = Note::parse(&note).and_then(|note| Checkpoint::parse(note.text()));
        let Checkpoint { size, root, .. } = read.map_err(untrue("the head"))?;
        let tree = Tree::open(source, path, size, root).await?;
        let first = entries(&tree, 0).await?.into_iter().next().ok_or(Breach::GenesisMissing);
        let genesis = first
            .and_then(|entry| SignedEntry::decode(path.log_type(), entry))
            .and_then(|entry| RegisterFold::begin(&entry))
            .map_err(untrue("the register"))?;
        let mut register = Self { genesis, size: 0, root: empty_root(), logs: BTreeMap::new() };
        // PUBLISH-20: genesis names the key, and the key must have signed this head.
        SignedCheckpoint::parse(&note, &register.verifier(path)).map_err(untrue("the head"))?;
        register.read_on(&tree, root).await?;
        Ok(register)
    }

    /// Reads on to a head that was verified.
    pub(super) async fn read_on(
        &mut self,
        tree: &Tree<'_>,
        root: Hash,
    ) -> Result<(), PublishError> {
        let path = LogPath::Register;
        if tree.size() < self.size {
            let (there, shown) = (self.size, tree.size());
            return Err(PublishError::Smaller { log: path, there, shown });
        }
        if tree.root_at(self.size).await? != self.root {
            return Err(PublishError::Forked { log: path, size: self.size });
        }
        let width = u64::from(TILE_WIDTH);
        let mut logs = self.logs.clone();
        for bundle in self.size / width..tree.size().div_ceil(width) {
            for (index, entry) in (bundle * width..).zip(entries(tree, bundle).await?) {
                let entry = SignedEntry::decode(path.log_type(), entry);
                let Ok(Payload::Log(log)) = entry.as_ref().map(SignedEntry::payload) else {
                    continue;
                };
                let domain = &self.genesis.genesis().domain;
                if let Some(path) = LogPath::of_origin(&log.origin, domain)
                    && index >= self.size
                {
                    // REG-7: the first announcement of a name stands.
                    logs.entry(path).or_insert(log.first);
                }
            }
        }
        self.logs = logs;
        (self.size, self.root) = (tree.size(), root);
        Ok(())
    }

    /// Whether it is read up to this head.
    pub(super) fn is_at(&self, size: u64, root: Hash) -> bool {
        (self.size, self.root) == (size, root)
    }

    /// The logs that it announces, each with the leaf hash of its entry 0.
    pub(super) const fn logs(&self) -> &BTreeMap<LogPath, Hash> {
        &self.logs
    }

    /// The key that signs the heads of a log.
    pub(super) fn verifier(&self, path: &LogPath) -> VerifierKey {
        self.genesis.verifier_of(path)
    }
}

/// The entries of a bundle, as the head has it.
async fn entries(tree: &Tree<'_>, index: u64) -> Result<Vec<Vec<u8>>, PublishError> {
    let width = width_at(tree.size(), 0, index).ok_or(Breach::EntryMissing);
    let path = EntriesPath { index, width: width.map_err(untrue("the register"))? };
    let tile = tree.tile(0, index).await?;
    let bundle = tree.bundle(path, &tile).await?;
    let entries = split_bundle(&bundle, path.width).map_err(untrue("the register"))?;
    Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
}

fn untrue(what: &'static str) -> impl FnOnce(Breach) -> PublishError {
    move |breach| PublishError::Untrue { place: what.to_owned(), breach }
}
