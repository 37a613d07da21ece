//! The growing tree against the protocol's plain one, and loading it from damaged stores.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use veche_protocol::breach::Breach;
use veche_protocol::hash::leaf_hash;
use veche_protocol::log::merkle::{
    self, Frontier, NodeReader, verify_consistency, verify_inclusion,
};

use super::check::check_log;
use super::reader::TreeReader;
use super::*;
use crate::store::memory::MemoryStore;
use crate::store::{Batch, Remedy, Store, StoreError};

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn leaves(from: u64, to: u64) -> Vec<Hash> {
    (from..to).map(|index| leaf_hash(&entry(index))).collect()
}

/// The tree as the RFC draws it, level upon level, whole.
struct PlainTree(Vec<Vec<Hash>>);

impl PlainTree {
    fn new(size: u64) -> Self {
        let mut levels = vec![leaves(0, size)];
        while levels.last().is_some_and(|line| line.len() > 1) {
            let below = levels.last().unwrap();
            levels.push(below.chunks_exact(2).map(|two| node_hash(&two[0], &two[1])).collect());
        }
        Self(levels)
    }
}

impl NodeReader for PlainTree {
    type Error = Breach;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Breach> {
        let line = self.0.get(usize::from(level)).ok_or(Breach::ProofInvalid)?;
        line.get(usize::try_from(index).unwrap()).copied().ok_or(Breach::ProofInvalid)
    }
}

/// Appends entries up to a size, as a writer does.
fn append(store: &dyn Store, log: LogId, edge: &TreeEdge, to: u64) -> TreeEdge {
    let growth = edge.grow(&leaves(edge.size(), to));
    let entries = (edge.size()..to).map(entry).collect();
    let (append, next, _) = growth.into_append(log, entries, Vec::new());
    store.commit(&Batch { appends: vec![append], meta: Vec::new() }).unwrap();
    next
}

fn stored(sizes: &[u64]) -> (Arc<MemoryStore>, LogId, TreeEdge) {
    let store = Arc::new(MemoryStore::new());
    let log = store.create_log("example.com/register").unwrap();
    let edge =
        sizes.iter().fold(TreeEdge::new(), |edge, size| append(store.as_ref(), log, &edge, *size));
    (store, log, edge)
}

fn check_growth(from: u64, growth: &Growth) {
    let size = growth.edge.size();
    let mut frontier = Frontier::new();
    for leaf in leaves(0, size) {
        frontier.push(leaf);
    }
    assert_eq!(growth.edge.root(), frontier.root());
    assert_eq!(growth.edge.head().frontier, frontier.nodes());
    assert_eq!((growth.proofs.first(), growth.proofs.size()), (from, size));
    assert_eq!(growth.proofs.root(), frontier.root());

    let plain = PlainTree::new(size);
    for (index, leaf) in (from..).zip(leaves(from, size)) {
        let proof = growth.proofs.proof(index);
        assert_eq!(proof, merkle::inclusion_proof(&plain, index, size).unwrap());
        verify_inclusion(&leaf, index, size, &proof, &frontier.root()).unwrap();
        let mut text = String::new();
        growth.proofs.write_lines(index, &mut text);
        let encoded: String =
            proof.iter().map(|hash| STANDARD.encode(hash.as_bytes()) + "\n").collect();
        assert_eq!(text, encoded);
    }
}

#[test]
fn every_pair_of_small_sizes() {
    for from in 0..=34 {
        let edge = TreeEdge::new().grow(&leaves(0, from)).edge;
        for to in from..=34 {
            check_growth(from, &edge.grow(&leaves(from, to)));
        }
    }
}

#[test]
fn sizes_around_full_tiles() {
    for (from, to) in [(0, 255), (0, 256), (0, 257), (255, 256), (255, 257), (256, 257), (200, 800)]
    {
        let edge = TreeEdge::new().grow(&leaves(0, from)).edge;
        check_growth(from, &edge.grow(&leaves(from, to)));
    }
}

#[test]
#[should_panic(expected = "not of this append")]
fn no_fresh_proof_of_an_older_entry() {
    let edge = TreeEdge::new().grow(&leaves(0, 5)).edge;
    edge.grow(&leaves(5, 9)).proofs.proof(4);
}

#[test]
fn the_empty_tree() {
    let edge = TreeEdge::new();
    assert_eq!(*edge.head(), Head::empty());
    let growth = edge.grow(&[]);
    assert_eq!(growth.edge, edge);
    assert!(growth.tiles.is_empty());
}

