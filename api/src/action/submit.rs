//! Handing in an entry, and the receipt that answers it (spec/api.md, "Handing in").
//!
//! This is the path of every ballot: no allocation here that is not a part of the request or of the
//! answer. Not here: judging the entry, which is the engine's.

use axum::extract::{Request, State};
use axum::response::Response;
use tokio::sync::oneshot;
use veche_engine::{Recorded, Repeat};
use veche_protocol::name::LogPath;

use crate::accept::Form;
use crate::app::{App, Shared};
use crate::body::{self, EntryInJson};
use crate::extract::Log;
use crate::problem::{Problem, ProblemDocument};
use crate::view::receipt::{self, ReceiptView};

/// Hand in an entry of the register: officers, commission.
#[utoipa::path(
    post,
    path = "/api/v1/register/entries",
    tag = "entries",
    request_body(
        content((Vec<u8> = "application/cbor"), (EntryInJson = "application/json")),
        description = "The entry",
    ),
    responses(
        (status = 200, description = "It stands in the log: its receipt",
            content((String = "text/plain"), (ReceiptView = "application/json"))),
        (status = "default", description = "It was refused", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn to_register(
    State(app): State<Shared>,
    request: Request,
) -> Result<Response, Problem> {
    submit(&app, &LogPath::Register, request).await
}

/// Hand in an entry of a roll: header, enrol, revoke.
#[utoipa::path(
    post,
    path = "/api/v1/rolls/{name}/entries",
    tag = "entries",
    params(("name" = String, Path, description = "Name of the roll")),
    request_body(
        content((Vec<u8> = "application/cbor"), (EntryInJson = "application/json")),
        description = "The entry",
    ),
    responses(
        (status = 200, description = "It stands in the log: its receipt",
            content((String = "text/plain"), (ReceiptView = "application/json"))),
        (status = "default", description = "It was refused", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn to_roll(
    State(app): State<Shared>,
    Log(path): Log,
    request: Request,
) -> Result<Response, Problem> {
    submit(&app, &path, request).await
}

/// Hand in an entry of a poll, of any kind: those of officers, voters, issuers and trustees.
#[utoipa::path(
    post,
    path = "/api/v1/polls/{id}/entries",
    tag = "entries",
    params(("id" = String, Path, description = "Id of the poll")),
    request_body(
        content((Vec<u8> = "application/cbor"), (EntryInJson = "application/json")),
        description = "The entry",
    ),
    responses(
        (status = 200, description = "It stands in the log: its receipt",
            content((String = "text/plain"), (ReceiptView = "application/json"))),
        (status = "default", description = "It was refused", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn to_poll(
    State(app): State<Shared>,
    Log(path): Log,
    request: Request,
) -> Result<Response, Problem> {
    submit(&app, &path, request).await
}

async fn submit(app: &App, path: &LogPath, request: Request) -> Result<Response, Problem> {
    // API-3: what form the answer has is settled before the entry is judged.
    let form = Form::asked(request.headers())?;
    let entry = body::read_entry(request).await?;
    let recorded = hand_in(app, path, entry).await?;
    answer(app, recorded, form).await
}

/// Hands an entry to the engine and waits until it is durable below a signed head.
async fn hand_in(app: &App, path: &LogPath, entry: Vec<u8>) -> Result<Recorded, Problem> {
    let (answer, answered) = oneshot::channel();
    // A client that has gone away is not there to be answered; the entry stands all the same.
    app.engine.submit(path, entry, move |outcome| drop(answer.send(outcome)));
    let outcome = answered.await.map_err(|_| Problem::internal())?;
    Ok(outcome?)
}

/// The receipt of a recorded entry, in the form that was asked for.
async fn answer(app: &App, recorded: Recorded, form: Form) -> Result<Response, Problem> {
    match recorded.repeat() {
        // RECEIPT-4: the head that covers the entry is stored; all of the proof is in memory.
        Repeat::No => receipt::answer(&recorded, form),
        // RECEIPT-5: the same bytes again; the proof may have to be read from the store.
        Repeat::Yes => app.read(move |_| receipt::answer(&recorded, form)).await?,
    }
}
