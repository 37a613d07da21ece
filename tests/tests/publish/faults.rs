//! An end before and after every change that a round makes, and the round that comes next.

use crate::faulty_store::Fault;
use crate::kept::{Kept, assert_complete, assert_readable, size_of};
use crate::shown_city::{Files, ShownCity};

/// Ends a round at every place where it changes something, first before the change and then after
/// it.
fn end_everywhere(town: &ShownCity, before: &Files) {
    let whole = Kept::with(before);
    town.publish(&whole).unwrap();
    let (changes, expected) = (whole.changes(), whole.files());
    assert_complete(&expected, &town.city);
    for fault in (0..changes).flat_map(|n| [Fault::Before(n), Fault::After(n)]) {
        let kept = Kept::failing(before, Some(fault));
        let ended = town.publish(&kept).unwrap_err();
        assert!(ended.is_passing(), "{fault:?}: {ended}");
        // PUBLISH-24: every head there is complete, and so are those that readers have from before.
        let files = kept.files();
        assert_complete(&files, &town.city);
        for path in town.city.logs.keys() {
            assert_readable(&files, &town.city, path, size_of(before, &town.city, path));
        }
        let next = Kept::with(&files);
        town.publish(&next).unwrap();
        // PUBLISH-24: what was begun is completed, and what was done is not done again. A partial
        // file may be gone by now, if the round that ended had come as far as its heads.
        let files = next.files();
        assert_complete(&files, &town.city);
        for (name, bytes) in &expected {
            let full = name.split(".p/").next().unwrap();
            let is_there = files.get(name) == Some(bytes);
            assert!(is_there || (full != name && files.contains_key(full)), "{fault:?}: {name}");
        }
        assert!(kept.changes() + next.changes() <= 2 * changes, "{fault:?}");
    }
}

#[test]
fn a_first_round_may_end_anywhere() {
    let town = ShownCity::with_entries(600);
    end_everywhere(&town, &Files::new());
}

#[test]
fn a_later_round_may_end_anywhere() {
    let mut town = ShownCity::with_entries(250);
    let kept = Kept::with(&Files::new());
    town.publish(&kept).unwrap();
    town.grow();
    end_everywhere(&town, &kept.files());
    town.publish(&kept).unwrap();
    // The round in which partial files are removed.
    town.append(&crate::shown_city::poll(), 10);
    town.show();
    end_everywhere(&town, &kept.files());
}
