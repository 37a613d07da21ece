//! Two small towns on paper: in one all is as it must be, in the other the result is not what the
//! ballots give, and a stranger has voted.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;
use veche_auditor::source::directory::DirectorySource;
use veche_auditor::{Options, recount};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::result::PollResult;
use veche_tests::city::{City, DOMAIN, Voter, single_choice_definition};

/// Voters: enough ballots for a full tile and a partial one.
const VOTERS: usize = 270;

pub(crate) fn poll() -> LogPath {
    LogPath::Poll("park".to_owned())
}

pub(crate) fn roll() -> LogPath {
    LogPath::Roll("residents".to_owned())
}

/// The town in which all is as it must be.
pub(crate) static SOUND: LazyLock<City> = LazyLock::new(|| {
    let mut city = closed();
    let result = counted(&city);
    city.certify(&poll(), result);
    city.anchor();
    city
});

/// The town in which it is not: two findings.
pub(crate) static UNSOUND: LazyLock<City> = LazyLock::new(|| {
    let mut city = voted();
    city.cast(&poll(), &Voter::named("a stranger", 0), 0, &[&[0]]);
    city.close(&poll());
    city.anchor();
    let mut result = counted(&city);
    result.questions[0].outcome[1].votes += 1;
    city.certify(&poll(), result);
    city.anchor();
    city
});

/// A town whose poll is open, and everybody has voted; one of them badly.
pub(crate) fn voted() -> City {
    let mut city = City::found(DOMAIN);
    let voters: Vec<_> =
        (0..VOTERS).map(|n| Voter::named(&n.to_string(), u64::from(n % 3 == 0))).collect();
    city.begin_roll(&roll(), &["north", "south"]);
    for some in voters.chunks(100) {
        city.enrol(&roll(), some);
    }
    let labels = ["Trees", "A <b>pond</b>", "Nothing \u{202e}at all"];
    city.announce(&poll(), single_choice_definition(&labels, Revote::Last { max_turn: 1 }));
    city.anchor();
    city.open(&poll());
    for (number, voter) in voters.iter().enumerate() {
        let choice: &[u64] = [&[0][..], &[1], &[2], &[]][number % 4];
        city.cast(&poll(), voter, 0, &[choice]);
    }
    // BALLOT-7: this voter spoils a ballot, for which nobody else answers.
    city.cast(&poll(), &voters[0], 7, &[&[1]]);
    city
}

fn closed() -> City {
    let mut city = voted();
    city.close(&poll());
    city.anchor();
    city
}

/// What the auditor's library counts.
pub(crate) fn counted(city: &City) -> PollResult {
    let folder = folder_of(city);
    let source = DirectorySource::new(folder.path());
    recount(&source, &Options::new(poll()), &|_, _, _| ()).unwrap().result.unwrap()
}

/// The public files in a folder of their own.
pub(crate) fn folder_of(city: &City) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&city.files(), folder.path());
    folder
}

/// Writes files below a folder.
pub(crate) fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
