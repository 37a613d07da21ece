//! The register as it is now: who may act for the city.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use veche_engine::{Engine, PublishedHead};
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;

use crate::app::Shared;
use crate::problem::{Problem, ProblemDocument};
use crate::view::{CommissionView, OfficerView};

/// The register as it is now.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegisterView {
    /// Number of entries.
    size: u64,
    /// Root over them, in hex.
    root: String,
    /// Leaf hash of the last governance entry, under which the next one acts.
    under: String,
    /// The commission in force.
    commission: CommissionView,
    /// The officers in force, ascending by key.
    officers: Vec<OfficerView>,
}

/// The register as it is now.
#[utoipa::path(
    get,
    path = "/api/v1/register",
    tag = "city",
    responses(
        (status = 200, description = "The register", body = RegisterView),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(State(app): State<Shared>) -> Result<Json<RegisterView>, Problem> {
    let (fold, head) = one_state(&app.engine).ok_or_else(Problem::internal)?;
    Ok(Json(RegisterView {
        size: head.size,
        root: head.root.to_string(),
        under: fold.governance_binding().under.to_string(),
        commission: fold.commission().into(),
        officers: fold.officers().0.iter().map(OfficerView::from).collect(),
    }))
}

/// The fold and the head of one state of the register.
fn one_state(engine: &Engine) -> Option<(Arc<RegisterFold>, Arc<PublishedHead>)> {
    // API-6: they are published one after the other, so both are read until neither has moved. The
    // register moves once in seconds at most, and a round takes a microsecond.
    loop {
        let head = engine.head(&LogPath::Register)?;
        let fold = engine.register();
        let still = engine.head(&LogPath::Register)?.size == head.size;
        if still && Arc::ptr_eq(&fold, &engine.register()) {
            return Some((fold, head));
        }
    }
}
