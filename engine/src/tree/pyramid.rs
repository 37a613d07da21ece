//! Hashes of one tile, or of a part of it, with the complete nodes above them.

use veche_protocol::hash::{Hash, node_hash};

/// Nodes level upon level: `width` hashes, the `width / 2` complete nodes above them, and so on.
#[derive(Debug)]
pub(crate) struct Pyramid {
    width: usize,
    nodes: Box<[Hash]>,
}

impl Pyramid {
    /// Hashes upwards from the given nodes.
    pub(crate) fn over(base: &[Hash]) -> Self {
        let width = base.len();
        let mut nodes = Vec::with_capacity(2 * width);
        nodes.extend_from_slice(base);
        let (mut start, mut length) = (0, width);
        while length > 1 {
            let end = start + length;
            for pair in (start..end - 1).step_by(2) {
                nodes.push(node_hash(&nodes[pair], &nodes[pair + 1]));
            }
            (start, length) = (end, length / 2);
        }
        Self { width, nodes: nodes.into_boxed_slice() }
    }

    /// The same without its lowest `levels` lines.
    pub(crate) fn upper(&self, levels: u8) -> Self {
        let nodes = self.nodes[self.start(levels)..].into();
        Self { width: self.width >> levels, nodes }
    }

    /// The node at a position `level` lines above the base, if it is complete.
    pub(crate) fn node(&self, level: u8, position: usize) -> Option<Hash> {
        let length = self.width.checked_shr(u32::from(level)).unwrap_or(0);
        (position < length).then(|| self.nodes[self.start(level) + position])
    }

    fn start(&self, level: u8) -> usize {
        (0..level).map(|below| self.width >> below).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use veche_protocol::hash::leaf_hash;

    #[test]
    fn nodes_of_every_width() {
        for width in 0..=40_usize {
            let leaves: Vec<Hash> = (0..width).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect();
            let pyramid = Pyramid::over(&leaves);
            let upper = pyramid.upper(2);
            let mut line = leaves;
            for level in 0..8 {
                for (position, node) in line.iter().enumerate() {
                    assert_eq!(pyramid.node(level, position), Some(*node));
                    if level >= 2 {
                        assert_eq!(upper.node(level - 2, position), Some(*node));
                    }
                }
                assert_eq!(pyramid.node(level, line.len()), None);
                line = line.chunks_exact(2).map(|two| node_hash(&two[0], &two[1])).collect();
            }
        }
    }
}
