//! One log on paper: its entries, and the public files they make.

use veche_protocol::breach::Breach;
use veche_protocol::hash::{Hash, leaf_hash};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::merkle::{Frontier, NodeReader, consistency_proof, inclusion_proof};
use veche_protocol::log::receipt::Receipt;
use veche_protocol::log::tile::{EntriesPath, TilePath, encode_bundle};
use veche_protocol::poll::acts::Head;
use veche_protocol::signature::SigningKey;

/// A log as a list of entries.
#[derive(Clone, Debug)]
pub struct PaperLog {
    /// Origin of the log.
    pub origin: String,
    /// The entries; a test may change them.
    pub entries: Vec<Vec<u8>>,
}

impl PaperLog {
    /// An empty log.
    pub const fn new(origin: String) -> Self {
        Self { origin, entries: Vec::new() }
    }

    /// Adds an entry and gives its index.
    pub fn push(&mut self, entry: Vec<u8>) -> u64 {
        self.entries.push(entry);
        self.entries.len() as u64 - 1
    }

    /// Leaf hash of the entry at `index`.
    pub fn leaf(&self, index: usize) -> Hash {
        leaf_hash(&self.entries[index])
    }

    /// The head over all entries.
    pub fn head(&self) -> Head {
        self.head_at(self.entries.len())
    }

    /// The head over the first `size` entries.
    pub fn head_at(&self, size: usize) -> Head {
        let mut frontier = Frontier::new();
        for entry in &self.entries[..size] {
            frontier.push(leaf_hash(entry));
        }
        Head { size: size as u64, root: frontier.root() }
    }

    /// The signed checkpoint over all entries, as bytes of a note.
    pub fn checkpoint(&self, key: &SigningKey) -> Vec<u8> {
        self.checkpoint_at(self.entries.len(), key)
    }

    /// The signed checkpoint over the first `size` entries.
    pub fn checkpoint_at(&self, size: usize, key: &SigningKey) -> Vec<u8> {
        let Head { size, root } = self.head_at(size);
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root };
        let signed = checkpoint.sign(key).expect("the origin is a log's");
        signed.into_note().to_string().into_bytes()
    }

    /// A receipt for the entry at `index` under the head over the first `size` entries.
    pub fn receipt(&self, index: usize, size: usize, key: &SigningKey) -> String {
        let proof = inclusion_proof(&Nodes(self), index as u64, size as u64);
        let proof = proof.expect("a test asks for an entry below the head");
        let Head { size, root } = self.head_at(size);
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root };
        let note = checkpoint.sign(key).expect("the origin is a log's").into_note();
        let receipt = Receipt::new(index as u64, proof, note).expect("a proof is short");
        receipt.with_extra(self.entries[index].clone()).to_string()
    }

    /// The proof that the head over the first `to` entries extends that over the first `from`.
    pub fn consistency(&self, from: usize, to: usize) -> Vec<Hash> {
        let proof = consistency_proof(&Nodes(self), from as u64, to as u64);
        proof.expect("a test asks for sizes of the log")
    }

    /// The public files below `path`, by their full paths.
    pub fn files(&self, path: &str, key: &SigningKey) -> Vec<(String, Vec<u8>)> {
        let size = self.entries.len() as u64;
        let mut files = vec![(format!("{path}/checkpoint"), self.checkpoint(key))];
        for tile in TilePath::all(size) {
            let first = tile.index << 8;
            let hash = |place| Nodes(self).root(8 * tile.level, first + place).0;
            let hashes: Vec<_> = (0..u64::from(tile.width)).flat_map(hash).collect();
            files.push((format!("{path}/{tile}"), hashes));
        }
        for bundle in EntriesPath::all(size) {
            let first = usize::try_from(bundle.index).expect("a small log") * 256;
            let entries = &self.entries[first..first + usize::from(bundle.width)];
            let bytes = encode_bundle(entries).expect("entries fit their bundle");
            files.push((format!("{path}/{bundle}"), bytes));
        }
        files
    }
}

/// The nodes of the tree, computed anew each time: logs on paper are small.
struct Nodes<'a>(&'a PaperLog);

impl Nodes<'_> {
    fn root(&self, level: u8, index: u64) -> Hash {
        let width = 1_usize << level;
        let first = usize::try_from(index).expect("a small log") * width;
        let mut frontier = Frontier::new();
        for entry in &self.0.entries[first..first + width] {
            frontier.push(leaf_hash(entry));
        }
        frontier.root()
    }
}

impl NodeReader for Nodes<'_> {
    type Error = Breach;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        Ok(self.root(level, index))
    }
}
