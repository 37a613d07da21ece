//! The logs' public files are plain C2SP: an outside client of tlog-tiles, signed-note and
//! tlog-proof reads and verifies them over HTTP with nothing but a log's verifier key.
//!
//! On the reading side ([`client`]) stand the crates `signed_note` and `tlog_tiles`, which know
//! nothing of this project, and no code of `veche-protocol`. The city that is read is a real one.

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod client;
mod witness;
mod witnessed;

use tlog_tiles::{
    Error, check_record, check_tree, prove_record, prove_tree, record_hash, tree_hash,
};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_tests::city::{Voter, approval_definition};
use veche_tests::live::{LiveCity, ROLL, poll_path};

use client::{GrownTree, OutsideLog, Proof};

/// Voters, and the ballots of each. 40 * 15 = 600 ballots make a log of two full tiles of 256, a
/// partial one, and a partial tile of the level above.
const VOTERS: usize = 40;
const TURNS: u8 = 15;

/// What the tests read: a city, an old checkpoint and the ballots of a poll, with their receipts.
struct Scene {
    city: LiveCity,
    early: Vec<u8>,
    ballots: Vec<(Vec<u8>, String)>,
}

#[test]
fn the_logs_are_read_and_verified_by_an_outside_client_with_a_verifier_key_alone() {
    let scene = Scene::set();
    every_log_is_read_whole(&scene);
    every_entry_is_proved_from_tiles(&scene);
    a_later_head_extends_an_earlier_one(&scene);
    every_receipt_is_a_proof_that_stands_by_itself(&scene);
    what_is_not_true_is_refused(&scene);
    files_are_served_as_the_documents_ask(&scene);
}

impl Scene {
    fn set() -> Self {
        let city = LiveCity::found().unwrap();
        let voters: Vec<_> = (0..VOTERS).map(|n| Voter::named(&n.to_string(), 0)).collect();
        city.enrol(&voters).unwrap();
        let revote = Revote::Last { max_turn: 15 };
        let paper = city.open(approval_definition(&["Trees", "Benches"], 0, 2, revote)).unwrap();
        let api = city.api().unwrap();
        let (mut ballots, mut early) = (Vec::new(), None);
        for turn in 0..TURNS {
            for voter in &voters {
                let ballot = paper.sign(turn, vec![vec![u64::from(turn % 2)]], &voter.key).unwrap();
                let receipt = api.submit(paper.path(), ballot.bytes()).unwrap();
                ballots.push((ballot.into_bytes(), receipt.to_string()));
            }
            if turn == 4 {
                early = Some(poll_log(&city).get("checkpoint").unwrap().body);
            }
        }
        city.close_and_certify().unwrap();
        Self { city, early: early.unwrap(), ballots }
    }
}

/// The outside client of a log, which gets an address and a verifier key and nothing else.
fn log(city: &LiveCity, path: &LogPath) -> OutsideLog {
    let verifier_key = city.pins().verifier(path).to_string();
    OutsideLog::new(&format!("{}/{path}", city.url()), &verifier_key)
}

fn poll_log(city: &LiveCity) -> OutsideLog {
    log(city, &poll_path())
}

fn every_log_is_read_whole(scene: &Scene) {
    for path in [LogPath::Register, LogPath::Roll(ROLL.to_owned()), poll_path()] {
        let log = log(&scene.city, &path);
        let head = log.checkpoint().unwrap();
        assert!(head.size() > 0);
        // LOG-10: the entries of all bundles, hashed from nothing, give the root that was signed.
        let entries = log.entries(head.size());
        let grown = GrownTree::of(&entries);
        assert_eq!(tree_hash(head.size(), &grown).unwrap(), *head.hash(), "{path}");
        // LOG-9: so do the tiles, and each of their leaves is an entry.
        assert_eq!(tree_hash(head.size(), &log.hashes(&head)).unwrap(), *head.hash(), "{path}");
        let own: Vec<_> = entries.iter().map(|entry| record_hash(entry)).collect();
        assert_eq!(own, log.leaves(&head), "{path}");
    }
}

fn every_entry_is_proved_from_tiles(scene: &Scene) {
    let log = poll_log(&scene.city);
    let head = log.checkpoint().unwrap();
    let hashes = log.hashes(&head);
    let entries = log.entries(head.size());
    assert!(head.size() > 600, "two full tiles and a partial one");
    for index in (0..head.size()).step_by(37).chain([255, 256, head.size() - 1]) {
        let proof = prove_record(head.size(), index, &hashes).unwrap();
        let leaf = record_hash(&entries[usize::try_from(index).unwrap()]);
        check_record(&proof, head.size(), *head.hash(), index, leaf).unwrap();
        let other = record_hash(b"no entry");
        assert!(check_record(&proof, head.size(), *head.hash(), index, other).is_err());
    }
}

