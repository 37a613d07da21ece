//! Tests of the witness as it answers: every status, what is kept, what never happens.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use tempfile::TempDir;
use veche_protocol::breach::Breach;
use veche_protocol::hash::{Hash, leaf_hash, sha256};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature::{self, Cosigned};
use veche_protocol::log::fork::ForkProof;
use veche_protocol::log::merkle::{Frontier, NodeReader, consistency_proof, root_at};
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::witness::{
    AddCheckpoint, MAX_PROOF_LENGTH, parse_cosignatures, parse_size,
};
use veche_protocol::signature::SigningKey;

use super::store::Store;
use super::trust::TrustedLogs;
use super::{Cosigner, Witness};
use crate::serve::{Handler as _, Method, Request, Response};

const REGISTER: &str = "city.example/register";
const POLL: &str = "city.example/poll/park";
const NAME: &str = "w.example";

fn log_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn verifier() -> VerifierKey {
    VerifierKey::cosignature(NAME, SigningKey::from_seed(&[9; 32]).key()).unwrap()
}

/// A log of made-up leaves; two with different numbers share the leaves below `common`.
struct Log(Vec<Hash>);

impl NodeReader for Log {
    type Error = Breach;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Breach> {
        let mut frontier = Frontier::new();
        let start = usize::try_from(index << level).unwrap();
        for leaf in &self.0[start..start + (1 << level)] {
            frontier.push(*leaf);
        }
        Ok(frontier.root())
    }
}

impl Log {
    fn new(number: u8, common: u8, size: u8) -> Self {
        let leaf = |index| leaf_hash(&[if index < common { 0 } else { number }, index]);
        Self((0..size).map(leaf).collect())
    }

    fn request(&self, origin: &str, old: u64, size: u64) -> String {
        self.request_by(&log_key(), origin, old, size)
    }

    fn request_by(&self, key: &SigningKey, origin: &str, old: u64, size: u64) -> String {
        let proof = if old > size { vec![] } else { consistency_proof(self, old, size).unwrap() };
        self.request_with(key, origin, old, size, proof)
    }

    fn request_with(
        &self,
        key: &SigningKey,
        origin: &str,
        old: u64,
        size: u64,
        proof: Vec<Hash>,
    ) -> String {
        let root = root_at(self, size).unwrap();
        let note = Checkpoint { origin: origin.to_owned(), size, root }.sign(key).unwrap();
        AddCheckpoint::new(old, proof, note.into_note()).unwrap().to_string()
    }
}

/// A witness for a city, in a folder, at a time that the test sets.
struct Bench {
    folder: TempDir,
    time: Arc<AtomicU64>,
    witness: Witness,
}

fn witness(folder: &Path, time: &Arc<AtomicU64>) -> Witness {
    let mut trusted = TrustedLogs::default();
    trusted.add_city(&VerifierKey::ed25519(REGISTER, log_key().key()).unwrap()).unwrap();
    let (store, _) = Store::open(&folder.join("store"), &verifier()).unwrap();
    let cosigner = Cosigner::new(NAME, SigningKey::from_seed(&[9; 32])).unwrap();
    let time = Arc::clone(time);
    let clock = Box::new(move || time.load(Ordering::Relaxed));
    Witness::new(cosigner, trusted, store, Some(folder.join("evidence")), clock).unwrap()
}

impl Bench {
    fn new() -> Self {
        let (folder, time) = (tempfile::tempdir().unwrap(), Arc::new(AtomicU64::new(1_000)));
        let witness = witness(folder.path(), &time);
        Self { folder, time, witness }
    }

    fn post(&self, body: &str) -> Response {
        self.ask(Method::Post, "/add-checkpoint", body)
    }

    fn get(&self, path: &str) -> Response {
        self.ask(Method::Get, path, "")
    }

    fn ask(&self, method: Method, path: &str, body: &str) -> Response {
        self.witness.answer(Request::new(method, path, body))
    }

