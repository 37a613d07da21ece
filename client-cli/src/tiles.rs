//! Nodes of a log's tree from its published tiles: for proofs without reading all entries.
//!
//! Not here: trust. What a proof made from tiles is worth, only its check against a signed head
//! tells.

use veche_protocol::breach::Breach;
use veche_protocol::log::tile::{TILE_WIDTH, TilePath, TileReader, split_tile};
use veche_protocol::name::LogPath;

use crate::api::Source;
use crate::error::ClientError;

/// A reader of the tree of `size` leaves.
pub fn reader<'a, S: Source>(
    source: &'a S,
    log: &'a LogPath,
    size: u64,
) -> TileReader<impl Fn(u8, u64, u16) -> Result<Vec<u8>, ClientError> + 'a> {
    TileReader::new(size, move |level, index, width| {
        let path = TilePath { level, index, width };
        if let Some(tile) = source.tile(log, path)? {
            return Ok(tile);
        }
        // LOG-9: a partial tile may be gone once the full one is there.
        let full = source.tile(log, TilePath { width: TILE_WIDTH, ..path })?;
        let distrust = |breach| ClientError::distrust(format!("{path} of {log}"))(breach);
        let full = full.ok_or_else(|| distrust(Breach::TileMalformed))?;
        let hashes = split_tile(&full, TILE_WIDTH).map_err(distrust)?;
        Ok(hashes[..usize::from(width)].concat())
    })
}
