//! Names of cities and logs: domain, path, origin (spec/log.md, "Names").
//!
//! ```text
//! vote.example.org/poll/park-2026        origin
//! ^^^^^^^^^^^^^^^^ domain
//!                  ^^^^^^^^^^^^^^ path
//!                  ^^^^ type  ^^^ id
//! ```

use core::fmt;

use crate::breach::Breach;

/// Longest origin, in bytes: the bound that C2SP tlog-checkpoint puts on the name of a log.
pub const MAX_ORIGIN_LENGTH: usize = 255;
/// Longest domain, in bytes: an origin's 255 less the longest path (`/roll/` and 64) would allow
/// 185; the law allows 180 so that every log of a city has a name.
pub const MAX_DOMAIN_LENGTH: usize = 180;
/// Longest name of a roll or id of a poll, in bytes.
pub const MAX_ID_LENGTH: usize = 64;

/// Which of the logs of a city one is, which decides the entries that may stand in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogPath {
    /// The one register.
    Register,
    /// A roll of voters.
    Roll(String),
    /// A poll.
    Poll(String),
}

impl LogPath {
    /// Reads `register`, `roll/<name>` or `poll/<id>`.
    pub fn parse(path: &str) -> Option<Self> {
        match path.split_once('/') {
            None if path == "register" => Some(Self::Register),
            Some(("roll", name)) if is_id(name) => Some(Self::Roll(name.to_owned())),
            Some(("poll", id)) if is_id(id) => Some(Self::Poll(id.to_owned())),
            _ => None,
        }
    }

    /// The path of the log with this origin, if it belongs to `domain`.
    pub fn of_origin(origin: &str, domain: &str) -> Option<Self> {
        Self::parse(origin.strip_prefix(domain)?.strip_prefix('/')?)
    }

    /// The origin of this log in `domain`.
    pub fn origin(&self, domain: &str) -> String {
        format!("{domain}/{self}")
    }

    /// The kind of entries that stand in this log.
    pub const fn log_type(&self) -> LogType {
        match self {
            Self::Register => LogType::Register,
            Self::Roll(_) => LogType::Roll,
            Self::Poll(_) => LogType::Poll,
        }
    }
}

impl fmt::Display for LogPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register => f.write_str("register"),
            Self::Roll(name) => write!(f, "roll/{name}"),
            Self::Poll(id) => write!(f, "poll/{id}"),
        }
    }
}

/// The three grammars of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogType {
    /// Entries 0 to 5.
    Register,
    /// Entries 16 to 18.
    Roll,
    /// Entries 32 to 38.
    Poll,
}

/// Checks a domain: 1 to [`MAX_DOMAIN_LENGTH`] of `a-z 0-9 . -`, first and last a letter or digit.
pub fn check_domain(domain: &str) -> Result<(), Breach> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let framed = is_framed(domain, MAX_DOMAIN_LENGTH, allowed);
    let inside = domain.bytes().all(|byte| allowed(byte) || byte == b'.' || byte == b'-');
    if framed && inside { Ok(()) } else { Err(Breach::EntryFields) }
}

/// Whether `id` is 1 to [`MAX_ID_LENGTH`] of `a-z 0-9 -`, first and last a letter or digit.
pub fn is_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    is_framed(id, MAX_ID_LENGTH, allowed) && id.bytes().all(|byte| allowed(byte) || byte == b'-')
}

fn is_framed(text: &str, longest: usize, allowed: impl Fn(u8) -> bool) -> bool {
    let ends = text.as_bytes().first().zip(text.as_bytes().last());
    text.len() <= longest && ends.is_some_and(|(&first, &last)| allowed(first) && allowed(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_round_trip() {
        for path in ["register", "roll/city-2026", "poll/a", "poll/0-1"] {
            let parsed = LogPath::parse(path).unwrap();
            assert_eq!(parsed.to_string(), path);
            let origin = parsed.origin("vote.example.org");
            assert_eq!(LogPath::of_origin(&origin, "vote.example.org"), Some(parsed));
        }
    }

    #[test]
    fn other_paths_are_refused() {
        let long = format!("poll/{}", "a".repeat(MAX_ID_LENGTH + 1));
        for path in
            ["", "poll", "poll/", "poll/-a", "poll/a-", "poll/A", "poll/a/b", "crowd/a", &long]
        {
            assert_eq!(LogPath::parse(path), None, "{path}");
        }
        assert_eq!(LogPath::of_origin("other.org/poll/a", "vote.example.org"), None);
    }

    #[test]
    fn a_domain_is_a_host_name() {
        assert_eq!(check_domain("vote.example.org"), Ok(()));
        for domain in ["", ".a", "a.", "A.org", "a b", "a/b", &"a".repeat(MAX_DOMAIN_LENGTH + 1)] {
            assert_eq!(check_domain(domain), Err(Breach::EntryFields), "{domain}");
        }
    }
}
