//! Lines of type 06 on checkpoints: cosignatures, notes, and policies that know such keys.
//!
//! Not here: signatures of ML-DSA-44 by themselves, which come from Wycheproof.

use core::slice::from_ref;

use serde_json::{Value, json};
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature::{self, MAX_TIME, ml_dsa_message, sign_ml_dsa};
use veche_protocol::log::note::{Note, NoteSignature, VerifierKey, key_id, sign_text};

use super::{ORIGIN, content, log_key, log_verifier, other_root};
use crate::city::{Draws, key, ml_dsa_key};

const WITNESS: &str = "pq.witness.example";
const OLDER: &str = "w.witness.example";
const TIME: u64 = 1_800_000_000;

type Vectors = Vec<(String, Value)>;

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size: 5, root: other_root() }
}

fn verifier(name: &str, by: &str) -> VerifierKey {
    VerifierKey::ml_dsa_44(name, ml_dsa_key(by).key().clone()).expect("a name of a key")
}

/// The head of the log with these lines below its own.
fn head(lines: &[NoteSignature]) -> Note {
    let note = checkpoint().sign(&log_key()).expect("a name of a key").into_note();
    with(note, lines)
}

fn with(mut note: Note, lines: &[NoteSignature]) -> Note {
    for line in lines {
        note.add_signature(line.clone()).expect("few lines");
    }
    note
}

/// The line under this name by the key of this name, on a checkpoint.
fn line_on(checkpoint: &Checkpoint, name: &str, by: &str, time: u64) -> NoteSignature {
    let draws = &mut Draws::of(&format!("{checkpoint} {name} {by} {time}"));
    sign_ml_dsa(checkpoint, time, &ml_dsa_key(by), name, draws).expect("a time and a name")
}

fn line(name: &str, time: u64) -> NoteSignature {
    line_on(&checkpoint(), name, name, time)
}

/// A line under the witness's name and id with these bytes after them.
fn raw(blob: Vec<u8>) -> NoteSignature {
    let id = key_id(WITNESS, 6, ml_dsa_key(WITNESS).key().as_bytes());
    NoteSignature::new(WITNESS, id, blob).expect("a name of a key")
}

/// A line of the witness's over these bytes, with a time in front of the signature.
fn over(time: u64, message: &[u8]) -> NoteSignature {
    let signature = ml_dsa_key(WITNESS).sign(message, &mut Draws::of("another message"));
    raw([&time.to_be_bytes()[..], &signature].concat())
}

/// The witness's line for a message that differs from the right one in the bytes from this place.
fn altered(place: usize, bytes: &[u8]) -> NoteSignature {
    let mut message = ml_dsa_message(WITNESS, TIME, &checkpoint()).expect("a name of a key");
    message[place..place + bytes.len()].copy_from_slice(bytes);
    over(TIME, &message)
}

fn changed(place: usize) -> NoteSignature {
    let mut blob = line(WITNESS, TIME).blob().to_vec();
    blob[place] ^= 1;
    raw(blob)
}

type Outcome<T> = Result<T, &'static str>;

const FALSE: &str = "note-signature-invalid";
const UNSIGNED: &str = "note-unsigned";

