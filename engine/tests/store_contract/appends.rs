//! Logs, entries, tiles and heads.

use veche_engine::store::{
    BATCH_ENTRIES_MAX, Batch, BundleEntries, ENTRY_BYTES_MAX, Head, LogId, Remedy, Store,
    StoreError, tile_width,
};
use veche_engine::tree::{TreeEdge, check::check_log};

use crate::support::{append, batch, entries, grow, leaves};

const ORIGIN: &str = "example.com/poll/1";

pub(crate) fn a_new_store_is_empty(store: &dyn Store) {
    assert!(store.logs().unwrap().is_empty());
    store.commit(&Batch::default()).unwrap();
    let log = store.create_log(ORIGIN).unwrap();
    assert_eq!(store.head(log).unwrap(), Head::empty());
    assert_eq!(TreeEdge::load(store, log).unwrap(), TreeEdge::new());
    check_log(store, log).unwrap();
}

pub(crate) fn logs_keep_their_numbers(store: &dyn Store) {
    let first = store.create_log(ORIGIN).unwrap();
    let second = store.create_log("example.com/register").unwrap();
    assert_ne!(first, second);
    assert_eq!(store.create_log(ORIGIN).unwrap(), first);
    store.reopen().unwrap();
    assert_eq!(store.create_log("example.com/register").unwrap(), second);
    let mut expected =
        vec![(first, ORIGIN.to_owned()), (second, "example.com/register".to_owned())];
    expected.sort();
    assert_eq!(store.logs().unwrap(), expected);
}

pub(crate) fn malformed_origins_are_refused(store: &dyn Store) {
    for origin in [String::new(), "o".repeat(256)] {
        assert!(matches!(store.create_log(&origin), Err(StoreError::Malformed(_))));
    }
    store.create_log(&"o".repeat(255)).unwrap();
}

pub(crate) fn what_is_committed_is_read_back(store: &dyn Store) {
    let log = store.create_log(ORIGIN).unwrap();
    let all = entries(0, 600);
    let edge = append(store, log, &TreeEdge::new(), all[..10].to_vec());
    let edge = append(store, log, &edge, all[10..].to_vec());
    for reopened in [false, true] {
        if reopened {
            store.reopen().unwrap();
        }
        assert_eq!(store.head(log).unwrap(), *edge.head());
        for (index, entry) in (0..).zip(&all) {
            assert_eq!(store.entry(log, index).unwrap(), *entry);
        }
        let hashes = leaves(&all);
        for (bundle, chunk) in (0..).zip(all.chunks(256)) {
            let width = u16::try_from(chunk.len()).unwrap();
            for width in [1, 63, 64, 65, 88, width] {
                let bytes = store.bundle(log, bundle, width).unwrap();
                let read: Vec<&[u8]> = BundleEntries::new(&bytes).collect();
                assert_eq!(read, chunk[..usize::from(width)]);
                let start = usize::try_from(bundle).unwrap() * 256;
                let tile = store.tile(log, 0, bundle, width).unwrap();
                assert_eq!(tile, hashes[start..start + usize::from(width)]);
            }
        }
        assert_eq!(TreeEdge::load(store, log).unwrap(), edge);
        assert_eq!(check_log(store, log).unwrap(), *edge.head());
    }
}

pub(crate) fn appends_of_every_size_across_bundles(store: &dyn Store) {
    let log = store.create_log(ORIGIN).unwrap();
    let mut edge = TreeEdge::new();
    for count in [1, 1, 62, 1, 64, 65, 61, 1, 255, 256, 257, 1, 1_000, 3] {
        let from = edge.size();
        edge = append(store, log, &edge, entries(from, count));
        assert_eq!(TreeEdge::load(store, log).unwrap(), edge);
        for index in [from, from + count / 2, from + count - 1] {
            assert_eq!(store.entry(log, index).unwrap(), entries(index, 1)[0]);
        }
    }
    assert_eq!(check_log(store, log).unwrap(), *edge.head());
}

pub(crate) fn entries_of_extreme_lengths(store: &dyn Store) {
    let log = store.create_log(ORIGIN).unwrap();
    let all = vec![vec![], vec![7; ENTRY_BYTES_MAX], vec![1], vec![8; ENTRY_BYTES_MAX], vec![]];
    let edge = append(store, log, &TreeEdge::new(), all.clone());
    for (index, entry) in (0..).zip(&all) {
        assert_eq!(store.entry(log, index).unwrap(), *entry);
    }
    check_log(store, log).unwrap();
    let (mut append, _) = grow(&edge, log, entries(5, 1));
    append.entries[0] = vec![9; ENTRY_BYTES_MAX + 1];
    let refused = store.commit(&batch(vec![append]));
    assert!(matches!(refused, Err(StoreError::Malformed("entry too long"))));
}

pub(crate) fn a_stale_append_refuses_the_whole_batch(store: &dyn Store) {
    let log = store.create_log(ORIGIN).unwrap();
    let other = store.create_log("example.com/poll/2").unwrap();
    let edge = append(store, log, &TreeEdge::new(), entries(0, 5));
    let (good, _) = grow(&TreeEdge::new(), other, entries(0, 3));
    let (stale, _) = grow(&TreeEdge::new(), log, entries(0, 6));
    for appends in [vec![good.clone(), stale.clone()], vec![stale, good.clone()]] {
        let refused = store.commit(&batch(appends)).unwrap_err();
        assert_eq!(refused.remedy(), Remedy::Reload);
        let StoreError::Conflict { log: named, expected, actual } = refused else {
            panic!("{refused}")
        };
        assert_eq!((named, expected, actual), (log, 0, 5));
    }
    assert_eq!(store.head(other).unwrap(), Head::empty());
    assert_eq!(store.head(log).unwrap(), *edge.head());
    // Nothing was written, so nothing has to be reloaded before the next good batch.
    store.commit(&batch(vec![good])).unwrap();
    check_log(store, log).unwrap();
    check_log(store, other).unwrap();
}

