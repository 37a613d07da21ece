//! Tests of grown receipts: the form, each part's check, and what is refused.

use super::*;
use crate::entry::Binding;
use crate::log::merkle::{Frontier, NodeReader, consistency_proof, inclusion_proof};
use crate::log::note::Note;
use crate::log::tile::TileReader;
use crate::register::Anchors;
use crate::signature::SigningKey;

const DOMAIN: &str = "city.example";
const ORIGIN: &str = "city.example/poll/1";
const INDEX: u64 = 3;

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

fn log_key() -> VerifierKey {
    VerifierKey::ed25519(ORIGIN, signing_key(1).key()).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

/// The root over entries, and a reader of its tree.
fn tree(entries: &[Vec<u8>]) -> (Hash, impl NodeReader<Error = Breach>) {
    let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let mut frontier = Frontier::new();
    for leaf in &leaves {
        frontier.push(*leaf);
    }
    let tile: Vec<_> = leaves.iter().flat_map(|leaf| leaf.0).collect();
    let reader = TileReader::new(frontier.size(), move |_, _, _| Ok::<_, Breach>(tile.clone()));
    (frontier.root(), reader)
}

fn log(size: u64) -> Vec<Vec<u8>> {
    (0..size).map(entry).collect()
}

fn note(origin: &str, entries: &[Vec<u8>]) -> Note {
    let (size, root) = (entries.len() as u64, tree(entries).0);
    Checkpoint { origin: origin.to_owned(), size, root }.sign(&signing_key(1)).unwrap().into_note()
}

fn receipt(origin: &str, entries: &[Vec<u8>], index: u64) -> Receipt {
    let proof = inclusion_proof(&tree(entries).1, index, entries.len() as u64).unwrap();
    let extra = entries[usize::try_from(index).unwrap()].clone();
    Receipt::new(index, proof, note(origin, entries)).unwrap().with_extra(extra)
}

/// An anchors entry of the register that names a head of this origin.
fn anchors(origin: &str, size: u64) -> Vec<u8> {
    let head = AnchoredHead { origin: origin.to_owned(), size, root: tree(&log(size)).0 };
    let payload = Payload::Anchors(Anchors { heads: vec![head], register_checkpoint: None });
    let register = LogPath::Register.origin(DOMAIN);
    let binding = Binding { instance: Hash::ZERO, origin: &register, under: Hash::ZERO };
    SignedEntry::sign(&payload, &binding, &[&signing_key(1)]).into_bytes()
}

fn anchor_with(entry: Vec<u8>, size: u64) -> AnchorProof {
    let register = [b"genesis".to_vec(), entry];
    let receipt = receipt(&LogPath::Register.origin(DOMAIN), &register, 1);
    let inclusion = inclusion_proof(&tree(&log(size)).1, INDEX, size).unwrap();
    AnchorProof { receipt, inclusion }
}

fn growth(from: u64, to: u64) -> Vec<Hash> {
    consistency_proof(&tree(&log(to)).1, from, to).unwrap()
}

fn grown(from: u64, to: u64, anchor: Option<AnchorProof>) -> GrownReceipt {
    let [first, later] = [from, to].map(|size| receipt(ORIGIN, &log(size), INDEX));
    GrownReceipt::new(first, later, growth(from, to), anchor).unwrap()
}

#[test]
fn each_part_is_proved_and_written_back() {
    let anchored = || Some(anchor_with(anchors(ORIGIN, 9), 9));
    for (from, to) in [(4, 4), (4, 5), (5, 9), (7, 200)] {
        for anchor in [None, anchored()] {
            let grown = grown(from, to, anchor.clone());
            let bytes = grown.to_string();
            // RECEIPT-8: one form.
            assert!(GrownReceipt::is_meant_by(bytes.as_bytes()));
            assert_eq!(GrownReceipt::parse(bytes.as_bytes()), Ok(grown.clone()));
            // RECEIPT-9, RECEIPT-10: what the log's key has signed.
            let proved = grown.verify(&entry(INDEX), &log_key()).unwrap();
            assert_eq!(proved.first.checkpoint().size, from);
            assert_eq!(proved.later.checkpoint().size, to);
            let at = proved.anchored.map(|at| (at.index, at.head.size, at.register));
            let at = at.map(|(index, size, register)| (index, size, register.checkpoint().size));
            assert_eq!(at, anchor.map(|_| (1, 9, 2)));
        }
    }
}

#[test]
fn a_head_that_does_not_extend_the_first_is_refused() {
    let first = receipt(ORIGIN, &log(5), INDEX);
    let mut other = log(9);
    other[4] = b"another".to_vec();
    let later = receipt(ORIGIN, &other, INDEX);
    let between = consistency_proof(&tree(&other).1, 5, 9).unwrap();
    let forked = GrownReceipt::new(first, later, between, None).unwrap();
    // RECEIPT-9: both heads are signed, both hold the entry, and one does not extend the other.
    assert_eq!(forked.verify(&entry(INDEX), &log_key()), Err(Breach::ProofInvalid));
}

#[test]
fn each_part_is_for_these_bytes_and_this_key() {
    let grown = grown(5, 9, Some(anchor_with(anchors(ORIGIN, 9), 9)));
    assert_eq!(grown.verify(&entry(2), &log_key()), Err(Breach::ProofInvalid));
    let other = VerifierKey::ed25519(ORIGIN, signing_key(2).key()).unwrap();
    assert_eq!(grown.verify(&entry(INDEX), &other), Err(Breach::NoteUnsigned));
    let other = VerifierKey::ed25519("city.example/poll/2", signing_key(1).key()).unwrap();
    assert_eq!(grown.verify(&entry(INDEX), &other), Err(Breach::CheckpointOrigin));
}

#[test]
fn an_anchor_is_the_registers_and_names_this_log() {
    let refusal = |anchor: AnchorProof| {
        let grown = grown(5, 9, Some(anchor));
        grown.verify(&entry(INDEX), &log_key()).unwrap_err()
    };
    // RECEIPT-10: an entry of the register, of this kind, with this log, below its head.
    let other_log = anchor_with(anchors("city.example/poll/2", 9), 9);
    assert_eq!(refusal(other_log), Breach::ProofInvalid);
    let wrong_path =
        AnchorProof { inclusion: vec![Hash::ZERO; 4], ..anchor_with(anchors(ORIGIN, 9), 9) };
    assert_eq!(refusal(wrong_path), Breach::ProofInvalid);
    assert_eq!(refusal(anchor_with(b"no entry".to_vec(), 9)), Breach::EntryMalformed);
    let anchors = anchors(ORIGIN, 9);
    let of_roll = receipt("city.example/roll/a", std::slice::from_ref(&anchors), 0);
    let other_origin = AnchorProof { receipt: of_roll, ..anchor_with(anchors, 9) };
    assert_eq!(refusal(other_origin), Breach::CheckpointOrigin);
}

#[test]
fn parts_that_do_not_belong_together_make_none() {
    let [small, large] = [5, 9].map(|size| receipt(ORIGIN, &log(size), INDEX));
    let new = |first: &Receipt, later: &Receipt, growth: usize| {
        GrownReceipt::new(first.clone(), later.clone(), vec![Hash::ZERO; growth], None)
    };
    // RECEIPT-8: the later head is not smaller, the entry and its index are one.
    assert!(new(&small, &large, 65).is_ok());
    assert_eq!(new(&large, &small, 0), Err(Breach::ReceiptMalformed));
    assert_eq!(new(&small, &large, 66), Err(Breach::ReceiptMalformed));
    let elsewhere = receipt(ORIGIN, &log(9), 2);
    assert_eq!(new(&small, &elsewhere, 0), Err(Breach::ReceiptMalformed));
    let other = large.clone().with_extra(b"other".to_vec());
    assert_eq!(new(&small, &other, 0), Err(Breach::ReceiptMalformed));
    let register = Receipt::new(0, Vec::new(), note(ORIGIN, &log(1))).unwrap();
    let bare = AnchorProof { receipt: register, inclusion: Vec::new() };
    let bare = GrownReceipt::new(small, large, Vec::new(), Some(bare));
    assert_eq!(bare, Err(Breach::ReceiptMalformed));
}

#[test]
fn other_spellings_are_refused() {
    let text = grown(5, 9, Some(anchor_with(anchors(ORIGIN, 9), 9))).to_string();
    let first = text.lines().nth(1).unwrap();
    let hash = text.lines().nth(3).unwrap();
    let cases = [
        text.replacen("/v1", "/v2", 1),
        text.replacen("first ", "first 0", 1),
        text.replacen("later ", "later +", 1),
        text.replacen(first, "first 1", 1),
        text.replacen(first, "first 18446744073709551615", 1),
        text.replacen(&format!("{first}\n"), "", 1),
        text.replacen(hash, &format!("{hash} "), 1),
        text.replacen(hash, "AAAA", 1),
        text.replacen("\nanchor ", "\nanchor 1\nanchor ", 1),
        text.replacen("\nanchor ", "\nanchored ", 1),
        format!("{text}\n"),
        text.replace('\n', "\r\n"),
        text[..text.len() - 1].to_owned(),
        "x".repeat(MAX_GROWN_RECEIPT_LENGTH + 1),
    ];
    for case in cases {
        // RECEIPT-8: lengths, lines and bounds.
        let refused = GrownReceipt::parse(case.as_bytes());
        assert_eq!(refused, Err(Breach::ReceiptMalformed), "{}", &case[..80.min(case.len())]);
    }
    assert!(!GrownReceipt::is_meant_by(b"veche/grown-receipt/v10\n"));
    assert!(!GrownReceipt::is_meant_by(b"c2sp.org/tlog-proof@v1\n"));
}

#[test]
fn no_byte_can_be_changed_unseen() {
    let good = grown(5, 9, Some(anchor_with(anchors(ORIGIN, 9), 9)));
    let proved = good.verify(&entry(INDEX), &log_key()).unwrap();
    let bytes = good.to_string().into_bytes();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let read = GrownReceipt::parse(&changed);
        // What is still read says the same to whoever has the entry's bytes, or is refused.
        let verdict = read.and_then(|read| read.verify(&entry(INDEX), &log_key()));
        assert!(verdict.is_err() || verdict == Ok(proved.clone()), "byte {place}");
    }
}
