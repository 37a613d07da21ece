//! What the program tells the shell.

use std::process::ExitCode;

use crate::error::ClientError;

/// The exit codes of `veche`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done as asked.
    Done = 0,
    /// The law or the server refuses, or the user said no.
    Refused = 1,
    /// The command line asks for something that cannot be.
    Usage = 2,
    /// The server was not reached, or gave no proper answer.
    Unreachable = 3,
    /// A file cannot be read or written, or does not hold what it must.
    Files = 4,
    /// What the city shows does not check out.
    Distrust = 5,
}

impl From<&ClientError> for Exit {
    fn from(error: &ClientError) -> Self {
        match error {
            ClientError::Usage(_) | ClientError::NoLog { .. } => Self::Usage,
            ClientError::File { .. }
            | ClientError::Content { .. }
            | ClientError::Passphrase { .. } => Self::Files,
            ClientError::Network { .. }
            | ClientError::TimeOut { .. }
            | ClientError::Answer { .. } => Self::Unreachable,
            ClientError::Refused(_)
            | ClientError::Unlawful { .. }
            | ClientError::NotYet(_)
            | ClientError::Declined => Self::Refused,
            ClientError::Distrust { .. } => Self::Distrust,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
