//! Receipts for entries that stand in a log, found by their leaf hash (spec/api.md, API-7).
//!
//! Not here: receipts as answers to entries handed in ([`super::submit`]).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;

use crate::accept::Form;
use crate::app::{App, Shared};
use crate::extract::{Leaf, Log};
use crate::problem::{Own, Problem, ProblemDocument};
use crate::view::receipt::{self, ReceiptView};

/// The receipt of an entry of the register.
#[utoipa::path(
    get,
    path = "/api/v1/register/receipts/{leaf}",
    tag = "receipts",
    params(("leaf" = String, Path, description = "Leaf hash of the entry, in hex")),
    responses(
        (status = 200, description = "The receipt, below the latest signed head",
            content((String = "text/plain"), (ReceiptView = "application/json"))),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn of_register(
    State(app): State<Shared>,
    Leaf(leaf): Leaf,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    find(&app, LogPath::Register, leaf, &headers).await
}

/// The receipt of an entry of a roll.
#[utoipa::path(
    get,
    path = "/api/v1/rolls/{name}/receipts/{leaf}",
    tag = "receipts",
    params(
        ("name" = String, Path, description = "Name of the roll"),
        ("leaf" = String, Path, description = "Leaf hash of the entry, in hex"),
    ),
    responses(
        (status = 200, description = "The receipt, below the latest signed head",
            content((String = "text/plain"), (ReceiptView = "application/json"))),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn of_roll(
    State(app): State<Shared>,
    Log(path): Log,
    Leaf(leaf): Leaf,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    find(&app, path, leaf, &headers).await
}

/// The receipt of an entry of a poll.
#[utoipa::path(
    get,
    path = "/api/v1/polls/{id}/receipts/{leaf}",
    tag = "receipts",
    params(
        ("id" = String, Path, description = "Id of the poll"),
        ("leaf" = String, Path, description = "Leaf hash of the entry, in hex"),
    ),
    responses(
        (status = 200, description = "The receipt, below the latest signed head",
            content((String = "text/plain"), (ReceiptView = "application/json"))),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn of_poll(
    State(app): State<Shared>,
    Log(path): Log,
    Leaf(leaf): Leaf,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    find(&app, path, leaf, &headers).await
}

async fn find(
    app: &App,
    path: LogPath,
    leaf: Hash,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let form = Form::asked(headers)?;
    app.read(move |engine| {
        if engine.head(&path).is_none() {
            return Err(Problem::unknown_log(&path));
        }
        let found = engine.find(&path, &leaf)?.ok_or_else(|| {
            Problem::new(Own::UnknownEntry, format!("no entry {leaf} stands in {path}"))
        })?;
        // API-7: made anew below the latest head; an entry stands at the same index for ever.
        receipt::answer(&found, form)
    })
    .await?
}
