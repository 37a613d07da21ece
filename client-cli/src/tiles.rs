//! Nodes of a log's tree from its published tiles: for proofs without reading all entries.
//!
//! Not here: trust. What a proof made from tiles is worth, only its check against a signed head
//! tells.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use veche_protocol::breach::Breach;
use veche_protocol::log::tile::{TILE_WIDTH, TilePath, TileReader, split_tile};
use veche_protocol::name::LogPath;

use crate::api::Source;
use crate::error::ClientError;

/// The bytes of a tile, kept for all the nodes that stand in it.
type Fetched = Result<Rc<[u8]>, ClientError>;

/// A reader of the tree of `size` leaves. A tile is fetched once: a proof's nodes stand in few.
pub fn reader<'a, S: Source>(
    source: &'a S,
    log: &'a LogPath,
    size: u64,
) -> TileReader<impl Fn(u8, u64, u16) -> Fetched + 'a> {
    let known = RefCell::new(BTreeMap::new());
    TileReader::new(size, move |level, index, width| {
        let path = TilePath { level, index, width };
        if let Some(tile) = known.borrow().get(&path) {
            return Ok(Rc::clone(tile));
        }
        let tile: Rc<[u8]> = fetch(source, log, path)?.into();
        known.borrow_mut().insert(path, Rc::clone(&tile));
        Ok(tile)
    })
}

/// A tile of exactly this width; a full one in place of a partial one is cut.
fn fetch(source: &impl Source, log: &LogPath, path: TilePath) -> Result<Vec<u8>, ClientError> {
    if let Some(tile) = source.tile(log, path)? {
        return Ok(tile);
    }
    // LOG-9: a partial tile may be gone once the full one is there.
    let full = source.tile(log, TilePath { width: TILE_WIDTH, ..path })?;
    let distrust = |breach| ClientError::distrust(format!("{path} of {log}"))(breach);
    let full = full.ok_or_else(|| distrust(Breach::TileMalformed))?;
    let hashes = split_tile(&full, TILE_WIDTH).map_err(distrust)?;
    Ok(hashes[..usize::from(path.width)].concat())
}
