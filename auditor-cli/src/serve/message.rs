//! Requests and responses as a handler sees them.
//!
//! Not here: how they travel ([`super::connection`]).

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};

/// Plain text, as most answers are.
const TEXT: &str = "text/plain; charset=utf-8";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET, or HEAD, whose answer is sent without its body.
    Get,
    /// POST.
    Post,
    /// Anything else.
    Other,
}

/// A request, read whole.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// The path, beginning with a slash, as it came: escapes are not resolved.
    pub path: String,
    /// What stands behind a question mark, as it came.
    pub query: Option<String>,
    /// The body, within the bound of the server.
    pub body: Vec<u8>,
    pub(super) headers: HeaderMap,
}

impl Request {
    /// A request without headers, as a test or a handler of its own accord makes one.
    pub fn new(method: Method, path: &str, body: impl Into<Vec<u8>>) -> Self {
        let (path, body) = (path.to_owned(), body.into());
        Self { method, path, query: None, body, headers: HeaderMap::new() }
    }

    /// The value of a header, if it is there and ASCII; the first, if it is there several times.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status, from 200 to 599.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

impl Response {
    /// An answer with a body of a media type.
    pub fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![(CONTENT_TYPE.as_str(), media_type.to_owned())];
        Self { status, body: body.into(), headers }
    }

    /// An answer in plain text.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self::new(status, TEXT, text.into())
    }

    /// The same answer with one header more. The name is lower case; a value that no header can
    /// have is left out.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of a header that was set.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The headers, as far as they are some.
    pub(super) fn header_map(&self) -> HeaderMap {
        let pairs = self.headers.iter().filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
        });
        pairs.collect()
    }
}
