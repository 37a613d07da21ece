//! Tests of receipts: the two formats, what is refused, and the sums that a proof has to give.

use proptest::prelude::*;

use super::{MAX_PROOF_LENGTH, MAX_RECEIPT_LENGTH, Receipt};
use crate::breach::Breach;
use crate::hash::{Hash, leaf_hash};
use crate::log::checkpoint::Checkpoint;
use crate::log::merkle::{Frontier, NodeReader, inclusion_proof};
use crate::log::note::{Note, VerifierKey};
use crate::log::policy::Policy;
use crate::log::{cosignature, tile::TileReader};
use crate::signature::SigningKey;

const ORIGIN: &str = "city.example/poll/1";

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

fn log_key() -> VerifierKey {
    VerifierKey::ed25519(ORIGIN, signing_key(1).key()).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn tree(size: u64) -> (Hash, impl NodeReader<Error = Breach>) {
    let leaves: Vec<_> = (0..size).map(|index| leaf_hash(&entry(index))).collect();
    let mut frontier = Frontier::new();
    for leaf in &leaves {
        frontier.push(*leaf);
    }
    let tile: Vec<_> = leaves.iter().flat_map(|leaf| leaf.0).collect();
    (frontier.root(), TileReader::new(size, move |_, _, _| Ok(tile.clone())))
}

fn note(size: u64, root: Hash) -> Note {
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root };
    checkpoint.sign(&signing_key(1)).unwrap().into_note()
}

fn receipt(index: u64, size: u64) -> Receipt {
    let (root, reader) = tree(size);
    let proof = inclusion_proof(&reader, index, size).unwrap();
    Receipt::new(index, proof, note(size, root)).unwrap()
}

#[test]
fn a_receipt_proves_its_entry() {
    for size in [1, 2, 3, 100] {
        for index in [0, size / 2, size - 1] {
            let receipt = receipt(index, size);
            let bytes = receipt.to_string();
            let read = Receipt::parse(bytes.as_bytes()).unwrap();
            assert_eq!(read, receipt);
            assert_eq!(read.to_string(), bytes);
            let head = read.verify(&entry(index), &log_key()).unwrap();
            assert_eq!(head.checkpoint().size, size);
            assert_eq!(read.verify(&entry(index + 1), &log_key()), Err(Breach::ProofInvalid));
            assert_eq!(read.verify(b"", &log_key()), Err(Breach::ProofInvalid));
        }
    }
}

#[test]
fn the_form_is_that_of_the_specification() {
    let receipt = receipt(1, 2).with_extra(b"extra data".to_vec());
    let sibling = super::base64(leaf_hash(&entry(0)).as_bytes());
    let expected = format!(
        "c2sp.org/tlog-proof@v1\nextra ZXh0cmEgZGF0YQ==\nindex 1\n{sibling}\n\n{}",
        receipt.note()
    );
    assert_eq!(receipt.to_string(), expected);
    let read = Receipt::parse(expected.as_bytes()).unwrap();
    assert_eq!(read.extra(), Some(b"extra data".as_slice()));
    assert_eq!((read.index(), read.proof()), (1, [leaf_hash(&entry(0))].as_slice()));
    let empty = receipt.with_extra(Vec::new());
    assert_eq!(Receipt::parse(empty.to_string().as_bytes()), Ok(empty));
}

// RECEIPT-2
#[test]
fn a_forged_receipt_is_refused() {
    let good = receipt(5, 9);
    let check = |receipt: &Receipt| receipt.verify(&entry(5), &log_key()).map(|_| ());
    assert_eq!(check(&good), Ok(()));
    // Another index, another head, another signer.
    let moved = Receipt { index: 4, ..good.clone() };
    assert_eq!(check(&moved), Err(Breach::ProofInvalid));
    let longer = Receipt { note: note(10, tree(10).0), ..good.clone() };
    assert_eq!(check(&longer), Err(Breach::ProofInvalid));
    let trailing = Receipt { proof: [good.proof(), &[Hash::ZERO]].concat(), ..good.clone() };
    assert_eq!(check(&trailing), Err(Breach::ProofInvalid));
    let text = good.note().text();
    let stranger = Note::sign(text, &signing_key(2), ORIGIN).unwrap();
    let forged = Receipt { note: stranger, ..good.clone() };
    assert_eq!(check(&forged), Err(Breach::NoteUnsigned));
    let altered = good.to_string().replace("\n9\n", "\n10\n");
    let altered = Receipt::parse(altered.as_bytes()).unwrap();
    assert_eq!(check(&altered), Err(Breach::NoteSignatureInvalid));
}

#[test]
fn a_receipt_of_another_log_is_refused() {
    let key = VerifierKey::ed25519("city.example/poll/2", signing_key(1).key()).unwrap();
    assert_eq!(receipt(0, 1).verify(&entry(0), &key), Err(Breach::CheckpointOrigin));
}

