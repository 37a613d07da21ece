//! Passes entries on to the city, and keeps those that it does not answer.
//!
//! ```text
//! relay/<leaf hash>/entry        the signed submission, on the disk before it is passed on
//! relay/<leaf hash>/kept.json    for which log, since when, how often tried, what came of it
//! relay/<leaf hash>/receipt      the city's receipt, checked, if it came later
//! relay/<leaf hash>/refusal      or its refusal
//! ```
//!
//! An answer that comes at once leaves nothing behind. Not here: whether an entry counts.

mod city;
mod kept;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use veche_protocol::hash::Hash;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;

use super::Known;
use super::submission::Submission;
use crate::follow::now;
use crate::replica::files::{DiskError, Files};
use city::{Answered, City};
use kept::Kept;

/// Entries that are kept, answered or not, and their bytes: 64 MB at most, a day of a city of
/// 10,000 who vote.
const MAX_KEPT: usize = 10_000;
const MAX_KEPT_BYTES: usize = 64 * 1024 * 1024;
/// Clients that wait for the city at a time; others are told at once that their entry is kept. A
/// quarter of the handlers, so that a city that hangs does not take the files away from readers.
const MAX_WAITING_CLIENTS: usize = 16;
/// Pauses between two attempts for one entry: they double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// Between two looks for what is due.
const LOOK: Duration = Duration::from_millis(250);
/// Attempts after one look: a city that comes back is not run over.
const MAX_ATTEMPTS: usize = 16;

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relayed {
    /// The city's receipt, which was checked for these very bytes.
    Receipt(Receipt),
    /// What else the city has answered.
    Answer {
        /// Its status.
        status: u16,
        /// Its media type.
        kind: String,
        /// Its body.
        body: Vec<u8>,
    },
    /// The city has not answered; the entry is kept.
    Kept {
        /// Since when, in seconds since 1970.
        since: u64,
    },
    /// There is no room to keep it.
    Full,
}

/// An entry that waits for the city.
#[derive(Clone, Debug)]
struct Waiting {
    log: LogPath,
    since: u64,
    attempts: u32,
    due: Instant,
    pause: Duration,
}

/// The way in.
#[derive(Debug)]
pub struct Relay {
    files: Arc<Files>,
    city: City,
    waiting: Mutex<BTreeMap<Hash, Waiting>>,
    /// Entries in the folder, and their bytes.
    kept: AtomicUsize,
    kept_bytes: AtomicUsize,
    clients: AtomicUsize,
}

impl Relay {
    /// Takes up what was kept, for the city at an address.
    pub(super) fn open(
        files: Arc<Files>,
        city: &str,
        known: Arc<RwLock<Option<Known>>>,
    ) -> Result<Arc<Self>, DiskError> {
        let mut waiting = BTreeMap::new();
        let (mut count, mut bytes) = (0, 0);
        for (leaf, kept, length) in kept::all(&files)? {
            count += 1;
            bytes += length;
            if !kept.is_answered {
                let Kept { log, since, attempts, .. } = kept;
                let Some(log) = LogPath::parse(&log) else { continue };
                let due = Instant::now();
                let entry = Waiting { log, since, attempts, due, pause: FIRST_PAUSE };
                waiting.insert(leaf, entry);
            }
        }
        Ok(Arc::new(Self {
            files,
            city: City::new(city, known),
            waiting: Mutex::new(waiting),
            kept: AtomicUsize::new(count),
            kept_bytes: AtomicUsize::new(bytes),
            clients: AtomicUsize::new(0),
        }))
    }

