//! What is wrong with a file that was read, and why ballots do not fit into a format.
//!
//! Not here: the defects of the formats themselves, which stand beside their readers.

use thiserror::Error;

use super::profile::Form;

/// Longest file of any format, in bytes: 5 million ballots of 50 bytes.
pub const MAX_BYTES: usize = 256 << 20;

/// Why a file was refused, and on which line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct Fault<R> {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: R,
}

/// Why ballots cannot be handed over in a format. Ballots are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unwritable {
    /// The format knows no ballots of this form.
    #[error("a {format} file holds {holds}; these ballots are {form}")]
    Form {
        /// The format.
        format: &'static str,
        /// What it holds.
        holds: &'static str,
        /// What the ballots are.
        form: Form,
    },
    /// The format asks for every option on every ballot.
    #[error("ballot {ballot} does not rank every option, as a {format} file asks for")]
    Incomplete {
        /// The format.
        format: &'static str,
        /// The ballot.
        ballot: usize,
    },
    /// The format has no equal ranks.
    #[error("on ballot {ballot} options share a rank, which a {format} file cannot hold")]
    SharedRank {
        /// The format.
        format: &'static str,
        /// The ballot.
        ballot: usize,
    },
    /// The format has no way to write this text.
    #[error("a {format} file cannot hold the text {text:?}: {reason}")]
    Text {
        /// The format.
        format: &'static str,
        /// The text.
        text: String,
        /// What about it.
        reason: &'static str,
    },
    /// A Pabulib file names what may be spent.
    #[error("a .pb file names a budget, and this question has none")]
    Budget,
    /// The selection is not of the form that it is said to have.
    #[error("ballot {ballot} is not one of {form}")]
    Selection {
        /// The ballot.
        ballot: usize,
        /// What it should be.
        form: Form,
    },
}

/// A text for a format that ends a line where the text would break one.
pub(super) fn one_line(format: &'static str, text: &str) -> Result<(), Unwritable> {
    if text.contains(['\n', '\r']) {
        let reason = "it has more than one line";
        return Err(Unwritable::Text { format, text: text.to_owned(), reason });
    }
    Ok(())
}

/// The lines of a file with their numbers, without those that hold nothing.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}
