//! Fork proofs: what convicts, and every way in which one does not.

use serde_json::{Value, json};
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{Note, VerifierKey, sign_text};

use super::key::verifier_text;
use super::{ORIGIN, entry, log_key, log_verifier, other_root};
use crate::city::{PaperLog, key, ml_dsa_key};

const MALFORMED: &str = "fork-malformed";
const INVALID: &str = "proof-invalid";

/// The log as some were shown it, and as others were, from entry 3 on.
fn histories() -> [PaperLog; 2] {
    [0, 1].map(|history| {
        let mut log = PaperLog::new(ORIGIN.to_owned());
        for index in 0..9 {
            let other = format!("another entry {index}").into_bytes();
            log.push(if history == 1 && index >= 3 { other } else { entry(index) });
        }
        log
    })
}

fn one(size: usize) -> String {
    String::from_utf8(histories()[0].checkpoint_at(size, &log_key())).expect("a note")
}

fn other(size: usize) -> String {
    String::from_utf8(histories()[1].checkpoint_at(size, &log_key())).expect("a note")
}

/// A fork proof as its parts, which a case may spoil.
#[derive(Clone)]
struct Parts {
    header: &'static str,
    log: String,
    lengths: [String; 2],
    lines: Vec<String>,
    notes: [String; 2],
}

impl Parts {
    fn new(first: String, second: String) -> Self {
        let lengths = [first.len().to_string(), second.len().to_string()];
        let (header, log) = ("veche/fork/v1", log_verifier().to_string());
        Self { header, log, lengths, lines: Vec::new(), notes: [first, second] }
    }

    /// Two heads of one size.
    fn of_one_size() -> Self {
        Self::new(one(5), other(5))
    }

    /// A head, and a larger one with its history.
    fn of_sizes(from: usize, to: usize) -> Self {
        Self::new(one(from), other(to)).with_history(&histories()[1], from, to)
    }

    fn with_history(mut self, history: &PaperLog, from: usize, to: usize) -> Self {
        self.lines = vec![format!("root {}", base64(&history.head_at(from).root))];
        self.lines.extend(history.consistency(from, to).iter().map(base64));
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn text(&self) -> String {
        let Self { header, log, lengths: [first, second], lines, notes } = self;
        let lines: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        format!("{header}\nlog {log}\nfirst {first}\nsecond {second}\n{lines}\n{}", notes.concat())
    }
}

fn base64(hash: &Hash) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(hash.as_bytes())
}

/// A signed head of any root.
fn head(origin: &str, size: u64, root: Hash) -> String {
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
    checkpoint.sign(&log_key()).expect("a name of a key").into_note().to_string()
}

/// The text of a head, signed by this key under this name.
fn resigned(head: &str, by: &str, name: &str) -> String {
    let text = Note::parse(head.as_bytes()).expect("a head").text().to_owned();
    Note::sign(&text, &key(by), name).expect("a name of a key").to_string()
}

/// Name, proof, what its reader knows from elsewhere, and the code.
type Case = (&'static str, Vec<u8>, Vec<VerifierKey>, Option<&'static str>);

pub(super) fn vectors() -> Vec<(String, Value)> {
    let plain = |code: Option<&'static str>| {
        move |(name, parts): (&'static str, Parts)| -> Case {
            (name, parts.text().into_bytes(), Vec::new(), code)
        }
    };
    let cases = good().into_iter().map(plain(None));
    let cases = cases.chain(known());
    let cases = cases.chain(ill_formed().into_iter().map(plain(Some(MALFORMED))));
    let cases = cases.chain(of_other_bytes());
    let cases = cases.chain(agreeing().into_iter().map(plain(Some(INVALID))));
    let cases = cases.chain(defects().into_iter().map(|(name, parts, code)| -> Case {
        (name, parts.text().into_bytes(), Vec::new(), Some(code))
    }));
    let render = |(name, proof, known, code): Case| {
        let known: Vec<_> = known.iter().map(VerifierKey::to_string).collect();
        let mut vector = json!({ "proof": super::content(&proof), "known": known });
        match code {
            Some(code) => vector["code"] = json!(code),
            None => vector["log"] = json!(ORIGIN),
        }
        (name.to_owned(), vector)
    };
    cases.map(render).collect()
}

fn good() -> Vec<(&'static str, Parts)> {
    let witnessed = {
        let mut note = Note::parse(one(5).as_bytes()).expect("a head");
        let line = cosignature::sign(note.text(), 1_800_000_000, &key("w"), "w.example");
        note.add_signature(line.expect("a time")).expect("few lines");
        Parts::new(note.to_string(), other(5))
    };
    let of_nothing = Parts::new(head(ORIGIN, 0, other_root()), other(7));
    let empty = format!("root {}", base64(&empty_root()));
    vec![
        ("of_one_size", Parts::of_one_size()),
        ("of_sizes_5_and_9", Parts::of_sizes(5, 9)),
        ("of_sizes_4_and_5", Parts::of_sizes(4, 5)),
        ("of_sizes_4_and_8", Parts::of_sizes(4, 8)),
        ("with_a_cosignature", witnessed),
        ("of_an_empty_log_with_a_root", of_nothing.with(|parts| parts.lines.push(empty))),
        (
            "of_two_empty_logs",
            Parts::new(head(ORIGIN, 0, other_root()), head(ORIGIN, 0, empty_root())),
        ),
    ]
}

