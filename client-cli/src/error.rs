//! Everything that can go wrong in a person's hands: one sentence, one stable code, one advice.
//!
//! Not here: the meaning of breaches of the law, which is the protocol's own table.

use core::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use veche_keys::encrypted_file::EncryptedFileError;
use veche_keys::key_file::KeyFileError;
use veche_keys::passphrase::PassphraseError;
use veche_keys::private_file::FileError;
use veche_protocol::breach::Breach;

use crate::api::problem::Problem;

/// Why something was not done.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The command line or a file of the user's own asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// The server does not have this log, or has not published it yet.
    #[error("there is no log {log} at {at}")]
    NoLog {
        /// Path of the log.
        log: String,
        /// Address of the server.
        at: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is there but does not hold what it must.
    #[error("{}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The passphrase does not open a key.
    #[error("{}: the passphrase does not open this key", path.display())]
    Passphrase {
        /// The key file.
        path: PathBuf,
    },
    /// The server cannot be reached, or the connection broke.
    #[error("{url}: {reason}")]
    Network {
        /// What was asked for.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The server took too long.
    #[error("{url}: no answer in time")]
    TimeOut {
        /// What was asked for.
        url: String,
    },
    /// The server answered with something that is no answer to what was asked.
    #[error("{url}: {reason}")]
    Answer {
        /// What was asked for.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The server refused, and said why.
    #[error("the server refuses: {0}")]
    Refused(Problem),
    /// What was about to be signed or sent breaks the law.
    #[error("{what}: {}", breach.meaning())]
    Unlawful {
        /// What it is.
        what: String,
        /// How it breaks the law.
        breach: Breach,
    },
    /// What the city or its server shows does not check: evidence, not an accident.
    #[error("{what}: {}", breach.meaning())]
    Distrust {
        /// What was checked.
        what: String,
        /// What the check found.
        breach: Breach,
    },
    /// Others have to do something first.
    #[error("{0}")]
    NotYet(String),
    /// The user said no.
    #[error("nothing was done")]
    Declined,
}

impl ClientError {
    /// An error of the user's input.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// An error of the file system.
    pub fn file(path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::File { path: path.as_ref().to_owned(), source }
    }

    /// An error of a file's content.
    pub fn content(path: impl AsRef<Path>, reason: impl Display) -> Self {
        Self::Content { path: path.as_ref().to_owned(), reason: format!("{reason}") }
    }

    /// For `map_err`: what was about to be signed breaks the law.
    pub fn unlawful(what: impl Into<String>) -> impl FnOnce(Breach) -> Self {
        |breach| Self::Unlawful { what: what.into(), breach }
    }

    /// For `map_err`: what was shown does not check.
    pub fn distrust(what: impl Into<String>) -> impl FnOnce(Breach) -> Self {
        |breach| Self::Distrust { what: what.into(), breach }
    }

    /// The stable code, lower case with hyphens: the law's own where there is one.
    pub fn code(&self) -> &str {
        match self {
            Self::Usage(_) | Self::NoLog { .. } => "usage",
            Self::File { .. } => "file-unreadable",
            Self::Content { .. } => "file-content",
            Self::Passphrase { .. } => "passphrase-wrong",
            Self::Network { .. } => "network-failed",
            Self::TimeOut { .. } => "network-timeout",
            Self::Answer { .. } => "answer-malformed",
            Self::Refused(problem) => &problem.code,
            Self::Unlawful { breach, .. } | Self::Distrust { breach, .. } => breach.code(),
            Self::NotYet(_) => "not-yet",
            Self::Declined => "declined",
        }
    }

    /// What to do now, in a sentence; `None` where the sentence of the error says it all.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Network { .. } => Some("check the address and the connection, then try again"),
            Self::TimeOut { .. } => {
                Some("run the same command again: the same bytes are never counted twice")
            }
            Self::Answer { .. } => {
                Some("check that the address is that of a Veche server, not of a page before it")
            }
            Self::Passphrase { .. } => Some("try again; nobody can restore a lost passphrase"),
            Self::Distrust { .. } => Some(
                "do not go on. Keep your files: they are evidence. Tell observers, and check what \
                 you were told out of band (instance id, log key)",
            ),
            Self::NotYet(_) => Some("run the same command again later"),
            Self::Refused(problem) => advice_on(&problem.code),
            Self::Unlawful { breach, .. } => advice_on(breach.code()),
            Self::Usage(_)
            | Self::NoLog { .. }
            | Self::File { .. }
            | Self::Content { .. }
            | Self::Declined => None,
        }
    }
}

/// A file that cannot be used.
impl From<FileError> for ClientError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { path, source } => Self::File { path, source },
            FileError::TooLong { path } => Self::content(path, "the file is too long"),
            FileError::NotText { path } => Self::content(path, "the file is not text"),
        }
    }
}

impl From<EncryptedFileError> for ClientError {
    fn from(error: EncryptedFileError) -> Self {
        match error {
            EncryptedFileError::File(error) => error.into(),
            EncryptedFileError::Kind { path, kind } => {
                Self::content(path, format!("this is not a {kind} file"))
            }
            EncryptedFileError::Passphrase { path } => Self::Passphrase { path },
            EncryptedFileError::Held { .. } => Self::usage(error.to_string()),
            EncryptedFileError::Randomness { path } => {
                Self::content(path, KeyFileError::Randomness)
            }
        }
    }
}

impl From<PassphraseError> for ClientError {
    fn from(error: PassphraseError) -> Self {
        match error {
            PassphraseError::File(error) => error.into(),
            PassphraseError::Terminal(source) => Self::file("the terminal", source),
            PassphraseError::Unattended | PassphraseError::Different | PassphraseError::Empty => {
                Self::usage(error.to_string())
            }
        }
    }
}

/// A proof that does not hold, met while reading a log's tiles.
impl From<Breach> for ClientError {
    fn from(breach: Breach) -> Self {
        Self::Distrust { what: "a proof from the log's tiles".to_owned(), breach }
    }
}

/// What to do about a refusal with this code.
fn advice_on(code: &str) -> Option<&'static str> {
    Some(match code {
        "too-busy" | "timed-out" => "wait a little, then run the same command again",
        "seen-mismatch" | "draft-stale" | "signature-invalid" => {
            "the log has moved on since this was signed: make the act anew"
        }
        "anchor-missing" => "wait until the register has taken note of the close, then certify",
        "opened-early" | "closed-early" => "wait for the announced time",
        "already-voted" => "the poll counts the first ballot; yours stands already",
        "stale-turn" => "a ballot of yours with this turn stands already: use a higher --turn",
        "voter-unknown" => "check with `veche roll check` that your key stands on the poll's roll",
        "officer-unknown" | "officer-role" => {
            "sign with the key of an officer who holds the role for this act"
        }
        "storage-full" | "storage-failed" | "internal" => {
            "nothing was promised: tell the operator, then run the same command again"
        }
        _ => return None,
    })
}
