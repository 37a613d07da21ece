//! The load: crowds of voters, and a registrar, each of whom hands in an entry until there is a
//! receipt for it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use rand::rngs::StdRng;
use veche_client::ballot_paper::BallotPaper;
use veche_client::receipts;
use veche_client::trust::Pins;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;
use veche_tests::city::Voter;
use veche_tests::live::{ROLL, is_passing};

use crate::OPTIONS;
use crate::door::{Door, Panics};

/// Longest time to get a receipt for one entry, over however many servers. A server that is killed
/// while it waits for a busy disk is gone only when the disk lets go of it.
const PATIENCE: Duration = Duration::from_mins(2);
/// Milliseconds between two ballots of a crowd at most: the load shall outlast all kills.
const LONGEST_PAUSE: u64 = 12;

/// A ballot for which a receipt was given.
pub(crate) struct Cast {
    pub(crate) voter: String,
    pub(crate) choice: u64,
    pub(crate) receipt: Receipt,
    /// How often it was handed in.
    pub(crate) tries: u32,
}

/// A crowd votes, turn after turn, until all is over; whoever has begun gets a receipt first.
pub(crate) fn vote(
    door: &Door,
    paper: &BallotPaper,
    crowd: &[Voter],
    mut rng: StdRng,
) -> Vec<Cast> {
    let _panics = Panics::end(door);
    let mut casts = Vec::new();
    for turn in 0..=paper.definition().revote.max_turn() {
        for voter in crowd {
            if door.is_over() {
                return casts;
            }
            let choice = rng.random_range(0..OPTIONS.len() as u64);
            let ballot = paper.sign(turn, vec![vec![choice]], &voter.key).unwrap();
            let (receipt, tries) = hand_in(door, paper.path(), paper.verifier(), &ballot);
            casts.push(Cast { voter: voter.name.clone(), choice, receipt, tries });
            sleep(Duration::from_millis(rng.random_range(0..LONGEST_PAUSE)));
        }
    }
    casts
}

/// A registrar enrols voters, one after another, until all is over.
pub(crate) fn enrol(door: &Door, pins: &Pins, entries: &[SignedEntry]) -> Vec<Receipt> {
    let _panics = Panics::end(door);
    let roll = LogPath::Roll(ROLL.to_owned());
    let verifier = pins.verifier(&roll);
    let mut receipts = Vec::new();
    for entry in entries {
        if door.is_over() {
            break;
        }
        receipts.push(hand_in(door, &roll, &verifier, entry).0);
        sleep(Duration::from_millis(LONGEST_PAUSE));
    }
    receipts
}

fn hand_in(
    door: &Door,
    path: &LogPath,
    verifier: &VerifierKey,
    entry: &SignedEntry,
) -> (Receipt, u32) {
    let end = Instant::now() + PATIENCE;
    for tries in 1.. {
        match door.enter().submit_once(path, entry.bytes()) {
            Ok(receipt) => {
                // RECEIPT-2, RECEIPT-3: it holds when it is given.
                receipts::verify(&receipt, entry.bytes(), verifier).unwrap();
                return (receipt, tries);
            }
            Err(error) => assert!(is_passing(&error) && Instant::now() < end, "{error}"),
        }
        sleep(Duration::from_millis(5));
    }
    unreachable!("the loop has no end but those in it")
}
