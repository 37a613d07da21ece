//! Formats that other tools of the field read and write, so that a count can be held against them.
//!
//! Pure: text in, values out. Not here: the bytes that the law defines (entries, notes, receipts).

mod delimited;
pub mod pabulib;
