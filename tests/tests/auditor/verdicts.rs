//! Exit codes, text and lines of JSON.

use std::fs;

use serde_json::Value;
use veche_protocol::name::LogPath;

use crate::program::{Ran, audit, text};
use crate::town::{SOUND, UNSOUND, folder_of, poll, voted};

/// The lines of a report as JSON.
fn lines(ran: &Ran) -> Vec<Value> {
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_sound_poll_ends_with_0() {
    let folder = folder_of(&SOUND);
    let ran = audit(&["recount", text(folder.path()), "--poll", "park"]);
    // AUDIT-9, AUDIT-11: the verdict with its evidence, and what the observer must know beside it.
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.ends_with("Evidence: the operator's word alone\nVERDICT: SOUND\n"));
    assert!(ran.out.contains("nothing: the key is taken from the source itself"));
    assert!(ran.out.contains("spoiled as turn-out-of-range: 1"), "{}", ran.out);
    assert!(ran.out.contains("Nothing ⟨U+202E⟩at all"));
    assert_eq!(ran.errors, "");
    for step in 1..=15 {
        assert!(ran.out.contains(&format!("\nA{step} ")), "step A{step} is not told");
    }
}

#[test]
fn an_unsound_poll_ends_with_1_and_says_why() {
    let folder = folder_of(&UNSOUND);
    let ran = audit(&["recount", text(folder.path()), "--poll", "poll/park"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.ends_with("VERDICT: NOT SOUND (2 findings)\n"), "{}", ran.out);
    for code in ["voter-unknown (operator): poll/park, entry 273", "result-mismatch"] {
        assert!(ran.out.contains(code), "{code}");
    }
}

#[test]
fn the_report_for_programs_is_one_line_for_each_step_and_three_more() {
    let folder = folder_of(&UNSOUND);
    let ran = audit(&["recount", text(folder.path()), "--poll", "park", "--json"]);
    assert_eq!(ran.code, 1);
    let lines = lines(&ran);
    assert_eq!(lines.len(), 18);
    for (step, line) in (1..=15).zip(&lines) {
        assert_eq!(line["step"], format!("A{step}"));
    }
    let [spoiled, stranger] = &lines[6]["findings"].as_array().unwrap()[..] else {
        panic!("two ballots are refused: {}", lines[6]);
    };
    assert_eq!(
        (&spoiled["code"], &spoiled["fault"]),
        (&"turn-out-of-range".into(), &"voter".into())
    );
    assert_eq!(stranger["code"], "voter-unknown");
    assert_eq!(stranger["fault"], "operator");
    assert_eq!((&stranger["log"], &stranger["index"]), (&"poll/park".into(), &273.into()));
    assert_eq!(lines[15]["accepted"], 270);
    assert_eq!(lines[15]["instance"], UNSOUND.instance.to_string());
    assert_eq!(lines[17]["verdict"], "not-sound");
    assert_eq!(lines[17]["unsound_findings"], 2);
}

#[test]
fn a_poll_that_is_open_is_told_so_far() {
    let folder = folder_of(&voted());
    let ran = audit(&["recount", text(folder.path()), "--poll", "park"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("The poll is still open: this is the result so far."));
}

#[test]
fn what_the_observer_brings_along_ties_the_record_to_a_city() {
    let folder = folder_of(&SOUND);
    let base = ["recount", text(folder.path()), "--poll", "park"];
    let with = |more: &[&str]| audit(&[&base, more].concat());
    let instance = SOUND.instance.to_string();
    let key = SOUND.verifier(&poll()).to_string();
    let ran = with(&["--instance", &instance, "--key", &key]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("pinned by the instance id given"));
    // AUDIT-6: another city than the one that was asked for.
    let other = "00".repeat(32);
    let ran = with(&["--instance", &other]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("instance-mismatch"));
    let other = UNSOUND.verifier(&LogPath::Register).to_string().replace("vote", "vota");
    assert_eq!(with(&["--key", &other]).code, 2, "a key whose id is not its own");
}

#[test]
fn heads_and_receipts_from_elsewhere_are_held_against_the_record() {
    let folder = folder_of(&SOUND);
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    let log = SOUND.at(&poll());
    let (head, receipt) = (own.join("head"), own.join("mine.tlog-proof"));
    fs::write(&head, log.checkpoint_at(100, &SOUND.log_key)).unwrap();
    fs::write(&receipt, log.receipt(7, 200, &SOUND.log_key)).unwrap();
    let arguments = |folder| {
        let base = ["recount", text(folder), "--poll", "park", "--head", text(&head)];
        audit(&[&base[..], &["--receipt", text(&receipt)]].concat())
    };
    let ran = arguments(folder.path());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 receipt checked, 0 refused; 1 saved head checked, 0 refused"));
    // RECEIPT-6, AUDIT-5: a record from which a ballot is gone, signed again by the same key.
    let mut forged = SOUND.clone();
    forged.logs.get_mut(&poll()).unwrap().entries.remove(7);
    let forged = folder_of(&forged);
    let ran = arguments(forged.path());
    assert_eq!(ran.code, 1);
    for code in ["receipt-not-in-log", "head-forked", "seen-mismatch"] {
        assert!(ran.out.contains(code), "{code} is missing: {}", ran.out);
    }
}

#[test]
fn what_the_program_was_not_told_properly_ends_with_2() {
    let folder = folder_of(&SOUND);
    let (source, missing) = (text(folder.path()), folder.path().join("missing"));
    let policy = folder.path().join("policy");
    fs::write(&policy, "no policy").unwrap();
    let base = ["recount", source, "--poll", "park"];
    let missing = text(&missing);
    for more in [
        &["--poll", "again"][..],
        &["--instance", "1234"],
        &["--key", "example.org/poll+00000000+AAAA"],
        &["--policy", text(&policy)],
        &["--policy", missing],
        &["--receipt", missing],
        &["--head", missing],
        &["--workers", "many"],
        &["--report", "/"],
        &["--no-such-flag"],
    ] {
        let ran = audit(&[&base, more].concat());
        // AUDIT-11
        assert_eq!(ran.code, 2, "{more:?}: {ran:?}");
        assert!(ran.errors.starts_with("error: "), "{ran:?}");
    }
    assert_eq!(audit(&[]).code, 2);
    assert_eq!(audit(&["recount", source]).code, 2, "no poll");
    assert_eq!(audit(&["recount", source, "--poll", "PARK"]).code, 2, "no id");
}

#[test]
fn a_source_that_cannot_be_read_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.tar");
    let file = folder.path().join("file");
    fs::write(&file, b"anything but an archive").unwrap();
    for (source, message) in [
        (text(&missing), "No such file"),
        (text(&file), "not a tar file"),
        (text(folder.path()), "register"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1/"),
        ("https://no such host", "no such host"),
    ] {
        let ran = audit(&["recount", source, "--poll", "park"]);
        // AUDIT-11: nothing was found about any poll.
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{source}: {ran:?}");
        assert!(ran.errors.starts_with("error: ") && ran.errors.contains(message), "{ran:?}");
    }
    // AUDIT-4: the register is there, the poll is not.
    let folder = folder_of(&SOUND);
    let ran = audit(&["recount", text(folder.path()), "--poll", "other"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
}
