//! cosignature
