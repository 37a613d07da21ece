//! Step A1: every entry of a log decodes, and hashes, from its bytes, to the head; the tiles agree.
//!
//! One walk over the bundles does it, and hands each entry to the judge of its log on the way. The
//! costly part of each entry (decoding, signatures) is examined side by side, in pieces; judging is
//! in the order of the log. Not here: what the judges decide (the steps from A3 on).

use core::ops::ControlFlow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use rand::CryptoRng;

use super::finding::{Findings, Step};
use super::source::{Crew, Fetched, Source, fetch_exact};
use super::tree::Tree;
use crate::breach::Breach;
use crate::entry::SignedEntry;
use crate::hash::{HASH_LENGTH, Hash, leaf_hash};
use crate::log::tile::{
    EntriesPath, MAX_LEVEL, Resource, TILE_WIDTH, TilePath, split_bundle, split_tile, width_at,
};
use crate::name::{LogPath, LogType};

const WIDTH: u64 = TILE_WIDTH as u64;
/// Entries examined as one piece: batches of signatures of this size cost the least for each.
const PIECE_ENTRIES: usize = 2_048;
/// Bytes after which a piece is cut: 2,048 ballots of a simple poll are 400 kB.
const PIECE_BYTES: usize = 512 * 1024;
/// Bytes asked of the source at a time, by what the bundles before have weighed.
const FETCH_BYTES: usize = 4 * 1024 * 1024;
/// Bundles asked of the source at a time.
const FETCH_BUNDLES: usize = 64;

/// An entry as it was examined: its leaf hash, and what became of its bytes.
#[derive(Debug)]
pub(super) struct Examined<T> {
    pub(super) leaf: Hash,
    pub(super) read: Result<T, Breach>,
}

/// Decodes an entry, keeping the leaf hash of one that does not decode.
pub(super) fn decode(log_type: LogType, bytes: &[u8]) -> Examined<SignedEntry> {
    match SignedEntry::decode(log_type, bytes.to_vec()) {
        Ok(entry) => Examined { leaf: entry.leaf(), read: Ok(entry) },
        Err(breach) => Examined { leaf: leaf_hash(bytes), read: Err(breach) },
    }
}

/// Who judges the entries of one log, in their order.
pub(super) trait Judge<S: Source> {
    /// What examining needs to know of the log.
    type Lens: Sync;
    /// An entry that decodes, examined.
    type Entry: Send;

    /// What is known of the log by now.
    fn lens(&self) -> Self::Lens;

    /// How many entries to examine before asking again, as long as the log has not said all that
    /// the lens needs.
    fn unsettled(&self) -> Option<usize>;

    /// Decodes and examines entries that follow each other from the index `first` on.
    fn examine(
        lens: &Self::Lens,
        first: u64,
        entries: Vec<Vec<u8>>,
        rng: &mut dyn CryptoRng,
    ) -> Vec<Examined<Self::Entry>>;

    /// Judges the next entry; `log` holds those before it. A code is that by which it did not
    /// decode, and has been noted.
    fn judge(
        &mut self,
        log: &LogRead<'_, S>,
        leaf: Hash,
        entry: Result<Self::Entry, Breach>,
    ) -> Result<(), S::Error>;
}

/// One log, as far as it has been read.
#[derive(Debug)]
pub(super) struct LogRead<'a, S> {
    source: &'a S,
    pub(super) path: Arc<LogPath>,
    /// Entries that the head speaks of.
    pub(super) size: u64,
    /// The root in the head.
    pub(super) root: Hash,
    pub(super) tree: Tree,
    /// Leaf hash of entry 0.
    pub(super) first: Option<Hash>,
    /// Why reading ended before the head.
    gap: Option<Breach>,
    /// What is wrong with the tiles of leaf hashes.
    tile_breaches: BTreeSet<Breach>,
    decoding: Findings,
}

