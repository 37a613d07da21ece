//! Tests of the tree against the definitions of RFC 6962 taken literally, and of strictness.

use proptest::prelude::*;

use super::{
    Frontier, MAX_SIZE, NodeReader, consistency_proof, frontier_at, inclusion_proof, root_at,
    root_in_history, verify_consistency, verify_inclusion,
};
use crate::breach::Breach;
use crate::hash::{Hash, empty_root, leaf_hash, node_hash};

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

/// `MTH` as section 2.1 defines it.
fn tree_hash(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(half(leaves.len()));
            node_hash(&tree_hash(left), &tree_hash(right))
        }
    }
}

/// `PATH` as section 2.1.1 defines it.
fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(half(leaves.len()));
    if index < left.len() {
        [path(index, left), vec![tree_hash(right)]].concat()
    } else {
        [path(index - left.len(), right), vec![tree_hash(left)]].concat()
    }
}

/// `SUBPROOF` as section 2.1.2 defines it.
fn subproof(old: usize, leaves: &[Hash], is_complete: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if is_complete { Vec::new() } else { vec![tree_hash(leaves)] };
    }
    let (left, right) = leaves.split_at(half(leaves.len()));
    if old <= left.len() {
        [subproof(old, left, is_complete), vec![tree_hash(right)]].concat()
    } else {
        [subproof(old - left.len(), right, false), vec![tree_hash(left)]].concat()
    }
}

fn half(length: usize) -> usize {
    length.next_power_of_two() / 2
}

/// Nodes computed from the leaves on every read, and only from those that a tree has.
struct Leaves(Vec<Hash>);

impl NodeReader for Leaves {
    type Error = Breach;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Breach> {
        let width = 1_usize << level;
        let start = usize::try_from(index).unwrap() * width;
        self.0.get(start..start + width).map(tree_hash).ok_or(Breach::EntryMissing)
    }
}

const SIZES: u64 = 70;

// LOG-1
#[test]
fn roots_follow_the_definition() {
    let reader = Leaves(leaves(SIZES));
    let mut frontier = Frontier::new();
    for size in 0..=SIZES {
        let expected = tree_hash(&reader.0[..usize::try_from(size).unwrap()]);
        assert_eq!(frontier.root(), expected, "{size}");
        assert_eq!(root_at(&reader, size), Ok(expected), "{size}");
        assert_eq!(frontier_at(&reader, size).as_ref(), Ok(&frontier), "{size}");
        let parts = Frontier::from_parts(frontier.size(), frontier.nodes().to_vec());
        assert_eq!(parts.as_ref(), Ok(&frontier));
        frontier.push(leaf_hash(&size.to_be_bytes()));
    }
}

#[test]
fn known_root_of_certificate_transparency() {
    // The eight entries and the root that the reference implementation of RFC 6962 tests with.
    let entries = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let mut frontier = Frontier::new();
    for entry in entries {
        frontier.push(leaf_hash(&hex::decode(entry).unwrap()));
    }
    assert_eq!(
        frontier.root().to_string(),
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    );
}

#[test]
fn pushing_hands_over_each_completed_node() {
    let reader = Leaves(leaves(64));
    let mut seen = Vec::new();
    let mut frontier = Frontier::new();
    for leaf in &reader.0 {
        frontier.push_each(*leaf, |level, index, node| {
            assert_eq!(reader.node(level, index), Ok(node));
            seen.push((level, index));
        });
    }
    assert_eq!(seen.len(), 2 * 64 - 1);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 2 * 64 - 1);
}

#[test]
fn inclusion_proofs_follow_the_definition() {
    let reader = Leaves(leaves(SIZES));
    for size in 1..=SIZES {
        let leaves = &reader.0[..usize::try_from(size).unwrap()];
        let root = tree_hash(leaves);
        for index in 0..size {
            let proof = inclusion_proof(&reader, index, size).unwrap();
            let place = usize::try_from(index).unwrap();
            assert_eq!(proof, path(place, leaves), "{index} of {size}");
            assert_eq!(verify_inclusion(&leaves[place], index, size, &proof, &root), Ok(()));
        }
        assert_eq!(inclusion_proof(&reader, size, size), Err(Breach::ProofInvalid));
    }
    assert_eq!(inclusion_proof(&reader, 0, 0), Err(Breach::ProofInvalid));
}

#[test]
fn consistency_proofs_follow_the_definition() {
    let reader = Leaves(leaves(SIZES));
    for to in 1..=SIZES {
        let leaves = &reader.0[..usize::try_from(to).unwrap()];
        let new_root = tree_hash(leaves);
        for from in 1..=to {
            let proof = consistency_proof(&reader, from, to).unwrap();
            let old = usize::try_from(from).unwrap();
            assert_eq!(proof, subproof(old, leaves, true), "{from} to {to}");
            let old_root = tree_hash(&leaves[..old]);
            assert_eq!(verify_consistency(from, &old_root, to, &new_root, &proof), Ok(()));
        }
        assert_eq!(consistency_proof(&reader, 0, to), Ok(Vec::new()));
        assert_eq!(consistency_proof(&reader, to, to - 1), Err(Breach::ProofInvalid));
    }
}

