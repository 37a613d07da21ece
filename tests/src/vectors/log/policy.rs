//! Policies: their form, and which heads satisfy them.

use serde_json::{Value, json};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature;

use super::key::verifier_text;
use super::{ORIGIN, content, log_key, log_verifier, other_root};
use crate::city::key;

fn witness(letter: &str) -> String {
    let name = format!("{letter}.witness.example");
    verifier_text(&name, 4, &key(&name).key().0)
}

/// Six witnesses under a log, and these lines.
fn policy(rest: &str) -> String {
    let lines = ["u", "v", "w", "x", "y", "z"].map(|w| format!("witness {w} {}\n", witness(w)));
    format!("log {}\n{}{rest}", log_verifier(), lines.concat())
}

/// Two of three here, one of three there, and both groups.
const GROUPS: &str = "group a 2 u v w\ngroup b any x y z\ngroup both all a b\nquorum both\n";

pub(super) fn vectors() -> Vec<(String, Value)> {
    let mut vectors: Vec<_> = quorums();
    for (name, text) in good() {
        vectors.push((name.to_owned(), json!({ "policy": content(text.as_bytes()) })));
    }
    for (name, bytes) in malformed() {
        let vector = json!({ "policy": content(&bytes), "code": "policy-malformed" });
        vectors.push((name.to_owned(), vector));
    }
    vectors
}

/// Which witnesses have seen a head, and whether that is enough.
fn quorums() -> Vec<(String, Value)> {
    let seen: [(&str, &str, &[&str], bool); 9] = [
        ("quorum_of_both_groups", GROUPS, &["u", "w", "z"], true),
        ("quorum_of_all", GROUPS, &["u", "v", "w", "x", "y", "z"], true),
        ("quorum_missing_in_one_group", GROUPS, &["u", "x", "y", "z"], false),
        ("quorum_missing_in_the_other", GROUPS, &["u", "v", "w"], false),
        ("quorum_of_nobody", GROUPS, &[], false),
        ("quorum_of_one_witness", "quorum y\n", &["y"], true),
        ("quorum_of_another_witness", "quorum y\n", &["x"], false),
        ("quorum_none", "quorum none\n", &[], true),
        ("quorum_of_strangers", "group a all u v\nquorum a\n", &["u", "stranger"], false),
    ];
    let head = Checkpoint { origin: ORIGIN.to_owned(), size: 5, root: other_root() };
    let render = |(name, rest, witnesses, holds): (&str, &str, &[&str], bool)| {
        let mut note = head.sign(&log_key()).expect("a name of a key").into_note();
        let text = note.text().to_owned();
        for letter in witnesses {
            let name = format!("{letter}.witness.example");
            let line = cosignature::sign(&text, 1_800_000_000, &key(&name), &name);
            note.add_signature(line.expect("a time")).expect("few lines");
        }
        let policy = content(policy(rest).as_bytes());
        let mut vector = json!({ "policy": policy, "checkpoint": note.to_string() });
        if !holds {
            vector["code"] = json!("quorum-missing");
        }
        (name.to_owned(), vector)
    };
    seen.map(render).to_vec()
}

fn good() -> Vec<(&'static str, String)> {
    let log = log_verifier();
    let pq = verifier_text("pq.witness.example", 6, &[9; 1312]);
    vec![
        (
            "with_comments_and_tabs",
            format!("# a comment\n\n\t \nlog\t{log} https://vote.example.org\nquorum  none\n"),
        ),
        ("with_a_group_named_like_a_keyword", policy("group quorum 1 u\nquorum quorum\n")),
        ("with_groups_of_groups", policy(GROUPS)),
        ("with_a_key_of_ml_dsa_44", format!("witness pq {pq}\nquorum none\n")),
        (
            "with_a_log_of_both_types",
            format!("log {log}\nlog {}\nquorum none\n", verifier_text(ORIGIN, 6, &[9; 1312])),
        ),
        ("without_logs", "quorum none\n".to_owned()),
        (
            "with_a_url_of_a_witness",
            format!("witness u {} https://u.example\nquorum u\n", witness("u")),
        ),
    ]
}

fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let (log, u) = (log_verifier().to_string(), witness("u"));
    let same_key = verifier_text("another.example", 1, &log_key().key().0);
    let weak = verifier_text("a", 1, &[0; 32]);
    let pq = |name, length| verifier_text(name, 6, &[9; 1313][..length]);
    let mut texts = vec![
        ("with_a_short_key_of_ml_dsa_44", format!("log {}\nquorum none\n", pq("a", 1311))),
        ("with_a_long_key_of_ml_dsa_44", format!("log {}\nquorum none\n", pq("a", 1313))),
        (
            "with_a_key_of_ml_dsa_44_for_two_logs",
            format!("log {}\nlog {}\nquorum none\n", pq("a", 1312), pq("b", 1312)),
        ),
        (
            "with_a_key_of_ml_dsa_44_for_two_witnesses",
            format!("witness a {}\nwitness b {}\nquorum none\n", pq("a", 1312), pq("b", 1312)),
        ),
        ("empty", String::new()),
        ("without_quorum", policy("")),
        ("with_two_quorums", policy("quorum u\nquorum v\n")),
        ("without_the_last_newline", policy("quorum none").trim_end().to_owned()),
        ("with_a_carriage_return", policy("quorum none\r\n")),
        ("with_an_unknown_word", policy("quorums none\nquorum none\n")),
        ("with_a_word_too_many", policy("quorum u v\n")),
        ("with_a_log_twice", format!("log {log}\nlog {same_key}\nquorum none\n")),
        ("with_a_witness_twice", format!("witness u {u}\nwitness v {u}\nquorum none\n")),
        ("with_a_log_by_a_witness_key", format!("log {u}\nquorum none\n")),
        ("with_a_witness_by_a_log_key", format!("witness u {log}\nquorum none\n")),
        ("with_a_key_that_is_none", "log vote.example.org+00000000+AAAA\nquorum none\n".to_owned()),
        ("with_a_weak_key", format!("log {weak}\nquorum none\n")),
        ("with_a_name_twice", policy("group u 1 v\nquorum u\n")),
        ("with_a_witness_named_none", format!("witness none {u}\nquorum none\n")),
        ("with_a_group_named_none", policy("group none 1 u\nquorum none\n")),
        ("with_a_group_without_members", policy("group a all\nquorum none\n")),
        ("with_a_threshold_of_0", policy("group a 0 u\nquorum a\n")),
        ("with_a_threshold_above_the_members", policy("group a 2 u\nquorum a\n")),
        ("with_a_threshold_with_a_zero", policy("group a 01 u v\nquorum a\n")),
        ("with_a_member_twice", policy("group a 1 u u\nquorum a\n")),
        ("with_a_member_of_two_groups", policy("group a 1 u\ngroup b 1 u\nquorum a\n")),
        ("with_a_member_defined_later", policy("group a 1 b\ngroup b 1 u\nquorum a\n")),
        ("with_a_group_in_itself", policy("group a 1 a\nquorum a\n")),
        ("with_a_quorum_defined_later", policy("quorum a\ngroup a 1 u\n")),
        ("with_a_quorum_that_is_not_there", policy("quorum t\n")),
    ];
    texts.push(("too_long", format!("#{}\nquorum none\n", "x".repeat(262_144))));
    let mut all: Vec<_> = texts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    let url = [policy("").as_bytes(), b"log "].concat();
    let url = [&url, log.as_bytes(), b" \xff\nquorum none\n"].concat();
    all.push(("with_a_url_that_is_not_utf_8", url));
    all
}
