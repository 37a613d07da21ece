//! Kills the real server with SIGKILL at random moments under load, starts it again on the same
//! directory, and recounts in the end: no receipt that was given is broken, and no two heads of one
//! size were ever signed.
//!
//! The system outlives the process here, and with it what the process had handed to it: what a loss
//! of power takes is for the faulty stores of the engine's own tests.

#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod door;
mod heads;
mod voters;

use std::collections::BTreeMap;
use std::thread::{scope, sleep};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use veche_auditor::Options;
use veche_protocol::audit::{Exhibit, ExhibitOutcome, Recount, Verdict};
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::phase::Phase;
use veche_tests::city::{Voter, single_choice_definition};
use veche_tests::live::{LiveCity, ROLL, poll_path};

use door::{Door, Panics};
use heads::Heads;
use voters::Cast;

/// Servers that are killed under load.
const ROUNDS: usize = 8;
/// Threads that vote, and the voters of each. Each voter casts a ballot for every turn there is:
/// 8 * 40 * 16 = 5,120 ballots, more than are cast between all kills.
const CROWDS: usize = 8;
const CROWD: usize = 40;
/// Voters who come onto the roll meanwhile, as long as there is time.
const NEWCOMERS: usize = 400;
/// Milliseconds that a server lives under load at most, and milliseconds after which it is killed
/// while it opens its store.
const LONGEST_LIFE: u64 = 900;
const LONGEST_OPENING: u64 = 150;
/// What the ballots choose from.
const OPTIONS: [&str; 3] = ["Trees", "Benches", "A pond"];

#[test]
fn no_receipt_is_broken_and_no_head_forks_however_often_the_server_is_killed() {
    let seed = std::env::var("VECHE_CRASH_SEED").ok().map(|text| text.parse().unwrap());
    let seed: u64 = seed.unwrap_or_else(rand::random);
    println!("VECHE_CRASH_SEED={seed} makes the same choices again");
    let mut rng = StdRng::seed_from_u64(seed);

    let mut city = LiveCity::found().unwrap();
    let crowds: Vec<Vec<Voter>> = (0..CROWDS)
        .map(|crowd| (0..CROWD).map(|n| Voter::named(&format!("{crowd}/{n}"), 0)).collect())
        .collect();
    city.enrol(&crowds.concat()).unwrap();
    let revote = Revote::Last { max_turn: 15 };
    let paper = city.open(single_choice_definition(&OPTIONS, revote)).unwrap();

    let newcomers: Vec<_> = (0..NEWCOMERS).map(|n| Voter::named(&format!("new {n}"), 0)).collect();
    let enrolments = city.signed_enrolments(&newcomers).unwrap();

    let (door, heads) = (Door::open(city.api().unwrap()), Heads::new(city.pins()));
    let pins = city.pins().clone();
    let (casts, acts) = scope(|scope| {
        let workers: Vec<_> = crowds
            .iter()
            .map(|crowd| {
                let (rng, paper) = (StdRng::seed_from_u64(rng.random()), &paper);
                scope.spawn(|| voters::vote(&door, paper, crowd, rng))
            })
            .collect();
        let registrar = scope.spawn(|| voters::enrol(&door, &pins, &enrolments));
        let watcher = scope.spawn(|| heads.watch(&door));
        kill_again_and_again(&mut city, &door, &mut rng);
        door.end();
        watcher.join().unwrap();
        let casts = workers.into_iter().flat_map(|worker| worker.join().unwrap());
        (casts.collect::<Vec<Cast>>(), registrar.join().unwrap())
    });
    // The test means nothing unless ballots were on their way when the server died.
    assert!(casts.iter().filter(|cast| cast.tries > 1).count() >= ROUNDS, "no kill met the load");
    assert!(!acts.is_empty(), "nobody was enrolled");

    city.close_and_certify().unwrap();
    for cast in &casts {
        heads.note(&poll_path(), cast.receipt.note());
    }
    for act in &acts {
        heads.note(&LogPath::Roll(ROLL.to_owned()), act.note());
    }
    let receipts: Vec<_> = casts.iter().map(|cast| &cast.receipt).chain(&acts).collect();
    let recount = recount(&city, &receipts, &heads);
    println!("{} receipts, {} heads", receipts.len(), heads.exhibits().len());
    assert_eq!(recount.verdict(), Verdict::Sound, "{:?}", recount.findings);
    assert_eq!(recount.phase, Phase::Certified);
    let exhibits = recount.evidence.exhibits.iter();
    let broken: Vec<_> =
        exhibits.filter(|exhibit| exhibit.outcome != ExhibitOutcome::Confirmed).collect();
    assert!(broken.is_empty(), "{broken:?}");
    compare(&recount, &casts);
}

/// Lets the server live for a while and kills it, and sometimes its successor before it is there.
fn kill_again_and_again(city: &mut LiveCity, door: &Door, rng: &mut StdRng) {
    let _panics = Panics::end(door);
    for _ in 0..ROUNDS {
        sleep(Duration::from_millis(rng.random_range(20..LONGEST_LIFE)));
        city.kill().unwrap();
        door.lead_to(None);
        if rng.random() {
            let life = Duration::from_millis(rng.random_range(0..LONGEST_OPENING));
            city.start_and_kill(life).unwrap();
        }
        city.start().unwrap();
        door.lead_to(Some(city.api().unwrap()));
    }
    sleep(Duration::from_millis(LONGEST_LIFE));
}

/// The recount of the poll as it stands, with every receipt and every head ever seen.
fn recount(city: &LiveCity, receipts: &[&Receipt], heads: &Heads) -> Recount {
    let mut options = Options::new(poll_path());
    options.trust.instance = Some(city.pins().instance);
    options.trust.heads = heads.exhibits();
    let receipts = receipts.iter().enumerate().map(|(number, receipt)| Exhibit {
        name: format!("receipt {number}"),
        bytes: receipt.to_string().into_bytes(),
    });
    options.trust.receipts = receipts.collect();
    let source = veche_auditor::source::open(city.url()).unwrap();
    veche_auditor::recount(&*source, &options, &|_, _, _| ()).unwrap()
}

/// Every ballot with a receipt was counted, once, and no other: each worker handed in its ballots
/// until there was a receipt for each.
fn compare(recount: &Recount, casts: &[Cast]) {
    assert_eq!(recount.counts.accepted, casts.len() as u64);
    let places: BTreeMap<u64, &Cast> =
        casts.iter().map(|cast| (cast.receipt.index(), cast)).collect();
    assert_eq!(places.len(), casts.len(), "two ballots have one place");
    let last: BTreeMap<_, u64> = places.values().map(|cast| (&cast.voter, cast.choice)).collect();
    let mut votes = [0; OPTIONS.len()];
    for &choice in last.values() {
        votes[usize::try_from(choice).unwrap()] += 1;
    }
    let result = recount.result.as_ref().unwrap();
    let counted: Vec<_> = result.questions[0].outcome.iter().map(|option| option.votes).collect();
    assert_eq!(counted, votes);
    assert_eq!(recount.published.as_ref(), Some(result));
}
