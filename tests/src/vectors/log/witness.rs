//! What a witness is asked: requests, how they are judged, and what contradicts what was cosigned.

use serde_json::{Value, json};
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{Note, sign_text};
use veche_protocol::poll::acts::Head;

use super::{ORIGIN, content, entry, log_key, log_verifier, other_root};
use crate::city::{PaperLog, key};

fn log() -> PaperLog {
    let mut log = PaperLog::new(ORIGIN.to_owned());
    for index in 0..9 {
        log.push(entry(index));
    }
    log
}

/// The same log, but from entry 3 on.
fn forked() -> PaperLog {
    let mut log = log();
    for entry in &mut log.entries[3..] {
        entry.push(b'!');
    }
    log
}

fn base64(hash: &Hash) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(hash.as_bytes())
}

/// A request with this old size and these hashes for a note.
fn request(old: &str, hashes: &[Hash], note: &[u8]) -> Vec<u8> {
    let hashes: String = hashes.iter().map(|hash| base64(hash) + "\n").collect();
    [format!("old {old}\n{hashes}\n").as_bytes(), note].concat()
}

/// What an honest log asks: from this size to that one.
fn growth(log: &PaperLog, old: usize, size: usize) -> Vec<u8> {
    request(&old.to_string(), &log.consistency(old, size), &log.checkpoint_at(size, &log_key()))
}

/// What a witness has cosigned last.
type Latest = Option<Head>;

