//! Keys of the RocksDB store. All numbers are big-endian, so byte order is numeric order.
//!
//! ```text
//! entries   log u32 | first index u64              a run of entries, see records.rs
//! tiles     log u32 | level u8 | index u64
//! heads     log u32
//! unique    log u32 | key of the caller
//! meta      0x00 | name                            the store's own: "format"
//!           0x01 | log u32                         origin of a log
//!           0x02 | key of the caller
//! ```

use crate::store::LogId;

/// The meta record that holds the format version of the whole store.
pub(super) const FORMAT: &[u8] = b"\x00format";

/// Before the origins of the logs.
pub(super) const ORIGIN: u8 = 0x01;

/// Before the meta records of the caller.
pub(super) const CALLER: u8 = 0x02;

const LOG_LENGTH: usize = 4;

/// Key of the run that begins at this entry.
pub(super) fn run(log: LogId, first: u64) -> [u8; 12] {
    let mut key = [0; 12];
    key[..LOG_LENGTH].copy_from_slice(&log.0.to_be_bytes());
    key[LOG_LENGTH..].copy_from_slice(&first.to_be_bytes());
    key
}

/// Index of the first entry of a run, from its key.
pub(super) fn first_of_run(log: LogId, key: &[u8]) -> Option<u64> {
    let index = key.strip_prefix(&head(log))?;
    index.try_into().ok().map(u64::from_be_bytes)
}

/// Key of a tile.
pub(super) fn tile(log: LogId, level: u8, index: u64) -> [u8; 13] {
    let mut key = [0; 13];
    key[..LOG_LENGTH].copy_from_slice(&log.0.to_be_bytes());
    key[LOG_LENGTH] = level;
    key[LOG_LENGTH + 1..].copy_from_slice(&index.to_be_bytes());
    key
}

/// Key of a head; also the prefix of everything else of the log in its column.
pub(super) fn head(log: LogId) -> [u8; LOG_LENGTH] {
    log.0.to_be_bytes()
}

/// Key of a unique record.
pub(super) fn unique(log: LogId, key: &[u8]) -> Vec<u8> {
    [&head(log), key].concat()
}

/// Key of the origin of a log.
pub(super) fn origin(log: LogId) -> [u8; 1 + LOG_LENGTH] {
    let mut key = [ORIGIN; 1 + LOG_LENGTH];
    key[1..].copy_from_slice(&head(log));
    key
}

/// The log of an origin's key.
pub(super) fn log_of_origin(key: &[u8]) -> Option<LogId> {
    let id = key.strip_prefix(&[ORIGIN])?;
    id.try_into().ok().map(u32::from_be_bytes).map(LogId)
}

/// Key of a meta record of the caller.
pub(super) fn meta(key: &[u8]) -> Vec<u8> {
    [&[CALLER], key].concat()
}

/// The first key after all keys with a prefix, if there is one.
pub(super) fn past_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut past = prefix[..=kept].to_vec();
    past[kept] += 1;
    Some(past)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_fixed() {
        let log = LogId(0x0102_0304);
        assert_eq!(run(log, 5), [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 5]);
        assert_eq!(tile(log, 6, 5), [1, 2, 3, 4, 6, 0, 0, 0, 0, 0, 0, 0, 5]);
        assert_eq!(head(log), [1, 2, 3, 4]);
        assert_eq!(unique(log, b"k"), [1, 2, 3, 4, b'k']);
        assert_eq!(origin(log), [1, 1, 2, 3, 4]);
        assert_eq!(meta(b"k"), [2, b'k']);
    }

    #[test]
    fn keys_read_back() {
        let log = LogId(7);
        assert_eq!(first_of_run(log, &run(log, u64::MAX)), Some(u64::MAX));
        assert_eq!(first_of_run(LogId(8), &run(log, 1)), None);
        assert_eq!(first_of_run(log, &head(log)), None);
        assert_eq!(log_of_origin(&origin(log)), Some(log));
        assert_eq!(log_of_origin(FORMAT), None);
    }

    #[test]
    fn the_end_of_a_prefix() {
        assert_eq!(past_prefix(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(past_prefix(&[1, 0xff, 0xff]), Some(vec![2]));
        assert_eq!(past_prefix(&[0xff]), None);
        assert_eq!(past_prefix(&[]), None);
    }
}
