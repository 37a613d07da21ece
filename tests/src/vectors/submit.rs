//! Vectors of submissions: an entry handed in to a server whose logs are in a known state, and what
//! the server must answer (spec/api.md). The form is in `spec/vectors/submit/README.md`.
//!
//! The state is that of a recount vector, named by it, so that whoever has a verifier has the
//! state. What the answer must be is written beside each submission by hand. Not here: bodies,
//! types and headers of HTTP.

mod acts;
mod ballots;
mod credentials;
mod rolls;
mod trustees;

use serde_json::json;
use veche_protocol::entry::SignedEntry;

use super::Files;

/// A time at which the polls of all stories are open, in seconds since 1970.
const WHILE_OPEN: u64 = 1_800_000_100;

/// What a server must answer.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// The entry stands at this index.
    Recorded(u64),
    /// The entry is refused with this code and status, and nothing has changed.
    Refused(&'static str, u16),
}

/// An entry handed in.
#[derive(Clone, Debug)]
struct Submission {
    name: &'static str,
    what: &'static str,
    /// The recount vector whose logs the server holds.
    city: &'static str,
    path: String,
    entry: Vec<u8>,
    /// The server's clock.
    clock: u64,
    answer: Answer,
}

impl Submission {
    fn new(
        name: &'static str,
        what: &'static str,
        (city, path): (&'static str, &str),
        entry: &SignedEntry,
        answer: Answer,
    ) -> Self {
        let (path, entry) = (path.to_owned(), entry.bytes().to_vec());
        Self { name, what, city, path, entry, clock: WHILE_OPEN, answer }
    }

    /// The same bytes changed.
    fn altered(mut self, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        change(&mut self.entry);
        self
    }

    /// The same at another time.
    const fn at(mut self, clock: u64) -> Self {
        self.clock = clock;
        self
    }

    fn render(&self, files: &mut Files) {
        let mut vector = json!({
            "what": self.what,
            "city": format!("recount/{}.json", self.city),
            "clock": self.clock,
            "path": self.path,
            "entry": hex::encode(&self.entry),
        });
        match self.answer {
            Answer::Recorded(index) => {
                vector["status"] = json!(200);
                vector["index"] = json!(index);
            }
            Answer::Refused(code, status) => {
                vector["status"] = json!(status);
                vector["code"] = json!(code);
            }
        }
        let double = files.insert(format!("submit/{}.json", self.name).into(), vector);
        assert!(double.is_none(), "two vectors of the name {}", self.name);
    }
}

/// Adds the vectors of this module.
pub fn make(files: &mut Files) {
    let chapters = [
        ballots::submissions(),
        acts::submissions(),
        rolls::submissions(),
        credentials::submissions(),
        trustees::submissions(),
    ];
    for submission in chapters.iter().flatten() {
        submission.render(files);
    }
}
