//! Tests of how receipts grow.