/// FORK-3: whom the reader knows.
fn known() -> Vec<Case> {
    let proof = || Parts::of_sizes(5, 9).text().into_bytes();
    let of = |name: &str, by| VerifierKey::ed25519(name, by).expect("a name of a key");
    let own = log_key().key();
    let poll = of("vote.example.org/poll/park", own);
    let stranger = of(ORIGIN, key("stranger").key());
    let second = VerifierKey::ml_dsa_44(ORIGIN, ml_dsa_key("the city").key().clone());
    let agreeing = Parts::new(one(5), one(5)).text().into_bytes();
    let mismatch = Some("instance-mismatch");
    vec![
        ("by_the_key_known", proof(), vec![log_verifier()], None),
        ("by_one_of_the_keys_known", proof(), vec![stranger.clone(), log_verifier()], None),
        ("by_the_key_of_another_log_of_the_city", proof(), vec![poll], None),
        ("by_another_key_than_that_known", proof(), vec![stranger.clone()], mismatch),
        (
            "by_the_key_of_another_city",
            proof(),
            vec![of("vote.example.com/register", own)],
            mismatch,
        ),
        (
            "where_the_second_key_alone_is_known",
            proof(),
            vec![second.expect("a name of a key")],
            mismatch,
        ),
        ("of_an_unknown_key_that_agrees", agreeing, vec![stranger], Some(INVALID)),
    ]
}

/// FORK-1, the form.
fn ill_formed() -> Vec<(&'static str, Parts)> {
    let one_size = Parts::of_one_size;
    let sizes = || Parts::of_sizes(5, 9);
    let longer =
        |length: &str, by: i64| (length.parse::<i64>().expect("a length") + by).to_string();
    let weak = verifier_text(ORIGIN, 1, &[0; 32]);
    let many = || vec![base64(&other_root()); 66];
    vec![
        ("of_another_version", one_size().with(|parts| parts.header = "veche/fork/v2")),
        ("with_a_key_that_is_none", one_size().with(|parts| parts.log.push('A'))),
        ("with_a_weak_key", one_size().with(|parts| parts.log = weak)),
        ("with_two_spaces", one_size().with(|parts| parts.log.insert(0, ' '))),
        ("with_a_length_with_a_zero", one_size().with(|parts| parts.lengths[0].insert(0, '0'))),
        ("with_a_carriage_return", one_size().with(|parts| parts.lengths[0].push('\r'))),
        ("with_lengths_too_long", {
            one_size().with(|parts| parts.lengths = parts.lengths.each_ref().map(|l| longer(l, 9)))
        }),
        ("with_a_length_of_64_bits", {
            one_size().with(|parts| parts.lengths[1] = u64::MAX.to_string())
        }),
        ("with_a_second_length_too_short", {
            one_size().with(|parts| parts.lengths[1] = longer(&parts.lengths[1], -1))
        }),
        ("with_a_length_within_a_character", {
            // The last line of the first note begins with the dash, which is three bytes.
            one_size().with(|parts| {
                let within = parts.notes[0].rfind('—').expect("a line") + 1;
                let moved = parts.notes[0].len() - within;
                let moved = i64::try_from(moved).expect("a short note");
                parts.lengths[0] = within.to_string();
                parts.lengths[1] = longer(&parts.lengths[1], moved);
            })
        }),
        ("with_a_byte_more", one_size().with(|parts| parts.notes[1].push('\n'))),
        ("with_a_root_of_one_size", {
            one_size().with(|parts| parts.lines = vec![format!("root {}", base64(&other_root()))])
        }),
        ("with_hashes_of_one_size", {
            one_size().with(|parts| parts.lines = vec![base64(&other_root())])
        }),
        ("without_a_root", sizes().with(|parts| parts.lines.clear())),
        ("with_hashes_without_a_root", sizes().with(|parts| drop(parts.lines.remove(0)))),
        ("with_two_roots", sizes().with(|parts| parts.lines.insert(1, parts.lines[0].clone()))),
        ("with_a_hash_without_padding", {
            sizes().with(|parts| parts.lines[1] = parts.lines[1].trim_end_matches('=').to_owned())
        }),
        ("with_a_hash_of_31_bytes", {
            sizes().with(|parts| parts.lines[1] = format!("{}==", "A".repeat(42)))
        }),
        ("with_66_hashes", sizes().with(|parts| parts.lines.extend(many()))),
        ("with_the_larger_head_first", {
            Parts::new(one(9), other(5)).with_history(&histories()[0], 5, 9)
        }),
    ]
}

