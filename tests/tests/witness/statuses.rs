//! Every status of the standard, each by a request that the program is sent.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use veche_protocol::log::cosignature;
use veche_protocol::log::fork::ForkProof;
use veche_protocol::log::note::Note;
use veche_tests::city::{PaperLog, key};
use veche_tests::programs::Programs;

use crate::running::{Files, checkpoint_path, cosigned, log, register, request, request_by};

/// WITNESS-4, WITNESS-5: growth is cosigned, and monitors are shown it (WITNESS-10).
#[test]
fn status_200_for_growth() {
    let files = Files::new();
    let witness = files.start();
    let log = log("a", 0, 9);
    assert_eq!(witness.get(&checkpoint_path()).status, 404);
    for (old, size) in [(0, 3), (3, 3), (3, 8), (8, 9)] {
        let body = request(&log, old, size);
        let note = cosigned(&body, &witness.post(&body), &files.verifier);
        let times = cosignature::collect(&note, core::slice::from_ref(&files.verifier)).unwrap();
        assert_eq!(times.len(), 1);
        let shown = witness.get(&checkpoint_path());
        assert_eq!(shown.media_type, "text/plain; charset=utf-8");
        assert_eq!(shown.text(), note.to_string());
    }
    // A poll of the same city, of which the witness was told nothing.
    let poll = PaperLog { origin: "city.example/poll/park".to_owned(), ..log };
    assert_eq!(witness.post(&request(&poll, 0, 5)).status, 200);
    assert!(witness.get("/health").text().contains("\"logs\":2"));
    assert!(witness.get("/metrics").text().contains("_answers_total{status=\"200\"} 5\n"));
}

/// WITNESS-1, WITNESS-4
#[test]
fn status_400_for_what_is_no_request() {
    let files = Files::new();
    let witness = files.start();
    let log = log("a", 0, 9);
    let good = request(&log, 5, 9);
    for body in [
        String::new(),
        "old 0\n".to_owned(),
        good.replace("old 5", "old 05"),
        good.replace("old 5", "old 10"),
        good.replace("\n9\n", "\n9\nan extension\n"),
        good.trim_end().to_owned(),
        request(&log, 9, 5),
    ] {
        let answer = witness.post(&body);
        assert_eq!(answer.status, 400, "{body:?}: {}", answer.text());
    }
}

/// WITNESS-2, WITNESS-4
#[test]
fn status_403_for_an_untrusted_signature() {
    let files = Files::new();
    let witness = files.start();
    let log = log("a", 0, 9);
    let stranger = request_by(&key("stranger"), &log, 0, 9);
    assert_eq!(witness.post(&stranger).status, 403);
    let altered = request(&log, 0, 9).replace("\n9\n", "\n8\n");
    assert_eq!(witness.post(&altered).status, 403);
    // One line that holds does not make up for one that does not.
    let other = request(&log, 0, 8);
    let false_line = request(&log, 0, 9) + other.lines().last().unwrap() + "\n";
    assert_eq!(witness.post(&false_line).status, 403);
    // A stranger's line beside the log's is nobody's business.
    let beside = request(&log, 0, 9) + stranger.lines().last().unwrap() + "\n";
    assert_eq!(witness.post(&beside).status, 200);
}

/// WITNESS-2, WITNESS-4, WITNESS-6
#[test]
fn status_404_for_an_unknown_origin() {
    let files = Files::new();
    let witness = files.start();
    for origin in ["other.example/register", "city.example/unknown", "city.example/poll/A"] {
        let log = PaperLog { origin: origin.to_owned(), ..log("a", 0, 9) };
        assert_eq!(witness.post(&request(&log, 0, 9)).status, 404, "{origin}");
    }
    assert_eq!(witness.get("/add-checkpoints").status, 404);
    assert_eq!(witness.get("/add-checkpoint").status, 405);
}

