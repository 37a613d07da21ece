//! What a Pabulib file asks for: its projects as options, its rule and the limits of its ballots.
//!
//! Not here: its ballots ([`crate::ballot_file`]), which belong to people whose keys nobody has.

use toml::{Table, Value};
use veche_protocol::interchange::pabulib::Pabulib;
use veche_protocol::register::MAX_LABEL_LENGTH;

use crate::ballot_file::{BallotFile, Wish};
use crate::definition_file::QuestionFile;

/// Criteria for ties, where Pabulib names none: a published parameter of the poll like any other.
const TIES: [&str; 3] = ["lowest-cost", "most-votes", "listed-order"];

/// The question that a Pabulib file asks, by the rule that it names.
pub fn question(file: &Pabulib, title: &str) -> Result<QuestionFile, String> {
    let wish = wish(file)?;
    BallotFile { profile: file.profile(), wish, decimals: file.decimals }.question(
        title,
        None,
        &Table::new(),
    )
}

/// The rule and the facts of a file.
pub(crate) fn wish(file: &Pabulib) -> Result<Wish, String> {
    let mut wish = Wish::default();
    let named = file.meta.get("rule").unwrap_or_default();
    let own = rule(named);
    wish.unknown = own.is_none().then(|| named.to_owned());
    for (key, value) in own.unwrap_or_default() {
        match key {
            "rule" => wish.rule = Some(value.to_owned()),
            key => wish.set(key, value),
        }
    }
    let projects = file.projects.len() as u64;
    let longest = number(file, "max_length")?.unwrap_or(projects).min(projects);
    wish.set("min", toml_number(number(file, "min_length")?.unwrap_or(1)));
    wish.set("max", toml_number(longest));
    wish.set("budget", toml_number(file.budget));
    for (key, name) in [
        ("largest", "max_points"),
        ("points", "max_sum_points"),
        ("threshold", "min_project_score_threshold"),
    ] {
        if let Some(value) = number(file, name)? {
            wish.set(key, toml_number(value));
        }
    }
    wish.set("ties", TIES.map(Value::from).to_vec());
    Ok(wish)
}

/// The rule of a file in our words; `None` if the file does not say how its outcome came about.
fn rule(name: &str) -> Option<Vec<(&'static str, &'static str)>> {
    let (family, variant) = name.split_once('/').unwrap_or((name, ""));
    let completion = match variant {
        "" => "none",
        "add1" => "add1",
        "add1u" => "add1u",
        _ => return None,
    };
    // Official outcomes come out exactly without the stop at the first exhaustive outcome.
    let shares = [("rule", "equal-shares"), ("completion", completion), ("exhaustion", "run")];
    match family {
        "equalshares" => Some(shares.to_vec()),
        _ => None,
    }
}

fn toml_number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The label of a project: `<id>: <name>`, cut where the grammar ends it.
pub fn label(id: &str, name: Option<&str>) -> String {
    cut(name.map_or_else(|| id.to_owned(), |name| format!("{id}: {name}")))
}

/// A label, cut between characters where the grammar ends it.
pub(crate) fn cut(mut label: String) -> String {
    let mut end = MAX_LABEL_LENGTH.min(label.len());
    while !label.is_char_boundary(end) {
        end -= 1;
    }
    label.truncate(end);
    label
}

fn number(file: &Pabulib, key: &str) -> Result<Option<u64>, String> {
    let Some(text) = file.meta.get(key).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| format!("META says {key} is {text:?}"))
}

#[cfg(test)]
mod tests {
    use veche_protocol::interchange::pabulib::parse;

    use super::*;

    fn file(rule: &str) -> Pabulib {
        let meta = format!("META\nkey;value\nbudget;100\nvote_type;approval\nrule;{rule}\n");
        let rest = "max_length;9\nPROJECTS\nproject_id;cost;name\n7;60;Swift boxes\n8;50;Meadow\n\
                    VOTES\nvoter_id;vote\n1;7,8\n";
        parse(&format!("{meta}{rest}")).unwrap()
    }

    #[test]
    fn projects_become_options_with_costs() {
        let question = question(&file("equalshares/add1"), "Which?").unwrap();
        assert_eq!(question.options[0].label, "7: Swift boxes");
        assert_eq!(question.options[1].cost, 50);
        assert_eq!((question.min, question.max), (Some(1), Some(2)));
        assert_eq!(question.completion.as_deref(), Some("add1"));
        assert_eq!(question.ties, TIES);
    }

    #[test]
    fn a_rule_that_nobody_can_repeat_is_refused() {
        for rule in ["unknown", "greedy-custom", "equalshares/other"] {
            assert!(question(&file(rule), "Which?").unwrap_err().contains("--rule"), "{rule}");
        }
    }

    #[test]
    fn a_label_is_cut_between_characters() {
        let label = label("1", Some(&"ż".repeat(600)));
        assert_eq!(label.len(), 999);
    }
}
