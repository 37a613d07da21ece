//! The law of Veche in Rust: types, bytes, hashes, proofs, rules, folds and verification steps.
//!
//! Everything here is a pure function of its arguments: no I/O, no clock, no randomness of its own,
//! but for a new key of an issuer, whose primes a library draws (`blind_rsa`). Each module answers
//! to one document under `spec/` and quotes its requirement identifiers.

pub mod audit;
pub mod blind_rsa;
pub mod breach;
pub mod ceremony;
pub mod count;
pub mod encoding;
pub mod entry;
pub mod hash;
pub mod interchange;
pub mod key_table;
pub mod log;
pub mod ml_dsa;
pub mod name;
pub mod poll;
pub mod register;
pub mod roll;
pub mod sealing;
pub mod signature;