// LOG-7, LOG-8
#[test]
fn the_empty_tree_and_equal_sizes() {
    let (empty, root, other) = (empty_root(), leaf_hash(b"a"), leaf_hash(b"b"));
    let refused = Err(Breach::ProofInvalid);
    assert_eq!(verify_consistency(0, &empty, 0, &empty, &[]), Ok(()));
    assert_eq!(verify_consistency(0, &root, 0, &empty, &[]), refused);
    assert_eq!(verify_consistency(0, &empty, 1, &root, &[]), Ok(()));
    assert_eq!(verify_consistency(0, &other, 1, &root, &[]), refused);
    assert_eq!(verify_consistency(0, &empty, 1, &root, &[root]), refused);
    assert_eq!(verify_consistency(1, &root, 1, &root, &[]), Ok(()));
    assert_eq!(verify_consistency(1, &root, 1, &other, &[]), refused);
    assert_eq!(verify_consistency(1, &root, 1, &root, &[root]), refused);
    assert_eq!(verify_consistency(2, &root, 1, &root, &[]), refused);
    assert_eq!(verify_consistency(1, &root, 0, &empty, &[]), refused);
    assert_eq!(verify_inclusion(&root, 0, 0, &[], &root), refused);
    assert_eq!(verify_inclusion(&root, 1, 1, &[], &root), refused);
    assert_eq!(verify_inclusion(&root, 0, 1, &[], &root), Ok(()));
    assert_eq!(verify_inclusion(&root, 0, 1, &[other], &root), refused);
}

#[test]
fn the_largest_sizes_do_not_overflow() {
    let leaf = leaf_hash(b"a");
    for size in [u64::MAX, u64::MAX - 1, MAX_SIZE, MAX_SIZE + 1] {
        for index in [0, 1, size / 2, size - 1] {
            for length in [0, 1, 63, 64, 65] {
                let proof = vec![leaf; length];
                assert!(verify_inclusion(&leaf, index, size, &proof, &leaf).is_err());
                let outcome = verify_consistency(index, &leaf, size, &leaf, &proof);
                assert!(outcome.is_err(), "{index} of {size}, {length}");
            }
        }
    }
}

#[test]
fn frontiers_of_other_shapes_are_refused() {
    let node = leaf_hash(b"a");
    assert!(Frontier::from_parts(3, vec![node; 2]).is_ok());
    assert!(Frontier::from_parts(MAX_SIZE, vec![node; 1]).is_ok());
    for (size, nodes) in [(0, 1), (3, 1), (3, 3), (4, 0), (MAX_SIZE + 1, 2), (u64::MAX, 64)] {
        let outcome = Frontier::from_parts(size, vec![node; nodes]);
        assert_eq!(outcome, Err(Breach::ProofInvalid), "{size} with {nodes}");
    }
}

/// Whether a proof is refused when one thing about it is different.
fn assert_refuses_changes(proof: &[Hash], holds: impl Fn(&[Hash]) -> bool) {
    assert!(holds(proof));
    for place in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[place].0[place % 32] ^= 1;
        assert!(!holds(&changed), "hash {place} changed");
        let mut shorter = proof.to_vec();
        shorter.remove(place);
        assert!(!holds(&shorter), "hash {place} left out");
        let mut longer = proof.to_vec();
        longer.insert(place, proof[place]);
        assert!(!holds(&longer), "hash {place} twice");
    }
    for extra in [Hash::ZERO, empty_root(), proof.last().copied().unwrap_or_default()] {
        assert!(!holds(&[proof, &[extra]].concat()), "trailing hash");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // LOG-7: one leaf, one index, one size, one root, one proof.
    #[test]
    fn a_proof_of_inclusion_proves_one_thing(size in 1..600_u64, index in any::<u64>()) {
        let index = index % size;
        let reader = Leaves(leaves(size));
        let leaf = reader.node(0, index)?;
        let root = root_at(&reader, size)?;
        let proof = inclusion_proof(&reader, index, size)?;
        assert_refuses_changes(&proof, |proof| {
            verify_inclusion(&leaf, index, size, proof, &root).is_ok()
        });
        for other in (0..size).filter(|&other| other != index) {
            prop_assert!(verify_inclusion(&leaf, other, size, &proof, &root).is_err());
        }
        prop_assert!(verify_inclusion(&root, index, size, &proof, &root).is_err() || size == 1);
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &leaf).is_err() || size == 1);
    }

    // LOG-8: one pair of sizes, one pair of roots, one proof.
    #[test]
    fn a_proof_of_growth_proves_one_thing(to in 2..600_u64, from in any::<u64>()) {
        let from = 1 + from % (to - 1);
        let reader = Leaves(leaves(to));
        let old_root = root_at(&reader, from)?;
        let new_root = root_at(&reader, to)?;
        let proof = consistency_proof(&reader, from, to)?;
        assert_refuses_changes(&proof, |proof| {
            verify_consistency(from, &old_root, to, &new_root, proof).is_ok()
        });
        for other in (1..to).filter(|&other| other != from) {
            prop_assert!(verify_consistency(other, &old_root, to, &new_root, &proof).is_err());
        }
        prop_assert!(verify_consistency(from, &new_root, to, &new_root, &proof).is_err());
        prop_assert!(verify_consistency(from, &old_root, to, &old_root, &proof).is_err());
    }
}

#[test]
fn a_consistency_proof_shows_the_old_root() {
    for new in 1..=20 {
        let tree = Leaves(leaves(new));
        let root = root_at(&tree, new).unwrap();
        for old in 0..=new {
            let proof = consistency_proof(&tree, old, new).unwrap();
            let is_shown = old != 0 && old != new && !old.is_power_of_two();
            let expected = is_shown.then(|| root_at(&tree, old).unwrap());
            assert_eq!(root_in_history(old, new, &root, &proof), expected, "{old} {new}");
            assert_eq!(root_in_history(old, new, &Hash::ZERO, &proof), None, "{old} {new}");
            let longer = [&proof[..], &[Hash::ZERO]].concat();
            assert_eq!(root_in_history(old, new, &root, &longer), None, "{old} {new}");
            assert_eq!(root_in_history(new + 1, new, &root, &proof), None, "{old} {new}");
        }
    }
}
