//! Proofs in small trees: the true ones verify, and no change of one does.

use veche_protocol::{
    breach::Breach,
    hash::{Hash, leaf_hash, node_hash},
    log::merkle::{
        Frontier, NodeReader, consistency_proof, inclusion_proof, root_at, verify_consistency,
        verify_inclusion,
    },
};

use crate::input::Input;

/// Two tiles and a bit: every shape of the right edge that matters is below this.
const MAX_LEAVES: u64 = 600;

/// Size, older size and index, then a change of the proof.
pub fn holds(data: &[u8]) {
    let mut input = Input::new(data);
    let size = 1 + input.below(MAX_LEAVES);
    let (old_size, index) = (input.below(size + 1), input.below(size));
    let tree = Tree((0..size).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect());
    let root = tree.root(size);
    assert_eq!(root_at(&tree, size), Ok(root), "the root as RFC 6962 defines it");

    let leaf = tree.0[usize::try_from(index).expect("it is below the size")];
    let proof = inclusion_proof(&tree, index, size).expect("the leaf is there");
    assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
    let old_root = tree.root(old_size);
    let growth = consistency_proof(&tree, old_size, size).expect("the tree grew");
    assert_eq!(verify_consistency(old_size, &old_root, size, &root, &growth), Ok(()));

    let change = input.byte();
    if let Some(changed) = changed(&proof, change, &mut input) {
        let refused = verify_inclusion(&leaf, index, size, &changed, &root);
        assert_eq!(refused, Err(Breach::ProofInvalid));
    }
    if let Some(changed) = changed(&growth, change, &mut input) {
        let refused = verify_consistency(old_size, &old_root, size, &root, &changed);
        assert_eq!(refused, Err(Breach::ProofInvalid));
    }
    let other = leaf_hash(b"another leaf");
    assert!(verify_inclusion(&other, index, size, &proof, &root).is_err());
    assert!(verify_inclusion(&leaf, index, size, &proof, &other).is_err());
    assert!(
        verify_consistency(old_size, &old_root, size, &other, &growth).is_err() || old_size == 0
    );
}

/// A proof that differs from this one, unless there is nothing in it to change.
fn changed(proof: &[Hash], change: u8, input: &mut Input<'_>) -> Option<Vec<Hash>> {
    let mut changed = proof.to_vec();
    if change % 4 == 0 {
        changed.push(Hash::ZERO);
        return Some(changed);
    }
    let last = changed.len().checked_sub(1)?;
    let place = usize::from(input.byte()) % proof.len();
    match change % 4 {
        1 => changed[place].0[usize::from(input.byte()) % 32] ^= 1 << (input.byte() % 8),
        2 => drop(changed.remove(place)),
        _ => changed.swap(place, last),
    }
    (changed != proof).then_some(changed)
}

/// The leaves of a tree, whose nodes are computed as RFC 6962 writes them down.
struct Tree(Vec<Hash>);

impl Tree {
    /// `MTH` of the first `size` leaves, and the frontier's root beside it.
    fn root(&self, size: u64) -> Hash {
        let leaves = &self.0[..usize::try_from(size).expect("it is small")];
        let mut frontier = Frontier::new();
        leaves.iter().for_each(|&leaf| frontier.push(leaf));
        if !leaves.is_empty() {
            assert_eq!(frontier.root(), mth(leaves));
        }
        frontier.root()
    }
}

fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&mth(left), &mth(right))
        }
    }
}

impl NodeReader for Tree {
    type Error = Breach;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Breach> {
        let width = 1_usize << level;
        let start = usize::try_from(index).expect("it is small") * width;
        self.0.get(start..start + width).map(mth).ok_or(Breach::ProofInvalid)
    }
}
