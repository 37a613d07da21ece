//! Publishing to files: the public files of a city, copied to a directory or a bucket, so that
//! readers need not ask the server (spec/publication.md, "To files").
//!
//! ```text
//! city (HTTP) -> heads that fit each other -> each file, held against its head -> destination
//!                                             then the heads, the register's last
//!                                             then partial tiles that nobody needs any more
//! ```
//!
//! What is there counts, and nothing is kept beside it: an end anywhere leaves every head at the
//! destination complete, and the next round goes on from there. The city is read as anyone reads
//! it, so what is published is what is public. Not here: serving what was published.

mod connector;
mod destination;
mod error;
mod heads;
mod leftovers;
mod location;
mod publisher;
mod register;
mod shelf;
mod source;
mod tree;

pub use destination::{Destination, Labels};
pub use error::PublishError;
pub use publisher::{Publisher, Round};
pub use source::CitySource;

/// Files under way at a time. A put to a bucket takes some 50 ms, so 16 make 320 files/s, those of
/// 40,000 ballots; with bundles of 10 MB, the largest that a roll has, they take 160 MB.
const PARALLEL: usize = 16;

/// Logs under way at a time, all of whose files together are [`PARALLEL`] at most: enough that a
/// city of many small logs does not wait for each in turn.
const LOGS: usize = 8;
