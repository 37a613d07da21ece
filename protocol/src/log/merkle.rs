//! The Merkle tree of RFC 6962, section 2.1: roots, inclusion proofs, consistency proofs.
//!
//! The tree is seen through the roots of its full subtrees: the node (level, index) stands for the
//! 2^level leaves that begin at leaf index * 2^level. Every tree splits into such nodes from left
//! to right, one for each bit of its size:
//!
//! ```text
//! size 7 = 0b111        root
//!                     /      \
//!             (2,0)            \
//!            /     \          /  \
//!        (1,0)     (1,1)   (1,2)  (0,6)
//!        /  \      /  \    /  \
//!       0    1    2    3  4    5    6      leaves: level 0
//! ```
//!
//! Not here: where nodes are kept ([`NodeReader`] is for the store and for tiles to implement).

use crate::breach::Breach;
use crate::hash::{Hash, empty_root, node_hash};

/// The largest size that a [`Frontier`] takes over from outside. No log grows through the second
/// half of the range, so pushing onto a frontier never overflows its size.
pub const MAX_SIZE: u64 = 1 << 63;

/// The right edge of a tree: all that is needed to append and to compute roots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the maximal full subtrees, largest first: one for each bit that is set in `size`.
    nodes: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    pub const fn new() -> Self {
        Self { size: 0, nodes: Vec::new() }
    }

    /// Takes over a stored frontier. The number of nodes must fit the size, which must not be above
    /// [`MAX_SIZE`]; whether the hashes are right, only a comparison of roots tells.
    pub fn from_parts(size: u64, nodes: Vec<Hash>) -> Result<Self, Breach> {
        if size > MAX_SIZE || nodes.len() != size.count_ones() as usize {
            return Err(Breach::ProofInvalid);
        }
        Ok(Self { size, nodes })
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the maximal full subtrees, largest first.
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_each(leaf, |_, _, _| {});
    }

    /// Appends a leaf hash and hands over each full subtree that it completes, as level, index and
    /// root: first the leaf itself, then upwards.
    pub fn push_each(&mut self, leaf: Hash, mut completed: impl FnMut(u8, u64, Hash)) {
        let mut node = leaf;
        let mut index = self.size;
        completed(0, index, node);
        // LOG-1: joining as soon as the sibling is there gives the roots that the halving defines.
        // Each trailing one bit of the size is a full subtree on the left that now has its sibling.
        for level in 1_u8.. {
            if index & 1 == 0 {
                break;
            }
            node = node_hash(&self.take_smallest(), &node);
            index >>= 1;
            completed(level, index, node);
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// The root of the smallest full subtree.
    fn take_smallest(&mut self) -> Hash {
        self.nodes.pop().expect("a node for each bit that is set in the size")
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        fold(&self.nodes)
    }
}

/// The root over adjacent subtrees, given from left to right: they are joined from the right.
fn fold(nodes: &[Hash]) -> Hash {
    nodes
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| node_hash(&left, &right))
        .unwrap_or_else(empty_root)
}

/// Access to the full subtrees of a tree.
pub trait NodeReader {
    /// Why a node could not be read; it also carries a breach, for a proof that cannot exist.
    type Error: From<Breach>;

    /// The root of the full subtree of `2^level` leaves that begins at leaf `index * 2^level`.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

impl<R: NodeReader> NodeReader for &R {
    type Error = R::Error;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        (**self).node(level, index)
    }
}

/// The root of the first `size` leaves: one read for each bit that is set in `size`.
pub fn root_at<R: NodeReader>(reader: &R, size: u64) -> Result<Hash, R::Error> {
    subtree_root(reader, 0, size)
}

/// The frontier of the first `size` leaves (at most [`MAX_SIZE`]).
pub fn frontier_at<R: NodeReader>(reader: &R, size: u64) -> Result<Frontier, R::Error> {
    Ok(Frontier::from_parts(size, full_subtrees(reader, 0, size)?)?)
}

