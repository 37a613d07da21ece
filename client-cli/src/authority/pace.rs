//! When to look again, and when to end: intervals with jitter, back-off after failures, signals.
//!
//! Not here: what is looked at.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::ClientError;

/// Longest pause after failures that follow each other.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How often a sleeper looks whether it is to end.
const SLICE: Duration = Duration::from_millis(50);

/// Whether the same may succeed later without anyone doing anything: the network, or a server that
/// is busy or has lost its disk for a while.
pub fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Network { .. } | ClientError::TimeOut { .. } | ClientError::Answer { .. } => {
            true
        }
        ClientError::Refused(problem) => problem.is_passing() || problem.status >= 500,
        _ => false,
    }
}

/// How long to wait between looks.
#[derive(Clone, Debug)]
pub struct Pace {
    interval: Duration,
    /// Failures since the last success.
    failures: u32,
}

impl Pace {
    /// A look each `interval`, more or less.
    pub const fn new(interval: Duration) -> Self {
        Self { interval, failures: 0 }
    }

    /// The pause after a look that succeeded: from three quarters to five quarters of the interval,
    /// so that those who began together do not stay together.
    pub fn after_success(&mut self) -> Duration {
        self.failures = 0;
        self.interval.mul_f64(rand::rng().random_range(0.75..1.25))
    }

    /// The pause after a failure: doubling from the interval on, at most a minute, and a random
    /// part of that.
    pub fn after_failure(&mut self) -> Duration {
        let doubled = self.interval.saturating_mul(1 << self.failures.min(10));
        self.failures = self.failures.saturating_add(1);
        doubled.min(LONGEST_PAUSE).mul_f64(rand::rng().random_range(0.5..1.0))
    }
}

/// Whether the process was asked to end.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// SIGTERM and SIGINT ask for the end; a second one does not wait for it.
    pub fn on_signals() -> Result<Self, ClientError> {
        let stop = Self::default();
        let register = |signal| {
            flag::register_conditional_default(signal, Arc::clone(&stop.0))?;
            flag::register(signal, Arc::clone(&stop.0)).map(drop)
        };
        let registered: io::Result<()> = [SIGTERM, SIGINT].into_iter().try_for_each(register);
        registered.map_err(|error| ClientError::file("the signals", error))?;
        Ok(stop)
    }

    /// Whether it is asked for.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sleeps, but not past the end.
    pub fn sleep(&self, pause: Duration) {
        let end = Instant::now() + pause;
        while !self.is_asked() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            sleep(left.min(SLICE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::Problem;

    #[test]
    fn pauses_double_and_stay_below_a_minute() {
        let mut pace = Pace::new(Duration::from_secs(1));
        for most in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let pause = pace.after_failure().as_secs_f64();
            assert!((f64::from(most) / 2.0..=f64::from(most)).contains(&pause), "{pause}");
        }
        assert!((0.75..1.25).contains(&pace.after_success().as_secs_f64()));
        assert!(pace.after_failure() <= Duration::from_secs(1));
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let refused = |status, code: &str| {
            let (code, title) = (code.to_owned(), String::new());
            ClientError::Refused(Problem { status, code, title, detail: String::new() })
        };
        assert!(is_passing(&ClientError::TimeOut { url: String::new() }));
        assert!(is_passing(&refused(503, "too-busy")));
        assert!(is_passing(&refused(507, "storage-full")));
        assert!(!is_passing(&refused(403, "issuer-unknown")));
        assert!(!is_passing(&ClientError::Declined));
    }

    #[test]
    fn a_sleeper_wakes_for_the_end() {
        let stop = Stop::default();
        stop.0.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        stop.sleep(Duration::from_secs(100));
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
