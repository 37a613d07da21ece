//! The description of the interface: the file, what the program makes, and what the server serves.
//!
//! Not here: whether the paths in it are those of the law ([`crate::routes`]).

use std::path::Path;

use veche_api::{Config, openapi_document};

use crate::city::City;

/// Run `cargo run -p veche-api -- openapi > api/openapi.json` where this fails.
#[test]
fn current_openapi_document() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let snapshot = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        snapshot == openapi_document(),
        "api/openapi.json is stale: cargo run -p veche-api -- openapi > api/openapi.json"
    );
}

#[test]
fn the_document_that_is_served_is_the_file() {
    let city = City::start(&Config::default());
    let answer = city.client().get("/api/v1/openapi.json").ok();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.text(), openapi_document());
}