/// What comes of a request: the outcome, its status, and how it contradicts the latest head.
#[derive(Clone, Copy)]
struct Judgement(&'static str, u16, Contradiction);

#[derive(Clone, Copy)]
enum Contradiction {
    None,
    Roots,
    History(Hash),
    Unproven,
}

use Contradiction::{None as NoContradiction, Roots, Unproven};

const ACCEPTED: Judgement = Judgement("accepted", 200, NoContradiction);
const MALFORMED: Judgement = Judgement("malformed", 400, NoContradiction);
const UNTRUSTED: Judgement = Judgement("untrusted", 403, NoContradiction);
const UNKNOWN: Judgement = Judgement("unknown", 404, NoContradiction);
const STALE: Judgement = Judgement("stale", 409, NoContradiction);

type Case = (&'static str, Vec<u8>, Latest, Judgement);

pub(super) fn vectors() -> Vec<(String, Value)> {
    let coded = |(name, request, latest, judgement)| (name, request, latest, judgement, None);
    let judged = accepted().into_iter().chain(refused()).chain(contradicting()).map(coded);
    let untrusted = untrusted().into_iter().map(|(name, request, code)| {
        (name, request, Some(log().head_at(5)), UNTRUSTED, Some(code))
    });
    let ill_formed = ill_formed().into_iter().map(|(name, request, code)| {
        (name, request, Some(log().head_at(5)), MALFORMED, Some(code))
    });
    judged.chain(untrusted).chain(ill_formed).map(render).collect()
}

fn render(
    (name, request, latest, judgement, code): (
        &str,
        Vec<u8>,
        Latest,
        Judgement,
        Option<&'static str>,
    ),
) -> (String, Value) {
    let Judgement(outcome, status, contradiction) = judgement;
    let size = latest.map_or(0, |head| head.size);
    let latest = latest
        .map(|Head { size, root }| json!({ "size": size.to_string(), "root": root.to_string() }));
    let keys = if outcome == "unknown" { vec![] } else { vec![log_verifier().to_string()] };
    let mut vector = json!({
        "request": content(&request), "keys": keys, "latest": latest,
        "outcome": outcome, "status": status,
    });
    if let Some(code) = code {
        vector["code"] = json!(code);
    }
    if outcome == "stale" {
        vector["answer"] = json!(format!("{size}\n"));
    }
    vector["contradiction"] = match contradiction {
        NoContradiction => json!("none"),
        Roots => json!("roots"),
        Unproven => json!("unproven"),
        Contradiction::History(root) => {
            vector["root"] = json!(root.to_string());
            json!("history")
        }
    };
    (name.to_owned(), vector)
}

fn accepted() -> Vec<Case> {
    let log = log();
    let same = request("5", &[], &log.checkpoint_at(5, &log_key()));
    let first = |size| growth(&log, 0, size);
    let with_a_cosignature = {
        let head = log.checkpoint_at(9, &log_key());
        let mut note = Note::parse(&head).expect("a head");
        let line = cosignature::sign(note.text(), 1_800_000_000, &key("w"), "w.example");
        note.add_signature(line.expect("a time")).expect("few lines");
        request("5", &log.consistency(5, 9), note.to_string().as_bytes())
    };
    vec![
        ("for_the_first_head", first(9), None, ACCEPTED),
        ("for_an_empty_log", first(0), None, ACCEPTED),
        ("from_an_empty_log", first(9), Some(Head { size: 0, root: empty_root() }), ACCEPTED),
        ("from_5_to_9", growth(&log, 5, 9), Some(log.head_at(5)), ACCEPTED),
        ("from_4_to_9", growth(&log, 4, 9), Some(log.head_at(4)), ACCEPTED),
        ("from_8_to_9", growth(&log, 8, 9), Some(log.head_at(8)), ACCEPTED),
        ("for_the_same_head_again", same, Some(log.head_at(5)), ACCEPTED),
        ("with_a_cosignature", with_a_cosignature, Some(log.head_at(5)), ACCEPTED),
    ]
}

fn untrusted() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let head = log().checkpoint_at(9, &log_key());
    let text = Note::parse(&head).expect("a head").text().to_owned();
    let stranger = Note::sign(&text, &key("stranger"), ORIGIN).expect("a name of a key");
    let stranger = stranger.to_string();
    let false_line = {
        let mut note = Note::parse(&head).expect("a head");
        let line = sign_text("another text\n", &log_key(), ORIGIN).expect("a name of a key");
        note.add_signature(line).expect("few lines");
        note.to_string()
    };
    let unsigned = "note-unsigned";
    vec![
        ("by_another_key", request("5", &[], stranger.as_bytes()), unsigned),
        ("by_another_key_from_above", request("10", &[], stranger.as_bytes()), unsigned),
        ("with_a_false_line", request("5", &[], false_line.as_bytes()), "note-signature-invalid"),
    ]
}

fn refused() -> Vec<Case> {
    let log = log();
    let head = log.checkpoint_at(9, &log_key());
    let above = |old: &str| request(old, &[], &head);
    let five = Some(log.head_at(5));
    vec![
        ("of_an_unknown_log", growth(&log, 5, 9), five, UNKNOWN),
        ("from_above", above("10"), five, MALFORMED),
        ("from_the_largest_size", above("18446744073709551615"), five, MALFORMED),
        (
            "from_above_as_was_cosigned",
            above("10"),
            Some(Head { size: 10, root: other_root() }),
            MALFORMED,
        ),
        ("from_0_where_5_was_cosigned", growth(&log, 0, 9), five, STALE),
        ("from_below_what_was_cosigned", growth(&log, 4, 9), five, STALE),
        ("from_more_than_was_cosigned", growth(&log, 8, 9), five, STALE),
        ("from_what_was_never_cosigned", growth(&log, 5, 9), None, STALE),
        ("for_a_smaller_head", growth(&log, 3, 4), five, STALE),
    ]
}

/// WITNESS-3 and WITNESS-8: what no honest log asks.
fn contradicting() -> Vec<Case> {
    let (log, forked) = (log(), forked());
    let five = Some(log.head_at(5));
    let same =
        |old: &str, hashes: &[Hash]| request(old, hashes, &forked.checkpoint_at(5, &log_key()));
    let inconsistent = |contradiction| Judgement("inconsistent", 422, contradiction);
    let other = Judgement("other-root", 422, Roots);
    let of_fork = |size| Contradiction::History(forked.head_at(size).root);
    let wrong = |change: fn(&mut Vec<Hash>)| {
        let mut hashes = log.consistency(5, 9);
        change(&mut hashes);
        request("5", &hashes, &log.checkpoint_at(9, &log_key()))
    };
    let changed = wrong(|hashes| hashes[1] = other_root());
    let too_many = wrong(|hashes| hashes.push(other_root()));
    let too_few = wrong(|hashes| hashes.truncate(hashes.len() - 1));
    let again = request("5", &[other_root()], &log.checkpoint_at(5, &log_key()));
    let first = request("0", &[other_root()], &log.checkpoint_at(9, &log_key()));
    vec![
        ("for_another_root", same("5", &[]), five, other),
        ("for_another_root_with_a_hash", same("5", &[other_root()]), five, other),
        ("for_another_root_from_0", same("0", &[]), five, Judgement("stale", 409, Roots)),
        ("of_a_fork_from_5", growth(&forked, 5, 9), five, inconsistent(of_fork(5))),
        ("of_a_fork_from_6", growth(&forked, 6, 9), Some(log.head_at(6)), inconsistent(of_fork(6))),
        ("of_a_fork_from_4", growth(&forked, 4, 9), Some(log.head_at(4)), inconsistent(Unproven)),
        ("of_a_fork_from_another_size", growth(&forked, 4, 9), five, STALE),
        ("without_hashes", wrong(Vec::clear), five, inconsistent(Unproven)),
        ("with_a_hash_changed", changed, five, inconsistent(Unproven)),
        ("with_a_hash_too_many", too_many, five, inconsistent(Unproven)),
        ("with_a_hash_too_few", too_few, five, inconsistent(Unproven)),
        ("for_the_same_head_with_a_hash", again, five, inconsistent(NoContradiction)),
        ("for_the_first_head_with_a_hash", first, None, inconsistent(NoContradiction)),
    ]
}

fn ill_formed() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let log = log();
    let head = log.checkpoint_at(9, &log_key());
    let with = |lines: &str| [lines.as_bytes(), b"\n", &head].concat();
    let hash = base64(&other_root());
    let many = |count| format!("old 5\n{}", format!("{hash}\n").repeat(count));
    let extension = {
        let text = format!("{}more\n", Note::parse(&head).expect("a head").text());
        Note::sign(&text, &log_key(), ORIGIN).expect("a name of a key").to_string()
    };
    let mut not_text = growth(&log, 5, 9);
    not_text[0] = 0xff;
    let endless = format!("old 5\n\n{}", "x".repeat(133_934));
    let malformed = "witness-malformed";
    vec![
        ("empty", Vec::new(), malformed),
        ("without_an_old_size", with(""), malformed),
        ("with_another_word", with("size 5\n"), malformed),
        ("with_an_old_size_with_a_zero", with("old 05\n"), malformed),
        ("with_an_old_size_of_65_bits", with("old 18446744073709551616\n"), malformed),
        ("with_a_space_more", with("old 5 \n"), malformed),
        ("with_a_carriage_return", with("old 5\r\n"), malformed),
        (
            "with_a_hash_without_padding",
            with(&format!("old 5\n{}\n", hash.trim_end_matches('='))),
            malformed,
        ),
        ("with_a_hash_of_31_bytes", with(&format!("old 5\n{}==\n", "A".repeat(42))), malformed),
        ("with_64_hashes", with(&many(64)), malformed),
        ("without_an_empty_line", format!("old 5\n{hash}\n").into_bytes(), malformed),
        ("not_utf_8", not_text, malformed),
        ("of_133934_bytes_and_more", endless.into_bytes(), malformed),
        ("without_a_note", b"old 5\n\n".to_vec(), "note-malformed"),
        ("with_two_empty_lines", with("old 5\n\n"), "checkpoint-malformed"),
        ("with_an_extension_line", request("5", &[], extension.as_bytes()), "checkpoint-malformed"),
    ]
}
