//! Step A2 with keys of ML-DSA-44 in the observer's policy: witnesses that count, and the second
//! signatures of the city's logs.
//!
//! Not here: single lines and policies ([`crate::vectors::log`]).

use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature::sign_ml_dsa;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::name::LogPath;

use super::case::Case;
use super::heads::{poll_of, resigned};
use super::story::{POLL, REGISTER, ROLL, Story};
use crate::city::{DOMAIN, Draws, key, ml_dsa_key};

pub(super) fn cases() -> Vec<Case> {
    vec![
        witnessed(),
        witnessed_without_time(),
        cosignature_false(),
        second_signature(),
        missing_on("poll", POLL),
        missing_on("roll", ROLL),
        false_on_the_register(),
        without_the_first(),
        not_asked_of_evidence(),
        false_in_evidence(),
        of_another_city(),
    ]
}

const WITNESS: &str = "v.witness.example";
const WHILE_OPEN: u64 = 1_800_000_100;

/// A checkpoint with a line of type 06 under this name, by the key of this name.
fn signed(note: &[u8], name: &str, by: &str, time: u64) -> Vec<u8> {
    let mut note = Note::parse(note).expect("a head of this city");
    let checkpoint = Checkpoint::parse(note.text()).expect("a head of this city");
    let draws = &mut Draws::of(&format!("{checkpoint} {name} {time}"));
    let line = sign_ml_dsa(&checkpoint, time, &ml_dsa_key(by), name, draws);
    note.add_signature(line.expect("a time and a name")).expect("few lines");
    note.to_string().into_bytes()
}

/// The origin of the log of a note.
fn origin(note: &[u8]) -> String {
    let note = Note::parse(note).expect("a head of this city");
    Checkpoint::parse(note.text()).expect("a head of this city").origin
}

fn sign(case: Case, log: &str, name: &str, time: u64) -> Case {
    let path = format!("{log}/checkpoint");
    let head = signed(&case.files[&path], name, name, time);
    case.file(&path, head)
}

/// The log signs its head a second time. The time is one at which no poll was open: it is not used.
fn sign_twice(case: Case, log: &str) -> Case {
    let path = format!("{log}/checkpoint");
    let head = &case.files[&path];
    let head = signed(head, &origin(head), "the city", 7);
    case.file(&path, head)
}

/// A policy in which v is a witness of type 06.
fn by_witness(case: Case) -> Case {
    let key = VerifierKey::ml_dsa_44(WITNESS, ml_dsa_key(WITNESS).key().clone());
    case.policy(&format!("witness v {}\n", key.expect("a name of a key")), "v")
}

/// A policy that asks a city for second signatures, by the key that its register has.
fn asking(case: Case, domain: &str) -> Case {
    let origin = LogPath::Register.origin(domain);
    let key = VerifierKey::ml_dsa_44(&origin, ml_dsa_key("the city").key().clone());
    case.policy(&format!("log {}\n", key.expect("a name of a key")), "none").witnessed(0, 3)
}

fn witnessed() -> Case {
    let case = Story::voted().usual_case(
        "witnessed_by_ml_dsa_44",
        "The witness that the quorum asks for cosigns by ML-DSA-44; another cosigns by Ed25519.",
    );
    let case = sign(sign(case, REGISTER, WITNESS, WHILE_OPEN), POLL, WITNESS, WHILE_OPEN);
    by_witness(case).cosign(POLL, &[("w", WHILE_OPEN)]).witnessed(2, 4)
}

fn witnessed_without_time() -> Case {
    // LOG-13: no poll was open at the time 0, and nobody says that it was.
    let case = Story::voted().usual_case(
        "witnessed_without_time",
        "The cosignatures by ML-DSA-44 have the time 0: they count, and say nothing of times.",
    );
    let case = sign(sign(case, REGISTER, WITNESS, 0), POLL, WITNESS, 0);
    by_witness(case).witnessed(1, 4).without_times()
}

fn cosignature_false() -> Case {
    let case = Story::voted().usual_case(
        "cosignature_of_ml_dsa_44_false",
        "A witness's line of type 06 on the poll's head was made for an earlier head.",
    );
    let case = sign(case, REGISTER, WITNESS, WHILE_OPEN);
    let city = case.city().clone();
    let earlier = poll_of(&city).checkpoint_at(4, &city.log_key);
    let line = signed(&earlier, WITNESS, WITNESS, WHILE_OPEN);
    let case = with_last_line_of(case, POLL, &line);
    let case = by_witness(case).witnessed(0, 4).without_times();
    case.operator("A2", "note-signature-invalid", POLL, None)
}

