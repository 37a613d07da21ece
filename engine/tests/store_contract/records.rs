//! Unique and meta records.

use std::ops::ControlFlow;

use veche_engine::store::{Batch, KEY_BYTES_MAX, Store, StoreError};
use veche_engine::tree::TreeEdge;

use crate::support::{batch, collect, entries, grow, meta, unique};

pub(crate) fn unique_records_are_of_their_log(store: &dyn Store) {
    let first = store.create_log("example.com/poll/1").unwrap();
    let second = store.create_log("example.com/poll/2").unwrap();
    assert_eq!(store.unique(first, b"voter").unwrap(), None);

    let (mut append, edge) = grow(&TreeEdge::new(), first, entries(0, 2));
    append.unique = vec![unique(b"voter", b"0"), unique(b"voter", b"1"), unique(b"empty", b"")];
    store.commit(&batch(vec![append])).unwrap();
    assert_eq!(store.unique(first, b"voter").unwrap(), Some(b"1".to_vec()));
    assert_eq!(store.unique(first, b"empty").unwrap(), Some(Vec::new()));
    assert_eq!(store.unique(first, b"vote").unwrap(), None);
    assert_eq!(store.unique(second, b"voter").unwrap(), None);

    // What comes with a refused append is refused with it.
    let (mut stale, _) = grow(&TreeEdge::new(), first, entries(0, 1));
    stale.unique = vec![unique(b"voter", b"stale"), unique(b"other", b"stale")];
    store.commit(&batch(vec![stale])).unwrap_err();
    assert_eq!(store.unique(first, b"voter").unwrap(), Some(b"1".to_vec()));
    assert_eq!(store.unique(first, b"other").unwrap(), None);

    let (mut append, _) = grow(&edge, first, entries(2, 1));
    append.unique = vec![unique(b"voter", b"2")];
    store.commit(&batch(vec![append])).unwrap();
    assert_eq!(store.unique(first, b"voter").unwrap(), Some(b"2".to_vec()));
}

pub(crate) fn a_guard_without_entries(store: &dyn Store) {
    let log = store.create_log("example.com/poll/1").unwrap();
    let (append, edge) = grow(&TreeEdge::new(), log, entries(0, 3));
    let (mut guard, same) = grow(&edge, log, Vec::new());
    assert_eq!(same, edge);
    guard.unique = vec![unique(b"key", b"value")];
    let early = store.commit(&batch(vec![guard.clone()]));
    assert!(matches!(early, Err(StoreError::Conflict { expected: 3, actual: 0, .. })));
    assert_eq!(store.unique(log, b"key").unwrap(), None);
    store.commit(&batch(vec![append])).unwrap();
    store.commit(&batch(vec![guard])).unwrap();
    assert_eq!(store.unique(log, b"key").unwrap(), Some(b"value".to_vec()));
    assert_eq!(store.head(log).unwrap(), *edge.head());
}

pub(crate) fn meta_records_come_and_go(store: &dyn Store) {
    let write = |writes| store.commit(&Batch { appends: Vec::new(), meta: writes }).unwrap();
    assert_eq!(store.meta(b"draft/1").unwrap(), None);
    write(vec![meta(b"draft/1", Some(b"one")), meta(b"draft/2", Some(b"two"))]);
    assert_eq!(store.meta(b"draft/1").unwrap(), Some(b"one".to_vec()));
    write(vec![meta(b"draft/1", None), meta(b"draft/2", Some(b"")), meta(b"absent", None)]);
    assert_eq!(store.meta(b"draft/1").unwrap(), None);
    assert_eq!(store.meta(b"draft/2").unwrap(), Some(Vec::new()));
    // In one batch the last write of a key holds.
    write(vec![meta(b"draft/2", None), meta(b"draft/2", Some(b"last"))]);
    assert_eq!(store.meta(b"draft/2").unwrap(), Some(b"last".to_vec()));

    let log = store.create_log("example.com/poll/1").unwrap();
    let (append, _) = grow(&TreeEdge::new(), log, entries(0, 1));
    let mut both = batch(vec![append]);
    both.meta = vec![meta(b"signed", Some(b"note"))];
    store.commit(&both).unwrap();
    both.meta = vec![meta(b"signed", Some(b"never"))];
    store.commit(&both).unwrap_err();
    assert_eq!(store.meta(b"signed").unwrap(), Some(b"note".to_vec()));
}

