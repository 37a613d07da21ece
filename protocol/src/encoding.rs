//! Deterministic CBOR (RFC 8949, section 4.2.1), as little of it as the entries use.
//!
//! In scope: arrays, unsigned 64-bit integers, byte strings, UTF-8 text, booleans, null. Out of
//! scope, and refused: negative integers, floats, maps, tags, indefinite lengths. Every value has
//! one form, so decode-then-encode is the identity.
//!
//! ```text
//! initial byte:  major type (3 bits) | additional information (5 bits)
//! information:   0..=23 the value itself; 24, 25, 26, 27: 1, 2, 4 or 8 bytes follow, big-endian
//! major types:   0 integer, 2 bytes, 3 text, 4 array; 0xf4 false, 0xf5 true, 0xf6 null
//! ```

use crate::breach::Breach;
use crate::hash::Hash;

const UINT: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const SIMPLE: u8 = 7;
const FALSE: u8 = 20;
const TRUE: u8 = 21;
const NULL: u8 = 22;

/// Writes items one after another. It cannot write anything but the deterministic form.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    bytes: Vec<u8>,
}

impl Encoder {
    /// An encoder with nothing written.
    pub fn new() -> Self {
        Self::default()
    }

    /// An encoder with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity) }
    }

    /// The head of an array; exactly `length` items must follow.
    pub fn array(&mut self, length: usize) -> &mut Self {
        self.head(ARRAY, length as u64)
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: u64) -> &mut Self {
        self.head(UINT, value)
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(BYTES, value.len() as u64);
        self.bytes.extend_from_slice(value);
        self
    }

    /// A text.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.head(TEXT, value.len() as u64);
        self.bytes.extend_from_slice(value.as_bytes());
        self
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.bytes.push(SIMPLE << 5 | if value { TRUE } else { FALSE });
        self
    }

    /// Null.
    pub fn null(&mut self) -> &mut Self {
        self.bytes.push(SIMPLE << 5 | NULL);
        self
    }

    /// A byte string, or null.
    pub fn optional_bytes(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            Some(bytes) => self.bytes(bytes),
            None => self.null(),
        }
    }

    /// An array of `items`, each written by `item`.
    pub fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) -> &mut Self {
        self.array(items.len());
        for each in items {
            item(self, each);
        }
        self
    }

    /// The bytes written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn head(&mut self, major: u8, value: u64) -> &mut Self {
        let major = major << 5;
        let wide = value.to_be_bytes();
        match value {
            0..=23 => self.bytes.push(major | wide[7]),
            24..=0xff => self.bytes.extend_from_slice(&[major | 24, wide[7]]),
            0x100..=0xffff => self.bytes.extend_from_slice(&[major | 25, wide[6], wide[7]]),
            0x1_0000..=0xffff_ffff => {
                self.bytes.push(major | 26);
                self.bytes.extend_from_slice(&wide[4..]);
            }
            _ => {
                self.bytes.push(major | 27);
                self.bytes.extend_from_slice(&wide);
            }
        }
        self
    }
}

/// Reads items one after another, refusing every form but the deterministic one.
///
/// An item of another type than asked for is a breach that depends on where it stands: see
/// [`Decoder::envelope`] and [`Decoder::payload`].
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
    mismatch: Breach,
}