    /// How many entries wait for the city.
    pub fn waiting(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Hash, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an entry, and hands it in.
    pub(super) fn submit(&self, submission: &Submission) -> Result<Relayed, DiskError> {
        if let Some(receipt) = kept::receipt(&self.files, &submission.leaf)? {
            return Ok(Relayed::Receipt(receipt));
        }
        let Some(since) = self.keep(submission)? else { return Ok(Relayed::Full) };
        let place = self.clients.fetch_add(1, Ordering::AcqRel);
        let answered = if place < MAX_WAITING_CLIENTS {
            self.city.hand_in(submission)
        } else {
            Answered::Nothing("others are waiting".to_owned())
        };
        self.clients.fetch_sub(1, Ordering::AcqRel);
        match answered {
            Answered::Receipt(receipt) => {
                self.settle(&submission.leaf, ("receipt", receipt.to_string().as_bytes()))?;
                Ok(Relayed::Receipt(receipt))
            }
            Answered::Refusal { status, kind, body } => {
                // Who is refused knows why, and by whom; there is nothing to try again.
                self.settle(&submission.leaf, ("refusal", &body))?;
                Ok(Relayed::Answer { status, kind, body })
            }
            Answered::Nothing(reason) => {
                self.put_off(&submission.leaf, &reason)?;
                Ok(Relayed::Kept { since })
            }
        }
    }

    /// Puts an entry on the disk; since when it is there, or nothing if there is no room.
    fn keep(&self, submission: &Submission) -> Result<Option<u64>, DiskError> {
        let mut waiting = self.lock();
        if let Some(known) = waiting.get(&submission.leaf) {
            return Ok(Some(known.since));
        }
        let length = submission.entry.len();
        if !self.has_room(length) {
            // What was answered makes room for what was not.
            let (count, bytes) = kept::prune(&self.files)?;
            self.kept.fetch_sub(count, Ordering::AcqRel);
            self.kept_bytes.fetch_sub(bytes, Ordering::AcqRel);
            if !self.has_room(length) {
                return Ok(None);
            }
        }
        let since = now();
        // MONITOR-11: on the disk before anyone else hears of it. A crash from here on passes it on
        // at the next start.
        kept::write(&self.files, submission, since)?;
        self.kept.fetch_add(1, Ordering::AcqRel);
        self.kept_bytes.fetch_add(length, Ordering::AcqRel);
        let (log, due) = (submission.log.clone(), Instant::now() + FIRST_PAUSE);
        let entry = Waiting { log, since, attempts: 0, due, pause: FIRST_PAUSE };
        waiting.insert(submission.leaf, entry);
        Ok(Some(since))
    }

    fn has_room(&self, length: usize) -> bool {
        self.kept.load(Ordering::Acquire) < MAX_KEPT
            && self.kept_bytes.load(Ordering::Acquire) + length <= MAX_KEPT_BYTES
    }

    /// An entry was answered, by a file of this name and content. If that was at once, nothing is
    /// left to keep.
    fn settle(&self, leaf: &Hash, answer: (&str, &[u8])) -> Result<(), DiskError> {
        let Some(entry) = self.lock().remove(leaf) else { return Ok(()) };
        if entry.attempts == 0 {
            let length = kept::remove(&self.files, leaf)?;
            self.kept.fetch_sub(1, Ordering::AcqRel);
            self.kept_bytes.fetch_sub(length, Ordering::AcqRel);
            return Ok(());
        }
        let kept = Kept {
            log: entry.log.to_string(),
            since: entry.since,
            attempts: entry.attempts + 1,
            last: now(),
            outcome: answer.0.to_owned(),
            is_answered: true,
        };
        kept::settle(&self.files, leaf, &kept, answer)
    }

    /// An entry was not answered: it is tried again later.
    fn put_off(&self, leaf: &Hash, reason: &str) -> Result<(), DiskError> {
        let mut waiting = self.lock();
        let Some(entry) = waiting.get_mut(leaf) else { return Ok(()) };
        entry.attempts += 1;
        entry.due = Instant::now() + entry.pause;
        entry.pause = (entry.pause * 2).min(LONGEST_PAUSE);
        let kept = Kept {
            log: entry.log.to_string(),
            since: entry.since,
            attempts: entry.attempts,
            last: now(),
            outcome: reason.to_owned(),
            is_answered: false,
        };
        // MONITOR-11: what the city ignored stays as evidence, with times.
        kept::note(&self.files, leaf, &kept)
    }

    /// Goes on handing in what waits, for ever.
    pub fn run(&self) {
        loop {
            let due: Vec<_> = {
                let now = Instant::now();
                let waiting = self.lock();
                let due = waiting.iter().filter(|(_, entry)| entry.due <= now);
                due.map(|(leaf, entry)| (*leaf, entry.log.clone())).take(MAX_ATTEMPTS).collect()
            };
            for (leaf, log) in due {
                if let Err(error) = self.try_again(&leaf, log) {
                    // A disk that fails now may be well later; the entry is still there.
                    eprintln!("{error}");
                }
            }
            sleep(LOOK);
        }
    }

    fn try_again(&self, leaf: &Hash, log: LogPath) -> Result<(), DiskError> {
        let Some(entry) = kept::entry(&self.files, leaf)? else {
            self.lock().remove(leaf);
            return Ok(());
        };
        let submission = Submission::kept(log, entry);
        match self.city.hand_in(&submission) {
            Answered::Nothing(reason) => self.put_off(leaf, &reason),
            Answered::Receipt(receipt) => {
                self.settle(leaf, ("receipt", receipt.to_string().as_bytes()))
            }
            Answered::Refusal { body, .. } => self.settle(leaf, ("refusal", &body)),
        }
    }
}
