//! The list of polls, each with its phase and schedule.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;
use crate::problem::ProblemDocument;
use crate::view::definition::ScheduleView;
use crate::view::name_of;

/// A poll in the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PollItem {
    /// Its id.
    id: String,
    /// Its title.
    title: String,
    /// Where it stands.
    #[schema(example = "open")]
    phase: &'static str,
    /// When it opens and closes.
    schedule: ScheduleView,
}

/// Every poll, ascending by id.
#[utoipa::path(
    get,
    path = "/api/v1/polls",
    tag = "polls",
    responses(
        (status = 200, description = "The polls", body = Vec<PollItem>),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(State(app): State<Shared>) -> Json<Vec<PollItem>> {
    let items = app.engine.polls().into_iter().map(|poll| PollItem {
        id: name_of(&poll.path).to_owned(),
        title: poll.definition.title.clone(),
        phase: poll.phase.name(),
        schedule: poll.definition.schedule.into(),
    });
    Json(items.collect())
}
