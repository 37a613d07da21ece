//! A batch: what one commit writes, and the checks that every store makes before it writes.
//!
//! Not here: how the tiles and the head come about ([`crate::tree`]).

use std::collections::HashSet;

use veche_protocol::hash::Hash;

use super::{
    BATCH_ENTRIES_MAX, ENTRY_BYTES_MAX, Head, KEY_BYTES_MAX, LogId, StoreError, changed_tiles,
};

/// What one commit writes. An empty batch is allowed and writes nothing.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// At most one append for each log.
    pub appends: Vec<Append>,
    /// Meta records, in the order of writing.
    pub meta: Vec<MetaWrite>,
}

/// The growth of one log. Without entries it only guards its unique records by the size.
#[derive(Clone, Debug)]
pub struct Append {
    /// The log that grows.
    pub log: LogId,
    /// The size it must have before; else the batch is refused.
    pub expected: u64,
    /// The new entries, from index `expected` on.
    pub entries: Vec<Vec<u8>>,
    /// Every tile that changes, in the order of [`changed_tiles`], whole as it then stands.
    pub tiles: Vec<TileWrite>,
    /// The head afterwards.
    pub head: Head,
    /// Unique records, in the order of writing; a later value replaces an earlier one.
    pub unique: Vec<UniqueWrite>,
}

/// A tile as it stands after an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileWrite {
    /// Tile level: its hashes are nodes at level `8 * level` of the tree.
    pub level: u8,
    /// Which tile of its level.
    pub index: u64,
    /// Its hashes so far, 1 to 256.
    pub hashes: Vec<Hash>,
}

/// A record that must be unique in its log by decision of the caller, who read at `expected`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueWrite {
    /// Key within the log, 1 to [`KEY_BYTES_MAX`] bytes; the caller keeps kinds apart by a prefix.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
}

/// A small record beside the logs: a draft, the last signed checkpoint of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaWrite {
    /// Key, 1 to [`KEY_BYTES_MAX`] bytes; the caller keeps kinds apart by a prefix.
    pub key: Vec<u8>,
    /// The value; `None` removes the record.
    pub value: Option<Vec<u8>>,
}

impl Batch {
    /// Whether the batch would write nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.appends.is_empty() && self.meta.is_empty()
    }

    /// Checks everything that does not depend on the state of the store.
    ///
    /// The tree makes well-formed batches by construction. A store checks them all the same: what
    /// it takes once it serves for ever.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let entries: usize = self.appends.iter().map(|append| append.entries.len()).sum();
        if entries > BATCH_ENTRIES_MAX {
            return Err(StoreError::Malformed("too many entries"));
        }
        let mut logs = HashSet::with_capacity(self.appends.len());
        for append in &self.appends {
            if !logs.insert(append.log) {
                return Err(StoreError::Malformed("two appends to one log"));
            }
            append.check()?;
        }
        self.meta.iter().try_for_each(|write| check_key(&write.key))
    }
}

impl Append {
    fn check(&self) -> Result<(), StoreError> {
        if self.entries.iter().any(|entry| entry.len() > ENTRY_BYTES_MAX) {
            return Err(StoreError::Malformed("entry too long"));
        }
        if self.expected.checked_add(self.entries.len() as u64) != Some(self.head.size) {
            return Err(StoreError::Malformed("head size is not that of the entries"));
        }
        if self.head.frontier.len() != self.head.size.count_ones() as usize {
            return Err(StoreError::Malformed("frontier does not fit the head size"));
        }
        let mut tiles = self.tiles.iter();
        for (level, index, width) in changed_tiles(self.expected, self.head.size) {
            let fits = tiles.next().is_some_and(|tile| {
                (tile.level, tile.index, tile.hashes.len()) == (level, index, usize::from(width))
            });
            if !fits {
                return Err(StoreError::Malformed("tiles do not fit the head size"));
            }
        }
        if tiles.next().is_some() {
            return Err(StoreError::Malformed("tile that does not change"));
        }
        self.unique.iter().try_for_each(|write| check_key(&write.key))
    }
}

fn check_key(key: &[u8]) -> Result<(), StoreError> {
    if (1..=KEY_BYTES_MAX).contains(&key.len()) {
        Ok(())
    } else {
        Err(StoreError::Malformed("key empty or too long"))
    }
}
