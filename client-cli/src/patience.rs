//! How long a person at a command waits for a published head, and how often it is looked at.
//!
//! A server publishes the heads of its logs once an interval, and with witnesses when these have
//! answered; the receipt of what was handed in is there before. Not here: what is looked for
//! ([`crate::growth`]), and programs that wait for ever ([`crate::authority::pace`]).

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::authority::pace::is_passing;
use crate::error::ClientError;

/// The interval between public heads where no poll says another, of spec/publication.md.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// The longest interval that a person is made to wait out; of a poll that publishes more rarely the
/// receipt is brought up to date later.
const LONGEST_INTERVAL: Duration = Duration::from_secs(30);

/// What a round takes beyond its interval: nearly nothing where nobody is asked.
const MARGIN: Duration = Duration::from_secs(3);

/// The same where witnesses are asked: one that is slow is given some seconds, and one that was
/// away is asked again in the round after.
const MARGIN_OF_WITNESSES: Duration = Duration::from_secs(10);

/// Pauses between looks: the first, doubling up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Whether the published head has to be cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witnessing {
    /// By the policy's witnesses.
    Asked,
    /// By nobody.
    NotAsked,
}

/// The longest wait for a head that covers what was just handed in: what was in the air when it
/// came passes with one interval, and it is published after the next.
pub fn limit(interval: Duration, witnessing: Witnessing) -> Duration {
    let margin = match witnessing {
        Witnessing::Asked => MARGIN_OF_WITNESSES,
        Witnessing::NotAsked => MARGIN,
    };
    // RECEIPT-12: never without bound.
    interval.min(LONGEST_INTERVAL) * 2 + margin
}

/// Looks until `is_done`, at most so long, at least once; gives the last look. What may pass by
/// itself (a network that fails) is looked at again.
pub fn look_until<T>(
    limit: Duration,
    mut look: impl FnMut() -> Result<T, ClientError>,
    mut is_done: impl FnMut(&T) -> bool,
) -> Result<T, ClientError> {
    let end = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    loop {
        let seen = look();
        let is_over = match &seen {
            Ok(seen) => is_done(seen),
            Err(error) => !is_passing(error),
        };
        let left = end.saturating_duration_since(Instant::now());
        if is_over || left.is_zero() {
            return seen;
        }
        sleep(pause.min(left));
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_intervals_and_a_margin() {
        let of = |milliseconds| Duration::from_millis(milliseconds);
        assert_eq!(limit(of(1_000), Witnessing::NotAsked), of(5_000));
        assert_eq!(limit(of(1_000), Witnessing::Asked), of(12_000));
        // RECEIPT-12: a poll may publish once an hour, and nobody waits for that.
        assert_eq!(limit(of(3_600_000), Witnessing::Asked), of(70_000));
    }

    #[test]
    fn a_wait_ends_with_success_with_an_error_or_with_the_time() {
        let mut looks = 0;
        let mut count = || {
            looks += 1;
            Ok(looks)
        };
        assert_eq!(look_until(of_seconds(9), &mut count, |seen| *seen == 3).unwrap(), 3);
        let begun = Instant::now();
        assert_eq!(look_until(Duration::ZERO, &mut count, |_| false).unwrap(), 4);
        assert!(begun.elapsed() < of_seconds(1));
        let mut tries = 0;
        let mut fail = || {
            tries += 1;
            if tries < 3 {
                return Err(ClientError::TimeOut { url: String::new() });
            }
            Err::<(), _>(ClientError::Declined)
        };
        assert_eq!(look_until(of_seconds(9), &mut fail, |()| true).unwrap_err().code(), "declined");
        assert_eq!(tries, 3);
    }

    fn of_seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }
}
