//! Tests of the request and of its judgement, first by hand, then against a model.

use proptest::prelude::*;

use super::{
    AddCheckpoint, Contradiction, MAX_PROOF_LENGTH, MAX_REQUEST_LENGTH, Refusal, TrustedRequest,
    parse_cosignatures, parse_size,
};
use crate::breach::Breach;
use crate::hash::{Hash, empty_root, leaf_hash};
use crate::log::checkpoint::Checkpoint;
use crate::log::cosignature;
use crate::log::merkle::{Frontier, NodeReader, consistency_proof, root_at};
use crate::log::note::{MAX_NOTE_LENGTH, Note, VerifierKey};
use crate::signature::SigningKey;

const ORIGIN: &str = "city.example/register";

/// The example of the specification, with the newline that ends it.
const EXAMPLE: &str = "old 20852014\n\
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
    jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
    5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
    /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
    \n\
    example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/\
    Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+\
    49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

fn signing_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn keys() -> [VerifierKey; 1] {
    [VerifierKey::ed25519(ORIGIN, signing_key().key()).unwrap()]
}

/// A log of made-up leaves; two logs with different numbers share the leaves below `common`.
struct Log {
    leaves: Vec<Hash>,
}

impl NodeReader for Log {
    type Error = Breach;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Breach> {
        let mut frontier = Frontier::new();
        let start = usize::try_from(index << level).unwrap();
        for leaf in &self.leaves[start..start + (1 << level)] {
            frontier.push(*leaf);
        }
        Ok(frontier.root())
    }
}

impl Log {
    fn new(number: u8, common: u64, size: u64) -> Self {
        let leaf = |index: u64| {
            let number = if index < common { 0 } else { number };
            leaf_hash(&[&[number][..], &index.to_be_bytes()].concat())
        };
        Self { leaves: (0..size).map(leaf).collect() }
    }

    fn head(&self, size: u64) -> Checkpoint {
        Checkpoint { origin: ORIGIN.to_owned(), size, root: root_at(self, size).unwrap() }
    }

    fn proof(&self, old: u64, size: u64) -> Vec<Hash> {
        consistency_proof(self, old, size).unwrap()
    }

    fn request(&self, old: u64, size: u64) -> AddCheckpoint {
        let note = self.head(size).sign(&signing_key()).unwrap().into_note();
        AddCheckpoint::new(old, self.proof(old, size), note).unwrap()
    }

    fn trusted(&self, old: u64, size: u64) -> TrustedRequest {
        self.request(old, size).trust(&keys()).unwrap()
    }
}

fn with_proof(request: &TrustedRequest, proof: Vec<Hash>) -> TrustedRequest {
    TrustedRequest { proof, ..request.clone() }
}

// WITNESS-1
#[test]
fn the_example_of_the_specification() {
    let request = AddCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(request.origin(), "example.com/behind-the-sofa");
    assert_eq!((request.old, request.checkpoint.size), (20_852_014, 20_852_163));
    assert_eq!((request.proof.len(), request.note.signatures().len()), (4, 2));
    assert_eq!(request.to_string(), EXAMPLE);
}

