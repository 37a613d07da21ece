//! The tree and its entries as immutable files (C2SP tlog-tiles): paths, widths, bundles, reading.
//!
//! ```text
//! <prefix>/checkpoint
//! <prefix>/tile/<L>/<N>[.p/<W>]         W or 256 hashes of 32 bytes: nodes (8 L, 256 N) and on
//! <prefix>/tile/entries/<N>[.p/<W>]     W or 256 times: u16 length (big endian), entry
//!
//! L  level, decimal        N  index in groups of 3 digits, all but the last with x: x001/x234/067
//! W  width of a partial tile, decimal, 1 to 255
//! ```
//!
//! In scope: the exact form of each path, which tiles a tree of some size has, splitting, and the
//! nodes of the tree read from tiles. Not here: HTTP, files, and whether a tile's hashes are true,
//! which only the root in a signed checkpoint tells.

use core::fmt;

use super::merkle::NodeReader;
use super::text::parse_decimal;
use crate::breach::Breach;
use crate::hash::{HASH_LENGTH, Hash, node_hash};

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Levels of the tree that one level of tiles spans.
pub const TILE_HEIGHT: u8 = 8;

/// The highest level of tiles. The format allows 63, but a tile of level 8 would begin above
/// 256^8 = 2^64 leaves, which is more than any size counts: such a path cannot lead anywhere.
pub const MAX_LEVEL: u8 = 7;

/// The longest entry that a bundle can hold, in bytes: its length is a `u16`.
pub const MAX_ENTRY_LENGTH: usize = u16::MAX as usize;

/// A public file of a log, named below the log's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The latest signed checkpoint.
    Checkpoint,
    /// A tile of hashes.
    Tile(TilePath),
    /// A bundle of entries.
    Entries(EntriesPath),
}

impl Resource {
    /// Reads a path below the prefix, without a leading slash. Each resource has exactly one path;
    /// any other spelling is [`Breach::TileMalformed`].
    pub fn parse(path: &str) -> Result<Self, Breach> {
        // LOG-9, LOG-10: one name for each file.
        if path == "checkpoint" {
            return Ok(Self::Checkpoint);
        }
        let rest = path.strip_prefix("tile/").ok_or(Breach::TileMalformed)?;
        match rest.split_once('/') {
            Some(("entries", _)) => EntriesPath::parse(path).map(Self::Entries),
            _ => TilePath::parse(path).map(Self::Tile),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::Tile(path) => path.fmt(f),
            Self::Entries(path) => path.fmt(f),
        }
    }
}

/// The name of a tile of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    /// Level of the tile, 0 to [`MAX_LEVEL`]: its hashes span `256^level` leaves each.
    pub level: u8,
    /// Index of the tile within its level.
    pub index: u64,
    /// Hashes in the tile, 1 to [`TILE_WIDTH`].
    pub width: u16,
}

impl TilePath {
    /// Reads `tile/<L>/<N>[.p/<W>]`. A tile that no tree of a 64-bit size has is refused too.
    pub fn parse(path: &str) -> Result<Self, Breach> {
        let rest = path.strip_prefix("tile/").ok_or(Breach::TileMalformed)?;
        let (level, rest) = rest.split_once('/').ok_or(Breach::TileMalformed)?;
        let level = parse_decimal(level)
            .and_then(|level| u8::try_from(level).ok())
            .filter(|&level| level <= MAX_LEVEL)
            .ok_or(Breach::TileMalformed)?;
        let (index, width) = parse_index_and_width(rest).ok_or(Breach::TileMalformed)?;
        let path = Self { level, index, width };
        path.end().map(|_| path).ok_or(Breach::TileMalformed)
    }

    /// Number of leaves up to the end of this tile, if 64 bits hold it.
    fn end(self) -> Option<u64> {
        let hashes = self.index.checked_mul(TILE_WIDTH.into())?.checked_add(self.width.into())?;
        hashes.checked_mul(1 << (TILE_HEIGHT * self.level))
    }

