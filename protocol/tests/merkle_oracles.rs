//! The tree against two outside implementations: `rs_merkle` (roots, audit paths) and `tlog_tiles`
//! (roots, inclusion and consistency proofs). Ours are read from tiles.
//!
//! Both serve as oracles only: `rs_merkle` accepts a trailing hash and has no consistency proofs.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rs_merkle::{MerkleProof, MerkleTree};
use tlog_tiles::{
    HashReader, check_record, check_tree, prove_record, prove_tree, stored_hashes, tree_hash,
};
use veche_protocol::breach::Breach;
use veche_protocol::hash::{Hash, leaf_hash, node_hash};
use veche_protocol::log::merkle::{
    Frontier, NodeReader, consistency_proof, inclusion_proof, root_at, verify_consistency,
    verify_inclusion,
};
use veche_protocol::log::tile::{TILE_HEIGHT, TILE_WIDTH, TilePath, TileReader};

/// The hashing of RFC 6962 for `rs_merkle`, whose own way has no prefixes.
#[derive(Clone)]
struct Rfc6962;

impl rs_merkle::Hasher for Rfc6962 {
    type Hash = [u8; 32];

    fn hash(data: &[u8]) -> [u8; 32] {
        leaf_hash(data).0
    }

    fn concat_and_hash(left: &[u8; 32], right: Option<&[u8; 32]>) -> [u8; 32] {
        right.map_or(*left, |right| node_hash(&Hash(*left), &Hash(*right)).0)
    }
}

/// The storage that `tlog_tiles` asks for: its hashes in the order in which they are made.
#[derive(Default)]
struct Stored(Vec<tlog_tiles::Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|&index| self.0[usize::try_from(index).expect("small")]).collect())
    }
}

/// One log in the three implementations.
struct Logs {
    size: u64,
    leaves: Vec<Hash>,
    /// The bytes of the widest version of each tile, by level and index.
    tiles: BTreeMap<(u8, u64), Vec<u8>>,
    stored: Stored,
}

impl Logs {
    fn new(size: u64) -> Self {
        let mut logs =
            Self { size, leaves: Vec::new(), tiles: BTreeMap::new(), stored: Stored::default() };
        let mut frontier = Frontier::new();
        for index in 0..size {
            let entry = format!("entry {index}");
            let leaf = leaf_hash(entry.as_bytes());
            frontier.push_each(leaf, |level, index, node| {
                if level % TILE_HEIGHT == 0 {
                    let tile = (level / TILE_HEIGHT, index / u64::from(TILE_WIDTH));
                    logs.tiles.entry(tile).or_default().extend_from_slice(node.as_bytes());
                }
            });
            logs.leaves.push(leaf);
            let new = stored_hashes(index, entry.as_bytes(), &logs.stored).expect("all stored");
            logs.stored.0.extend(new);
        }
        assert_eq!(root_at(&logs.reader(size), size), Ok(frontier.root()));
        logs
    }

    /// Reads the tree of `size` leaves, as a client does that knows only a checkpoint of that size.
    fn reader(&self, size: u64) -> impl NodeReader<Error = Breach> {
        assert!(size <= self.size);
        TileReader::new(size, |level, index, width| {
            let tile = self.tiles.get(&(level, index)).ok_or(Breach::EntryMissing)?;
            let length = usize::from(width) * 32;
            tile.get(..length).map(<[u8]>::to_vec).ok_or(Breach::EntryMissing)
        })
    }

    fn rs_merkle(&self, size: u64) -> MerkleTree<Rfc6962> {
        let leaves: Vec<_> = self.leaves.iter().take(to_usize(size)).map(|leaf| leaf.0).collect();
        MerkleTree::from_leaves(&leaves)
    }
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).expect("small")
}

