//! A full check of a stored log: every entry is hashed again and every tile and the head are
//! compared with what the entries give.
//!
//! Not here: what the entries mean (the auditor's part), and unique records (their meaning is the
//! writer's). For tests after each injected fault, and for an operator who doubts a disk.

use veche_protocol::hash::{Hash, leaf_hash};
use veche_protocol::log::merkle::Frontier;

use crate::store::tiling::TILE_LEVELS;
use crate::store::{BundleEntries, Head, LogId, Store, StoreError, TILE_SPAN, tile_width};

use super::load::corrupt;

/// Recomputes a log from its entries; returns its head if everything agrees.
///
/// It works on the head found at the beginning, so a writer may go on meanwhile.
pub fn check_log(store: &dyn Store, log: LogId) -> Result<Head, StoreError> {
    let head = store.head(log)?;
    let mut frontier = Frontier::new();
    let mut lines: Vec<Vec<Hash>> = vec![Vec::new(); usize::from(TILE_LEVELS)];
    for bundle in 0..head.size.div_ceil(TILE_SPAN) {
        let width = tile_width(head.size, 0, bundle);
        let bytes = store.bundle(log, bundle, width)?;
        let mut entries = BundleEntries::new(&bytes);
        for _ in 0..width {
            let entry = entries.next().ok_or_else(|| corrupt(log, "a bundle is too short"))?;
            frontier.push_each(leaf_hash(entry), |level, _, hash| {
                if level % 8 == 0 {
                    lines[usize::from(level / 8)].push(hash);
                }
            });
        }
        if !entries.is_at_end() {
            return Err(corrupt(log, "a bundle is too long"));
        }
        check_lines(store, log, &head, frontier.size(), &mut lines)?;
    }
    if frontier.nodes() != head.frontier || frontier.root() != head.root {
        return Err(corrupt(log, "its entries do not hash to its head"));
    }
    Ok(head)
}

/// Compares the tiles that have reached their final width at this size, and clears the full ones.
fn check_lines(
    store: &dyn Store,
    log: LogId,
    head: &Head,
    size: u64,
    lines: &mut [Vec<Hash>],
) -> Result<(), StoreError> {
    for (level, line) in (0u8..).zip(lines) {
        let index =
            size.checked_shr(8 * u32::from(level)).unwrap_or(0).saturating_sub(1) / TILE_SPAN;
        let width = tile_width(head.size, level, index);
        // A line that is shorter than its tile is still being collected.
        if line.is_empty() || line.len() < usize::from(width) {
            continue;
        }
        if store.tile(log, level, index, width)? != *line {
            return Err(corrupt(log, &format!("tile {level}/{index} does not fit its entries")));
        }
        line.clear();
    }
    Ok(())
}
