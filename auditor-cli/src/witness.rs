//! A witness: cosigns the heads of logs that only grow, and keeps proof against those that do not.
//!
//! It follows C2SP tlog-witness 1.0 for whoever submits, and answers monitors who ask for the last
//! head that it has cosigned. It verifies no entry and reads no log; that is a monitor's work. Not
//! here: what is judged and in which order ([`veche_protocol::log::witness`]), HTTP as such
//! ([`crate::serve`]), and files of keys (the command).

mod evidence;
mod meter;
pub mod store;
pub mod trust;

use std::io;
use std::path::PathBuf;

use serde_json::json;
use veche_protocol::hash::Hash;
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{Note, NoteSignature, VerifierKey};
use veche_protocol::log::witness::{
    AddCheckpoint, MAX_REQUEST_LENGTH, Refusal, SIZE_MEDIA_TYPE, TrustedRequest,
};
use veche_protocol::signature::SigningKey;

use crate::serve::{Handler, Method, Request, Response};
use evidence::{Evidence, Finding};
use meter::Meter;
use store::{Advance, Store, StoreError, Witnessed};
use trust::{Known, TrustedLogs};

/// The longest body that a witness reads, in bytes.
pub const MAX_BODY: usize = MAX_REQUEST_LENGTH;

/// Tells the time in seconds since 1970.
pub type Clock = Box<dyn Fn() -> u64 + Send + Sync>;

/// The key that a witness cosigns with, and its name.
#[derive(Debug)]
pub struct Cosigner {
    name: String,
    key: SigningKey,
}

impl Cosigner {
    /// A name by LOG-3; the verifier key is what others trust.
    pub fn new(
        name: &str,
        key: SigningKey,
    ) -> Result<(Self, VerifierKey), veche_protocol::breach::Breach> {
        let verifier = VerifierKey::cosignature(name, key.key())?;
        Ok((Self { name: name.to_owned(), key }, verifier))
    }

    /// The lines for the text of a checkpoint at a time. They are a function of both, so that what
    /// was said once can be said again in the same words.
    fn cosign(&self, text: &str, time: u64) -> Vec<NoteSignature> {
        let line = cosignature::sign(text, time, &self.key, &self.name);
        vec![line.expect("the name was checked, and the time is a clock's")]
    }
}

/// A witness at work.
pub struct Witness {
    cosigner: Cosigner,
    verifier: VerifierKey,
    trusted: TrustedLogs,
    store: Store,
    evidence: Evidence,
    clock: Clock,
    meter: Meter,
}

impl Witness {
    /// A witness with this key for these logs, which remembers in `store` and keeps what it finds
    /// in the folder `evidence`. The error is the folder's.
    pub fn new(
        (cosigner, verifier): (Cosigner, VerifierKey),
        trusted: TrustedLogs,
        store: Store,
        evidence: Option<PathBuf>,
        clock: Clock,
    ) -> io::Result<Self> {
        let (evidence, meter) = (Evidence::new(evidence)?, Meter::default());
        Ok(Self { cosigner, verifier, trusted, store, evidence, clock, meter })
    }

    /// `POST /add-checkpoint`.
    fn add_checkpoint(&self, body: &[u8]) -> Response {
        let response = match self.judge(body) {
            Ok(Judged::Cosigned(lines)) => {
                Response::text(200, lines.iter().map(ToString::to_string).collect::<String>())
            }
            Ok(Judged::TooManyLogs) => {
                Response::text(507, "this city has as many logs here as it may\n")
            }
            Ok(Judged::Refused(refusal)) => refused(refusal),
            Err(error) => self.store_failed(&error),
        };
        self.meter.answered(response.status);
        response
    }

    fn judge(&self, body: &[u8]) -> Result<Judged, StoreError> {
        let (request, known) = match self.trust(body) {
            Ok(trusted) => trusted,
            Err(refusal) => return Ok(Judged::Refused(refusal)),
        };
        let note = signed_by(request.head().note(), &known.keys);
        match self.store.advance(&request, &note, &known.rule, (self.clock)())? {
            // WITNESS-7: the head is on the disk before it is cosigned.
            Advance::Kept { time } => Ok(Judged::Cosigned(self.cosigner.cosign(note.text(), time))),
            Advance::TooManyLogs => Ok(Judged::TooManyLogs),
            Advance::Refused(refusal, latest) => {
                if let Some(latest) = latest {
                    self.look_for_contradiction(&request, *latest, &known.keys);
                }
                Ok(Judged::Refused(refusal))
            }
        }
    }

