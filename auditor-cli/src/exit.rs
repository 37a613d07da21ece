//! What the program tells the shell.

use std::process::ExitCode;

use veche_protocol::audit::Verdict;

/// The exit codes of `veche-audit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The poll is sound, or all was done as asked.
    Sound = 0,
    /// The poll is not sound, or the receipt does not hold.
    Findings = 1,
    /// The command line, or a file that it names, is not what it must be.
    Usage = 2,
    /// The source cannot be read.
    Unreadable = 3,
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        // AUDIT-11: a program that recounts ends with the verdict.
        match verdict {
            Verdict::Sound => Self::Sound,
            Verdict::NotSound(_) => Self::Findings,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
