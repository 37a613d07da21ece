//! Fetches the bundles and tiles that a log has grown by, each verified before it gets its name.
//!
//! In order and in pieces, so that memory is bounded however long the log is. What is there from an
//! attempt that was broken off is verified again instead of being fetched again. Not here: the
//! head, which becomes the copy's when all of this is done.

use veche_protocol::audit::fetch_exact;
use veche_protocol::breach::Breach;
use veche_protocol::hash::{Hash, leaf_hash};
use veche_protocol::log::tile::{EntriesPath, Resource, TilePath, split_bundle};
use veche_protocol::name::LogPath;

use super::files::Files;
use super::tiles::{Authentic, ReadError, wrong};
use crate::source::Source;

/// Bytes asked for at a time, by what the bundles before have weighed.
const FETCH_BYTES: usize = 4 * 1024 * 1024;
/// Bundles asked for at a time; with their tiles twice as many files are forced to the disk.
const FETCH_BUNDLES: usize = 64;
/// Tiles of higher levels written at a time: 64 of 8 kB.
const WRITE_TILES: usize = 64;

/// Brings the files of a log from one size to the next; `below` are the tiles of the new head.
pub(super) fn fetch(
    files: &Files,
    source: &dyn Source,
    log: &LogPath,
    below: &mut Authentic<'_>,
    (old, new): (u64, u64),
) -> Result<(), ReadError> {
    let mut bundles = EntriesPath::since(old, new);
    // One bundle can be longer than all that is asked for at a time: the first tells.
    let mut count = 1;
    loop {
        let piece: Vec<_> = bundles.by_ref().take(count).collect();
        if piece.is_empty() {
            break;
        }
        let bytes = fetch_piece(files, source, log, below, &piece)?;
        count = (piece.len() * FETCH_BYTES / bytes.max(1)).clamp(1, FETCH_BUNDLES);
    }
    let mut higher = TilePath::since(old, new).filter(|path| path.level > 0);
    loop {
        let mut piece = Vec::new();
        for path in higher.by_ref().take(WRITE_TILES) {
            let hashes = below.tile(path.level, path.index)?;
            let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
            piece.push((format!("{log}/{path}"), bytes));
        }
        if piece.is_empty() {
            return Ok(());
        }
        files.write_all(&piece)?;
    }
}

/// Fetches some bundles with their tiles of leaf hashes; how many bytes the bundles have.
fn fetch_piece(
    files: &Files,
    source: &dyn Source,
    log: &LogPath,
    below: &mut Authentic<'_>,
    piece: &[EntriesPath],
) -> Result<usize, ReadError> {
    let mut wanted = Vec::new();
    for path in piece {
        if !is_there(files, log, below, *path)? {
            wanted.extend([Resource::Entries(*path), Resource::Tile(tile_of(*path))]);
        }
    }
    let fetched = fetch_exact(&source, log, &wanted)?;
    let mut verified = Vec::with_capacity(wanted.len());
    let mut bytes = 0;
    for (pair, fetched) in wanted.chunks(2).zip(fetched.chunks(2)) {
        let ([Resource::Entries(path), _], [bundle, tile]) = (pair, fetched) else {
            unreachable!("a bundle and its tile were asked for together");
        };
        let missing = |breach, what: &Resource| wrong(breach, what, "is not there");
        let bundle = bundle.as_ref().ok_or_else(|| missing(Breach::EntryMissing, &pair[0]))?;
        let tile = tile.as_ref().ok_or_else(|| missing(Breach::TileMalformed, &pair[1]))?;
        let hashes = below.check(tile_of(*path), tile)?;
        check_bundle(*path, bundle, &hashes)?;
        bytes += bundle.len();
        verified.push((format!("{log}/{}", pair[0]), bundle));
        verified.push((format!("{log}/{}", pair[1]), tile));
    }
    files.write_all(&verified)?;
    Ok(bytes)
}

const fn tile_of(path: EntriesPath) -> TilePath {
    TilePath { level: 0, index: path.index, width: path.width }
}

/// Whether a bundle and its tile are there already, and are what this head asks for.
fn is_there(
    files: &Files,
    log: &LogPath,
    below: &mut Authentic<'_>,
    path: EntriesPath,
) -> Result<bool, ReadError> {
    let bundle = files.read(&format!("{log}/{path}"))?;
    let Some(bundle) = bundle else { return Ok(false) };
    let Some(tile) = files.read(&format!("{log}/{}", tile_of(path)))? else { return Ok(false) };
    let is_true = match below.check(tile_of(path), &tile) {
        Ok(hashes) => check_bundle(path, &bundle, &hashes).is_ok(),
        Err(ReadError::Wrong(..)) => false,
        Err(error) => return Err(error),
    };
    Ok(is_true)
}

/// Whether the entries of a bundle are those of its leaf hashes.
fn check_bundle(path: EntriesPath, bundle: &[u8], hashes: &[Hash]) -> Result<(), ReadError> {
    // MONITOR-1: LOG-10, and every entry hashes to the head.
    let entries = split_bundle(bundle, path.width)
        .map_err(|breach| wrong(breach, &path, "does not divide into its entries"))?;
    if entries.iter().map(|entry| leaf_hash(entry)).eq(hashes.iter().copied()) {
        Ok(())
    } else {
        Err(wrong(Breach::RootMismatch, &path, "has entries that do not hash to the signed head"))
    }
}