    /// The checks that need no memory.
    fn trust(&self, body: &[u8]) -> Result<(TrustedRequest, Known), Refusal> {
        let request = AddCheckpoint::parse(body).map_err(Refusal::Malformed)?;
        let known = self.trusted.known(request.origin()).ok_or(Refusal::UnknownOrigin)?;
        Ok((request.trust(&known.keys)?, known))
    }

    fn look_for_contradiction(
        &self,
        request: &TrustedRequest,
        latest: Witnessed,
        keys: &[VerifierKey],
    ) {
        // The proof shows that this witness had cosigned the one head.
        let latest = Witnessed { note: self.cosigned(&latest), ..latest };
        let Some(finding) = Finding::of(request, &latest, keys) else { return };
        match finding {
            Finding::Fork(_) => self.meter.forks.increment(),
            Finding::Suspicion(_) => self.meter.suspicions.increment(),
        }
        self.evidence.keep(&latest.checkpoint.origin, &finding);
    }

    /// A head with the lines of the log and of this witness, as they were given.
    fn cosigned(&self, head: &Witnessed) -> Note {
        let mut note = head.note.clone();
        for line in self.cosigner.cosign(note.text(), head.time) {
            note.add_signature(line).expect("a kept note has one line for each trusted key");
        }
        note
    }

    /// `GET /checkpoint/<hash of the origin>`: the head that was cosigned last, with the lines of
    /// the log and of the witness.
    fn checkpoint(&self, hash: &str) -> Response {
        // WITNESS-10: what monitors ask for.
        let Some(origin) = parse_hash(hash) else { return not_found() };
        match self.store.latest(&origin) {
            Ok(Some(head)) => Response::text(200, self.cosigned(&head).to_string())
                .with_header("cache-control", "no-cache"),
            Ok(None) => not_found(),
            Err(error) => self.store_failed(&error),
        }
    }

    fn health(&self) -> Response {
        let logs = match self.store.logs() {
            Ok(logs) => logs,
            Err(error) => return self.store_failed(&error),
        };
        let body = json!({
            "status": "ok",
            "witness": self.verifier.to_string(),
            "logs": logs,
            "forks": self.meter.forks.value(),
            "suspicions": self.meter.suspicions.value(),
        });
        Response::new(200, "application/json", body.to_string() + "\n")
    }

    fn metrics(&self) -> Response {
        let text = self.meter.exposition(self.store.logs().ok());
        Response::new(200, "text/plain; version=0.0.4; charset=utf-8", text)
    }

    /// Without its memory a witness says nothing.
    fn store_failed(&self, error: &StoreError) -> Response {
        // WITNESS-7: what cannot be read or written is no reason to cosign.
        self.meter.store_failures.increment();
        eprintln!("the store fails: {error}");
        Response::text(503, "the store of this witness fails\n")
    }
}

impl Handler for Witness {
    fn answer(&self, request: Request) -> Response {
        const ADD_CHECKPOINT: &str = "/add-checkpoint";
        match (request.method, request.path.as_str()) {
            (Method::Post, ADD_CHECKPOINT) => self.add_checkpoint(&request.body),
            (_, ADD_CHECKPOINT) => {
                Response::text(405, "this is for POST\n").with_header("allow", "POST")
            }
            (Method::Get, "/health") => self.health(),
            (Method::Get, "/metrics") => self.metrics(),
            (Method::Get, path) => match path.strip_prefix("/checkpoint/") {
                Some(hash) => self.checkpoint(hash),
                None => not_found(),
            },
            _ => not_found(),
        }
    }
}

/// What becomes of a request.
enum Judged {
    Cosigned(Vec<NoteSignature>),
    Refused(Refusal),
    TooManyLogs,
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        // WITNESS-5: the size and nothing else.
        Refusal::Stale { latest } => {
            Response::new(refusal.status(), SIZE_MEDIA_TYPE, format!("{latest}\n"))
        }
        _ => Response::text(refusal.status(), format!("{refusal}\n")),
    }
}

fn not_found() -> Response {
    Response::text(404, "there is nothing here\n")
}

/// A checkpoint with the lines of these keys alone, one for each that has signed: all that is
/// needed to hold the log to it, and nothing that strangers can make longer.
fn signed_by(note: &Note, keys: &[VerifierKey]) -> Note {
    let line = |key: &VerifierKey| note.signatures().iter().find(|line| key.claims(line));
    let lines: String = keys.iter().filter_map(line).map(ToString::to_string).collect();
    Note::parse(format!("{}\n{lines}", note.text()).as_bytes())
        .expect("a part of a note that has at least one of its lines is a note")
}

/// Reads 64 lower-case hexadecimal digits.
fn parse_hash(text: &str) -> Option<Hash> {
    let hash = Hash::from_slice(&hex::decode(text).ok()?)?;
    (hash.to_string() == text).then_some(hash)
}

#[cfg(test)]
mod tests;
