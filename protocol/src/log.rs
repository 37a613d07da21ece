//! The log: an RFC 6962 tree published in the C2SP formats, one module per document.

pub mod checkpoint;
pub mod cosignature;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod receipt;
pub mod tile;