    /// The cosignatures in the answer to a request that is accepted.
    fn cosigned(&self, body: &str) -> Vec<Cosigned> {
        let response = self.post(body);
        assert_eq!(response.status, 200, "{}", text(&response));
        let lines = parse_cosignatures(&response.body).unwrap();
        let mut note = Note::parse(body.split_once("\n\n").unwrap().1.as_bytes()).unwrap();
        for line in lines {
            note.add_signature(line).unwrap();
        }
        cosignature::collect(&note, &[verifier()]).unwrap()
    }

    fn evidence(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.folder.path().join("evidence")).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, fs::read_to_string(path).unwrap())
            })
            .collect();
        files.sort();
        files
    }
}

fn text(response: &Response) -> &str {
    std::str::from_utf8(&response.body).unwrap()
}

// WITNESS-4, WITNESS-5
#[test]
fn growth_is_cosigned() {
    let bench = Bench::new();
    let log = Log::new(0, 0, 9);
    for (old, size, time) in [(0, 3, 1_000), (3, 3, 1_001), (3, 9, 1_001)] {
        bench.time.store(time, Ordering::Relaxed);
        let cosigned = bench.cosigned(&log.request(REGISTER, old, size));
        let times: Vec<_> = cosigned.iter().map(|cosigned| cosigned.time).collect();
        assert_eq!(times, [Some(time)]);
    }
    // WITNESS-6: each log of the city has a memory of its own.
    assert_eq!(bench.cosigned(&log.request(POLL, 0, 5)).len(), 1);
}

// WITNESS-4
#[test]
fn every_refusal_of_the_standard() {
    let bench = Bench::new();
    let log = Log::new(0, 0, 9);
    let fork = Log::new(1, 3, 9);
    bench.cosigned(&log.request(REGISTER, 0, 5));
    let good = log.request(REGISTER, 5, 9);
    let stranger = SigningKey::from_seed(&[2; 32]);
    let wrong = log.request_with(&log_key(), REGISTER, 5, 9, vec![Hash::ZERO]);
    for (name, body, status) in [
        ("nothing", String::new(), 400),
        ("another form", good.replace("old", "new"), 400),
        ("no checkpoint", good.replace("\n9\n", "\nnine\n"), 400),
        ("old above size", log.request(REGISTER, 9, 5), 400),
        ("another city", log.request("other.example/register", 0, 9), 404),
        ("no log of the city", log.request("city.example/x", 0, 9), 404),
        ("signed by another", log.request_by(&stranger, REGISTER, 5, 9), 403),
        ("signed for another size", good.replace("\n9\n", "\n8\n"), 403),
        ("too small an old size", log.request(REGISTER, 3, 9), 409),
        ("too large an old size", log.request(REGISTER, 7, 9), 409),
        ("a wrong proof", wrong, 422),
        ("a fork", fork.request(REGISTER, 5, 9), 422),
        ("another root", fork.request(REGISTER, 5, 5), 422),
    ] {
        let response = bench.post(&body);
        assert_eq!(response.status, status, "{name}: {}", text(&response));
        if status == 409 {
            assert_eq!(parse_size(&response.body), Some(5), "{name}");
            assert_eq!(response.header("content-type"), Some("text/x.tlog.size"), "{name}");
        }
    }
    // None of it has changed anything.
    assert_eq!(bench.cosigned(&good).len(), 1);
    let metrics = bench.get("/metrics");
    for line in [
        "veche_witness_answers_total{status=\"200\"} 2",
        "veche_witness_answers_total{status=\"400\"} 4",
        "veche_witness_answers_total{status=\"403\"} 2",
        "veche_witness_answers_total{status=\"404\"} 2",
        "veche_witness_answers_total{status=\"409\"} 2",
        "veche_witness_answers_total{status=\"422\"} 3",
        "veche_witness_forks_total 2",
        "veche_witness_suspicions_total 1",
        "veche_witness_logs 1",
    ] {
        assert!(text(&metrics).lines().any(|known| known == line), "{line}\n{}", text(&metrics));
    }
}

