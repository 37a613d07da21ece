//! The `OpenAPI` document of this interface, as the server serves it.
//!
//! Its snapshot is `api/openapi.json`; a test fails when that is stale.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use utoipa::openapi::OpenApi;

/// The document, encoded once.
#[derive(Clone, Debug)]
pub(crate) struct Document(Bytes);

impl Document {
    pub(crate) fn new(document: &OpenApi) -> Self {
        let text = document.to_json().expect("a document of texts is always written");
        Self(text.into())
    }

    pub(crate) fn answer(&self) -> Response {
        let mut response = Response::new(Body::from(self.0.clone()));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}
