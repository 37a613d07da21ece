//! Partial tiles and bundles beside full ones: found, and removed a round after the full one came.
//!
//! The round between is for readers under way, who have an older head. Not here: partial files that
//! no full one has replaced; they stay, for every head that was ever published.

use veche_protocol::log::tile::{
    EntriesPath, MAX_LEVEL, Resource, TILE_HEIGHT, TILE_WIDTH, TilePath, width_at,
};
use veche_protocol::name::LogPath;

use super::destination::Destination;
use super::error::PublishError;
use super::shelf::Leftovers;

/// Removes what was left over when the round began, with a log of the size `before`, and gives what
/// the next round may remove, with one of the size `now`. Also how many files were removed.
pub(super) async fn clear(
    destination: &Destination,
    log: &LogPath,
    known: &Leftovers,
    before: u64,
    now: u64,
) -> Result<(Vec<Resource>, usize), PublishError> {
    let mut files = Vec::new();
    let mut next = Vec::new();
    match known {
        Leftovers::Unknown => {
            let all = destination.list(log, "tile").await?;
            // PUBLISH-25: full below a head that was there when the round began.
            let (due, rest): (Vec<_>, Vec<_>) =
                all.into_iter().filter(is_partial).partition(|file| is_full(file, before));
            files = due;
            next.extend(rest.iter().filter(|file| is_full(file, now)).map(full));
            next.dedup();
        }
        Leftovers::Beside(places) => {
            for place in places {
                let beside = destination.list(log, &format!("{place}.p")).await?;
                files.extend(beside.into_iter().filter(is_partial));
            }
        }
    }
    next.extend(filled(before, now).filter(|place| !next.contains(place)).collect::<Vec<_>>());
    if !files.is_empty() {
        destination.remove(log, &files).await?;
    }
    Ok((next, files.len()))
}

/// The tiles and bundles that are partial at one size and full at another.
fn filled(before: u64, now: u64) -> impl Iterator<Item = Resource> {
    let tiles = (0..=MAX_LEVEL).filter_map(move |level| {
        let index = (before >> (TILE_HEIGHT * level)) / u64::from(TILE_WIDTH);
        width_at(before, level, index)?;
        let place = Resource::Tile(TilePath { level, index, width: TILE_WIDTH });
        is_full(&place, now).then_some(place)
    });
    let leaves = tiles.clone().find_map(|place| match place {
        Resource::Tile(TilePath { level: 0, index, width }) => {
            Some(Resource::Entries(EntriesPath { index, width }))
        }
        _ => None,
    });
    tiles.chain(leaves)
}

fn is_partial(file: &Resource) -> bool {
    match file {
        Resource::Checkpoint => false,
        Resource::Tile(TilePath { width, .. }) | Resource::Entries(EntriesPath { width, .. }) => {
            *width < TILE_WIDTH
        }
    }
}

/// Whether a log of this size has the full tile or bundle of this place.
fn is_full(file: &Resource, size: u64) -> bool {
    let (level, index) = match file {
        Resource::Checkpoint => return false,
        Resource::Tile(TilePath { level, index, .. }) => (*level, *index),
        Resource::Entries(EntriesPath { index, .. }) => (0, *index),
    };
    width_at(size, level, index) == Some(TILE_WIDTH)
}

fn full(file: &Resource) -> Resource {
    match *file {
        Resource::Checkpoint => Resource::Checkpoint,
        Resource::Tile(path) => Resource::Tile(TilePath { width: TILE_WIDTH, ..path }),
        Resource::Entries(path) => Resource::Entries(EntriesPath { width: TILE_WIDTH, ..path }),
    }
}