// WITNESS-1
#[test]
fn requests_of_other_form_are_refused() {
    let good = Log::new(0, 0, 9).request(5, 9).to_string();
    let line = good.lines().nth(1).unwrap().to_owned();
    let (head, note) = good.split_once("\n\n").unwrap();
    let many = |count: usize| format!("old 5\n{}\n{note}", format!("{line}\n").repeat(count));
    assert!(AddCheckpoint::parse(many(MAX_PROOF_LENGTH).as_bytes()).is_ok());
    for (bad, breach) in [
        (String::new(), Breach::WitnessMalformed),
        (note.to_owned(), Breach::WitnessMalformed),
        (format!("\n{note}"), Breach::WitnessMalformed),
        (format!("\n\n{note}"), Breach::WitnessMalformed),
        (good.replace("old 5\n", ""), Breach::WitnessMalformed),
        (good.replace("old 5\n", "old 05\n"), Breach::WitnessMalformed),
        (good.replace("old 5\n", "old -5\n"), Breach::WitnessMalformed),
        (good.replace("old 5\n", "old 18446744073709551616\n"), Breach::WitnessMalformed),
        (good.replace("old 5\n", "old  5\n"), Breach::WitnessMalformed),
        (good.replace("old 5\n", "old\t5\n"), Breach::WitnessMalformed),
        (good.replace("old 5\n", "Old 5\n"), Breach::WitnessMalformed),
        (good.replace("old 5\n", "old 5\r\n"), Breach::WitnessMalformed),
        (good.replace("old 5\n", "old 5 \n"), Breach::WitnessMalformed),
        (good.replace("old 5\n", "old \n"), Breach::WitnessMalformed),
        (good.replace(&line, &line.replace('=', "")), Breach::WitnessMalformed),
        (good.replace(&line, &format!("{line} ")), Breach::WitnessMalformed),
        (good.replace(&line, "AAAA"), Breach::WitnessMalformed),
        (many(MAX_PROOF_LENGTH + 1), Breach::WitnessMalformed),
        (many(MAX_PROOF_LENGTH + 2), Breach::WitnessMalformed),
        (format!("{head}\n\n"), Breach::NoteMalformed),
        (format!("{head}\n\n\n{note}"), Breach::CheckpointMalformed),
        (good.trim_end().to_owned(), Breach::NoteMalformed),
        (format!("{good}\n"), Breach::NoteMalformed),
        (good.replace("\n9\n", "\n9\n\u{1}"), Breach::NoteMalformed),
        (good.replace("\n9\n", "\n09\n"), Breach::CheckpointMalformed),
        (good.replace(ORIGIN, "a b"), Breach::NoteMalformed),
        ("x".repeat(MAX_REQUEST_LENGTH + 1), Breach::WitnessMalformed),
    ] {
        assert_eq!(AddCheckpoint::parse(bad.as_bytes()), Err(breach), "{bad:?}");
    }
    let not_text = [good.as_bytes(), &[0xff]].concat();
    assert_eq!(AddCheckpoint::parse(&not_text), Err(Breach::WitnessMalformed));
    let note = Note::parse(note.as_bytes()).unwrap();
    let outcome = AddCheckpoint::new(0, vec![Hash::ZERO; MAX_PROOF_LENGTH + 1], note);
    assert_eq!(outcome, Err(Breach::WitnessMalformed));
}

#[test]
fn the_longest_request_is_within_the_bound() {
    let proof = format!("{}\n", "A".repeat(43) + "=").repeat(MAX_PROOF_LENGTH);
    let head = format!("old {}\n{proof}\n", u64::MAX);
    assert_eq!(head.len() + MAX_NOTE_LENGTH, MAX_REQUEST_LENGTH);
}

// WITNESS-2
#[test]
fn who_is_trusted_comes_before_what_is_said() {
    let log = Log::new(0, 0, 9);
    let ahead = AddCheckpoint { old: 10, ..log.request(5, 9) };
    assert_eq!(ahead.clone().trust(&[]), Err(Refusal::UnknownOrigin));
    let other = VerifierKey::ed25519(ORIGIN, SigningKey::from_seed(&[2; 32]).key()).unwrap();
    let unsigned = Err(Refusal::Untrusted(Breach::NoteUnsigned));
    assert_eq!(ahead.clone().trust(core::slice::from_ref(&other)), unsigned);
    assert_eq!(ahead.trust(&keys()), Err(Refusal::OldAboveSize));
    // Signed by the key of another log of the same city.
    let foreign = VerifierKey::ed25519("city.example/poll/a", signing_key().key()).unwrap();
    assert_eq!(log.request(5, 9).trust(&[foreign]), unsigned);
    // Either of two keys is enough; that which signs wrongly is too much.
    let [own] = keys();
    assert!(log.request(5, 9).trust(&[other.clone(), own.clone()]).is_ok());
    let forged = log.request(5, 9).to_string().replace("\n9\n", "\n8\n");
    let forged = AddCheckpoint::parse(forged.as_bytes()).unwrap();
    let invalid = Err(Refusal::Untrusted(Breach::NoteSignatureInvalid));
    assert_eq!(forged.trust(&[other, own]), invalid);
}

// WITNESS-2
#[test]
fn a_cosignature_does_not_make_a_log_trusted() {
    let log = Log::new(0, 0, 9);
    let text = log.head(9).to_string();
    let witness = SigningKey::from_seed(&[3; 32]);
    let mut note = Note::sign(&text, &SigningKey::from_seed(&[2; 32]), ORIGIN).unwrap();
    note.add_signature(cosignature::sign(&text, 1, &witness, ORIGIN).unwrap()).unwrap();
    let key = VerifierKey::cosignature(ORIGIN, witness.key()).unwrap();
    let request = AddCheckpoint::new(5, log.proof(5, 9), note).unwrap();
    assert_eq!(request.trust(&[key]), Err(Refusal::Untrusted(Breach::NoteUnsigned)));
}

