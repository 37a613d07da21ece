//! Tests of reading a log: honest growth, and each way in which a server can lie.

use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::log::tile::TilePath;
use veche_protocol::signature::SigningKey;

use super::*;
use crate::test_city::{TestCity, poll_path, roll_path};

fn read(city: &TestCity, path: &LogPath) -> Result<LogCopy, ClientError> {
    LogCopy::read(city, path, &city.pins.verifier(path), &mut |_, _| {})
}

fn code<T>(result: Result<T, ClientError>) -> String {
    result.err().map(|error| error.code().to_owned()).unwrap_or_default()
}

/// A log of several bundles; what stands in it is of no matter here.
fn long_log(entries: u16) -> TestCity {
    let city = TestCity::found();
    grow(&city, 0..entries);
    city
}

fn grow(city: &TestCity, numbers: core::ops::Range<u16>) {
    for number in numbers {
        city.push(&poll_path(), &number.to_be_bytes());
    }
}

#[test]
fn a_log_is_read_and_read_on() {
    let city = long_log(600);
    let mut copy = read(&city, &poll_path()).unwrap();
    assert_eq!(copy.size(), 600);
    assert_eq!(copy.entry(300), Some(&300_u16.to_be_bytes()[..]));
    let old = copy.head();
    grow(&city, 600..700);
    copy.read_on(&city, &mut |_, _| {}).unwrap();
    assert_eq!(copy.size(), 700);
    assert_eq!(copy.root_at(600), Some(old.root));
    copy.check_contains(old.size, &old.root).unwrap();
    assert_eq!(copy.root_at(701), None);
}

#[test]
fn another_key_signs_no_head_of_this_log() {
    let city = TestCity::with_roll();
    let other = SigningKey::from_seed(&[99; 32]).key();
    let verifier = VerifierKey::ed25519(&city.pins.origin(&roll_path()), other).unwrap();
    // LOG-5: the signature of the pinned key must be there.
    let read = LogCopy::read(&city, &roll_path(), &verifier, &mut |_, _| {});
    assert_eq!(code(read), "note-unsigned");
}

/// A server that shows other entries than it has signed for.
struct Liar(TestCity);

impl Source for Liar {
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
        self.0.checkpoint(log)
    }

    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
        let bundle = self.0.bundle(log, path)?;
        Ok(bundle.map(|mut bundle| {
            *bundle.last_mut().unwrap() ^= 1;
            bundle
        }))
    }

    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.tile(log, path)
    }
}

#[test]
fn a_changed_byte_is_found() {
    let liar = Liar(long_log(3));
    let path = poll_path();
    let read = LogCopy::read(&liar, &path, &liar.0.pins.verifier(&path), &mut |_, _| {});
    // LOG-1: the entries do not hash to the signed root.
    assert_eq!(code(read), Breach::RootMismatch.code());
}

#[test]
fn a_rewritten_log_is_no_growth() {
    let city = long_log(300);
    let mut copy = read(&city, &poll_path()).unwrap();
    city.logs.borrow_mut().get_mut(&poll_path()).unwrap()[0] = vec![7];
    city.push(&poll_path(), b"more");
    assert_eq!(code(copy.read_on(&city, &mut |_, _| {})), Breach::RootMismatch.code());
    let copy = read(&city, &poll_path()).unwrap();
    assert_eq!(code(copy.check_contains(300, &Hash::ZERO)), Breach::HeadForked.code());
}

/// A server that has only full bundles.
struct FullOnly(TestCity);

impl Source for FullOnly {
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
        self.0.checkpoint(log)
    }

    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
        if path.width < TILE_WIDTH { Ok(None) } else { self.0.bundle(log, path) }
    }

    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.tile(log, path)
    }
}

#[test]
fn a_full_bundle_stands_in_for_a_partial_one() {
    let source = FullOnly(long_log(256));
    let partial = EntriesPath { index: 0, width: 10 };
    let cut = read_bundle(&source, &poll_path(), partial).unwrap();
    // LOG-9: it is cut to the width that was asked for.
    assert_eq!(split_bundle(&cut, 10).unwrap()[9], 9_u16.to_be_bytes());
    let missing = EntriesPath { index: 1, width: 10 };
    assert_eq!(code(read_bundle(&source, &poll_path(), missing)), Breach::EntryMissing.code());
}
