//! One witness as the server sees it: asked over HTTP (C2SP tlog-witness) to cosign a head.
//!
//! Not here: when it is asked, and what follows from its answers.

use std::io::Read as _;
use std::time::Duration;

use ureq::Agent;
use ureq::http::StatusCode;
use veche_engine::{Engine, RoundHead};
use veche_protocol::hash::sha256;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{MAX_NOTE_LENGTH, Note, NoteSignature, VerifierKey};
use veche_protocol::log::policy;
use veche_protocol::log::witness::{AddCheckpoint, parse_cosignatures, parse_size};

/// Times a witness may say that it has seen another size than thought, for one head: the first is
/// how a server learns it, the second a race with itself after a lost answer.
const TRIES: usize = 3;

/// Bytes of an answer that are read: as many signature lines as a note may have.
const MAX_ANSWER: u64 = MAX_NOTE_LENGTH as u64;

/// Why a witness has not cosigned a head.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing came back in time, or it has trouble of its own.
    #[error("does not answer: {0}")]
    Silent(String),
    /// It does not know the log, or not its key.
    #[error("does not take this log: {0}")]
    Stranger(String),
    /// It answered with what is no cosignature of this head by its key.
    #[error("answers with what is no cosignature of the head: {0}")]
    Invalid(String),
    /// It holds a history of this log that the server's does not extend, or says so.
    #[error("has seen another history: {0}")]
    Other(String),
}

/// A witness that the policy names with an address.
pub(crate) struct Witness {
    pub(crate) name: String,
    pub(crate) key: VerifierKey,
    url: String,
    agent: Agent,
}

impl Witness {
    /// The witness of a line of the policy, if it has an address. `patience` bounds each request.
    pub(crate) fn new(line: &policy::Witness, patience: Duration) -> Option<Self> {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(patience))
            .user_agent(concat!("veched/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let url = line.url.as_ref()?.trim_end_matches('/').to_owned();
        let name = String::from_utf8_lossy(&line.name).into_owned();
        Some(Self { name, key: line.key.clone(), url, agent })
    }

    /// Has it cosign a head. `seen` is the size up to which it is thought to have seen the log, and
    /// is corrected by what it says.
    pub(crate) fn cosign(
        &self,
        engine: &Engine,
        head: &RoundHead,
        seen: &mut u64,
    ) -> Result<NoteSignature, Failure> {
        for _ in 0..TRIES {
            let request = request(engine, head, *seen)?;
            let answer = self.agent.post(format!("{}/add-checkpoint", self.url));
            let answer = answer.content_type("text/plain; charset=utf-8").send(request);
            let mut answer = answer.map_err(|error| Failure::Silent(error.to_string()))?;
            let status = answer.status();
            let body = read(&mut answer)?;
            // PUBLISH-5: what each status says, of older witnesses too.
            match status {
                StatusCode::OK => {
                    let line = self.own_line(head, &body)?;
                    *seen = head.head.size;
                    return Ok(line);
                }
                StatusCode::CONFLICT => match parse_size(&body) {
                    Some(size) if size > head.head.size => {
                        return Err(Failure::Other(format!(
                            "{size} entries, where this server has {}",
                            head.head.size
                        )));
                    }
                    // Older witnesses say so of another root at the same size.
                    Some(size) if size == *seen => {
                        return Err(Failure::Other(format!("another root at size {size}")));
                    }
                    Some(size) => *seen = size,
                    None => return Err(Failure::Invalid("409 without a size".to_owned())),
                },
                other => return Err(refusal(other)),
            }
        }
        Err(Failure::Invalid("it says another size each time".to_owned()))
    }

    /// The witness's own valid line among those that it answered with.
    fn own_line(&self, head: &RoundHead, body: &[u8]) -> Result<NoteSignature, Failure> {
        let invalid = |reason: &dyn core::fmt::Display| Failure::Invalid(reason.to_string());
        let lines = parse_cosignatures(body).map_err(|breach| invalid(&breach))?;
        let own = lines.into_iter().find(|line| self.key.claims(line));
        let own = own.ok_or_else(|| invalid(&"no line by the key that the policy names"))?;
        let mut note = Note::parse(head.head.note.as_bytes()).map_err(|breach| invalid(&breach))?;
        note.add_signature(own.clone()).map_err(|breach| invalid(&breach))?;
        // PUBLISH-5: a cosignature that does not verify is none, whoever sent it.
        match cosignature::collect(&note, core::slice::from_ref(&self.key)) {
            Ok(valid) if !valid.is_empty() => Ok(own),
            Ok(_) => Err(invalid(&"a key of a type that cannot be verified")),
            Err(breach) => Err(invalid(&breach)),
        }
    }

    /// The head of a log that the witness cosigned last, signed by the log's own key: what it hands
    /// out to monitors. `None` where there is none to be had.
    pub(crate) fn last_seen(&self, log: &VerifierKey) -> Option<(Checkpoint, String)> {
        let origin = hex::encode(sha256(log.name().as_bytes()).as_bytes());
        let mut answer = self.agent.get(format!("{}/checkpoint/{origin}", self.url)).call().ok()?;
        if answer.status() != StatusCode::OK {
            return None;
        }
        let note = Note::parse(&read(&mut answer).ok()?).ok()?;
        let signed = SignedCheckpoint::from_note(note, log).ok()?;
        Some((signed.checkpoint().clone(), signed.note().to_string()))
    }
}

fn request(engine: &Engine, head: &RoundHead, seen: u64) -> Result<String, Failure> {
    let silent = |error: &dyn core::fmt::Display| Failure::Silent(error.to_string());
    let size = head.head.size;
    // RFC 6962, 2.1.2: nothing proves what extends nothing, or what is the same.
    let proof = if seen == 0 || seen == size {
        Vec::new()
    } else {
        let proof = engine.consistency(&head.path, seen, size).map_err(|error| silent(&error))?;
        proof.ok_or_else(|| silent(&"the log was read back meanwhile"))?
    };
    let note = Note::parse(head.head.note.as_bytes()).map_err(|breach| silent(&breach))?;
    let request = AddCheckpoint::new(seen, proof, note).map_err(|breach| silent(&breach))?;
    Ok(request.to_string())
}

fn read(answer: &mut ureq::http::Response<ureq::Body>) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let reader = answer.body_mut().as_reader();
    let read = reader.take(MAX_ANSWER).read_to_end(&mut body);
    read.map(|_| body).map_err(|error| Failure::Silent(error.to_string()))
}

fn refusal(status: StatusCode) -> Failure {
    let words = format!("it answers {status}");
    match status {
        StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => {
            Failure::Stranger(words)
        }
        StatusCode::UNPROCESSABLE_ENTITY => Failure::Other(words),
        // 500 is what older witnesses say of a signature that they do not accept, too.
        _ => Failure::Silent(words),
    }
}
