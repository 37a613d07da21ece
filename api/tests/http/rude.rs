//! Clients that are slow, many, broken or gone: they harm nobody but themselves.
//!
//! Not here: what is wrong with an entry ([`crate::codes`]).

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::thread;

use veche_api::Config;
use veche_engine::store::Store;
use veche_engine::store::memory::{Fault, MemoryStore};
use veche_protocol::log::receipt::Receipt;
use veche_protocol::poll::definition::Revote;

use crate::city::{CLOSES_AT, City, OFFICERS, poll, settings};
use crate::client::{Client, head};
use crate::failing_store::PanickingStore;
use crate::operating::until;

const ENTRIES: &str = "/api/v1/polls/park/entries";
const CBOR: [(&str, &str); 1] = [("content-type", "application/cbor")];

fn open(config: &Config, voters: usize) -> City {
    City::with_open_poll(config, voters, Revote::First)
}

/// Somebody else votes, meanwhile.
#[track_caller]
fn somebody_votes(city: &City, number: usize) {
    city.client().cast(ENTRIES, city.ballot(number, 0, 1).bytes()).ok();
}

fn accepted(city: &City) -> u64 {
    city.client().get_json("/api/v1/polls/park")["counts"]["accepted"].as_u64().unwrap()
}

fn metric(city: &City, name: &str) -> u64 {
    let text = city.client().get("/metrics").ok();
    let line = text.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("there is no {name}")).parse().unwrap()
}

#[test]
fn who_leaves_in_the_middle_of_a_body_leaves_nothing() {
    let city = open(&Config::default(), 3);
    let ballot = city.ballot(0, 0, 1);
    for length in [0, 1, ballot.bytes().len() - 1] {
        let mut client = city.client();
        client.send(&head("POST", ENTRIES, &CBOR, ballot.bytes().len())).unwrap();
        client.send(&ballot.bytes()[..length]).unwrap();
    }
    let gone = until(|| {
        let open = metric(&city, "veche_http_connections_open");
        (open == 1).then_some(open)
    });
    assert_eq!(gone, 1, "the connection that asks");
    assert_eq!(accepted(&city), 0);
    somebody_votes(&city, 1);
    city.client().cast(ENTRIES, ballot.bytes()).ok();
    assert_eq!(accepted(&city), 2);
}

#[test]
fn who_leaves_before_the_answer_has_voted() {
    let city = open(&Config::default(), 3);
    let ballot = city.ballot(0, 0, 1);
    let mut client = city.client();
    client.send(&head("POST", ENTRIES, &CBOR, ballot.bytes().len())).unwrap();
    client.send(ballot.bytes()).unwrap();
    drop(client);
    // Whether or not it was read, the same bytes are one ballot, and have a receipt.
    city.client().cast(ENTRIES, ballot.bytes()).ok();
    assert_eq!(accepted(&city), 1);
}

#[test]
fn slow_clients_wait_for_themselves() {
    let mut config = Config::default();
    config.limits.header_seconds = 1;
    config.limits.request_seconds = 1;
    let city = open(&config, 3);
    let ballot = city.ballot(0, 0, 1);
    let mut silent = city.client();
    let mut slow_head = city.client();
    slow_head.send(b"POST /api/v1/polls/park/entries HTTP/1.1\r\nhost: ve").unwrap();
    let mut slow_body = city.client();
    slow_body.send(&head("POST", ENTRIES, &CBOR, ballot.bytes().len())).unwrap();
    slow_body.send(&ballot.bytes()[..9]).unwrap();
    somebody_votes(&city, 1);
    city.client().get("/poll/park/checkpoint").ok();
    // API-9: the time of a request is bounded, and so is that of a head.
    let answer = slow_body.answer("POST").unwrap();
    assert_eq!(answer.refusal(), (503, "timed-out".to_owned()));
    assert!(slow_body.is_closed() && slow_head.is_closed() && silent.is_closed());
    assert_eq!(accepted(&city), 1);
}

