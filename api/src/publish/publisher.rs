//! The rounds: what is read, checked and written in which order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::Semaphore;
use veche_protocol::log::tile::{EntriesPath, Resource, TILE_WIDTH, TilePath};
use veche_protocol::name::LogPath;

use super::destination::{Destination, Written};
use super::error::PublishError;
use super::heads::{self, Head, Heads};
use super::leftovers;
use super::register::Register;
use super::shelf::{Leftovers, Shelf};
use super::source::CitySource;
use super::tree::Tree;
use super::{LOGS, PARALLEL};

/// What a round has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Logs of the city.
    pub logs: usize,
    /// Heads that were replaced.
    pub heads: usize,
    /// Tiles and bundles written.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Tiles and bundles that were there already, as an end in the middle leaves them.
    pub there: u64,
    /// Partial tiles and bundles removed.
    pub removed: usize,
}

/// Copies the public files of a city to a destination, round by round.
#[derive(Debug)]
pub struct Publisher {
    source: CitySource,
    destination: Destination,
    /// What was read of the register, so as not to read it again.
    register: Option<Register>,
    /// What the destination holds, as long as it is certain.
    shelves: BTreeMap<LogPath, Shelf>,
    /// Files under way.
    places: Semaphore,
}

/// Files that a round has to write, and those that it has written.
#[derive(Debug, Default)]
struct Tally {
    planned: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
    there: AtomicU64,
}

/// Is told how many files are done, and of how many.
type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

impl Publisher {
    /// From this city to this place.
    pub fn new(source: CitySource, destination: Destination) -> Self {
        let (register, shelves) = (None, BTreeMap::new());
        Self { source, destination, register, shelves, places: Semaphore::new(PARALLEL) }
    }

    /// Brings the destination to the present heads of the city. `progress` is told how many files
    /// are done, and of how many that are known to be needed.
    pub async fn round(&mut self, progress: Progress<'_>) -> Result<Round, PublishError> {
        let done = self.try_round(progress).await;
        if done.is_err() {
            // PUBLISH-24: whatever was interrupted, what the destination holds counts.
            self.shelves.clear();
        }
        done
    }

    async fn try_round(&mut self, progress: Progress<'_>) -> Result<Round, PublishError> {
        let Heads { others, register } = heads::read(&self.source, &mut self.register).await?;
        let tally = Tally::default();
        let all: Vec<&Head> = others.iter().chain([&register]).collect();
        // PUBLISH-21: all files of all heads, before any head.
        let mut shelves: Vec<Shelf> = stream::iter(all.iter().copied())
            .map(|head| self.fill(head, &tally, progress))
            .buffered(LOGS)
            .try_collect()
            .await?;
        let mut round = Round {
            logs: all.len(),
            files: tally.files.into_inner(),
            bytes: tally.bytes.into_inner(),
            there: tally.there.into_inner(),
            ..Round::default()
        };
        round.heads = self.put_heads(&all, &mut shelves).await?;
        round.removed = self.clear(&all, &mut shelves).await?;
        self.shelves = all.iter().map(|head| head.log.clone()).zip(shelves).collect();
        Ok(round)
    }

    /// Writes the files of a head that the destination lacks. Gives what it holds.
    async fn fill(
        &self,
        head: &Head,
        tally: &Tally,
        progress: Progress<'_>,
    ) -> Result<Shelf, PublishError> {
        let log = &head.log;
        let there = match self.shelves.get(log) {
            Some(known) => known.clone(),
            None => Shelf::read(&self.destination, log, &head.key).await?,
        };
        let forked = || PublishError::Forked { log: log.clone(), size: there.size };
        // PUBLISH-22: what is there has to be a beginning of what comes.
        if head.size < there.size {
            let (there, shown) = (there.size, head.size);
            return Err(PublishError::Smaller { log: log.clone(), there, shown });
        }
        if head.size == there.size {
            return if head.root == there.root { Ok(there) } else { Err(forked()) };
        }
        let tree = Tree::open(&self.source, log, head.size, head.root).await?;
        if tree.root_at(there.size).await? != there.root {
            return Err(forked());
        }
        if let (0, Some(first)) = (there.size, head.first) {
            tree.check_first(&first).await?;
        }
        self.write_files(&tree, there.size, tally, progress).await?;
        Ok(there)
    }