impl<'a, S: Source> LogRead<'a, S> {
    /// A log of which nothing has been read. Roots at the sizes in `wanted` will be kept.
    pub(super) fn new(source: &'a S, path: Arc<LogPath>, wanted: BTreeSet<u64>) -> Self {
        Self {
            source,
            path,
            size: 0,
            root: crate::hash::empty_root(),
            tree: Tree::new(wanted),
            first: None,
            gap: None,
            tile_breaches: BTreeSet::new(),
            decoding: Findings::default(),
        }
    }

    /// The root at a size, of what was read.
    pub(super) fn root_at(&self, size: u64) -> Result<Option<Hash>, S::Error> {
        self.tree.root_at(size, |index| {
            let entries = self.bundle(EntriesPath { index, width: TILE_WIDTH })?;
            Ok(entries.iter().map(|entry| leaf_hash(entry)).collect())
        })
    }

    /// The bytes of an entry that was read, fetched anew.
    pub(super) fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, S::Error> {
        let Some(width) = width_at(self.size, 0, index / WIDTH) else { return Ok(None) };
        let mut entries = self.bundle(EntriesPath { index: index / WIDTH, width })?;
        let place = usize::try_from(index % WIDTH).expect("below 256");
        Ok((place < entries.len()).then(|| entries.swap_remove(place)))
    }

    /// The entries of a bundle; none if it is not there or malformed.
    fn bundle(&self, path: EntriesPath) -> Result<Vec<Vec<u8>>, S::Error> {
        let fetched = fetch_exact(self.source, &self.path, &[Resource::Entries(path)])?;
        let bytes = fetched.into_iter().next().flatten().unwrap_or_default();
        let entries = split_bundle(&bytes, path.width).unwrap_or_default();
        Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
    }

    /// Says that the source has no head of this log, and so nothing of it.
    pub(super) const fn withhold(&mut self) {
        self.gap = Some(Breach::EntryMissing);
    }

    /// Reads the log to the head of this size and root.
    pub(super) fn read<C: Crew, J: Judge<S>>(
        &mut self,
        crew: &C,
        (size, root): (u64, Hash),
        judge: &mut J,
        progress: &dyn Fn(&LogPath, u64, u64),
    ) -> Result<(), S::Error> {
        (self.size, self.root) = (size, root);
        let mut feed = Feed::new(self.source, Arc::clone(&self.path), size);
        let mut tiles = BTreeMap::new();
        let mut outcome = Ok(());
        while let (Some(entries), Ok(())) = (judge.unsettled(), &outcome) {
            let Some(piece) = feed.piece(entries) else { break };
            outcome = self.read_unsettled(crew, piece, judge, &mut feed, &mut tiles);
        }
        if outcome.is_ok() {
            let lens = judge.lens();
            let produce = || feed.piece(PIECE_ENTRIES);
            let work = |piece: Piece, rng: &mut dyn CryptoRng| {
                let examined = J::examine(&lens, piece.first, piece.entries, rng);
                (piece.tiles, examined)
            };
            crew.pipeline(produce, work, |(piece_tiles, examined)| {
                tiles.extend(piece_tiles);
                for entry in examined {
                    outcome = self.take(entry, judge, &mut tiles);
                    if outcome.is_err() {
                        return ControlFlow::Break(());
                    }
                }
                progress(&self.path, self.tree.size(), size);
                ControlFlow::Continue(())
            });
        }
        outcome?;
        self.gap = feed.gap;
        feed.failure.map_or(Ok(()), Err)
    }

    /// Takes a piece whose entries may change how the rest of it must be examined.
    fn read_unsettled<C: Crew, J: Judge<S>>(
        &mut self,
        crew: &C,
        piece: Piece,
        judge: &mut J,
        feed: &mut Feed<'_, S>,
        tiles: &mut BTreeMap<u64, Fetched>,
    ) -> Result<(), S::Error> {
        tiles.extend(piece.tiles);
        let (first, entries) = (piece.first, piece.entries.clone());
        let mut once = Some(piece.entries);
        let lens = judge.lens();
        let mut examined = Vec::new();
        crew.pipeline(
            || once.take(),
            |entries, rng| J::examine(&lens, first, entries, rng),
            |result| {
                examined = result;
                ControlFlow::Continue(())
            },
        );
        for entry in examined {
            self.take(entry, judge, tiles)?;
            if judge.unsettled().is_none() {
                let taken = usize::try_from(self.tree.size() - first).expect("part of a piece");
                feed.put_back(self.tree.size(), entries.into_iter().skip(taken));
                break;
            }
        }
        Ok(())
    }

