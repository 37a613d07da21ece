//! Random lives of a poll, held against the simplest model of what must come out.

use std::collections::BTreeMap;
use std::sync::mpsc;

use proptest::prelude::*;
use veche_engine::Refusal;
use veche_engine::store::memory::Fault;
use veche_protocol::breach::Breach;
use veche_protocol::poll::definition::Revote;

use crate::city::{CLOSES_AT, City, OPENS_AT, PATIENCE, definition, poll, roll};

const VOTERS: usize = 6;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    /// Voters cast at once: (voter, turn, choice) each.
    Cast(Vec<(usize, u8, u64)>),
    /// Two more voters come onto the roll.
    Enrol,
    /// The engine is shut down and opened again.
    Restart,
    /// The next write fails.
    Fail(Fault),
    Anchor,
}

fn casts() -> impl Strategy<Value = Vec<(usize, u8, u64)>> {
    prop::collection::vec((0..VOTERS + 1, 0_u8..4, 0_u64..4), 1..8)
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let fault = prop_oneof![
        Just(Fault::Lost),
        Just(Fault::Kept),
        Just(Fault::DiskFull),
        Just(Fault::CrashBefore),
        Just(Fault::CrashAfter)
    ];
    let act = prop_oneof![
        8 => casts().prop_map(Act::Cast),
        1 => Just(Act::Enrol),
        1 => Just(Act::Restart),
        2 => fault.prop_map(Act::Fail),
        1 => Just(Act::Anchor),
    ];
    prop::collection::vec(act, 1..14)
}

fn revotes() -> impl Strategy<Value = Revote> {
    prop_oneof![Just(Revote::First), Just(Revote::Last { max_turn: 2 })]
}

/// What a poll is: for each voter the turn and the choice that stand.
struct Model {
    revote: Revote,
    standing: BTreeMap<usize, (u8, u64)>,
    accepted: u64,
}

impl Model {
    /// What must become of a ballot that comes next and is new.
    fn judge(&mut self, voter: usize, turn: u8, choice: u64) -> Result<(), Breach> {
        if voter >= VOTERS {
            return Err(Breach::VoterUnknown);
        }
        if turn > self.revote.max_turn() {
            return Err(Breach::TurnOutOfRange);
        }
        if choice >= 3 {
            return Err(Breach::ChoiceOutOfRange);
        }
        match (self.revote, self.standing.get(&voter)) {
            (Revote::First, Some(_)) => return Err(Breach::AlreadyVoted),
            (Revote::Last { .. }, Some((last, _))) if turn <= *last => {
                return Err(Breach::StaleTurn);
            }
            _ => {}
        }
        self.standing.insert(voter, (turn, choice));
        self.accepted += 1;
        Ok(())
    }

    fn votes(&self) -> Vec<u64> {
        let chose = |option| self.standing.values().filter(|(_, choice)| *choice == option).count();
        (0..3).map(|option| chose(option) as u64).collect()
    }
}

/// Sends ballots at once and follows each until it is recorded or refused by the law. Returns them
/// in the order in which the engine must have judged them: recorded ones by index.
fn cast_at_once(city: &City, model: &mut Model, casts: &[(usize, u8, u64)]) {
    let mut open: Vec<_> = casts
        .iter()
        .map(|&(voter, turn, choice)| {
            ((voter, turn, choice), city.ballot(voter, turn, choice).into_bytes())
        })
        .collect();
    let mut recorded = BTreeMap::new();
    let (mut refused, mut receipts) = (Vec::new(), Vec::new());
    for _ in 0..2_000 {
        let (answer, answers) = mpsc::channel();
        for (place, (_, bytes)) in open.iter().enumerate() {
            let answer = answer.clone();
            city.engine.submit(&poll(), bytes.clone(), move |outcome| {
                answer.send((place, outcome)).unwrap();
            });
        }
        drop(answer);
        let mut again = Vec::new();
        for (place, outcome) in answers {
            match outcome {
                Ok(one) => {
                    recorded.insert(one.index(), open[place].0);
                    receipts.push((one, open[place].1.clone()));
                }
                Err(Refusal::Breach(breach)) => refused.push((open[place].0, breach)),
                Err(_) => again.push(open[place].clone()),
            }
        }
        open = again;
        if open.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(open.is_empty(), "{:?}", city.engine.health());
    // Not before: the proof of a repeat is read from the store, which may have failed meanwhile.
    for (one, bytes) in receipts {
        city.check_receipt(&one, &bytes);
    }
    for (index, &(voter, turn, choice)) in &recorded {
        if *index >= model.accepted + 2 {
            assert_eq!(model.judge(voter, turn, choice), Ok(()), "{voter} {turn} {choice}");
        }
    }
    // Whatever was refused is refused after all that was recorded, too: turns only rise.
    for ((voter, turn, choice), breach) in refused {
        assert_eq!(model.judge(voter, turn, choice), Err(breach), "{voter} {turn} {choice}");
    }
}

fn insist(mut act: impl FnMut() -> Result<(), Refusal>) {
    for _ in 0..2_000 {
        match act() {
            Ok(()) => return,
            Err(Refusal::Breach(breach)) => panic!("{breach}"),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(1)),
        }
    }
    panic!("no end of failures");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever happens in between, the count is that of the model, and the logs hold it.
    #[test]
    fn the_count_is_the_models(revote in revotes(), acts in acts()) {
        let (mut city, store) = City::in_memory();
        city.enrol(VOTERS);
        let announcement = city.announcement(&poll(), definition(revote));
        insist(|| city.submit(&poll(), &announcement).map(drop));
        city.clock.set(OPENS_AT);
        let opening = city.opening(&poll());
        insist(|| city.submit(&poll(), &opening).map(drop));
        let mut model = Model { revote, standing: BTreeMap::new(), accepted: 0 };
        let mut enrolled = VOTERS + 1;
        for act in acts {
            match act {
                Act::Cast(casts) => cast_at_once(&city, &mut model, &casts),
                Act::Enrol => {
                    let entry = city.enrolment(enrolled..enrolled + 2).into_bytes();
                    let submit =
                        || city.engine.submit_and_wait(&roll(), entry.clone(), PATIENCE).map(drop);
                    insist(submit);
                    enrolled += 2;
                }
                Act::Restart => {
                    store.heal();
                    city.restart();
                }
                Act::Fail(fault) => store.fail_commit(0, fault),
                Act::Anchor => insist(|| city.engine.anchor_now()),
            }
        }
        city.clock.set(CLOSES_AT);
        let closing = city.closing();
        insist(|| city.submit(&poll(), &closing).map(drop));
        let certificate = city.certificate();
        insist(|| city.submit(&poll(), &certificate).map(drop));
        store.heal();
        city.check_all();
        let counted = city.engine.result(&poll()).unwrap();
        let outcome = &counted.result.questions[0].outcome;
        let votes: Vec<_> = outcome.iter().map(|option| option.votes).collect();
        prop_assert_eq!(votes, model.votes());
        prop_assert_eq!(counted.result.effective, model.standing.len() as u64);
        prop_assert_eq!(city.accepted(), model.accepted);
    }
}
