//! Verifier keys: their text, and what is none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use veche_protocol::hash::sha256;

use crate::city::key;

/// The text of a verifier key, put together by hand.
pub(super) fn verifier_text(name: &str, kind: u8, public_key: &[u8]) -> String {
    let typed = [&[kind], public_key].concat();
    let id = sha256(&[name.as_bytes(), b"\n", &typed].concat());
    format!("{name}+{}+{}", hex::encode(&id.0[..4]), STANDARD.encode(&typed))
}

pub(super) fn vectors() -> Vec<(String, Value)> {
    let mut vectors = good();
    vectors.extend(
        bad()
            .into_iter()
            .map(|(name, text, code)| (name.to_owned(), json!({ "key": text, "code": code }))),
    );
    vectors
}

fn good() -> Vec<(String, Value)> {
    let own = key("somebody").key().0;
    let vector = |name: &str, kind: u8, public_key: &[u8]| {
        let text = verifier_text(name, kind, public_key);
        let id = text[name.len() + 1..name.len() + 9].to_owned();
        let public_key = hex::encode(public_key);
        json!({ "key": text, "name": name, "id": id, "type": kind, "public_key": public_key })
    };
    // The example of C2SP signed-note.
    let example = json!({
        "key": "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "name": "example.com/foo",
        "id": "530d903a",
        "type": 1,
        "public_key": "e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4",
    });
    [
        ("example_of_c2sp", example),
        ("of_a_log", vector("vote.example.org/register", 1, &own)),
        ("of_a_witness", vector("w.witness.example", 4, &own)),
        ("of_ml_dsa_44", vector("pq.witness.example", 6, &[9; 1312])),
        ("with_a_name_beyond_ascii", vector("bücher.example/δῆμος", 1, &own)),
        ("with_a_name_of_255_bytes", vector(&"a".repeat(255), 1, &own)),
    ]
    .map(|(name, vector)| (name.to_owned(), vector))
    .to_vec()
}

/// A weak key under an id that is not its own: the form is judged first.
fn weak_under_another_id(weak: &[u8; 32]) -> String {
    let text = verifier_text("a", 1, weak);
    let (_, key) = text.rsplit_once('+').expect("a key");
    format!("a+00000000+{key}")
}

fn bad() -> Vec<(&'static str, String, &'static str)> {
    let own = key("somebody").key().0;
    let good = verifier_text("a.example", 1, &own);
    let (name, rest) = good.split_once('+').expect("a name");
    let (id, base64) = rest.split_once('+').expect("an id");
    let mut small_order = [0; 32];
    small_order[0] = 1;
    let malformed = "note-malformed";
    vec![
        ("empty", String::new(), malformed),
        ("without_key", format!("{name}+{id}"), malformed),
        ("without_name", format!("+{id}+{base64}"), malformed),
        ("id_of_another_name", format!("b.example+{id}+{base64}"), malformed),
        ("id_in_capitals", format!("{name}+{}+{base64}", id.to_uppercase()), malformed),
        ("id_too_short", format!("{name}+{}+{base64}", &id[1..]), malformed),
        ("base64_without_padding", verifier_text("a", 6, &[9; 1312]).replace('=', ""), malformed),
        ("base64_with_a_newline", format!("{good}\n"), malformed),
        ("name_with_a_space", verifier_text("a b", 1, &own), malformed),
        ("name_with_a_no_break_space", verifier_text("a\u{a0}b", 1, &own), malformed),
        ("name_with_a_control_character", verifier_text("a\u{7f}b", 1, &own), malformed),
        ("name_with_a_plus", verifier_text("a+b", 1, &own), malformed),
        ("name_of_256_bytes", verifier_text(&"a".repeat(256), 1, &own), malformed),
        ("key_of_small_order", verifier_text("a", 1, &small_order), "key-weak"),
        ("key_of_small_order_of_a_witness", verifier_text("a", 4, &small_order), "key-weak"),
        ("key_not_canonical", verifier_text("a", 1, &[0xff; 32]), "key-weak"),
        ("key_of_31_bytes", verifier_text("a", 1, &own[1..]), malformed),
        ("key_of_ml_dsa_44_too_short", verifier_text("a", 6, &[9; 1311]), malformed),
        ("key_of_an_unknown_type", verifier_text("a", 2, &own), malformed),
        ("id_of_another_key_and_the_key_weak", weak_under_another_id(&small_order), malformed),
    ]
}
