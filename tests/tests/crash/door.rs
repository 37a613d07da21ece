//! The way to the server that lives at the moment, and the end of all, for every thread.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{panicking, sleep};
use std::time::Duration;

use veche_client::api::Api;

/// Where the server is; nowhere while it is dead.
pub(crate) struct Door {
    api: Mutex<Option<Api>>,
    is_over: AtomicBool,
}

impl Door {
    /// The door to a server that lives.
    pub(crate) fn open(api: Api) -> Self {
        Self { api: Mutex::new(Some(api)), is_over: AtomicBool::new(false) }
    }

    /// From now on to this server, or to none.
    pub(crate) fn lead_to(&self, api: Option<Api>) {
        *self.api.lock().unwrap() = api;
    }

    /// All comes to its end.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    /// Whether all comes to its end.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// The client of the server that lives now, waiting for one if there is none.
    pub(crate) fn enter(&self) -> Api {
        loop {
            if let Some(api) = self.api.lock().unwrap().clone() {
                return api;
            }
            assert!(!self.is_over(), "there is no server any more");
            sleep(Duration::from_millis(2));
        }
    }
}

/// Ends all when its thread panics, so that no other waits for ever.
pub(crate) struct Panics<'a>(&'a Door);

impl<'a> Panics<'a> {
    /// What happens while this lives ends all.
    pub(crate) const fn end(door: &'a Door) -> Self {
        Self(door)
    }
}

impl Drop for Panics<'_> {
    fn drop(&mut self) {
        if panicking() {
            self.0.end();
        }
    }
}
