//! Witnesses that are killed, too few, slow, or liars.

use std::time::{Duration, Instant};

use veche_protocol::log::policy::Policy;
use veche_tests::live::{LiveCity, poll_path};
use veche_tests::witnesses::{
    FalseWitness, INTERVAL, Manner, WithoutQuorum, WitnessProgram, policy,
};

use crate::stage::{Stage, measured, until};

/// What a cast may take to become public with a quorum at hand: a round that has begun, the next
/// one, the grace of either, and what a busy machine adds.
const SOON: Duration = Duration::from_millis(2 * INTERVAL + INTERVAL / 2 + 1_000);

fn policy_of(stage: &Stage) -> Policy {
    Policy::parse(&std::fs::read(stage.policy.as_ref().unwrap()).unwrap()).unwrap()
}

#[test]
fn killing_one_of_two_witnesses_changes_nothing() {
    let mut stage = Stage::witnessed(&["north", "south"], 1, WithoutQuorum::HoldBack);
    stage.cast_until_public(0);
    stage.witnesses[1].kill().unwrap();
    let longest = (1..6).map(|voter| stage.cast_until_public(voter)).max().unwrap();
    measured("one of two witnesses is dead: a cast is public after", longest);
    assert!(longest < SOON, "{longest:?}");
    // LOG-15: the other is a quorum, on every head.
    let policy = policy_of(&stage);
    let head = stage.shown(|_| true);
    assert_eq!(policy.check_quorum(head.note()).unwrap()[0].key.name(), "north");
    stage.city.close_and_certify().unwrap();
    let report = stage.recount(stage.city.url(), &["--policy", &stage.policy()]);
    assert!(report.is_content().said.contains("witnessed 1 of 2"), "{}", report.said);
}

#[test]
fn without_a_quorum_nothing_new_is_public_and_casts_go_on() {
    let mut stage = Stage::witnessed(&["north", "south"], 2, WithoutQuorum::HoldBack);
    stage.cast_until_public(0);
    let before = stage.size();
    stage.witnesses[1].kill().unwrap();
    let killed = Instant::now();
    // RECEIPT-4: no receipt waits for a witness.
    let casts: Vec<_> = (1..4).map(|voter| stage.cast(voter)).collect();
    until("health", || stage.health().1.contains("new heads are held back").then_some(()));
    measured("a quorum is missing: /health says so after", killed.elapsed());
    // PUBLISH-4
    assert_eq!(stage.size(), before);
    let report = stage.monitor("monitor", stage.city.url(), &["--policy", &stage.policy()]);
    report.is_content();
    stage.witnesses[1].start_again(&stage.city).unwrap();
    let back = Instant::now();
    let head = stage.shown(|size| size > casts[2].receipt.index());
    measured("the second witness is back: what was held back is public after", back.elapsed());
    assert_eq!(policy_of(&stage).check_quorum(head.note()).unwrap().len(), 2);
    assert_eq!(head.checkpoint().size, before + 3);
}

#[test]
fn an_operator_may_go_on_without_a_quorum_and_every_verdict_says_so() {
    let mut stage = Stage::witnessed(&["north", "south"], 2, WithoutQuorum::Publish);
    stage.cast_until_public(0);
    stage.witnesses[1].kill().unwrap();
    let took = stage.cast_until_public(1);
    measured("a quorum is missing and the operator goes on: a cast is public after", took);
    // PUBLISH-4: on the page of health, and by everyone's own policy.
    let words = "new heads are public without a quorum";
    until("health", || stage.health().1.contains(words).then_some(()));
    let arguments = ["--policy", &stage.policy()];
    stage.recount(stage.city.url(), &arguments).finds("quorum-missing");
    stage.monitor("monitor", stage.city.url(), &arguments).finds("quorum-missing");
    stage.witnesses[1].start_again(&stage.city).unwrap();
    until("a verdict", || (stage.recount(stage.city.url(), &arguments).code == 0).then_some(()));
}

#[test]
fn a_witness_that_crashes_goes_on_from_its_store() {
    let mut stage = Stage::witnessed(&["north"], 1, WithoutQuorum::HoldBack);
    let mut longest = Duration::ZERO;
    for voter in 0..4 {
        // Killed while it is asked: before or after it has written, before or after it answers.
        let cast = stage.cast(voter);
        stage.witnesses[0].kill().unwrap();
        stage.witnesses[0].start_again(&stage.city).unwrap();
        let back = Instant::now();
        stage.shown(|size| size > cast.receipt.index());
        longest = longest.max(back.elapsed());
    }
    measured("the only witness was killed: public again after its start", longest);
    // WITNESS-7: nothing that it has seen is forgotten, and nothing contradicts it.
    assert_eq!(stage.witnesses[0].evidence(), Vec::<std::path::PathBuf>::new());
    let taken = stage.taken_over();
    let size = taken.at(&poll_path()).entries.len();
    let answer = taken.ask_witness(&stage.witnesses[0].url(), &poll_path(), size - 1).unwrap();
    assert_eq!((answer.status, answer.text), (409, format!("{size}\n")));
}