// WITNESS-3
#[test]
fn growth_is_accepted() {
    let log = Log::new(0, 0, 9);
    assert_eq!(log.trusted(0, 9).judge(None), Ok(()));
    assert_eq!(log.trusted(0, 0).judge(None), Ok(()));
    assert_eq!(log.trusted(0, 9).judge(Some(&log.head(0))), Ok(()));
    for old in 1..=9 {
        assert_eq!(log.trusted(old, 9).judge(Some(&log.head(old))), Ok(()), "{old}");
    }
}

// WITNESS-3
#[test]
fn an_old_size_that_is_not_the_latest_is_stale() {
    let log = Log::new(0, 0, 9);
    let fork = Log::new(1, 3, 9);
    let stale = |latest| Err(Refusal::Stale { latest });
    assert_eq!(log.trusted(5, 9).judge(None), stale(0));
    assert_eq!(log.trusted(0, 9).judge(Some(&log.head(5))), stale(5));
    assert_eq!(log.trusted(7, 9).judge(Some(&log.head(5))), stale(5));
    // It comes before the proof, and before the roots.
    assert_eq!(fork.trusted(5, 9).judge(Some(&log.head(9))), stale(9));
}

// WITNESS-3
#[test]
fn a_wrong_proof_is_inconsistent() {
    let log = Log::new(0, 0, 9);
    let refused = Err(Refusal::Inconsistent);
    let good = log.trusted(5, 9);
    let latest = log.head(5);
    assert_eq!(with_proof(&good, vec![]).judge(Some(&latest)), refused);
    let longer = [good.proof(), &[Hash::ZERO]].concat();
    assert_eq!(with_proof(&good, longer).judge(Some(&latest)), refused);
    assert_eq!(Log::new(1, 3, 9).trusted(5, 9).judge(Some(&latest)), refused);
    // From size 0 and at equal sizes the proof is empty.
    assert_eq!(with_proof(&log.trusted(0, 9), vec![Hash::ZERO]).judge(None), refused);
    let again = with_proof(&log.trusted(9, 9), vec![Hash::ZERO]);
    assert_eq!(again.judge(Some(&log.head(9))), refused);
}

// WITNESS-3
#[test]
fn another_root_of_the_same_size_is_refused() {
    let log = Log::new(0, 0, 9);
    let fork = Log::new(1, 3, 9);
    assert_eq!(fork.trusted(9, 9).judge(Some(&log.head(9))), Err(Refusal::OtherRoot));
    // A tree of no entries has one root, also when nothing was cosigned before.
    let wrong = Checkpoint { root: Hash::ZERO, ..log.head(0) };
    let note = wrong.sign(&signing_key()).unwrap().into_note();
    let request = AddCheckpoint::new(0, vec![], note).unwrap().trust(&keys()).unwrap();
    assert_eq!(request.judge(None), Err(Refusal::OtherRoot));
}

// WITNESS-4
#[test]
fn every_refusal_has_the_status_of_the_standard() {
    let statuses = [
        (Refusal::Malformed(Breach::WitnessMalformed), 400),
        (Refusal::OldAboveSize, 400),
        (Refusal::Untrusted(Breach::NoteUnsigned), 403),
        (Refusal::UnknownOrigin, 404),
        (Refusal::Stale { latest: 3 }, 409),
        (Refusal::OtherRoot, 422),
        (Refusal::Inconsistent, 422),
    ];
    for (refusal, status) in statuses {
        assert_eq!(refusal.status(), status, "{refusal}");
    }
}

// WITNESS-8
#[test]
fn contradictions_are_told_from_mistakes() {
    let log = Log::new(0, 0, 9);
    let fork = Log::new(1, 3, 9);
    // Two roots of one size, whatever the old size.
    assert_eq!(fork.trusted(9, 9).contradicts(&log.head(9)), Some(Contradiction::Roots));
    assert_eq!(fork.trusted(2, 9).contradicts(&log.head(9)), Some(Contradiction::Roots));
    // The fork's own proof gives the root that it has at the old size.
    let shown = Contradiction::History(fork.head(5).root);
    assert_eq!(fork.trusted(5, 9).contradicts(&log.head(5)), Some(shown));
    // From a power of two the proof does not say it, and garbage never does.
    assert_eq!(fork.trusted(4, 9).contradicts(&log.head(4)), Some(Contradiction::Unproven));
    let garbage = with_proof(&log.trusted(5, 9), vec![Hash::ZERO]);
    assert_eq!(garbage.contradicts(&log.head(5)), Some(Contradiction::Unproven));
    // What is merely stale, or right, contradicts nothing.
    assert_eq!(log.trusted(2, 9).contradicts(&log.head(5)), None);
    assert_eq!(log.trusted(5, 9).contradicts(&log.head(5)), None);
    assert_eq!(log.trusted(9, 9).contradicts(&log.head(9)), None);
    assert_eq!(fork.trusted(2, 7).contradicts(&log.head(9)), None);
}

