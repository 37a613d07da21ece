//! Which city this is, as its own server tells it.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;
use crate::problem::ProblemDocument;

/// The city, as the server tells it. Whoever checks pins the instance id out of band.
#[derive(Serialize, ToSchema)]
pub(crate) struct InstanceView {
    /// The domain with which every origin begins.
    #[schema(example = "vote.example.org")]
    domain: String,
    /// The city's name.
    city: String,
    /// The instance id: leaf hash of genesis, in hex.
    instance: String,
    /// Verifier key of the register.
    register: String,
    /// Name and version of the server.
    software: &'static str,
}

/// Which city this is.
#[utoipa::path(
    get,
    path = "/api/v1/instance",
    tag = "city",
    responses(
        (status = 200, description = "The city", body = InstanceView),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(State(app): State<Shared>) -> Json<InstanceView> {
    let register = app.engine.register();
    Json(InstanceView {
        domain: register.genesis().domain.clone(),
        city: register.genesis().city.clone(),
        instance: register.instance().to_string(),
        register: register.verifier().to_string(),
        software: concat!("veched ", env!("CARGO_PKG_VERSION")),
    })
}
