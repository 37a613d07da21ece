//! Tests of policies: the file's form, and the verdicts on heads.

mod ml_dsa;

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{MAX_POLICY_LENGTH, Policy, PolicyError};
use crate::breach::Breach;
use crate::hash::leaf_hash;
use crate::log::checkpoint::Checkpoint;
use crate::log::cosignature;
use crate::log::note::{Note, NoteSignature, VerifierKey};
use crate::signature::SigningKey;

const ORIGIN: &str = "city.example/register";

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

fn log_key(number: u8) -> VerifierKey {
    VerifierKey::ed25519(ORIGIN, signing_key(number).key()).unwrap()
}

fn witness_name(number: u8) -> String {
    format!("w{number}.example")
}

fn witness_key(number: u8) -> VerifierKey {
    VerifierKey::cosignature(&witness_name(number), signing_key(number).key()).unwrap()
}

/// Six witnesses, X1 to X3 (keys 11 to 13) and Y1 to Y3 (keys 21 to 23), and the given lines.
fn policy_text(rest: &str) -> String {
    let mut text = format!("log {}\n", log_key(1));
    for (letter, first) in [('X', 11), ('Y', 21)] {
        for number in 0..3 {
            let key = witness_key(first + number);
            writeln!(text, "witness {letter}{} {key}", number + 1).unwrap();
        }
    }
    text + rest
}

const EXAMPLE: &str = "group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n\
                       group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";

fn policy(rest: &str) -> Policy {
    Policy::parse(policy_text(rest).as_bytes()).unwrap()
}

fn reason(text: &[u8]) -> (usize, &'static str) {
    let PolicyError { line, reason } = Policy::parse(text).unwrap_err();
    (line, reason)
}

fn is_quorum(policy: &Policy, witnesses: &[u8]) -> bool {
    let keys: Vec<_> = witnesses.iter().map(|&number| witness_key(number)).collect();
    policy.is_quorum(|key| keys.contains(key))
}

fn note(cosigners: &[u8]) -> Note {
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 5, root: leaf_hash(b"root") };
    let mut note = checkpoint.sign(&signing_key(1)).unwrap().into_note();
    for &number in cosigners {
        let name = witness_name(number);
        let time = 1000 + u64::from(number);
        let line = cosignature::sign(note.text(), time, &signing_key(number), &name).unwrap();
        note.add_signature(line).unwrap();
    }
    note
}

#[test]
fn the_example_of_the_specification() {
    let policy = policy(EXAMPLE);
    assert_eq!(policy.logs().len(), 1);
    assert_eq!(policy.witnesses().len(), 6);
    assert_eq!(policy.witnesses()[3].name, b"Y1");
    assert!(policy.asks_for_witnesses());
    for (witnesses, expected) in [
        (&[11, 12, 21][..], true),
        (&[11, 13, 23], true),
        (&[11, 12, 13, 21, 22, 23], true),
        (&[11, 21, 22, 23], false),
        (&[11, 12, 13], false),
        (&[21], false),
        (&[], false),
        (&[1, 2, 3, 4], false),
    ] {
        assert_eq!(is_quorum(&policy, witnesses), expected, "{witnesses:?}");
    }
}

#[test]
fn quorums_of_each_kind() {
    assert!(is_quorum(&policy("quorum none\n"), &[]));
    assert!(!policy("quorum none\n").asks_for_witnesses());
    assert!(is_quorum(&policy("quorum X2\n"), &[12]));
    assert!(!is_quorum(&policy("quorum X2\n"), &[11, 13]));
    let all = policy("group g all X1 X2 Y3\nquorum g\n");
    assert!(is_quorum(&all, &[11, 12, 23]));
    assert!(!is_quorum(&all, &[11, 12, 13, 21, 22]));
    assert!(is_quorum(&policy("group g 3 X1 X2 Y3\nquorum g\n"), &[11, 12, 23]));
    assert!(is_quorum(&policy("group g any X1\nquorum g\n"), &[11]));
    // The quorum may ask for a part only of what a larger group holds.
    let part = policy("group g 1 X1 X2\ngroup h all g Y1\nquorum g\n");
    assert!(is_quorum(&part, &[12]));
}

#[test]
fn white_space_and_comments_do_not_matter() {
    let text = format!(
        "# trust\n\n \t \n\t# \u{fffd}\n  log\t {}  https://log.example/ \nwitness \t W {} \
         https://w.example/\n quorum  W\t\n#\n",
        log_key(1),
        witness_key(2)
    );
    let policy = Policy::parse(text.as_bytes()).unwrap();
    assert_eq!(policy.logs()[0].url.as_deref(), Some("https://log.example/"));
    assert_eq!(policy.witnesses()[0].url.as_deref(), Some("https://w.example/"));
    assert_eq!(policy.witnesses()[0].name, b"W");
}