// WITNESS-5
#[test]
fn cosignatures_are_read_back() {
    let key = SigningKey::from_seed(&[3; 32]);
    let line = cosignature::sign("text\n", 7, &key, "w.example").unwrap();
    let body = format!("{line}{line}");
    assert_eq!(parse_cosignatures(body.as_bytes()), Ok(vec![line.clone(), line.clone()]));
    for bad in ["", "\n", body.trim_end(), &format!("{body}\n"), &body.replace('—', "-")] {
        assert!(parse_cosignatures(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert_eq!(parse_cosignatures(&[0xff, b'\n']), Err(Breach::WitnessMalformed));
    let many = |count: usize| parse_cosignatures(line.to_string().repeat(count).as_bytes());
    assert_eq!(many(100).map(|lines| lines.len()), Ok(100));
    assert_eq!(many(101), Err(Breach::WitnessMalformed));
}

// WITNESS-5
#[test]
fn a_size_has_one_form() {
    assert_eq!(parse_size(b"0\n"), Some(0));
    assert_eq!(parse_size(b"18446744073709551615\n"), Some(u64::MAX));
    for bad in ["", "\n", "5", "05\n", "5\n\n", "5\r\n", " 5\n", "-5\n", "18446744073709551616\n"] {
        assert_eq!(parse_size(bad.as_bytes()), None, "{bad:?}");
    }
}

/// One request of a sequence: to which of two logs, from which old size, to which.
#[derive(Clone, Copy, Debug)]
struct Step {
    log: usize,
    old: u64,
    size: u64,
}

const LONGEST: u64 = 12;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step =
        (0..2_usize, 0..=LONGEST, 0..=LONGEST).prop_map(|(log, old, size)| Step { log, old, size });
    prop::collection::vec(step, 1..40)
}

proptest! {
    // WITNESS-2, WITNESS-3: the judgement is that of a model that knows the entries.
    #[test]
    fn the_judgement_is_the_models(common in 0..=LONGEST, steps in steps()) {
        let logs = [Log::new(0, common, LONGEST), Log::new(1, common, LONGEST)];
        // The log and the size that were accepted last.
        let mut latest: Option<(usize, u64)> = None;
        for Step { log, old, size } in steps {
            let agree = |a: usize, b: usize, size: u64| a == b || size <= common;
            let head = latest.map(|(log, size)| logs[log].head(size));
            let known = latest.map_or(0, |(_, size)| size);
            let expected = if old > size {
                Err(Refusal::OldAboveSize)
            } else if old != known {
                Err(Refusal::Stale { latest: known })
            } else if latest.is_none_or(|(before, _)| agree(before, log, known)) {
                Ok(())
            } else if size == known {
                Err(Refusal::OtherRoot)
            } else {
                Err(Refusal::Inconsistent)
            };
            let proof = if old > size { vec![] } else { logs[log].proof(old, size) };
            let note = logs[log].head(size).sign(&signing_key()).unwrap().into_note();
            let request = AddCheckpoint::new(old, proof, note).unwrap();
            let judged = request
                .trust(&keys())
                .and_then(|request| request.judge(head.as_ref()));
            prop_assert_eq!(judged, expected);
            if judged.is_ok() {
                latest = Some((log, size));
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back(
        old in any::<u64>(),
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..=MAX_PROOF_LENGTH),
        size in any::<u64>(),
    ) {
        let head = Checkpoint { origin: ORIGIN.to_owned(), size, root: empty_root() };
        let note = head.sign(&signing_key()).unwrap().into_note();
        let request = AddCheckpoint::new(old, proof, note).unwrap();
        prop_assert_eq!(AddCheckpoint::parse(request.to_string().as_bytes())?, request);
    }

    #[test]
    fn what_is_read_is_written_back(
        text in "old [0-9]{1,2}\n(([A-B]{43}=\n)){0,2}\n?a\n[0-9]\n[A]{43}=\n\n— a AAAAAAA=\n?",
    ) {
        if let Ok(request) = AddCheckpoint::parse(text.as_bytes()) {
            prop_assert_eq!(request.to_string(), text);
        }
    }
}
