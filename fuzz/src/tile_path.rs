//! Paths of a log's public files: one spelling each, and each names a tile that some tree has.

use veche_protocol::{
    breach::Breach,
    log::tile::{EntriesPath, Resource, TILE_HEIGHT, TILE_WIDTH, TilePath, width_at},
};

/// The bytes are a path below the log's prefix.
pub fn holds(data: &[u8]) {
    let Ok(path) = str::from_utf8(data) else { return };
    match Resource::parse(path) {
        Err(breach) => assert_eq!(breach, Breach::TileMalformed),
        Ok(resource) => {
            assert_eq!(resource.to_string(), path);
            match resource {
                Resource::Checkpoint => assert_eq!(path, "checkpoint"),
                Resource::Tile(tile) => check_tile(tile),
                Resource::Entries(EntriesPath { index, width }) => {
                    check_tile(TilePath { level: 0, index, width });
                }
            }
        }
    }
}

/// The smallest tree that has this tile has it last in its row, with just this width.
fn check_tile(tile: TilePath) {
    let hashes = tile.index * u64::from(TILE_WIDTH) + u64::from(tile.width);
    let size = hashes << (TILE_HEIGHT * tile.level);
    assert_eq!(size >> (TILE_HEIGHT * tile.level), hashes, "no size has this tile");
    assert_eq!(width_at(size, tile.level, tile.index), Some(tile.width));
    assert_eq!(width_at(size, tile.level, tile.index + 1), None);
    let one_less = width_at(size - 1, tile.level, tile.index).unwrap_or(0);
    assert_eq!(one_less, tile.width - 1);
    assert!(TilePath::since(size - 1, size).any(|changed| changed == tile));
}
