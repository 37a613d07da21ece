//! Bodies of requests: their type, their bound, and the entry they hold.
//!
//! Not here: what the entry says.

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use veche_protocol::breach::Breach;
use veche_protocol::entry::MAX_ENTRY_LENGTH;

use crate::problem::{Own, Problem};

/// Longest body of JSON, in bytes: an entry of 65,535 bytes is 87,380 in base64, which leaves
/// 43,692 for names, white space and escapes.
pub(crate) const MAX_JSON_LENGTH: usize = 131_072;

/// An entry as JSON.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryInJson {
    /// The entry's bytes in base64.
    pub(crate) entry: String,
}

/// The types of body that are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MediaType {
    Cbor,
    Json,
}

/// The entry in a request, as CBOR or within JSON.
pub(crate) async fn read_entry(request: Request) -> Result<Vec<u8>, Problem> {
    // API-2: two types and no other.
    match media_type(&request) {
        Some(MediaType::Cbor) => {
            let collected = collect(request.into_body(), MAX_ENTRY_LENGTH).await?;
            // API-9: an entry that no log can hold has the law's own code.
            collected.ok_or_else(|| Breach::EntryOversized.into())
        }
        Some(MediaType::Json) => {
            let json: EntryInJson = parse_json(request.into_body()).await?;
            decode_entry(&json.entry)
        }
        None => Err(Problem::new(
            Own::UnsupportedMediaType,
            "an entry is handed in as application/cbor or application/json",
        )),
    }
}

/// The JSON in a request.
pub(crate) async fn read_json<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    if media_type(&request) != Some(MediaType::Json) {
        let detail = "the body must be application/json";
        return Err(Problem::new(Own::UnsupportedMediaType, detail));
    }
    parse_json(request.into_body()).await
}

/// The bytes of an entry that stands as base64 in JSON.
pub(crate) fn decode_entry(text: &str) -> Result<Vec<u8>, Problem> {
    let not_base64 = |_| Problem::bad_request("the entry is not strict base64");
    STANDARD.decode(text).map_err(not_base64)
}

async fn parse_json<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    let Some(bytes) = collect(body, MAX_JSON_LENGTH).await? else {
        let detail = format!("a body of JSON has at most {MAX_JSON_LENGTH} bytes");
        return Err(Problem::new(Own::BodyTooLarge, detail));
    };
    serde_json::from_slice(&bytes)
        .map_err(|error| Problem::bad_request(format!("the JSON cannot be read: {error}")))
}

fn media_type(request: &Request) -> Option<MediaType> {
    let value = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split_once(';').map_or(value, |(essence, _)| essence).trim();
    if essence.eq_ignore_ascii_case("application/cbor") {
        Some(MediaType::Cbor)
    } else if essence.eq_ignore_ascii_case("application/json") {
        Some(MediaType::Json)
    } else {
        None
    }
}

/// The whole body; `None` if it is longer than `limit`, of which no more is read than shows it.
async fn collect(mut body: Body, limit: usize) -> Result<Option<Vec<u8>>, Problem> {
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Ok(None);
    }
    let room = usize::try_from(announced).expect("a length below the limit fits");
    let mut bytes = Vec::with_capacity(room);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::bad_request("the body ends early"))?;
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Some(bytes))
}