pub(crate) fn logs_grow_apart_in_one_batch(store: &dyn Store) {
    let logs: Vec<LogId> = (0..5)
        .map(|number| store.create_log(&format!("example.com/poll/{number}")).unwrap())
        .collect();
    let mut edges = vec![TreeEdge::new(); logs.len()];
    for round in 1..=4 {
        let mut appends = Vec::new();
        for (number, (log, edge)) in (0..).zip(logs.iter().zip(&mut edges)) {
            let (append, next) = grow(edge, *log, entries(edge.size(), round * 37 + number));
            appends.push(append);
            *edge = next;
        }
        store.commit(&batch(appends)).unwrap();
    }
    store.reopen().unwrap();
    for (log, edge) in logs.iter().zip(&edges) {
        assert_eq!(check_log(store, *log).unwrap(), *edge.head());
    }
}

pub(crate) fn past_the_size_there_is_nothing(store: &dyn Store) {
    let log = store.create_log(ORIGIN).unwrap();
    append(store, log, &TreeEdge::new(), entries(0, 300));
    let outside = |error: StoreError| matches!(error, StoreError::OutOfRange { size: 300, .. });
    for index in [300, 301, 100_000, u64::MAX] {
        assert!(outside(store.entry(log, index).unwrap_err()));
    }
    for (bundle, width) in [(0, 0), (0, 257), (1, 45), (2, 1), (u64::MAX, 1)] {
        assert!(outside(store.bundle(log, bundle, width).unwrap_err()), "{bundle} {width}");
    }
    store.bundle(log, 1, 44).unwrap();
}

pub(crate) fn a_tile_is_never_wider_than_its_log(store: &dyn Store) {
    let log = store.create_log(ORIGIN).unwrap();
    let mut edge = TreeEdge::new();
    for size in [1, 2, 255, 256, 257, 511, 512, 513] {
        edge = append(store, log, &edge, entries(edge.size(), size - edge.size()));
        for level in 0..3 {
            for index in 0..4 {
                let allowed = tile_width(size, level, index);
                for width in 0..=257 {
                    let read = store.tile(log, level, index, width);
                    if (1..=allowed).contains(&width) {
                        assert_eq!(read.unwrap().len(), usize::from(width));
                    } else {
                        assert!(matches!(read, Err(StoreError::OutOfRange { .. })));
                    }
                }
            }
        }
    }
}

pub(crate) fn unknown_logs_are_named(store: &dyn Store) {
    let log = LogId(77);
    let unknown = |error: StoreError| matches!(error, StoreError::UnknownLog(LogId(77)));
    assert!(unknown(store.head(log).unwrap_err()));
    assert!(unknown(store.entry(log, 0).unwrap_err()));
    assert!(unknown(store.bundle(log, 0, 1).unwrap_err()));
    assert!(unknown(store.tile(log, 0, 0, 1).unwrap_err()));
    assert!(unknown(store.unique(log, b"key").unwrap_err()));
    let mut visit = |_: &[u8], _: &[u8]| std::ops::ControlFlow::Continue(());
    assert!(unknown(store.scan_unique(log, b"", &mut visit).unwrap_err()));
    let (append, _) = grow(&TreeEdge::new(), log, entries(0, 1));
    assert!(unknown(store.commit(&batch(vec![append])).unwrap_err()));
}

pub(crate) fn malformed_appends_are_refused(store: &dyn Store) {
    let log = store.create_log(ORIGIN).unwrap();
    let (good, _) = grow(&TreeEdge::new(), log, entries(0, 300));
    let mut bad = vec![good.clone(); 7];
    bad[0].entries.pop();
    bad[1].head.size += 1;
    bad[2].head.frontier.pop();
    bad[3].tiles.pop();
    bad[4].tiles[1].hashes.pop();
    bad[5].tiles.swap(0, 1);
    let surplus = bad[6].tiles[0].clone();
    bad[6].tiles.push(surplus);
    for (number, append) in bad.into_iter().enumerate() {
        let refused = store.commit(&batch(vec![append])).unwrap_err();
        assert!(matches!(refused, StoreError::Malformed(_)), "{number}: {refused}");
        assert_eq!(refused.remedy(), Remedy::Caller);
    }
    let refused = store.commit(&batch(vec![good.clone(), good.clone()]));
    assert!(matches!(refused, Err(StoreError::Malformed("two appends to one log"))));

    let many = vec![Vec::new(); BATCH_ENTRIES_MAX + 1];
    let (many, _) = grow(&TreeEdge::new(), log, many);
    let refused = store.commit(&batch(vec![many]));
    assert!(matches!(refused, Err(StoreError::Malformed("too many entries"))));

    assert_eq!(store.head(log).unwrap(), Head::empty());
    store.commit(&batch(vec![good])).unwrap();
    check_log(store, log).unwrap();
}

pub(crate) fn an_append_may_be_grown_before_the_last_is_durable(store: &dyn Store) {
    let log = store.create_log(ORIGIN).unwrap();
    let (first, edge) = grow(&TreeEdge::new(), log, entries(0, 100));
    let (second, edge) = grow(&edge, log, entries(100, 200));
    let early = store.commit(&batch(vec![second.clone()]));
    assert!(matches!(early, Err(StoreError::Conflict { expected: 100, actual: 0, .. })));
    store.commit(&batch(vec![first])).unwrap();
    store.commit(&batch(vec![second])).unwrap();
    assert_eq!(check_log(store, log).unwrap(), *edge.head());
}