fn ours(hashes: &[tlog_tiles::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

fn theirs(hash: &Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

/// Roots, proofs and verdicts for one leaf and one earlier size of one tree.
fn compare(logs: &Logs, size: u64, index: u64, from: u64) {
    let reader = logs.reader(size);
    let root = root_at(&reader, size).expect("tiles of this size");
    assert_eq!(root.0, tree_hash(size, &logs.stored).expect("all stored").0);
    let tree = logs.rs_merkle(size);
    assert_eq!(Some(root.0), tree.root());

    let leaf = logs.leaves[to_usize(index)];
    let proof = inclusion_proof(&reader, index, size).expect("index below size");
    let other = prove_record(size, index, &logs.stored).expect("index below size");
    assert_eq!(proof, ours(&other));
    let audit_path: Vec<_> =
        tree.proof(&[to_usize(index)]).proof_hashes().iter().copied().map(Hash).collect();
    assert_eq!(proof, audit_path);
    assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
    check_record(&other, size, theirs(&root), index, theirs(&leaf)).expect("they accept ours");
    let in_theirs = MerkleProof::<Rfc6962>::new(proof.iter().map(|hash| hash.0).collect());
    assert!(in_theirs.verify(root.0, &[to_usize(index)], &[leaf.0], to_usize(size)));

    let old_root = root_at(&reader, from).expect("from is not above size");
    let proof = consistency_proof(&reader, from, size).expect("from is not above size");
    let other = prove_tree(size, from, &logs.stored).expect("from is not above size");
    assert_eq!(proof, ours(&other));
    assert_eq!(verify_consistency(from, &old_root, size, &root, &proof), Ok(()));
    check_tree(&other, size, theirs(&root), from, theirs(&old_root)).expect("they accept ours");
}

#[test]
fn every_small_tree() {
    let logs = Logs::new(40);
    for size in 1..=40 {
        for index in 0..size {
            compare(&logs, size, index, index + 1);
        }
    }
}

#[test]
fn around_the_borders_of_tiles() {
    let logs = Logs::new(1030);
    for size in [255, 256, 257, 511, 512, 513, 767, 768, 1023, 1024, 1025, 1030] {
        for index in [0, 1, 127, 128, 254, 255, 256, 257, 511, 512, 1023, 1024, 1029] {
            if index < size {
                compare(&logs, size, index, index + 1);
            }
        }
    }
}

#[test]
fn past_the_second_level_of_tiles() {
    let logs = Logs::new(66_000);
    let paths: Vec<_> = TilePath::all(66_000).map(|path| path.to_string()).collect();
    assert!(paths.contains(&"tile/2/000.p/1".to_owned()));
    for size in [65_535, 65_536, 65_537, 65_792, 66_000] {
        for index in [0, 255, 256, 32_767, 65_279, 65_534] {
            compare(&logs, size, index, index + 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_tree(size in 1..3000_u64, index in any::<u64>(), from in any::<u64>()) {
        compare(&Logs::new(size), size, index % size, 1 + from % size);
    }

    #[test]
    fn changed_proofs_get_the_same_verdict(
        size in 2..300_u64,
        index in any::<u64>(),
        claimed_index in 0..300_u64,
        claimed_size in 1..300_u64,
        change in 0..6_usize,
    ) {
        let (index, logs) = (index % size, Logs::new(size));
        let reader = logs.reader(size);
        let root = root_at(&reader, size)?;
        let leaf = logs.leaves[to_usize(index)];
        let mut proof = inclusion_proof(&reader, index, size)?;
        let (mut claimed_index, mut claimed_size) = (claimed_index, claimed_size);
        match change {
            0 => drop(proof.pop()),
            1 => proof.push(root),
            2 => proof.reverse(),
            3 => (claimed_index, claimed_size) = (index, size),
            4 => claimed_size = size,
            _ => claimed_index = index,
        }
        let verdict = verify_inclusion(&leaf, claimed_index, claimed_size, &proof, &root);
        if claimed_index < claimed_size {
            let proof: Vec<_> = proof.iter().map(theirs).collect();
            let other =
                check_record(&proof, claimed_size, theirs(&root), claimed_index, theirs(&leaf));
            prop_assert_eq!(verdict.is_ok(), other.is_ok());
        } else {
            prop_assert!(verdict.is_err());
        }
    }
}