/// Name, lines below the log's, and what they state.
type Cosigned = (&'static str, Vec<NoteSignature>, Outcome<Vec<Option<u64>>>);

pub(super) fn cosignatures() -> Vectors {
    let render = |(name, lines, verdict): Cosigned| {
        let witness = verifier(WITNESS, WITNESS).to_string();
        let mut vector = json!({ "checkpoint": head(&lines).to_string(), "witness": witness });
        match verdict {
            Ok(times) => {
                let times = times.iter().map(|time| time.map(|time| time.to_string()));
                vector["times"] = json!(times.collect::<Vec<_>>());
            }
            Err(code) => vector["code"] = json!(code),
        }
        (format!("ml_dsa_44_{name}"), vector)
    };
    let bad = of_other_messages().into_iter().chain(of_other_forms());
    let bad = bad.map(|(name, lines)| (name, lines, Err(FALSE)));
    good().into_iter().chain(bad).map(render).collect()
}

fn good() -> Vec<Cosigned> {
    let good = line(WITNESS, TIME);
    let older = cosignature::sign(&checkpoint().to_string(), TIME, &key(WITNESS), WITNESS);
    let older = older.expect("a time");
    vec![
        ("valid", vec![good.clone()], Ok(vec![Some(TIME)])),
        ("without_time", vec![line(WITNESS, 0)], Ok(vec![None])),
        ("at_the_last_time", vec![line(WITNESS, MAX_TIME)], Ok(vec![Some(MAX_TIME)])),
        ("once_with_a_time", vec![line(WITNESS, 0), good.clone()], Ok(vec![None, Some(TIME)])),
        ("by_another_key", vec![line_on(&checkpoint(), WITNESS, OLDER, TIME)], Ok(vec![])),
        ("by_another_name", vec![line_on(&checkpoint(), OLDER, WITNESS, TIME)], Ok(vec![])),
        ("beside_type_04_of_the_name", vec![older, good], Ok(vec![Some(TIME)])),
    ]
}

fn of_other_messages() -> Vec<(&'static str, Vec<NoteSignature>)> {
    let past = ml_dsa_message(WITNESS, MAX_TIME + 1, &checkpoint()).expect("a name of a key");
    let label = b"subtree/v1\n\0".len();
    let time = label + 1 + WITNESS.len();
    let start = time + 8 + 1 + ORIGIN.len();
    let of = |checkpoint: &Checkpoint| vec![line_on(checkpoint, WITNESS, WITNESS, TIME)];
    let origin = ORIGIN.replace("register", "poll/park");
    let text = cosignature::message(TIME, &checkpoint().to_string());
    vec![
        ("past_the_last_time", vec![over(MAX_TIME + 1, &past)]),
        ("of_another_label", vec![altered(label - 3, b"2")]),
        ("of_another_name", vec![altered(label + 1, b"qp")]),
        ("of_another_time", vec![altered(time, &(TIME + 1).to_be_bytes())]),
        ("of_another_origin", of(&Checkpoint { origin, ..checkpoint() })),
        ("of_a_part_of_the_tree", vec![altered(start, &1_u64.to_be_bytes())]),
        ("of_another_size", of(&Checkpoint { size: 6, ..checkpoint() })),
        ("of_another_root", of(&Checkpoint { root: Hash::ZERO, ..checkpoint() })),
        ("of_the_text", vec![over(TIME, &text)]),
    ]
}

fn of_other_forms() -> Vec<(&'static str, Vec<NoteSignature>)> {
    let good = line(WITNESS, TIME);
    let older = cosignature::sign(&checkpoint().to_string(), TIME, &key(WITNESS), WITNESS);
    vec![
        ("of_type_04", vec![raw(older.expect("a time").blob().to_vec())]),
        ("time_changed", vec![changed(7)]),
        ("time_changed_to_none", vec![raw([&[0; 8], &good.blob()[8..]].concat())]),
        ("challenge_changed", vec![changed(8)]),
        ("response_changed", vec![changed(1200)]),
        ("hint_changed", vec![changed(2427)]),
        ("too_short", vec![raw(good.blob()[..2427].to_vec())]),
        ("too_long", vec![raw([good.blob(), &[0]].concat())]),
        ("of_a_time_alone", vec![raw(TIME.to_be_bytes().to_vec())]),
        ("one_false_beside_a_good_one", vec![good, changed(30)]),
    ]
}

pub(super) fn notes() -> Vectors {
    let known = [log_verifier(), verifier(WITNESS, WITNESS)];
    let lined = |text: &str, name: &str| {
        let own = sign_text(text, &log_key(), ORIGIN).expect("a name of a key");
        format!("{text}\n{own}{}", line(name, TIME))
    };
    let text = checkpoint().to_string();
    let alone = format!("{text}\n{}", line(WITNESS, TIME));
    let cases: [(&str, String, Outcome<Vec<usize>>); 6] = [
        ("signed", lined(&text, WITNESS), Ok(vec![0, 1])),
        ("alone", alone, Ok(vec![1])),
        ("of_a_stranger", lined(&text, OLDER), Ok(vec![0])),
        ("under_no_checkpoint", lined("a text\n", WITNESS), Err(FALSE)),
        ("under_an_extension_line", lined(&format!("{text}more\n"), WITNESS), Err(FALSE)),
        ("of_a_stranger_under_no_checkpoint", lined("a text\n", OLDER), Ok(vec![0])),
    ];
    let keys = known.map(|key| key.to_string());
    let render = |(name, note, verdict): (&str, String, Outcome<Vec<usize>>)| {
        let mut vector = json!({ "note": content(note.as_bytes()), "keys": keys });
        match verdict {
            Ok(signers) => vector["signers"] = json!(signers),
            Err(code) => vector["code"] = json!(code),
        }
        (format!("ml_dsa_44_{name}"), vector)
    };
    cases.map(render).to_vec()
}

pub(super) fn policies() -> Vectors {
    let render = |(name, policy, note, verdict): Case| {
        let policy = content(policy.as_bytes());
        let mut vector = json!({ "policy": policy, "checkpoint": note.to_string() });
        if let Err(code) = verdict {
            vector["code"] = json!(code);
        }
        (name.to_owned(), vector)
    };
    quorums().into_iter().chain(seconds()).map(render).collect()
}

/// Name, the policy, a head, and whether it is satisfied.
type Case = (&'static str, String, Note, Outcome<()>);

/// A policy with the log, these lines, and witnesses p and q of type 06 and w of type 04.
fn policy(lines: &str, quorum: &str) -> String {
    let (p, q) = (verifier(WITNESS, WITNESS), verifier("q.example", "q"));
    let older = VerifierKey::cosignature(OLDER, key(OLDER).key()).expect("a name of a key");
    format!(
        "log {}\n{lines}witness p {p}\nwitness q {q}\nwitness w {older}\ngroup two 2 p q w\n\
         quorum {quorum}\n",
        log_verifier()
    )
}

fn older_line() -> NoteSignature {
    let text = checkpoint().to_string();
    cosignature::sign(&text, TIME, &key(OLDER), OLDER).expect("a time")
}

fn quorums() -> Vec<Case> {
    const MISSING: Outcome<()> = Err("quorum-missing");
    let (p, q) = (line(WITNESS, TIME), line_on(&checkpoint(), "q.example", "q", TIME));
    let stranger = line_on(&checkpoint(), WITNESS, "stranger", TIME);
    let two = || policy("", "two");
    vec![
        ("quorum_of_ml_dsa_44", policy("", "p"), head(from_ref(&p)), Ok(())),
        ("quorum_of_ml_dsa_44_without_time", policy("", "p"), head(&[line(WITNESS, 0)]), Ok(())),
        ("quorum_of_two_of_ml_dsa_44", two(), head(&[q, p.clone()]), Ok(())),
        ("quorum_of_both_types", two(), head(&[older_line(), p.clone()]), Ok(())),
        ("quorum_of_one_twice_of_ml_dsa_44", two(), head(&[p.clone(), p.clone()]), MISSING),
        ("quorum_missing_of_ml_dsa_44", policy("", "p"), head(&[older_line()]), MISSING),
        ("quorum_of_a_stranger_of_ml_dsa_44", policy("", "p"), head(&[stranger]), MISSING),
        ("quorum_beside_a_false_line", two(), head(&[older_line(), p, changed(9)]), Err(FALSE)),
    ]
}

fn seconds() -> Vec<Case> {
    let asking = |name: &str| format!("log {}\n", verifier(name, "the city"));
    let second = |time| line_on(&checkpoint(), ORIGIN, "the city", time);
    let asked = |quorum| policy(&asking(ORIGIN), quorum);
    let none = || asked("none");
    let by_poll = || policy(&asking("vote.example.org/poll/park"), "none");
    let elsewhere = policy(&asking("vote.example.com/register"), "none");
    let of_two = format!("{}log {}\n", asking(ORIGIN), verifier("vote.example.org/roll/a", "b"));
    let of_two = policy(&of_two, "none");
    let only = format!("{}quorum none\n", asking(ORIGIN));
    let text = checkpoint().to_string();
    let stranger = Note::sign(&text, &key("stranger"), ORIGIN).expect("a name of a key");
    let without_first = || with(stranger.clone(), &[second(TIME)]);
    let other = line_on(&checkpoint(), ORIGIN, "another city", TIME);
    let witness = line_on(&checkpoint(), WITNESS, "the city", TIME);
    let false_one = line_on(&Checkpoint { size: 4, ..checkpoint() }, ORIGIN, "the city", TIME);
    let false_after_good = head(&[second(TIME), false_one.clone()]);
    let false_and_no_first = with(stranger.clone(), from_ref(&false_one));
    let p_alone = head(&[line(WITNESS, TIME)]);
    let missing = Err("quorum-missing");
    vec![
        ("second_signature", none(), head(&[second(TIME)]), Ok(())),
        ("second_signature_without_time", none(), head(&[second(0)]), Ok(())),
        ("second_signature_missing", none(), head(&[]), Err(UNSIGNED)),
        ("second_signature_missing_before_the_quorum", asked("p"), head(&[]), Err(UNSIGNED)),
        ("second_signature_missing_with_a_quorum", asked("p"), p_alone, Err(UNSIGNED)),
        ("second_signature_of_another_key", none(), head(&[other]), Err(UNSIGNED)),
        ("second_signature_of_another_name", none(), head(&[witness]), Err(UNSIGNED)),
        ("second_signature_false", none(), head(from_ref(&false_one)), Err(FALSE)),
        ("second_signature_false_after_a_good_one", none(), false_after_good, Err(FALSE)),
        ("second_signature_false_and_no_first", none(), false_and_no_first, Err(FALSE)),
        ("second_signature_false_but_not_known", policy("", "none"), head(&[false_one]), Ok(())),
        ("second_signature_without_the_first", none(), without_first(), Err(UNSIGNED)),
        ("second_signature_by_the_only_key", only, without_first(), Err(UNSIGNED)),
        ("second_signature_is_no_witness", asked("p"), head(&[second(TIME)]), missing),
        ("second_signature_of_the_city", by_poll(), head(&[second(TIME)]), Ok(())),
        ("second_signature_of_the_city_missing", by_poll(), head(&[]), Err(UNSIGNED)),
        ("second_signature_asked_of_another_city", elsewhere, head(&[]), Ok(())),
        ("second_signature_by_one_of_two_keys", of_two, head(&[second(TIME)]), Ok(())),
    ]
}