    fn take<J: Judge<S>>(
        &mut self,
        entry: Examined<J::Entry>,
        judge: &mut J,
        tiles: &mut BTreeMap<u64, Fetched>,
    ) -> Result<(), S::Error> {
        let index = self.tree.size();
        self.first = self.first.or(Some(entry.leaf));
        if let Err(breach) = &entry.read {
            // AUDIT-1: an entry that does not decode is a finding of this step.
            self.decoding.add(Step::Entries, *breach, &self.path, Some(index));
        }
        judge.judge(self, entry.leaf, entry.read)?;
        self.compare_leaf(index, &entry.leaf, tiles);
        self.tree.push(entry.leaf);
        Ok(())
    }

    /// Compares a leaf hash with the tile in which it must stand.
    fn compare_leaf(&mut self, index: u64, leaf: &Hash, tiles: &mut BTreeMap<u64, Fetched>) {
        let (tile, offset) = (index / WIDTH, usize::try_from(index % WIDTH).expect("below 256"));
        let width = width_at(self.size, 0, tile).expect("the entry is below the size");
        let bytes = tiles.get(&tile).and_then(Option::as_deref).unwrap_or_default();
        if bytes.len() == usize::from(width) * HASH_LENGTH {
            let start = offset * HASH_LENGTH;
            if bytes[start..start + HASH_LENGTH] != leaf.0 {
                self.tile_breaches.insert(Breach::TileMismatch);
            }
        } else {
            self.tile_breaches.insert(Breach::TileMalformed);
        }
        if offset + 1 == usize::from(width) {
            tiles.remove(&tile);
        }
    }

    /// Step A1 for a log that was read to its head.
    pub(super) fn finish(&mut self, findings: &mut Findings) -> Result<(), S::Error> {
        findings.append(core::mem::take(&mut self.decoding));
        if let Some(gap) = self.gap {
            // AUDIT-3: neither root nor tiles are compared where entries are missing.
            findings.add(Step::Entries, gap, &self.path, None);
            return Ok(());
        }
        if self.tree.root() != self.root {
            findings.add(Step::Entries, Breach::RootMismatch, &self.path, None);
        }
        self.compare_upper_tiles()?;
        for &breach in &self.tile_breaches {
            findings.add(Step::Entries, breach, &self.path, None);
        }
        Ok(())
    }

    fn compare_upper_tiles(&mut self) -> Result<(), S::Error> {
        for level in 1..=MAX_LEVEL {
            for index in 0.. {
                let Some(width) = width_at(self.size, level, index) else { break };
                let path = Resource::Tile(TilePath { level, index, width });
                let bytes = fetch_exact(self.source, &self.path, &[path])?.pop().flatten();
                // LOG-9: there, of its width, and holding what the entries give.
                let Ok(hashes) = split_tile(&bytes.unwrap_or_default(), width).map(<[_]>::to_vec)
                else {
                    self.tile_breaches.insert(Breach::TileMalformed);
                    continue;
                };
                let expected = self.tree.tile(level, index, width).unwrap_or_default();
                if !expected.iter().map(|hash| &hash.0).eq(&hashes) {
                    self.tile_breaches.insert(Breach::TileMismatch);
                }
            }
        }
        Ok(())
    }
}

/// Entries that follow each other, and the tiles whose first leaf is among them.
struct Piece {
    first: u64,
    entries: Vec<Vec<u8>>,
    tiles: Vec<(u64, Fetched)>,
}

