//! The rolls: who may vote, by number.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use veche_engine::RollView as Roll;
use veche_protocol::name::LogPath;

use crate::app::Shared;
use crate::extract::Log;
use crate::problem::{Problem, ProblemDocument};
use crate::view::{DistrictView, EligibleView, name_of};

/// A roll in the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct RollItem {
    /// Its name.
    name: String,
    /// Its title.
    title: String,
    /// From when polls may use it, in seconds since 1970.
    since: u64,
    /// Until when, in seconds since 1970.
    until: u64,
}

/// A roll as it is now.
#[derive(Serialize, ToSchema)]
pub(crate) struct RollView {
    /// Its origin.
    origin: String,
    /// Number of entries.
    size: u64,
    /// Root over them, in hex.
    root: String,
    /// Leaf hash of its header, under which enrolments act.
    under: String,
    /// Its title.
    title: String,
    /// Its districts; an enrolment names one by its place in this list.
    districts: Vec<DistrictView>,
    /// From when polls may use it, in seconds since 1970.
    since: u64,
    /// Until when, in seconds since 1970.
    until: u64,
    /// Voters who may vote, by district.
    eligible: Vec<EligibleView>,
}

/// Every roll, ascending by name.
#[utoipa::path(
    get,
    path = "/api/v1/rolls",
    tag = "rolls",
    responses(
        (status = 200, description = "The rolls", body = Vec<RollItem>),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(State(app): State<Shared>) -> Result<Json<Vec<RollItem>>, Problem> {
    let item = |roll: Roll| RollItem {
        name: name_of(&roll.path).to_owned(),
        title: roll.header.title,
        since: roll.header.since,
        until: roll.header.until,
    };
    let rolls = app.read(move |engine| engine.rolls().into_iter().map(item).collect()).await?;
    Ok(Json(rolls))
}

/// A roll as it is now.
#[utoipa::path(
    get,
    path = "/api/v1/rolls/{name}",
    tag = "rolls",
    params(("name" = String, Path, description = "Name of the roll")),
    responses(
        (status = 200, description = "The roll", body = RollView),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    Log(path): Log,
) -> Result<Json<RollView>, Problem> {
    let asked = path.clone();
    let roll = app.read(move |engine| engine.roll(&asked)).await?;
    let roll = roll.ok_or_else(|| Problem::unknown_log(&path))?;
    Ok(Json(view(&path, &app.engine.domain(), roll)))
}

fn view(path: &LogPath, domain: &str, roll: Roll) -> RollView {
    RollView {
        origin: path.origin(domain),
        size: roll.head.size,
        root: roll.head.root.to_string(),
        under: roll.header_leaf.to_string(),
        title: roll.header.title,
        districts: roll.header.districts.iter().map(DistrictView::from).collect(),
        since: roll.header.since,
        until: roll.header.until,
        eligible: roll.eligible.into_iter().map(EligibleView::from).collect(),
    }
}
