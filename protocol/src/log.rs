//! The log: an RFC 6962 tree published in the C2SP formats, one module per document.
//!
//! Everything here parses, builds and verifies bytes. Not here: what an entry means, and how a log
//! is stored, served or fetched.

pub mod checkpoint;
pub mod cosignature;
pub mod fork;
pub mod grown_receipt;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod receipt;
mod text;
pub mod tile;
pub mod witness;
