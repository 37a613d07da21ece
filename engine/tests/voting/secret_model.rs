//! Random lives of an anonymous sealed poll, held against the simplest model of what must come out:
//! requests, answers and ballots of few voters, many at once, under restarts and failing writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use proptest::prelude::*;
use veche_engine::Refusal;
use veche_engine::store::memory::Fault;
use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::poll::authorities::Issuing;
use veche_protocol::poll::definition::Revote;

use crate::authorities::{ISSUERS, Wallet};
use crate::city::{CLOSES_AT, City, poll};

const VOTERS: usize = 5;
const MAX_TURN: u8 = 2;

/// Something that someone hands in.
#[derive(Clone, Debug)]
enum Act {
    /// A voter asks, with one of two wallets.
    Ask(usize, bool),
    /// An issuer answers those of these voters who have asked.
    Answer(usize, BTreeSet<usize>),
    /// A voter casts: voter, turn, choice (of which 3 is none of the options).
    Cast(usize, u8, u64),
}

#[derive(Clone, Debug)]
enum Event {
    AtOnce(Vec<Act>),
    Restart,
    Fail(Fault),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let voters = prop::collection::btree_set(0..VOTERS, 1..VOTERS);
    let act = prop_oneof![
        2 => (0..VOTERS, any::<bool>()).prop_map(|(voter, other)| Act::Ask(voter, other)),
        3 => (0..ISSUERS.len(), voters).prop_map(|(issuer, voters)| Act::Answer(issuer, voters)),
        4 => (0..VOTERS, 0..=MAX_TURN + 1, 0_u64..4).prop_map(|(v, t, c)| Act::Cast(v, t, c)),
    ];
    prop::collection::vec(act, 1..10)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let fault = prop_oneof![
        Just(Fault::Lost),
        Just(Fault::Kept),
        Just(Fault::DiskFull),
        Just(Fault::CrashBefore),
        Just(Fault::CrashAfter)
    ];
    let event = prop_oneof![
        6 => acts().prop_map(Event::AtOnce),
        1 => Just(Event::Restart),
        2 => fault.prop_map(Event::Fail),
    ];
    prop::collection::vec(event, 4..12)
}

/// What the poll is, by voter.
#[derive(Default)]
struct Model {
    /// Index of the request that stands.
    asked: BTreeMap<usize, u64>,
    /// Issuers and the voters whom they have answered.
    answered: BTreeSet<(usize, usize)>,
    /// Turn and choice of the ballot that stands.
    standing: BTreeMap<usize, (u8, u64)>,
    accepted: u64,
}

impl Model {
    fn is_served(&self, voter: usize) -> bool {
        (0..ISSUERS.len()).all(|issuer| self.answered.contains(&(issuer, voter)))
    }

    /// What must become of an act that comes next and is new.
    fn judge(&mut self, act: &Act, index: u64) -> Result<(), Breach> {
        match act {
            Act::Ask(voter, _) => {
                if self.asked.contains_key(voter) {
                    return Err(Breach::RequestRepeated);
                }
                self.asked.insert(*voter, index);
            }
            Act::Answer(issuer, voters) => {
                if voters.iter().any(|&voter| self.answered.contains(&(*issuer, voter))) {
                    return Err(Breach::IssuedTwice);
                }
                self.answered.extend(voters.iter().map(|&voter| (*issuer, voter)));
            }
            &Act::Cast(voter, turn, choice) => {
                if turn > MAX_TURN {
                    return Err(Breach::TurnOutOfRange);
                }
                if self.standing.get(&voter).is_some_and(|(last, _)| turn <= *last) {
                    return Err(Breach::StaleTurn);
                }
                self.standing.insert(voter, (turn, choice));
                self.accepted += 1;
            }
        }
        Ok(())
    }
}

/// A city with two wallets for each voter: whichever of them asks first is served.
struct Town {
    city: City,
    wallets: Vec<[Wallet; 2]>,
    /// Which wallet of a voter has asked.
    used: BTreeMap<usize, bool>,
    model: Model,
}

impl Town {
    fn wallet(&self, voter: usize) -> &Wallet {
        &self.wallets[voter][usize::from(self.used[&voter])]
    }

    /// The entry of an act; `None` if nobody could make it.
    fn entry(&self, act: &mut Act) -> Option<SignedEntry> {
        match act {
            Act::Ask(voter, other) => {
                Some(self.city.request(&self.wallets[*voter][usize::from(*other)]))
            }
            Act::Answer(issuer, voters) => {
                voters.retain(|voter| self.model.asked.contains_key(voter));
                let asked: Vec<_> = voters
                    .iter()
                    .map(|voter| (self.model.asked[voter], self.wallet(*voter)))
                    .collect();
                (!asked.is_empty()).then(|| self.city.answers(*issuer, &asked))
            }
            Act::Cast(voter, turn, choice) => {
                let served = self.model.is_served(*voter);
                served.then(|| self.city.sealed(self.wallet(*voter), *turn, *choice))
            }
        }
    }

