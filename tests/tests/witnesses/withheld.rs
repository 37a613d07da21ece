//! What was there is not shown: cut off, left out, or covered by an older state.

use std::time::Instant;

use veche_tests::front::Front;
use veche_tests::live::poll_path;
use veche_tests::witnesses::WithoutQuorum;

use crate::stage::{Stage, cut, measured, text, until};

#[test]
fn truncate_after_receipt() {
    let stage = Stage::bare();
    for voter in 0..3 {
        stage.cast(voter);
    }
    let anna = stage.cast(3);
    let receipt = text(&stage.keep(&anna));
    stage.monitor("monitor", stage.city.url(), &[]).is_content();
    let mut forger = stage.taken_over();
    cut(&mut forger, usize::try_from(anna.receipt.index()).unwrap());
    let front = Front::showing(forger.files());
    // The log alone says nothing: it was cut off at a place where it may have ended.
    stage.recount(&front.url(), &[]).is_content();
    let found = stage.recount(&front.url(), &["--receipt", &receipt]);
    measured(
        "truncated after a receipt: a recount with it finds it in",
        found.finds("receipt-not-in-log").took,
    );
    let found = stage.monitor("monitor", &front.url(), &[]);
    measured(
        "truncated: the monitor's next round finds it after",
        found.finds("entry-missing").took,
    );
    // A head that was seen is kept, so that others can ask for what it promises.
    let heads = stage.evidence("monitor", "entry-missing", "seen.checkpoint");
    let head = text(heads.first().unwrap());
    stage.recount(&front.url(), &["--head", &head]).finds("entry-missing");
    stage.recount(stage.city.url(), &["--head", &head]).is_content();
}

#[test]
fn stale_view() {
    let stage = Stage::witnessed(&["north"], 1, WithoutQuorum::HoldBack);
    let policy = stage.policy();
    for voter in 0..3 {
        stage.cast_until_public(voter);
    }
    let front = Front::showing(stage.snapshot());
    stage.cast_until_public(3);
    stage.monitor("old", stage.city.url(), &[]).is_content();
    // An old state with its old cosignatures is sound by itself.
    stage.recount(&front.url(), &["--policy", &policy]).is_content();
    // A monitor that has seen more is not fooled for a moment.
    let found = stage.monitor("old", &front.url(), &[]);
    measured(
        "stale view: a monitor with a saved head finds it after",
        found.finds("entry-missing").took,
    );
    // MONITOR-7: one that has seen nothing asks the witness, and is patient for a second.
    let begun = Instant::now();
    let found = until("withheld", || {
        let ran = stage.monitor("new", &front.url(), &["--policy", &policy, "--stale", "1"]);
        // The register's age by the witness's time may be told first, as `stale`.
        ran.said.contains("entry-missing").then_some(ran)
    });
    measured(
        "stale view: a new monitor with --stale 1 finds it by the witness after",
        begun.elapsed(),
    );
    found.finds("entry-missing");
    let heads = stage.evidence("new", "entry-missing", "witness.checkpoint");
    let head = text(heads.first().unwrap());
    stage.recount(&front.url(), &["--policy", &policy, "--head", &head]).finds("entry-missing");
}

#[test]
fn withheld_tail() {
    let stage = Stage::bare();
    for voter in 0..3 {
        stage.cast(voter);
    }
    let forger = stage.taken_over();
    let mut files = forger.files();
    let size = forger.at(&poll_path()).entries.len();
    // The head speaks of all entries; the last bundle is not to be had.
    files.remove(&format!("poll/park/tile/entries/000.p/{size}")).unwrap();
    let front = Front::showing(files);
    let found = stage.recount(&front.url(), &[]);
    measured("withheld tail: a recount finds it in", found.finds("entry-missing").took);
    let found = stage.monitor("monitor", &front.url(), &[]);
    measured("withheld tail: a monitor finds it after", found.finds("entry-missing").took);
}
