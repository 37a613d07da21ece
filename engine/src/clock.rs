//! Time as the engine sees it: seconds since 1970 for the law's rules, a monotonic clock for waits.
//!
//! Not here: what follows from a time. The clock is handed to [`crate::Engine::open`], so that a
//! simulation can run a year in a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A source of time.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00:00Z without leap seconds, as definitions of polls have them.
    fn unix_seconds(&self) -> u64;

    /// Time since some moment before the first call; it never goes back.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// The machine's clocks; the monotonic one begins now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn unix_seconds(&self) -> u64 {
        // A clock before 1970 is broken; zero lets nothing open, and nothing close early.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A calendar that stands still until it is set, for simulations, demonstrations and tests. Waits
/// take the time they take.
#[derive(Debug)]
pub struct ManualClock {
    seconds: AtomicU64,
    start: Instant,
}

impl ManualClock {
    /// A calendar that stands at this time, in seconds since 1970.
    pub fn new(seconds: u64) -> Self {
        Self { seconds: AtomicU64::new(seconds), start: Instant::now() }
    }

    /// Sets the time, in seconds since 1970. It does not go back.
    pub fn set(&self, seconds: u64) {
        self.seconds.fetch_max(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn unix_seconds(&self) -> u64 {
        self.seconds.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_moves_only_forward() {
        let clock = ManualClock::new(1_000);
        clock.set(1_010);
        clock.set(1_005);
        assert_eq!(clock.unix_seconds(), 1_010);
        assert!(clock.monotonic() < Duration::from_secs(10));
    }

    #[test]
    fn the_machine_is_past_2020() {
        let clock = SystemClock::new();
        assert!(clock.unix_seconds() > 1_577_836_800);
        assert!(clock.monotonic() <= clock.monotonic());
    }
}
