//! What a witness counts, in the text format of Prometheus.
//!
//! Not here: what it remembers, which is in its store.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// The statuses that a witness answers `add-checkpoint` with: those of the standard, and those of
/// a witness that cannot do its work.
const STATUSES: [u16; 8] = [200, 400, 403, 404, 409, 422, 503, 507];

/// Counters since the start of the program.
#[derive(Debug, Default)]
pub(super) struct Meter {
    answers: [AtomicU64; STATUSES.len()],
    pub(super) forks: Counter,
    pub(super) suspicions: Counter,
    pub(super) store_failures: Counter,
}

/// One number that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Meter {
    /// Counts an answer to `add-checkpoint`.
    pub(super) fn answered(&self, status: u16) {
        let place = STATUSES.iter().position(|&known| known == status);
        let place = place.expect("add-checkpoint is answered with a status of the table");
        self.answers[place].fetch_add(1, Ordering::Relaxed);
    }

    /// The exposition, with the number of logs that are remembered, if that can be told.
    pub(super) fn exposition(&self, logs: Option<u64>) -> String {
        let mut text = String::new();
        let mut describe = |name: &str, kind: &str, help: &str, lines: &[(String, u64)]| {
            writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
                .expect("writing to a string does not fail");
            for (labels, value) in lines {
                writeln!(text, "{name}{labels} {value}")
                    .expect("writing to a string does not fail");
            }
        };
        let answers: Vec<_> = STATUSES
            .iter()
            .zip(&self.answers)
            .map(|(status, count)| {
                (format!("{{status=\"{status}\"}}"), count.load(Ordering::Relaxed))
            })
            .collect();
        let help = "Answers to add-checkpoint, by status; 200 are cosignatures.";
        describe("veche_witness_answers_total", "counter", help, &answers);
        let one = |counter: &Counter| vec![(String::new(), counter.value())];
        let help = "Times that a log showed two histories, with proof.";
        describe("veche_witness_forks_total", "counter", help, &one(&self.forks));
        let help = "Times that a proof did not lead from the latest head, which proves nothing.";
        describe("veche_witness_suspicions_total", "counter", help, &one(&self.suspicions));
        let help = "Requests that were not judged since the store failed.";
        describe("veche_witness_store_failures_total", "counter", help, &one(&self.store_failures));
        if let Some(logs) = logs {
            let help = "Logs of which a head was cosigned.";
            describe("veche_witness_logs", "gauge", help, &[(String::new(), logs)]);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let meter = Meter::default();
        for status in STATUSES {
            meter.answered(status);
        }
        meter.answered(409);
        meter.forks.increment();
        let text = meter.exposition(Some(7));
        for line in [
            "veche_witness_answers_total{status=\"200\"} 1",
            "veche_witness_answers_total{status=\"409\"} 2",
            "veche_witness_forks_total 1",
            "veche_witness_suspicions_total 0",
            "# TYPE veche_witness_logs gauge",
            "veche_witness_logs 7",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} in {text}");
        }
        assert!(!meter.exposition(None).contains("veche_witness_logs"), "{text}");
    }
}
