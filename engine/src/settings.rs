//! What an operator may tune, each with the value that production uses and the reason for it.
//!
//! Not here: limits of the law, which nobody tunes.

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use veche_protocol::name::LogPath;

use crate::city::PublishedHead;
use crate::publication::Publication;

/// Entries that come in numbers, verified in one batch at most: the cost for each falls up to about
/// 2,000, which one core verifies in 36 ms; larger batches only add latency.
pub const VERIFY_BATCH: usize = 2_048;

/// Entries of one commit at most: 4,096 share one fsync of some 5 ms, 1 us each, a twentieth of
/// what verifying a ballot costs; it is an eighth of [`crate::store::BATCH_ENTRIES_MAX`].
pub const GROUP: usize = 4_096;

/// Ballots, requests and answers waiting to be verified at most: a third of a second of two cores.
/// Whoever comes after that is told at once to try again.
pub const BALLOT_QUEUE: usize = 32_768;

/// Bytes of ballots that wait, from the check of the signer to the answer, at most: 512 for each of
/// [`BALLOT_QUEUE`], three times what a ballot of one choice takes. Anyone can send 65,535 bytes in
/// the name of a voter, and a choice is one of them on the wire and eight in memory: what waits
/// takes at most 9 * 16 = 144 MiB and the queue itself. A ballot of an anonymous poll waits for its
/// interval and takes some 1,400 with three issuers of 3072 bits: 12,000 of them in an interval.
pub const BALLOT_BYTES: usize = 16 << 20;

/// Batches of verified ballots waiting for the writer at most. Two fill a group; past that the
/// verifying threads wait.
pub(crate) const VERIFIED_QUEUE: usize = 4;

/// Entries of staff waiting at most: four rolls of 65,536 voters at 256 an entry.
pub const ACT_QUEUE: usize = 1_024;

/// Threads that check entries of staff, beside those that verify ballots: so that re-reading a
/// roll for one poll's Open does not hold up another's Close.
pub const DESKS: usize = 2;

/// Between two anchors of logs that move: short enough that an observer of the register sees a
/// running poll grow, long enough that a year of them stays below 3.2 million entries.
pub const ANCHOR_INTERVAL: Duration = Duration::from_secs(10);

/// Between two attempts to read the state back after a failure of the store.
pub const RELOAD_PAUSE: Duration = Duration::from_secs(1);

/// Drafts waiting for further signatures at most: 64 MiB if each is as long as an entry can be.
pub const DRAFTS: usize = 1_000;

/// Age at which a draft is dropped, in seconds: two weeks.
pub const DRAFT_AGE: u64 = 14 * 24 * 60 * 60;

/// Is told every head that the engine signs, before it is published. It runs on the writer's
/// thread, so it must not wait.
pub type HeadObserver = Arc<dyn Fn(&LogPath, &PublishedHead) + Send + Sync>;

/// Settings of an [`crate::Engine`].
#[derive(Clone)]
pub struct Settings {
    /// Threads that verify what comes in numbers, and open sealed ballots; at least 1.
    pub verifiers: usize,
    /// Threads that check single acts; at least 1.
    pub desks: usize,
    /// Entries verified in one batch at most.
    pub verify_batch: usize,
    /// Entries of one commit at most.
    pub group: usize,
    /// Entries waiting to be verified at most.
    pub ballot_queue: usize,
    /// Bytes of such entries that wait at most.
    pub ballot_bytes: usize,
    /// Entries of staff waiting at most.
    pub act_queue: usize,
    /// Time between two anchors of logs that move.
    pub anchor_interval: Duration,
    /// Time between two attempts to reload after a failure of the store.
    pub reload_pause: Duration,
    /// Drafts waiting for further signatures at most.
    pub drafts: usize,
    /// Age at which a draft is dropped, in seconds.
    pub draft_age: u64,
    /// When signed heads become public.
    pub publication: Publication,
    /// Is told every head that is signed.
    pub on_head: Option<HeadObserver>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            verifiers: std::thread::available_parallelism().map_or(1, usize::from),
            desks: DESKS,
            verify_batch: VERIFY_BATCH,
            group: GROUP,
            ballot_queue: BALLOT_QUEUE,
            ballot_bytes: BALLOT_BYTES,
            act_queue: ACT_QUEUE,
            anchor_interval: ANCHOR_INTERVAL,
            reload_pause: RELOAD_PAUSE,
            drafts: DRAFTS,
            draft_age: DRAFT_AGE,
            publication: Publication::AtOnce,
            on_head: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("verifiers", &self.verifiers)
            .field("desks", &self.desks)
            .field("verify_batch", &self.verify_batch)
            .field("group", &self.group)
            .field("anchor_interval", &self.anchor_interval)
            .finish_non_exhaustive()
    }
}