/// The head of a log with the last line of another note below its own.
fn with_last_line_of(case: Case, log: &str, other: &[u8]) -> Case {
    let path = format!("{log}/checkpoint");
    let other = Note::parse(other).expect("a head of this city");
    let mut note = Note::parse(&case.files[&path]).expect("a head of this city");
    let line = other.signatures().last().expect("a note has a line").clone();
    note.add_signature(line).expect("few lines");
    case.file(&path, note.to_string().into_bytes())
}

fn second_signature() -> Case {
    let case = Story::voted().usual_case(
        "second_signature",
        "The policy asks for a second signature, and every head has it.",
    );
    let case = [REGISTER, POLL, ROLL].into_iter().fold(case, sign_twice);
    asking(case, DOMAIN).without_times()
}

/// LOG-18: of each log that is read, by whichever log the policy names the key.
fn missing_on(log: &str, path: &'static str) -> Case {
    let case = Story::voted().usual_case(
        &format!("second_signature_missing_on_the_{log}"),
        "The policy asks for a second signature, and one head does not have it.",
    );
    let others = [REGISTER, POLL, ROLL].into_iter().filter(|other| *other != path);
    let case = others.fold(case, sign_twice);
    asking(case, DOMAIN).without_times().operator("A2", "note-unsigned", path, None)
}

fn false_on_the_register() -> Case {
    let case = Story::voted().usual_case(
        "second_signature_false_on_the_register",
        "The second signature on the register's head is that of the poll's.",
    );
    let case = [POLL, ROLL].into_iter().fold(case, sign_twice);
    let poll = &case.files[&format!("{POLL}/checkpoint")];
    let line = signed(poll, &LogPath::Register.origin(DOMAIN), "the city", 7);
    let case = with_last_line_of(case, REGISTER, &line);
    let case = asking(case, DOMAIN).without_times();
    case.operator("A2", "note-signature-invalid", REGISTER, None)
}

fn without_the_first() -> Case {
    let case = Story::voted().usual_case(
        "second_signature_without_the_first",
        "The poll's head is signed by the second key, and by nobody else whom genesis names.",
    );
    let head = resigned(case.city(), &key("stranger"), "stranger.example");
    let case = case.file(&format!("{POLL}/checkpoint"), head);
    let case = [REGISTER, POLL, ROLL].into_iter().fold(case, sign_twice);
    asking(case, DOMAIN).without_times().operator("A2", "note-unsigned", POLL, None)
}

fn not_asked_of_evidence() -> Case {
    let case = Story::voted().usual_case(
        "second_signature_is_not_asked_of_evidence",
        "A saved head and a receipt without a second signature are evidence all the same.",
    );
    let case = [REGISTER, POLL, ROLL].into_iter().fold(case, sign_twice);
    let city = case.city().clone();
    let saved = poll_of(&city).checkpoint_at(4, &city.log_key);
    let receipt = poll_of(&city).receipt(4, 5, &city.log_key).into_bytes();
    let case = asking(case, DOMAIN).without_times();
    case.head("saved", saved).receipt("cy", receipt)
}

fn false_in_evidence() -> Case {
    let case = Story::voted().usual_case(
        "second_signature_false_in_evidence",
        "A saved head and a receipt have second signatures that were made for other heads.",
    );
    let case = [REGISTER, POLL, ROLL].into_iter().fold(case, sign_twice);
    let city = case.city().clone();
    let log = poll_of(&city);
    let line = signed(&log.checkpoint_at(3, &city.log_key), &log.origin, "the city", 7);
    let line = String::from_utf8(line).expect("a note");
    let line = line.lines().last().expect("a note has a line").to_owned() + "\n";
    let saved = [log.checkpoint_at(4, &city.log_key).as_slice(), line.as_bytes()].concat();
    let receipt = log.receipt(4, 5, &city.log_key) + &line;
    asking(case, DOMAIN)
        .without_times()
        .head("saved", saved)
        .receipt("cy", receipt.into_bytes())
        .refused("saved", "note-signature-invalid")
        .refused("cy", "note-signature-invalid")
}

fn of_another_city() -> Case {
    let case = Story::voted().usual_case(
        "second_signature_asked_of_another_city",
        "The policy asks another city for second signatures; this one has none.",
    );
    asking(case, "vote.example.com").without_times()
}
