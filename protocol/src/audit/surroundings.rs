//! What every step of one recount has at hand.
//!
//! Not here: anything that a step finds out.

use std::sync::Arc;

use super::exhibits::Exhibits;
use crate::name::LogPath;

/// The source, the hands, the poll in question, and what the observer brought along.
pub(super) struct Surroundings<'a, S, C> {
    pub(super) source: &'a S,
    pub(super) crew: &'a C,
    pub(super) poll: Arc<LogPath>,
    pub(super) exhibits: Exhibits,
    /// Told after each piece: the log, entries read, entries in all.
    pub(super) progress: &'a dyn Fn(&LogPath, u64, u64),
}
