//! Formats that other tools of the field read and write, so that a poll can come from their files,
//! and its ballots can be handed to them and counted again.
//!
//! ```text
//! file --parse--> struct of its format --profile--> Profile (options, selections of the law)
//! file <--write-- struct of its format <--of------- Profile
//! ```
//!
//! Readers are strict: a file that contradicts itself is refused, with the line and the reason. A
//! writer refuses what its format cannot hold. What each format is here, spec/interchange.md says.
//!
//! Pure: text in, values out. Not here: the bytes that the law defines (entries, notes, receipts),
//! and how a poll is made of a file.

pub mod blt;
pub mod csv;
mod delimited;
mod fault;
pub mod pabulib;
pub mod preflib;
pub mod profile;

pub use delimited::FieldError;
pub use fault::{Fault, MAX_BYTES, Unwritable};

use thiserror::Error;

/// Digits alone are a number: no sign, no point, no separators.
fn integer(text: &str) -> Result<u64, NotInteger> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_digits { text.parse().ok() } else { None };
    number.ok_or_else(|| NotInteger(text.to_owned()))
}

/// A number that is not a decimal integer below 2^64.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a whole number")]
pub struct NotInteger(pub String);

#[cfg(test)]
mod tests;
