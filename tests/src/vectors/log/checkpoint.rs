//! Checkpoints: the three lines, and the log's signature.

use serde_json::{Value, json};
use veche_protocol::log::note::Note;

use super::{ORIGIN, log_key, log_verifier, other_root};
use crate::city::key;

pub(super) fn vectors() -> Vec<(String, Value)> {
    let root = base64_root();
    let good = format!("{ORIGIN}\n5\n{root}\n");
    let signed = |text: &str| Note::sign(text, &log_key(), ORIGIN).expect("a name").to_string();
    let by_another = Note::sign(&good, &key("stranger"), ORIGIN).expect("a name").to_string();
    let mut tampered = signed(&good);
    tampered = tampered.replacen("\n5\n", "\n6\n", 1);
    let mut vectors = vec![
        ("signed", signed(&good), Ok(5)),
        ("of_size_0", signed(&format!("{ORIGIN}\n0\n{EMPTY_ROOT}\n")), Ok(0)),
        (
            "of_the_largest_size",
            signed(&format!("{ORIGIN}\n18446744073709551615\n{root}\n")),
            Ok(u64::MAX),
        ),
        (
            "of_another_log",
            signed(&good.replacen(ORIGIN, "vote.example.org/roll/a", 1)),
            Err("checkpoint-origin"),
        ),
        ("unsigned", by_another, Err("note-unsigned")),
        ("size_changed", tampered, Err("note-signature-invalid")),
        ("no_note", good.clone(), Err("note-malformed")),
    ];
    vectors.extend(
        malformed(&root).map(|(name, text)| (name, signed(&text), Err("checkpoint-malformed"))),
    );
    vectors
        .into_iter()
        .map(|(name, note, verdict)| {
            let mut vector = json!({ "checkpoint": note, "key": log_verifier().to_string() });
            match verdict {
                Ok(size) => {
                    vector["origin"] = json!(ORIGIN);
                    vector["size"] = json!(size.to_string());
                    let root = if size == 0 {
                        EMPTY_ROOT_HEX.to_owned()
                    } else {
                        other_root().to_string()
                    };
                    vector["root"] = json!(root);
                }
                Err(code) => vector["code"] = json!(code),
            }
            (name.to_owned(), vector)
        })
        .collect()
}

/// SHA-256 of nothing.
const EMPTY_ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const EMPTY_ROOT_HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn base64_root() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(other_root().0)
}

fn malformed(root: &str) -> [(&'static str, String); 10] {
    let unpadded = root.trim_end_matches('=');
    [
        ("with_an_extension_line", format!("{ORIGIN}\n5\n{root}\nmore\n")),
        ("without_root", format!("{ORIGIN}\n5\n")),
        ("with_a_leading_zero", format!("{ORIGIN}\n05\n{root}\n")),
        ("with_a_signed_size", format!("{ORIGIN}\n+5\n{root}\n")),
        ("with_a_size_of_65_bits", format!("{ORIGIN}\n18446744073709551616\n{root}\n")),
        ("with_a_size_in_other_digits", format!("{ORIGIN}\n५\n{root}\n")),
        ("with_a_root_without_padding", format!("{ORIGIN}\n5\n{unpadded}\n")),
        ("with_a_root_of_31_bytes", format!("{ORIGIN}\n5\n{}AA==\n", "A".repeat(40))),
        ("with_an_empty_origin", format!("\n5\n{root}\n")),
        ("with_a_space_in_the_origin", format!("vote example\n5\n{root}\n")),
    ]
}