fn a_later_head_extends_an_earlier_one(scene: &Scene) {
    let log = poll_log(&scene.city);
    let early = log.verify_checkpoint(&scene.early).unwrap();
    let head = log.checkpoint().unwrap();
    assert!(early.size() < head.size());
    let proof = prove_tree(head.size(), early.size(), &log.hashes(&head)).unwrap();
    let (old, new) = ((early.size(), *early.hash()), (head.size(), *head.hash()));
    check_tree(&proof, new.0, new.1, old.0, old.1).unwrap();
    assert!(check_tree(&proof, new.0, new.1, old.0, record_hash(b"another root")).is_err());
}

fn every_receipt_is_a_proof_that_stands_by_itself(scene: &Scene) {
    // RECEIPT-1: the C2SP tlog-proof, read and verified without a network.
    let log = poll_log(&scene.city);
    for (ballot, receipt) in &scene.ballots {
        let Proof { index, hashes, head } = log.proof(receipt).unwrap();
        check_record(&hashes, head.size(), *head.hash(), index, record_hash(ballot)).unwrap();
        let other = record_hash(&[&ballot[..], &[0]].concat());
        assert!(check_record(&hashes, head.size(), *head.hash(), index, other).is_err());
    }
}

fn what_is_not_true_is_refused(scene: &Scene) {
    let log = poll_log(&scene.city);
    let head = log.checkpoint().unwrap();
    // Of another log of the same city, with the same key bytes under another name.
    let roll = self::log(&scene.city, &LogPath::Roll(ROLL.to_owned()));
    assert!(roll.verify_checkpoint(&scene.early).is_err());
    // A bit in a checkpoint.
    let mut forged = scene.early.clone();
    let place = forged.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    forged[place] ^= 1;
    assert!(log.verify_checkpoint(&forged).is_err());
    // A bit in a tile, in the hash of entry 256 + 3: its neighbour is no longer proved, whether the
    // reader holds the tile against its parent (it leaves out a few) or not.
    let liar = log.with_a_bit_flipped_in("tile/0/001");
    let neighbour = record_hash(&log.entries(head.size())[256 + 2]);
    let proved = prove_record(head.size(), 256 + 2, &liar.hashes(&head))
        .and_then(|proof| check_record(&proof, head.size(), *head.hash(), 256 + 2, neighbour));
    assert!(matches!(proved, Err(Error::InvalidProof | Error::InconsistentTile)), "{proved:?}");
    // A bit in a tile of the right edge, by which the reader knows the root.
    let edge: &str = &format!("tile/0/002.p/{}", head.size() % 256);
    let liar = log.with_a_bit_flipped_in(edge);
    let root = tree_hash(head.size(), &liar.hashes(&head));
    assert!(matches!(root, Err(Error::InconsistentTile)), "{root:?}");
}

fn files_are_served_as_the_documents_ask(scene: &Scene) {
    let log = poll_log(&scene.city);
    let size = log.checkpoint().unwrap().size();
    let checkpoint = log.get("checkpoint").unwrap();
    assert_eq!(checkpoint.media_type, "text/plain; charset=utf-8");
    assert!(!checkpoint.cache.contains("immutable"), "{}", checkpoint.cache);
    let width = size % 256;
    // LOG-9, LOG-11: full ones, partial ones, and those of a level above.
    for path in ["tile/0/000", "tile/0/001", &format!("tile/0/002.p/{width}"), "tile/1/000.p/2"] {
        let tile = log.get(path).unwrap();
        assert_eq!(tile.media_type, "application/octet-stream", "{path}");
        assert!(tile.cache.contains("immutable"), "{path}: {}", tile.cache);
        let expected = path.rsplit_once(".p/").map_or(256, |(_, width)| width.parse().unwrap());
        assert_eq!(tile.body.len(), 32 * expected, "{path}");
    }
    // LOG-11: nothing empty, nothing beyond the head, and no full tile before its time.
    for path in ["tile/0/002", "tile/0/003", "tile/1/000", "tile/1/001", "tile/2/000"] {
        assert!(log.get(path).is_none(), "{path}");
    }
    for path in ["tile/0/002.p/0", "tile/1/000.p/3", "tile/0/2", "tile/entries/002"] {
        assert!(log.get(path).is_none(), "{path}");
    }
}