    /// Hands everything in at once, and again until it is recorded or refused by the law; then the
    /// model judges it in the order of the log.
    fn at_once(&mut self, acts: Vec<Act>) {
        let mut open: Vec<(Act, SignedEntry)> = Vec::new();
        for mut act in acts {
            let entry = self.entry(&mut act);
            open.extend(entry.map(|entry| (act, entry)));
        }
        let before = self.city.engine.checkpoint(&poll()).unwrap().size;
        let (mut recorded, mut refused) = (BTreeMap::new(), Vec::new());
        for _ in 0..2_000 {
            let (answer, answers) = mpsc::channel();
            for (place, (_, entry)) in open.iter().enumerate() {
                let answer = answer.clone();
                self.city.engine.submit(&poll(), entry.bytes().to_vec(), move |outcome| {
                    answer.send((place, outcome)).unwrap();
                });
            }
            drop(answer);
            let mut again = Vec::new();
            for (place, outcome) in answers {
                match outcome {
                    Ok(one) => drop(recorded.insert(one.index(), open[place].0.clone())),
                    Err(Refusal::Breach(breach)) => refused.push((open[place].0.clone(), breach)),
                    Err(_) => again.push(open[place].clone()),
                }
            }
            open = again;
            if open.is_empty() {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        assert!(open.is_empty(), "{:?}", self.city.engine.health());
        // The same bytes again (answers are functions of the requests) have their old place.
        for (index, act) in recorded.range(before..) {
            assert_eq!(self.model.judge(act, *index), Ok(()), "{act:?}");
            if let Act::Ask(voter, other) = act {
                self.used.insert(*voter, *other);
            }
        }
        // What was refused is refused after all that was recorded, too.
        for (act, breach) in refused {
            assert_eq!(self.model.judge(&act, 0), Err(breach), "{act:?}");
        }
    }

    fn check_counts(&self) {
        let view = self.city.engine.poll(&poll()).unwrap();
        let sum = |of: fn(&veche_engine::DistrictCounts) -> u64| {
            view.districts.iter().map(|district| of(&district.counts)).sum::<u64>()
        };
        let served = (0..VOTERS).filter(|&voter| self.model.is_served(voter)).count() as u64;
        let standing = self.model.standing.len() as u64;
        assert_eq!(sum(|counts| counts.requested), self.model.asked.len() as u64);
        assert_eq!(sum(|counts| counts.issued), served);
        assert_eq!((sum(|counts| counts.voted), view.voted), (standing, standing));
        assert_eq!(view.accepted, self.model.accepted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever happens in between, the count is that of the model, and the logs hold it.
    #[test]
    fn the_sealed_count_is_the_models(events in events()) {
        let (city, store) = City::in_memory();
        city.begin(Revote::Last { max_turn: MAX_TURN }, Issuing::UntilClose);
        city.open_secret();
        let wallet = |voter, name: &str| city.wallet_named(voter, &format!("{name} of {voter}"));
        let wallets = (0..VOTERS).map(|voter| [wallet(voter, "one"), wallet(voter, "other")]);
        let wallets = wallets.collect();
        let mut town = Town { city, wallets, used: BTreeMap::new(), model: Model::default() };
        for event in events {
            match event {
                Event::AtOnce(acts) => town.at_once(acts),
                Event::Restart => {
                    store.heal();
                    town.city.restart();
                }
                Event::Fail(fault) => store.fail_commit(0, fault),
            }
            town.check_counts();
        }
        store.heal();
        town.city.clock.set(CLOSES_AT);
        town.city.restart();
        town.city.submit(&poll(), &town.city.closing()).unwrap();
        for place in [2, 0] {
            town.city.submit(&poll(), &town.city.share(place)).unwrap();
        }
        town.city.check_all();
        town.check_counts();
        let counted = town.city.engine.result(&poll()).unwrap();
        let outcome = &counted.result.questions[0].outcome;
        let votes: Vec<_> = outcome.iter().map(|option| option.votes).collect();
        // SEAL-6: who seals what is no option has spoiled the ballot.
        let chose = |option: u64| {
            town.model.standing.values().filter(|(_, choice)| *choice == option).count() as u64
        };
        prop_assert_eq!(votes, [chose(0), chose(1), chose(2)]);
        prop_assert_eq!(counted.result.effective, chose(0) + chose(1) + chose(2));
    }
}
