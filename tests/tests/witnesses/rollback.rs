//! An operator puts an old backup of the data directory back: what it had signed since is gone.

use std::fs;
use std::path::Path;
use std::time::Instant;

use veche_client::error::ClientError;
use veche_tests::fault_proxy::Fault;
use veche_tests::live::poll_path;
use veche_tests::witnesses::WithoutQuorum;

use crate::stage::{Stage, measured, text, until};

/// Copies a directory with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}

/// Makes a backup of the present state, and goes on.
fn back_up(stage: &mut Stage) {
    assert!(stage.city.stop().unwrap().success());
    copy(&stage.city.data(), &stage.file("backup"));
    stage.city.start().unwrap();
}

/// Puts the backup back, and serves it.
fn set_back(stage: &mut Stage) {
    assert!(stage.city.stop().unwrap().success());
    fs::remove_dir_all(stage.city.data()).unwrap();
    copy(&stage.file("backup"), &stage.city.data());
    stage.city.start().unwrap();
}

#[test]
fn rollback_is_noticed_by_the_server_itself_through_its_witness() {
    let mut stage = Stage::witnessed(&["north"], 1, WithoutQuorum::Publish);
    stage.cast_until_public(0);
    back_up(&mut stage);
    stage.cast_until_public(1);
    stage.cast_until_public(2);
    set_back(&mut stage);
    let begun = Instant::now();
    // PUBLISH-6: the very first ballot is refused: no receipt is given for a second history.
    let ballot = stage.paper.sign(0, vec![vec![1]], &stage.voters[5].key).unwrap();
    let refused = stage.api().submit_once(&poll_path(), ballot.bytes()).unwrap_err();
    measured("an old backup is served: the server stops by its witness after", begun.elapsed());
    assert!(matches!(&refused, ClientError::Refused(it) if it.code == "log-set-back"), "{refused}");
    let (status, words) = stage.health();
    assert!(status == 503 && words.contains("log-set-back"), "{status} {words}");
    // The head that proves it is written down for the operator, with the witness's line.
    let said = stage.city.server_log().unwrap();
    assert!(said.contains("holds a head that this log does not bear out"), "{said}");
    assert!(said.contains("\u{2014} north "), "{said}");
    // What is public is served still, and nobody has a proof against an operator who stops here.
    assert!(stage.city.public_head(&poll_path()).unwrap().is_some());
}

#[test]
fn rollback_behind_a_dead_line_is_noticed_when_the_line_is_whole() {
    let mut stage = Stage::witnessed(&["north"], 1, WithoutQuorum::Publish);
    stage.cast_until_public(0);
    back_up(&mut stage);
    for voter in 1..3 {
        stage.cast_until_public(voter);
    }
    assert_eq!(stage.size(), 5);
    stage.witnesses[0].wire().suffer(Fault::Reset);
    set_back(&mut stage);
    // Nobody is there to ask, and the operator has chosen to go on: the log grows otherwise.
    for voter in 5..9 {
        stage.cast(voter);
    }
    stage.shown(|size| size == 7);
    stage.witnesses[0].wire().suffer(Fault::None);
    let healed = Instant::now();
    // PUBLISH-6
    until("log-set-back", || stage.health().1.contains("log-set-back").then_some(()));
    measured(
        "an old backup has grown: the server stops by its witness, once reached, after",
        healed.elapsed(),
    );
    // WITNESS-8: by then the server itself has handed the witness what convicts it.
    stage.all_convict(&stage.witnesses[0].evidence());
}

#[test]
fn rollback_without_witnesses_is_noticed_by_receipts_and_monitors() {
    let mut stage = Stage::bare();
    stage.cast(0);
    back_up(&mut stage);
    let lost = stage.cast(1);
    stage.cast(2);
    let url = stage.city.url().to_owned();
    stage.monitor("monitor", &url, &[]).is_content();
    set_back(&mut stage);
    let url = stage.city.url().to_owned();
    // The monitor: the head has gone back.
    let found = stage.monitor("monitor", &url, &[]);
    measured(
        "an old backup is served: the monitor's next round finds it after",
        found.finds("entry-missing").took,
    );
    // The server does not know, and takes other ballots in: now there are two histories.
    for voter in 5..9 {
        stage.cast(voter);
    }
    let found = stage.monitor("monitor", &url, &[]);
    measured(
        "an old backup has grown otherwise: the monitor proves it after",
        found.finds("head-forked").took,
    );
    stage.all_convict(&stage.evidence("monitor", "head-forked", "proof.veche-fork"));
    // The voter whose ballot is gone has a receipt.
    let receipt = text(&stage.keep(&lost));
    let found = stage.recount(&url, &["--receipt", &receipt]);
    measured(
        "a ballot is gone: its receipt shows it in a recount of",
        found.finds("receipt-not-in-log").took,
    );
}
