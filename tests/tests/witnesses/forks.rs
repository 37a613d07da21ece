//! Two truths: some are shown one history, others another.

use veche_protocol::name::LogPath;
use veche_tests::city::City;
use veche_tests::front::Front;
use veche_tests::live::poll_path;
use veche_tests::witnesses::WithoutQuorum;

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
    // Boris asks for none, and asks the witness all the same.
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
        let proofs = stage.evidence(who, "head-forked", "proof.veche-fork");
        assert!(!proofs.is_empty(), "{who}");
        proofs.iter().for_each(|proof| stage.convicts(proof));
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
        kept.iter().for_each(|proof| stage.convicts(proof));
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
    // The receipt's head and the forged one are a proof for strangers.
    let head = stage.file("receipt.checkpoint");
    std::fs::write(&head, anna.receipt.note().to_string()).unwrap();
    let shown = stage.file("shown.checkpoint");
    let forged = ureq::get(format!("{}/poll/park/checkpoint", front.url())).call().unwrap();
    std::fs::write(&shown, forged.into_body().read_to_vec().unwrap()).unwrap();
    stage.convicts(&stage.make_proof(&text(&head), &text(&shown), &front.url()));
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
