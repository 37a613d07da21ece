//! The `OpenAPI` document of this interface, as the server serves it.
//!
//! Its snapshot is `api/openapi.json`; a test fails when that is stale.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;

/// The document, encoded once.
#[derive(Clone, Debug)]
pub(crate) struct Document(Bytes);

impl Document {
    pub(crate) fn new(text: String) -> Self {
        Self(text.into())
    }

    pub(crate) fn answer(&self) -> Response {
        let mut response = Response::new(Body::from(self.0.clone()));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}
