//! Many who ask at once, and a witness that is killed meanwhile: the race that the standard warns
//! of, and the crash between the check and the cosignature.

use std::thread::{scope, sleep};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_tests::city::PaperLog;

use crate::history::{Cosigned, Record};
use crate::running::{Client, Files, checkpoint_path, cosigned, log, request};

/// Threads that ask, half of them for one log and half for another of the same key.
const THREADS: usize = 8;
/// Entries of the logs, and how many both have.
const SIZE: usize = 120;
const COMMON: usize = 20;
/// How often the witness is killed.
const KILLS: u64 = 8;

fn logs() -> [PaperLog; 2] {
    [log("a", COMMON, SIZE), log("b", COMMON, SIZE)]
}

/// Asks and asks, each time from the size that the witness is said to have, until the log is at its
/// end, this log is the one that was left behind, or the witness is gone.
fn press(
    number: usize,
    client: &Client,
    logs: &[PaperLog; 2],
    record: &Record,
    witness: &VerifierKey,
) {
    let mut rng = StdRng::seed_from_u64(number as u64);
    let log = number % 2;
    let mut old = 0;
    while old < SIZE {
        let size = (old + rng.random_range(0..4)).min(SIZE);
        let body = request(&logs[log], old, size);
        let Ok(answer) = client.post(&body) else { return };
        match answer.status {
            200 => {
                cosigned(&body, &answer, witness);
                record.add(Cosigned { old, size, log });
                old = size;
            }
            409 => old = answer.size().unwrap(),
            422 => {
                assert!(old > COMMON, "the logs are one until there");
                return;
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
}

/// WITNESS-7: of two heads that extend the same one, and not each other, one is cosigned.
#[test]
fn the_race_of_the_standard_is_impossible() {
    let files = Files::new();
    let witness = files.start();
    let (logs, record) = (logs(), Record::default());
    scope(|threads| {
        for number in 0..THREADS {
            let (client, logs, record) = (witness.client(), &logs, &record);
            let verifier = &files.verifier;
            threads.spawn(move || press(number, &client, logs, record, verifier));
        }
    });
    record.check(&logs);
    assert_eq!(record.largest(), SIZE, "one of the logs got to its end");
    assert!(record.steps() > SIZE / 4, "{} steps", record.steps());
}

/// WITNESS-7: what was cosigned is remembered, wherever the witness was killed.
#[test]
fn a_witness_that_is_killed_cosigns_no_second_history() {
    let files = Files::new();
    let (logs, record) = (logs(), Record::default());
    let mut rng = StdRng::seed_from_u64(0);
    for round in 0..KILLS {
        let witness = files.start();
        let known = witness.get(&checkpoint_path());
        if known.status == 200 {
            let note = Note::parse(&known.body).unwrap();
            let size = Checkpoint::parse(note.text()).unwrap().size;
            assert!(size >= record.largest() as u64, "{size} in round {round}");
        } else {
            assert_eq!((known.status, record.largest()), (404, 0), "round {round}");
        }
        let clients: Vec<_> = (0..THREADS).map(|_| witness.client()).collect();
        scope(|threads| {
            for (number, client) in clients.iter().enumerate() {
                let (logs, record, verifier) = (&logs, &record, &files.verifier);
                threads.spawn(move || press(number, client, logs, record, verifier));
            }
            sleep(Duration::from_millis(rng.random_range(5..60)));
            witness.kill();
        });
        record.check(&logs);
    }
    assert!(record.steps() > 0, "nothing was cosigned between the kills");
}
