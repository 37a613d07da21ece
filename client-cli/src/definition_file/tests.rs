//! Tests of definitions as officers write them.

use veche_protocol::count::TieBreak;
use veche_protocol::poll::authorities::Issuing;
use veche_protocol::signature::SigningKey;

use super::*;

const GREEN: &str = r#"
title = "Green Budget"
rolls = ["b", "a"]
opens_at = "2026-11-23T08:00:00Z"
closes_at = "2026-11-30T18:00:00Z"
tolerance = 60
revote = "last"
max_turn = 3
quorum = "1/4"

[[questions]]
title = "Which projects?"
rule = "equal-shares"
min = 1
max = 2
budget = 1000
completion = "add1"
exhaustion = "run"
ties = ["lowest-cost", "listed-order"]

[[questions.options]]
label = "Swift boxes"
cost = 600

[[questions.options]]
label = "Meadow"
cost = 500
"#;

fn read(text: &str) -> Result<Definition, String> {
    let file: DefinitionFile = toml::from_str(text).map_err(|error| error.to_string())?;
    file.read("vote.example.org")
}

#[test]
fn a_definition_is_read_and_lawful() {
    let definition = read(GREEN).unwrap();
    assert_eq!(definition.check("vote.example.org"), Ok(()));
    assert_eq!(definition.rolls[0], "vote.example.org/roll/a");
    assert_eq!(definition.revote, Revote::Last { max_turn: 3 });
    assert_eq!(definition.quorum, Quorum { numerator: 1, denominator: 4 });
    let ties = definition.questions[0].rule.ties();
    assert_eq!(ties, [TieBreak::LowestCost, TieBreak::ListedOrder]);
}

#[test]
fn toml_and_json_say_the_same() {
    let file: DefinitionFile = toml::from_str(GREEN).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (toml, json) = (folder.path().join("poll.toml"), folder.path().join("poll.json"));
    std::fs::write(&toml, file.to_toml()).unwrap();
    std::fs::write(&json, serde_json::to_string(&file).unwrap()).unwrap();
    assert_eq!(DefinitionFile::load(&toml).unwrap(), file);
    assert_eq!(DefinitionFile::load(&json).unwrap(), file);
}

#[test]
fn every_mistake_is_named() {
    for (from, to, reason) in [
        ("tolerance", "tolerence", "tolerence"),
        ("budget = 1000\n", "", "needs budget"),
        ("completion = \"add1\"\n", "", "completion"),
        ("budget = 1000", "budget = 1000\nwinners = 1", "no parameter winners"),
        ("equal-shares", "acclamation", "no rule"),
        ("08:00:00Z", "08:00:00", "is not a time"),
        ("\"1/4\"", "\"25%\"", "not a share"),
        ("max_turn = 3\n", "", "needs max_turn"),
        ("revote = \"last\"\n", "", "goes with"),
        ("lowest-cost", "cheapest", "no criterion"),
    ] {
        let error = read(&GREEN.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(reason), "{to}: {error}");
    }
}

/// The definition of [`GREEN`] with more before its questions.
fn green_with(more: &str) -> String {
    let (head, questions) = GREEN.split_once("[[questions]]").unwrap();
    // Tables end where the next begins, so fields of the definition itself stand first.
    let (fields, tables) = more.split_once("---").unwrap();
    format!("{head}{fields}\n[[questions]]{questions}\n{tables}")
}

fn hex_of(number: u8) -> String {
    SigningKey::from_seed(&[number; 32]).key().to_string()
}

#[test]
fn an_anonymous_sealed_poll_is_read_and_lawful() {
    let [a, b, c] = [1, 2, 3].map(hex_of);
    let text = green_with(&format!(
        r#"
        identity = "anonymous"
        secrecy = "sealed"
        ---
        [issuers]
        modulus = 2048
        issuing = "until-close"
        members = [{{ key = "{a}", label = "Bar" }}, {{ key = "{b}", label = "University" }}]
        [trustees]
        threshold = 2
        members = [
            {{ key = "{a}", label = "A" }}, {{ key = "{b}", label = "B" }},
            {{ key = "{c}", label = "C" }},
        ]
        "#
    ));
    let definition = read(&text).unwrap();
    assert_eq!(definition.check("vote.example.org"), Ok(()));
    assert!(definition.is_anonymous() && definition.is_sealed());
    let issuance = definition.issuance.unwrap();
    assert_eq!((issuance.bits.bits(), issuance.issuing), (2048, Issuing::UntilClose));
    assert!(issuance.issuers.is_sorted_by_key(|issuer| issuer.key));
    assert!(definition.trustees.members.is_sorted_by_key(|trustee| trustee.key));
    assert_eq!(definition.trustees.threshold, 2);
    let file: DefinitionFile = toml::from_str(&text).unwrap();
    assert_eq!(toml::from_str::<DefinitionFile>(&file.to_toml()).unwrap(), file);
}

#[test]
fn what_the_file_does_not_say_has_the_default() {
    let key = hex_of(1);
    let issuers = format!(r#"[issuers]{}members = [{{ key = "{key}", label = "Bar" }}]"#, "\n");
    let text = green_with(&format!("identity = \"anonymous\"\n---\n{issuers}"));
    let issuance = read(&text).unwrap().issuance.unwrap();
    assert_eq!((issuance.bits.bits(), issuance.issuing), (3072, Issuing::UntilOpen));
}

#[test]
fn what_does_not_go_together_is_refused_by_its_field() {
    let key = hex_of(1);
    let member = format!(r#"{{ key = "{key}", label = "Bar" }}"#);
    let issuers = |more: &str| format!("[issuers]\nmembers = [{member}]\n{more}");
    let trustees = |threshold: u8, members: &str| {
        format!("[trustees]\nthreshold = {threshold}\nmembers = [{members}]")
    };
    let anonymous = "identity = \"anonymous\"";
    let sealed = "secrecy = \"sealed\"";
    for (fields, tables, field) in [
        (anonymous, String::new(), "identity: "),
        ("identity = \"hidden\"", String::new(), "identity: "),
        ("", issuers(""), "issuers: "),
        (anonymous, issuers("modulus = 1024"), "issuers.modulus: "),
        (anonymous, issuers("issuing = \"always\""), "issuers.issuing: "),
        (anonymous, "[issuers]\nmembers = []".to_owned(), "issuers.members: "),
        (anonymous, "[issuers]\nmembers = [{ key = \"00\", label = \"\" }]".into(), "issuers."),
        (anonymous, format!("[issuers]\nmembers = [{member}, {member}]"), "issuers.members: "),
        (sealed, String::new(), "secrecy: "),
        ("secrecy = \"secret\"", String::new(), "secrecy: "),
        ("", trustees(2, &member), "trustees: "),
        (sealed, trustees(1, &member), "trustees.threshold: "),
        (sealed, trustees(2, &member), "trustees.threshold: "),
    ] {
        // POLL-10: said with the field's name before anything is signed.
        let refused = read(&green_with(&format!("{fields}\n---\n{tables}"))).unwrap_err();
        assert!(refused.starts_with(field), "{refused}");
    }
}

#[test]
fn a_member_on_the_command_line_is_a_label_and_a_key() {
    let key = hex_of(1);
    let member = MemberFile::parse(&format!("A = B={key}")).unwrap();
    assert_eq!((member.label.as_str(), member.key), ("A = B", key));
    for text in ["", "Bar", "Bar=", "Bar=00", "Bar=zz"] {
        assert!(MemberFile::parse(text).is_err(), "{text}");
    }
}
