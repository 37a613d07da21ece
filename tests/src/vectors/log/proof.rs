//! Merkle proofs: inclusion and consistency, good ones of many shapes and every way to spoil them.

use serde_json::{Value, json};
use veche_protocol::hash::{Hash, empty_root, leaf_hash, node_hash};

use super::{entry, other_root};

/// The root of the entries from `start` up to but not including `end`, straight from LOG-1.
fn root(start: u64, end: u64) -> Hash {
    match end - start {
        0 => empty_root(),
        1 => leaf_hash(&entry(start)),
        width => {
            let middle = start + split(width);
            node_hash(&root(start, middle), &root(middle, end))
        }
    }
}

/// The largest power of two below `width`.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// `PATH(m, D[n])` of RFC 6962, section 2.1.1.
fn inclusion(index: u64, start: u64, end: u64) -> Vec<Hash> {
    if end - start == 1 {
        return Vec::new();
    }
    let middle = start + split(end - start);
    if index < middle {
        [inclusion(index, start, middle), vec![root(middle, end)]].concat()
    } else {
        [inclusion(index, middle, end), vec![root(start, middle)]].concat()
    }
}

/// `SUBPROOF(m, D[n], b)` of RFC 6962, section 2.1.2.
fn consistency(size: u64, start: u64, end: u64, is_whole: bool) -> Vec<Hash> {
    if size == end {
        return if is_whole { Vec::new() } else { vec![root(start, end)] };
    }
    let middle = start + split(end - start);
    if size <= middle {
        [consistency(size, start, middle, is_whole), vec![root(middle, end)]].concat()
    } else {
        [consistency(size, middle, end, false), vec![root(start, middle)]].concat()
    }
}

#[derive(Clone)]
struct Inclusion {
    leaf: Hash,
    index: u64,
    size: u64,
    proof: Vec<Hash>,
    root: Hash,
}

#[derive(Clone)]
struct Consistency {
    sizes: (u64, u64),
    roots: (Hash, Hash),
    proof: Vec<Hash>,
}

fn in_tree(index: u64, size: u64) -> Inclusion {
    let proof = inclusion(index, 0, size);
    Inclusion { leaf: leaf_hash(&entry(index)), index, size, proof, root: root(0, size) }
}

fn between(old: u64, new: u64) -> Consistency {
    let proof = if old == 0 { Vec::new() } else { consistency(old, 0, new, true) };
    Consistency { sizes: (old, new), roots: (root(0, old), root(0, new)), proof }
}

pub(super) fn vectors() -> Vec<(String, Value)> {
    let mut vectors = inclusions();
    vectors.extend(consistencies());
    vectors
}

fn hashes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(Hash::to_string).collect()
}

fn inclusions() -> Vec<(String, Value)> {
    let sizes =
        [(0, 1), (0, 2), (1, 2), (2, 3), (4, 5), (0, 7), (5, 7), (6, 7), (7, 8), (299, 300)];
    let good = sizes
        .map(|(index, size)| (format!("inclusion_{index}_of_{size}"), in_tree(index, size), true));
    let with = |name: &str, change: fn(&mut Inclusion)| {
        let mut changed = in_tree(5, 7);
        change(&mut changed);
        (format!("inclusion_{name}"), changed, false)
    };
    let bad = [
        with("with_another_leaf", |proof| proof.leaf = leaf_hash(b"another")),
        with("with_another_root", |proof| proof.root = other_root()),
        with("with_another_index", |proof| proof.index = 4),
        with("with_another_size", |proof| proof.size = 6),
        with("with_a_hash_changed", |proof| proof.proof[1] = other_root()),
        with("with_hashes_swapped", |proof| proof.proof.swap(0, 1)),
        with("with_a_hash_too_few", |proof| proof.proof.truncate(proof.proof.len() - 1)),
        with("with_a_hash_too_many", |proof| proof.proof.push(other_root())),
        with("at_the_size", |proof| proof.index = 7),
        with("past_the_size", |proof| proof.index = u64::MAX),
        with("in_an_empty_log", |proof| {
            (proof.index, proof.size, proof.proof) = (0, 0, Vec::new());
            proof.root = proof.leaf;
        }),
        with("of_a_node_as_a_leaf", |proof| {
            // The leaf's parent, one level higher, with the rest of the proof.
            proof.leaf = node_hash(&proof.proof[0], &proof.leaf);
            proof.proof.remove(0);
            proof.index = 2;
        }),
    ];
    let render = |(name, proof, holds): (String, Inclusion, bool)| {
        let mut vector = json!({
            "leaf": proof.leaf.to_string(),
            "index": proof.index.to_string(),
            "size": proof.size.to_string(),
            "proof": hashes(&proof.proof),
            "root": proof.root.to_string(),
        });
        if !holds {
            vector["code"] = json!("proof-invalid");
        }
        (name, vector)
    };
    good.into_iter().chain(bad).map(render).collect()
}

fn consistencies() -> Vec<(String, Value)> {
    let sizes =
        [(0, 0), (0, 5), (1, 2), (2, 3), (3, 7), (4, 7), (6, 7), (7, 7), (4, 8), (255, 300)];
    let good =
        sizes.map(|(old, new)| (format!("consistency_{old}_to_{new}"), between(old, new), true));
    let with = |name: &str, (old, new), change: fn(&mut Consistency)| {
        let mut changed = between(old, new);
        change(&mut changed);
        (format!("consistency_{name}"), changed, false)
    };
    let bad = [
        with("with_another_old_root", (3, 7), |proof| proof.roots.0 = other_root()),
        with("with_another_new_root", (3, 7), |proof| proof.roots.1 = other_root()),
        with("with_another_old_size", (3, 7), |proof| proof.sizes.0 = 4),
        with("with_a_hash_too_few", (3, 7), |proof| proof.proof.truncate(proof.proof.len() - 1)),
        with("with_a_hash_too_many", (3, 7), |proof| proof.proof.push(other_root())),
        with("with_hashes_swapped", (3, 7), |proof| proof.proof.swap(0, 1)),
        with("with_nothing", (3, 7), |proof| proof.proof.clear()),
        with("with_nothing_from_a_full_tree", (4, 7), |proof| proof.proof.clear()),
        with("going_backwards", (3, 7), |proof| {
            (proof.sizes, proof.roots) = ((7, 3), (proof.roots.1, proof.roots.0));
        }),
        with("of_two_roots_of_one_size", (7, 7), |proof| proof.roots.1 = other_root()),
        with("of_one_size_with_a_hash", (7, 7), |proof| proof.proof.push(other_root())),
        with("from_nothing_with_a_hash", (0, 5), |proof| proof.proof.push(other_root())),
        with("from_nothing_with_a_root", (0, 5), |proof| proof.roots.0 = other_root()),
    ];
    let render = |(name, proof, holds): (String, Consistency, bool)| {
        let mut vector = json!({
            "old_size": proof.sizes.0.to_string(),
            "old_root": proof.roots.0.to_string(),
            "new_size": proof.sizes.1.to_string(),
            "new_root": proof.roots.1.to_string(),
            "proof": hashes(&proof.proof),
        });
        if !holds {
            vector["code"] = json!("proof-invalid");
        }
        (name, vector)
    };
    good.into_iter().chain(bad).map(render).collect()
}
