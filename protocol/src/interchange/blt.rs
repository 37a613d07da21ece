//! BLT: ballots of a single transferable vote, as Hill, Wichmann and Woodall wrote them down for
//! Meek's method (The Computer Journal 30(3), 1987), with what later programs have added.
//!
//! ```text
//! 4 2                  candidates and seats
//! -2                   candidate 2 has withdrawn
//! 3 1 3 4 0            three ballots: 1, then 3, then 4
//! (x7) 2 4 1=3 0       two ballots named x7: 4, then 1 and 3 alike
//! 0                    the end of the ballots
//! "Adam"               the names, then a title, then at most two remarks
//! "Basil" "Cleo" "Don"
//! "Council"            # a comment goes to the end of its line
//! ```
//!
//! In scope: all of this. Strict: a ballot stands on one line with its closing 0, so that none can
//! swallow the next. Not in scope: weights that are not whole, skipped ranks (`-`), nicknames and
//! other options in brackets, a quote inside a name: each is refused by its name.

mod profile;
mod read;
mod write;

use thiserror::Error;

use super::NotInteger;
use super::fault::{Fault, MAX_BYTES};

pub use read::parse;

/// Most candidates: an index has 16 bits, and so has a rank.
pub const MAX_CANDIDATES: usize = u16::MAX as usize;

/// Most texts after the title: a source and a comment.
pub const MAX_REMARKS: usize = 2;

/// A file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blt {
    /// How many are to be elected.
    pub seats: u64,
    /// The candidates in the order of their numbers.
    pub candidates: Vec<Candidate>,
    /// The ballots in the order of the file.
    pub ballots: Vec<Ballot>,
    /// What the election is called.
    pub title: Option<String>,
    /// What stands after the title.
    pub remarks: Vec<String>,
}

/// Who can be elected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name.
    pub name: String,
    /// Whether the candidate has withdrawn; ballots may name them still.
    pub is_withdrawn: bool,
}

/// Equal ballots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// What stood before them in parentheses.
    pub id: Option<String>,
    /// How many there are, at least 1.
    pub weight: u64,
    /// Indices into [`Blt::candidates`], best first, those of one rank together.
    pub groups: Vec<Vec<u16>>,
}

/// Why a file was refused, and on which line.
pub type BltError = Fault<Reason>;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The file is longer than [`MAX_BYTES`].
    #[error("the file is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The file ends too early.
    #[error("the file ends where {0} should stand")]
    Ended(&'static str),
    /// Something else stands there.
    #[error("expected {expected}, found {found:?}")]
    Expected {
        /// What should stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A number is not a decimal integer below 2^64.
    #[error(transparent)]
    Number(#[from] NotInteger),
    /// There are no candidates, or more than [`MAX_CANDIDATES`].
    #[error("{0} candidates; from 1 to {MAX_CANDIDATES} are read")]
    CandidateCount(u64),
    /// More seats than candidates, or none.
    #[error("{seats} seats for {candidates} candidates")]
    Seats {
        /// The seats.
        seats: u64,
        /// The candidates.
        candidates: u64,
    },
    /// A number is not that of a candidate.
    #[error("there is no candidate {0}")]
    CandidateUnknown(String),
    /// A ballot ranks a candidate twice, or one withdraws twice.
    #[error("the candidate {0} stands twice")]
    CandidateRepeated(u64),
    /// A ballot has no closing 0 on its line.
    #[error("the ballot has no 0 at its end")]
    NotClosed,
    /// A ballot leaves out a rank.
    #[error("the ballot skips a rank, which is not read")]
    Skipped,
    /// Options such as `[nick ...]`.
    #[error("options in brackets are not read")]
    Option,
    /// A quote or a parenthesis is not closed on its line.
    #[error("{0} is not closed on its line")]
    Unclosed(&'static str),
    /// A name is empty.
    #[error("a candidate has no name")]
    Nameless,
    /// Something stands after the remarks.
    #[error("nothing follows the remarks, but {0:?} does")]
    TooMuch(String),
}

#[cfg(test)]
mod tests;