    /// Writes the tiles and bundles that a log has and its beginning of `old` entries has not.
    async fn write_files(
        &self,
        tree: &Tree<'_>,
        old: u64,
        tally: &Tally,
        progress: Progress<'_>,
    ) -> Result<(), PublishError> {
        // Those above level 0 first: each of the others hangs below one of them.
        let above = TilePath::since(old, tree.size()).filter(|tile| tile.level > 0);
        let above: Vec<_> = above.map(Resource::Tile).collect();
        let bundles = EntriesPath::since(old, tree.size());
        let width = u64::from(TILE_WIDTH);
        let pairs = tree.size().div_ceil(width) - old / width;
        let planned = above.len() as u64 + 2 * pairs;
        tally.planned.fetch_add(planned, Ordering::Relaxed);
        let files = above.into_iter().rev().chain(bundles.map(Resource::Entries));
        stream::iter(files)
            .map(async |file| {
                let _place = self.places.acquire().await.expect("it is never closed");
                match file {
                    Resource::Checkpoint => {}
                    Resource::Tile(path) => {
                        let tile = tree.tile(path.level, path.index).await?;
                        self.write(tree.log(), file, tile, tally, progress).await?;
                    }
                    Resource::Entries(path @ EntriesPath { index, width }) => {
                        let tile = tree.tile(0, index).await?;
                        let bundle = tree.bundle(path, &tile).await?;
                        let leaves = Resource::Tile(TilePath { level: 0, index, width });
                        self.write(tree.log(), leaves, tile, tally, progress).await?;
                        self.write(tree.log(), file, bundle, tally, progress).await?;
                    }
                }
                Ok(())
            })
            .buffer_unordered(PARALLEL)
            .try_collect()
            .await
    }

    async fn write(
        &self,
        log: &LogPath,
        file: Resource,
        bytes: Bytes,
        tally: &Tally,
        progress: Progress<'_>,
    ) -> Result<(), PublishError> {
        let length = bytes.len() as u64;
        let (files, bytes) = match self.destination.write(log, file, bytes).await? {
            Written::New => (&tally.files, length),
            Written::There => (&tally.there, 0),
        };
        files.fetch_add(1, Ordering::Relaxed);
        tally.bytes.fetch_add(bytes, Ordering::Relaxed);
        let done = tally.files.load(Ordering::Relaxed) + tally.there.load(Ordering::Relaxed);
        progress(done, tally.planned.load(Ordering::Relaxed));
        Ok(())
    }

    /// Puts the heads that moved, all of whose files are there. Gives how many.
    async fn put_heads(
        &self,
        heads: &[&Head],
        shelves: &mut [Shelf],
    ) -> Result<usize, PublishError> {
        let moved = heads
            .iter()
            .zip(shelves)
            .filter(|(head, shelf)| shelf.held.as_ref().is_none_or(|held| held.note != head.note));
        // PUBLISH-21: the register's head last, so that it never speaks of what is not there yet.
        let (last, first): (Vec<_>, Vec<_>) =
            moved.partition(|(head, _)| head.log == LogPath::Register);
        let count = first.len() + last.len();
        for heads in [first, last] {
            stream::iter(heads)
                .map(async |(head, shelf)| {
                    let (log, note) = (&head.log, head.note.clone());
                    let old = shelf.held.as_ref();
                    shelf.held = Some(self.destination.replace_head(log, old, note).await?);
                    Ok(())
                })
                .buffer_unordered(PARALLEL)
                .try_collect::<()>()
                .await?;
        }
        Ok(count)
    }

    /// Removes partial files that full ones have replaced before this round. Gives how many.
    async fn clear(&self, heads: &[&Head], shelves: &mut [Shelf]) -> Result<usize, PublishError> {
        let cleared = stream::iter(heads.iter().zip(shelves))
            .map(async |(head, shelf)| {
                let (before, now) = (shelf.size, head.size);
                let known = &shelf.leftovers;
                let (next, removed) =
                    leftovers::clear(&self.destination, &head.log, known, before, now).await?;
                shelf.leftovers = Leftovers::Beside(next);
                (shelf.size, shelf.root) = (head.size, head.root);
                Ok(removed)
            })
            .buffer_unordered(LOGS);
        cleared.try_fold(0, async |sum, removed| Ok(sum + removed)).await
    }
}
