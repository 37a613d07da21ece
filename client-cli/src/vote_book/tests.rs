//! Tests of a voter's book.
