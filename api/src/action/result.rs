//! The result of a poll, computed from its ballots and from nothing else.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use veche_protocol::entry::Kind;
use veche_protocol::poll::phase::Phase;

use crate::app::Shared;
use crate::extract::Log;
use crate::problem::{Own, Problem, ProblemDocument};
use crate::view::result::ResultView;

/// The result and whether it was certified.
#[derive(Serialize, ToSchema)]
pub(crate) struct PollResultView {
    /// Where the poll stands: closed, certified or cancelled.
    phase: &'static str,
    /// The result; null for a poll that was cancelled before it was open, or sealed and cancelled
    /// because its ballots cannot be opened.
    result: Option<ResultView>,
    /// Index of the entry by which two officers claim this result, or null.
    certified: Option<u64>,
}

/// The result of a poll that has ended.
#[utoipa::path(
    get,
    path = "/api/v1/polls/{id}/result",
    tag = "polls",
    params(("id" = String, Path, description = "Id of the poll")),
    responses(
        (status = 200, description = "The result", body = PollResultView),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    Log(path): Log,
) -> Result<Json<PollResultView>, Problem> {
    let poll = app.engine.poll(&path).ok_or_else(|| Problem::unknown_log(&path))?;
    // API-7: not before the poll is closed or cancelled.
    if matches!(poll.phase, Phase::Unannounced | Phase::Announced | Phase::Begun | Phase::Open) {
        let detail =
            format!("the poll is {}; its result stands once it is closed", poll.phase.name());
        return Err(Problem::new(Own::NotClosed, detail));
    }
    // POLL-19: the fold of the engine is the auditor's; the first to ask waits for the count.
    let counted = app.read(move |engine| engine.result(&path)).await?;
    if counted.is_none() && poll.phase != Phase::Cancelled {
        // SEAL-7: there is none as long as fewer shares stand than it takes.
        let detail = "too few trustees have laid their shares open; until then nobody can count";
        return Err(Problem::new(Own::NotClosed, detail));
    }
    let certify = poll.phases.iter().find(|entry| entry.kind == Kind::Certify);
    Ok(Json(PollResultView {
        phase: poll.phase.name(),
        result: counted.map(|counted| ResultView::from(&counted.result)),
        certified: certify.map(|entry| entry.index),
    }))
}
