//! What the actions share: the engine, and the bounds on what they ask of it.
//!
//! Not here: the bounds on requests as such ([`crate::front`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use veche_engine::Engine;

use crate::config::Config;
use crate::problem::{Own, Problem};
use crate::traffic::Traffic;
use crate::witnessing;

/// The unit in which files on their way are counted, in bytes: `u32::MAX` of them are 4 TiB.
const FILE_UNIT: usize = 1_024;
/// Units in a mebibyte.
const UNITS_PER_MEBIBYTE: u32 = 1_024;

/// What every action is handed.
pub(crate) type Shared = Arc<App>;

/// The engine and what bounds its use.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) traffic: Traffic,
    /// Requests being answered.
    pub(crate) in_flight: InFlight,
    pub(crate) request_time: Duration,
    /// How the rounds with the witnesses go, where there are any.
    pub(crate) witnessing: Option<Arc<witnessing::Status>>,
    public_url: Option<String>,
    reads: Arc<Semaphore>,
    files: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(
        config: &Config,
        engine: Engine,
        witnessing: Option<Arc<witnessing::Status>>,
    ) -> Self {
        let limits = &config.limits;
        let units = limits.files_mebibytes.saturating_mul(UNITS_PER_MEBIBYTE);
        let units = usize::try_from(units).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            engine,
            traffic: Traffic::new(),
            in_flight: InFlight { count: AtomicUsize::new(0), limit: limits.requests },
            request_time: Duration::from_secs(limits.request_seconds),
            witnessing,
            public_url: config.server.public_url.clone(),
            reads: Arc::new(Semaphore::new(limits.reads.max(1))),
            files: Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// The address under which people reach this server, as far as it knows.
    pub(crate) fn base(&self) -> &str {
        self.public_url.as_deref().unwrap_or("https://<this server>").trim_end_matches('/')
    }

    /// Asks the engine what may take a disk's time, beside the threads that speak HTTP. The place
    /// is held until the read ends, even if the client no longer waits for it.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Arc::clone(&self.reads).acquire_owned().await;
        let place = place.map_err(|_| Problem::internal())?;
        let engine = self.engine.clone();
        let answer = spawn_blocking(move || {
            let answer = read(&engine);
            drop(place);
            answer
        });
        answer.await.map_err(|_| {
            self.traffic.panics.increment();
            Problem::internal()
        })
    }

    /// Bytes that count as on their way until the last of them is sent or given up.
    pub(crate) fn on_their_way(&self, bytes: Vec<u8>) -> Result<Bytes, Problem> {
        let units = u32::try_from(bytes.len().div_ceil(FILE_UNIT)).unwrap_or(u32::MAX);
        // API-9: memory for clients that take their files slowly is bounded as well.
        let permit = Arc::clone(&self.files)
            .try_acquire_many_owned(units)
            .map_err(|_| Problem::new(Own::TooBusy, "as many files are on their way as may be"))?;
        Ok(Bytes::from_owner(OnTheirWay { bytes, _permit: permit }))
    }
}

struct OnTheirWay {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for OnTheirWay {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// How many requests are being answered.
#[derive(Debug)]
pub(crate) struct InFlight {
    count: AtomicUsize,
    limit: usize,
}

impl InFlight {
    /// The requests being answered now.
    pub(crate) fn get(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// A place for one more, given back when it is dropped; `None` if all are taken.
    pub(crate) fn enter(&self) -> Option<InFlightPlace<'_>> {
        let place = InFlightPlace(self);
        // The place is counted before it is compared, so that no two take the last one.
        (self.count.fetch_add(1, Ordering::Relaxed) < self.limit).then_some(place)
    }
}

/// A request that counts.
#[derive(Debug)]
pub(crate) struct InFlightPlace<'a>(&'a InFlight);

impl Drop for InFlightPlace<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}
