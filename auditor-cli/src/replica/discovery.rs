//! What a copier or monitor comes upon, with what a stranger needs to check it.
//!
//! Not here: where it is kept and whom it is told ([`crate::follow`]).

use veche_protocol::breach::Breach;
use veche_protocol::log::fork::ForkProof;
use veche_protocol::log::note::Note;
use veche_protocol::name::LogPath;

/// What a discovery means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It is good to know.
    Notice,
    /// Something is wrong; others may have to look for themselves.
    Finding,
    /// Something is wrong, and the exhibits prove it to anyone.
    Proof,
}

impl Weight {
    /// In one word, for a program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Finding => "finding",
            Self::Proof => "proof",
        }
    }
}

/// A file that belongs to a discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name, without a folder.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Kept {
    /// A file of this name.
    pub fn new(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.to_owned(), bytes: bytes.into() }
    }
}

/// One thing that was come upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// What it means.
    pub weight: Weight,
    /// A code of the law, or one of spec/monitors.md.
    pub code: &'static str,
    /// The log that it is about, if it is about one.
    pub log: Option<LogPath>,
    /// In words, in one line.
    pub words: String,
    /// What tells it from others with the same code and log.
    pub key: String,
    /// What proves or shows it.
    pub exhibits: Vec<Kept>,
    /// How somebody else checks it.
    pub check: String,
}

impl Discovery {
    /// Something that is good to know.
    pub fn notice(code: &'static str, log: Option<&LogPath>, words: String) -> Self {
        let key = words.clone();
        let (log, exhibits, check) = (log.cloned(), Vec::new(), String::new());
        Self { weight: Weight::Notice, code, log, words, key, exhibits, check }
    }

    /// Something that is wrong.
    pub fn finding(code: &'static str, log: Option<&LogPath>, words: String) -> Self {
        Self { weight: Weight::Finding, ..Self::notice(code, log, words) }
    }

    /// Two heads that cannot both be true.
    pub fn fork(log: &LogPath, proof: &ForkProof) -> Self {
        // FORK-3, MONITOR-5: it convicts by itself whoever holds the key.
        let words =
            format!("{log}: two signed heads cannot both be true; {} signed both", { proof.key() });
        Self {
            weight: Weight::Proof,
            code: Breach::HeadForked.code(),
            log: Some(log.clone()),
            words,
            key: format!("{}{}", proof.first().text(), proof.second().text()),
            exhibits: vec![Kept::new("proof.veche-fork", proof.to_string())],
            check: "veche-audit fork proof.veche-fork --key KEY, with a verifier key of the city \
                    that you have from elsewhere, or --policy FILE: it needs no network, and \
                    nothing else from whoever gives you this."
                .to_owned(),
        }
    }

    /// The same with a head as it was shown, and where.
    #[must_use]
    pub fn with_head(mut self, name: &str, note: &Note) -> Self {
        self.key.push_str(note.text());
        self.exhibits.push(Kept::new(name, note.to_string()));
        self
    }

    /// The same with another way to check it.
    #[must_use]
    pub fn checked_by(self, check: &str) -> Self {
        Self { check: check.to_owned(), ..self }
    }
}
