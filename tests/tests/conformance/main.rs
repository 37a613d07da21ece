//! The law in Rust against the vectors of the law, and the vectors against their generator and
//! against the grammar. Any other implementation eats the same files.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic, in its helpers too")]

mod cities;
mod coverage;
mod entries;
mod forks;
mod grammar;
mod interleavings;
mod logs;
mod recounts;
mod submissions;
mod support;
mod trustees;
mod witnesses;

use veche_tests::vectors;

#[test]
fn the_vectors_are_what_the_generator_makes() {
    assert_eq!(vectors::differences(&support::root()), Vec::<String>::new());
}
