//! Values of the RocksDB store. Each begins with the version of its format.
//!
//! ```text
//! run       version u8 | count u8 | (length u16 | entry)*     1 to 64 entries, in the form of a
//!                                                             C2SP entry bundle
//! tile      version u8 | (hash 32)*                           1 to 256 hashes
//! head      version u8 | size u64 | root 32 | (hash 32)*      one hash per set bit of the size,
//!                                                             the largest subtree first
//! others    version u8 | bytes                                origin, unique, meta
//! ```
//!
//! A run never crosses a multiple of 256, so the runs of a bundle, joined, are the bundle. Runs
//! instead of single entries are what makes appending cheap: one key for up to 64 entries.
//!
//! Not here: keys (`keys.rs`).

use veche_protocol::hash::{HASH_LENGTH, Hash};

use crate::store::bundle::push_entry;
use crate::store::{BundleEntries, Head, StoreError};

/// Version of the store as a whole, kept in the meta record [`super::keys::FORMAT`].
pub(super) const STORE_VERSION: u8 = 1;

/// Version of every record written by this program.
const VERSION: u8 = 1;

/// Most entries of one run. It divides 256. With 64, a small entry is read with some 32 KiB around
/// it, and a bundle is four reads; the cost of a key has become small against 64 entries.
pub(super) const RUN_ENTRIES_MAX: u64 = 64;

/// A run that was read.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// Its entries as a bundle.
    pub(super) bundle: &'a [u8],
    /// Their number.
    pub(super) count: u64,
}

/// Encodes a run of 1 to [`RUN_ENTRIES_MAX`] entries into a buffer that is used again.
pub(super) fn encode_run(entries: &[Vec<u8>], value: &mut Vec<u8>) {
    value.clear();
    value.push(VERSION);
    value.push(u8::try_from(entries.len()).expect("at most 64 entries"));
    for entry in entries {
        push_entry(value, entry);
    }
}

/// Decodes a run.
pub(super) fn decode_run(value: &[u8]) -> Result<Run<'_>, StoreError> {
    match strip_version("run", value)?.split_first() {
        Some((&count, bundle)) if count > 0 => Ok(Run { bundle, count: count.into() }),
        _ => Err(StoreError::Corrupt("run without entries".to_owned())),
    }
}

/// The first `wanted` entries of a run, as a bundle.
pub(super) fn cut_run<'a>(run: &Run<'a>, wanted: u64) -> Result<&'a [u8], StoreError> {
    let mut entries = BundleEntries::new(run.bundle);
    let read = (0..wanted.min(run.count)).map_while(|_| entries.next()).count() as u64;
    let complete = read == wanted && (wanted < run.count || entries.is_at_end());
    if !complete {
        return Err(StoreError::Corrupt("run with a wrong number of entries".to_owned()));
    }
    Ok(&run.bundle[..run.bundle.len() - entries.rest().len()])
}

/// Encodes a tile.
pub(super) fn encode_tile(hashes: &[Hash], value: &mut Vec<u8>) {
    value.clear();
    value.push(VERSION);
    for hash in hashes {
        value.extend_from_slice(hash.as_bytes());
    }
}

/// Decodes the first `width` hashes of a tile; a shorter one is corrupt.
pub(super) fn decode_tile(value: &[u8], width: u16) -> Result<Vec<Hash>, StoreError> {
    let hashes = strip_version("tile", value)?;
    let (hashes, rest) = hashes.as_chunks::<HASH_LENGTH>();
    match hashes.get(..usize::from(width)) {
        Some(hashes) if rest.is_empty() => Ok(hashes.iter().copied().map(Hash).collect()),
        _ => Err(StoreError::Corrupt("tile shorter than its log".to_owned())),
    }
}

/// Encodes a head.
pub(super) fn encode_head(head: &Head) -> Vec<u8> {
    let mut value = vec![VERSION];
    value.extend_from_slice(&head.size.to_be_bytes());
    value.extend_from_slice(head.root.as_bytes());
    for hash in &head.frontier {
        value.extend_from_slice(hash.as_bytes());
    }
    value
}