/// FORK-1, where it is not about lines.
fn of_other_bytes() -> Vec<Case> {
    let good = Parts::of_one_size().text();
    let head = good.split_once("\n\n").expect("an empty line").0.to_owned();
    let mut not_text = good.clone().into_bytes();
    not_text[0] = 0xff;
    let long = Parts::new("x".repeat(133_000), "x".repeat(133_240)).text();
    let code = Some(MALFORMED);
    vec![
        ("empty", Vec::new(), vec![], code),
        ("without_an_empty_line", head.into_bytes(), vec![], code),
        ("not_utf_8", not_text, vec![], code),
        ("of_266241_bytes_and_more", long.into_bytes(), vec![], code),
    ]
}

/// The notes, and who signed them.
fn defects() -> Vec<(&'static str, Parts, &'static str)> {
    let pair = |first: String, second: String| Parts::new(first, second);
    let unsigned = |head: &str| resigned(head, "stranger", ORIGIN);
    let moved = |size, root| head("vote.example.org/poll/park", size, root);
    let no_checkpoint = Note::sign("no checkpoint\n", &log_key(), ORIGIN).expect("a name");
    let no_checkpoint = no_checkpoint.to_string();
    let false_one = one(5).replacen("\n5\n", "\n4\n", 1);
    let two_lines = {
        let line = sign_text("another text\n", &log_key(), ORIGIN).expect("a name of a key");
        format!("{}{line}", one(5))
    };
    let cosigner = VerifierKey::cosignature(ORIGIN, log_key().key()).expect("a name of a key");
    let second = VerifierKey::ml_dsa_44(ORIGIN, ml_dsa_key("the city").key().clone());
    let second = second.expect("a name of a key").to_string();
    let no_note = || "no note\n".to_owned();
    vec![
        ("of_a_first_that_is_no_note", pair(no_note(), other(5)), "note-malformed"),
        ("of_a_second_that_is_no_note", pair(no_checkpoint.clone(), no_note()), "note-malformed"),
        (
            "of_a_first_that_is_no_checkpoint",
            pair(no_checkpoint.clone(), other(5)),
            "checkpoint-malformed",
        ),
        ("of_a_second_that_is_no_checkpoint", pair(one(5), no_checkpoint), "checkpoint-malformed"),
        ("of_another_log", pair(one(5), moved(5, Hash::ZERO)), "checkpoint-origin"),
        (
            "of_two_heads_of_another_log",
            pair(moved(5, Hash::ZERO), moved(5, empty_root())),
            "checkpoint-origin",
        ),
        ("of_a_first_by_another_key", pair(unsigned(&one(5)), other(5)), "note-unsigned"),
        ("of_a_second_by_another_key", pair(one(5), unsigned(&other(5))), "note-unsigned"),
        (
            "of_a_first_by_another_key_and_a_false_second",
            pair(unsigned(&one(5)), false_one.clone()).with(|parts| {
                parts.notes[0] = unsigned(&other(4));
                parts.lengths[0] = parts.notes[0].len().to_string();
            }),
            "note-unsigned",
        ),
        ("with_a_false_line", pair(false_one, other(4)), "note-signature-invalid"),
        ("with_a_false_line_too", pair(two_lines, other(5)), "note-signature-invalid"),
        (
            "by_a_key_of_type_04",
            Parts::of_one_size().with(|parts| parts.log = cosigner.to_string()),
            "note-unsigned",
        ),
        (
            "by_a_key_of_type_06",
            Parts::of_one_size().with(|parts| parts.log = second),
            "note-unsigned",
        ),
    ]
}

/// FORK-2, what the heads and the history come to.
fn agreeing() -> Vec<(&'static str, Parts)> {
    let honest = Parts::new(one(5), one(9)).with_history(&histories()[0], 5, 9);
    let sizes = || Parts::of_sizes(5, 9);
    let other_root = || format!("root {}", base64(&other_root()));
    vec![
        ("of_one_head_twice", Parts::new(one(5), one(5))),
        ("of_an_honest_log", honest),
        ("with_another_root", sizes().with(|parts| parts.lines[0] = other_root())),
        ("with_hashes_swapped", sizes().with(|parts| parts.lines.swap(1, 2))),
        ("with_a_hash_too_few", sizes().with(|parts| parts.lines.truncate(parts.lines.len() - 1))),
        ("with_a_hash_too_many", sizes().with(|parts| parts.lines.push(parts.lines[1].clone()))),
        (
            "with_the_history_of_the_other",
            Parts::new(one(5), other(9)).with_history(&histories()[0], 5, 9),
        ),
        (
            "with_hashes_from_an_empty_log",
            Parts::new(head(ORIGIN, 0, Hash::ZERO), other(7)).with(|parts| {
                parts.lines = vec![format!("root {}", base64(&empty_root())), base64(&Hash::ZERO)];
            }),
        ),
    ]
}
