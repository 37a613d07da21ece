//! Every path of the interface, in one place (spec/api.md).
//!
//! Each route is declared with its documentation at its action; here is which there are. Not here:
//! what all requests have in common ([`crate::front`]).

use axum::Router;
use axum::http::Method;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::action::{
    drafts, health, instance, landing, logs, metrics, openapi, poll, poll_page, polls,
    public_files, receipts, register, result, rolls, submit,
};
use crate::app::Shared;
use crate::problem::{Own, Problem};

/// The router with its state.
pub(crate) fn router(app: Shared) -> Router {
    let (router, document) = documented().split_for_parts();
    let document = openapi::Document::new(text_of(&document));
    router
        .route("/api/v1/openapi.json", get(move || async move { document.answer() }))
        .route("/", get(landing::show))
        .route("/polls/{id}", get(poll_page::show))
        // The public files of all logs, by their own strict grammar of paths.
        .route("/register/{*file}", get(public_files::serve))
        .route("/roll/{*file}", get(public_files::serve))
        .route("/poll/{*file}", get(public_files::serve))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(app)
}

/// This interface as an `OpenAPI` document, in JSON with a newline at its end.
pub fn openapi_document() -> String {
    text_of(&documented().into_openapi())
}

fn text_of(document: &utoipa::openapi::OpenApi) -> String {
    let mut text = document.to_pretty_json().expect("a document of texts is always written");
    text.push('\n');
    text
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Veche",
    description = "Entries handed in to a city's logs, and questions about them. The law is \
                   spec/api.md. The public files of each log (`/<path>/checkpoint` and \
                   `/<path>/tile/...`, C2SP tlog-tiles) stand beside this interface and need none \
                   of it.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Documented;

fn documented() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Documented::openapi())
        // Handing in.
        .routes(routes!(submit::to_register))
        .routes(routes!(submit::to_roll))
        .routes(routes!(submit::to_poll))
        .routes(routes!(drafts::list, drafts::leave))
        .routes(routes!(drafts::show))
        .routes(routes!(drafts::sign))
        // Asking.
        .routes(routes!(instance::show))
        .routes(routes!(logs::list))
        .routes(routes!(register::show))
        .routes(routes!(rolls::list))
        .routes(routes!(rolls::show))
        .routes(routes!(polls::list))
        .routes(routes!(poll::show))
        .routes(routes!(poll::pins))
        .routes(routes!(result::show))
        .routes(routes!(receipts::of_register))
        .routes(routes!(receipts::of_roll))
        .routes(routes!(receipts::of_poll))
        // Operating.
        .routes(routes!(health::show))
        .routes(routes!(metrics::show))
}

async fn not_found() -> Problem {
    Problem::new(Own::NotFound, "see /api/v1/openapi.json for the paths there are")
}

async fn method_not_allowed(method: Method) -> Problem {
    let detail = format!("the path does not know {method}; the header Allow names what it knows");
    Problem::new(Own::MethodNotAllowed, detail)
}
