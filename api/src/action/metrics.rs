//! The counters of the server and of its engine, in the Prometheus text format (version 0.0.4).
//!
//! No label says who asked or what was handed in. Not here: counting.

use std::fmt::{self, Write as _};

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use veche_engine::metrics::Histogram;

use crate::app::{App, Shared};
use crate::traffic::DURATION_BOUNDS;
use crate::witnessing::{ROUND_BOUNDS, WitnessState};

/// Microseconds in a second: Prometheus counts time in seconds.
const MICROSECONDS: u64 = 1_000_000;

/// Counters in the Prometheus text format; refusals carry their code.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operating",
    responses(
        (status = 200, description = "The counters", body = String, content_type = "text/plain"),
    ),
)]
pub(crate) async fn show(State(app): State<Shared>) -> Response {
    let mut text = Exposition(String::with_capacity(16 * 1_024));
    text.traffic(&app)
        .and_then(|()| text.engine(&app))
        .and_then(|()| text.witnessing(&app))
        .expect("a string takes every text");
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, format)], text.0).into_response()
}

struct Exposition(String);

impl Exposition {
    fn traffic(&mut self, app: &App) -> fmt::Result {
        let traffic = &app.traffic;
        self.counter("veche_http_answers", "Answers below status 400.", traffic.answers.get())?;
        self.head("veche_http_refusals_total", "Refusals by code.", "counter")?;
        for (code, count) in traffic.problems().filter(|(_, count)| *count > 0) {
            let code = code.name();
            writeln!(self.0, "veche_http_refusals_total{{code=\"{code}\"}} {count}")?;
        }
        let durations = Classes {
            bounds: &DURATION_BOUNDS,
            counts: &traffic.durations(),
            sum: traffic.microseconds.get(),
            unit: MICROSECONDS,
        };
        self.histogram("veche_http_seconds", "Time from head to answer.", &durations)?;
        self.counter("veche_http_abandoned", "Clients gone early.", traffic.abandoned.get())?;
        self.counter("veche_http_panics", "Faults of the program.", traffic.panics.get())?;
        self.gauge("veche_http_in_flight", "Requests being answered.", app.in_flight.get())?;
        let (taken, ended) = (traffic.connections.get(), traffic.connections_ended.get());
        self.counter("veche_http_connections", "Connections taken.", taken)?;
        self.gauge("veche_http_connections_open", "Connections.", taken.saturating_sub(ended))?;
        let refused = traffic.connections_refused.get();
        self.counter("veche_http_connections_refused", "Connections turned away.", refused)
    }

    fn engine(&mut self, app: &App) -> fmt::Result {
        let metrics = app.engine.metrics();
        self.counter("veche_ballots", "Ballots recorded.", metrics.ballots())?;
        self.counter("veche_requests", "Requests recorded.", metrics.requests())?;
        self.counter("veche_issued", "Answers of issuers recorded.", metrics.issued())?;
        self.counter("veche_acts", "Other entries recorded.", metrics.acts())?;
        self.counter("veche_repeats", "Entries handed in again.", metrics.repeats())?;
        self.counter("veche_anchors", "Anchors entries recorded.", metrics.anchors())?;
        self.counter("veche_reloads", "States read back from the store.", metrics.reloads())?;
        self.counter("veche_panics", "Faults of the engine's threads.", metrics.panics())?;
        let groups = Counts::of(metrics.groups());
        self.histogram(
            "veche_group_ballots",
            "Entries of a commit that come in numbers.",
            &groups.classes(1),
        )?;
        let batches = Counts::of(metrics.verify_batches());
        self.histogram("veche_batch_ballots", "Entries verified at once.", &batches.classes(1))?;
        let commits = Counts::of(metrics.commits());
        let commits = commits.classes(MICROSECONDS);
        self.histogram("veche_commit_seconds", "Time of a commit.", &commits)?;
        let health = app.engine.health();
        self.gauge("veche_ballot_queue", "Ballots that wait.", health.ballot_queue)?;
        self.gauge("veche_act_queue", "Entries of staff that wait.", health.act_queue)?;
        self.gauge("veche_drafts", "Drafts that wait for signatures.", health.drafts)?;
        let logs = app.engine.logs();
        self.gauge("veche_logs", "Logs kept.", logs.len())?;
        let entries: u64 = logs.iter().map(|log| log.head.size).sum();
        self.gauge("veche_entries", "Entries of all logs.", entries)
    }

