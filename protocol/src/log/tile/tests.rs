//! Tests of paths, widths, bundles and reading nodes.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    EntriesPath, MAX_ENTRY_LENGTH, Resource, TILE_WIDTH, TilePath, TileReader, encode_bundle,
    split_bundle, split_tile, width_at,
};
use crate::breach::Breach;
use crate::hash::{Hash, leaf_hash, node_hash};
use crate::log::merkle::NodeReader as _;

fn tile(level: u8, index: u64, width: u16) -> Resource {
    Resource::Tile(TilePath { level, index, width })
}

fn entries(index: u64, width: u16) -> Resource {
    Resource::Entries(EntriesPath { index, width })
}

// LOG-9, LOG-10
#[test]
fn paths_have_one_form() {
    for (path, resource) in [
        ("checkpoint", Resource::Checkpoint),
        ("tile/0/000", tile(0, 0, 256)),
        ("tile/0/000.p/1", tile(0, 0, 1)),
        ("tile/1/999.p/255", tile(1, 999, 255)),
        ("tile/0/x001/000", tile(0, 1000, 256)),
        ("tile/3/x001/x234/067", tile(3, 1_234_067, 256)),
        ("tile/0/x001/x234/067.p/17", tile(0, 1_234_067, 17)),
        ("tile/0/x100/x000/x000/000", tile(0, 100_000_000_000, 256)),
        ("tile/7/000.p/255", tile(7, 0, 255)),
        ("tile/entries/000", entries(0, 256)),
        ("tile/entries/x001/x234/067.p/8", entries(1_234_067, 8)),
    ] {
        assert_eq!(Resource::parse(path), Ok(resource), "{path}");
        assert_eq!(resource.to_string(), path);
    }
}

#[test]
fn other_spellings_are_refused() {
    for path in [
        "",
        "/checkpoint",
        "checkpoint/",
        "Checkpoint",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/x000",
        "tile/0/x001",
        "tile/0/x000/001",
        "tile/0/x000/x001/001",
        "tile/0/001/001",
        "tile/0/x001/x001",
        "tile/0/x1/001",
        "tile/0/X001/001",
        "tile/0/x001//001",
        "tile/0/x001/001/",
        "tile/0//001",
        "tile/0/+01",
        "tile/0/-01",
        "tile/0/ 01",
        "tile/0/é1",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/00",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/65537",
        "tile/0/000.p/1.p/1",
        "tile/0/000.p/1/",
        "tile/0/000.P/1",
        "tile/0/000p/1",
        "tile/00/000",
        "tile/01/000",
        "tile/-1/000",
        "tile//000",
        "tile/8/000",
        "tile/63/000",
        "tile/256/000",
        "tile/data/000",
        "tile/entries",
        "tile/entries/",
        "tile/entries/0",
        "tile/entries/0/000",
        "tile/entries/000.p/0",
        "tile/entries/000.p/256",
        "tile/0/000\n",
        "../tile/0/000",
        "tile/0/../000",
    ] {
        assert_eq!(Resource::parse(path), Err(Breach::TileMalformed), "{path:?}");
    }
}

#[test]
fn tiles_past_every_size_are_refused() {
    // 2^64 / 256 bundles would be full at 2^64 entries: the last one is at most 255 wide.
    let last = u64::MAX / 256;
    let path = TilePath { level: 0, index: last, width: 255 };
    assert_eq!(TilePath::parse(&path.to_string()), Ok(path));
    assert!(TilePath::parse(&TilePath { width: 256, ..path }.to_string()).is_err());
    assert!(TilePath::parse(&TilePath { index: last + 1, ..path }.to_string()).is_err());
    assert!(TilePath::parse(&TilePath { index: u64::MAX, ..path }.to_string()).is_err());
    assert!(TilePath::parse(&TilePath { level: 1, ..path }.to_string()).is_err());
    let path = EntriesPath { index: last, width: 256 };
    assert!(EntriesPath::parse(&path.to_string()).is_err());
    assert!(Resource::parse("tile/7/000").is_err());
    assert!(Resource::parse("tile/7/001.p/1").is_err());
    assert!(Resource::parse("tile/0/x018/x446/x744/x073/x709/x551/616").is_err());
    assert!(Resource::parse("tile/0/x999/x999/x999/x999/x999/x999/x999/999").is_err());
}