#[test]
fn a_slow_witness_delays_nobody() {
    let mut city = LiveCity::found_at_rest().unwrap();
    let slow = FalseWitness::start("slow", Manner::Slow(Duration::from_millis(900)));
    let north = WitnessProgram::start(&city, "north").unwrap();
    let file = city.employ(&[slow.line(), north.line()], 1, WithoutQuorum::HoldBack).unwrap();
    city.start().unwrap();
    let stage = Stage::open(city, vec![north], Some(file), None);
    let longest = (0..6).map(|voter| stage.cast_until_public(voter)).max().unwrap();
    measured("one of two witnesses takes 0.9 s: a cast is public after", longest);
    // PUBLISH-5: the quorum of the others is waited for, and a quarter of an interval more.
    assert!(longest < SOON, "{longest:?}");
}

#[test]
fn a_witness_that_cosigns_anything_helps_nobody_who_asks_for_another() {
    let mut city = LiveCity::found_at_rest().unwrap();
    let liar = FalseWitness::start("liar", Manner::CosignsAnything);
    let north = WitnessProgram::start(&city, "north").unwrap();
    let lines = [liar.line(), north.line()];
    let file = city.employ(&lines, 2, WithoutQuorum::HoldBack).unwrap();
    city.start().unwrap();
    let stage = Stage::open(city, vec![north], Some(file), None);
    for voter in 0..3 {
        stage.cast_until_public(voter);
    }
    stage.monitor("monitor", stage.city.url(), &["--policy", &stage.policy()]).is_content();
    // The operator forks, and the liar cosigns the other history too.
    let mut forger = stage.taken_over();
    let park = poll_path();
    let size = forger.at(&park).entries.len();
    forger.at_mut(&park).entries.truncate(size - 1);
    forger.cast(&park, &stage.voters[7], 0, &[&[1]]);
    forger.cast(&park, &stage.voters[8], 0, &[&[1]]);
    let mut files = forger.files();
    files.extend(forger.cosigned(&park, &[(&liar.url(), 0)]).unwrap());
    let front = veche_tests::front::Front::showing(files);
    let believer = stage.file("believer");
    std::fs::write(&believer, policy(&stage.city, &lines[..1], 1)).unwrap();
    let believer = crate::stage::text(&believer);
    let fooled = stage.recount(&front.url(), &["--policy", &believer]);
    assert!(fooled.said.contains("witnessed 1 of 1"), "{}", fooled.said);
    // LOG-15: who asks for both is not fooled.
    stage.recount(&front.url(), &["--policy", &stage.policy()]).finds("quorum-missing");
    // And the monitor that has seen the first history proves that there are two, even against a
    // policy that believes the liar alone.
    let found = stage.monitor("monitor", &front.url(), &["--policy", &believer]);
    measured(
        "a liar has cosigned both histories: the monitor proves it after",
        found.finds("head-forked").took,
    );
    stage.all_convict(&stage.evidence("monitor", "head-forked", "proof.veche-fork"));
}

#[test]
fn a_witness_with_a_false_clock_is_believed_as_far_as_it_is_trusted() {
    const DAY: i64 = 86_400;
    let mut city = LiveCity::found_at_rest().unwrap();
    let late = FalseWitness::start("late", Manner::OffBy(-DAY));
    let north = WitnessProgram::start(&city, "north").unwrap();
    let lines = [late.line(), north.line()];
    let file = city.employ(&lines, 2, WithoutQuorum::HoldBack).unwrap();
    city.start().unwrap();
    let stage = Stage::open(city, vec![north], Some(file), None);
    stage.cast_until_public(0);
    stage.city.close_and_certify().unwrap();
    // POLL-16: whoever believes the clock comes to a false finding, which names its witness.
    stage.recount(stage.city.url(), &["--policy", &stage.policy()]).finds("opened-early");
    let sober = stage.file("sober");
    std::fs::write(&sober, policy(&stage.city, &lines[1..], 1)).unwrap();
    let sober = crate::stage::text(&sober);
    stage.recount(stage.city.url(), &["--policy", &sober]).is_content();
}
