//! Publishing to files: what the destination holds is complete after every end anywhere, is never
//! less or other than before, and is all that an observer needs.
//!
//! A city on paper is published to places that fail on demand, and a real one by the real program
//! to a directory and to a bucket that speaks S3 over HTTP.

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod bucket;
mod buckets;
mod directory;
mod faults;
mod faulty_store;
mod kept;
mod live;
mod refusals;
mod rounds;
mod shown_city;
