//! What a monitor counts, as a text file for Prometheus' node exporter.
//!
//! Written whole beside its name, then renamed, so that nobody reads half of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use super::Monitor;
use super::teller::Event;

/// The numbers that only grow as long as the program runs.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    rounds: u64,
    failed: u64,
    events: BTreeMap<(&'static str, &'static str), u64>,
}

impl Counters {
    /// Counts a round and what it told.
    pub fn count(&mut self, events: &[Event], outcome: Outcome) {
        self.rounds += 1;
        self.failed += u64::from(outcome == Outcome::Failed);
        for event in events {
            *self.events.entry((event.weight, event.code)).or_default() += 1;
        }
    }
}

/// Whether a round came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Complete,
    /// The source failed.
    Failed,
}

/// Writes the file.
pub fn write(path: &Path, monitor: &Monitor, counters: &Counters) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push("~");
    fs::write(&name, text(monitor, counters))?;
    fs::rename(&name, path)
}

fn text(monitor: &Monitor, counters: &Counters) -> String {
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, lines: &[(String, u64)]| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in lines {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let one = |value| [(String::new(), value)];
    family("veche_follow_rounds_total", "counter", "Rounds.", &one(counters.rounds));
    family(
        "veche_follow_failed_rounds_total",
        "counter",
        "Rounds in which the city could not be read.",
        &one(counters.failed),
    );
    let last = monitor.state.last_round.unwrap_or(0);
    family(
        "veche_follow_last_round_seconds",
        "gauge",
        "When the city was last read, in seconds since 1970.",
        &one(last),
    );
    let events = counters.events.iter().map(|((weight, code), count)| {
        (format!("{{weight=\"{weight}\",code=\"{code}\"}}"), *count)
    });
    let events: Vec<_> = events.collect();
    family("veche_follow_events_total", "counter", "What was told.", &events);
    let sizes = monitor
        .replica
        .heads()
        .map(|(path, head)| (format!("{{log=\"{path}\"}}"), head.checkpoint().size));
    let sizes: Vec<_> = sizes.collect();
    family("veche_follow_entries", "gauge", "Entries that were verified.", &sizes);
    let polls = monitor.state.recounts.iter();
    let polls = polls.map(|(poll, last)| (format!("{{poll=\"{poll}\"}}"), last.is_sound.into()));
    let polls: Vec<_> = polls.collect();
    family("veche_follow_sound", "gauge", "Whether the last recount was sound.", &polls);
    text
}
