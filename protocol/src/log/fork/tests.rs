//! Tests of fork proofs: what convicts, what does not, and the one form.

use proptest::prelude::*;

use super::{ForkProof, Growth, HEADER, MAX_FORK_LENGTH, MAX_PROOF_LENGTH};
use crate::breach::Breach;
use crate::hash::{Hash, empty_root, leaf_hash};
use crate::log::checkpoint::Checkpoint;
use crate::log::cosignature;
use crate::log::merkle::{Frontier, NodeReader};
use crate::log::note::{Note, VerifierKey};
use crate::log::tile::TileReader;
use crate::signature::SigningKey;

const ORIGIN: &str = "city.example/poll/1";

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

fn log_key() -> VerifierKey {
    VerifierKey::ed25519(ORIGIN, signing_key(1).key()).unwrap()
}

/// The leaf hash at an index of a history, which leaves the first one at `fork`.
fn leaf(index: u64, fork: u64) -> Hash {
    leaf_hash(format!("entry {index} {}", index >= fork).as_bytes())
}

/// A history of at most 256 entries that leaves the first one at `fork`.
fn history(size: u64, fork: u64) -> (Hash, impl NodeReader<Error = Breach>) {
    let leaves: Vec<_> = (0..size).map(|index| leaf(index, fork)).collect();
    let mut frontier = Frontier::new();
    for leaf in &leaves {
        frontier.push(*leaf);
    }
    let tile: Vec<_> = leaves.iter().flat_map(|leaf| leaf.0).collect();
    (frontier.root(), TileReader::new(size, move |_, _, _| Ok(tile.clone())))
}

fn note_of(origin: &str, size: u64, root: Hash, signer: u8) -> Note {
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
    checkpoint.sign(&signing_key(signer)).unwrap().into_note()
}

fn note(size: u64, root: Hash) -> Note {
    note_of(ORIGIN, size, root, 1)
}

const NEVER: u64 = u64::MAX;

/// The honest head of one size, and one of another history that leaves it at `fork`.
fn made(honest: u64, forged: u64, fork: u64) -> Result<ForkProof, Breach> {
    let (root, reader) = history(honest, NEVER);
    let (other, other_reader) = history(forged, fork);
    let (honest_note, forged_note) = (note(honest, root), note(forged, other));
    if honest > forged {
        ForkProof::between(&log_key(), &honest_note, &forged_note, &reader)
    } else {
        ForkProof::between(&log_key(), &forged_note, &honest_note, &other_reader)
    }
}

fn good() -> ForkProof {
    made(5, 9, 3).unwrap()
}

// FORK-2
#[test]
fn two_histories_convict() {
    for (honest, forged, fork) in [(5, 5, 0), (5, 9, 3), (9, 5, 4), (1, 2, 0), (200, 256, 199)] {
        let proof = made(honest, forged, fork).unwrap();
        assert_eq!(proof.verify(), Ok(()), "{honest} {forged} {fork}");
        assert_eq!(proof.key(), &log_key());
        let bytes = proof.to_string();
        assert_eq!(ForkProof::parse(bytes.as_bytes()), Ok(proof), "{bytes}");
    }
}

// FORK-2
#[test]
fn one_history_convicts_nobody() {
    for (honest, forged, fork) in [(5, 5, 5), (5, 9, 5), (9, 5, 7), (0, 5, 0)] {
        let made = made(honest, forged, fork);
        assert_eq!(made, Err(Breach::ProofInvalid), "{honest} {forged} {fork}");
    }
    let same = ForkProof::new(log_key(), note(5, history(5, 0).0), note(5, history(5, 0).0), None);
    assert_eq!(same.unwrap().verify(), Err(Breach::ProofInvalid));
}

// FORK-2
#[test]
fn a_head_over_no_entries_with_a_root_convicts() {
    let (root, reader) = history(5, NEVER);
    let false_start = note(0, leaf(0, 0));
    let proof = ForkProof::between(&log_key(), &false_start, &note(5, root), &reader).unwrap();
    assert_eq!(proof.growth, Some(Growth { root: empty_root(), proof: Vec::new() }));
    assert_eq!(proof.verify(), Ok(()));
}

