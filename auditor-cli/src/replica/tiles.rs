//! Tiles of a log, read from a source and held against its head.
//!
//! Two readers: [`Tiles`] gives any node and believes what it is shown, which is enough for proofs
//! that are checked afterwards; [`Authentic`] gives whole tiles, each of which hashes, by the tiles
//! above it, to the root of the head. Not here: entries.

use std::cell::RefCell;
use std::collections::BTreeMap;

use veche_protocol::audit::fetch_exact;
use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::merkle::{Frontier, NodeReader, root_at};
use veche_protocol::log::tile::{
    MAX_LEVEL, Resource, TILE_HEIGHT, TILE_WIDTH, TilePath, TileReader, split_tile, width_at,
};
use veche_protocol::name::LogPath;

use super::files::DiskError;
use crate::source::{Source, SourceError};

const WIDTH: u64 = TILE_WIDTH as u64;
/// Tiles that a reader keeps: a proof takes two paths of at most 8 tiles, a tile has 8 kB.
const KEPT: usize = 64;

/// Why something of a log was not read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// What the source shows is not what it must be; and what it is.
    Wrong(Breach, String),
    /// The source cannot be read.
    Source(SourceError),
    /// The own disk fails.
    Disk(DiskError),
}

impl From<Breach> for ReadError {
    fn from(breach: Breach) -> Self {
        Self::Wrong(breach, breach.meaning().to_owned())
    }
}

impl From<SourceError> for ReadError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<DiskError> for ReadError {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

/// The nodes of a log of some size, as a source shows them.
pub(super) struct Tiles<'a> {
    source: &'a dyn Source,
    log: &'a LogPath,
    size: u64,
    kept: RefCell<BTreeMap<TilePath, Vec<u8>>>,
}

impl<'a> Tiles<'a> {
    pub(super) const fn new(source: &'a dyn Source, log: &'a LogPath, size: u64) -> Self {
        Self { source, log, size, kept: RefCell::new(BTreeMap::new()) }
    }

    fn tile(&self, path: TilePath) -> Result<Vec<u8>, ReadError> {
        if let Some(bytes) = self.kept.borrow().get(&path) {
            return Ok(bytes.clone());
        }
        let bytes = fetch(self.source, self.log, path)?;
        let mut kept = self.kept.borrow_mut();
        if kept.len() == KEPT {
            kept.clear();
        }
        kept.insert(path, bytes.clone());
        Ok(bytes)
    }
}

impl NodeReader for Tiles<'_> {
    type Error = ReadError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        let fetch = |level, index, width| self.tile(TilePath { level, index, width });
        TileReader::new(self.size, fetch).node(level, index)
    }
}

fn fetch(source: &dyn Source, log: &LogPath, path: TilePath) -> Result<Vec<u8>, ReadError> {
    let bytes = fetch_exact(&source, log, &[Resource::Tile(path)])?.pop().flatten();
    bytes.ok_or_else(|| wrong(Breach::TileMalformed, &path, "is not there"))
}

pub(super) fn wrong(breach: Breach, what: &dyn core::fmt::Display, how: &str) -> ReadError {
    ReadError::Wrong(breach, format!("{what} {how}"))
}

/// The tiles of a log below one head, each verified when it is given out.
pub(super) struct Authentic<'a> {
    source: &'a dyn Source,
    log: &'a LogPath,
    size: u64,
    /// The partial tiles, one for a level at most: together they hash to the root.
    edge: BTreeMap<u8, (u64, Vec<Hash>)>,
    /// For each level the full tile that was given out last.
    line: BTreeMap<u8, (u64, Vec<Hash>)>,
}

