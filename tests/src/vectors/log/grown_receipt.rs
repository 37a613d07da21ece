//! Grown receipts: their form, both promises, what is between them, and the register's anchor.

use serde_json::{Value, json};
use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::register::{AnchoredHead, Anchors, LogAnnouncement};

use super::{ORIGIN, content, entry, log_key};
use crate::city::{PaperLog, key};

const POLL: &str = "vote.example.org/poll/park";
const MALFORMED: &str = "receipt-malformed";
const INVALID: &str = "proof-invalid";
/// The index of the entry that all these receipts are for.
const INDEX: usize = 5;

/// A poll's log of twelve entries.
fn poll() -> PaperLog {
    let mut log = PaperLog::new(POLL.to_owned());
    (0..12).for_each(|index| {
        log.push(entry(index));
    });
    log
}

/// A register whose entry 1 announces that log, and whose entry 2 anchors a head of this origin.
fn register(origin: &str, size: usize) -> PaperLog {
    let anchored = AnchoredHead {
        origin: origin.to_owned(),
        size: size as u64,
        root: poll().head_at(size).root,
    };
    let payloads = [
        Payload::Log(LogAnnouncement { origin: origin.to_owned(), first: poll().leaf(0) }),
        Payload::Anchors(Anchors { heads: vec![anchored], register_checkpoint: None }),
    ];
    let mut log = PaperLog::new(ORIGIN.to_owned());
    log.push(entry(0));
    for payload in payloads {
        let binding = Binding { instance: Hash::ZERO, origin: ORIGIN, under: Hash::ZERO };
        log.push(SignedEntry::sign(&payload, &binding, &[&log_key()]).into_bytes());
    }
    log
}

/// A grown receipt as its parts, which a case may spoil.
#[derive(Clone)]
struct Parts {
    header: &'static str,
    lengths: [String; 2],
    growth: Vec<String>,
    /// The line `anchor` and the hashes after it.
    anchor: Vec<String>,
    receipts: Vec<String>,
}

impl Parts {
    /// From a head of 7 entries to one of 12.
    fn new() -> Self {
        Self::of_sizes(7, 12)
    }

    fn of_sizes(from: usize, to: usize) -> Self {
        let receipts = [from, to].map(|size| poll().receipt(INDEX, size, &log_key())).to_vec();
        Self::of(receipts, &poll().consistency(from, to))
    }

    fn of(receipts: Vec<String>, growth: &[Hash]) -> Self {
        let lengths = [receipts[0].len().to_string(), receipts[1].len().to_string()];
        let growth = growth.iter().map(base64).collect();
        Self { header: "veche/grown-receipt/v1", lengths, growth, anchor: Vec::new(), receipts }
    }

    /// With the register's entry at `index`, and the entry's proof in the head of so many entries.
    fn anchored_by(mut self, register: &PaperLog, index: usize, size: usize) -> Self {
        let receipt = register.receipt(index, 3, &log_key());
        self.anchor = vec![format!("anchor {}", receipt.len())];
        self.anchor.extend(hashes(&poll().receipt(INDEX, size, &log_key())));
        self.receipts.push(receipt);
        self
    }

    fn anchored(self) -> Self {
        self.anchored_by(&register(POLL, 9), 2, 9)
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn text(&self) -> String {
        let Self { header, lengths: [first, later], growth, anchor, receipts } = self;
        let lines = growth.iter().chain(anchor);
        let lines: String = lines.flat_map(|line| [line.as_str(), "\n"]).collect();
        format!("{header}\nfirst {first}\nlater {later}\n{lines}\n{}", receipts.concat())
    }
}

fn base64(hash: &Hash) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(hash.0)
}

/// The lines of a receipt's proof.
fn hashes(receipt: &str) -> Vec<String> {
    let (head, _) = receipt.split_once("\n\n").expect("an empty line");
    head.lines().skip(3).map(str::to_owned).collect()
}

fn without_extra(receipt: &str) -> String {
    let is_extra = |line: &&str| line.starts_with("extra ");
    receipt.split_inclusive('\n').filter(|line| !is_extra(line)).collect()
}