    /// The tiles of a tree of `size` leaves: level by level, each from left to right.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        Self::since(0, size)
    }

    /// The tiles that a tree of `size` leaves has and its prefix of `old_size` leaves has not, or
    /// has only with another width.
    pub fn since(old_size: u64, size: u64) -> impl Iterator<Item = Self> {
        (0..=MAX_LEVEL).flat_map(move |level| {
            let shift = u32::from(TILE_HEIGHT * level);
            changed(old_size >> shift, size >> shift).map(move |(index, width)| Self {
                level,
                index,
                width,
            })
        })
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_index_and_width(f, self.index, self.width)
    }
}

/// The name of a bundle of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntriesPath {
    /// Index of the bundle: its first entry has the log's index `256 * index`.
    pub index: u64,
    /// Entries in the bundle, 1 to [`TILE_WIDTH`].
    pub width: u16,
}

impl EntriesPath {
    /// Reads `tile/entries/<N>[.p/<W>]`. A bundle that no log of a 64-bit size has is refused too.
    pub fn parse(path: &str) -> Result<Self, Breach> {
        let rest = path.strip_prefix("tile/entries/").ok_or(Breach::TileMalformed)?;
        let (index, width) = parse_index_and_width(rest).ok_or(Breach::TileMalformed)?;
        let tile = TilePath { level: 0, index, width };
        tile.end().map(|_| Self { index, width }).ok_or(Breach::TileMalformed)
    }

    /// The bundles of a log of `size` entries, from left to right.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        Self::since(0, size)
    }

    /// The bundles that a log of `size` entries has and its prefix of `old_size` entries has not,
    /// or has only with another width.
    pub fn since(old_size: u64, size: u64) -> impl Iterator<Item = Self> {
        changed(old_size, size).map(|(index, width)| Self { index, width })
    }
}

impl fmt::Display for EntriesPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        write_index_and_width(f, self.index, self.width)
    }
}

/// How wide the tile at `level` and `index` is in a tree of `size` leaves, or `None` where the tree
/// has no such tile. For bundles of entries the level is 0.
pub fn width_at(size: u64, level: u8, index: u64) -> Option<u16> {
    if level > MAX_LEVEL {
        return None;
    }
    // LOG-9: whole subtrees only, and no empty tile.
    let hashes = size >> (TILE_HEIGHT * level);
    let before = index.checked_mul(TILE_WIDTH.into())?;
    let width = hashes.checked_sub(before)?.min(TILE_WIDTH.into());
    u16::try_from(width).ok().filter(|&width| width > 0)
}

/// Index and width of each tile of a row of `hashes` that a row of `old_hashes` has not.
fn changed(old_hashes: u64, hashes: u64) -> impl Iterator<Item = (u64, u16)> {
    let width = u64::from(TILE_WIDTH);
    let indices =
        if old_hashes < hashes { old_hashes / width..hashes.div_ceil(width) } else { 0..0 };
    indices.filter_map(move |index| Some((index, width_at(hashes, 0, index)?)))
}

fn parse_index_and_width(text: &str) -> Option<(u64, u16)> {
    let (index, width) = match text.split_once(".p/") {
        None => (text, TILE_WIDTH),
        Some((index, width)) => {
            let width = u16::try_from(parse_decimal(width)?).ok()?;
            (index, Some(width).filter(|width| (1..TILE_WIDTH).contains(width))?)
        }
    };
    Some((parse_index(index)?, width))
}

/// Reads groups of three digits, all but the last with `x`, the first not `x000`.
fn parse_index(text: &str) -> Option<u64> {
    if text.starts_with("x000") {
        return None;
    }
    let (leading, last) = match text.rsplit_once('/') {
        Some((leading, last)) => (Some(leading), last),
        None => (None, text),
    };
    let mut index = 0_u64;
    for group in leading.into_iter().flat_map(|leading| leading.split('/')) {
        index = append_group(index, group.strip_prefix('x')?)?;
    }
    append_group(index, last)
}

fn append_group(index: u64, group: &str) -> Option<u64> {
    if group.len() != 3 || !group.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    index.checked_mul(1000)?.checked_add(group.parse().ok()?)
}