impl<'a> Authentic<'a> {
    /// The tiles below this head.
    pub(super) fn below(
        source: &'a dyn Source,
        log: &'a LogPath,
        head: &Checkpoint,
    ) -> Result<Self, ReadError> {
        let size = head.size;
        let mut tiles = BTreeMap::new();
        for path in edge(size) {
            tiles.insert(path, fetch(source, log, path)?);
        }
        let kept = |level, index, width| -> Result<_, ReadError> {
            // The root is made of the partial tiles alone, one for each digit of the size.
            Ok(&tiles[&TilePath { level, index, width }])
        };
        // LOG-1, LOG-9: they hold all that the root is made of.
        if root_at(&TileReader::new(size, kept), size)? != head.root {
            return Err(wrong(Breach::TileMismatch, log, "has tiles that do not hash to its head"));
        }
        let edge = tiles.iter().map(|(path, bytes)| {
            let hashes = split_tile(bytes, path.width)?.iter().map(|hash| Hash(*hash)).collect();
            Ok((path.level, (path.index, hashes)))
        });
        let edge = edge.collect::<Result<_, Breach>>()?;
        Ok(Self { source, log, size, edge, line: BTreeMap::new() })
    }

    /// The hashes of a tile that the log has.
    pub(super) fn tile(&mut self, level: u8, index: u64) -> Result<Vec<Hash>, ReadError> {
        let found = [&self.edge, &self.line].into_iter().find_map(|known| {
            known.get(&level).filter(|(place, _)| *place == index).map(|(_, hashes)| hashes.clone())
        });
        if let Some(hashes) = found {
            return Ok(hashes);
        }
        let path = TilePath { level, index, width: TILE_WIDTH };
        let bytes = fetch(self.source, self.log, path)?;
        let hashes = self.check(path, &bytes)?;
        self.line.insert(level, (index, hashes.clone()));
        Ok(hashes)
    }

    /// The hashes of a tile from its bytes, if they are what the head asks for.
    pub(super) fn check(&mut self, path: TilePath, bytes: &[u8]) -> Result<Vec<Hash>, ReadError> {
        let hashes = split_tile(bytes, path.width)
            .map_err(|breach| wrong(breach, &path, "is not as long as it must be"))?;
        let hashes: Vec<_> = hashes.iter().map(|hash| Hash(*hash)).collect();
        let is_true = match width_at(self.size, path.level, path.index) {
            Some(TILE_WIDTH) => self.root_of(path.level, path.index)? == root_over(&hashes),
            _ => self.edge.get(&path.level).is_some_and(|(_, edge)| *edge == hashes),
        };
        if is_true {
            Ok(hashes)
        } else {
            Err(wrong(Breach::TileMismatch, &path, "does not hash to the signed head"))
        }
    }

    /// The root of a full tile, which stands in the tile above.
    pub(super) fn root_of(&mut self, level: u8, index: u64) -> Result<Hash, ReadError> {
        let above = self.tile(level + 1, index / WIDTH)?;
        let place = usize::try_from(index % WIDTH).expect("below 256");
        let missing = || wrong(Breach::TileMalformed, &self.log, "has a tile without one above");
        above.get(place).copied().ok_or_else(missing)
    }
}

/// The root over the hashes of a tile, or over leaf hashes that fill one.
pub(super) fn root_over(hashes: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    for hash in hashes {
        frontier.push(*hash);
    }
    frontier.root()
}

/// The partial tiles of a log of this size.
pub(super) fn edge(size: u64) -> impl Iterator<Item = TilePath> {
    (0..=MAX_LEVEL).filter_map(move |level| {
        let hashes = size >> (TILE_HEIGHT * level);
        let width = u16::try_from(hashes % WIDTH).expect("below 256");
        (width > 0).then_some(TilePath { level, index: hashes / WIDTH, width })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_is_one_partial_tile_for_each_digit_of_the_size() {
        let paths = |size| edge(size).map(|path| path.to_string()).collect::<Vec<_>>();
        assert!(paths(0).is_empty());
        assert_eq!(paths(256), ["tile/1/000.p/1"]);
        assert_eq!(paths(70_000), ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    }
}
