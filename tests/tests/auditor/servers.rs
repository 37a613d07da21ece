//! Servers that fail for a while, for ever, by the byte, or that lie.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use veche_auditor::source::SourceError;
use veche_auditor::source::http::{HttpSource, Patience};
use veche_auditor::{Options, recount};
use veche_protocol::audit::Recount;
use veche_tests::web_server::{WebServer, not_found, ok, status};

use crate::program::{audit, audit_in};
use crate::town::{SOUND, poll};

/// So short that a test need not wait.
const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(500),
    pause: Duration::from_millis(1),
};

fn recount_of(server: &WebServer) -> Result<Recount, SourceError> {
    let source = HttpSource::with_patience(&server.url(), PATIENCE);
    recount(&source, &Options::new(poll()), &|_, _, _| ())
}

/// Serves the sound town, but for requests that `spoil` has answered.
fn spoiled(spoil: impl Fn(&str, &mut TcpStream) -> bool + Send + Sync + 'static) -> WebServer {
    let files = SOUND.files();
    WebServer::new(move |request, connection| {
        if !spoil(&request.path, connection) {
            let file = files.get(&request.path);
            let answer = file.map_or_else(not_found, |file| ok(file));
            // A client that has gone away is no matter of the server.
            let _ = connection.write_all(&answer);
        }
    })
}

#[test]
fn what_fails_for_a_while_is_asked_for_again() {
    let asked = AtomicUsize::new(0);
    let server = spoiled(move |_, connection| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => connection.write_all(&status("503 Service Unavailable")).is_ok(),
        1 => connection.write_all(&status("429 Too Many Requests")).is_ok(),
        // Gone without a word.
        2 => true,
        _ => false,
    });
    let recount = recount_of(&server).unwrap();
    assert!(recount.findings.iter().all(|finding| !finding.is_unsound()), "{recount:?}");
}

#[test]
fn a_server_that_does_not_answer_as_it_must_is_named_with_what_it_did() {
    type Spoil = fn(&mut TcpStream);
    let tile = "poll/park/tile/entries/000";
    let spoils: [(&str, Spoil); 7] = [
        ("500 Internal Server Error", |c| {
            c.write_all(&status("500 Internal Server Error")).unwrap();
        }),
        ("403 Forbidden", |c| c.write_all(&status("403 Forbidden")).unwrap()),
        ("redirects", |c| {
            let answer = "302 Found\r\nLocation: /poll/park/tile/entries/000";
            c.write_all(&status(answer)).unwrap();
        }),
        ("", |c| c.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\ncut").unwrap()),
        ("", |c| c.write_all(b"this is no HTTP at all\r\n\r\n").unwrap()),
        ("timeout", |_| sleep(PATIENCE.answer * 2)),
        ("timeout", |c| {
            let _ = c.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n");
            // A byte now and then, for ever.
            let end = Instant::now() + PATIENCE.answer * 2;
            while Instant::now() < end && c.write_all(b".").is_ok() {
                sleep(Duration::from_millis(20));
            }
        }),
    ];
    for (message, spoil) in spoils {
        let server = spoiled(move |path, connection| {
            if path == tile {
                spoil(connection);
            }
            path == tile
        });
        let error = recount_of(&server).unwrap_err();
        assert!(matches!(error, SourceError::Network { .. }), "{message}: {error:?}");
        let said = error.to_string();
        assert!(said.contains(tile) && said.contains(message), "{message}: {said}");
    }
}

#[test]
fn the_program_ends_with_3_and_says_what_the_server_did() {
    let server = WebServer::new(|_, connection| {
        connection.write_all(&status("403 Forbidden")).unwrap();
    });
    for command in [&["recount"][..], &["export", "--out", "/nonexistent/never.tar"]] {
        let ran = audit(&[command, &[&server.url(), "--poll", "park"]].concat());
        // AUDIT-11
        assert_eq!((ran.code, ran.out.as_str()), (if command.len() == 1 { 3 } else { 2 }, ""));
    }
    let ran = audit(&["recount", &server.url(), "--poll", "park"]);
    let url = server.url();
    let said = format!("error: {url}/register/checkpoint: the server answers 403 Forbidden\n");
    assert_eq!((ran.code, ran.errors), (3, said));
}

#[test]
fn a_server_that_lies_is_found_out() {
    for (file, code) in [
        ("poll/park/tile/entries/000", "root-mismatch"),
        ("poll/park/tile/0/000", "tile-mismatch"),
        ("roll/residents/tile/entries/000.p/4", "root-mismatch"),
        ("poll/park/checkpoint", "note-signature-invalid"),
    ] {
        let mut files = SOUND.files();
        let bytes = files.get_mut(file).unwrap();
        // In the middle of an entry, of a hash, of the root of a head.
        let place = if file.ends_with("checkpoint") {
            bytes.iter().position(|&byte| byte == b'\n').unwrap() + 8
        } else {
            bytes.len() / 2
        };
        bytes[place] ^= 1;
        let recount = recount_of(&WebServer::of_files(files)).unwrap();
        let codes: Vec<_> = recount.findings.iter().map(|finding| finding.breach.code()).collect();
        assert!(codes.contains(&code), "{file}: {codes:?}");
    }
}

#[test]
fn a_page_in_the_place_of_every_file_is_no_city() {
    // As a network does that wants to be logged into first.
    let server = WebServer::new(|_, connection| {
        let _ = connection.write_all(&ok(b"<!DOCTYPE html><title>Welcome</title>"));
    });
    let ran = audit(&["recount", &server.url(), "--poll", "park"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("genesis-missing") && ran.out.contains("note-malformed"));
}

#[test]
fn files_without_an_end_take_no_memory() {
    // Every tile and every bundle of the poll goes on and on; half a gigabyte is enough for all.
    let server = spoiled(|path, connection| {
        if !path.starts_with("poll/park/tile/") {
            return false;
        }
        let block = vec![7; 1 << 16];
        let mut sent = connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        while sent.is_ok() {
            sent = connection.write_all(&block);
        }
        true
    });
    let arguments = ["recount", &server.url(), "--poll", "park"];
    let ran = audit_in("ulimit -v 1048576", &arguments);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("tile-malformed"), "{}", ran.out);
}
