//! Polls that are closed before their time, or held open past it: nobody's clock counts but those
//! of witnesses.

use veche_client::time;
use veche_protocol::poll::definition::Schedule;
use veche_tests::front::Front;
use veche_tests::live::poll_path;

use crate::stage::{Stage, measured};

const HOUR: u64 = 3_600;

#[test]
fn closed_early() {
    let now = time::now();
    let schedule = Schedule { opens_at: now - HOUR, closes_at: now + HOUR, tolerance: 60 };
    let stage = Stage::scheduled(schedule);
    for voter in 0..3 {
        stage.cast_until_public(voter);
    }
    let (park, policy) = (poll_path(), stage.policy());
    stage.monitor("monitor", stage.city.url(), &["--policy", &policy]).is_content();
    // POLL-15: an honest server has a clock.
    let refused = stage.city.close().unwrap_err().to_string();
    assert!(refused.contains("closed before its announced time"), "{refused}");
    // An operator with a clock of its own takes the officers' Close all the same.
    let mut forger = stage.taken_over();
    let seen = forger.at(&park).entries.len();
    forger.close(&park);
    let mut files = forger.files();
    stage.recount(&Front::showing(files.clone()).url(), &[]).is_content();
    files.extend(forger.cosigned(&park, &[(&stage.witnesses[0].url(), seen)]).unwrap());
    let front = Front::showing(files);
    // POLL-16: the witness has seen the Close, and says when.
    let found = stage.recount(&front.url(), &["--policy", &policy]);
    measured(
        "closed early: a recount finds it by the witness's time in",
        found.finds("closed-early").took,
    );
    let found = stage.monitor("monitor", &front.url(), &["--policy", &policy]);
    measured(
        "closed early: the monitor's next round finds it after",
        found.finds("closed-early").took,
    );
}

#[test]
fn held_open() {
    let now = time::now();
    let schedule = Schedule { opens_at: now - 2 * HOUR, closes_at: now - HOUR, tolerance: 60 };
    // The officers do not close; the server cannot know whether they are late or on their way.
    let stage = Stage::scheduled(schedule);
    stage.cast_until_public(0);
    let policy = stage.policy();
    stage.recount(stage.city.url(), &[]).is_content();
    // POLL-16: a head without a Close was seen after the time.
    let found = stage.recount(stage.city.url(), &["--policy", &policy]);
    measured(
        "held open: a recount finds it by the witness's time in",
        found.finds("held-open").took,
    );
    let found = stage.monitor("monitor", stage.city.url(), &["--policy", &policy]);
    measured("held open: a new monitor finds it after", found.finds("held-open").took);
    // MONITOR-8: the monitor has kept the head, so that a later Close does not hide it.
    stage.city.close_and_certify().unwrap();
    let found = stage.monitor("monitor", stage.city.url(), &["--policy", &policy]);
    assert_eq!(found.code, 1, "{found:?}");
    let kept = stage.file("monitor").join("heads/poll/park");
    let heads = std::fs::read_dir(kept).unwrap().map(|head| head.unwrap().path());
    let is_found = heads.filter(|head| !head.ends_with("seen")).any(|head| {
        let head = crate::stage::text(&head);
        stage.recount(stage.city.url(), &["--policy", &policy, "--head", &head]).code == 1
    });
    assert!(is_found, "{found:?}");
}
