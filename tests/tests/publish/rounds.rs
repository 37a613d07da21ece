//! Round after round: only what is new is copied, and what is left over goes a round later.

use crate::kept::{Kept, assert_complete, assert_readable};
use crate::shown_city::{Files, ShownCity, poll, pond};

#[test]
fn only_what_is_new_is_copied() {
    let mut town = ShownCity::with_entries(250);
    let kept = Kept::with(&Files::new());
    let mut publisher = town.publisher(&kept);
    let first = town.round(&mut publisher).unwrap();
    // Register: a tile and a bundle of 3 entries; poll: a tile and a bundle of 250.
    assert_eq!((first.logs, first.heads, first.files, first.there), (2, 2, 4, 0));
    assert_eq!(kept.changes(), 6);
    // PUBLISH-20: exactly what the city shows.
    assert_eq!(kept.files(), town.city.files());

    let nothing = town.round(&mut publisher).unwrap();
    assert_eq!((nothing.heads, nothing.files, kept.changes()), (0, 0, 6));

    town.grow();
    let second = town.round(&mut publisher).unwrap();
    // Poll: 3 tiles of level 0, 1 of level 1, 3 bundles; the second poll and the register: 2 each.
    assert_eq!((second.logs, second.heads, second.files, second.removed), (3, 3, 11, 0));
    assert_eq!(kept.changes(), 6 + 11 + 3);
    assert_complete(&kept.files(), &town.city);
    // The same by a publisher that has to look first.
    let again = town.publish(&kept).unwrap();
    assert_eq!((again.heads, again.files, again.there), (0, 0, 0));
}

#[test]
fn partial_files_go_a_round_after_the_full_ones_have_come() {
    let mut town = ShownCity::with_entries(200);
    let kept = Kept::with(&Files::new());
    let mut publisher = town.publisher(&kept);
    for _ in 0..3 {
        town.round(&mut publisher).unwrap();
        town.append(&poll(), 20);
        town.show();
    }
    let partial = |kept: &Kept, full: &str| {
        kept.files().keys().filter(|name| name.starts_with(&format!("{full}.p/"))).count()
    };
    assert_eq!(partial(&kept, "poll/park/tile/0/000"), 3);
    town.append(&poll(), 40);
    town.show();
    let full = town.round(&mut publisher).unwrap();
    // PUBLISH-25: the full one has just come, and a reader may be on the way with an older head.
    assert_eq!(full.removed, 0);
    assert_eq!(partial(&kept, "poll/park/tile/0/000"), 3);
    let again = town.publisher(&kept);
    let next = town.round(&mut publisher).unwrap();
    assert_eq!(next.removed, 6);
    assert_eq!(partial(&kept, "poll/park/tile/entries/000"), 0);
    // Those of the tile that is not full stay.
    assert_eq!(partial(&kept, "poll/park/tile/0/001"), 1);
    let files = kept.files();
    assert_complete(&files, &town.city);
    for size in [200, 220, 240, 300] {
        assert_readable(&files, &town.city, &poll(), size);
    }
    drop(again);
}

#[test]
fn what_an_earlier_publisher_has_left_over_goes_too() {
    let mut town = ShownCity::with_entries(200);
    let kept = Kept::with(&Files::new());
    town.publish(&kept).unwrap();
    town.append(&poll(), 100);
    town.show();
    // PUBLISH-25: each of these knows nothing but what it finds.
    assert_eq!(town.publish(&kept).unwrap().removed, 0);
    assert_eq!(town.publish(&kept).unwrap().removed, 2);
    assert_eq!(town.publish(&kept).unwrap().removed, 0);
    assert_complete(&kept.files(), &town.city);
}

#[test]
fn a_log_of_three_levels_of_tiles_is_copied_whole() {
    // One tile of level 1 is full with 65,536 entries.
    let mut town = ShownCity::with_entries(65_500);
    let kept = Kept::with(&Files::new());
    let mut publisher = town.publisher(&kept);
    let first = town.round(&mut publisher).unwrap();
    assert_eq!(kept.files(), town.city.files());
    // 255 full tiles and one of 220 hashes, with their bundles; one of level 1; the register's.
    assert_eq!(first.files, 256 * 2 + 1 + 2);
    town.append(&poll(), 600);
    town.show();
    let second = town.round(&mut publisher).unwrap();
    // The last of the old tiles is full now, 2 more are, and 1 is not; a full one of level 1 and
    // one that is not, one of level 2.
    assert_eq!((second.files, second.heads), (4 * 2 + 2 + 1, 1));
    let third = town.round(&mut publisher).unwrap();
    // PUBLISH-25: a tile of each of two levels, and a bundle.
    assert_eq!((third.files, third.removed), (0, 3));
    assert_eq!(kept.files(), town.city.files());
}

#[test]
fn cosignatures_that_come_later_are_published() {
    let town = ShownCity::with_entries(5);
    let kept = Kept::with(&Files::new());
    let mut publisher = town.publisher(&kept);
    town.round(&mut publisher).unwrap();
    let mut files = town.city.files();
    let note = files.get_mut("poll/park/checkpoint").unwrap();
    note.extend("\u{2014} witness.example AAAAAAAA\n".bytes());
    town.show_files(files.clone());
    let round = town.round(&mut publisher).unwrap();
    assert_eq!((round.heads, round.files), (1, 0));
    // PUBLISH-20: the head as the city shows it, byte for byte.
    assert_eq!(kept.files(), files);
    assert!(kept.files().keys().all(|name| !name.starts_with(&pond().to_string())));
}