#[test]
fn names_are_bytes() {
    // "K" and the Kelvin sign are different names, and a name need not be UTF-8.
    let (one, two) = (witness_key(11), witness_key(12));
    let mut text = format!("witness K {one}\nwitness \u{212a} {two}\ngroup ").into_bytes();
    text.extend_from_slice(b"\xff all K \xe2\x84\xaa\nquorum \xff\n");
    let policy = Policy::parse(&text).unwrap();
    assert!(is_quorum(&policy, &[11, 12]));
    assert!(!is_quorum(&policy, &[11]));
}

// LOG-14
#[test]
fn every_fault_has_its_line_and_reason() {
    let key = |number| witness_key(number).to_string();
    let (word, defined) = ("too few or too many words", "the name is defined above");
    let threshold = "the threshold is not between 1 and the number of members";
    let number = "the threshold is not all, any or a decimal";
    let member = "a member is not defined above";
    for (rest, line, reason) in [
        (String::new(), 0, "there is no quorum line"),
        ("# quorum none\n".into(), 0, "there is no quorum line"),
        ("quorum none".into(), 0, "the file does not end in a newline"),
        ("quorum none\nquorum none\n".into(), 9, "a second quorum line"),
        ("quorum X1\nquorum none\n".into(), 9, "a second quorum line"),
        ("quorum Z\n".into(), 8, "the quorum is not defined above"),
        ("quorum g\ngroup g any X1\n".into(), 8, "the quorum is not defined above"),
        ("quorum\n".into(), 8, word),
        ("quorum X1 X2\n".into(), 8, word),
        ("log\n".into(), 8, word),
        (format!("log {} u v\n", log_key(2)), 8, word),
        (format!("witness {}\n", key(31)), 8, word),
        (format!("witness Z {} u v\n", key(31)), 8, word),
        ("group\n".into(), 8, word),
        ("group g\n".into(), 8, word),
        ("group g any\n".into(), 8, threshold),
        ("group g all\n".into(), 8, threshold),
        ("group g 0 X1\n".into(), 8, threshold),
        ("group g 2 X1\n".into(), 8, threshold),
        ("group g 01 X1\n".into(), 8, number),
        ("group g -1 X1\n".into(), 8, number),
        ("group g some X1\n".into(), 8, number),
        ("group g 18446744073709551616 X1\n".into(), 8, number),
        ("group g any Z\n".into(), 8, member),
        ("group g any g\n".into(), 8, member),
        ("group g any none\n".into(), 8, member),
        ("group g any X1 X1\n".into(), 8, "a member stands in a group twice"),
        ("group g any X1\ngroup h any X1\n".into(), 9, "a member stands in a group twice"),
        ("group X1 any X2\n".into(), 8, defined),
        ("group g any X1\ngroup g any X2\n".into(), 9, defined),
        (format!("witness X1 {}\n", key(31)), 8, defined),
        (format!("witness none {}\n", key(31)), 8, "the name none is taken by the format"),
        ("group none any X1\n".into(), 8, "the name none is taken by the format"),
        (format!("witness Z {}\n", key(11)), 8, "another witness has this key"),
        (format!("log {}\n", log_key(1)), 8, "another log has this key"),
        ("log abc\n".into(), 8, "the key is not a verifier key"),
        ("witness Z abc\n".into(), 8, "the key is not a verifier key"),
        (format!("log {}\n", key(31)), 8, "the key is of a type that does not sign here"),
        (format!("witness Z {}\n", log_key(2)), 8, "the key is of a type that does not sign here"),
        ("quorum none\r\n".into(), 8, "a control character other than tab"),
        ("# \u{7f}\n".into(), 8, "a control character other than tab"),
        ("\0\n".into(), 8, "a control character other than tab"),
        (
            "Quorum none\n".into(),
            8,
            "the line begins with none of log, witness, group, quorum and #",
        ),
    ] {
        let text = policy_text(&rest);
        assert_eq!(self::reason(text.as_bytes()), (line, reason), "{rest:?}");
    }
    assert_eq!(self::reason(b""), (0, "the file does not end in a newline"));
    let url = [format!("log {} ", log_key(1)).as_bytes(), b"\xff\nquorum none\n"].concat();
    assert_eq!(self::reason(&url), (1, "the URL is not UTF-8"));
}

#[test]
fn an_error_is_the_breach_of_policies() {
    let error = Policy::parse(b"quorum x\n").unwrap_err();
    assert_eq!(error.to_string(), "policy, line 1: the quorum is not defined above");
    assert_eq!(Breach::from(error), Breach::PolicyMalformed);
}

#[test]
fn one_key_under_two_names_is_one_witness() {
    let other = VerifierKey::cosignature("other.example", signing_key(11).key()).unwrap();
    let text = policy_text(&format!("witness Z {other}\n"));
    assert_eq!(reason(text.as_bytes()), (8, "another witness has this key"));
}