fn all(size: u64) -> Vec<String> {
    TilePath::all(size).map(|path| path.to_string()).collect()
}

// LOG-9
#[test]
fn examples_of_the_specification() {
    assert_eq!(all(0), Vec::<String>::new());
    assert_eq!(all(1), ["tile/0/000.p/1"]);
    assert_eq!(all(255), ["tile/0/000.p/255"]);
    assert_eq!(all(256), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(all(257), ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]);
    let paths = all(70_000);
    assert_eq!(paths.len(), 273 + 1 + 1 + 1 + 1);
    assert_eq!(paths[272], "tile/0/272");
    assert_eq!(
        paths[273..],
        ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    );
    let bundles: Vec<_> = EntriesPath::all(70_000).map(|path| path.to_string()).collect();
    assert_eq!(bundles.len(), 274);
    assert_eq!(bundles[0], "tile/entries/000");
    assert_eq!(bundles[273], "tile/entries/273.p/112");
}

#[test]
fn widths_of_the_largest_log() {
    assert_eq!(width_at(u64::MAX, 7, 0), Some(255));
    assert_eq!(width_at(u64::MAX, 7, 1), None);
    assert_eq!(width_at(u64::MAX, 8, 0), None);
    assert_eq!(width_at(u64::MAX, 0, u64::MAX / 256), Some(255));
    assert_eq!(width_at(u64::MAX, 0, u64::MAX), None);
    assert_eq!(width_at(0, 0, 0), None);
}

proptest! {
    #[test]
    fn a_path_that_is_read_is_written_back(
        path in "tile/([0-9]|entries)/(x[0-9]{3}/){0,5}[0-9]{3}(\\.p/[0-9]{1,3})?",
    ) {
        if let Ok(resource) = Resource::parse(&path) {
            prop_assert_eq!(resource.to_string(), path);
        }
    }

    #[test]
    fn any_text_is_read_without_panic(path in ".{0,40}") {
        if let Ok(resource) = Resource::parse(&path) {
            prop_assert_eq!(resource.to_string(), path);
        }
    }

    #[test]
    fn a_path_that_is_written_is_read_back(
        level in 0..8_u8,
        index in any::<u64>(),
        width in 1..=256_u16,
    ) {
        let index = index >> 9 >> (8 * level).min(54);
        for resource in [tile(level, index, width), entries(index, width)] {
            if level < 7 {
                prop_assert_eq!(Resource::parse(&resource.to_string()), Ok(resource));
            }
        }
    }

    #[test]
    fn what_is_new_is_what_was_not_there(old in 0..140_000_u64, growth in 0..70_000_u64) {
        let before: BTreeSet<_> = TilePath::all(old).collect();
        let after: BTreeSet<_> = TilePath::all(old + growth).collect();
        let new: BTreeSet<_> = TilePath::since(old, old + growth).collect();
        prop_assert_eq!(&new, &after.difference(&before).copied().collect());
        for path in &after {
            let width = width_at(old + growth, path.level, path.index);
            prop_assert_eq!(width, Some(path.width));
        }
        // Each level is one row: only its last tile may be partial, as wide as the format says.
        for level in 0..8 {
            let row: Vec<_> = after.iter().filter(|path| path.level == level).collect();
            let partial: Vec<_> = row.iter().filter(|path| path.width < TILE_WIDTH).collect();
            let expected = (old + growth) / 256_u64.pow(u32::from(level)) % 256;
            prop_assert_eq!(partial.first().map_or(0, |path| u64::from(path.width)), expected);
            prop_assert!(partial.len() <= 1 && row.iter().zip(0..).all(|(p, i)| p.index == i));
        }
    }

    // LOG-10
    #[test]
    fn a_bundle_is_split_into_its_entries(
        entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..20),
        cut in any::<usize>(),
    ) {
        let bundle = encode_bundle(&entries)?;
        let width = u16::try_from(entries.len()).unwrap();
        prop_assert_eq!(split_bundle(&bundle, width)?, entries);
        prop_assert!(split_bundle(&bundle, width - 1).is_err());
        prop_assert!(split_bundle(&bundle, width + 1).is_err());
        prop_assert!(split_bundle(&bundle[..cut % bundle.len()], width).is_err());
        prop_assert!(split_bundle(&[&bundle, &[0][..]].concat(), width).is_err());
    }

    #[test]
    fn any_bytes_are_split_without_panic(bytes in any::<Vec<u8>>(), width in any::<u16>()) {
        if let Ok(entries) = split_bundle(&bytes, width) {
            prop_assert_eq!(entries.len(), usize::from(width));
            prop_assert_eq!(encode_bundle(entries)?, bytes);
        }
    }
}

