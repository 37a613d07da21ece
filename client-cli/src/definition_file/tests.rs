//! Tests of definitions as officers write them.

use veche_protocol::count::rule::TieBreak;

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
        ("equal-shares", "borda", "no rule"),
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
