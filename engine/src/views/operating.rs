//! What an operator watches.

use crate::engine::Engine;
use crate::metrics::Metrics;
use crate::shared::Status;

/// How the engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether submissions are taken.
    pub status: Status,
    /// The last failure of the store, whether it is over or not.
    pub last_error: Option<String>,
    /// Ballots waiting to be verified.
    pub ballot_queue: usize,
    /// Entries of staff waiting.
    pub act_queue: usize,
    /// Drafts waiting for further signatures.
    pub drafts: usize,
}

impl Engine {
    /// How the engine is.
    pub fn health(&self) -> Health {
        let (ballot_queue, act_queue) = self.queue_lengths();
        Health {
            status: self.shared().status(),
            last_error: self.shared().last_error(),
            ballot_queue,
            act_queue,
            drafts: self.drafts().len(),
        }
    }

    /// What the engine has counted since it was opened.
    pub fn metrics(&self) -> &Metrics {
        &self.shared().metrics
    }
}
