//! The public files of a copy, as answers (spec/api.md, API-1).
//!
//! Only what stands below the head that is shown. Files of a head on its way are on the disk too,
//! and not given out. Not here: verifying, which was done before a file got its name.

use std::fs;
use std::path::Path;

use veche_protocol::hash::HASH_LENGTH;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::Note;
use veche_protocol::log::tile::{
    EntriesPath, Resource, TILE_WIDTH, TilePath, split_bundle, width_at,
};
use veche_protocol::name::LogPath;

use super::problem::Problem;
use crate::serve::Response;

/// How often a file is looked for while the copy grows past it.
const LOOKS: usize = 3;

/// The file at a path of the city, or why there is none.
pub(super) fn answer(folder: &Path, path: &str) -> Response {
    let Some((log, file)) = parse(path) else { return Problem::NotFound.response("") };
    match find(folder, &log, &file) {
        None => Problem::NotFound.response(""),
        // MONITOR-10: API-1, LOG-11.
        Some(bytes) if file == Resource::Checkpoint => {
            Response::new(200, "text/plain; charset=utf-8", bytes)
                .with_header("cache-control", "no-cache")
        }
        Some(bytes) => Response::new(200, "application/octet-stream", bytes)
            .with_header("cache-control", "public, max-age=31536000, immutable"),
    }
}

/// A log and a file of it, in the one spelling that there is.
fn parse(path: &str) -> Option<(LogPath, Resource)> {
    let (log, file) = if let Some(file) = path.strip_prefix("register/") {
        ("register", file)
    } else {
        let (kind, rest) = path.split_once('/')?;
        let (name, file) = rest.split_once('/')?;
        (&path[..=kind.len() + name.len()], file)
    };
    Some((LogPath::parse(log)?, Resource::parse(file).ok()?))
}

fn find(folder: &Path, log: &LogPath, file: &Resource) -> Option<Vec<u8>> {
    let folder = folder.join(log.to_string());
    let read = |file: &Resource| fs::read(folder.join(file.to_string())).ok();
    for _ in 0..LOOKS {
        let head = read(&Resource::Checkpoint)?;
        if *file == Resource::Checkpoint {
            return Some(head);
        }
        let checkpoint = Checkpoint::parse(Note::parse(&head).ok()?.text()).ok()?;
        let (level, index, width) = match *file {
            Resource::Tile(TilePath { level, index, width }) => (level, index, width),
            Resource::Entries(EntriesPath { index, width }) => (0, index, width),
            Resource::Checkpoint => return None,
        };
        let own = width_at(checkpoint.size, level, index)?;
        // LOG-11: a partial one of a head before, as long as there is no full one.
        if width > own || (width < own && own == TILE_WIDTH) {
            return None;
        }
        let stored = match *file {
            Resource::Tile(path) => Resource::Tile(TilePath { width: own, ..path }),
            _ => Resource::Entries(EntriesPath { index, width: own }),
        };
        // The copy may have grown past what the head just read has: then look again.
        if let Some(bytes) = read(&stored) {
            return cut(&stored, bytes, own, width);
        }
    }
    None
}

/// The beginning of a file that is wider than what was asked for.
fn cut(file: &Resource, mut bytes: Vec<u8>, own: u16, width: u16) -> Option<Vec<u8>> {
    if width < own {
        let length = match file {
            Resource::Entries(_) => {
                let entries = split_bundle(&bytes, own).ok()?;
                entries.iter().take(width.into()).map(|entry| 2 + entry.len()).sum()
            }
            _ => usize::from(width) * HASH_LENGTH,
        };
        bytes.truncate(length);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_spelling() {
        for path in [
            "register/checkpoint",
            "roll/a/tile/0/000",
            "poll/b-1/tile/entries/x001/234.p/7",
            "poll/tile/checkpoint",
        ] {
            let (log, file) = parse(path).unwrap();
            assert_eq!(format!("{log}/{file}"), path);
        }
        for path in [
            "",
            "register",
            "register/",
            "register//checkpoint",
            "register/../register/checkpoint",
            "roll/checkpoint",
            "roll/A/checkpoint",
            "poll/b/tile/0/0",
            "heads/register/seen",
            "relay/x/entry",
            "monitor.json",
            "poll/%62/checkpoint",
        ] {
            assert_eq!(parse(path), None, "{path}");
        }
    }

    // MONITOR-10
    #[test]
    fn only_what_stands_below_the_head_is_given() {
        use veche_protocol::signature::SigningKey;
        let folder = tempfile::tempdir().unwrap();
        let root = veche_protocol::hash::Hash([1; 32]);
        let checkpoint = Checkpoint { origin: "a.org/register".to_owned(), size: 3, root };
        let note = checkpoint.sign(&SigningKey::from_seed(&[1; 32])).unwrap().into_note();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join("register").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        write("checkpoint", note.to_string().as_bytes());
        write("tile/0/000.p/3", &[7; 96]);
        write("tile/0/000", &[7; 8_192]);
        write("tile/entries/000.p/3", &[0, 1, 65, 0, 1, 66, 0, 1, 67]);
        let get = |file: &str| answer(folder.path(), &format!("register/{file}"));
        assert_eq!(get("checkpoint").header("cache-control"), Some("no-cache"));
        let tile = get("tile/0/000.p/3");
        assert_eq!((tile.status, tile.body.len()), (200, 96));
        assert_eq!(tile.header("cache-control"), Some("public, max-age=31536000, immutable"));
        // Of a head before.
        assert_eq!(get("tile/0/000.p/2").body.len(), 64);
        assert_eq!(get("tile/entries/000.p/1").body, [0, 1, 65]);
        // Of a head that is on its way.
        for file in ["tile/0/000", "tile/0/000.p/4", "tile/entries/000", "tile/1/000.p/1"] {
            assert_eq!(get(file).status, 404, "{file}");
        }
    }
}