/// Decodes a head.
pub(super) fn decode_head(value: &[u8]) -> Result<Head, StoreError> {
    let corrupt = || StoreError::Corrupt("malformed head".to_owned());
    let value = strip_version("head", value)?;
    let (size, hashes) = value.split_first_chunk().ok_or_else(corrupt)?;
    let size = u64::from_be_bytes(*size);
    let (hashes, rest) = hashes.as_chunks::<HASH_LENGTH>();
    let (root, frontier) = hashes.split_first().ok_or_else(corrupt)?;
    if !rest.is_empty() || frontier.len() != size.count_ones() as usize {
        return Err(corrupt());
    }
    Ok(Head { size, root: Hash(*root), frontier: frontier.iter().copied().map(Hash).collect() })
}

/// Encodes bytes that have no further structure here.
pub(super) fn encode_bytes(bytes: &[u8]) -> Vec<u8> {
    [&[VERSION], bytes].concat()
}

/// Decodes bytes that have no further structure here. `record` names them in an error.
pub(super) fn decode_bytes<'a>(
    record: &'static str,
    value: &'a [u8],
) -> Result<&'a [u8], StoreError> {
    strip_version(record, value)
}

fn strip_version<'a>(record: &'static str, value: &'a [u8]) -> Result<&'a [u8], StoreError> {
    match value.split_first() {
        Some((&VERSION, rest)) => Ok(rest),
        Some((&found, _)) => Err(StoreError::UnknownVersion { record, found, known: VERSION }),
        None => Err(StoreError::Corrupt(format!("empty {record}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use veche_protocol::hash::leaf_hash;

    fn hashes(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    #[test]
    fn a_run_comes_back_whole_and_cut() {
        let entries = vec![b"one".to_vec(), vec![], b"three".to_vec()];
        let mut value = Vec::new();
        encode_run(&entries, &mut value);
        assert_eq!(value, b"\x01\x03\x00\x03one\x00\x00\x00\x05three");
        let run = decode_run(&value).unwrap();
        assert_eq!(cut_run(&run, 3).unwrap(), b"\x00\x03one\x00\x00\x00\x05three");
        assert_eq!(cut_run(&run, 1).unwrap(), b"\x00\x03one");
        assert!(matches!(cut_run(&run, 4), Err(StoreError::Corrupt(_))));
    }

    #[test]
    fn a_run_that_is_damaged_is_corrupt() {
        let mut value = Vec::new();
        encode_run(&[b"one".to_vec(), b"two".to_vec()], &mut value);
        for length in 0..value.len() {
            let read = decode_run(&value[..length]).and_then(|run| cut_run(&run, 2));
            assert!(matches!(read, Err(StoreError::Corrupt(_))), "cut to {length} bytes");
        }
        value.push(0);
        let read = decode_run(&value).and_then(|run| cut_run(&run, 2));
        assert!(matches!(read, Err(StoreError::Corrupt(_))));
    }

    #[test]
    fn a_tile_serves_every_smaller_width() {
        let mut value = Vec::new();
        encode_tile(&hashes(200), &mut value);
        assert_eq!(value.len(), 1 + 200 * 32);
        assert_eq!(decode_tile(&value, 112).unwrap(), hashes(112));
        assert!(matches!(decode_tile(&value, 201), Err(StoreError::Corrupt(_))));
        assert!(matches!(decode_tile(&value[..100], 1), Err(StoreError::Corrupt(_))));
    }

    #[test]
    fn a_head_comes_back() {
        let head = Head { size: 0b1011, root: leaf_hash(b"root"), frontier: hashes(3) };
        let value = encode_head(&head);
        assert_eq!(decode_head(&value).unwrap(), head);
        for length in 0..value.len() {
            assert!(matches!(decode_head(&value[..length]), Err(StoreError::Corrupt(_))));
        }
    }

    #[test]
    fn an_unknown_version_is_named() {
        let mut value = encode_bytes(b"value");
        assert_eq!(decode_bytes("meta record", &value).unwrap(), b"value");
        value[0] = 9;
        assert!(matches!(
            decode_bytes("meta record", &value),
            Err(StoreError::UnknownVersion { record: "meta record", found: 9, known: VERSION })
        ));
    }
}
