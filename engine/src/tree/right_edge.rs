//! The right edge of a tree of one size: the roots of the subtrees that are not full.
//!
//! RFC 6962 hashes a tree of a size that is no power of two as a full left part and the rest. At
//! every level at most one node is such a rest. It is computed once for a head and then serves
//! every proof under it.

use core::cmp::Ordering;

use veche_protocol::hash::{Hash, empty_root, node_hash};

/// The incomplete nodes of a tree, one for each level that has one.
#[derive(Clone, Debug)]
pub(crate) struct RightEdge {
    size: u64,
    /// `rest[l]` is the root over the leaves from `(size >> l) << l` to the end, if there are any.
    rest: Vec<Option<Hash>>,
}

impl RightEdge {
    /// From the frontier of the size, its largest subtree first.
    pub(crate) fn new(size: u64, frontier: &[Hash]) -> Self {
        let mut rest = vec![None];
        for level in 0..bit_length(size) {
            let below = rest[usize::from(level)];
            rest.push(match (node_of_frontier(size, frontier, level), below) {
                (Some(left), Some(right)) => Some(node_hash(&left, &right)),
                (left, right) => left.or(right),
            });
        }
        Self { size, rest }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub(crate) fn root(&self) -> Hash {
        self.rest.last().copied().flatten().unwrap_or_else(empty_root)
    }

    /// The audit path of a leaf (RFC 6962, section 2.1.1), leaf side first. `complete` gives the
    /// nodes of full subtrees by level and index, `visit` takes the path.
    pub(crate) fn walk<E>(
        &self,
        index: u64,
        mut complete: impl FnMut(u8, u64) -> Result<Hash, E>,
        mut visit: impl FnMut(Hash),
    ) -> Result<(), E> {
        for step in self.steps(index) {
            visit(match step {
                Step::Complete { level, index } => complete(level, index)?,
                Step::Rest { hash } => hash,
            });
        }
        Ok(())
    }

    /// Which nodes make the audit path of a leaf, leaf side first.
    pub(crate) fn steps(&self, index: u64) -> impl Iterator<Item = Step> {
        let depth = bit_length(self.size.saturating_sub(1));
        (0..depth).filter_map(move |level| {
            let sibling = index >> level ^ 1;
            let full = self.size >> level;
            match sibling.cmp(&full) {
                Ordering::Less => Some(Step::Complete { level, index: sibling }),
                // Without a rest the node on the path is the last one and is carried up unhashed.
                Ordering::Equal => self.rest[usize::from(level)].map(|hash| Step::Rest { hash }),
                Ordering::Greater => None,
            }
        })
    }
}

/// One node of an audit path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// The root of a full subtree.
    Complete { level: u8, index: u64 },
    /// The incomplete node of a level.
    Rest { hash: Hash },
}

/// Number of bits that a number takes: the number of levels with full subtrees in a tree of it.
pub(crate) fn bit_length(number: u64) -> u8 {
    u8::try_from(u64::BITS - number.leading_zeros()).expect("at most 64")
}

/// The node of a frontier (largest subtree first) at a level, if the size has one there.
pub(crate) fn node_of_frontier(size: u64, frontier: &[Hash], level: u8) -> Option<Hash> {
    let above = size.checked_shr(u32::from(level))?;
    (above & 1 == 1).then(|| frontier[above.count_ones() as usize - 1])
}
