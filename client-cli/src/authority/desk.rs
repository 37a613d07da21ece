//! Where entries are handed in.
//!
//! Not here: which entries.

use std::sync::Mutex;
use std::thread;

use veche_protocol::entry::SignedEntry;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;

use crate::api::Api;
use crate::error::ClientError;

/// Entries that wait for their receipts at one time: enough that a server's fsync is shared by
/// several, few enough that none of them waits long behind the others.
const IN_FLIGHT: usize = 8;

/// Takes entries in, and gives receipts for them. The same bytes may be handed in again.
pub trait Desk {
    /// Hands in one entry.
    fn submit(&self, log: &LogPath, entry: &[u8]) -> Result<Receipt, ClientError>;

    /// Hands in several that do not depend on each other; the answers stand in their order.
    fn submit_all(
        &self,
        log: &LogPath,
        entries: &[SignedEntry],
    ) -> Vec<Result<Receipt, ClientError>> {
        entries.iter().map(|entry| self.submit(log, entry.bytes())).collect()
    }
}

impl Desk for Api {
    fn submit(&self, log: &LogPath, entry: &[u8]) -> Result<Receipt, ClientError> {
        self.submit_once(log, entry)
    }

    fn submit_all(
        &self,
        log: &LogPath,
        entries: &[SignedEntry],
    ) -> Vec<Result<Receipt, ClientError>> {
        let waiting = Mutex::new(entries.iter().enumerate());
        let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
        let hand_in = || {
            let mut answers = Vec::new();
            while let Some((place, entry)) = next() {
                answers.push((place, self.submit_once(log, entry.bytes())));
            }
            answers
        };
        let mut answers: Vec<_> = thread::scope(|scope| {
            let hands = IN_FLIGHT.min(entries.len());
            let hands: Vec<_> = (0..hands).map(|_| scope.spawn(hand_in)).collect();
            let join = |hand: thread::ScopedJoinHandle<'_, _>| {
                hand.join().expect("handing in does not panic")
            };
            hands.into_iter().flat_map(join).collect()
        });
        answers.sort_unstable_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}
