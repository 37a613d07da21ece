//! The end of a server: what is in flight is answered, what was answered is kept.
//!
//! Not here: the end of a process ([`tests/stories`] of the workspace).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use veche_api::Config;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::poll::definition::Revote;

use crate::city::{City, poll};
use crate::client::{Client, head};
use crate::operating::until;

const ENTRIES: &str = "/api/v1/polls/park/entries";

#[test]
fn what_is_in_flight_is_answered() {
    let mut city = City::with_open_poll(&Config::default(), 3, Revote::First);
    let ballot = city.ballot(0, 0, 1);
    let mut client = city.client();
    let headers = [("content-type", "application/cbor")];
    client.send(&head("POST", ENTRIES, &headers, ballot.bytes().len())).unwrap();
    client.send(&ballot.bytes()[..5]).unwrap();
    // The request is being read, or the connection would count as idle.
    let mut watch = city.client();
    until(|| watch.get("/metrics").text().contains("veche_http_in_flight 1\n").then_some(()));
    city.ask_to_stop();
    until(|| std::net::TcpStream::connect(city.address).is_err().then_some(()));
    client.send(&ballot.bytes()[5..]).unwrap();
    let answer = client.answer("POST").unwrap().ok();
    Receipt::parse(&answer.body).unwrap().verify(ballot.bytes(), &city.verifier(&poll())).unwrap();
    assert!(client.is_closed());
    city.wait_for_end();
    assert_eq!(city.engine.poll(&poll()).unwrap().accepted, 1);
}

#[test]
fn who_does_not_finish_is_not_waited_for_for_ever() {
    let mut config = Config::default();
    config.limits.grace_seconds = 0;
    let mut city = City::with_open_poll(&config, 3, Revote::First);
    let mut client = city.client();
    client.send(&head("POST", ENTRIES, &[("content-type", "application/cbor")], 100)).unwrap();
    let mut watch = city.client();
    until(|| watch.get("/metrics").text().contains("veche_http_in_flight 1\n").then_some(()));
    city.ask_to_stop();
    city.wait_for_end();
    assert!(client.is_closed());
}

#[test]
fn every_receipt_given_while_stopping_is_kept() {
    const CLIENTS: usize = 4;
    let mut city = City::with_open_poll(&Config::default(), 400, Revote::First);
    let ballots: Vec<_> = (0..400).map(|number| city.ballot(number, 0, 1)).collect();
    let ballots: Arc<[_]> = ballots.into();
    let given = Arc::new(AtomicUsize::new(0));
    let voters: Vec<_> = (0..CLIENTS)
        .map(|first| {
            let (ballots, given, address) =
                (Arc::clone(&ballots), Arc::clone(&given), city.address);
            thread::spawn(move || {
                let mut client = Client::new(address);
                let mut receipts = Vec::new();
                for ballot in ballots.iter().skip(first).step_by(CLIENTS) {
                    let Some(receipt) = cast(&mut client, ballot.bytes()) else { break };
                    receipts.push((ballot.clone(), receipt));
                    given.fetch_add(1, Ordering::Relaxed);
                }
                receipts
            })
        })
        .collect();
    until(|| (given.load(Ordering::Relaxed) >= 40).then_some(()));
    city.ask_to_stop();
    city.wait_for_end();
    let mut kept = 0;
    for (ballot, receipt) in voters.into_iter().flat_map(|voter| voter.join().unwrap()) {
        let receipt = Receipt::parse(&receipt).unwrap();
        receipt.verify(ballot.bytes(), &city.verifier(&poll())).unwrap();
        let found = city.engine.find(&poll(), &ballot.leaf()).unwrap().unwrap();
        // RECEIPT-4: what was promised is stored.
        assert_eq!(found.index(), receipt.index());
        kept += 1;
    }
    assert!(kept >= 40);
    assert!(city.engine.poll(&poll()).unwrap().accepted >= kept);
}

/// Casts a ballot; no receipt if the server is gone or going.
fn cast(client: &mut Client, ballot: &[u8]) -> Option<Vec<u8>> {
    let headers = [("content-type", "application/cbor")];
    client.send(&head("POST", ENTRIES, &headers, ballot.len())).ok()?;
    client.send(ballot).ok()?;
    let answer = client.answer("POST").ok()?;
    (answer.status == 200).then_some(answer.body)
}
