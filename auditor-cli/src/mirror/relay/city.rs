//! The city as a relay hands entries in to it.

use std::io::Read as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ureq::Agent;
use ureq::http::{StatusCode, header};
use veche_protocol::log::receipt::{MAX_RECEIPT_LENGTH, Receipt};
use veche_protocol::name::LogPath;

use super::super::Known;
use super::super::submission::Submission;

/// Longest wait for a connection, and for an answer. A server answers within seconds or says
/// `timed-out`; the client behind us waits a minute.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(20);

/// What the city says to an entry.
#[derive(Debug)]
pub(super) enum Answered {
    /// A receipt that holds for these very bytes.
    Receipt(Receipt),
    /// A refusal.
    Refusal { status: u16, kind: String, body: Vec<u8> },
    /// No answer, or none that settles anything; and why.
    Nothing(String),
}

/// The city at one address.
#[derive(Debug)]
pub(super) struct City {
    agent: Agent,
    base: String,
    known: Arc<RwLock<Option<Known>>>,
}

impl City {
    pub(super) fn new(base: &str, known: Arc<RwLock<Option<Known>>>) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // MONITOR-11: nothing that two clients share shows that they are two, or one.
            .max_idle_connections(0)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(concat!("veche-audit/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, base: base.trim_end_matches('/').to_owned(), known }
    }

    /// Hands an entry in, once.
    pub(super) fn hand_in(&self, submission: &Submission) -> Answered {
        let url = format!("{}/api/v1/{}/entries", self.base, plural(&submission.log));
        let request = self
            .agent
            .post(&url)
            .header(header::CONTENT_TYPE, "application/cbor")
            .header(header::ACCEPT, "text/plain");
        let answer = match request.send(&submission.entry) {
            Ok(answer) => answer,
            Err(error) => return Answered::Nothing(error.to_string()),
        };
        let status = answer.status();
        let kind = answer.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("text/plain").to_owned();
        let mut body = Vec::new();
        let longest = MAX_RECEIPT_LENGTH as u64 + 1;
        if let Err(error) = answer.into_body().into_reader().take(longest).read_to_end(&mut body) {
            return Answered::Nothing(error.to_string());
        }
        match status {
            StatusCode::OK => self.check(submission, &body),
            // Patience is asked for: these say nothing about the entry.
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                Answered::Nothing(format!("the city answers {status}"))
            }
            status if status.is_client_error() => {
                Answered::Refusal { status: status.as_u16(), kind, body }
            }
            status => Answered::Nothing(format!("the city answers {status}")),
        }
    }

    /// A receipt is handed on only if it proves what it says.
    fn check(&self, submission: &Submission, body: &[u8]) -> Answered {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let key = known.as_ref().and_then(|known| known.key_of(&submission.log));
        let Some(key) = key else {
            return Answered::Nothing(
                "the city is not known yet: no receipt can be checked".into(),
            );
        };
        // MONITOR-11: RECEIPT-2, RECEIPT-3, for the bytes that were handed in here.
        let verified = Receipt::parse(body).and_then(|receipt| {
            receipt.verify(&submission.entry, &key)?;
            Ok(receipt)
        });
        match verified {
            Ok(receipt) if receipt.extra().is_none_or(|extra| extra == submission.entry) => {
                Answered::Receipt(receipt)
            }
            Ok(_) => Answered::Nothing("the receipt is about another entry".to_owned()),
            Err(breach) => Answered::Nothing(format!("the receipt is false: {}", breach.code())),
        }
    }
}

/// The collection in which the interface keeps a log.
fn plural(log: &LogPath) -> String {
    match log {
        LogPath::Register => "register".to_owned(),
        LogPath::Roll(name) => format!("rolls/{name}"),
        LogPath::Poll(id) => format!("polls/{id}"),
    }
}
