//! Problem documents (RFC 9457): the one place where refusals become answers (spec/api.md).
//!
//! Not here: which codes there are and what status each has ([`code`]).

pub(crate) mod code;

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use veche_engine::{QueryError, Refusal};
use veche_protocol::breach::Breach;

pub(crate) use code::{Code, Own};

/// Before the code in the `type` of a problem.
const TYPE_PREFIX: &str = "https://veche.example/breach/";

/// After how many seconds someone turned away may come back: the engine empties a full queue of
/// 32,768 ballots in less than one.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// A refusal on its way to the client.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: Cow<'static, str>,
}

/// Why a request was refused (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemDocument<'a> {
    /// An address that stands for the code.
    #[schema(example = "https://veche.example/breach/stale-turn")]
    r#type: String,
    /// One sentence or two that do not depend on the request.
    title: &'a str,
    /// The status of the answer.
    status: u16,
    /// The stable code.
    #[schema(example = "stale-turn")]
    code: &'a str,
    /// What exactly was met.
    detail: &'a str,
}

impl Problem {
    /// A refusal with the server's own code.
    pub(crate) fn new(own: Own, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::Own(own), detail: detail.into() }
    }

    /// What cannot be read in the path, the query or the JSON.
    pub(crate) fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Own::BadRequest, detail)
    }

    /// A fault of the program; what it was is for the operator's log.
    pub(crate) fn internal() -> Self {
        Self::new(Own::Internal, "the server's log has more")
    }

    /// No such log.
    pub(crate) fn unknown_log(path: &veche_protocol::name::LogPath) -> Self {
        Self::new(Own::UnknownLog, format!("there is no log {path} here"))
    }

    /// The document.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        // API-4: every refusal is a problem document with these five fields.
        let document = ProblemDocument {
            r#type: format!("{TYPE_PREFIX}{}", self.code.name()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            code: self.code.name(),
            detail: &self.detail,
        };
        serde_json::to_vec(&document).expect("texts and a number are always written")
    }
}

impl From<Breach> for Problem {
    fn from(breach: Breach) -> Self {
        Self { code: Code::Law(breach), detail: breach.meaning().into() }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Breach(breach) => breach.into(),
            refusal => Self { code: Code::of(refusal), detail: refusal.to_string().into() },
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        tracing::error!(%error, "a query was not answered");
        Self::new(Own::StorageFailed, "the log could not be read; nothing was changed")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let body = self.to_json();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // API-9: what is too long is not read to its end, so the connection ends.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        // For the counters of the front, which sees every answer.
        response.extensions_mut().insert(self.code);
        response
    }
}

#[cfg(test)]
mod tests;