/// WITNESS-3, WITNESS-4, WITNESS-5
#[test]
fn status_409_for_another_old_size() {
    let files = Files::new();
    let witness = files.start();
    let log = log("a", 0, 9);
    let stale = witness.post(&request(&log, 5, 9));
    assert_eq!((stale.status, stale.text()), (409, "0\n"));
    assert_eq!(stale.media_type, "text/x.tlog.size");
    assert_eq!(witness.post(&request(&log, 0, 5)).status, 200);
    for (old, size) in [(0, 5), (0, 9), (3, 9), (7, 9), (0, 0)] {
        let stale = witness.post(&request(&log, old, size));
        assert_eq!((stale.status, stale.text()), (409, "5\n"), "{old} {size}");
    }
}

/// WITNESS-3, WITNESS-4, WITNESS-8
#[test]
fn status_422_for_a_wrong_proof_and_for_another_root() {
    let files = Files::new();
    let witness = files.start();
    let (log, fork) = (log("a", 3, 9), log("b", 3, 9));
    assert_eq!(witness.post(&request(&log, 0, 5)).status, 200);
    let line = |body: &str, place: usize| body.lines().nth(place).unwrap().to_owned();
    let good = request(&log, 5, 9);
    let wrong = good.replace(&line(&good, 1), &line(&good, 2));
    assert_eq!(witness.post(&wrong).status, 422);
    assert!(witness.said().contains("suspicion: city.example/register"), "{}", witness.said());
    assert!(!witness.said().contains("FORK"), "{}", witness.said());
    assert_eq!(witness.post(&request(&fork, 5, 9)).status, 422);
    assert_eq!(witness.post(&request(&fork, 5, 5)).status, 422);
    // The proofs are printed, kept, and hold for whoever knows the city's key.
    let evidence = files.evidence();
    let forks: Vec<_> = evidence.iter().filter(|(name, _)| name.ends_with(".veche-fork")).collect();
    assert_eq!((evidence.len(), forks.len()), (3, 2), "{evidence:?}");
    let programs = Programs::beside_this().unwrap();
    for (name, text) in forks {
        assert!(witness.said().contains(text), "{}", witness.said());
        let proof = ForkProof::parse(text.as_bytes()).unwrap();
        assert_eq!((proof.verify(), proof.key()), (Ok(()), &register()));
        let arguments = ["fork", name, "--key", &register().to_string()];
        let checked = programs.command("veche-audit").args(arguments).output().unwrap();
        assert!(checked.status.success(), "{checked:?}");
        let words = String::from_utf8(checked.stdout).unwrap();
        assert!(words.starts_with("The proof holds"), "{words}");
    }
    // The log itself goes on.
    assert_eq!(witness.post(&good).status, 200);
}

/// A body that is too long, and one that does not come, hold up nobody.
#[test]
fn status_413_and_408_for_bodies_out_of_bounds() {
    let files = Files::new();
    let witness = files.start();
    let long = "x".repeat(200_000);
    assert_eq!(witness.post(&long).status, 413);
    let mut slow = TcpStream::connect(witness.address()).unwrap();
    let head = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100\r\n\r\nold 0\n";
    slow.write_all(head.as_bytes()).unwrap();
    let begun = Instant::now();
    assert_eq!(witness.post(&request(&log("a", 0, 9), 0, 9)).status, 200);
    assert!(begun.elapsed() < Duration::from_secs(9), "others wait for nobody");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

/// WITNESS-2: a note by a cosigner alone is not by the log.
#[test]
fn a_cosignature_is_no_signature_of_the_log() {
    let files = Files::new();
    let witness = files.start();
    let body = request(&log("a", 0, 9), 0, 9);
    let note = cosigned(&body, &witness.post(&body), &files.verifier);
    let line = note.signatures().last().unwrap();
    let alone = Note::parse(format!("{}\n{line}", note.text()).as_bytes()).unwrap();
    assert_eq!(witness.post(&format!("old 9\n\n{alone}")).status, 403);
}
