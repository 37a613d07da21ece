//! The tokens that the C2SP text formats share: decimals and base64, each with one form only.
//!
//! Not here: the formats themselves, one module each. A `None` says that the token is malformed;
//! the caller knows which breach that is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;

/// Reads an ASCII decimal without sign or leading zeros that fits into 64 bits.
pub(super) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && digits { text.parse().ok() } else { None }
}

/// Reads standard base64 with padding (RFC 4648, section 4) whose unused bits are zero.
pub(super) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Writes standard base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads a hash in base64.
pub(super) fn parse_hash(text: &str) -> Option<Hash> {
    Hash::from_slice(&parse_base64(text)?)
}

#[cfg(test)]
mod tests {
    use super::{base64, parse_base64, parse_decimal, parse_hash};

    #[test]
    fn decimals_have_one_form() {
        assert_eq!(parse_decimal("0"), Some(0));
        assert_eq!(parse_decimal("18446744073709551615"), Some(u64::MAX));
        for bad in
            ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "0x1", "18446744073709551616", "१"]
        {
            assert_eq!(parse_decimal(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn base64_has_one_form() {
        assert_eq!(parse_base64("AA==").as_deref(), Some(&[0][..]));
        assert_eq!(parse_base64("").as_deref(), Some(&[][..]));
        for bad in ["AA", "AA=", "AB==", "A A==", "AA==\n", "_w==", "AA==AA==", "A==="] {
            assert_eq!(parse_base64(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_hash_is_32_bytes() {
        assert!(parse_hash(&base64(&[7; 32])).is_some());
        assert!(parse_hash(&base64(&[7; 31])).is_none());
        assert!(parse_hash(&base64(&[7; 33])).is_none());
    }
}
