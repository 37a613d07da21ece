//! Ballots of anonymous polls, held back until the interval of their poll is over.
//!
//! They are appended in the order of their leaf hashes, so that the log says nothing of the order
//! in which they came. Intervals follow a grid that does not depend on when anyone casts: if one
//! began with its first ballot, its end would tell when that came. Not here: appending.

use std::sync::Arc;
use std::time::Duration;

use crate::city::PollCell;
use crate::error::Refusal;
use crate::lock::read;
use crate::voting::intake::{Checked, CheckedArrival};

use super::Sequencer;

/// The ballots of one poll that wait.
pub(super) struct Held {
    poll: Arc<PollCell>,
    /// When the interval is over.
    pub(super) due: Duration,
    ballots: Vec<CheckedArrival>,
}

impl Sequencer {
    /// Takes what was verified: ballots of anonymous polls are held back, all else is next.
    pub(super) fn take(&mut self, arrivals: Vec<CheckedArrival>) {
        for arrival in arrivals {
            let is_ballot = matches!(arrival.entry, Checked::Ballot(_));
            if is_ballot && arrival.poll.state().definition.is_anonymous() {
                self.hold(arrival);
            } else {
                self.backlog.push_back(arrival);
            }
        }
    }

    /// Holds a ballot back, unless it can be answered at once: what is refused now, or was recorded
    /// before, changes nothing on the log.
    fn hold(&mut self, arrival: CheckedArrival) {
        if let Err(refusal) = self.check_current(&arrival.poll) {
            return self.shared.refuse(arrival.reply, refusal);
        }
        let fold = read(&arrival.poll.fold);
        let recorded = arrival.poll.may_have_recorded(&fold, &arrival.entry);
        let verdict = arrival.entry.check(&fold);
        drop(fold);
        if recorded {
            return self.answer_repeat(arrival);
        }
        if let Err(breach) = verdict {
            return self.shared.refuse(arrival.reply, breach);
        }
        let held = self.held.iter_mut().find(|held| Arc::ptr_eq(&held.poll, &arrival.poll));
        if let Some(held) = held {
            held.ballots.push(arrival);
        } else {
            let interval = arrival.poll.state().definition.interval;
            let due = end_of_interval(self.shared.clock.monotonic(), interval);
            let poll = Arc::clone(&arrival.poll);
            self.held.push(Held { poll, due, ballots: vec![arrival] });
        }
    }

    /// Appends the ballots whose interval is over by this time; all of them by the end of time.
    pub(super) fn release_due(&mut self, now: Duration) {
        while let Some(place) = self.held.iter().position(|held| held.due <= now) {
            let held = self.held.swap_remove(place);
            // Those who wait have been answered either way.
            let _ = self.append_held(held);
        }
    }

    /// Appends the ballots of a poll that wait when it is about to end: they came in time.
    pub(super) fn release(&mut self, poll: &Arc<PollCell>) -> Result<(), Refusal> {
        let place = self.held.iter().position(|held| Arc::ptr_eq(&held.poll, poll));
        let Some(place) = place else { return Ok(()) };
        let held = self.held.swap_remove(place);
        self.append_held(held)
    }

    /// Whether ballots of this poll wait.
    pub(super) fn holds(&self, poll: &Arc<PollCell>) -> bool {
        self.held.iter().any(|held| Arc::ptr_eq(&held.poll, poll))
    }

    fn append_held(&mut self, held: Held) -> Result<(), Refusal> {
        let mut outcome = Ok(());
        let mut ballots = held.ballots;
        // BALLOT-16: ascending by leaf hash, all those of the interval.
        ballots.sort_by_key(|ballot| ballot.entry.leaf());
        let most = self.shared.settings.group;
        while !ballots.is_empty() {
            let rest = ballots.split_off(most.min(ballots.len()));
            let group = core::mem::replace(&mut ballots, rest);
            outcome = outcome.and(self.record_group(group));
        }
        outcome
    }

    /// Refuses all that wait: what they were judged by is worthless.
    pub(super) fn refuse_held(&mut self) {
        for ballot in self.held.drain(..).flat_map(|held| held.ballots) {
            self.shared.refuse(ballot.reply, Refusal::StorageStopped);
        }
    }
}

/// The end of the interval of so many milliseconds in which `now` lies.
fn end_of_interval(now: Duration, interval: u64) -> Duration {
    let passed = now.as_millis() / u128::from(interval.max(1));
    let end = (passed + 1).saturating_mul(u128::from(interval));
    Duration::from_millis(u64::try_from(end).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_ends_on_a_grid() {
        // BALLOT-16: whenever in it the first ballot comes.
        for (now, end) in [(0, 200), (1, 200), (199, 200), (200, 400), (1_999, 2_000)] {
            let end = Duration::from_millis(end);
            assert_eq!(end_of_interval(Duration::from_millis(now), 200), end, "{now}");
        }
    }
}
