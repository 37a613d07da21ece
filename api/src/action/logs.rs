//! Which logs the city keeps.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;
use crate::problem::ProblemDocument;

/// A log and its published head.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogView {
    /// Its origin, the name under which its heads are signed.
    #[schema(example = "vote.example.org/poll/park-2026")]
    origin: String,
    /// Its path: the public files stand below it.
    #[schema(example = "poll/park-2026")]
    path: String,
    /// Number of entries.
    size: u64,
    /// Root over them, in hex.
    root: String,
    /// The key that verifies its heads.
    vkey: String,
}

/// Every log of the city, ascending by origin.
#[utoipa::path(
    get,
    path = "/api/v1/logs",
    tag = "city",
    responses(
        (status = 200, description = "The logs", body = Vec<LogView>),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(State(app): State<Shared>) -> Json<Vec<LogView>> {
    let mut logs: Vec<_> = app
        .engine
        .logs()
        .into_iter()
        .map(|log| LogView {
            path: log.path.to_string(),
            origin: log.origin,
            size: log.head.size,
            root: log.head.root.to_string(),
            vkey: log.verifier_key,
        })
        .collect();
    logs.sort_unstable_by(|one, other| one.origin.cmp(&other.origin));
    Json(logs)
}