/// The inclusion proof of the leaf at `index` in the tree of `size` leaves, from the leaf's sibling
/// to the root's child (`PATH`, RFC 6962, section 2.1.1).
pub fn inclusion_proof<R: NodeReader>(
    reader: &R,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, R::Error> {
    if index >= size {
        return Err(Breach::ProofInvalid.into());
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::with_capacity(proof_length_bound(size));
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(subtree_root(reader, middle, end)?);
            end = middle;
        } else {
            proof.push(subtree_root(reader, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `to` leaves extends the tree of `from` leaves (`PROOF`, RFC 6962,
/// section 2.1.2). It is empty when `from` is 0 or equals `to`.
pub fn consistency_proof<R: NodeReader>(
    reader: &R,
    from: u64,
    to: u64,
) -> Result<Vec<Hash>, R::Error> {
    if from > to {
        return Err(Breach::ProofInvalid.into());
    }
    if from == 0 || from == to {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, to);
    let mut proof = Vec::with_capacity(proof_length_bound(to) + 1);
    // Narrow down to the last full subtree of the old tree, which ends where the old tree ends.
    while from != end {
        let middle = start + split(end - start);
        if from <= middle {
            proof.push(subtree_root(reader, middle, end)?);
            end = middle;
        } else {
            proof.push(subtree_root(reader, start, middle)?);
            start = middle;
        }
    }
    // A subtree that is the whole old tree is known to the verifier: it is the old root.
    if start != 0 {
        proof.push(subtree_root(reader, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The largest power of two below `size`, which is at least 2.
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The height of a tree: no inclusion proof in it is longer.
const fn proof_length_bound(size: u64) -> usize {
    (u64::BITS - size.leading_zeros()) as usize
}

/// The root over the leaves from `start` to `end`, where `start` is a multiple of the smallest
/// power of two that holds them all.
fn subtree_root<R: NodeReader>(reader: &R, start: u64, end: u64) -> Result<Hash, R::Error> {
    let size = end - start;
    if size.is_power_of_two() {
        // Nearly every node of a proof is full: spare it the list.
        return reader.node(level_of(size), start / size);
    }
    Ok(fold(&full_subtrees(reader, start, end)?))
}

fn full_subtrees<R: NodeReader>(reader: &R, start: u64, end: u64) -> Result<Vec<Hash>, R::Error> {
    let mut position = start;
    let mut nodes = Vec::with_capacity((end - start).count_ones() as usize);
    while position < end {
        let level = level_of(end - position);
        nodes.push(reader.node(level, position >> level)?);
        position += 1 << level;
    }
    Ok(nodes)
}

/// The level of the largest full subtree that `size` leaves hold, `size` being at least 1.
fn level_of(size: u64) -> u8 {
    u8::try_from(size.ilog2()).expect("a logarithm of 64 bits is below 64")
}

/// Checks that `leaf` stands at `index` in the tree of `size` leaves with this root (RFC 9162,
/// section 2.1.3.2). The proof must have exactly the length that the index and the size give.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), Breach> {
    // LOG-7: no leaf stands at or past the size.
    if index >= size {
        return Err(Breach::ProofInvalid);
    }
    // LOG-7: exact length.
    let (inner, border) = Path::to(index, size).divide(proof)?;
    let node = climb_border(climb(*leaf, index, inner), border);
    if node == *root { Ok(()) } else { Err(Breach::ProofInvalid) }
}

/// Checks that the tree with the new size and root extends the one with the old (RFC 9162, section
/// 2.1.4.2). The proof must have exactly the length that the two sizes give.
///
/// Two cases that the RFC leaves open: equal sizes ask for equal roots, and every tree extends the
/// empty tree, whose root must be the empty root; the proof is empty in both.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), Breach> {
    // LOG-8: the cases in this order.
    let holds = if old_size > new_size {
        false
    } else if old_size == new_size {
        proof.is_empty() && old_root == new_root
    } else if old_size == 0 {
        proof.is_empty() && *old_root == empty_root()
    } else {
        return verify_growth(old_size, old_root, new_size, new_root, proof);
    };
    if holds { Ok(()) } else { Err(Breach::ProofInvalid) }
}

/// [`verify_consistency`] for `0 < old_size < new_size`.
fn verify_growth(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), Breach> {
    let (seed, proof) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(Breach::ProofInvalid)?
    };
    let roots = roots_of_growth(old_size, new_size, seed, proof)?;
    if roots == (*old_root, *new_root) { Ok(()) } else { Err(Breach::ProofInvalid) }
}

/// The root that the tree with the new size and root has at the old size, as far as a consistency
/// proof shows it by itself: it has to lead to the new root. `None` where it does not, and where
/// the old size is 0, not below the new, or a power of two, from which a proof leads only together
/// with the old root.
pub fn root_in_history(
    old_size: u64,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Option<Hash> {
    if old_size == 0 || old_size.is_power_of_two() || old_size >= new_size {
        return None;
    }
    let (seed, proof) = proof.split_first()?;
    let (old, new) = roots_of_growth(old_size, new_size, seed, proof).ok()?;
    (new == *new_root).then_some(old)
}

/// The roots, old and new, to which a consistency proof leads from `seed`, the last full subtree of
/// the old tree.
fn roots_of_growth(
    old_size: u64,
    new_size: u64,
    seed: &Hash,
    proof: &[Hash],
) -> Result<(Hash, Hash), Breach> {
    // The proof leads upwards from the last full subtree of the old tree. Seen from its level it is
    // the inclusion proof of that subtree, in the old tree (left siblings only) and in the new.
    let level = old_size.trailing_zeros();
    let index = (old_size >> level) - 1;
    // LOG-8: exact length.
    let path = Path::to(old_size - 1, new_size);
    let (inner, border) = Path { inner: path.inner - level, ..path }.divide(proof)?;
    let old_inner = inner
        .iter()
        .enumerate()
        .filter(|(height, _)| index >> height & 1 == 1)
        .map(|(_, node)| node);
    let old = old_inner.chain(border).fold(*seed, |node, left| node_hash(left, &node));
    Ok((old, climb_border(climb(*seed, index, inner), border)))
}

/// The shape of the way from a leaf up to the root.
#[derive(Clone, Copy)]
struct Path {
    /// Levels on which the sibling may stand on either side.
    inner: u32,
    /// Siblings above: the way runs along the right edge, so all stand on the left.
    border: u32,
}

impl Path {
    /// From the leaf at `index` in a tree of `size` leaves; `index` is below `size`.
    const fn to(index: u64, size: u64) -> Self {
        // The ways of this leaf and of the last one meet above the highest bit that differs.
        let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
        let above = match index.checked_shr(inner) {
            Some(above) => above,
            None => 0,
        };
        Self { inner, border: above.count_ones() }
    }

    /// Divides a proof of exactly this shape into its inner and its border part.
    fn divide(self, proof: &[Hash]) -> Result<(&[Hash], &[Hash]), Breach> {
        if proof.len() != (self.inner + self.border) as usize {
            return Err(Breach::ProofInvalid);
        }
        Ok(proof.split_at(self.inner as usize))
    }
}

/// Joins a node with siblings, each on the side that its bit of `index` says. `index` counts in
/// subtrees of the node's size.
fn climb(node: Hash, index: u64, siblings: &[Hash]) -> Hash {
    siblings.iter().enumerate().fold(node, |node, (height, sibling)| {
        if index >> height & 1 == 0 { node_hash(&node, sibling) } else { node_hash(sibling, &node) }
    })
}

fn climb_border(node: Hash, siblings: &[Hash]) -> Hash {
    siblings.iter().fold(node, |node, left| node_hash(left, &node))
}

#[cfg(test)]
mod tests;
