//! The snapshot of the interface.

use std::path::Path;

use veche_api::openapi_document;

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