pub(crate) fn scans_are_ordered_bounded_and_can_be_left(store: &dyn Store) {
    let log = store.create_log("example.com/poll/1").unwrap();
    let next = store.create_log("example.com/poll/2").unwrap();
    let keys: [&[u8]; 7] = [b"b\xff", b"a", b"b", b"c", b"b\xff\xff", b"b\x00", b"\xff"];
    let mut appends = Vec::new();
    for log in [log, next] {
        let (mut append, _) = grow(&TreeEdge::new(), log, entries(0, 1));
        append.unique = keys.iter().map(|key| unique(key, key)).collect();
        appends.push(append);
    }
    let writes = keys.iter().map(|key| meta(key, Some(key))).collect();
    store.commit(&Batch { appends, meta: writes }).unwrap();

    let under = |prefix: &[u8]| {
        let mut found: Vec<Vec<u8>> =
            keys.iter().filter(|key| key.starts_with(prefix)).map(|key| key.to_vec()).collect();
        found.sort();
        found.into_iter().map(|key| (key.clone(), key)).collect::<Vec<_>>()
    };
    for prefix in [&b""[..], b"b", b"b\xff", b"\xff", b"\xff\xff", b"d"] {
        for log in [log, next] {
            let unique = collect(|visit| store.scan_unique(log, prefix, visit)).unwrap();
            assert_eq!(unique, under(prefix));
        }
        let meta = collect(|visit| store.scan_meta(prefix, visit)).unwrap();
        assert_eq!(meta, under(prefix));
    }
    let mut visits = 0;
    let mut twice = |_: &[u8], _: &[u8]| {
        visits += 1;
        if visits == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    store.scan_meta(b"", &mut twice).unwrap();
    assert_eq!(visits, 2);
}

pub(crate) fn malformed_keys_are_refused(store: &dyn Store) {
    let log = store.create_log("example.com/poll/1").unwrap();
    for key in [Vec::new(), vec![b'k'; KEY_BYTES_MAX + 1]] {
        let writes = Batch { appends: Vec::new(), meta: vec![meta(&key, Some(b"value"))] };
        assert!(matches!(store.commit(&writes), Err(StoreError::Malformed(_))));
        let (mut append, _) = grow(&TreeEdge::new(), log, entries(0, 1));
        append.unique = vec![unique(&key, b"value")];
        assert!(matches!(store.commit(&batch(vec![append])), Err(StoreError::Malformed(_))));
    }
    let key = vec![b'k'; KEY_BYTES_MAX];
    let writes = Batch { appends: Vec::new(), meta: vec![meta(&key, Some(b"value"))] };
    store.commit(&writes).unwrap();
    assert_eq!(store.meta(&key).unwrap(), Some(b"value".to_vec()));
}

pub(crate) fn records_survive_reopening(store: &dyn Store) {
    let log = store.create_log("example.com/poll/1").unwrap();
    let (mut append, _) = grow(&TreeEdge::new(), log, entries(0, 1));
    append.unique = vec![unique(b"voter", b"0")];
    let mut both = batch(vec![append]);
    both.meta = vec![meta(b"signed", Some(b"note")), meta(b"gone", Some(b"x"))];
    store.commit(&both).unwrap();
    store.commit(&Batch { appends: Vec::new(), meta: vec![meta(b"gone", None)] }).unwrap();
    store.reopen().unwrap();
    assert_eq!(store.unique(log, b"voter").unwrap(), Some(b"0".to_vec()));
    assert_eq!(store.meta(b"signed").unwrap(), Some(b"note".to_vec()));
    assert_eq!(store.meta(b"gone").unwrap(), None);
}