#[test]
fn bundles_at_their_bounds() {
    assert_eq!(encode_bundle([b"ab".as_slice(), b""]), Ok(b"\x00\x02ab\x00\x00".to_vec()));
    let longest = vec![7; MAX_ENTRY_LENGTH];
    let bundle = encode_bundle([&longest]).unwrap();
    assert_eq!(split_bundle(&bundle, 1), Ok(vec![longest.as_slice()]));
    let too_long = vec![7; MAX_ENTRY_LENGTH + 1];
    assert_eq!(encode_bundle([&too_long]), Err(Breach::EntryOversized));
    assert_eq!(split_bundle(&[], 0), Ok(Vec::new()));
    assert_eq!(split_bundle(&[], u16::MAX), Err(Breach::TileMalformed));
}

// LOG-9
#[test]
fn a_tile_has_exactly_its_hashes() {
    assert_eq!(split_tile(&[7; 64], 2), Ok([[7; 32]; 2].as_slice()));
    for (length, width) in [(64, 1), (64, 3), (63, 1), (63, 2), (65, 2), (0, 1)] {
        let outcome = split_tile(&[7; 65][..length], width);
        assert_eq!(outcome, Err(Breach::TileMalformed), "{length} bytes, width {width}");
    }
}

/// Level, index and width of each tile that was asked for.
type Asked = Vec<(u8, u64, u16)>;

/// Reads a node from a first tile of three hashes.
fn read(level: u8, index: u64) -> (Result<Hash, Breach>, Asked) {
    let asked = RefCell::new(Vec::new());
    let reader = TileReader::new(3, |level, index, width| {
        asked.borrow_mut().push((level, index, width));
        Ok::<_, Breach>([leaf_hash(b"a").0, leaf_hash(b"b").0, leaf_hash(b"c").0].concat())
    });
    let node = reader.node(level, index);
    (node, asked.into_inner())
}

#[test]
fn nodes_are_read_from_the_tile_that_holds_them() {
    assert_eq!(read(0, 2), (Ok(leaf_hash(b"c")), vec![(0, 0, 3)]));
    let parent = node_hash(&leaf_hash(b"a"), &leaf_hash(b"b"));
    assert_eq!(read(1, 0), (Ok(parent), vec![(0, 0, 3)]));
}

#[test]
fn nodes_that_the_tree_has_not_are_not_asked_for() {
    let refused = (Err(Breach::ProofInvalid), Vec::new());
    for (level, index) in [
        (0, 3),
        (0, 256),
        (1, 1),
        (2, 0),
        (8, 0),
        (63, 0),
        (64, 0),
        (255, 1),
        (0, u64::MAX),
        (7, u64::MAX),
    ] {
        assert_eq!(read(level, index), refused, "({level}, {index})");
    }
}

#[test]
fn a_tile_of_another_length_is_refused() {
    for length in [0, 31, 32, 64, 95, 97, 128] {
        let reader = TileReader::new(3, |_, _, _| Ok::<_, Breach>(vec![0; length]));
        assert_eq!(reader.node(0, 0), Err(Breach::TileMalformed), "{length}");
    }
}