// WITNESS-9
#[test]
fn a_clock_that_goes_back_is_not_believed() {
    let bench = Bench::new();
    let log = Log::new(0, 0, 9);
    bench.cosigned(&log.request(REGISTER, 0, 3));
    bench.time.store(500, Ordering::Relaxed);
    assert_eq!(bench.cosigned(&log.request(REGISTER, 3, 9))[0].time, Some(1_000));
    // Of another log it has said nothing yet.
    assert_eq!(bench.cosigned(&log.request(POLL, 0, 9))[0].time, Some(500));
}

// WITNESS-10
#[test]
fn monitors_are_shown_the_last_head() {
    let bench = Bench::new();
    let log = Log::new(0, 0, 9);
    let path = format!("/checkpoint/{}", sha256(REGISTER.as_bytes()));
    assert_eq!(bench.get(&path).status, 404);
    for (old, size, time) in [(0, 3, 1_000), (3, 9, 1_005)] {
        bench.time.store(time, Ordering::Relaxed);
        bench.cosigned(&log.request(REGISTER, old, size));
        bench.time.store(2_000, Ordering::Relaxed);
        let response = bench.get(&path);
        assert_eq!(response.status, 200);
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"));
        let note = Note::parse(&response.body).unwrap();
        let register = VerifierKey::ed25519(REGISTER, log_key().key()).unwrap();
        assert_eq!(note.verify(&[register, verifier()]), Ok(vec![0, 1]));
        assert_eq!(Checkpoint::parse(note.text()).unwrap().size, size);
        // It is what was said then, and no new statement.
        assert_eq!(cosignature::collect(&note, &[verifier()]).unwrap()[0].time, Some(time));
    }
    for path in [
        "/",
        "/checkpoint/",
        &path.to_uppercase().replace("CHECKPOINT", "checkpoint"),
        &path[..path.len() - 1],
        &format!("{path}0"),
        &format!("{path}/"),
        "/checkpoint/register",
    ] {
        assert_eq!(bench.get(path).status, 404, "{path}");
    }
    assert_eq!(bench.get("/add-checkpoint").header("allow"), Some("POST"));
    assert_eq!(bench.ask(Method::Post, "/health", "").status, 404);
    assert_eq!(bench.ask(Method::Other, "/add-checkpoint", "").status, 405);
    let health: serde_json::Value = serde_json::from_slice(&bench.get("/health").body).unwrap();
    assert_eq!(health["logs"], 1);
    assert_eq!(health["witness"], verifier().to_string());
}

// WITNESS-8
#[test]
fn two_roots_of_one_size_are_proof() {
    let bench = Bench::new();
    let (log, fork) = (Log::new(0, 0, 9), Log::new(1, 3, 9));
    bench.cosigned(&log.request(REGISTER, 0, 5));
    assert_eq!(bench.post(&fork.request(REGISTER, 5, 5)).status, 422);
    // The same again, and by an old size that is long past.
    assert_eq!(bench.post(&fork.request(REGISTER, 5, 5)).status, 422);
    assert_eq!(bench.post(&fork.request(REGISTER, 2, 5)).status, 409);
    let evidence = bench.evidence();
    let [(name, proof)] = &evidence[..] else { panic!("{evidence:?}") };
    assert!(name.ends_with(".veche-fork"), "{name}");
    let proof = ForkProof::parse(proof.as_bytes()).unwrap();
    assert_eq!(proof.verify(), Ok(()));
    assert_eq!(proof.key().name(), REGISTER);
    assert_eq!(cosignature::collect(proof.first(), &[verifier()]).unwrap().len(), 1);
}