#[test]
fn who_takes_no_answers_is_let_go() {
    // 500 bundles of 64 KiB: more than any system keeps for a connection.
    const REQUESTS: usize = 500;
    let mut config = Config::default();
    config.limits.stall_seconds = 1;
    let city = open(&config, 258);
    (0..257).for_each(|number| city.submit(&poll(), &city.ballot(number, 0, 1)));
    let request = head("GET", "/poll/park/tile/entries/000", &[], 0);
    let mut greedy = city.client();
    greedy.send(&request.repeat(REQUESTS)).unwrap();
    somebody_votes(&city, 257);
    // The connection that asks is the last.
    until(|| (metric(&city, "veche_http_connections_open") == 1).then_some(()));
    city.client().get("/poll/park/tile/entries/000").ok();
    let answers = (0..REQUESTS).map_while(|_| greedy.answer("GET").ok()).count();
    assert!(answers < REQUESTS, "all were given, and so nothing was tried");
}

#[test]
fn who_holds_every_place_does_not_hold_the_watch() {
    let mut config = Config::default();
    config.limits.requests = 2;
    let city = open(&config, 3);
    let mut slow = [city.client(), city.client()];
    for client in &mut slow {
        client.send(&head("POST", ENTRIES, &CBOR, 100)).unwrap();
    }
    let busy = until(|| {
        let answer = city.client().get("/api/v1/polls");
        (answer.status != 200).then_some(answer)
    });
    assert_eq!(busy.refusal(), (429, "too-busy".to_owned()));
    assert_eq!(busy.header("retry-after"), Some("1"));
    city.client().get("/health").ok();
    drop(slow);
    until(|| (city.client().get("/api/v1/polls").status == 200).then_some(()));
}

#[test]
fn a_thousand_copies_at_once_are_one_ballot() {
    // retry-storm
    const CLIENTS: usize = 20;
    const COPIES: usize = 50;
    let city = open(&Config::default(), 30);
    let ballot = city.ballot(0, 0, 1);
    let start = Barrier::new(CLIENTS + 1);
    let indices = thread::scope(|scope| {
        let storm = |mut client: Client| {
            start.wait();
            (0..COPIES)
                .map(|_| {
                    let answer = client.cast(ENTRIES, ballot.bytes()).ok();
                    let receipt = Receipt::parse(&answer.body).unwrap();
                    receipt.verify(ballot.bytes(), &city.verifier(&poll())).unwrap();
                    receipt.index()
                })
                .collect::<BTreeSet<_>>()
        };
        let storms: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let client = city.client();
                scope.spawn(move || storm(client))
            })
            .collect();
        start.wait();
        (1..11).for_each(|number| somebody_votes(&city, number));
        let indices = storms.into_iter().map(|storm| storm.join().unwrap());
        indices.reduce(|a, b| &a | &b).unwrap()
    });
    // RECEIPT-5: one entry, one place, a receipt for whoever asks.
    assert_eq!(indices.len(), 1);
    assert_eq!(accepted(&city), 11);
    assert_eq!(city.engine.checkpoint(&poll()).unwrap().size, 13);
}

#[test]
fn many_who_vote_at_once_are_all_counted() {
    let city = open(&Config::default(), 60);
    thread::scope(|scope| {
        for client in 0..6 {
            let city = &city;
            scope.spawn(move || (0..10).for_each(|n| somebody_votes(city, client * 10 + n)));
        }
    });
    assert_eq!(accepted(&city), 60);
    city.engine.anchor_now().unwrap();
}

#[test]
fn what_is_no_http_is_not_answered_as_if_it_were() {
    let city = open(&Config::default(), 2);
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"GET / HTTP/1.1\r\nhost: a\r\n bad: folded\r\n\r\n".to_vec(),
        b"GET /\r\n\r\n".to_vec(),
        [b"GET / HTTP/1.1\r\nx: ".to_vec(), vec![b'a'; 40_000], b"\r\n\r\n".to_vec()].concat(),
        [b"GET /".to_vec(), vec![b'a'; 40_000], b" HTTP/1.1\r\n\r\n".to_vec()].concat(),
        b"POST /api/v1/drafts HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\
          content-length: 2\r\n\r\n{}"
            .to_vec(),
    ] {
        let mut client = city.client();
        // The server may have closed the connection before all was sent.
        let _sent = client.send(&bytes);
        if let Ok(answer) = client.answer("GET") {
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
        assert!(client.is_closed());
    }
    somebody_votes(&city, 0);
}

