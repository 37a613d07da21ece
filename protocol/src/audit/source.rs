//! What a recount asks of its surroundings: the public files, and hands that work side by side.
//!
//! Not here: networks, disks and threads. Whoever runs a recount brings them.

use core::ops::ControlFlow;
use std::sync::Mutex;

use rand::CryptoRng;

use crate::hash::HASH_LENGTH;
use crate::log::tile::{EntriesPath, Resource, TILE_WIDTH, TilePath, split_bundle, split_tile};
use crate::name::LogPath;

/// The longest public file, in bytes: a full bundle of the longest entries, each with its length.
pub const MAX_FILE_LENGTH: usize = 256 * (65_535 + 2);

/// The public files of a city (spec/log.md, "Public files").
pub trait Source: Sync {
    /// Why the source cannot be read: a network or a disk that fails. That a file is not there is
    /// no failure.
    type Error: Send;

    /// The files of one log, in the order asked for; `None` for one that the source does not have.
    /// A file longer than [`MAX_FILE_LENGTH`] may be cut anywhere above it.
    fn fetch(&self, log: &LogPath, files: &[Resource])
    -> Result<Vec<Option<Vec<u8>>>, Self::Error>;
}

impl<S: Source + ?Sized> Source for &S {
    type Error = S::Error;

    fn fetch(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<Vec<Option<Vec<u8>>>, Self::Error> {
        (**self).fetch(log, files)
    }
}

/// Hands that work on the pieces of a log side by side.
pub trait Crew {
    /// Passes what `produce` gives, until it gives nothing more, through `work`, and the results in
    /// the order of their origin to `consume`, which may break off. `consume` runs on the thread of
    /// the caller; the others may run anywhere. Only a few pieces are under way at a time.
    fn pipeline<T: Send, R: Send>(
        &self,
        produce: impl FnMut() -> Option<T> + Send,
        work: impl Fn(T, &mut dyn CryptoRng) -> R + Sync,
        consume: impl FnMut(R) -> ControlFlow<()>,
    );
}

/// A crew of one, who does everything in order.
#[derive(Debug)]
pub struct Alone<R>(Mutex<R>);

impl<R: CryptoRng> Alone<R> {
    /// The one and its source of randomness, which only blinds batches of signatures.
    pub const fn new(rng: R) -> Self {
        Self(Mutex::new(rng))
    }
}

impl<G: CryptoRng> Crew for Alone<G> {
    fn pipeline<T: Send, R: Send>(
        &self,
        mut produce: impl FnMut() -> Option<T> + Send,
        work: impl Fn(T, &mut dyn CryptoRng) -> R + Sync,
        mut consume: impl FnMut(R) -> ControlFlow<()>,
    ) {
        while let Some(piece) = produce() {
            // Taken for one piece only: a consumer may call for a pipeline of its own.
            let result = {
                let mut rng = self.0.lock().expect("no work panics while it draws");
                work(piece, &mut *rng)
            };
            if consume(result).is_break() {
                return;
            }
        }
    }
}

/// A public file, if the source has it.
pub type Fetched = Option<Vec<u8>>;

/// The checkpoint of a log.
pub(super) fn fetch_checkpoint<S: Source>(source: &S, log: &LogPath) -> Result<Fetched, S::Error> {
    Ok(source.fetch(log, &[Resource::Checkpoint])?.pop().flatten())
}

/// Files as a log of the size in question has them: [`Source::fetch`], but where a partial tile or
/// bundle is not to be had, the beginning of the full one takes its place.
pub fn fetch_exact<S: Source>(
    source: &S,
    log: &LogPath,
    files: &[Resource],
) -> Result<Vec<Fetched>, S::Error> {
    let mut fetched = source.fetch(log, files)?;
    fetched.resize(files.len(), None);
    for (file, bytes) in files.iter().zip(&mut fetched) {
        // LOG-9: the full tile or bundle may have taken the place of the partial one.
        if let (None, Some((full, width))) = (&bytes, full_of(file)) {
            let full = source.fetch(log, &[full])?.pop().flatten();
            *bytes = full.map(|full| cut(file, &full, width));
        }
    }
    Ok(fetched)
}

/// The full file in whose beginning a partial one stands, and the width of the partial one.
const fn full_of(file: &Resource) -> Option<(Resource, u16)> {
    match *file {
        Resource::Tile(TilePath { level, index, width }) if width < TILE_WIDTH => {
            Some((Resource::Tile(TilePath { level, index, width: TILE_WIDTH }), width))
        }
        Resource::Entries(EntriesPath { index, width }) if width < TILE_WIDTH => {
            Some((Resource::Entries(EntriesPath { index, width: TILE_WIDTH }), width))
        }
        _ => None,
    }
}

/// The first `width` items of a full file; nothing of one that is not full.
fn cut(file: &Resource, full: &[u8], width: u16) -> Vec<u8> {
    let length = match file {
        // LOG-9, LOG-10: what bears the name of a full one has to be one.
        Resource::Entries(_) => split_bundle(full, TILE_WIDTH)
            .map(|entries| entries.iter().take(width.into()).map(|entry| 2 + entry.len()).sum()),
        _ => split_tile(full, TILE_WIDTH).map(|_| usize::from(width) * HASH_LENGTH),
    };
    full[..length.unwrap_or(0)].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tile::encode_bundle;

    struct Full(Vec<u8>);

    impl Source for Full {
        type Error = ();

        fn fetch(&self, _: &LogPath, files: &[Resource]) -> Result<Vec<Fetched>, ()> {
            Ok(files.iter().map(|file| full_of(file).is_none().then(|| self.0.clone())).collect())
        }
    }

    #[test]
    fn a_partial_file_is_the_beginning_of_the_full_one() {
        // LOG-9: a reader falls back to the full tile or bundle.
        let bundle = encode_bundle((0..=255_u8).map(|byte| vec![byte; 3])).unwrap();
        let path = EntriesPath { index: 4, width: 7 };
        let fetched = fetch_exact(&Full(bundle), &LogPath::Register, &[Resource::Entries(path)]);
        let cut = fetched.unwrap().pop().flatten().unwrap();
        assert_eq!(split_bundle(&cut, 7).unwrap()[6], [6; 3]);

        let tile = (0..=255_u8).flat_map(|byte| [byte; 32]).collect();
        let path = TilePath { level: 1, index: 0, width: 2 };
        let fetched = fetch_exact(&Full(tile), &LogPath::Register, &[Resource::Tile(path)]);
        assert_eq!(fetched.unwrap().pop().flatten().unwrap(), [[0; 32], [1; 32]].concat());
    }

    #[test]
    fn a_full_file_that_is_not_full_is_no_help() {
        // LOG-9, LOG-10: 7 entries or hashes under the name of 256, and something behind the last.
        let entries = EntriesPath { index: 4, width: 7 };
        let tile = TilePath { level: 1, index: 0, width: 7 };
        let bundle = |entries| encode_bundle(vec![[3; 3]; entries]).unwrap();
        for (file, full) in [
            (Resource::Entries(entries), bundle(7)),
            (Resource::Entries(entries), [bundle(256), vec![0]].concat()),
            (Resource::Tile(tile), vec![0; 7 * 32]),
            (Resource::Tile(tile), vec![0; 256 * 32 + 1]),
        ] {
            let fetched = fetch_exact(&Full(full), &LogPath::Register, &[file]);
            assert_eq!(fetched, Ok(vec![Some(Vec::new())]), "{file}");
        }
    }
}
