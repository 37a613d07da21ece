//! A town on paper that grows, and forks of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use veche_auditor::source::directory::DirectorySource;
use veche_auditor::{Options, recount};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::result::PollResult;
use veche_tests::city::{City, DOMAIN, Voter, single_choice_definition};

use crate::server::Files;

pub(crate) fn poll() -> LogPath {
    LogPath::Poll("park".to_owned())
}

pub(crate) fn roll() -> LogPath {
    LogPath::Roll("residents".to_owned())
}

pub(crate) fn voter(number: usize) -> Voter {
    Voter::named(&number.to_string(), u64::from(number.is_multiple_of(3)))
}

/// A town with a poll that is announced.
pub(crate) fn announced() -> City {
    with_voters(6)
}

fn with_voters(voters: usize) -> City {
    let mut city = City::found(DOMAIN);
    city.begin_roll(&roll(), &["north", "south"]);
    let all: Vec<_> = (0..voters).map(voter).collect();
    for some in all.chunks(100) {
        city.enrol(&roll(), some);
    }
    city.announce(&poll(), single_choice_definition(&["Trees", "A pond"], Revote::First));
    city.anchor();
    city
}

/// A town with an open poll, in which so many have voted; anchored.
pub(crate) fn town(voters: usize, cast: usize) -> City {
    let mut city = with_voters(voters);
    city.open(&poll());
    vote(&mut city, 0..cast);
    city.anchor();
    city
}

/// These vote.
pub(crate) fn vote(city: &mut City, voters: core::ops::Range<usize>) {
    for number in voters {
        city.cast(&poll(), &voter(number), 0, &[&[number as u64 % 2]]);
    }
}

/// What the auditor's library counts.
pub(crate) fn counted(city: &City) -> PollResult {
    let folder = tempfile::tempdir().unwrap();
    write(&city.files(), folder.path());
    let source = DirectorySource::new(folder.path());
    recount(&source, &Options::new(poll()), &|_, _, _| ()).unwrap().result.unwrap()
}

/// Writes files below a folder.
pub(crate) fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// The public files below a folder, as those of a city.
pub(crate) fn read(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut folders: Vec<_> = ["register", "roll", "poll"].map(|name| folder.join(name)).into();
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}
