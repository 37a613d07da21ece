//! Which tiles a log of a given size has (C2SP tlog-tiles): arithmetic only.
//!
//! Not here: paths and bytes of tiles, which belong to the protocol.

/// Hashes in a full tile, and entries in a full bundle: eight levels of the tree.
pub const TILE_SPAN: u64 = 256;

/// Levels of tiles that a log can have: 8 levels of the tree each, and sizes are 64 bits.
pub(crate) const TILE_LEVELS: u8 = 8;

/// Number of hashes at a tile level: only full tiles of the level below are hashed into it.
pub(crate) fn level_length(size: u64, level: u8) -> u64 {
    size.checked_shr(8 * u32::from(level)).unwrap_or(0)
}

/// How many hashes a tile has at this size: 256 if it is full, 0 if it does not exist yet.
pub fn tile_width(size: u64, level: u8, index: u64) -> u16 {
    let Some(first) = index.checked_mul(TILE_SPAN) else { return 0 };
    let width = level_length(size, level).saturating_sub(first).min(TILE_SPAN);
    u16::try_from(width).expect("at most 256")
}

/// The tiles that differ between two sizes of one log, as (level, index, width at `to`), lowest
/// level first and by ascending index.
pub fn changed_tiles(from: u64, to: u64) -> impl Iterator<Item = (u8, u64, u16)> {
    (0..TILE_LEVELS).flat_map(move |level| {
        let (old, new) = (level_length(from, level), level_length(to, level));
        let past = if new > old { new.div_ceil(TILE_SPAN) } else { 0 };
        (old / TILE_SPAN..past).map(move |index| (level, index, tile_width(to, level, index)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_the_c2sp_document() {
        let at_256: Vec<_> = changed_tiles(0, 256).collect();
        assert_eq!(at_256, [(0, 0, 256), (1, 0, 1)]);

        let at_70_000: Vec<_> = changed_tiles(0, 70_000).collect();
        assert_eq!(at_70_000.iter().filter(|t| t.0 == 0 && t.2 == 256).count(), 273);
        assert_eq!(at_70_000[273..], [(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]);
    }

    #[test]
    fn only_what_grew_is_changed() {
        assert_eq!(changed_tiles(255, 255).count(), 0);
        assert_eq!(changed_tiles(254, 255).collect::<Vec<_>>(), [(0, 0, 255)]);
        assert_eq!(changed_tiles(255, 256).collect::<Vec<_>>(), [(0, 0, 256), (1, 0, 1)]);
        assert_eq!(changed_tiles(256, 257).collect::<Vec<_>>(), [(0, 1, 1)]);
        assert_eq!(
            changed_tiles(65_535, 65_536).collect::<Vec<_>>(),
            [(0, 255, 256), (1, 0, 256), (2, 0, 1)]
        );
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        assert_eq!(tile_width(u64::MAX, 7, 0), 255);
        assert_eq!(tile_width(u64::MAX, 8, 0), 0);
        assert_eq!(tile_width(u64::MAX, 0, u64::MAX), 0);
        assert_eq!(tile_width(u64::MAX, 0, u64::MAX / 256), 255);
    }
}