    fn witnessing(&mut self, app: &App) -> fmt::Result {
        let Some(status) = &app.witnessing else { return Ok(()) };
        let summary = status.summary();
        self.gauge("veche_witnesses", "Witnesses asked.", summary.witnesses.len())?;
        self.gauge("veche_witnesses_least", "Witnesses of the log with fewest.", summary.fewest)?;
        let quorum = u8::from(summary.is_quorum);
        self.gauge("veche_witness_quorum", "Whether there are enough witnesses.", quorum)?;
        let held = summary.rounds.held_back;
        self.counter("veche_witness_rounds_held", "Rounds without enough witnesses.", held)?;
        let rounds = Classes {
            bounds: &ROUND_BOUNDS,
            counts: &summary.rounds.counts,
            sum: summary.rounds.microseconds,
            unit: MICROSECONDS,
        };
        self.histogram("veche_witness_round_seconds", "Time of a round.", &rounds)?;
        for (name, help, count) in [
            (
                "veche_cosignatures_total",
                "Heads cosigned, by witness.",
                WitnessState::cosigned as fn(&_) -> u64,
            ),
            (
                "veche_cosignatures_failed_total",
                "Heads not cosigned, by witness.",
                WitnessState::failed,
            ),
        ] {
            self.head(name, help, "counter")?;
            for witness in &summary.witnesses {
                let label = witness.name.replace(['\\', '"'], "_");
                writeln!(self.0, "{name}{{witness=\"{label}\"}} {}", count(witness))?;
            }
        }
        Ok(())
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) -> fmt::Result {
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}")
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.head(&format!("{name}_total"), help, "counter")?;
        writeln!(self.0, "{name}_total {value}")
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl fmt::Display) -> fmt::Result {
        self.head(name, help, "gauge")?;
        writeln!(self.0, "{name} {value}")
    }

    fn histogram(&mut self, name: &str, help: &str, classes: &Classes<'_>) -> fmt::Result {
        self.head(name, help, "histogram")?;
        let mut below = 0;
        for (bound, count) in classes.bounds.iter().zip(classes.counts) {
            below += count;
            let bound = Decimal { value: *bound, unit: classes.unit };
            writeln!(self.0, "{name}_bucket{{le=\"{bound}\"}} {below}")?;
        }
        let all: u64 = classes.counts.iter().sum();
        writeln!(self.0, "{name}_bucket{{le=\"+Inf\"}} {all}")?;
        let sum = Decimal { value: classes.sum, unit: classes.unit };
        writeln!(self.0, "{name}_sum {sum}\n{name}_count {all}")
    }
}

/// Values by upper bound, in units of which `unit` make one of what is shown.
struct Classes<'a> {
    bounds: &'a [u64],
    /// One more than bounds: the last is above all of them.
    counts: &'a [u64],
    sum: u64,
    unit: u64,
}

/// The values of an engine's histogram.
struct Counts {
    bounds: &'static [u64],
    by_class: Vec<u64>,
    sum: u64,
}

impl Counts {
    fn of(histogram: &Histogram) -> Self {
        Self { bounds: histogram.bounds(), by_class: histogram.counts(), sum: histogram.sum() }
    }

    fn classes(&self, unit: u64) -> Classes<'_> {
        Classes { bounds: self.bounds, counts: &self.by_class, sum: self.sum, unit }
    }
}

/// `value / unit` in decimals, exactly; the unit is a power of ten.
struct Decimal {
    value: u64,
    unit: u64,
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.value / self.unit, self.value % self.unit);
        write!(f, "{whole}")?;
        if rest > 0 {
            let places = self.unit.ilog10() as usize;
            let digits = format!("{rest:0places$}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_seconds_in_decimals() {
        for (value, text) in [(0, "0"), (250, "0.00025"), (1_000_000, "1"), (2_500_000, "2.5")] {
            assert_eq!(Decimal { value, unit: MICROSECONDS }.to_string(), text);
        }
        assert_eq!(Decimal { value: 12, unit: 1 }.to_string(), "12");
    }

    #[test]
    fn classes_add_up() {
        let classes = Classes { bounds: &[1, 10], counts: &[2, 0, 3], sum: 100, unit: 1 };
        let mut text = Exposition(String::new());
        text.histogram("a", "A.", &classes).unwrap();
        let expected = "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\n\
                        a_bucket{le=\"10\"} 2\na_bucket{le=\"+Inf\"} 5\na_sum 100\na_count 5\n";
        assert_eq!(text.0, expected);
    }
}