/// Reads a log bundle by bundle and cuts it into pieces.
struct Feed<'a, S: Source> {
    source: &'a S,
    path: Arc<LogPath>,
    size: u64,
    /// Index of the first entry in `queue`, or, if that is empty, of the next one to be read.
    next: u64,
    queue: VecDeque<Vec<u8>>,
    tiles: VecDeque<(u64, Fetched)>,
    /// Bytes of the heaviest bundle so far.
    heaviest: usize,
    gap: Option<Breach>,
    failure: Option<S::Error>,
}

impl<'a, S: Source> Feed<'a, S> {
    fn new(source: &'a S, path: Arc<LogPath>, size: u64) -> Self {
        Self {
            source,
            path,
            size,
            next: 0,
            queue: VecDeque::new(),
            tiles: VecDeque::new(),
            heaviest: 0,
            gap: None,
            failure: None,
        }
    }

    /// The next entries, up to so many; `None` at the end, at a gap, and after a failure.
    fn piece(&mut self, at_most: usize) -> Option<Piece> {
        let mut piece = Piece { first: self.next, entries: Vec::new(), tiles: Vec::new() };
        let mut bytes = 0;
        while piece.entries.len() < at_most && bytes < PIECE_BYTES {
            if self.queue.is_empty() && !self.refill() {
                break;
            }
            let entry = self.queue.pop_front().expect("refilled");
            bytes += entry.len();
            if self.tiles.front().is_some_and(|(tile, _)| tile * WIDTH <= self.next) {
                piece.tiles.extend(self.tiles.pop_front());
            }
            self.next += 1;
            piece.entries.push(entry);
        }
        (!piece.entries.is_empty()).then_some(piece)
    }

    /// Puts entries back that were given out and not taken; `next` is the index of the first.
    fn put_back(&mut self, next: u64, entries: impl DoubleEndedIterator<Item = Vec<u8>>) {
        self.next = next;
        entries.rev().for_each(|entry| self.queue.push_front(entry));
    }

    /// Fetches more bundles with their tiles; whether there are more entries.
    fn refill(&mut self) -> bool {
        if self.gap.is_some() || self.failure.is_some() || self.next >= self.size {
            return false;
        }
        let files: Vec<Resource> = self.wanted().collect();
        match fetch_exact(self.source, &self.path, &files) {
            Ok(fetched) => {
                let mut fetched = fetched.into_iter();
                for path in files.chunks_exact(2) {
                    let (Some(bundle), Some(tile)) = (fetched.next(), fetched.next()) else {
                        break;
                    };
                    if let Resource::Entries(path) = path[0]
                        && !self.split(path, bundle, tile)
                    {
                        break;
                    }
                }
            }
            Err(failure) => self.failure = Some(failure),
        }
        !self.queue.is_empty()
    }

    /// The next bundles, each followed by its tile.
    fn wanted(&self) -> impl Iterator<Item = Resource> + use<S> {
        // The first request asks for little: nothing is known yet of what a bundle weighs.
        let count = FETCH_BYTES.checked_div(self.heaviest).unwrap_or(2).clamp(1, FETCH_BUNDLES);
        let (start, size) = (self.next / WIDTH, self.size);
        let indices = start..start.saturating_add(count as u64);
        indices.filter_map(move |index| Some((index, width_at(size, 0, index)?))).flat_map(
            |(index, width)| {
                let bundle = Resource::Entries(EntriesPath { index, width });
                [bundle, Resource::Tile(TilePath { level: 0, index, width })]
            },
        )
    }

    /// Takes in a bundle; whether it is in order.
    fn split(&mut self, path: EntriesPath, bundle: Fetched, tile: Fetched) -> bool {
        let Some(bundle) = bundle else {
            // LOG-10: a bundle that the source does not have.
            self.gap = Some(Breach::EntryMissing);
            return false;
        };
        self.heaviest = self.heaviest.max(bundle.len());
        let Ok(entries) = split_bundle(&bundle, path.width) else {
            self.gap = Some(Breach::TileMalformed);
            return false;
        };
        self.queue.extend(entries.into_iter().map(<[u8]>::to_vec));
        self.tiles.push_back((path.index, tile));
        true
    }
}
