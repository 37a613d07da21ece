//! Columns of the RocksDB store, and the options that fit how each is used.
//!
//! Not here: what the keys and values look like (`keys.rs`, `records.rs`).

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, DBRecoveryMode, LogLevel,
    Options,
};

const MIB: usize = 1 << 20;

/// Memory for blocks that were read, shared by all columns.
const BLOCK_CACHE_BYTES: usize = 64 * MIB;

/// Log of writes kept before the column that holds back its oldest part is flushed. Opening after
/// a crash reads this much again: about two seconds.
const WRITE_AHEAD_BYTES_MAX: u64 = 512 << 20;

/// Bytes after which written files are handed to the disk, so that the flush of a memtable does
/// not stand as one block before the next fsync.
const WRITEBACK_BYTES: u64 = 1 << 20;

/// Runs of at least this size lie in blob files, which are written once and never compacted; their
/// keys alone are. Smaller ones, of a server with little to do, are cheaper among the keys.
const BLOB_BYTES_MIN: u64 = 1 << 10;

/// Memory for unique records that are not in a file yet. Their keys come in no order, so each costs
/// a search through all the others in memory, and the search is twice as fast while they fit the
/// cache of a core.
const UNIQUE_BYTES: usize = 4 * MIB;

/// Files of unique records before they are merged: 32 of 4 MiB are merged as seldom as 4 of 32 MiB.
/// A look-up asks the bloom filter of each.
const UNIQUE_FILES: i32 = 32;

/// Files of unique records, as multiples of those before a merge, at which writers are slowed down
/// and held up.
const UNIQUE_FILES_SLOW: i32 = 2 * UNIQUE_FILES;
const UNIQUE_FILES_STOP: i32 = 3 * UNIQUE_FILES;

/// Files held open at once; the rest of a usual limit of 1,024 is left to connections.
const OPEN_FILES_MAX: i32 = 512;

/// A column family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Runs of entries: appended in ascending order in each log, never overwritten.
    Entries,
    /// Tiles: the last of each level is overwritten while it grows.
    Tiles,
    /// One small record per log, overwritten by every append.
    Heads,
    /// Records under random keys, looked up mostly in vain: hence the bloom filter.
    Unique,
    /// Small records of all kinds.
    Meta,
}

impl Column {
    pub(super) const ALL: [Self; 5] =
        [Self::Entries, Self::Tiles, Self::Heads, Self::Unique, Self::Meta];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Tiles => "tiles",
            Self::Heads => "heads",
            Self::Unique => "unique",
            Self::Meta => "meta",
        }
    }

    fn options(self, cache: &Cache) -> Options {
        let mut options = Options::default();
        // Hashes, signatures and ciphertexts do not compress.
        options.set_compression_type(DBCompressionType::None);
        let mut blocks = BlockBasedOptions::default();
        blocks.set_block_cache(cache);
        blocks.set_format_version(5);
        match self {
            Self::Entries => {
                options.set_write_buffer_size(64 * MIB);
                options.set_enable_blob_files(true);
                options.set_min_blob_size(BLOB_BYTES_MIN);
                options.set_blob_compression_type(DBCompressionType::None);
            }
            Self::Tiles => {
                options.set_write_buffer_size(32 * MIB);
                // A tile is looked up by its exact key and is there: a filter would tell nothing. A
                // full tile fills a block, so that nothing else is read with it.
                blocks.set_block_size(8 << 10);
            }
            Self::Unique => {
                options.set_write_buffer_size(UNIQUE_BYTES);
                options.set_level_zero_file_num_compaction_trigger(UNIQUE_FILES);
                options.set_level_zero_slowdown_writes_trigger(UNIQUE_FILES_SLOW);
                options.set_level_zero_stop_writes_trigger(UNIQUE_FILES_STOP);
                blocks.set_bloom_filter(10.0, false);
                blocks.set_cache_index_and_filter_blocks(true);
                blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
            }
            Self::Heads | Self::Meta => options.set_write_buffer_size(8 * MIB),
        }
        options.set_block_based_table_factory(&blocks);
        options
    }
}

/// All columns with their options, for opening.
pub(super) fn descriptors() -> Vec<ColumnFamilyDescriptor> {
    let cache = Cache::new_lru_cache(BLOCK_CACHE_BYTES);
    Column::ALL
        .iter()
        .map(|column| ColumnFamilyDescriptor::new(column.name(), column.options(&cache)))
        .collect()
}

/// Options of the database as a whole.
pub(super) fn database_options() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_paranoid_checks(true);
    // A crash here means: the last write may be cut short, and it was never acknowledged. Damage
    // anywhere else means that acknowledged entries are gone, and then the store does not open.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_max_total_wal_size(WRITE_AHEAD_BYTES_MAX);
    options.set_bytes_per_sync(WRITEBACK_BYTES);
    options.set_max_background_jobs(2);
    options.set_max_open_files(OPEN_FILES_MAX);
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(4);
    options.set_stats_dump_period_sec(0);
    options
}