fn write_index_and_width(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let groups = index.checked_ilog(1000).unwrap_or(0);
    for place in (1..=groups).rev() {
        write!(f, "x{:03}/", index / 1000_u64.pow(place) % 1000)?;
    }
    write!(f, "{:03}", index % 1000)?;
    if width == TILE_WIDTH { Ok(()) } else { write!(f, ".p/{width}") }
}

/// Joins entries into a bundle. An entry above [`MAX_ENTRY_LENGTH`] is [`Breach::EntryOversized`].
pub fn encode_bundle<E: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = E>,
) -> Result<Vec<u8>, Breach> {
    let mut bundle = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| Breach::EntryOversized)?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Splits a bundle into exactly `width` entries that fill it.
pub fn split_bundle(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, Breach> {
    let mut rest = bundle;
    // Each entry takes at least the 2 bytes of its length: `width` alone is not to be trusted.
    let mut entries = Vec::with_capacity(usize::from(width).min(bundle.len() / 2));
    for _ in 0..width {
        let (length, tail) = rest.split_first_chunk().ok_or(Breach::TileMalformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, tail) = tail.split_at_checked(length).ok_or(Breach::TileMalformed)?;
        entries.push(entry);
        rest = tail;
    }
    // LOG-10: nothing after the last entry.
    if rest.is_empty() { Ok(entries) } else { Err(Breach::TileMalformed) }
}

/// The hashes of a tile, which must be exactly `width` of them.
pub fn split_tile(tile: &[u8], width: u16) -> Result<&[[u8; HASH_LENGTH]], Breach> {
    // LOG-9: 32 bytes times the width.
    let (hashes, rest) = tile.as_chunks();
    if rest.is_empty() && hashes.len() == usize::from(width) {
        Ok(hashes)
    } else {
        Err(Breach::TileMalformed)
    }
}

/// Reads any node of a tree from its tiles of hashes.
///
/// `fetch` is given level, index and width of a tile that the tree has, and returns its bytes; it
/// is asked anew for every node, so a caller over a network keeps tiles. A full tile in place of a
/// partial one must be cut to the width that was asked for.
#[derive(Clone, Debug)]
pub struct TileReader<F> {
    size: u64,
    fetch: F,
}

impl<F> TileReader<F> {
    /// A reader of the tree of `size` leaves.
    pub const fn new(size: u64, fetch: F) -> Self {
        Self { size, fetch }
    }

    /// Number of leaves of the tree.
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl<F, B, E> NodeReader for TileReader<F>
where
    F: Fn(u8, u64, u16) -> Result<B, E>,
    B: AsRef<[u8]>,
    E: From<Breach>,
{
    type Error = E;

    fn node(&self, level: u8, index: u64) -> Result<Hash, E> {
        // The node is the root over a run of 2^height hashes of one tile.
        let height = level % TILE_HEIGHT;
        let first = index.checked_mul(1 << height).ok_or(Breach::ProofInvalid)?;
        let (tile, offset) = (first / u64::from(TILE_WIDTH), first % u64::from(TILE_WIDTH));
        let offset = usize::try_from(offset).expect("below the width of a tile");
        let tile_level = level / TILE_HEIGHT;
        let width = width_at(self.size, tile_level, tile).ok_or(Breach::ProofInvalid)?;
        let end = offset + (1 << height);
        if end > usize::from(width) {
            return Err(Breach::ProofInvalid.into());
        }
        let bytes = (self.fetch)(tile_level, tile, width)?;
        let hashes = split_tile(bytes.as_ref(), width)?;
        Ok(full_root(&hashes[offset..end]))
    }
}

/// The root over a power of two of hashes.
fn full_root(hashes: &[[u8; HASH_LENGTH]]) -> Hash {
    if let [hash] = hashes {
        return Hash(*hash);
    }
    let (left, right) = hashes.split_at(hashes.len() / 2);
    node_hash(&full_root(left), &full_root(right))
}

#[cfg(test)]
mod tests;
