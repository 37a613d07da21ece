//! Problem documents (RFC 9457), by which a server says why it refuses (spec/api.md).

use core::fmt;

use serde::Deserialize;

/// A refusal, as far as it can be shown to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status of the answer.
    pub status: u16,
    /// The stable code; empty if the server gave none.
    pub code: String,
    /// One sentence that does not depend on the request.
    pub title: String,
    /// What exactly was met.
    pub detail: String,
}

#[derive(Deserialize)]
struct Document {
    code: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
}

impl Problem {
    /// Longest code, title and detail that are shown, in characters: a server does not fill the
    /// user's terminal.
    const LONGEST: usize = 1_000;

    /// Reads the body of an answer with an error status. One that is no problem document (a
    /// proxy's page) gives a problem without a code.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let code = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        match serde_json::from_slice::<Document>(body) {
            // API-4: the code is the part that programs act on.
            Ok(document) if code(&document.code) => Self {
                status,
                code: shown(&document.code),
                title: shown(&document.title),
                detail: shown(&document.detail),
            },
            _ => Self {
                status,
                code: String::new(),
                title: format!("status {status} without a problem document"),
                detail: String::new(),
            },
        }
    }

    /// Whether the same request may pass later.
    pub fn is_passing(&self) -> bool {
        matches!(self.code.as_str(), "too-busy" | "timed-out")
            || (self.code.is_empty() && matches!(self.status, 429 | 502 | 503 | 504))
    }
}

/// The text without control characters, which could rewrite what the terminal shows.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(Problem::LONGEST).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        if self.detail.is_empty() || self.detail == self.title {
            return Ok(());
        }
        write!(f, " ({})", self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn a_problem_document_is_read() {
        // API-4: fields may be added, and a reader takes no offence.
        let body = br#"{"type":"https://veche.example/breach/stale-turn","title":"The voter has a
            ballot.","status":409,"code":"stale-turn","detail":"turn 0","more":[1]}"#;
        let problem = Problem::read(409, &body.map(|b| if b == b'\n' { b' ' } else { b }));
        assert_eq!((problem.code.as_str(), problem.detail.as_str()), ("stale-turn", "turn 0"));
        assert!(!problem.is_passing());
    }

    #[test]
    fn a_page_of_a_proxy_is_no_problem_document() {
        let problem = Problem::read(502, b"<html>");
        assert_eq!(problem.code, "");
        assert!(problem.is_passing());
        assert!(!Problem::read(404, b"<html>").is_passing());
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let body = br#"{"code":"internal","title":"a\u001b[2Jb","detail":"c\nd"}"#;
        assert_eq!(Problem::read(500, body).to_string(), "a[2Jb (cd)");
        assert_eq!(Problem::read(500, br#"{"code":"Not A Code"}"#).code, "");
    }
}
