//! An outside client of one log: an address, a verifier key, and the C2SP documents.
//!
//! `signed_note` verifies notes, `tlog_tiles` checks tiles and proofs. Written here is what they
//! leave to their users: the names of files in C2SP's form (the crate's own paths are those of the
//! Go checksum database, `tile/8/...`), bundles of entries, and the lines of a tlog-proof.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Error, Hash, HashReader, Tile, TileHashReader, TileReader, stored_hash_index,
    stored_hashes,
};
use ureq::Agent;

/// Height of C2SP's tiles: 2^8 hashes.
const HEIGHT: u8 = 8;
/// Bytes of the longest file, a bundle of 256 entries of 65,535 bytes with their lengths.
const LONGEST: u64 = 256 * (65_535 + 2);

/// A log somewhere.
#[derive(Clone)]
pub(crate) struct OutsideLog {
    agent: Agent,
    base: String,
    verifier: StandardVerifier,
    /// A file in which this client sees one bit differently.
    flipped: Option<String>,
}

/// A file as it was served.
pub(crate) struct File {
    pub(crate) media_type: String,
    pub(crate) cache: String,
    pub(crate) body: Vec<u8>,
}

/// A tlog-proof.
pub(crate) struct Proof {
    pub(crate) index: u64,
    pub(crate) hashes: Vec<Hash>,
    /// The checkpoint, verified.
    pub(crate) head: Checkpoint,
}

impl OutsideLog {
    pub(crate) fn new(base: &str, verifier_key: &str) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        let verifier = StandardVerifier::new(verifier_key).unwrap();
        Self { agent, base: base.to_owned(), verifier, flipped: None }
    }

    /// The same log through a medium that lies about one file.
    pub(crate) fn with_a_bit_flipped_in(&self, path: &str) -> Self {
        Self { flipped: Some(path.to_owned()), ..self.clone() }
    }

    /// A file; nothing if there is none.
    pub(crate) fn get(&self, path: &str) -> Option<File> {
        let mut answer = self.agent.get(format!("{}/{path}", self.base)).call().unwrap();
        if answer.status() == 404 {
            return None;
        }
        assert_eq!(answer.status(), 200, "{path}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let (media_type, cache) = (header("content-type"), header("cache-control"));
        let mut body = answer.body_mut().with_config().limit(LONGEST).read_to_vec().unwrap();
        if self.flipped.as_deref() == Some(path) {
            body[100] ^= 4;
        }
        Some(File { media_type, cache, body })
    }

    /// The present checkpoint, verified.
    pub(crate) fn checkpoint(&self) -> Result<Checkpoint, String> {
        self.verify_checkpoint(&self.get("checkpoint").unwrap().body)
    }

    /// A checkpoint of this log: the note bears the log's signature, and the text names the log.
    pub(crate) fn verify_checkpoint(&self, note: &[u8]) -> Result<Checkpoint, String> {
        let note = Note::from_bytes(note).map_err(|error| error.to_string())?;
        let known = VerifierList::new(vec![Box::new(self.verifier.clone())]);
        let (verified, _) = note.verify(&known).map_err(|error| error.to_string())?;
        let head = Checkpoint::from_bytes(note.text()).map_err(|error| error.to_string())?;
        let name = signed_note::Verifier::name(&self.verifier);
        let is_own = verified.len() == 1 && head.origin() == name && head.extension().is_empty();
        is_own.then_some(head).ok_or_else(|| "not of this log".to_owned())
    }

    /// The log's hashes below a head, each proved by the tiles that lead to it.
    pub(crate) fn hashes(&self, head: &Checkpoint) -> TileHashReader<'_> {
        TileHashReader::new(head.size(), *head.hash(), self)
    }

    /// All leaf hashes below a head.
    pub(crate) fn leaves(&self, head: &Checkpoint) -> Vec<Hash> {
        let indexes: Vec<_> = (0..head.size()).map(|n| stored_hash_index(0, n)).collect();
        self.hashes(head).read_hashes(&indexes).unwrap()
    }

    /// All entries below a size, from their bundles.
    pub(crate) fn entries(&self, size: u64) -> Vec<Vec<u8>> {
        let mut entries = Vec::new();
        while (entries.len() as u64) < size {
            let first = entries.len() as u64;
            let width = u32::try_from((size - first).min(256)).unwrap();
            let path = c2sp_path(&Tile::new(HEIGHT, 0, first / 256, width, true));
            let bundle = self.get(&path).unwrap_or_else(|| panic!("there is no {path}")).body;
            let mut rest = &bundle[..];
            for _ in 0..width {
                let (length, after) = rest.split_first_chunk::<2>().unwrap();
                let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
                entries.push(entry.to_vec());
                rest = after;
            }
            assert!(rest.is_empty(), "{path} holds more than its entries");
        }
        entries
    }

    /// A tlog-proof whose checkpoint is this log's.
    pub(crate) fn proof(&self, text: &str) -> Result<Proof, String> {
        let (head, note) = text.split_once("\n\n").ok_or("no checkpoint")?;
        let mut lines = head.lines();
        if lines.next() != Some("c2sp.org/tlog-proof@v1") {
            return Err("another header".to_owned());
        }
        let mut line = lines.next().ok_or("no index")?;
        if let Some(extra) = line.strip_prefix("extra ") {
            STANDARD.decode(extra).map_err(|error| error.to_string())?;
            line = lines.next().ok_or("no index")?;
        }
        let index = line.strip_prefix("index ").ok_or("no index")?;
        let index = index.parse().map_err(|_| "index is no number")?;
        let hashes = lines.map(|line| Hash::parse_hash(line).map_err(|error| error.to_string()));
        let hashes = hashes.collect::<Result<_, _>>()?;
        Ok(Proof { index, hashes, head: self.verify_checkpoint(note.as_bytes())? })
    }
}

impl TileReader for OutsideLog {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile| self.get(&c2sp_path(tile)).map(|file| file.body);
        tiles.iter().map(|tile| read(tile).ok_or(Error::InvalidTile)).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// A tree grown from entries: its hashes in the order in which the crate counts them.
pub(crate) struct GrownTree(Vec<Hash>);

impl GrownTree {
    pub(crate) fn of(entries: &[Vec<u8>]) -> Self {
        let mut tree = Self(Vec::new());
        for (index, entry) in (0..).zip(entries) {
            let more = stored_hashes(index, entry, &tree).unwrap();
            tree.0.extend(more);
        }
        tree
    }
}

impl HashReader for GrownTree {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |&index: &u64| self.0.get(usize::try_from(index).ok()?).copied();
        indexes.iter().map(|index| hash(index).ok_or(Error::IndexesNotInTree)).collect()
    }
}

/// The name that C2SP gives a tile: without the height, and `entries` for the crate's `data`.
fn c2sp_path(tile: &Tile) -> String {
    tile.path().replacen("tile/8/data/", "tile/entries/", 1).replacen("tile/8/", "tile/", 1)
}
