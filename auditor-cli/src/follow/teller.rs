//! Tells people and programs what a monitor has come upon: lines, JSON, a webhook.
//!
//! A webhook is told by a thread of its own, so that whoever does not answer holds up nobody. Not
//! here: what is worth telling.

use std::io::{self, Write};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use serde::Serialize;
use ureq::Agent;

use crate::replica::discovery::Discovery;
use crate::words::date::utc;
use crate::words::visible;

/// Events that wait for the webhook; further ones are dropped, and said to be.
const MAX_WAITING: usize = 256;
/// How often an event is sent before it is given up, and the first pause between; the pauses
/// double, so all of them take 1 + 2 + 4 + 8 = 15 s.
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest wait for a connection, and for an answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

/// Something that is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Seconds since 1970, by the monitor's clock.
    pub time: u64,
    /// `notice`, `finding` or `proof`.
    pub weight: &'static str,
    /// The code.
    pub code: &'static str,
    /// The path of the log, if it is about one.
    pub log: Option<String>,
    /// In words.
    pub words: String,
    /// The folder with the evidence.
    pub evidence: Option<PathBuf>,
}

impl Event {
    /// Of a discovery.
    pub fn new(discovery: &Discovery, time: u64, evidence: Option<PathBuf>) -> Self {
        Self {
            time,
            weight: discovery.weight.name(),
            code: discovery.code,
            log: discovery.log.as_ref().map(ToString::to_string),
            words: discovery.words.clone(),
            evidence,
        }
    }
}

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Lines,
    /// For programs.
    Json,
}

/// Writes an event in one line.
pub fn write(out: &mut dyn Write, form: Form, event: &Event) -> io::Result<()> {
    match form {
        Form::Json => {
            let line = serde_json::to_string(event).map_err(io::Error::other)?;
            writeln!(out, "{line}")?;
        }
        Form::Lines => {
            let Event { time, weight, code, words, .. } = event;
            write!(out, "{} {weight} {code} {}", utc(*time), visible(words))?;
            match &event.evidence {
                Some(folder) => writeln!(out, " [{}]", folder.display())?,
                None => writeln!(out)?,
            }
        }
    }
    out.flush()
}

/// Tells a webhook.
#[derive(Debug)]
pub struct Webhook {
    waiting: Option<Sender<Event>>,
    teller: Option<JoinHandle<()>>,
}

impl Webhook {
    /// To this address, by POST, each event as one JSON object.
    pub fn new(url: &str) -> Self {
        let (waiting, events) = bounded::<Event>(MAX_WAITING);
        let url = url.to_owned();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(concat!("veche-audit/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let teller = thread::spawn(move || {
            for event in events {
                send(&agent, &url, &event);
            }
        });
        Self { waiting: Some(waiting), teller: Some(teller) }
    }

    /// Leaves an event for the webhook; does not wait.
    pub fn tell(&self, event: &Event) {
        let waiting = self.waiting.as_ref().expect("it is taken only when this is dropped");
        if waiting.try_send(event.clone()).is_err() {
            eprintln!("the webhook does not keep up: {} is not sent", event.code);
        }
    }
}

impl Drop for Webhook {
    /// Waits until what was left is sent, or given up: for each at most the times above.
    fn drop(&mut self) {
        drop(self.waiting.take());
        if let Some(teller) = self.teller.take() {
            // A thread that has panicked has told what it could.
            drop(teller.join());
        }
    }
}

fn send(agent: &Agent, url: &str, event: &Event) {
    let body = serde_json::to_vec(event).expect("texts and numbers are always written");
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=TRIES {
        let request = agent.post(url).header("content-type", "application/json");
        match request.send(&body) {
            Ok(answer) if answer.status().is_success() => return,
            // A refusal is an answer: asking again will not help.
            Ok(answer) if answer.status().is_client_error() => {
                eprintln!("the webhook refuses an event: {}", answer.status());
                return;
            }
            _ if attempt < TRIES => thread::sleep(pause),
            _ => eprintln!("the webhook cannot be reached: {} is not sent", event.code),
        }
        pause *= 2;
    }
}
