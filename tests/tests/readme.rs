//! The README's commands, run as they stand: every `sh` block, in order, in an empty folder.
//!
//! Only the ports are others, since a test takes free ones; and the script waits until the server
//! accepts connections, as a reader does between two blocks.

use std::net::TcpListener;
use std::process::Command;

use veche_tests::programs::Programs;
use veche_tests::repository;

/// The ports in the README: the server's, and those of two witnesses.
const PORTS: [&str; 3] = ["8440", "8441", "8442"];
/// What starts the server, at the end of a block.
const SERVE: &str = "veched serve";
/// Longest run of the whole walk, in seconds.
const LONGEST: &str = "400";

/// The `sh` blocks of a document.
fn blocks(document: &str) -> Vec<&str> {
    let parts = document.split("\n```sh\n").skip(1);
    parts.map(|part| part.split_once("\n```").expect("a block has an end").0).collect()
}

/// One script of all blocks; it ends at the first line that fails, and stops the server.
fn script(blocks: &[&str], free: &[String; 3]) -> String {
    let mut script = "set -eu\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n".to_owned();
    for block in blocks {
        let own = PORTS.iter().zip(free);
        script
            .push_str(&own.fold((*block).to_owned(), |text, (port, own)| text.replace(port, own)));
        script.push('\n');
        if block.contains(SERVE) {
            let port = &free[0];
            let connect = format!("(: < /dev/tcp/127.0.0.1/{port}) 2> /dev/null");
            script.extend(["until ", &connect, "; do sleep 0.05; done\n"]);
        }
    }
    script
}

#[test]
fn a_reader_can_run_every_line() {
    let readme = repository::read("README.md");
    let blocks = blocks(&readme);
    assert!(blocks.len() >= 8, "the three kinds of people have their commands");
    assert!(PORTS.iter().all(|port| readme.contains(port)), "the ports are the README's");
    // All are open at once, so that no two are the same.
    let open = PORTS.map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    let free = open.map(|listener| listener.local_addr().unwrap().port().to_string());
    let folder = tempfile::tempdir().unwrap();
    let programs = Programs::beside_this().unwrap();
    let path = format!("{}:{}", programs.folder().display(), std::env::var("PATH").unwrap());
    let output = Command::new("timeout")
        .args([LONGEST, "bash", "-c", &script(&blocks, &free)])
        .current_dir(&folder)
        .env("PATH", path)
        .output()
        .unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.contains("VERDICT: SOUND"), "{said}");
    assert!(said.contains(r#"{"verdict":"sound""#), "{said}");
    let report = std::fs::read_to_string(folder.path().join("park.html")).unwrap();
    assert!(report.contains("Linden Park"), "the report shows the options");
    // AUDIT-2: the recounts of the park, from the server and from its files, and of the referendum.
    assert_eq!(said.matches("VERDICT: SOUND").count(), 3, "{said}");
    let report = std::fs::read_to_string(folder.path().join("mill.html")).unwrap();
    assert!(report.contains("Shall the old mill be kept?"), "the report names the referendum");
}
