//! The public files of a log below its published head: tiles and entry bundles (C2SP tlog-tiles).

use veche_protocol::hash::HASH_LENGTH;
use veche_protocol::name::LogPath;

use crate::engine::Engine;
use crate::error::QueryError;
use crate::store::tile_width;

impl Engine {
    /// The first `width` hashes of a tile, or `None` if the published head has no such tile: what
    /// is partial is served at every width it ever had, full ones only when they are full.
    pub fn tile(
        &self,
        path: &LogPath,
        level: u8,
        index: u64,
        width: u16,
    ) -> Result<Option<Vec<u8>>, QueryError> {
        let city = self.shared().city();
        let Some(log) = city.log(path) else { return Ok(None) };
        // LOG-11: never an empty tile, never more than stands below the published head.
        if width == 0 || width > tile_width(log.head().size, level, index) {
            return Ok(None);
        }
        let hashes = self.shared().store.tile(log.id, level, index, width)?;
        let mut bytes = Vec::with_capacity(HASH_LENGTH * hashes.len());
        for hash in &hashes {
            bytes.extend_from_slice(hash.as_bytes());
        }
        Ok(Some(bytes))
    }

    /// The first `width` entries of a bundle, or `None`, as for [`Engine::tile`].
    pub fn bundle(
        &self,
        path: &LogPath,
        index: u64,
        width: u16,
    ) -> Result<Option<Vec<u8>>, QueryError> {
        let city = self.shared().city();
        let Some(log) = city.log(path) else { return Ok(None) };
        // LOG-11, LOG-10: as wide as the tile of leaf hashes.
        if width == 0 || width > tile_width(log.head().size, 0, index) {
            return Ok(None);
        }
        Ok(Some(self.shared().store.bundle(log.id, index, width)?))
    }
}