// FORK-2
#[test]
fn a_forged_proof_is_refused() {
    let good = good();
    let growth = good.growth.clone().unwrap();
    let with = |growth: Growth| ForkProof { growth: Some(growth), ..good.clone() };
    // A root that nobody's history has, and proofs of other lengths or hashes.
    let invented = with(Growth { root: Hash([7; 32]), ..growth.clone() });
    assert_eq!(invented.verify(), Err(Breach::ProofInvalid));
    for change in [
        |proof: &mut Vec<Hash>| proof.truncate(proof.len() - 1),
        |proof: &mut Vec<Hash>| proof.push(Hash::ZERO),
        |proof: &mut Vec<Hash>| proof[0] = Hash::ZERO,
        |proof: &mut Vec<Hash>| proof.clear(),
    ] {
        let mut proof = growth.proof.clone();
        change(&mut proof);
        let changed = with(Growth { proof, ..growth });
        assert_eq!(changed.verify(), Err(Breach::ProofInvalid));
    }
    // Heads that another key signed, of another log, or altered under the signature.
    let (root, _) = history(5, NEVER);
    let stranger = ForkProof { first: note_of(ORIGIN, 5, root, 2), ..good.clone() };
    assert_eq!(stranger.verify(), Err(Breach::NoteUnsigned));
    let elsewhere = ForkProof { second: note_of("city.example/x", 9, root, 1), ..good.clone() };
    assert_eq!(elsewhere.verify(), Err(Breach::CheckpointOrigin));
    let other_key = VerifierKey::ed25519(ORIGIN, signing_key(2).key()).unwrap();
    assert_eq!(ForkProof { key: other_key, ..good.clone() }.verify(), Err(Breach::NoteUnsigned));
    let (altered, signed) = (note(5, root), note(5, Hash([1; 32])));
    let altered = altered.to_string().replace(altered.text(), signed.text());
    let altered = ForkProof { first: Note::parse(altered.as_bytes()).unwrap(), ..good };
    assert_eq!(altered.verify(), Err(Breach::NoteSignatureInvalid));
}

// FORK-2: only an Ed25519 key of type 01 signs a log.
#[test]
fn a_witness_is_no_log() {
    let key = VerifierKey::cosignature(ORIGIN, signing_key(1).key()).unwrap();
    assert_eq!(ForkProof { key, ..good() }.verify(), Err(Breach::NoteUnsigned));
}

// FORK-3
#[test]
fn whose_key_it_is_others_have_to_say() {
    let good = good();
    let of = |name: &str, signer| VerifierKey::ed25519(name, signing_key(signer).key()).unwrap();
    let (same, register) = (log_key(), of("city.example/register", 1));
    let stranger = of(ORIGIN, 2);
    let elsewhere = of("other.example/poll/1", 1);
    let no_log = of("city.example", 1);
    assert_eq!(good.verify_known(&[]), Ok(()));
    for known in [same, register.clone()] {
        assert_eq!(good.verify_known(&[stranger.clone(), known]), Ok(()));
    }
    for known in [stranger, elsewhere, no_log] {
        assert_eq!(good.verify_known(&[known]), Err(Breach::InstanceMismatch));
    }
    // What does not hold convicts nobody, known or not.
    let same_heads = ForkProof { second: good.first.clone(), growth: None, ..good };
    assert_eq!(same_heads.verify_known(&[register]), Err(Breach::ProofInvalid));
}

#[test]
fn cosignatures_are_kept() {
    let (root, _) = history(5, NEVER);
    let mut witnessed = note(5, root);
    let line = cosignature::sign(witnessed.text(), 1_700_000_000, &signing_key(9), "w").unwrap();
    witnessed.add_signature(line.clone()).unwrap();
    let proof = ForkProof { first: witnessed, ..good() };
    let read = ForkProof::parse(proof.to_string().as_bytes()).unwrap();
    assert_eq!(read.verify(), Ok(()));
    assert_eq!(read.first().signatures()[1], line);
}

