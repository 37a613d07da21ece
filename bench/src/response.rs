//! The answers of the server as a load generator reads them: complete or not, good or not.
//!
//! As little as tells one answer from the next. Not here: anything that a client should rely on.

use anyhow::{Context as _, Result, bail};

/// How every good answer begins.
const GOOD: &[u8] = b"HTTP/1.1 200 ";
/// Between head and body.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";
/// The header that says how long the body is; the server writes it in lower case.
const LENGTH: &[u8] = b"\r\ncontent-length: ";

/// The body in a buffer that begins with an answer, once all of it is there. An answer that is not
/// good is an error.
pub fn body(buffer: &[u8]) -> Result<Option<&[u8]>> {
    let Some(end) = find(buffer, END_OF_HEAD) else { return Ok(None) };
    let head = &buffer[..end + 2];
    let digits = find(head, LENGTH).context("an answer has a length")? + LENGTH.len();
    let length = head[digits..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = length.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    let start = end + END_OF_HEAD.len();
    let body = buffer.get(start..start + length);
    if let Some(body) = body.filter(|_| !buffer.starts_with(GOOD)) {
        bail!("{}\n{}", String::from_utf8_lossy(head), String::from_utf8_lossy(body));
    }
    Ok(body)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn an_answer_is_complete_when_its_body_is() {
        let answer = b"HTTP/1.1 200 OK\r\nserver: x\r\ncontent-length: 4\r\n\r\nbody";
        assert_eq!(body(answer).unwrap(), Some(&b"body"[..]));
        for end in 0..answer.len() {
            assert_eq!(body(&answer[..end]).unwrap(), None, "{end}");
        }
    }

    #[test]
    fn a_refusal_is_an_error() {
        assert!(body(b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\nno").is_err());
        assert!(body(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "no length");
    }
}
