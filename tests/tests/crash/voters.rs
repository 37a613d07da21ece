//! The load: crowds of voters, each of whom hands in a ballot until there is a receipt for it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use rand::rngs::StdRng;
use veche_client::ballot_paper::BallotPaper;
use veche_client::receipts;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::receipt::Receipt;
use veche_tests::city::Voter;
use veche_tests::live::is_passing;

use crate::OPTIONS;
use crate::door::{Door, Panics};

/// Longest time to get a receipt for one ballot, over however many servers.
const PATIENCE: Duration = Duration::from_secs(20);
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
            let (receipt, tries) = hand_in(door, paper, &ballot);
            casts.push(Cast { voter: voter.name.clone(), choice, receipt, tries });
            sleep(Duration::from_millis(rng.random_range(0..LONGEST_PAUSE)));
        }
    }
    casts
}

fn hand_in(door: &Door, paper: &BallotPaper, ballot: &SignedEntry) -> (Receipt, u32) {
    let end = Instant::now() + PATIENCE;
    for tries in 1.. {
        match door.enter().submit_once(paper.path(), ballot.bytes()) {
            Ok(receipt) => {
                // RECEIPT-2, RECEIPT-3: it holds when it is given.
                receipts::verify(&receipt, ballot.bytes(), paper.verifier()).unwrap();
                return (receipt, tries);
            }
            Err(error) => assert!(is_passing(&error) && Instant::now() < end, "{error}"),
        }
        sleep(Duration::from_millis(5));
    }
    unreachable!("the loop has no end but those in it")
}
