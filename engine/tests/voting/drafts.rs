//! Placeholder head while being written.
