//! Problem documents (RFC 9457) of a mirror, as spec/api.md has them for a server.

use serde_json::json;
use veche_protocol::breach::Breach;

use crate::serve::Response;

/// Why a mirror does not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// There is no such path, log or file.
    NotFound,
    /// The path knows other methods.
    MethodNotAllowed,
    /// The body cannot be read as what it says to be.
    BadRequest,
    /// The body is of another type than entries come in.
    UnsupportedMediaType,
    /// None of the types asked for can be given.
    NotAcceptable,
    /// The body is too long.
    BodyTooLarge,
    /// What was handed in is no entry.
    Breach(Breach),
    /// As much is kept as may be.
    TooBusy,
    /// It is kept, and will be handed in again.
    RelayKept,
    /// The disk fails.
    StorageFailed,
    /// Nothing was verified yet.
    NothingYet,
}

impl Problem {
    /// Status, code and what it means.
    const fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NotFound => (404, "not-found", "There is no such path here."),
            Self::MethodNotAllowed => (405, "method-not-allowed", "The path knows other methods."),
            Self::BadRequest => (400, "bad-request", "The request cannot be read."),
            Self::UnsupportedMediaType => {
                (415, "unsupported-media-type", "An entry is application/cbor or application/json.")
            }
            Self::NotAcceptable => {
                (406, "not-acceptable", "A receipt is text/plain or application/json.")
            }
            Self::BodyTooLarge => (413, "body-too-large", "The request is too long."),
            // API-5: of the codes that decoding gives, one is about length.
            Self::Breach(breach @ Breach::EntryOversized) => (413, breach.code(), breach.meaning()),
            Self::Breach(breach) => (400, breach.code(), breach.meaning()),
            Self::TooBusy => (429, "too-busy", "More is waiting than this mirror takes on."),
            Self::RelayKept => (
                503,
                "relay-kept",
                "The city has not answered. The entry is kept here and will be handed in again.",
            ),
            Self::StorageFailed => {
                (503, "storage-failed", "The entry could not be kept, and was not passed on.")
            }
            Self::NothingYet => {
                (503, "nothing-yet", "This mirror has not verified anything of the city yet.")
            }
        }
    }

    /// The document.
    pub(super) fn response(self, detail: &str) -> Response {
        let (status, code, title) = self.words();
        // API-4
        let document = json!({
            "type": format!("https://veche.example/breach/{code}"),
            "title": title,
            "status": status,
            "code": code,
            "detail": detail,
        });
        Response::new(status, "application/problem+json", document.to_string())
            .with_header("cache-control", "no-store")
    }
}