#[test]
fn a_receipt_is_checked_by_a_policy() {
    let witness = VerifierKey::cosignature("w.example", signing_key(2).key()).unwrap();
    let policy = format!("log {}\nwitness w {witness}\nquorum w\n", log_key());
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    let bare = receipt(3, 7);
    assert_eq!(bare.verify_by(&entry(3), &policy), Err(Breach::QuorumMissing));
    let mut note = bare.note().clone();
    let line = cosignature::sign(note.text(), 99, &signing_key(2), "w.example").unwrap();
    note.add_signature(line).unwrap();
    let witnessed = Receipt { note, ..bare };
    let head = witnessed.verify_by(&entry(3), &policy).unwrap();
    assert_eq!(head.head().checkpoint().size, 7);
    assert_eq!(head.cosigned()[0].time, Some(99));
    assert_eq!(witnessed.verify_by(&entry(4), &policy), Err(Breach::ProofInvalid));
}

// RECEIPT-1
#[test]
fn malformed_receipts_are_refused() {
    let good = receipt(5, 9).with_extra(vec![1]).to_string();
    let replace = |from: &str, to: &str| {
        assert!(good.contains(from), "{from:?}");
        good.replacen(from, to, 1)
    };
    for bytes in [
        String::new(),
        "c2sp.org/tlog-proof@v1\n".into(),
        replace("@v1", "@v2"),
        replace("@v1", "@v1 "),
        replace("\n", "\r\n"),
        replace("index 5", "index 05"),
        replace("index 5", "index +5"),
        replace("index 5", "index  5"),
        replace("index 5", "index 5 "),
        replace("index 5", "Index 5"),
        replace("index 5", "index 18446744073709551616"),
        replace("index 5\n", ""),
        replace("index 5\n", "index 5\nindex 5\n"),
        replace("extra AQ==", "extra AQ"),
        replace("extra AQ==", "extra AR=="),
        replace("extra AQ==", "extra AQ==\nextra AQ=="),
        replace("extra AQ==\nindex 5", "index 5\nextra AQ=="),
        replace("=\n", "\n"),
        replace("=\n", "=\nAAAA\n"),
        replace("=\n", "= \n"),
        replace("\n\n", "\n"),
        good.replace('c', "\u{441}"),
        format!("\n{good}"),
    ] {
        let outcome = Receipt::parse(bytes.as_bytes());
        assert_eq!(outcome, Err(Breach::ReceiptMalformed), "{bytes:?}");
    }
    assert!(Receipt::parse(good.as_bytes()).is_ok());
    // An empty line among the hashes ends the proof: what follows is then no checkpoint.
    assert!(Receipt::parse(replace("=\n", "=\n\n").as_bytes()).is_err());
    assert!(Receipt::parse(format!("{good}\n").as_bytes()).is_err());
    assert!(Receipt::parse(good.trim_end().as_bytes()).is_err());
}

#[test]
fn a_note_that_is_no_checkpoint_is_refused() {
    let note = Note::sign("hello\n", &signing_key(1), ORIGIN).unwrap();
    let bytes = format!("c2sp.org/tlog-proof@v1\nindex 0\n\n{note}");
    assert_eq!(Receipt::parse(bytes.as_bytes()), Err(Breach::CheckpointMalformed));
    assert_eq!(Receipt::new(0, Vec::new(), note), Err(Breach::CheckpointMalformed));
    let no_note = b"c2sp.org/tlog-proof@v1\nindex 0\n\nhello\n";
    assert_eq!(Receipt::parse(no_note), Err(Breach::NoteMalformed));
}

#[test]
fn the_proof_and_the_whole_are_bounded() {
    let note = note(1, Hash::ZERO);
    let longest = Receipt::new(0, vec![Hash::ZERO; MAX_PROOF_LENGTH], note.clone()).unwrap();
    let bytes = longest.to_string();
    assert_eq!(Receipt::parse(bytes.as_bytes()), Ok(longest));
    let line = format!("{}\n", super::base64(&[0; 32]));
    let longer = bytes.replacen(&line, &line.repeat(2), 1);
    assert_eq!(Receipt::parse(longer.as_bytes()), Err(Breach::ReceiptMalformed));
    let outcome = Receipt::new(0, vec![Hash::ZERO; MAX_PROOF_LENGTH + 1], note.clone());
    assert_eq!(outcome, Err(Breach::ReceiptMalformed));
    let heavy = Receipt::new(0, Vec::new(), note).unwrap().with_extra(vec![0; MAX_RECEIPT_LENGTH]);
    let outcome = Receipt::parse(heavy.to_string().as_bytes());
    assert_eq!(outcome, Err(Breach::ReceiptMalformed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_changed_byte_never_verifies(position in any::<usize>(), byte in any::<u8>()) {
        let receipt = receipt(5, 9);
        let good = receipt.to_string().into_bytes();
        let mut bytes = good.clone();
        let position = position % bytes.len();
        bytes[position] = byte;
        if let Ok(read) = Receipt::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes.clone());
            prop_assert!(bytes == good || read.verify(&entry(5), &log_key()).is_err());
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in any::<Vec<u8>>()) {
        let bytes = [b"c2sp.org/tlog-proof@v1\n", bytes.as_slice()].concat();
        if let Ok(receipt) = Receipt::parse(&bytes) {
            prop_assert_eq!(receipt.to_string().into_bytes(), bytes);
        }
    }
}
