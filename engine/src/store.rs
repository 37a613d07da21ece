//! The store: where the logs lie, behind one trait whose contract is written out here.
//!
//! Not here: what an entry means, who may append it, or when a head is signed. The store knows
//! bytes, positions, hash tiles and heads; the tree itself grows in [`crate::tree`].
//!
//! # The contract
//!
//! * **Atomic and durable.** [`Store::commit`] makes a whole [`Batch`] visible or nothing of it,
//!   and returns `Ok` only when the batch survives a loss of power. A batch may touch several logs.
//! * **Append only at the expected size.** An [`Append`] names the size it extends. If the log has
//!   another size the whole batch is refused ([`StoreError::Conflict`]) and nothing is written. So
//!   whatever was read at that size (also the absence of a unique record) still holds when the
//!   batch lands. One process with one writer needs no more; nor would several writers over a
//!   distributed database that keeps the same contract.
//! * **Never rewritten.** Entries stay. A tile only grows, and its stored form is a prefix of its
//!   later form, so one value serves every width; no partial tiles pile up. A tile is never longer
//!   than the head allows.
//! * **A failed look-up is never "absent".** Reads return `Err` when the medium fails and `Corrupt`
//!   when it contradicts itself. `Ok(None)` says that the record is not there.
//! * **After a failed commit nothing is assumed.** From the first error that leaves the outcome of
//!   a commit unknown ([`Remedy::Reload`]), every commit is refused with [`StoreError::Stopped`]
//!   until [`Store::reopen`] has read the state back from the medium. The batch may then turn out
//!   to be there or not. Reads go on meanwhile, and show the state before that batch.
//! * **Room to spare.** Below a floor of free space, commits are refused before they begin
//!   ([`StoreError::DiskFull`]); reads go on.

mod batch;
mod bundle;
mod error;
pub mod memory;
pub mod rocks;
pub(crate) mod tiling;

use core::fmt;
use std::ops::ControlFlow;

use veche_protocol::hash::{Hash, empty_root};

pub use batch::{Append, Batch, MetaWrite, TileWrite, UniqueWrite};
pub use bundle::BundleEntries;
pub use error::{Remedy, StoreError};
pub use tiling::{TILE_SPAN, changed_tiles, tile_width};

/// Longest entry: its length must fit the 16 bits of a C2SP entry bundle.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// Most entries of one batch, over all its logs: 32,768 x 65,535 bytes stay below the 4 GiB that a
/// storage engine with 32-bit batch lengths can take, and it is 8 times the sequencer's group.
pub const BATCH_ENTRIES_MAX: usize = 32_768;

/// Longest key of a unique or meta record: a 255-byte origin fits, with a prefix before it.
pub const KEY_BYTES_MAX: usize = 512;

/// Longest origin of a log, in bytes of UTF-8.
pub const ORIGIN_BYTES_MAX: usize = 255;

/// The small number by which one store knows a log. It is given at [`Store::create_log`], kept for
/// ever, and means nothing outside this store: everything public uses the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId(pub u32);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log {}", self.0)
    }
}

/// The state of a log after its last durable append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them (RFC 6962, section 2.1).
    pub root: Hash,
    /// Roots of the perfect subtrees that `size` splits into, the largest first: one for each bit
    /// that is set in `size`.
    pub frontier: Vec<Hash>,
}

impl Head {
    /// The head of a log without entries.
    pub fn empty() -> Self {
        Self { size: 0, root: empty_root(), frontier: Vec::new() }
    }
}

/// What a scan calls for each record (key without prefixes of the store, value); `Break` ends it.
/// It must not call the store.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Where the logs lie. The contract stands in the [module's head](self).
pub trait Store: Send + Sync {
    /// The id of the log with this origin, making an empty log if there is none; durable on
    /// return. Asking again returns the same id.
    fn create_log(&self, origin: &str) -> Result<LogId, StoreError>;

    /// All logs, by ascending id.
    fn logs(&self) -> Result<Vec<(LogId, String)>, StoreError>;

    /// Writes the batch: all of it or nothing, durable on return. See the contract for what holds
    /// after an error.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;

    /// The head of a log; of an empty log it is [`Head::empty`].
    fn head(&self, log: LogId) -> Result<Head, StoreError>;

    /// The bytes of one entry. At or past the size it is [`StoreError::OutOfRange`].
    fn entry(&self, log: LogId, index: u64) -> Result<Vec<u8>, StoreError>;

    /// The first `width` entries (1 to 256) of the bundle that begins at entry `256 * bundle`, in
    /// the form of C2SP tlog-tiles: big-endian u16 length, entry bytes, repeated.
    fn bundle(&self, log: LogId, bundle: u64, width: u16) -> Result<Vec<u8>, StoreError>;

    /// The first `width` hashes (1 to 256) of a tile. A width that the head does not allow yet is
    /// [`StoreError::OutOfRange`].
    fn tile(&self, log: LogId, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, StoreError>;

    /// A unique record of a log: its value as last written.
    fn unique(&self, log: LogId, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits, by ascending key, the unique records of a log whose key begins with `prefix`.
    /// `Ok` says that nothing was left out, unless the visitor broke off.
    fn scan_unique(
        &self,
        log: LogId,
        prefix: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError>;

    /// A meta record: its value as last written.
    fn meta(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits, by ascending key, the meta records whose key begins with `prefix`.
    fn scan_meta(&self, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError>;

    /// Forgets everything in memory and reads the state back from the medium. Only after an `Ok`
    /// may the writer go on, and only from what the store then says.
    fn reopen(&self) -> Result<(), StoreError>;
}
