//! A line between the server and its only witness that fails in every way a line can.

use std::time::{Duration, Instant};

use veche_protocol::log::policy::Policy;
use veche_tests::fault_proxy::Fault;
use veche_tests::witnesses::WithoutQuorum;

use crate::stage::{Stage, measured, until};

/// The longest pause that the server makes while a fault lasts as long as here, and two rounds.
const RECOVERY: Duration = Duration::from_secs(8);

#[test]
fn a_line_that_fails_holds_heads_back_and_nothing_else() {
    let stage = Stage::witnessed(&["north"], 1, WithoutQuorum::HoldBack);
    stage.cast_until_public(0);
    let wire = stage.witnesses[0].wire();
    let faults = [
        Fault::CutAfter(40),
        Fault::Reset,
        Fault::HalfOpen,
        Fault::BlackHole,
        Fault::Delay(Duration::from_millis(1_500)),
    ];
    for (voter, fault) in (1..).zip(faults) {
        let before = stage.size();
        wire.suffer(fault);
        let asked = Instant::now();
        let cast = stage.cast(voter);
        // RECEIPT-4: the receipt does not wait for any of it.
        assert!(asked.elapsed() < Duration::from_secs(1), "{fault:?}: {:?}", asked.elapsed());
        until("the fault strikes", || (wire.struck() > 0).then_some(()));
        until("health", || stage.health().1.contains("held back").then_some(()));
        assert_eq!(stage.health().0, 200, "{fault:?}");
        assert_eq!(stage.size(), before, "{fault:?}");
        wire.suffer(Fault::None);
        let healed = Instant::now();
        let head = stage.shown(|size| size > cast.receipt.index());
        let took = healed.elapsed();
        measured(
            &format!("the line to the only witness is whole again ({fault:?}): public after"),
            took,
        );
        assert!(took < RECOVERY, "{fault:?}: {took:?}");
        let policy = Policy::parse(&std::fs::read(stage.policy.as_ref().unwrap()).unwrap());
        policy.unwrap().check_quorum(head.note()).unwrap();
    }
    // WITNESS-8: an answer that was lost is no contradiction.
    assert!(stage.witnesses[0].evidence().is_empty());
}

#[test]
fn a_line_that_carries_everything_twice_changes_nothing() {
    let stage = Stage::witnessed(&["north"], 1, WithoutQuorum::HoldBack);
    stage.witnesses[0].wire().suffer(Fault::Twice);
    for voter in 0..4 {
        stage.cast_until_public(voter);
    }
    assert!(stage.witnesses[0].wire().struck() > 0);
    assert!(stage.witnesses[0].evidence().is_empty());
    stage.city.close_and_certify().unwrap();
    stage.recount(stage.city.url(), &["--policy", &stage.policy()]).is_content();
}
