//! Cosignatures: a witness's line on a checkpoint.

use serde_json::{Value, json};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature::{message, sign};
use veche_protocol::log::note::{Note, NoteSignature, VerifierKey, key_id, sign_text};

use super::{ORIGIN, log_key, other_root};
use crate::city::key;

const WITNESS: &str = "w.witness.example";
const TIME: u64 = 1_800_000_000;

fn head() -> Note {
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 5, root: other_root() };
    checkpoint.sign(&log_key()).expect("a name of a key").into_note()
}

/// A line of type 04 with these bytes after the key id.
fn line(blob: Vec<u8>) -> NoteSignature {
    let id = key_id(WITNESS, 4, key(WITNESS).key().as_bytes());
    NoteSignature::new(WITNESS, id, blob).expect("a name of a key")
}

/// Name, the lines below the log's, and their times or the code.
type Verdict = (&'static str, Vec<NoteSignature>, Result<Vec<u64>, &'static str>);

pub(super) fn vectors() -> Vec<(String, Value)> {
    let text = head().text().to_owned();
    let good = |time| sign(&text, time, &key(WITNESS), WITNESS).expect("a time");
    let changed = |place: usize| {
        let mut blob = good(TIME).blob().to_vec();
        blob[place] ^= 1;
        line(blob)
    };
    let at = |time: u64| {
        let signature = key(WITNESS).sign(&message(time, &text));
        line([&time.to_be_bytes()[..], signature.as_bytes()].concat())
    };
    let plain = key(WITNESS).sign(text.as_bytes());
    let plain = line([&TIME.to_be_bytes()[..], plain.as_bytes()].concat());
    let stranger = sign(&text, TIME, &key("stranger"), WITNESS).expect("a time");
    let type_1 = sign_text(&text, &key(WITNESS), WITNESS).expect("a name");
    let verdicts: Vec<Verdict> = vec![
        ("valid", vec![good(TIME)], Ok(vec![TIME])),
        ("at_time_0", vec![good(0)], Ok(vec![0])),
        ("at_the_last_time", vec![at((1 << 63) - 1)], Ok(vec![(1 << 63) - 1])),
        ("two_times", vec![good(TIME), good(TIME + 9)], Ok(vec![TIME, TIME + 9])),
        ("none", vec![], Ok(vec![])),
        ("by_another_key_of_the_name", vec![stranger], Ok(vec![])),
        ("of_type_01", vec![type_1], Ok(vec![])),
        ("time_changed", vec![changed(7)], Err("note-signature-invalid")),
        ("signature_changed", vec![changed(20)], Err("note-signature-invalid")),
        ("past_the_last_time", vec![at(1 << 63)], Err("note-signature-invalid")),
        ("of_the_text_alone", vec![plain], Err("note-signature-invalid")),
        ("too_short", vec![line(good(TIME).blob()[..71].to_vec())], Err("note-signature-invalid")),
        (
            "one_false_beside_a_good_one",
            vec![good(TIME), changed(30)],
            Err("note-signature-invalid"),
        ),
    ];
    let witness = VerifierKey::cosignature(WITNESS, key(WITNESS).key()).expect("a name of a key");
    verdicts
        .into_iter()
        .map(|(name, lines, verdict)| {
            let mut note = head();
            for line in lines {
                note.add_signature(line).expect("few lines");
            }
            let mut vector =
                json!({ "checkpoint": note.to_string(), "witness": witness.to_string() });
            match verdict {
                Ok(times) => {
                    let times: Vec<_> = times.iter().map(u64::to_string).collect();
                    vector["times"] = json!(times);
                }
                Err(code) => vector["code"] = json!(code),
            }
            (name.to_owned(), vector)
        })
        .collect()
}
