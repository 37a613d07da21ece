//! Whether the server takes entries in: for the machine that watches it.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use veche_engine::Status;

use crate::app::Shared;
use crate::problem::{Own, Problem, ProblemDocument};

/// Whether the server takes entries in.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operating",
    responses(
        (status = 200, description = "It does", body = String, content_type = "text/plain"),
        (status = 503, description = "It does not", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(State(app): State<Shared>) -> Response {
    let mut response = match app.engine.health().status {
        Status::Ready => {
            let witnesses = app.witnessing.as_ref().map(|status| status.summary().lines());
            // PUBLISH-4: whether too few witnesses answer, and what was chosen for that, is told.
            let text = format!("ready\n{}", witnesses.unwrap_or_default());
            (StatusCode::OK, text).into_response()
        }
        Status::Reloading => {
            Problem::new(Own::StorageStopped, "the store has failed and is read back")
                .into_response()
        }
        Status::SetBack => {
            Problem::new(Own::LogSetBack, "a witness holds a head that this log does not reach")
                .into_response()
        }
        Status::Stopped => Problem::new(Own::Stopped, "the server shuts down").into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