#[test]
fn the_length_is_bounded_and_generous() {
    let end = "quorum none\n";
    let comment = "#".repeat(MAX_POLICY_LENGTH - end.len() - 1);
    let longest = format!("{comment}\n{end}");
    assert!(Policy::parse(longest.as_bytes()).is_ok());
    assert_eq!(reason(format!("#{longest}").as_bytes()), (0, "the file is too long"));
    // 32 logs, 32 witnesses and 32 groups, one inside the other.
    let mut text = String::new();
    for number in 100..132 {
        writeln!(text, "log {}", log_key(number)).unwrap();
        writeln!(text, "witness w{number} {}", witness_key(number)).unwrap();
    }
    text += "group g100 any w100\n";
    for number in 101..132 {
        writeln!(text, "group g{number} all w{number} g{}", number - 1).unwrap();
    }
    let policy = Policy::parse((text + "quorum g131\n").as_bytes()).unwrap();
    let witnesses: Vec<u8> = (100..132).collect();
    assert!(is_quorum(&policy, &witnesses));
    assert!(!is_quorum(&policy, &witnesses[1..]));
}

#[test]
fn a_head_is_believed_with_its_quorum() {
    let policy = policy(EXAMPLE);
    let note = note(&[11, 13, 22, 99]);
    let witnessed = policy.verify(note.to_string().as_bytes()).unwrap();
    assert_eq!(witnessed.head().checkpoint().size, 5);
    let seen: Vec<_> = witnessed.cosigned().iter().map(|one| (one.cosigner, one.time)).collect();
    assert_eq!(seen, [(0, Some(1011)), (2, Some(1013)), (4, Some(1022))]);
    assert_eq!(witnessed.cosigned()[0].key, witness_key(11));
}

// LOG-15
#[test]
fn a_head_without_quorum_log_or_truth_is_not_believed() {
    let policy = policy(EXAMPLE);
    let verdict = |note: &Note| policy.verify_note(note).map(|_| ());
    assert_eq!(verdict(&note(&[11, 12, 13])), Err(Breach::QuorumMissing));
    assert_eq!(verdict(&note(&[11, 11, 21])), Err(Breach::QuorumMissing));
    assert_eq!(verdict(&note(&[])), Err(Breach::QuorumMissing));
    // A cosignature by the log's own key, or under another name, counts for nobody.
    assert_eq!(verdict(&note(&[11, 1, 21])), Err(Breach::QuorumMissing));
    let text = note(&[]).text().to_owned();
    let stranger = Note::sign(&text, &signing_key(2), ORIGIN).unwrap();
    assert_eq!(verdict(&stranger), Err(Breach::NoteUnsigned));
    let foreign = Note::sign(&text.replace("register", "poll"), &signing_key(1), ORIGIN).unwrap();
    assert_eq!(verdict(&foreign), Err(Breach::CheckpointOrigin));
    let mut forged = note(&[11, 12, 21]);
    let line = NoteSignature::new("w13.example", witness_key(13).id(), vec![0; 72]).unwrap();
    forged.add_signature(line).unwrap();
    assert_eq!(verdict(&forged), Err(Breach::NoteSignatureInvalid));
    assert_eq!(policy.verify(b"no note"), Err(Breach::NoteMalformed));
}

#[test]
fn a_log_with_two_keys_signs_with_either() {
    let (one, two) = (log_key(1), log_key(2));
    let text = format!("log {two}\nlog {one}\nquorum none\n");
    let policy = Policy::parse(text.as_bytes()).unwrap();
    assert_eq!(policy.logs_of(ORIGIN).count(), 2);
    assert_eq!(policy.logs_of("other.example").count(), 0);
    assert!(policy.verify_note(&note(&[])).is_ok());
    // A forged line of either key condemns the note, whichever comes first.
    for key in [one, two] {
        let mut forged = note(&[]);
        let line = NoteSignature::new(ORIGIN, key.id(), vec![0; 64]).unwrap();
        forged.add_signature(line).unwrap();
        assert_eq!(policy.verify_note(&forged), Err(Breach::NoteSignatureInvalid));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(
        lines in proptest::collection::vec(
            "(log|witness|group|quorum|#|)( (X1|X2|g|h|all|any|none|1|2)){0,4}",
            0..6,
        ),
        noise in any::<Vec<u8>>(),
    ) {
        let text = policy_text(&(lines.join("\n") + "\n"));
        if let Ok(policy) = Policy::parse(text.as_bytes()) {
            prop_assert_eq!(policy.asks_for_witnesses(), !policy.is_quorum(|_| false));
            prop_assert!(is_quorum(&policy, &[11, 12, 13, 21, 22, 23]));
        }
        let _ = Policy::parse(&noise).map_err(|error| error.line);
    }
}
