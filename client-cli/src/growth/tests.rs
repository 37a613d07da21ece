//! Tests of how receipts grow: heads that lag, witnesses that are missing or lie, forks, anchors.

use veche_protocol::log::note::Note;
use veche_protocol::log::tile::{EntriesPath, TilePath};
use veche_protocol::poll::definition::Revote;

use super::*;
use crate::test_city::publishing::{WITNESSES, false_line, read_policy};
use crate::test_city::{TestCity, poll_path, roll_path};

/// An entry that was handed in, and what was promised of it.
struct Handed {
    city: TestCity,
    path: LogPath,
    verifier: VerifierKey,
    entry: Vec<u8>,
    receipt: Receipt,
}

impl Handed {
    /// Into the log of an open poll, whose heads are then held back.
    fn in_poll() -> Self {
        Self::into(TestCity::with_open_poll(Revote::First), poll_path())
    }

    fn into(city: TestCity, path: LogPath) -> Self {
        city.hold_back();
        let entry = b"handed in".to_vec();
        let index = city.push(&path, &entry);
        let receipt = city.inside(|| city.receipt(&path, index));
        let verifier = city.pins.verifier(&path);
        Self { city, path, verifier, entry, receipt }
    }

    fn promise(&self) -> Promise<'_> {
        let Self { path, verifier, entry, receipt, .. } = self;
        Promise { path, verifier, entry, receipt }
    }

    fn look(&self, policy: Option<&Policy>) -> Look {
        look(&self.city, &self.promise(), policy).unwrap()
    }

    fn log(&self) -> LogCopy {
        LogCopy::read(&self.city, &self.path, &self.verifier, &mut |_, _| {}).unwrap()
    }
}

fn grown(look: Look) -> (GrownReceipt, Option<Sight>) {
    match look {
        Look::Grown(grown, sight) => (*grown, sight),
        look => panic!("{look:?}"),
    }
}

fn code<T>(result: Result<T, ClientError>) -> String {
    result.err().map(|error| error.code().to_owned()).unwrap_or_default()
}

#[test]
fn a_head_that_lags_behind_is_waited_for_and_then_extends_the_promise() {
    let handed = Handed::in_poll();
    let size = handed.log().size();
    // RECEIPT-12: a smaller head is no evidence, neither of a fork nor of anything else.
    assert!(matches!(handed.look(None), Look::Behind(seen) if seen == size));
    handed.city.publish();
    for number in 0..300_u16 {
        handed.city.push(&handed.path, &number.to_be_bytes());
    }
    let (by_tiles, sight) = grown(handed.look(None));
    assert_eq!(sight, None);
    let proved = by_tiles.verify(&handed.entry, &handed.verifier).unwrap();
    assert_eq!(proved.first.checkpoint().size, size + 1);
    assert_eq!(proved.later.checkpoint().size, size + 301);
    // RECEIPT-12: the first is kept in it, as it was.
    assert_eq!(by_tiles.first().note(), handed.receipt.note());
    let (by_log, _) = grown(look_in(&handed.log(), &handed.promise(), None).unwrap());
    assert_eq!(by_log, by_tiles);
}

#[test]
fn a_log_that_is_not_public_yet_is_waited_for() {
    let city = TestCity::with_roll();
    let (path, entry) = (poll_path(), b"the first entry".to_vec());
    city.push(&path, &entry);
    let receipt = city.receipt(&path, 0);
    let log = city.logs.borrow_mut().remove(&path).unwrap();
    let verifier = city.pins.verifier(&path);
    let handed = Handed { city, path, verifier, entry, receipt };
    // RECEIPT-12: the promise of a log's first entry is there before the log is.
    assert!(matches!(handed.look(None), Look::Behind(0)));
    handed.city.logs.borrow_mut().insert(poll_path(), log);
    assert!(matches!(handed.look(None), Look::Grown(..)));
}

#[test]
fn witnesses_that_are_missing_are_waited_for() {
    let handed = Handed::in_poll();
    handed.city.publish();
    let policy = read_policy(2);
    for witnesses in [&[][..], &WITNESSES[..1]] {
        handed.city.witness_by(witnesses);
        let Look::Unwitnessed(sight) = handed.look(Some(&policy)) else { panic!("too few") };
        assert!(sight.to_string().starts_with(&format!("{} of 2 witnesses", witnesses.len())));
    }
    handed.city.witness_by(&WITNESSES);
    let (grown, sight) = grown(handed.look(Some(&policy)));
    assert!(sight.unwrap().to_string().contains("w60 at 1970-01-01T00:41:40Z, w61 at"));
    // LOG-15: the head that is kept is the one that they have cosigned.
    assert!(policy.check_quorum(grown.later().note()).is_ok());
    assert!(policy.check_quorum(grown.first().note()).is_err());
}

/// A city's files, of which the checkpoints are made to say something else.
struct Altered<'a, F>(&'a TestCity, F);

