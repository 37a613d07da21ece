//! What all threads of an engine share.
//!
//! Not here: what each of them does with it.

use std::hash::RandomState;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use veche_protocol::signature::SigningKey;

use crate::city::City;
use crate::clock::Clock;
use crate::drafts::Drafts;
use crate::error::Refusal;
use crate::lock::{lock, read, write};
use crate::metrics::Metrics;
use crate::publication::PublicHeads;
use crate::receipts::Reply;
use crate::room::Room;
use crate::settings::Settings;
use crate::store::Store;
use crate::tree::reader::TreeReader;

/// Whether submissions are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// They are.
    Ready,
    /// The store has failed, and the state is being read back from it.
    Reloading,
    /// Somebody holds a head that this city's key has signed and its log does not reach.
    SetBack,
    /// The engine is shut down.
    Stopped,
}

const READY: u8 = 0;
const RELOADING: u8 = 1;
const STOPPED: u8 = 2;

pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) reader: Arc<TreeReader>,
    pub(crate) key: SigningKey,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hasher: RandomState,
    pub(crate) metrics: Metrics,
    /// For ballots that wait.
    pub(crate) ballot_room: Arc<Room>,
    /// Replaced as a whole, by the writer.
    city: RwLock<Arc<City>>,
    /// Replaced as a whole, by the writer; not used where heads become public at once.
    public: RwLock<Arc<PublicHeads>>,
    /// Changed by the writer only.
    pub(crate) drafts: RwLock<Drafts>,
    status: AtomicU8,
    /// For good: only another start, on another disk, mends it.
    set_back: AtomicBool,
    last_error: Mutex<Option<String>>,
}

impl Shared {
    #[expect(clippy::too_many_arguments, reason = "each is handed in by the one caller, once")]
    pub(crate) fn new(
        store: Arc<dyn Store>,
        reader: Arc<TreeReader>,
        key: SigningKey,
        settings: Settings,
        clock: Arc<dyn Clock>,
        hasher: RandomState,
        city: City,
        public: PublicHeads,
        drafts: Drafts,
    ) -> Self {
        let ballot_room = Arc::new(Room::new(settings.ballot_bytes));
        Self {
            store,
            reader,
            key,
            settings,
            clock,
            hasher,
            metrics: Metrics::new(),
            ballot_room,
            city: RwLock::new(Arc::new(city)),
            public: RwLock::new(Arc::new(public)),
            drafts: RwLock::new(drafts),
            status: AtomicU8::new(READY),
            set_back: AtomicBool::new(false),
            last_error: Mutex::new(None),
        }
    }

    pub(crate) fn city(&self) -> Arc<City> {
        Arc::clone(&read(&self.city))
    }

    pub(crate) fn set_city(&self, city: City) {
        *write(&self.city) = Arc::new(city);
    }

    pub(crate) fn public(&self) -> Arc<PublicHeads> {
        Arc::clone(&read(&self.public))
    }

    pub(crate) fn set_public(&self, public: PublicHeads) {
        *write(&self.public) = Arc::new(public);
    }

    pub(crate) fn status(&self) -> Status {
        match self.status.load(Ordering::SeqCst) {
            RELOADING => Status::Reloading,
            STOPPED => Status::Stopped,
            _ if self.set_back.load(Ordering::SeqCst) => Status::SetBack,
            _ => Status::Ready,
        }
    }

    /// Takes nothing in any more.
    pub(crate) fn stop_set_back(&self) {
        self.set_back.store(true, Ordering::SeqCst);
    }

    pub(crate) fn set_status(&self, status: Status) {
        let status = match status {
            Status::Reloading => RELOADING,
            Status::Stopped => STOPPED,
            Status::Ready | Status::SetBack => READY,
        };
        self.status.store(status, Ordering::SeqCst);
    }

    /// Refuses everything unless submissions are taken.
    pub(crate) fn check_ready(&self) -> Result<(), Refusal> {
        match self.status() {
            Status::Ready => Ok(()),
            Status::Reloading => Err(Refusal::StorageStopped),
            Status::SetBack => Err(Refusal::LogSetBack),
            Status::Stopped => Err(Refusal::Stopped),
        }
    }

    pub(crate) fn note_error(&self, error: &dyn core::fmt::Display) {
        *lock(&self.last_error) = Some(error.to_string());
    }

    pub(crate) fn last_error(&self) -> Option<String> {
        lock(&self.last_error).clone()
    }

    /// Answers with a refusal, and counts it.
    pub(crate) fn refuse(&self, reply: Reply, refusal: impl Into<Refusal>) {
        let refusal = refusal.into();
        self.metrics.count_refusal(refusal);
        reply.send(Err(refusal));
    }
}
