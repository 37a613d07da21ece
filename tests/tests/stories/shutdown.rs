//! The operator stops the server while people vote: every receipt that was given stands in the log
//! of the server that comes after it.
//!
//! Not here: a server that is killed (the crash tests).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use veche_auditor::Options;
use veche_client::receipts;
use veche_protocol::audit::{Exhibit, ExhibitOutcome, Verdict};
use veche_protocol::poll::definition::Revote;
use veche_tests::city::{Voter, single_choice_definition};
use veche_tests::live::{LiveCity, poll_path};

use crate::town::until;

const THREADS: usize = 4;
const VOTERS: usize = 1_000;

#[test]
fn every_receipt_given_before_the_end_is_kept() {
    let mut city = LiveCity::found().unwrap();
    let voters: Vec<_> = (0..VOTERS).map(|n| Voter::named(&format!("{n}"), 0)).collect();
    city.enrol(&voters).unwrap();
    let paper = city.open(single_choice_definition(&["Yes", "No"], Revote::First)).unwrap();
    let api = city.api().unwrap();
    let given = AtomicUsize::new(0);
    let cast = |voter: &Voter| {
        let ballot = paper.sign(0, vec![vec![0]], &voter.key).unwrap();
        let receipt = api.submit(paper.path(), ballot.bytes()).ok()?;
        // RECEIPT-3: the voter's own bytes.
        receipts::verify(&receipt, ballot.bytes(), paper.verifier()).unwrap();
        given.fetch_add(1, Ordering::Relaxed);
        Some((ballot, receipt))
    };
    let kept: Vec<_> = thread::scope(|scope| {
        let crowds: Vec<_> = voters
            .chunks(VOTERS / THREADS)
            .map(|crowd| scope.spawn(|| crowd.iter().map_while(cast).collect::<Vec<_>>()))
            .collect();
        until(|| (given.load(Ordering::Relaxed) >= VOTERS / 10).then_some(()));
        let status = city.stop().unwrap();
        assert!(status.success(), "{status}");
        crowds.into_iter().flat_map(|crowd| crowd.join().unwrap()).collect()
    });
    assert!(kept.len() >= VOTERS / 10);
    city.start().unwrap();
    let api = city.api().unwrap();
    // The same bytes again have the same place.
    for (ballot, receipt) in &kept {
        let again = api.submit(paper.path(), ballot.bytes()).unwrap();
        assert_eq!(again.index(), receipt.index());
    }
    city.close_and_certify().unwrap();
    let mut options = Options::new(poll_path());
    options.trust.instance = Some(city.pins().instance);
    let receipts = kept.iter().enumerate().map(|(number, (_, receipt))| Exhibit {
        name: format!("receipt {number}"),
        bytes: receipt.to_string().into_bytes(),
    });
    options.trust.receipts = receipts.collect();
    let source = veche_auditor::source::open(city.url()).unwrap();
    let recount = veche_auditor::recount(&*source, &options, &|_, _, _| ()).unwrap();
    assert_eq!(recount.verdict(), Verdict::Sound, "{:?}", recount.findings);
    assert!(recount.counts.accepted >= kept.len() as u64);
    let exhibits = &recount.evidence.exhibits;
    assert_eq!(exhibits.len(), kept.len());
    assert!(exhibits.iter().all(|exhibit| matches!(exhibit.outcome, ExhibitOutcome::Confirmed)));
}