// FORK-1
#[test]
fn the_form_is_that_of_the_law() {
    let proof = made(5, 5, 0).unwrap();
    let (first, second) = (proof.first().to_string(), proof.second().to_string());
    let lengths = format!("first {}\nsecond {}", first.len(), second.len());
    let expected = format!("{HEADER}\nlog {}\n{lengths}\n\n{first}{second}", log_key());
    assert_eq!(proof.to_string(), expected);
    let grown = good();
    let growth = grown.growth.clone().unwrap();
    let hashes: Vec<_> = [growth.root].into_iter().chain(growth.proof).collect();
    let hashes: Vec<_> = hashes.iter().map(|hash| super::base64(hash.as_bytes())).collect();
    assert!(grown.to_string().contains(&format!("\nroot {}\n\n", hashes.join("\n"))));
}

// FORK-1
#[test]
fn another_form_is_refused() {
    let text = good().to_string();
    let flat = made(5, 5, 0).unwrap().to_string();
    let root_line = text.lines().find(|line| line.starts_with("root ")).unwrap();
    let first_line = text.lines().find(|line| line.starts_with("first ")).unwrap();
    for bad in [
        String::new(),
        text.replace("veche/fork/v1", "veche/fork/v2"),
        text.replace("\nlog ", "\nlog  "),
        text.replace("\nlog city", "\nlog City"),
        text.replace("\nfirst ", "\nfirst 0"),
        text.replace(first_line, "first 18446744073709551615"),
        text.replace(first_line, "first 0"),
        text.replace(&format!("{root_line}\n"), ""),
        text.replace(root_line, &format!("{root_line}=")),
        flat.replacen("\n\n", &format!("\n{root_line}\n\n"), 1),
        text.replace('\n', "\r\n"),
        format!(" {text}"),
        format!("{text}\n"),
        text[..text.len() - 1].to_owned(),
    ] {
        assert_eq!(ForkProof::parse(bad.as_bytes()), Err(Breach::ForkMalformed), "{bad}");
    }
    assert_eq!(ForkProof::parse(&[0xFF; 9]), Err(Breach::ForkMalformed));
    assert_eq!(ForkProof::parse(&vec![b'a'; MAX_FORK_LENGTH + 1]), Err(Breach::ForkMalformed));
}

// FORK-1: the larger head first, a root between heads of one size, none between others, too much.
#[test]
fn parts_that_do_not_fit_are_refused() {
    let good = good();
    let (small, large) = (good.first.clone(), good.second.clone());
    let growth = good.growth.unwrap();
    let of = |first: &Note, second: &Note, growth: Option<&Growth>| {
        let key = log_key();
        ForkProof::new(key, first.clone(), second.clone(), growth.cloned()).map(|_| ())
    };
    assert_eq!(of(&small, &large, Some(&growth)), Ok(()));
    assert_eq!(of(&large, &small, Some(&growth)), Err(Breach::ForkMalformed));
    assert_eq!(of(&small, &large, None), Err(Breach::ForkMalformed));
    assert_eq!(of(&large, &large, Some(&growth)), Err(Breach::ForkMalformed));
    let longest = Growth { proof: vec![Hash::ZERO; MAX_PROOF_LENGTH], ..growth };
    assert_eq!(of(&small, &large, Some(&longest)), Ok(()));
    let longer = Growth { proof: vec![Hash::ZERO; MAX_PROOF_LENGTH + 1], ..longest };
    assert_eq!(of(&small, &large, Some(&longer)), Err(Breach::ForkMalformed));
    let no_head = Note::sign("no head\n", &signing_key(1), ORIGIN).unwrap();
    assert_eq!(of(&no_head, &large, Some(&growth)), Err(Breach::CheckpointMalformed));
}

proptest! {
    // FORK-1: what is read is written back as it was, and a changed byte never convicts.
    #[test]
    fn a_changed_byte_is_refused_or_changes_no_statement(at in 0_usize..1_000, to: u8) {
        let text = good().to_string();
        let mut bytes = text.clone().into_bytes();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        if let Ok(read) = ForkProof::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
            prop_assert!(read.verify().is_err());
        }
    }
}