/// What a good one comes to: sizes of both heads; the anchor's index, size and register's size.
type Expected = Result<([u64; 2], Option<[u64; 3]>), &'static str>;
type Vector = (&'static str, Vec<u8>, Option<Vec<u8>>, Expected);

pub(super) fn vectors() -> Vec<(String, Value)> {
    let verifier = VerifierKey::ed25519(POLL, log_key().key()).expect("a name of a key");
    let vectors = [good(), promises(), anchors(), malformed()].concat();
    let vector = |(name, bytes, own, expected): Vector| {
        let mut vector = json!({
            "receipt": content(&bytes),
            "key": verifier.to_string(),
            "entry": own.map(hex::encode),
        });
        match expected {
            Err(code) => vector["code"] = json!(code),
            Ok(([first, later], anchor)) => {
                vector["first"] = json!(first.to_string());
                vector["later"] = json!(later.to_string());
                vector["anchor"] = json!(anchor.map(|numbers| numbers.map(|n| n.to_string())));
            }
        }
        (name.to_owned(), vector)
    };
    vectors.into_iter().map(vector).collect()
}

fn good() -> Vec<Vector> {
    let bytes = |parts: Parts| parts.text().into_bytes();
    let bare = Parts::new();
    let bare = Parts::of(
        bare.receipts.iter().map(|receipt| without_extra(receipt)).collect(),
        &poll().consistency(7, 12),
    );
    let at = Some([2, 9, 3]);
    vec![
        ("good", bytes(Parts::new()), None, Ok(([7, 12], None))),
        ("good_with_an_anchor", bytes(Parts::new().anchored()), None, Ok(([7, 12], at))),
        ("good_with_own_bytes", bytes(Parts::new().anchored()), Some(entry(5)), Ok(([7, 12], at))),
        ("below_one_head", bytes(Parts::of_sizes(7, 7)), None, Ok(([7, 7], None))),
        (
            "anchored_beyond_the_later_head",
            bytes(Parts::of_sizes(7, 8).anchored()),
            None,
            Ok(([7, 8], at)),
        ),
        ("without_extra", bytes(bare.clone()), Some(entry(5)), Ok(([7, 12], None))),
        ("without_extra_nor_own_bytes", bytes(bare), None, Err(INVALID)),
    ]
}

fn promises() -> Vec<Vector> {
    let bytes = |parts: Parts| parts.text().into_bytes();
    let of_another_history = {
        let mut other = poll();
        other.entries[6] = b"another entry".to_vec();
        let receipts =
            vec![poll().receipt(INDEX, 7, &log_key()), other.receipt(INDEX, 12, &log_key())];
        Parts::of(receipts, &other.consistency(7, 12))
    };
    let forked_at_one_size = {
        let mut other = poll();
        other.entries[6] = b"another entry".to_vec();
        let receipts =
            vec![poll().receipt(INDEX, 7, &log_key()), other.receipt(INDEX, 7, &log_key())];
        Parts::of(receipts, &[])
    };
    let by = |signers: [&str; 2]| {
        let sizes = [7, 12].into_iter().zip(signers);
        let receipts = sizes.map(|(size, signer)| {
            let signer = if signer == "log" { log_key() } else { key(signer) };
            poll().receipt(INDEX, size, &signer)
        });
        Parts::of(receipts.collect(), &poll().consistency(7, 12))
    };
    let of_another_log = {
        let mut other = poll();
        "vote.example.org/poll/mill".clone_into(&mut other.origin);
        let receipts =
            vec![poll().receipt(INDEX, 7, &log_key()), other.receipt(INDEX, 12, &log_key())];
        Parts::of(receipts, &poll().consistency(7, 12))
    };
    let cases = [
        ("of_another_history", of_another_history, INVALID),
        ("forked_at_one_size", forked_at_one_size, INVALID),
        ("without_consistency", Parts::new().with(|parts| parts.growth.clear()), INVALID),
        (
            "with_a_hash_too_many",
            Parts::new().with(|parts| parts.growth.push(base64(&Hash::ZERO))),
            INVALID,
        ),
        ("first_by_another_key", by(["stranger", "log"]), "note-unsigned"),
        ("later_by_another_key", by(["log", "stranger"]), "note-unsigned"),
        ("later_of_another_log", of_another_log, "checkpoint-origin"),
    ];
    let mut vectors: Vec<Vector> =
        cases.map(|(name, parts, code)| (name, bytes(parts), None, Err(code))).to_vec();
    vectors.push(("for_another_entry", bytes(Parts::new()), Some(entry(4)), Err(INVALID)));
    vectors
}

fn anchors() -> Vec<Vector> {
    let register = || register(POLL, 9);
    let changed = |change: &dyn Fn(&mut PaperLog)| {
        let mut changed = register();
        change(&mut changed);
        Parts::new().anchored_by(&changed, 2, 9)
    };
    let by_another_key = Parts::new().anchored().with(|parts| {
        parts.receipts[2] = register().receipt(2, 3, &key("stranger"));
        parts.anchor[0] = format!("anchor {}", parts.receipts[2].len());
    });
    let cases = [
        (
            "anchored_by_a_roll",
            changed(&|log| "vote.example.org/roll/a".clone_into(&mut log.origin)),
            "checkpoint-origin",
        ),
        (
            "anchored_by_another_city",
            changed(&|log| "vote.example.com/register".clone_into(&mut log.origin)),
            "checkpoint-origin",
        ),
        ("anchored_by_another_key", by_another_key, "note-unsigned"),
        ("anchored_by_no_entry", changed(&|log| log.entries[2] = entry(2)), "entry-malformed"),
        ("anchored_by_an_announcement", Parts::new().anchored_by(&register(), 1, 9), INVALID),
        (
            "anchor_of_another_log",
            Parts::new().anchored_by(&self::register("vote.example.org/poll/mill", 9), 2, 9),
            INVALID,
        ),
        (
            "anchor_before_the_entry",
            Parts::new().anchored_by(&self::register(POLL, 5), 2, 9),
            INVALID,
        ),
        (
            "anchor_with_the_proof_of_another_size",
            Parts::new().anchored_by(&register(), 2, 12),
            INVALID,
        ),
    ];
    cases.map(|(name, parts, code)| (name, parts.text().into_bytes(), None, Err(code))).to_vec()
}

fn malformed() -> Vec<Vector> {
    let good = || Parts::new().anchored();
    let text = good().text();
    let spoiled = |change: &dyn Fn(&mut Parts)| good().with(change).text();
    let other_receipt = |place: usize, receipt: String| {
        spoiled(&|parts| {
            parts.lengths[place] = receipt.len().to_string();
            parts.receipts[place].clone_from(&receipt);
        })
    };
    let bare_register = spoiled(&|parts| {
        parts.receipts[2] = without_extra(&parts.receipts[2]);
        parts.anchor[0] = format!("anchor {}", parts.receipts[2].len());
    });
    let cases = [
        ("with_another_first_line", spoiled(&|parts| parts.header = "veche/grown-receipt/v2")),
        ("with_carriage_returns", text.replace('\n', "\r\n")),
        ("with_a_leading_zero", spoiled(&|parts| parts.lengths[0].insert(0, '0'))),
        ("with_a_length_too_small", spoiled(&|parts| "10".clone_into(&mut parts.lengths[1]))),
        (
            "with_a_length_of_65_bits",
            spoiled(&|parts| {
                "18446744073709551616".clone_into(&mut parts.lengths[0]);
            }),
        ),
        ("without_later", text.replacen("\nlater ", "\nlast ", 1)),
        ("with_66_hashes", spoiled(&|parts| parts.growth = vec![base64(&Hash::ZERO); 66])),
        (
            "with_a_hash_of_31_bytes",
            spoiled(&|parts| {
                parts.growth[0] = format!("{}AA==", "A".repeat(40));
            }),
        ),
        (
            "with_65_hashes_after_anchor",
            spoiled(&|parts| {
                parts.anchor.resize(66, base64(&Hash::ZERO));
            }),
        ),
        ("with_two_anchors", spoiled(&|parts| parts.anchor.insert(0, "anchor 1".to_owned()))),
        ("with_an_anchor_and_no_receipt", spoiled(&|parts| drop(parts.receipts.pop()))),
        ("with_a_receipt_and_no_anchor", spoiled(&|parts| parts.anchor.clear())),
        ("with_an_anchor_without_extra", bare_register),
        ("with_something_after_it", format!("{text}\n")),
        (
            "with_a_later_head_that_is_smaller",
            Parts::of_sizes(12, 12)
                .with(|parts| {
                    parts.receipts[1] = poll().receipt(INDEX, 7, &log_key());
                    parts.lengths[1] = parts.receipts[1].len().to_string();
                })
                .text(),
        ),
        ("with_two_indices", other_receipt(1, poll().receipt(4, 12, &log_key()))),
        ("with_one_extra", other_receipt(0, without_extra(&poll().receipt(INDEX, 7, &log_key())))),
        ("with_a_later_receipt_that_is_none", other_receipt(1, "no receipt".to_owned())),
    ];
    let malformed = |(name, text): (&'static str, String)| -> Vector {
        (name, text.into_bytes(), None, Err(MALFORMED))
    };
    let mut vectors: Vec<Vector> = cases.map(malformed).to_vec();
    let mut not_text = good().text().into_bytes();
    not_text[40] = 0xff;
    vectors.push(("not_utf_8", not_text, None, Err(MALFORMED)));
    vectors
}
