//! The order of the house, kept by a test: who imports whom, how sources look, which requirement
//! of the law is enforced and tested where.
//!
//! Each module holds one kind of order: a checker that is a function of text, tests that show it
//! refuse bad text, and the one test that runs it over the repository. Not here: what rustfmt and
//! clippy already refuse.

mod documents;
mod imports;
mod law;
mod manifest;
mod orphans;
mod purity;
mod requirements;
mod shape;
mod source;
mod words;
