//! Names of cities and logs: what is taken is what the law's words say, and is written back.

use veche_protocol::name::{LogPath, check_domain};

/// Longest domain; the number is the law's, so that a slip in the constant shows.
const LONGEST_DOMAIN: usize = 180;
/// Longest name of a roll or id of a poll.
const LONGEST_ID: usize = 64;

/// The bytes are an origin, a path or a domain.
pub fn holds(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    // LOG-2: any other string is not taken for a domain, a path or an origin.
    let is_domain = is_name(text, LONGEST_DOMAIN, b".-");
    assert_eq!(check_domain(text).is_ok(), is_domain, "domain {text:?}");
    let path = LogPath::parse(text);
    let is_path = match text.split_once('/') {
        None => text == "register",
        Some(("roll" | "poll", id)) => is_name(id, LONGEST_ID, b"-"),
        Some(_) => false,
    };
    assert_eq!(path.is_some(), is_path, "path {text:?}");
    if let Some(path) = path {
        assert_eq!(path.to_string(), text);
        let origin = path.origin("city.example");
        assert_eq!(LogPath::of_origin(&origin, "city.example"), Some(path));
        assert_eq!(LogPath::of_origin(&origin, "city.example.org"), None);
        assert_eq!(LogPath::of_origin(&origin, "city"), None);
    }
    if let Some((domain, path)) = text.split_once('/') {
        let of_origin = LogPath::of_origin(text, domain);
        assert_eq!(of_origin, LogPath::parse(path));
        assert!(of_origin.is_none_or(|path| path.origin(domain) == text));
    }
}

/// Lower case letters and digits, and inside also these; none of them at either end.
fn is_name(text: &str, longest: usize, inside: &[u8]) -> bool {
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
    let [first, .., last] = text.as_bytes() else {
        return matches!(text.as_bytes(), [only] if is_plain(*only));
    };
    text.len() <= longest
        && is_plain(*first)
        && is_plain(*last)
        && text.bytes().all(|byte| is_plain(byte) || inside.contains(&byte))
}
