//! Parts of a path, read strictly: names of rolls, ids of polls, hashes in hex.
//!
//! Not here: whether what they name exists.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use veche_protocol::hash::{HASH_LENGTH, Hash};
use veche_protocol::name::{LogPath, is_id};

use crate::problem::Problem;

/// The log that a path below `/api/v1/` is about: `{id}` names a poll, `{name}` a roll, and where
/// neither stands it is the register.
pub(crate) struct Log(pub(crate) LogPath);

impl<S: Send + Sync> FromRequestParts<S> for Log {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = parameters(parts, state).await?;
        for (name, value) in &params {
            let log = match name {
                "id" => LogPath::Poll,
                "name" => LogPath::Roll,
                _ => continue,
            };
            // LOG-2: any other string is no name.
            if !is_id(value) {
                let detail = "a name or id has 1 to 64 of a to z, 0 to 9 and -, no - at its ends";
                return Err(Problem::bad_request(detail));
            }
            return Ok(Self(log(value.to_owned())));
        }
        Ok(Self(LogPath::Register))
    }
}

/// The parameter `{leaf}`.
pub(crate) struct Leaf(pub(crate) Hash);

impl<S: Send + Sync> FromRequestParts<S> for Leaf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = parameters(parts, state).await?;
        let leaf = params.iter().find(|(name, _)| *name == "leaf");
        leaf.and_then(|(_, value)| parse_hash(value))
            .map(Self)
            .ok_or_else(|| Problem::bad_request("a leaf hash is 64 lower-case hex digits"))
    }
}

/// The parameter `{draft}`, a hash as well.
pub(crate) struct DraftId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for DraftId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = parameters(parts, state).await?;
        let id = params.iter().find(|(name, _)| *name == "draft");
        id.and_then(|(_, value)| parse_hash(value))
            .map(|hash| Self(hash.to_string()))
            .ok_or_else(|| Problem::bad_request("a draft's id is 64 lower-case hex digits"))
    }
}

async fn parameters<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<RawPathParams, Problem> {
    RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|_| Problem::bad_request("the path is not UTF-8"))
}

/// Reads 64 lower-case hex digits.
fn parse_hash(text: &str) -> Option<Hash> {
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let mut bytes = [0; HASH_LENGTH];
    hex::decode_to_slice(text, &mut bytes).ok().filter(|()| lower)?;
    Some(Hash(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(parse_hash(&digits).unwrap().to_string(), digits);
        for wrong in ["", &digits[1..], &digits.to_uppercase(), &format!("{digits}00")] {
            assert_eq!(parse_hash(wrong), None, "{wrong}");
        }
    }
}
