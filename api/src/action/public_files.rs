//! The public files of the logs, as any mirror could serve them (C2SP tlog-tiles, spec/log.md).
//!
//! Paths are read as they were sent, without decoding: each file has one name. Not here: which
//! files a head has, and their bytes (the engine's).

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use crate::app::{App, Shared};
use crate::problem::{Own, Problem};

/// A checkpoint may be kept, but not used without asking.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
/// A tile never changes: a year, the longest that caches are told.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /<path>/checkpoint` and `GET /<path>/tile/...`.
pub(crate) async fn serve(State(app): State<Shared>, uri: Uri) -> Result<Response, Problem> {
    let (log, file) = locate(uri.path()).ok_or_else(no_such_file)?;
    match file {
        Resource::Checkpoint => checkpoint(&app, &log),
        Resource::Tile(tile) => {
            let read =
                app.read(move |engine| engine.tile(&log, tile.level, tile.index, tile.width));
            tile_answer(&app, read.await??)
        }
        Resource::Entries(bundle) => {
            let read = app.read(move |engine| engine.bundle(&log, bundle.index, bundle.width));
            tile_answer(&app, read.await??)
        }
    }
}

/// Divides a path as it was sent into the log and the file.
pub(crate) fn locate(path: &str) -> Option<(LogPath, Resource)> {
    let path = path.strip_prefix('/')?;
    // LOG-9: one spelling for each file; an encoded letter is another spelling.
    let name = path.find('/')?;
    let end = match path.split_at(name) {
        ("register", _) => name,
        (_, rest) => name + 1 + rest[1..].find('/')?,
    };
    Some((LogPath::parse(&path[..end])?, Resource::parse(&path[end + 1..]).ok()?))
}

fn checkpoint(app: &App, log: &LogPath) -> Result<Response, Problem> {
    let head = app.engine.checkpoint(log).ok_or_else(no_such_file)?;
    // API-1: the signed note, byte for byte.
    let mut response = Response::new(Body::from(head.note.clone()));
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response.headers_mut().insert(header::CACHE_CONTROL, REVALIDATE);
    Ok(response)
}

fn tile_answer(app: &App, bytes: Option<Vec<u8>>) -> Result<Response, Problem> {
    // API-1: what the published head does not have is not there, and says so uncached.
    let bytes = app.on_their_way(bytes.ok_or_else(no_such_file)?)?;
    let mut response = Body::from(bytes).into_response();
    let octets = HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, octets);
    response.headers_mut().insert(header::CACHE_CONTROL, IMMUTABLE);
    Ok(response)
}

fn no_such_file() -> Problem {
    Problem::new(Own::NotFound, "no log of this city has this file below its published head")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_path() {
        // API-1: any other spelling leads nowhere.
        for path in [
            "/register/checkpoint",
            "/roll/city/tile/0/000.p/9",
            "/poll/a/tile/entries/x001/000",
            "/poll/tile/tile/0/000",
            "/poll/checkpoint/checkpoint",
        ] {
            let (log, file) = locate(path).unwrap();
            assert_eq!(format!("/{log}/{file}"), path);
        }
        for path in [
            "",
            "/",
            "/register",
            "/register/",
            "/register//checkpoint",
            "/register/checkpoint/",
            "/Register/checkpoint",
            "/roll/city/checkpoint%20",
            "/roll/%63ity/checkpoint",
            "/roll/city/tile/0/0",
            "/roll/city/tile/0/000.p/0",
            "/roll/city/tile/0/000.p/256",
            "/roll/../register/checkpoint",
        ] {
            assert!(locate(path).is_none(), "{path}");
        }
    }
}
