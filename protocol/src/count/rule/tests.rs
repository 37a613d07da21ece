//! Bounds and codes of the rules.
