//! The second implementation, in `spec/reference/`, held against the first: on every vector, and on
//! the archive that a run of the demo leaves behind, where both must write the same lines.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use veche_tests::demo::{self, Options, POLL, Sort, Stay, Truths};
use veche_tests::programs::Programs;
use veche_tests::repository;

/// Longest run of the reference, in seconds: it favours clarity over speed.
const LONGEST: &str = "900";
/// Connections over which the demo casts.
const CONNECTIONS: usize = 8;

/// The reference with these arguments, in its own folder.
fn reference(arguments: &[&str]) -> Output {
    Command::new("timeout")
        .args([LONGEST, "python3", "-m", "veche_reference"])
        .args(arguments)
        .current_dir(repository::root().join("spec/reference"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3 is installed: `./run` does that")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_reference_agrees_with_every_vector() {
    let Output { status, stdout, stderr } = reference(&["vectors", "../vectors"]);
    let said = text(&stdout);
    assert!(status.success(), "{said}\n{}", text(&stderr));
    // What it does not know yet is said, and is no more than this: rules 3 to 10.
    assert!(said.contains("; 14 of rules that are not known here"), "{said}");
    // Each folder of vectors was looked at.
    for folder in std::fs::read_dir(repository::root().join("spec/vectors")).unwrap() {
        let folder = folder.unwrap();
        if folder.path().is_dir() {
            let name = folder.file_name().into_string().unwrap();
            assert!(said.contains(&format!("{name}: ")), "{name} was left out:\n{said}");
        }
    }
}

/// Both implementations on one archive: the lines of AUDIT-12, byte for byte, and the exit code.
fn same_report(programs: &Programs, archive: &Path, more: &[&str]) -> (Option<i32>, String) {
    let archive = archive.display().to_string();
    let mut arguments = vec!["recount", &archive, "--poll", POLL, "--json"];
    arguments.extend(more);
    let first = programs
        .command("veche-audit")
        .args(&arguments)
        .output()
        .expect("a program that is there can be run");
    let second = reference(&arguments);
    let (one, other) = (text(&first.stdout), text(&second.stdout));
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(other, one, "{}", text(&second.stderr));
    }
    assert!(one == other, "one report ends before the other");
    assert_eq!(second.status.code(), first.status.code());
    (first.status.code(), text(&first.stdout))
}

/// What a run of the demo leaves behind.
fn demo(sort: Sort) -> (TempDir, Programs) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let kept = folder.path().join("demo");
    std::fs::create_dir(&kept).expect("the folder is new");
    let (stay, killed, connections) = (Stay::End, 1, CONNECTIONS);
    let truths = Truths::Two;
    let options = Options { sort, stay, killed, connections, truths, keep: Some(kept) };
    assert!(demo::run(&options).expect("the demo runs"), "every claim of the demo holds");
    (folder, Programs::beside_this().expect("the programs are built"))
}

// AUDIT-12: two programs write the same bytes.
#[test]
fn the_open_demo_holds_and_the_reference_writes_the_same_report() {
    let (folder, programs) = demo(Sort::Open);
    let kept = folder.path().join("demo");
    let (code, report) = same_report(&programs, &kept.join("green-budget.tar"), &[]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report.matches(r#""selected":true"#).count(), 30);
    let (code, report) = same_report(&programs, &kept.join("forged-byte.tar"), &[]);
    assert_eq!(code, Some(1), "{report}");
    assert!(report.contains("root-mismatch"), "{report}");
    let receipt = kept.join("anna.tlog-proof").display().to_string();
    let (code, report) = same_report(&programs, &kept.join("forged-log"), &["--receipt", &receipt]);
    assert_eq!(code, Some(1), "{report}");
    assert!(report.contains("receipt-not-in-log"), "{report}");
}

// AUDIT-12: and of 6,586 anonymous, sealed ballots.
#[test]
fn the_referendum_holds_and_the_reference_writes_the_same_report() {
    let (folder, programs) = demo(Sort::Referendum);
    let kept = folder.path().join("demo");
    let (code, report) = same_report(&programs, &kept.join("green-budget.tar"), &[]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report.matches(r#""selected":true"#).count(), 30);
    assert!(report.contains(r#""spent":6586"#), "{report}");
    assert!(report.contains(r#""shares":["#), "{report}");
}
