//! Taking entry bundles apart and putting them together (C2SP tlog-tiles): big-endian u16 length,
//! entry bytes, repeated.
//!
//! Not here: which entries make a bundle ([`super::tiling`]), nor reading bundles of others (the
//! protocol's part, with its own findings).

use super::ENTRY_BYTES_MAX;

/// The entries of a bundle, one after another. It ends at the first entry that is cut short.
#[derive(Clone, Debug)]
pub struct BundleEntries<'a> {
    rest: &'a [u8],
}

impl<'a> BundleEntries<'a> {
    /// Reads from the beginning of a bundle.
    pub fn new(bundle: &'a [u8]) -> Self {
        Self { rest: bundle }
    }

    /// Whether every byte has been read: false in the middle, and after an entry cut short.
    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for BundleEntries<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        self.rest = rest;
        Some(entry)
    }
}

/// Adds an entry to a bundle. Its length was checked with the batch.
pub(crate) fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) {
    debug_assert!(entry.len() <= ENTRY_BYTES_MAX);
    let length = u16::try_from(entry.len()).expect("at most 65,535 bytes");
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_every_length_come_back() {
        let entries = [vec![], vec![7], vec![1; 300], vec![2; ENTRY_BYTES_MAX]];
        let mut bundle = Vec::new();
        for entry in &entries {
            push_entry(&mut bundle, entry);
        }
        let mut read = BundleEntries::new(&bundle);
        assert!(entries.iter().all(|entry| read.next() == Some(entry)));
        assert!(read.is_at_end());
        assert_eq!(read.next(), None);
    }

    #[test]
    fn an_entry_cut_short_is_not_an_entry() {
        let mut bundle = Vec::new();
        push_entry(&mut bundle, b"whole");
        push_entry(&mut bundle, b"cut");
        for length in 8..bundle.len() {
            let mut read = BundleEntries::new(&bundle[..length]);
            assert_eq!(read.next(), Some(&b"whole"[..]));
            assert_eq!(read.next(), None);
            assert!(!read.is_at_end(), "cut to {length} bytes");
        }
    }
}