#[test]
fn a_third_tile_level() {
    let (store, log, edge) = stored(&[32_000, 64_000, 65_536, 65_537, 66_000]);
    assert_eq!(check_log(store.as_ref(), log).unwrap(), *edge.head());
    assert_eq!(TreeEdge::load(store.as_ref(), log).unwrap(), edge);
    let reader = TreeReader::new(store);
    for size in [1, 255, 65_535, 65_536, 65_537, 66_000] {
        let root = reader.root_at(log, size).unwrap();
        for index in [0, 1, 254, 255, 256, 65_279, 65_280, 65_535, 65_536, 65_999] {
            let proof = reader.inclusion(log, index, size);
            if index < size {
                let leaf = leaf_hash(&entry(index));
                verify_inclusion(&leaf, index, size, &proof.unwrap(), &root).unwrap();
            } else {
                assert_eq!(proof.unwrap_err().remedy(), Remedy::Caller);
            }
        }
    }
}

#[test]
fn a_reader_follows_a_growing_log() {
    let (store, log, mut edge) = stored(&[3]);
    let reader = TreeReader::new(Arc::<MemoryStore>::clone(&store));
    for size in [4, 17, 18, 255, 256, 300, 511, 512, 700] {
        edge = append(store.as_ref(), log, &edge, size);
        let plain = PlainTree::new(size);
        assert_eq!(reader.root_at(log, size).unwrap(), edge.root());
        for index in 0..size {
            let proof = reader.inclusion(log, index, size).unwrap();
            assert_eq!(proof, merkle::inclusion_proof(&plain, index, size).unwrap());
        }
    }
    assert_eq!(reader.root_at(log, 701).unwrap_err().remedy(), Remedy::Caller);
}

#[test]
fn consistency_between_all_sizes() {
    let (store, log, edge) = stored(&[40]);
    let reader = TreeReader::new(store);
    for from in 0..=40 {
        let old = reader.root_at(log, from).unwrap();
        let proof = reader.consistency(log, from, 40).unwrap();
        verify_consistency(from, &old, 40, &edge.root(), &proof).unwrap();
    }
    assert_eq!(reader.consistency(log, 41, 40).unwrap_err().remedy(), Remedy::Caller);
}

#[test]
fn reads_that_fail_are_not_proofs() {
    let (store, log, _) = stored(&[1_000]);
    let reader = TreeReader::new(Arc::<MemoryStore>::clone(&store));
    for good in 0..3 {
        store.fail_reads(good);
        reader.forget();
        let failed = reader.inclusion(log, 300, 1_000);
        assert!(matches!(failed, Err(StoreError::Read(_))), "after {good} reads");
        let failed = TreeEdge::load(store.as_ref(), log);
        assert!(matches!(failed, Err(StoreError::Read(_))), "after {good} reads");
    }
    store.heal();
    reader.inclusion(log, 300, 1_000).unwrap();
}

#[test]
fn damage_is_found_when_loading_or_checking() {
    let corrupt = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Corrupt(_)));
    let load = |store: &MemoryStore, log| TreeEdge::load(store, log).map(drop);
    let check = |store: &MemoryStore, log| check_log(store, log).map(drop);

    // At the right edge: refused at once.
    for tile in [(0, 2), (1, 0)] {
        let (store, log, _) = stored(&[600]);
        store.damage_tile(log, tile.0, tile.1);
        assert!(corrupt(load(&store, log)) && corrupt(check(&store, log)), "tile {tile:?}");
    }
    let (store, log, _) = stored(&[600]);
    store.damage_entry(log, 599);
    assert!(corrupt(load(&store, log)) && corrupt(check(&store, log)));

    // Further back: only the full check looks there.
    let (store, log, _) = stored(&[600]);
    store.damage_tile(log, 0, 1);
    assert!(load(&store, log).is_ok() && corrupt(check(&store, log)));
    let (store, log, _) = stored(&[600]);
    store.damage_entry(log, 0);
    assert!(load(&store, log).is_ok() && corrupt(check(&store, log)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_sequence_of_appends(steps in prop::collection::vec(0_u64..400, 1..6)) {
        let store = MemoryStore::new();
        let log = store.create_log("example.com/poll/1").unwrap();
        let mut edge = TreeEdge::new();
        for step in steps {
            let from = edge.size();
            check_growth(from, &edge.grow(&leaves(from, from + step)));
            edge = append(&store, log, &edge, from + step);
            prop_assert_eq!(&TreeEdge::load(&store, log).unwrap(), &edge);
        }
        prop_assert_eq!(&check_log(&store, log).unwrap(), edge.head());
    }
}
