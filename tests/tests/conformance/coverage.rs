//! Every code that a recount may find has a vector that yields it, in each of its steps.

use std::collections::BTreeSet;

use crate::support::{read_folder, root};

/// Codes and steps of the table that no vector yields, with the reason.
const WITHOUT_VECTOR: [(&str, &str, &str); 0] = [];

/// The rows of the table of codes: code, fault, steps.
fn table() -> Vec<(String, String, Vec<String>)> {
    let law = std::fs::read_to_string(root().join("../audit.md")).unwrap();
    let rows = law.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let steps = cells[3].split(", ").filter(|step| *step != "-").map(str::to_owned);
        (cells[1].trim_matches('`').to_owned(), cells[2].to_owned(), steps.collect())
    })
    .collect()
}

#[test]
fn every_code_of_the_recount_has_a_vector_in_each_of_its_steps() {
    let mut found = BTreeSet::new();
    for (_, vector) in read_folder("recount") {
        for finding in vector["expect"]["findings"].as_array().into_iter().flatten() {
            let text = |field: &str| finding[field].as_str().unwrap().to_owned();
            found.insert((text("code"), text("step")));
        }
        for refused in vector["expect"]["refused"].as_array().into_iter().flatten() {
            found.insert((refused["code"].as_str().unwrap().to_owned(), "A2".to_owned()));
        }
    }
    let table = table();
    assert!(table.len() > 60, "{} codes", table.len());
    let excused = |code: &str, step: &str| {
        WITHOUT_VECTOR.iter().any(|(known, in_step, _)| *known == code && *in_step == step)
    };
    let mut missing = Vec::new();
    for (code, _, steps) in &table {
        for step in steps {
            if !found.contains(&(code.clone(), step.clone())) && !excused(code, step) {
                missing.push(format!("{code} in {step}"));
            }
        }
    }
    assert!(missing.is_empty(), "no vector yields {missing:#?}");
    for (code, step) in &found {
        let is_listed = table.iter().any(|(known, _, steps)| known == code && steps.contains(step));
        assert!(is_listed, "the table does not have {code} in {step}");
    }
}