impl<'a> Decoder<'a> {
    /// Reads the envelope of an entry: what is out of place there is malformed.
    pub const fn envelope(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, mismatch: Breach::EntryMalformed }
    }

    /// Reads the payload of an entry: what is out of place there is a wrong field.
    pub const fn payload(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, mismatch: Breach::EntryFields }
    }

    /// The head of an array of any length; its items are read next.
    pub fn array(&mut self) -> Result<u64, Breach> {
        self.typed_head(ARRAY)
    }

    /// The head of an array of exactly `length` items.
    pub fn array_of(&mut self, length: u64) -> Result<(), Breach> {
        if self.array()? == length { Ok(()) } else { Err(self.mismatch) }
    }

    /// A list of `at_least` to `at_most` items, each read by `item`.
    pub fn list<T>(
        &mut self,
        at_least: usize,
        at_most: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, Breach>,
    ) -> Result<Vec<T>, Breach> {
        let length = self.array()?;
        if length < at_least as u64 || length > at_most as u64 {
            return Err(self.mismatch);
        }
        // Every item takes at least one byte, so the input bounds what is set aside for the list.
        let mut items = Vec::with_capacity(self.rest.len().min(usize_of(length)));
        for _ in 0..length {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// An unsigned integer.
    pub fn uint(&mut self) -> Result<u64, Breach> {
        self.typed_head(UINT)
    }

    /// An unsigned integer of at most `bound`.
    pub fn uint_up_to(&mut self, bound: u64) -> Result<u64, Breach> {
        let value = self.uint()?;
        if value <= bound { Ok(value) } else { Err(self.mismatch) }
    }

    /// A byte string of any length.
    pub fn bytes(&mut self) -> Result<&'a [u8], Breach> {
        let length = self.typed_head(BYTES)?;
        self.take(length)
    }

    /// A byte string of exactly `N` bytes.
    pub fn bytes_of<const N: usize>(&mut self) -> Result<[u8; N], Breach> {
        self.bytes()?.try_into().map_err(|_| self.mismatch)
    }

    /// A SHA-256 hash.
    pub fn hash(&mut self) -> Result<Hash, Breach> {
        self.bytes_of().map(Hash)
    }

    /// A text of `at_least` to `at_most` bytes.
    pub fn text(&mut self, at_least: usize, at_most: usize) -> Result<&'a str, Breach> {
        let length = self.typed_head(TEXT)?;
        let bytes = self.take(length)?;
        let text = core::str::from_utf8(bytes).map_err(|_| Breach::EntryNonCanonical)?;
        if (at_least..=at_most).contains(&text.len()) { Ok(text) } else { Err(self.mismatch) }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self) -> Result<bool, Breach> {
        match self.head()? {
            (SIMPLE, value) if value == u64::from(TRUE) => Ok(true),
            (SIMPLE, value) if value == u64::from(FALSE) => Ok(false),
            _ => Err(self.mismatch),
        }
    }

    /// Null (`None`), or what `item` reads.
    pub fn optional<T>(
        &mut self,
        item: impl FnOnce(&mut Self) -> Result<T, Breach>,
    ) -> Result<Option<T>, Breach> {
        if self.rest.first() == Some(&(SIMPLE << 5 | NULL)) {
            self.rest = &self.rest[1..];
            return Ok(None);
        }
        item(self).map(Some)
    }

    /// Checks that nothing follows.
    pub fn finish(self) -> Result<(), Breach> {
        // ENTRY-4: the bytes end where the item ends.
        if self.rest.is_empty() { Ok(()) } else { Err(Breach::EntryTrailingBytes) }
    }

    /// The breach for an item that is out of place here.
    pub const fn mismatch(&self) -> Breach {
        self.mismatch
    }

    fn typed_head(&mut self, major: u8) -> Result<u64, Breach> {
        match self.head()? {
            (found, value) if found == major => Ok(value),
            _ => Err(self.mismatch),
        }
    }

    // ENTRY-2, ENTRY-3, ENTRY-8: a head is judged in the order truncated or undefined, then
    // non-minimal, then its type.
    fn head(&mut self) -> Result<(u8, u64), Breach> {
        let (&initial, rest) = self.rest.split_first().ok_or(Breach::EntryMalformed)?;
        let (major, information) = (initial >> 5, initial & 0x1f);
        match (major, information) {
            (SIMPLE, FALSE | TRUE | NULL) | (UINT | BYTES | TEXT | ARRAY, 0..=27) => {}
            (BYTES | TEXT | ARRAY, 31) => return Err(Breach::EntryNonCanonical),
            _ => return Err(Breach::EntryMalformed),
        }
        let width = if information < 24 { 0 } else { 1 << (information - 24) };
        let (argument, rest) = rest.split_at_checked(width).ok_or(Breach::EntryMalformed)?;
        self.rest = rest;
        if width == 0 {
            return Ok((major, u64::from(information)));
        }
        let value = argument.iter().fold(0, |value, &byte| value << 8 | u64::from(byte));
        // The smallest value that needs this width: 24 after one byte, else past the half width.
        let smallest = if width == 1 { 24 } else { 1 << (4 * width) };
        if value < smallest { Err(Breach::EntryNonCanonical) } else { Ok((major, value)) }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Breach> {
        let (taken, rest) =
            self.rest.split_at_checked(usize_of(length)).ok_or(Breach::EntryMalformed)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// A length from the wire as a `usize`; one too large for memory saturates, and is then refused
/// because no input is that long.
fn usize_of(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers_have_one_form() {
        // RFC 8949, appendix A.
        for (value, hex_form) in [
            (0, "00"),
            (23, "17"),
            (24, "1818"),
            (255, "18ff"),
            (256, "190100"),
            (1_000_000, "1a000f4240"),
            (u64::from(u32::MAX) + 1, "1b0000000100000000"),
            (u64::MAX, "1bffffffffffffffff"),
        ] {
            let mut encoder = Encoder::new();
            encoder.uint(value);
            let bytes = encoder.finish();
            assert_eq!(hex::encode(&bytes), hex_form);
            assert_eq!(Decoder::payload(&bytes).uint(), Ok(value));
        }
    }

    #[test]
    fn every_other_form_is_refused() {
        for (hex_form, breach) in [
            ("1817", Breach::EntryNonCanonical),
            ("1900ff", Breach::EntryNonCanonical),
            ("1a0000ffff", Breach::EntryNonCanonical),
            ("1b00000000ffffffff", Breach::EntryNonCanonical),
            ("", Breach::EntryMalformed),
            ("18", Breach::EntryMalformed),
            ("1c", Breach::EntryMalformed),
            ("1f", Breach::EntryMalformed),
            ("20", Breach::EntryMalformed),
            ("a0", Breach::EntryMalformed),
            ("c000", Breach::EntryMalformed),
            ("f7", Breach::EntryMalformed),
            ("fb0000000000000000", Breach::EntryMalformed),
            ("9f", Breach::EntryNonCanonical),
            ("40", Breach::EntryFields),
            ("f4", Breach::EntryFields),
        ] {
            let bytes = hex::decode(hex_form).unwrap();
            assert_eq!(Decoder::payload(&bytes).uint(), Err(breach), "{hex_form}");
        }
    }

    #[test]
    fn text_is_utf_8_within_its_bounds() {
        assert_eq!(Decoder::payload(b"\x62\xc3\x28").text(0, 9), Err(Breach::EntryNonCanonical));
        assert_eq!(Decoder::payload(b"\x63ab").text(0, 9), Err(Breach::EntryMalformed));
        assert_eq!(Decoder::payload(b"\x62ab").text(3, 9), Err(Breach::EntryFields));
        assert_eq!(Decoder::payload(b"\x62ab").text(1, 2), Ok("ab"));
    }

    #[test]
    fn a_length_beyond_the_input_sets_nothing_aside() {
        let bytes = [0x9b, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff];
        let list = Decoder::payload(&bytes).list(0, usize::MAX, Decoder::uint);
        assert_eq!(list, Err(Breach::EntryNonCanonical));
        let bytes = [0x9b, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff];
        let list = Decoder::payload(&bytes).list(0, usize::MAX, Decoder::uint);
        assert_eq!(list, Err(Breach::EntryMalformed));
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(value: u64, bytes: Vec<u8>, text: String, flag: bool) {
            let mut encoder = Encoder::new();
            encoder.array(4).uint(value).bytes(&bytes).text(&text).boolean(flag);
            let encoded = encoder.finish();
            let mut decoder = Decoder::payload(&encoded);
            decoder.array_of(4).unwrap();
            prop_assert_eq!(decoder.uint(), Ok(value));
            prop_assert_eq!(decoder.bytes(), Ok(bytes.as_slice()));
            prop_assert_eq!(decoder.text(0, usize::MAX), Ok(text.as_str()));
            prop_assert_eq!(decoder.boolean(), Ok(flag));
            prop_assert_eq!(decoder.finish(), Ok(()));
        }

        #[test]
        fn any_integer_that_is_accepted_is_the_one_form(bytes: Vec<u8>) {
            let mut decoder = Decoder::payload(&bytes);
            if let Ok(value) = decoder.uint() {
                let mut encoder = Encoder::new();
                encoder.uint(value);
                prop_assert!(bytes.starts_with(&encoder.finish()));
            }
        }
    }
}
