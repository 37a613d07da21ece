//! The files of a log below one head, each of them held against the head before anyone uses it.
//!
//! ```text
//! head -> the partial tile of each level, which together give the root
//!      -> a full tile, by its hash in the tile above
//!      -> a bundle, by the leaf hashes in its tile of level 0
//! ```
//!
//! So nothing has to be kept but the tiles above level 0, an 8,192nd of a log's entries times 32
//! bytes, and every file is known to be true when it comes. Not here: who has signed the head.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::body::Bytes;
use veche_protocol::breach::Breach;
use veche_protocol::hash::{HASH_LENGTH, Hash, leaf_hash};
use veche_protocol::log::merkle::{Frontier, root_at};
use veche_protocol::log::tile::{
    EntriesPath, MAX_LEVEL, Resource, TILE_HEIGHT, TILE_WIDTH, TilePath, TileReader, split_bundle,
    split_tile, width_at,
};
use veche_protocol::name::LogPath;

use super::error::PublishError;
use super::source::CitySource;

const WIDTH: u64 = TILE_WIDTH as u64;

/// Level and index of a tile.
type Place = (u8, u64);

/// The files of a log below one head.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    source: &'a CitySource,
    log: &'a LogPath,
    size: u64,
    /// What was found true: the partial tiles, and all others above level 0.
    tiles: Mutex<HashMap<Place, Bytes>>,
}

impl<'a> Tree<'a> {
    /// Reads the right edge of the log, which must give the root.
    pub(super) async fn open(
        source: &'a CitySource,
        log: &'a LogPath,
        size: u64,
        root: Hash,
    ) -> Result<Self, PublishError> {
        let mut tiles = HashMap::new();
        for level in 0..=MAX_LEVEL {
            let index = (size >> (TILE_HEIGHT * level)) / WIDTH;
            if let Some(width) = width_at(size, level, index) {
                let path = TilePath { level, index, width };
                let tile = source.read(log, Resource::Tile(path)).await?;
                split_tile(&tile, width).map_err(untrue(log, &Resource::Tile(path)))?;
                tiles.insert((level, index), tile);
            }
        }
        let found = root_of(&tiles, size);
        let tree = Self { source, log, size, tiles: Mutex::new(tiles) };
        // PUBLISH-22: what is read from here on hangs below the head.
        if found.map_err(tree.untrue())? != root {
            return Err(tree.untrue()(Breach::RootMismatch));
        }
        Ok(tree)
    }

    /// A tile as the head has it.
    pub(super) async fn tile(&self, level: u8, index: u64) -> Result<Bytes, PublishError> {
        let mut way = Vec::new();
        let (mut place, mut known) = ((level, index), None);
        while known.is_none() && place.0 <= MAX_LEVEL {
            known = self.known(place);
            if known.is_none() {
                way.push(place);
                place = (place.0 + 1, place.1 / WIDTH);
            }
        }
        // A tile that is not partial has its hash in the one above it, and so on up to a partial
        // one: what the head does not have leads past the last level.
        let mut tile = known.ok_or_else(|| self.untrue()(Breach::ProofInvalid))?;
        for &place in way.iter().rev() {
            tile = self.below(&tile, place).await?;
        }
        Ok(tile)
    }

    /// The full tile at `place`, whose hash `above` has.
    async fn below(&self, above: &[u8], place: Place) -> Result<Bytes, PublishError> {
        let (level, index) = place;
        let file = Resource::Tile(TilePath { level, index, width: TILE_WIDTH });
        let untrue = || untrue(self.log, &file);
        let offset = usize::try_from(index % WIDTH).expect("below the width of a tile");
        let hash = above.as_chunks::<HASH_LENGTH>().0.get(offset);
        let hash = hash.ok_or(Breach::ProofInvalid).map_err(untrue())?;
        let tile = self.source.read(self.log, file).await?;
        let mut frontier = Frontier::new();
        for node in split_tile(&tile, TILE_WIDTH).map_err(untrue())? {
            frontier.push(Hash(*node));
        }
        // PUBLISH-22, LOG-9: a full tile holds what the one above says.
        if frontier.root() != Hash(*hash) {
            return Err(untrue()(Breach::TileMismatch));
        }
        if level > 0 {
            self.tiles.lock().expect("nothing panics under it").insert(place, tile.clone());
        }
        Ok(tile)
    }

    /// The bundle of the same index as a tile of level 0.
    pub(super) async fn bundle(
        &self,
        path: EntriesPath,
        tile: &[u8],
    ) -> Result<Bytes, PublishError> {
        let file = Resource::Entries(path);
        let bundle = self.source.read(self.log, file).await?;
        let untrue = || untrue(self.log, &file);
        let leaves = split_tile(tile, path.width).map_err(untrue())?;
        let entries = split_bundle(&bundle, path.width).map_err(untrue())?;
        // PUBLISH-22, LOG-10: the entries are those of the leaf hashes.
        if entries.iter().zip(leaves).any(|(entry, leaf)| leaf_hash(entry) != Hash(*leaf)) {
            return Err(untrue()(Breach::TileMismatch));
        }
        Ok(bundle)
    }

    /// The root at a size up to the head's.
    pub(super) async fn root_at(&self, size: u64) -> Result<Hash, PublishError> {
        let mut edge = HashMap::new();
        for level in 0..=MAX_LEVEL {
            let index = (size >> (TILE_HEIGHT * level)) / WIDTH;
            if width_at(size, level, index).is_some() {
                edge.insert((level, index), self.tile(level, index).await?);
            }
        }
        root_of(&edge, size).map_err(self.untrue())
    }

    /// That entry 0 has this leaf hash.
    pub(super) async fn check_first(&self, first: &Hash) -> Result<(), PublishError> {
        let tile = self.tile(0, 0).await?;
        // PUBLISH-20: else it is another log than the register has announced.
        let is_first = tile.as_chunks::<HASH_LENGTH>().0.first() == Some(first.as_bytes());
        if is_first { Ok(()) } else { Err(self.untrue()(Breach::LogNotAnnounced)) }
    }

    fn known(&self, place: Place) -> Option<Bytes> {
        self.tiles.lock().expect("nothing panics under it").get(&place).cloned()
    }

    fn untrue(&self) -> impl FnOnce(Breach) -> PublishError + use<> {
        let place = self.log.to_string();
        move |breach| PublishError::Untrue { place, breach }
    }

    /// Number of entries.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Which log this is.
    pub(super) const fn log(&self) -> &LogPath {
        self.log
    }
}

/// The root at a size of which the partial tiles are given, at this size or a larger one.
fn root_of(edge: &HashMap<Place, Bytes>, size: u64) -> Result<Hash, Breach> {
    let fetch = |level: u8, index: u64, width: u16| {
        let tile = edge.get(&(level, index)).ok_or(Breach::ProofInvalid)?;
        tile.get(..usize::from(width) * HASH_LENGTH).ok_or(Breach::TileMalformed)
    };
    root_at(&TileReader::new(size, fetch), size)
}

fn untrue(log: &LogPath, file: &Resource) -> impl FnOnce(Breach) -> PublishError + use<> {
    let place = format!("{log}/{file}");
    move |breach| PublishError::Untrue { place, breach }
}
