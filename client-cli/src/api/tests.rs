//! Tests of the client against a server that answers what it is told to.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use veche_protocol::poll::definition::Revote;

use super::*;
use crate::test_city::{TestCity, poll_path};

/// Answers one connection after another, each with the next of these answers; gives the requests.
fn serve(answers: Vec<String>) -> (Api, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = Api::new(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let requests = std::thread::spawn(move || {
        let answer = |answer: String| {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read_request(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            request
        };
        answers.into_iter().map(answer).collect()
    });
    (api, requests)
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        let count = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..count]);
    }
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

fn problem(status: &str, code: &str) -> String {
    let body = format!(r#"{{"title":"No.","code":"{code}","detail":""}}"#);
    answer(status, "application/problem+json", &body)
}

fn receipt() -> String {
    let city = TestCity::with_open_poll(Revote::First);
    city.receipt(&poll_path(), 1).to_string()
}

#[test]
fn an_entry_is_handed_in_and_its_receipt_read() {
    let receipt = receipt();
    let (api, requests) = serve(vec![answer("200 OK", "text/plain", &receipt)]);
    assert_eq!(api.submit(&poll_path(), b"ballot").unwrap().to_string(), receipt);
    let request = requests.join().unwrap().remove(0);
    // API-2, API-3: the entry's bytes, and a receipt as text.
    assert!(request.starts_with("POST /api/v1/polls/park/entries HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("content-type: application/cbor\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\nballot"), "{request}");
}

#[test]
fn the_same_bytes_are_sent_again_while_the_server_is_busy() {
    let answers = vec![
        problem("429 Too Many Requests", "too-busy"),
        problem("503 Service Unavailable", "timed-out"),
        answer("200 OK", "text/plain", &receipt()),
    ];
    let (api, requests) = serve(answers);
    api.submit(&poll_path(), b"ballot").unwrap();
    let bodies: Vec<_> = requests.join().unwrap();
    // RECEIPT-5: idempotent, so a lost answer costs nothing.
    assert!(bodies.iter().all(|request| request.ends_with("ballot")));
    assert_eq!(bodies.len(), 3);
}

#[test]
fn each_anonymous_attempt_has_its_own_connection_and_brings_nothing_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let api = Api::through(&url, None, Connections::Fresh).unwrap();
    let busy = problem("429 Too Many Requests", "too-busy");
    let good = answer("200 OK", "text/plain", &receipt());
    let server = std::thread::spawn(move || {
        let answers = [busy, good].map(|answer| {
            answer.replace("connection: close\r\n", "set-cookie: id=7\r\netag: \"7\"\r\n")
        });
        // Every stream is kept open, so a client that reused one would never reach `accept` again.
        let mut streams = Vec::new();
        let requests = answers.map(|answer| {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read_request(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            streams.push(stream);
            request
        });
        (requests, streams)
    });
    api.submit(&poll_path(), b"ballot").unwrap();
    let ([first, second], _streams) = server.join().unwrap();
    // CRED-10: nothing that the first answer gave out is in the second request.
    assert_eq!(first, second);
    assert!(!second.to_ascii_lowercase().contains("cookie"), "{second}");
}

#[test]
fn a_proxy_is_what_the_server_sees() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let api = Api::through("http://vote.example.org", Some(&proxy), Connections::Fresh).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read_request(&mut stream);
        stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").unwrap();
        request
    });
    assert!(api.submit_once(&poll_path(), b"ballot").is_err());
    // The name of the server is left to the proxy to look up.
    let request = server.join().unwrap();
    assert!(request.starts_with("CONNECT vote.example.org:80 "), "{request}");
    let wrong = Api::through("http://vote.example.org", Some("ftp://x"), Connections::Fresh);
    assert_eq!(wrong.unwrap_err().code(), "usage");
}

#[test]
fn a_refusal_is_final_and_carries_its_code() {
    let (api, requests) = serve(vec![problem("409 Conflict", "stale-turn")]);
    let error = api.submit(&poll_path(), b"ballot").unwrap_err();
    // API-4: the code is the law's own.
    assert_eq!(error.code(), "stale-turn");
    assert!(error.advice().is_some());
    assert_eq!(requests.join().unwrap().len(), 1);
}

#[test]
fn answers_that_are_none_are_named() {
    let long = "x".repeat(MAX_RECEIPT_LENGTH + 1);
    for (reply, code) in [
        (answer("200 OK", "text/plain", "no receipt"), "receipt-malformed"),
        (answer("200 OK", "text/plain", &long), "answer-malformed"),
        (answer("302 Found", "text/html", ""), "answer-malformed"),
        (answer("500 Oops", "text/html", "<html>"), ""),
    ] {
        let (api, requests) = serve(vec![reply]);
        assert_eq!(api.submit_once(&poll_path(), b"ballot").unwrap_err().code(), code);
        requests.join().unwrap();
    }
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let api = Api::new(&format!("http://{address}")).unwrap();
    assert_eq!(api.submit_once(&poll_path(), b"b").unwrap_err().code(), "network-failed");
    assert_eq!(Api::new("vote.example.org").unwrap_err().code(), "usage");
}

#[test]
fn a_head_that_is_smaller_than_what_is_known_is_asked_for_again() {
    let city = TestCity::with_open_poll(Revote::First);
    let head = || String::from_utf8(city.checkpoint(&poll_path()).unwrap()).unwrap();
    let old = head();
    city.push(&poll_path(), b"more");
    let size = city.poll(&city.read()).log().size();
    let heads = [old.clone(), old, head()].map(|head| answer("200 OK", "text/plain", &head));
    let (api, requests) = serve(heads.to_vec());
    // RECEIPT-12: a mirror lags behind, and is no liar for that.
    api.expect(&poll_path(), size - 1);
    api.expect(&poll_path(), size);
    api.expect(&poll_path(), 1);
    assert_eq!(api.checkpoint(&poll_path()).unwrap(), head().into_bytes());
    assert_eq!(requests.join().unwrap().len(), 3);
}

#[test]
fn a_missing_file_is_nothing_and_a_missing_log_is_said() {
    let missing = || problem("404 Not Found", "not-found");
    let (api, requests) = serve(vec![missing(), missing()]);
    let path = EntriesPath { index: 0, width: 3 };
    assert!(api.bundle(&poll_path(), path).unwrap().is_none());
    assert_eq!(api.checkpoint(&poll_path()).unwrap_err().code(), "usage");
    let request = requests.join().unwrap().remove(0);
    assert!(request.starts_with("GET /poll/park/tile/entries/000.p/3 "), "{request}");
}
