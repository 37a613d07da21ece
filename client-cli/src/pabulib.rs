//! A poll from a Pabulib file: its projects as options, its rule and budget (the protocol reads the
//! file).
//!
//! Not here: its ballots, which belong to people whose keys nobody has.

use veche_protocol::interchange::pabulib::Pabulib;
use veche_protocol::register::MAX_LABEL_LENGTH;

use crate::definition_file::{OptionFile, QuestionFile};

/// Criteria for ties, where Pabulib names none: a published parameter of the poll like any other.
const TIES: [&str; 3] = ["lowest-cost", "most-votes", "listed-order"];

/// The question that a Pabulib file asks.
pub fn question(file: &Pabulib, title: &str) -> Result<QuestionFile, String> {
    let completion = match file.meta.get("rule") {
        Some("equalshares") => "none",
        Some("equalshares/add1") => "add1",
        Some("equalshares/add1u") => "add1u",
        other => {
            let rule = other.unwrap_or("");
            return Err(format!("the rule {rule:?} is not read; Equal Shares is"));
        }
    };
    let projects = file.projects.len() as u64;
    let options = file.projects.iter().map(|project| OptionFile {
        label: label(&project.id, project.name.as_deref()),
        details: None,
        cost: project.cost,
    });
    Ok(QuestionFile {
        title: title.to_owned(),
        rule: "equal-shares".to_owned(),
        min: Some(number(file, "min_length")?.unwrap_or(1)),
        max: Some(number(file, "max_length")?.unwrap_or(projects).min(projects)),
        budget: Some(file.budget),
        completion: Some(completion.to_owned()),
        // Official outcomes come out exactly without the stop at the first exhaustive outcome.
        exhaustion: Some("run".to_owned()),
        ties: TIES.map(str::to_owned).to_vec(),
        options: options.collect(),
        ..QuestionFile::default()
    })
}

/// The label of a project: `<id>: <name>`, cut where the grammar ends it.
pub fn label(id: &str, name: Option<&str>) -> String {
    let mut label = name.map_or_else(|| id.to_owned(), |name| format!("{id}: {name}"));
    let mut end = MAX_LABEL_LENGTH.min(label.len());
    while !label.is_char_boundary(end) {
        end -= 1;
    }
    label.truncate(end);
    label
}

fn number(file: &Pabulib, key: &str) -> Result<Option<u64>, String> {
    let Some(text) = file.meta.get(key) else { return Ok(None) };
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
    }

    #[test]
    fn another_rule_is_refused() {
        assert!(question(&file("greedy"), "Which?").unwrap_err().contains("greedy"));
    }

    #[test]
    fn a_label_is_cut_between_characters() {
        let label = label("1", Some(&"ż".repeat(600)));
        assert_eq!(label.len(), 999);
    }
}