// WITNESS-8
#[test]
fn a_fork_that_has_grown_is_proof_by_its_own_consistency() {
    let bench = Bench::new();
    let (log, fork) = (Log::new(0, 0, 9), Log::new(1, 3, 9));
    bench.cosigned(&log.request(REGISTER, 0, 5));
    assert_eq!(bench.post(&fork.request(REGISTER, 5, 9)).status, 422);
    let evidence = bench.evidence();
    let [(name, proof)] = &evidence[..] else { panic!("{evidence:?}") };
    assert!(name.ends_with(".veche-fork"), "{name}");
    assert_eq!(ForkProof::parse(proof.as_bytes()).unwrap().verify(), Ok(()));
}

// WITNESS-8
#[test]
fn a_wrong_proof_is_a_suspicion_and_no_proof() {
    let bench = Bench::new();
    let log = Log::new(0, 0, 9);
    bench.cosigned(&log.request(REGISTER, 0, 5));
    let wrong = log.request_with(&log_key(), REGISTER, 5, 9, vec![Hash::ZERO; MAX_PROOF_LENGTH]);
    assert_eq!(bench.post(&wrong).status, 422);
    let evidence = bench.evidence();
    let [(name, suspicion)] = &evidence[..] else { panic!("{evidence:?}") };
    assert!(name.ends_with(".suspicion.txt"), "{name}");
    assert!(suspicion.starts_with("This is not a proof."), "{suspicion}");
    assert!(suspicion.ends_with(&wrong), "{suspicion}");
    assert!(ForkProof::parse(suspicion.as_bytes()).is_err());
}

#[test]
fn lines_of_strangers_are_not_kept() {
    let bench = Bench::new();
    let log = Log::new(0, 0, 9);
    let body = log.request(REGISTER, 0, 5);
    let own = body.lines().last().unwrap().to_owned() + "\n";
    let other = log.request_by(&SigningKey::from_seed(&[2; 32]), POLL, 0, 5);
    let other = other.lines().last().unwrap().to_owned() + "\n";
    let crowded = body.clone() + &other.repeat(49) + &own.repeat(50);
    assert_eq!(bench.post(&crowded).status, 200);
    let shown = bench.get(&format!("/checkpoint/{}", sha256(REGISTER.as_bytes())));
    let note = Note::parse(&shown.body).unwrap();
    assert_eq!(note.signatures().len(), 2);
    assert!(text(&shown).starts_with(body.split_once("\n\n").unwrap().1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    // WITNESS-7: whatever is asked, by whatever history, all that is cosigned is one history, and
    // it grows, also over restarts.
    #[test]
    fn what_is_cosigned_is_one_history(
        common in 0_u8..10,
        asked in prop::collection::vec((0..2_usize, 0..10_u64, 0..10_u64, 0..8_u8), 1..60),
    ) {
        let logs = [Log::new(0, common, 9), Log::new(1, common, 9)];
        let mut bench = Bench::new();
        let mut known = (0, root_at(&logs[0], 0).unwrap());
        let mut of_log: Option<usize> = None;
        for (log, old, size, chance) in asked {
            if chance == 0 {
                let Bench { folder, time, witness: stopped } = bench;
                drop(stopped);
                let restarted = witness(folder.path(), &time);
                bench = Bench { folder, time, witness: restarted };
            }
            // Half the requests are made from what the witness has, as an operator would.
            let is_honest = chance % 2 == 0;
            let (old, size) = if is_honest { (known.0, size.max(known.0)) } else { (old, size) };
            let response = bench.post(&logs[log].request(REGISTER, old, size));
            if response.status != 200 {
                continue;
            }
            prop_assert_eq!(old, known.0);
            let root = root_at(&logs[log], size).unwrap();
            prop_assert!(size > known.0 || root == known.1);
            if size > u64::from(common) {
                prop_assert_eq!(*of_log.get_or_insert(log), log);
            }
            known = (size, root);
        }
    }
}
