//! Signed notes: their form, and whose signatures count.

use serde_json::{Value, json};
use veche_protocol::log::note::{Note, VerifierKey, sign_text};

use super::{ORIGIN, content, log_key, log_verifier};
use crate::city::key;

const TEXT: &str = "a first line\n\nand a last one\n";

pub(super) fn vectors() -> Vec<(String, Value)> {
    let keys: Vec<_> = [log_verifier(), witness()].iter().map(VerifierKey::to_string).collect();
    let mut vectors = Vec::new();
    for (name, bytes) in well_formed() {
        // Nobody's line is known, so nobody has signed.
        vectors.push((name, bytes, vec![], Some("note-unsigned")));
    }
    for (name, bytes) in malformed() {
        vectors.push((name, bytes, vec![], Some("note-malformed")));
    }
    for (name, bytes, signers, code) in signed() {
        vectors.push((name, bytes, signers, code));
    }
    let render = |(name, bytes, signers, code): (&str, Vec<u8>, Vec<usize>, Option<&str>)| {
        let mut vector = json!({ "note": content(&bytes), "keys": keys });
        match code {
            Some(code) => vector["code"] = json!(code),
            None => vector["signers"] = json!(signers),
        }
        (name.to_owned(), vector)
    };
    vectors.into_iter().map(render).collect()
}

fn witness() -> VerifierKey {
    VerifierKey::ed25519("other.example/log", key("other log").key()).expect("a name of a key")
}

fn note() -> Note {
    Note::sign(TEXT, &log_key(), ORIGIN).expect("a name of a key")
}

fn line_of(name: &str, by: &str) -> String {
    sign_text(TEXT, &key(by), name).expect("a name of a key").to_string()
}

fn well_formed() -> Vec<(&'static str, Vec<u8>)> {
    let stranger = line_of("stranger.example", "stranger");
    vec![
        ("by_a_stranger", format!("{TEXT}\n{stranger}").into_bytes()),
        // Four bytes of an id, and one of a signature of whatever kind.
        ("with_the_shortest_signature", format!("{TEXT}\n— a AQIDBAU=\n").into_bytes()),
        ("with_100_lines", format!("{TEXT}\n{}", stranger.repeat(100)).into_bytes()),
        ("with_text_beyond_ascii", format!("δῆμος\n\n{stranger}").into_bytes()),
        ("with_an_empty_text_line", format!("\n\n{stranger}").into_bytes()),
    ]
}

fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let line = line_of(ORIGIN, "log of the vectors");
    let good = note().to_string();
    let with = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let mut not_text = good.clone().into_bytes();
    not_text[0] = 0xff;
    let long = format!("{}\n\n{line}", "x".repeat(131_072));
    vec![
        ("empty", Vec::new()),
        ("without_signatures", TEXT.as_bytes().to_vec()),
        ("without_lines_after_the_empty_one", format!("{TEXT}\n").into_bytes()),
        ("without_text", format!("\n{line}").into_bytes()),
        ("not_utf_8", not_text),
        ("with_a_tab_in_the_text", with("a first", "a\tfirst")),
        ("with_a_carriage_return", with("line\n", "line\r\n")),
        ("without_the_last_newline", good.trim_end().as_bytes().to_vec()),
        ("with_a_hyphen_for_the_dash", with("— ", "- ")),
        ("with_two_spaces", with("— ", "—  ")),
        ("with_a_word_more", format!("{} x\n", good.trim_end()).into_bytes()),
        ("with_a_name_with_a_plus", with("— vote", "— vo+te")),
        ("with_base64_without_padding", with("=\n", "\n")),
        ("with_a_signature_of_4_bytes", format!("{TEXT}\n— a AQIDBA==\n").into_bytes()),
        ("with_101_lines", format!("{TEXT}\n{}", line.repeat(101)).into_bytes()),
        ("of_131073_bytes_and_more", long.into_bytes()),
    ]
}

type Signed = (&'static str, Vec<u8>, Vec<usize>, Option<&'static str>);

fn signed() -> Vec<Signed> {
    let good = note().to_string();
    let other = line_of("other.example/log", "other log");
    let stranger = line_of("stranger.example", "stranger");
    // Under the log's name with another key: another id, so it is nobody's whom the reader knows.
    let same_name = line_of(ORIGIN, "stranger");
    let changed = good.replacen("a first", "the first", 1);
    let wrong_after_good = [&good, changed.rsplit_once("\n\n").expect("an empty line").1].concat();
    let false_line = {
        let text = sign_text("another text\n", &log_key(), ORIGIN).expect("a name").to_string();
        [&good, text.as_str()].concat()
    };
    assert_eq!(wrong_after_good.lines().count(), good.lines().count() + 1);
    vec![
        ("signed", good.clone().into_bytes(), vec![0], None),
        ("signed_by_two", [&good, other.as_str()].concat().into_bytes(), vec![0, 1], None),
        ("signed_twice_by_one", wrong_after_good.into_bytes(), vec![0], None),
        (
            "signed_by_a_stranger_too",
            [&good, stranger.as_str()].concat().into_bytes(),
            vec![0],
            None,
        ),
        (
            "signed_by_another_key_of_the_name",
            format!("{TEXT}\n{same_name}").into_bytes(),
            vec![],
            Some("note-unsigned"),
        ),
        ("text_changed", changed.into_bytes(), vec![], Some("note-signature-invalid")),
        (
            "one_line_false_beside_a_good_one",
            false_line.into_bytes(),
            vec![],
            Some("note-signature-invalid"),
        ),
    ]
}
