//! PrefLib's files of rankings: `.soc`, `.soi`, `.toc`, `.toi` (<https://preflib.org/format>).
//!
//! ```text
//! # DATA TYPE: toi                     the header of today; older files begin
//! # NUMBER ALTERNATIVES: 3             3
//! # NUMBER VOTERS: 7                   1,Oaks
//! # NUMBER UNIQUE ORDERS: 2            2,Limes
//! # ALTERNATIVE NAME 1: Oaks           3,Birches
//! ...                                  7,7,2
//! 5: 1, {2, 3}                         5,1,{2,3}
//! 2: 3                                 2,3
//! ```
//!
//! In scope: both headers, every key of the header, orders with and without ties, complete or not.
//! Strict: names, numbers and the promise of the type (complete, without ties) are checked. Written
//! is the header of today. Not in scope: `.cat`, `.wmd` and the other files of PrefLib.

mod profile;
mod read;
mod write;

use core::fmt;

use thiserror::Error;

use super::NotInteger;
use super::fault::{Fault, MAX_BYTES};

pub use read::parse;

/// Most alternatives: an index has 16 bits, and so has a rank.
pub const MAX_ALTERNATIVES: usize = u16::MAX as usize;

/// What the orders of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Strict and complete.
    Soc,
    /// Strict, and may leave alternatives out.
    Soi,
    /// Complete, and may have ties.
    Toc,
    /// May have ties and leave alternatives out.
    Toi,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Soc, Self::Soi, Self::Toc, Self::Toi];

    /// The kind by its name, which is the extension of its files.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Soc => "soc",
            Self::Soi => "soi",
            Self::Toc => "toc",
            Self::Toi => "toi",
        }
    }

    /// Whether every order has every alternative.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Soc | Self::Toc)
    }

    /// Whether no two alternatives share a place.
    pub const fn is_strict(self) -> bool {
        matches!(self, Self::Soc | Self::Soi)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefLib {
    /// What the orders are.
    pub kind: Kind,
    /// The keys of the header and their values, but for those that follow from the other fields.
    pub meta: Vec<(String, String)>,
    /// The names of the alternatives, in the order of their numbers.
    pub alternatives: Vec<String>,
    /// The orders in the order of the file.
    pub orders: Vec<Order>,
}

/// Equal orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// How many voters have it, at least 1.
    pub count: u64,
    /// Indices into [`PrefLib::alternatives`], best first, those of one place together.
    pub groups: Vec<Vec<u16>>,
}

impl PrefLib {
    /// The value of a key of the header.
    pub fn meta(&self, key: &str) -> Option<&str> {
        self.meta.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

const DATA_TYPE: &str = "DATA TYPE";
const ALTERNATIVES: &str = "NUMBER ALTERNATIVES";
const VOTERS: &str = "NUMBER VOTERS";
const ORDERS: &str = "NUMBER UNIQUE ORDERS";
const NAME: &str = "ALTERNATIVE NAME ";

/// Why a file was refused, and on which line.
pub type PrefLibError = Fault<Reason>;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The file is longer than [`MAX_BYTES`].
    #[error("the file is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The file ends before its orders.
    #[error("the file ends where {0} should stand")]
    Ended(&'static str),
    /// A line of the header has no colon.
    #[error("a line of the header is `# KEY: value`")]
    HeaderLine,
    /// A line of the header stands among the orders.
    #[error("the header ends before the first order")]
    HeaderLate,
    /// A key stands twice.
    #[error("{0} stands twice")]
    Repeated(String),
    /// The header lacks a key.
    #[error("the header has no {0}")]
    KeyMissing(&'static str),
    /// Nothing says what the orders are.
    #[error("neither the header nor the name of the file says which of soc, soi, toc, toi it is")]
    KindMissing,
    /// The header names another type.
    #[error("the data type is {0:?}, and soc, soi, toc and toi are read")]
    Kind(String),
    /// The name of the file says another type than the header.
    #[error("the file is named .{named} and its header says {said}")]
    KindDiffers {
        /// By the name.
        named: Kind,
        /// By the header.
        said: Kind,
    },
    /// A number is not a decimal integer below 2^64.
    #[error(transparent)]
    Number(#[from] NotInteger),
    /// There are no alternatives, or more than [`MAX_ALTERNATIVES`].
    #[error("{0} alternatives; from 1 to {MAX_ALTERNATIVES} are read")]
    AlternativeCount(u64),
    /// An alternative has no name.
    #[error("alternative {0} has no name")]
    Nameless(u64),
    /// A name is of an alternative that there is not, or of another than follows.
    #[error("there is no alternative {0}, or its name stands elsewhere")]
    AlternativeUnknown(String),
    /// An order names an alternative twice.
    #[error("the alternative {0} stands twice in an order")]
    AlternativeRepeated(u64),
    /// A line is no order: no colon, a brace that is not closed, a comma too many.
    #[error("an order is `count: 1, {{2, 3}}`: {0}")]
    Form(&'static str),
    /// An order that nobody has.
    #[error("nobody has this order")]
    Nobody,
    /// The type promises complete orders.
    #[error("the order leaves out alternatives, which a .{0} file does not")]
    Incomplete(Kind),
    /// The type promises strict orders.
    #[error("the order has a tie, which a .{0} file does not")]
    Tied(Kind),
    /// The header announces another number than the file has.
    #[error("{key} is {said}, the file has {found}")]
    Announced {
        /// What is announced.
        key: &'static str,
        /// How many.
        said: u64,
        /// How many there are.
        found: u64,
    },
}

#[cfg(test)]
mod tests;
