//! Receipts: their form, the head below them, and the entry that they prove.

use serde_json::{Value, json};

use super::{ORIGIN, content, entry, log_key, log_verifier};
use crate::city::{PaperLog, key};

/// A log of seven entries.
fn log() -> PaperLog {
    let mut log = PaperLog::new(ORIGIN.to_owned());
    (0..7).for_each(|index| {
        log.push(entry(index));
    });
    log
}

/// The receipt for entry 5 of seven.
fn good() -> String {
    log().receipt(5, 7, &log_key())
}

/// Name, the receipt, the checker's own bytes of the entry if there are any, and the code.
type Vector = (&'static str, Vec<u8>, Option<Vec<u8>>, Option<&'static str>);

pub(super) fn vectors() -> Vec<(String, Value)> {
    let vectors = [verdicts(), malformed()].concat();
    vectors
        .into_iter()
        .map(|(name, receipt, own, code)| {
            let mut vector = json!({
                "receipt": content(&receipt),
                "key": log_verifier().to_string(),
                "entry": own.map(hex::encode),
            });
            if let Some(code) = code {
                vector["code"] = json!(code);
            } else {
                vector["index"] = json!("5");
                vector["size"] = json!("7");
            }
            (name.to_owned(), vector)
        })
        .collect()
}

fn without_extra(receipt: &str) -> String {
    let is_extra = |line: &&str| line.starts_with("extra ");
    receipt.split_inclusive('\n').filter(|line| !is_extra(line)).collect()
}

fn verdicts() -> Vec<Vector> {
    let good = good();
    let bytes = || good.clone().into_bytes();
    let bare = without_extra(&good);
    let foreign = {
        let mut log = log();
        "vote.example.org/roll/a".clone_into(&mut log.origin);
        log.receipt(5, 7, &log_key())
    };
    let forged = log().receipt(5, 7, &key("stranger"));
    let false_line = {
        let (body, _) = good.rsplit_once("\n\n").expect("a note has an empty line");
        let earlier = log().checkpoint_at(6, &log_key());
        let earlier = String::from_utf8(earlier).expect("a note");
        [body, "\n\n", earlier.rsplit_once("\n\n").expect("an empty line").1].concat()
    };
    let other_index = good.replacen("index 5", "index 4", 1);
    let other_extra = good.replacen(
        good.lines().nth(1).expect("extra"),
        log().receipt(4, 7, &log_key()).lines().nth(1).expect("extra"),
        1,
    );
    vec![
        ("good", bytes(), None, None),
        ("good_with_own_bytes", bytes(), Some(entry(5)), None),
        ("without_extra", bare.clone().into_bytes(), Some(entry(5)), None),
        ("without_extra_nor_own_bytes", bare.into_bytes(), None, Some("proof-invalid")),
        ("for_another_entry", bytes(), Some(entry(4)), Some("proof-invalid")),
        ("with_another_extra", other_extra.into_bytes(), None, Some("proof-invalid")),
        ("with_another_index", other_index.into_bytes(), None, Some("proof-invalid")),
        (
            "past_the_size",
            good.replacen("index 5", "index 7", 1).into_bytes(),
            None,
            Some("proof-invalid"),
        ),
        ("of_another_log", foreign.into_bytes(), None, Some("checkpoint-origin")),
        ("signed_by_another_key", forged.into_bytes(), None, Some("note-unsigned")),
        ("with_a_false_signature", false_line.into_bytes(), None, Some("note-signature-invalid")),
    ]
}

fn malformed() -> Vec<Vector> {
    let good = good();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let with = |from: &str, to: &str| good.replacen(from, to, 1);
    let one_hash_many = {
        let mut many: Vec<&str> = lines[..3].to_vec();
        many.extend(core::iter::repeat_n(lines[3], 65));
        many.extend(&lines[6..]);
        many.concat()
    };
    let mut not_text = good.clone().into_bytes();
    not_text[40] = 0xff;
    let texts = [
        ("with_another_first_line", with("@v1", "@v2")),
        ("with_carriage_returns", good.replace('\n', "\r\n")),
        ("with_extra_after_index", [lines[0], lines[2], lines[1], &lines[3..].concat()].concat()),
        ("with_extra_twice", [lines[0], lines[1], &lines[1..].concat()].concat()),
        (
            "with_extra_without_padding",
            without_extra(&good).replacen("index", "extra YQ\nindex", 1),
        ),
        ("without_index", [lines[0], lines[1], &lines[3..].concat()].concat()),
        ("with_a_leading_zero", with("index 5", "index 05")),
        ("with_a_hash_of_31_bytes", with(lines[3].trim_end(), &format!("{}AA==", "A".repeat(40)))),
        ("with_65_hashes", one_hash_many),
        (
            "with_a_space_after_a_hash",
            with(lines[3].trim_end(), &format!("{} ", lines[3].trim_end())),
        ),
        ("without_checkpoint", good.split_once("\n\n").expect("an empty line").0.to_owned() + "\n"),
    ];
    let mut vectors: Vec<Vector> = texts
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes(), None, Some("receipt-malformed")))
        .collect();
    vectors.push(("not_utf_8", not_text, None, Some("receipt-malformed")));
    let (proof, _) = good.split_once("\n\n").expect("an empty line");
    let garbage = format!("{proof}\n\nno checkpoint\n");
    vectors.push((
        "with_a_checkpoint_that_is_no_note",
        garbage.into_bytes(),
        None,
        Some("note-malformed"),
    ));
    vectors
}
