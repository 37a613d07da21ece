//! The public files: what everybody checks from, as any mirror could serve them (spec/log.md).

use veche_api::Config;
use veche_protocol::hash::leaf_hash;
use veche_protocol::log::note::Note;
use veche_protocol::log::tile::split_bundle;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;

use crate::city::{City, DOMAIN, poll, roll};
use crate::client::Answer;

/// A poll of 260 entries: a full tile, and the beginning of another.
fn long_poll() -> City {
    let city = City::with_open_poll(&Config::default(), 258, Revote::First);
    for number in 0..258 {
        let ballot = city.ballot(number, 0, (number % 3) as u64);
        city.submit(&poll(), &ballot);
    }
    city
}

#[track_caller]
fn check_tile(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    // API-1: a tile never changes, full or partial.
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn checkpoints_are_asked_for_each_time() {
    let city = City::with_open_poll(&Config::default(), 2, Revote::First);
    let mut client = city.client();
    for path in [LogPath::Register, roll(), poll()] {
        let answer = client.get(&format!("/{path}/checkpoint")).ok();
        // API-1: the signed note, and never an old one from a cache.
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let note = Note::parse(&answer.body).unwrap();
        assert_eq!(note.verify(&[city.verifier(&path)]).unwrap(), [0]);
        assert!(answer.text().starts_with(&format!("{}\n", path.origin(DOMAIN))));
    }
}

#[test]
fn tiles_and_bundles_full_and_partial() {
    let city = long_poll();
    let mut client = city.client();
    let full = client.get("/poll/park/tile/0/000");
    let partial = client.get("/poll/park/tile/0/001.p/4");
    let above = client.get("/poll/park/tile/1/000.p/1");
    for answer in [&full, &partial, &above] {
        check_tile(answer);
    }
    assert_eq!((full.body.len(), partial.body.len(), above.body.len()), (256 * 32, 4 * 32, 32));
    let bundle = client.get("/poll/park/tile/entries/000");
    check_tile(&bundle);
    let hashes = split_bundle(&bundle.body, 256).unwrap();
    let hashes: Vec<u8> = hashes.iter().flat_map(|entry| leaf_hash(entry).0).collect();
    assert_eq!(hashes, full.body);
    check_tile(&client.get("/poll/park/tile/entries/001.p/4"));
    // What was published stays, also where the tile has grown since.
    let older = client.get("/poll/park/tile/0/001.p/2");
    check_tile(&older);
    assert_eq!(older.body, partial.body[..64]);
}

#[test]
fn nothing_else_is_there() {
    let city = long_poll();
    let mut client = city.client();
    for path in [
        "/poll/park/tile/0/001",
        "/poll/park/tile/0/001.p/5",
        "/poll/park/tile/0/001.p/0",
        "/poll/park/tile/0/001.p/256",
        "/poll/park/tile/0/002.p/1",
        "/poll/park/tile/1/000",
        "/poll/park/tile/64/000",
        "/poll/park/tile/0/1",
        "/poll/park/tile/0/x000/000",
        "/poll/park/tile/entries/001",
        "/poll/park/tile/data/000",
        "/poll/park/checkpoint/",
        "/poll/%70ark/checkpoint",
        "/poll/nowhere/checkpoint",
        "/roll/park/checkpoint",
        "/register/register/checkpoint",
    ] {
        let answer = client.get(path);
        // API-1: `404`, and no cache may keep that.
        assert_eq!(answer.refusal(), (404, "not-found".to_owned()), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn a_mirror_asks_for_heads_alone() {
    let city = long_poll();
    let mut client = city.client();
    for path in ["/poll/park/tile/0/000", "/poll/park/checkpoint"] {
        let whole = client.get(path).ok();
        let head = client.request("HEAD", path, &[], &[]).ok();
        for name in ["content-type", "content-length", "cache-control"] {
            assert_eq!(head.header(name), whole.header(name), "{path}: {name}");
        }
        assert!(head.body.is_empty());
    }
}
