//! Two truths: some are shown one history, others another.

use std::time::{Duration, Instant};

use veche_protocol::name::LogPath;
use veche_tests::city::City;
use veche_tests::front::Front;
use veche_tests::live::poll_path;
use veche_tests::process::Process;
use veche_tests::witnesses::{WithoutQuorum, fork_proofs};

use crate::stage::{Cast, Stage, cut, measured, text, until};

/// The same city with the last ballot exchanged for so many others.
fn other_history(stage: &Stage, ballots: usize) -> City {
    let park = poll_path();
    let mut forger = stage.taken_over();
    let size = forger.at(&park).entries.len();
    cut(&mut forger, size - 1);
    for voter in &stage.voters[stage.voters.len() - ballots..] {
        forger.cast(&park, voter, 0, &[&[1]]);
    }
    forger
}

#[test]
fn split_view() {
    let stage = Stage::witnessed(&["north"], 1, WithoutQuorum::HoldBack);
    let (park, policy) = (poll_path(), stage.policy());
    // Announce, Open and five ballots; LOG-8: no power of two, whose root a proof would leave out.
    for voter in 0..5 {
        stage.cast_until_public(voter);
    }
    stage.monitor("anna", stage.city.url(), &["--policy", &policy]).is_content();
    // Boris comes by later, and is shown something else. Nobody who asks for a quorum believes it
    // in the first place.
    let forger = other_history(&stage, 2);
    let front = Front::showing(forger.files());
    stage.recount(&front.url(), &["--policy", &policy]).finds("quorum-missing");
    stage.monitor("careful", &front.url(), &["--policy", &policy]).finds("quorum-missing");
    // MONITOR-7: Boris asks for none, and asks the witness all the same.
    let curious = stage.file("curious");
    let lines = std::fs::read_to_string(&policy).unwrap();
    std::fs::write(&curious, lines.replace("quorum enough", "quorum none")).unwrap();
    let found = stage.monitor("boris", &front.url(), &["--policy", &text(&curious)]);
    measured(
        "split view: a new monitor proves it by the witness's head after",
        found.finds("head-forked").took,
    );
    // Anna, too, should she be shown it, needs no witness.
    let found = stage.monitor("anna", &front.url(), &[]);
    measured(
        "split view: a monitor proves it by its saved head after",
        found.finds("head-forked").took,
    );
    for who in ["anna", "boris"] {
        stage.all_convict(&stage.evidence(who, "head-forked", "proof.veche-fork"));
    }
    // The witness is asked: it does not cosign, and keeps the proof.
    let witness = &stage.witnesses[0];
    for (forger, proofs) in [(forger, 1), (other_history(&stage, 1), 2)] {
        let refused = forger.ask_witness(&witness.url(), &park, 7).unwrap();
        assert_eq!(refused.status, 422, "{}", refused.text);
        let kept = until("evidence", || {
            let kept = witness.evidence();
            (kept.len() == proofs).then_some(kept)
        });
        stage.all_convict(&kept);
    }
}

#[test]
fn two_observers_are_answered_differently() {
    let stage = Stage::bare();
    for voter in 0..4 {
        stage.cast(voter);
    }
    stage.monitor("anna", stage.city.url(), &[]).is_content();
    let front = Front::showing(other_history(&stage, 3).files());
    // Each by itself sees nothing wrong: this is why there have to be witnesses.
    stage.monitor("boris", &front.url(), &[]).is_content();
    stage.recount(&front.url(), &[]).is_content();
    // They compare.
    let [anna, boris] =
        ["anna", "boris"].map(|who| text(&stage.file(who).join("poll/park/checkpoint")));
    let found = stage.recount(&front.url(), &["--head", &anna]);
    measured(
        "two observers compare: a recount with the other's head finds it in",
        found.finds("head-forked").took,
    );
    stage.convicts(&stage.make_proof(&anna, &boris, &front.url()));
}

#[test]
fn fork_after_a_receipt() {
    let stage = Stage::bare();
    let mut casts: Vec<Cast> = (0..4).map(|voter| stage.cast(voter)).collect();
    let anna = casts.pop().unwrap();
    let receipt = text(&stage.keep(&anna));
    stage.recount(stage.city.url(), &["--receipt", &receipt]).is_content();
    let front = Front::showing(other_history(&stage, 3).files());
    stage.recount(&front.url(), &[]).is_content();
    // RECEIPT-6: the ballot that was promised is not there.
    let found = stage.recount(&front.url(), &["--receipt", &receipt]);
    measured(
        "fork after a receipt: a recount with it finds it in",
        found.finds("receipt-not-in-log").took,
    );
    // RECEIPT-13: the voter's own tool writes the proof for strangers down.
    stage.veche(&["receipt", "check", &receipt, "--against", stage.city.url()]).is_content();
    let found = stage.veche(&["receipt", "check", &receipt, "--against", &front.url()]);
    assert_ne!(found.code, 0, "{found:?}");
    measured("fork after a receipt: the voter's tool proves it after", found.took);
    stage.all_convict(&fork_proofs(stage.city.folder()));
}

#[test]
fn a_monitor_at_work_ends_with_the_proof() {
    let stage = Stage::bare();
    for voter in 0..5 {
        stage.cast(voter);
    }
    let front = Front::showing(stage.snapshot());
    let folder = text(&stage.file("monitor"));
    let metrics = stage.file("metrics");
    let instance = stage.city.pins().instance.to_string();
    let mut command = stage.city.programs().command("veche-audit");
    command.args(["follow", &front.url(), "--every", "1", "--state", &folder]);
    command.args(["--instance", &instance, "--metrics-file", &text(&metrics)]);
    let mut monitor = Process::working(command, "follow", stage.city.folder()).unwrap();
    until("the first round", || metrics.exists().then_some(()));
    front.show(other_history(&stage, 2).files());
    let shown = Instant::now();
    // MONITOR-6: it says so, and ends.
    let status = monitor.wait(Duration::from_secs(20)).unwrap();
    measured("a monitor that looks each second: it ends with the proof after", shown.elapsed());
    assert_eq!(status.code(), Some(1), "{}", monitor.said());
    stage.all_convict(&stage.evidence("monitor", "head-forked", "proof.veche-fork"));
}

#[test]
fn anchor_fork() {
    let stage = Stage::witnessed(&["north"], 1, WithoutQuorum::HoldBack);
    for voter in 0..3 {
        stage.cast_until_public(voter);
    }
    // The register anchors one head of the poll, and the poll's log is another.
    let mut forger = other_history(&stage, 4);
    let mut shown = stage.taken_over();
    let size = shown.at(&poll_path()).entries.len();
    for voter in &stage.voters[5..8] {
        shown.cast(&poll_path(), voter, 0, &[&[0]]);
    }
    assert_eq!(shown.at(&poll_path()).entries.len(), size + 3);
    assert_eq!(forger.at(&poll_path()).entries.len(), size + 3);
    let register = shown.at(&LogPath::Register).clone();
    forger.logs.insert(LogPath::Register, register);
    let anchors = forger.anchors();
    shown.log_anchors(anchors);
    let front = Front::showing(shown.files());
    let found = stage.recount(&front.url(), &[]);
    measured(
        "anchor fork: a recount from public files alone finds it in",
        found.finds("anchor-fork").took,
    );
    let found = stage.monitor("monitor", &front.url(), &[]);
    measured("anchor fork: a new monitor proves it after", found.finds("anchor-fork").took);
    assert!(!stage.evidence("monitor", "anchor-fork", "README").is_empty());
}
