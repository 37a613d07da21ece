//! A directory as a destination: its lock, and what an end in the middle leaves there.

use std::fs;
use std::path::Path;

use veche_api::publish::{CitySource, Destination, Publisher};

use crate::kept::assert_complete;
use crate::shown_city::{Files, ShownCity};

/// Everything below a directory, if it is there.
pub(crate) fn files(root: &Path) -> Files {
    let (mut open, mut files) = (vec![root.to_owned()], Files::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn a_directory_holds_exactly_the_files_of_the_city() {
    let mut town = ShownCity::with_entries(300);
    let folder = tempfile::tempdir().unwrap();
    // PUBLISH-26: a place that keeps no labels gets the names.
    let to = format!("file://{}", folder.path().join("city").display());
    let publish = |town: &ShownCity| {
        let source = CitySource::new(&town.url());
        let mut publisher = Publisher::new(source, Destination::open(&to).unwrap());
        town.round(&mut publisher).unwrap();
    };
    publish(&town);
    assert_eq!(files(&folder.path().join("city")), town.city.files());
    town.grow();
    publish(&town);
    publish(&town);
    assert_complete(&files(&folder.path().join("city")), &town.city);
    // PUBLISH-25: and no folder is left of what is gone.
    assert!(!folder.path().join("city/poll/park/tile/0/001.p").exists());
}

#[test]
fn a_directory_has_one_publisher() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let first = Destination::open(place).unwrap();
    // PUBLISH-23: two could take turns at a head.
    let error = Destination::open(place).unwrap_err();
    assert!(error.to_string().contains("another publisher"), "{error}");
    assert!(!error.is_passing());
    drop(first);
    assert!(Destination::open(place).is_ok());
}

#[test]
fn what_an_end_in_the_middle_left_without_its_name_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    };
    let unfinished =
        ["register/checkpoint#1", "poll/park/tile/0/x001/000#2", "roll/a/tile/entries/000.p/7#1"];
    let others = ["index.html", "notes#1", "poll/park/notes#1", "poll/park/tile/0/000#a"];
    unfinished.into_iter().chain(others).for_each(write);
    let destination = Destination::open(folder.path().to_str().unwrap()).unwrap();
    // PUBLISH-24: these would have got their name when they were complete; the rest is not ours.
    let left: Vec<_> = files(folder.path()).into_keys().collect();
    let mut expected = others.map(str::to_owned);
    expected.sort_unstable();
    assert_eq!(left, expected);
    drop(destination);
}
