//! What a mirror says of itself and of the city behind it.

use std::fmt::Write as _;

use crate::follow::teller::Event;
use crate::replica::discovery::Weight;
use crate::serve::Response;
use crate::words::date::utc;
use crate::words::visible;

/// Events that are shown: the newest.
const SHOWN: usize = 10;

/// How the city behind a mirror was last found.
#[derive(Clone, Debug, Default)]
pub(super) struct Health {
    /// When the last round was complete, in seconds since 1970.
    complete: Option<u64>,
    /// Why the last one was not.
    failure: Option<String>,
    gravest: Option<Weight>,
    events: Vec<Event>,
}

impl Health {
    pub(super) fn after_round(
        &mut self,
        now: u64,
        gravest: Option<Weight>,
        failure: Option<String>,
    ) {
        if failure.is_none() {
            self.complete = Some(now);
        }
        (self.failure, self.gravest) = (failure, gravest);
    }

    pub(super) fn told(&mut self, events: &[Event]) {
        self.events.extend_from_slice(events);
        let surplus = self.events.len().saturating_sub(SHOWN);
        self.events.drain(..surplus);
    }

    /// `200` while the city is read and nothing stands against it, else `503`; in both cases the
    /// last verified state is served.
    pub(super) fn response(&self, now: u64, waiting: usize) -> Response {
        let is_well = self.failure.is_none()
            && self.complete.is_some()
            && self.gravest.is_none_or(|gravest| gravest == Weight::Notice);
        let mut text = if is_well { "ok\n" } else { "not ok\n" }.to_owned();
        let mut line = |words: String| {
            let _ = writeln!(text, "{words}");
        };
        match self.complete {
            Some(time) => line(format!("verified {} seconds ago", now.saturating_sub(time))),
            None => line("nothing verified since the start".to_owned()),
        }
        if let Some(failure) = &self.failure {
            line(format!("the city cannot be read: {}", visible(failure)));
        }
        if !is_well {
            // MONITOR-10: it goes on, and says so.
            line("the last verified state is served".to_owned());
        }
        line(format!("{waiting} entries wait for the city"));
        for event in &self.events {
            let Event { time, weight, code, words, .. } = event;
            line(format!("{} {weight} {code} {}", utc(*time), visible(words)));
        }
        Response::text(if is_well { 200 } else { 503 }, text)
            .with_header("cache-control", "no-store")
    }
}
