//! The anchored heads of one log, in a list that is cheap to copy: copies share all but the newest.
//!
//! A register grows by an anchors entry every few seconds for years, and a server judges each on a
//! copy of what it has published. Not here: what an anchor has to be ([`super::fold`]).

use std::sync::Arc;

use crate::hash::Hash;

/// Anchors in a part that copies share. A poll that is anchored every 10 s for 30 days has 259,200:
/// a copy takes 1,012 references of 16 bytes and at most 255 anchors of 48, some 28 KB, where the
/// anchors themselves are 12 MB.
const PART: usize = 256;

/// One head of a log, as the register holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Index of the anchor entry in the register.
    pub index: u64,
    /// Size of the log.
    pub size: u64,
    /// Root of the log at that size.
    pub root: Hash,
}

/// The anchored heads of a log, ascending by index and by size.
#[derive(Clone, Debug, Default)]
pub struct AnchorList {
    /// Full parts, which never change again.
    parts: Vec<Arc<[Anchor]>>,
    /// What does not fill a part yet.
    newest: Vec<Anchor>,
}

impl AnchorList {
    /// No anchors.
    pub const fn new() -> Self {
        Self { parts: Vec::new(), newest: Vec::new() }
    }

    pub(super) fn push(&mut self, anchor: Anchor) {
        self.newest.push(anchor);
        if self.newest.len() == PART {
            self.parts.push(self.newest.as_slice().into());
            self.newest.clear();
        }
    }

    /// The anchors in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Anchor> {
        self.parts.iter().flat_map(|part| part.iter()).chain(&self.newest)
    }

    /// The newest anchor.
    pub fn last(&self) -> Option<&Anchor> {
        self.newest.last().or_else(|| self.parts.last()?.last())
    }

    /// The number of anchors.
    pub fn len(&self) -> usize {
        self.parts.len() * PART + self.newest.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    #[test]
    fn a_copy_shares_what_is_full_and_goes_its_own_way() {
        let anchor = |n: u64| Anchor { index: n, size: n + 1, root: leaf_hash(&n.to_be_bytes()) };
        let mut list = AnchorList::new();
        assert_eq!((list.len(), list.is_empty(), list.last()), (0, true, None));
        let mut lengths = Vec::new();
        for n in 0..3 * PART as u64 {
            list.push(anchor(n));
            assert_eq!(list.last(), Some(&anchor(n)));
            lengths.push(list.len());
        }
        assert!(lengths.into_iter().eq(1..=3 * PART));
        let mut copy = list.clone();
        copy.push(anchor(768));
        assert!(copy.parts.iter().zip(&list.parts).all(|(one, other)| Arc::ptr_eq(one, other)));
        assert_eq!((copy.len(), list.len()), (769, 768));
        assert!(copy.iter().map(|anchor| anchor.index).eq(0..769));
        assert!(copy.iter().rev().map(|anchor| anchor.index).eq((0..769).rev()));
        assert!(list.iter().map(|anchor| anchor.size).eq(1..=768));
    }
}