impl<F: Fn(Note) -> Note> Source for Altered<'_, F> {
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
        let note = Note::parse(&self.0.checkpoint(log)?).unwrap();
        Ok((self.1)(note).to_string().into_bytes())
    }

    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.bundle(log, path)
    }

    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.tile(log, path)
    }
}

#[test]
fn a_witness_line_that_fails_condemns_the_head() {
    let handed = Handed::in_poll();
    handed.city.publish();
    handed.city.witness_by(&WITNESSES[1..]);
    let altered = Altered(&handed.city, |mut note: Note| {
        note.add_signature(false_line(&note)).unwrap();
        note
    });
    // LOG-5: whatever the other witness says, and though one would be enough.
    let verdict = look(&altered, &handed.promise(), Some(&read_policy(1)));
    assert_eq!(code(verdict), "note-signature-invalid");
    assert!(matches!(handed.look(Some(&read_policy(1))), Look::Grown(..)));
}

#[test]
fn a_public_head_that_contradicts_the_promise_is_proved_a_fork() {
    for more in [0, 1, 7, 300] {
        let handed = Handed::in_poll();
        handed.city.publish();
        handed.city.logs.borrow_mut().get_mut(&handed.path).unwrap().pop();
        for number in 0..=more {
            handed.city.push(&handed.path, format!("other {number}").as_bytes());
        }
        // RECEIPT-13: both heads are in the proof, and anyone can check it.
        let Look::Forked(proof) = handed.look(None) else { panic!("{more}: a fork") };
        proof.verify().unwrap();
        assert_eq!(proof.key(), &handed.verifier);
        assert_eq!(proof.first(), handed.receipt.note());
        let by_log = fork_in(&handed.log(), &handed.verifier, &handed.receipt).unwrap();
        assert_eq!(by_log, *proof);
        let by_log = look_in(&handed.log(), &handed.promise(), None).unwrap();
        assert!(matches!(by_log, Look::Forked(_)));
    }
}

/// A city's files, of which the tiles are false.
struct FalseTiles<'a>(&'a TestCity);

impl Source for FalseTiles<'_> {
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
        self.0.checkpoint(log)
    }

    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.bundle(log, path)
    }

    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        let tile = self.0.tile(log, path)?;
        Ok(tile.map(|mut tile| {
            tile[0] ^= 1;
            tile
        }))
    }
}

#[test]
fn tiles_that_do_not_hash_to_the_head_prove_nothing() {
    let handed = Handed::in_poll();
    handed.city.publish();
    handed.city.push(&handed.path, b"more");
    // RECEIPT-13: no fork is claimed that could not be proved.
    let verdict = look(&FalseTiles(&handed.city), &handed.promise(), None);
    assert_eq!(code(verdict), "proof-invalid");
    assert!(fork_in(&handed.log(), &handed.verifier, &handed.receipt).is_none());
}

#[test]
fn an_anchor_is_found_once_the_register_has_one() {
    for path in [poll_path(), roll_path()] {
        let handed = Handed::into(TestCity::with_open_poll(Revote::First), path);
        handed.city.publish();
        handed.city.witness_by(&WITNESSES);
        let policy = read_policy(2);
        let (receipt, sight) = grown(handed.look(Some(&policy)));
        // Rolls are not cosigned: their anchor is.
        assert_eq!(sight.is_some(), handed.path == poll_path());
        let later = Checkpoint::parse(receipt.later().note().text()).unwrap();
        let find = |later: &Checkpoint| {
            anchor(&handed.city, &handed.city.read(), &handed.promise(), later).unwrap()
        };
        assert_eq!(find(&later), None);
        handed.city.anchor();
        handed.city.push(&handed.path, b"more");
        handed.city.anchor();
        let found = find(&later).unwrap();
        let by_log = anchor_in(&handed.log(), &handed.city.read(), &handed.promise(), &later);
        assert_eq!(by_log.unwrap(), Some(found.clone()));
        let receipt = receipt.with_anchor(found).unwrap();
        let proved = receipt.verify(&handed.entry, &handed.verifier).unwrap().anchored.unwrap();
        // RECEIPT-10: the first anchor that covers the entry, below a cosigned register.
        assert_eq!(proved.head.size, later.size);
        assert!(Sight::of(&policy, proved.register.note()).unwrap().is_enough());
    }
}

#[test]
fn a_register_that_names_another_head_is_a_fork() {
    let handed = Handed::in_poll();
    handed.city.publish();
    handed.city.anchor();
    let read = handed.city.read();
    handed.city.logs.borrow_mut().get_mut(&handed.path).unwrap()[0].push(0);
    let later = Checkpoint { origin: String::new(), size: 100, ..receipt_head(&handed.receipt) };
    let verdict = anchor(&handed.city, &read, &handed.promise(), &later);
    assert!(verdict.is_err());
    let later = receipt_head(&handed.receipt);
    let verdict = anchor(&handed.city, &read, &handed.promise(), &later);
    assert_eq!(code(verdict), Breach::AnchorFork.code());
}

fn receipt_head(receipt: &Receipt) -> Checkpoint {
    Checkpoint::parse(receipt.note().text()).unwrap()
}