#[test]
fn a_body_in_pieces_is_one_ballot() {
    let city = open(&Config::default(), 2);
    let ballot = city.ballot(0, 0, 1);
    let mut client = city.client();
    let head = format!(
        "POST {ENTRIES} HTTP/1.1\r\nhost: a\r\ncontent-type: application/cbor\r\n\
         transfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n"
    );
    client.send(head.as_bytes()).unwrap();
    let go_on = client.answer("POST").unwrap();
    assert_eq!(go_on.status, 100);
    for piece in ballot.bytes().chunks(7) {
        client.send(format!("{:x}\r\n", piece.len()).as_bytes()).unwrap();
        client.send(piece).unwrap();
        client.send(b"\r\n").unwrap();
    }
    client.send(b"0\r\n\r\n").unwrap();
    client.answer("POST").unwrap().ok();
    // API-9: the bound holds for bodies that do not announce their length.
    let mut client = city.client();
    client.send(head.replace("expect: 100-continue\r\n", "").as_bytes()).unwrap();
    for _ in 0..9 {
        client.send(b"2000\r\n").unwrap();
        client.send(&[0; 0x2000]).unwrap();
        client.send(b"\r\n").unwrap();
    }
    let answer = client.answer("POST").unwrap();
    assert_eq!(answer.refusal(), (413, "entry-oversized".to_owned()));
}

/// What breaks here is the program; a client that found out how would like to break all of it.
#[test]
fn a_fault_of_the_program_ends_one_request() {
    let store = Arc::new(MemoryStore::new());
    let failing = Arc::new(PanickingStore::over(Arc::clone(&store)));
    let seen = Arc::clone(&failing) as Arc<dyn Store>;
    let city = City::start_on(store, seen, &Config::default(), settings());
    city.prepare(3, Revote::First);
    let ballot = city.ballot(0, 0, 1);
    somebody_votes(&city, 0);
    city.clock.set(CLOSES_AT);
    city.submit(&poll(), &city.closing(&OFFICERS));
    failing.panic_at_reads();
    let mut client = city.client();
    // The late copy is looked up on the thread of the request, the tile on another.
    assert_eq!(client.cast(ENTRIES, ballot.bytes()).refusal(), (500, "internal".to_owned()));
    assert_eq!(client.get("/poll/park/tile/0/000.p/2").code(), "internal");
    client.get("/poll/park/checkpoint").ok();
    assert_eq!(metric(&city, "veche_http_panics_total"), 2);
    failing.calm_down();
    client.cast(ENTRIES, ballot.bytes()).ok();
    client.get("/poll/park/tile/0/000.p/2").ok();
}

#[test]
fn a_full_disk_stops_writing_and_nothing_else() {
    let city = open(&Config::default(), 4);
    somebody_votes(&city, 0);
    let mut client = city.client();
    let before = client.get_json("/api/v1/logs");
    (0..3).for_each(|nth| city.store.fail_commit(nth, Fault::DiskFull));
    for number in 1..4 {
        let answer = client.cast(ENTRIES, city.ballot(number, 0, 1).bytes());
        assert_eq!(answer.refusal(), (507, "storage-full".to_owned()));
    }
    assert_eq!(client.get_json("/api/v1/logs"), before);
    // What was promised is still proved.
    client.cast(ENTRIES, city.ballot(0, 0, 1).bytes()).ok();
    client.get("/poll/park/tile/entries/000.p/3").ok();
    client.get("/health").ok();
    // With room again, it goes on by itself.
    somebody_votes(&city, 1);
}
