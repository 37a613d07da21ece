//! Inclusion proofs of the entries that were just appended, from the nodes that appending made.
//!
//! Not here: proofs about older entries ([`super::reader`]).
//!
//! Every node on such a path is one of three: a node the append completed; the last old node of
//! its level, where that was the left sibling of a new one; or the incomplete node of a level. All
//! of them are in memory when the append is done.

use core::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use veche_protocol::hash::{HASH_LENGTH, Hash};

use super::right_edge::{RightEdge, Step};

/// Complete nodes of one level, from an even index on.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) first: u64,
    pub(crate) nodes: Vec<Hash>,
}

impl Level {
    fn position(&self, index: u64) -> usize {
        usize::try_from(index - self.first).expect("nodes of one append fit memory")
    }
}

/// Proofs of the entries of one append, under the head right after it. Immutable.
#[derive(Clone, Debug)]
pub struct FreshProofs {
    from: u64,
    levels: Vec<Level>,
    right: RightEdge,
}

impl FreshProofs {
    pub(crate) fn new(from: u64, levels: Vec<Level>, right: RightEdge) -> Self {
        Self { from, levels, right }
    }

    /// Index of the first entry of the append.
    pub fn first(&self) -> u64 {
        self.from
    }

    /// Size of the log after the append: the size that the proofs are for.
    pub fn size(&self) -> u64 {
        self.right.size()
    }

    /// Root after the append: the root that the proofs lead to.
    pub fn root(&self) -> Hash {
        self.right.root()
    }

    /// The audit path of an entry (RFC 6962, section 2.1.1), leaf side first.
    ///
    /// # Panics
    ///
    /// If the entry is not one of this append.
    pub fn proof(&self, index: u64) -> Vec<Hash> {
        self.assert_covers(index);
        let mut path = Vec::with_capacity(self.levels.len());
        let node = |level: u8, index: u64| {
            let level = &self.levels[usize::from(level)];
            Ok::<_, Infallible>(level.nodes[level.position(index)])
        };
        match self.right.walk(index, node, |hash| path.push(hash)) {
            Ok(()) => path,
        }
    }

    /// The same proofs as text, each node encoded once.
    pub fn lines(&self) -> ProofLines<'_> {
        let complete = self
            .levels
            .iter()
            .map(|level| level.nodes.iter().flat_map(line_of).collect())
            .collect();
        ProofLines { proofs: self, complete }
    }

    fn assert_covers(&self, index: u64) {
        assert!((self.from..self.size()).contains(&index), "entry is not of this append");
    }
}

/// A node as a line of text: 44 characters of base64, then a newline.
const LINE_LENGTH: usize = HASH_LENGTH.div_ceil(3) * 4 + 1;

fn line_of(hash: &Hash) -> [u8; LINE_LENGTH] {
    let mut line = [b'\n'; LINE_LENGTH];
    STANDARD
        .encode_slice(hash.as_bytes(), &mut line[..LINE_LENGTH - 1])
        .expect("32 bytes make 44 characters");
    line
}

/// Proofs of one append as lines of base64, the form that they have in a C2SP tlog-proof.
///
/// Of 4,096 proofs with 24 nodes each, nine nodes in ten are shared: encoding every node once and
/// copying lines costs a small part of encoding every proof.
#[derive(Clone, Debug)]
pub struct ProofLines<'a> {
    proofs: &'a FreshProofs,
    /// For each level its nodes, [`LINE_LENGTH`] bytes each.
    complete: Vec<Vec<u8>>,
}

impl ProofLines<'_> {
    /// Adds the audit path of an entry to a text, one line for each node, leaf side first.
    ///
    /// # Panics
    ///
    /// If the entry is not one of this append.
    pub fn write(&self, index: u64, text: &mut String) {
        self.proofs.assert_covers(index);
        for step in self.proofs.right.steps(index) {
            match step {
                Step::Complete { level, index } => {
                    let level = usize::from(level);
                    let start = self.proofs.levels[level].position(index) * LINE_LENGTH;
                    push_line(text, &self.complete[level][start..start + LINE_LENGTH]);
                }
                Step::Rest { hash } => push_line(text, &line_of(&hash)),
            }
        }
    }
}

fn push_line(text: &mut String, line: &[u8]) {
    text.push_str(core::str::from_utf8(line).expect("base64 is ASCII"));
}
