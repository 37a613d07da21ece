//! Pabulib files: what was read, written with every field quoted, is read as the same again.

use std::{collections::BTreeSet, fmt::Write as _};

use veche_protocol::interchange::pabulib::{Pabulib, parse};

/// The bytes are a `.pb` file.
pub fn holds(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match parse(text) {
        Err(error) => {
            let lines = text.lines().count() + 1;
            assert!((1..=lines).contains(&error.line), "{error}: the file has {lines} lines");
        }
        Ok(file) => {
            check_bounds(&file);
            assert_eq!(parse(&written(&file)).as_ref(), Ok(&file));
        }
    }
}

/// Choices are distinct projects of the file; ids stand once.
fn check_bounds(file: &Pabulib) {
    let ids: BTreeSet<_> = file.projects.iter().map(|project| &project.id).collect();
    assert_eq!(ids.len(), file.projects.len());
    let voters: BTreeSet<_> = file.ballots.iter().map(|ballot| &ballot.voter).collect();
    assert_eq!(voters.len(), file.ballots.len());
    for ballot in &file.ballots {
        let approvals = ballot.approvals();
        assert!(approvals.is_sorted_by(|one, next| one < next));
        assert_eq!(approvals.len(), ballot.choices.len());
        assert!(approvals.iter().all(|&choice| usize::from(choice) < file.projects.len()));
    }
}

fn written(file: &Pabulib) -> String {
    let mut text = String::from("META\nkey;value\n");
    for (key, value) in &file.meta {
        line(&mut text, &[key, value]);
    }
    let has = |is_there: bool, column| if is_there { column } else { "" };
    let first = file.projects.first();
    let columns = [
        has(first.is_some_and(|project| project.name.is_some()), ";name"),
        has(first.is_some_and(|project| project.votes.is_some()), ";votes"),
        has(first.is_some_and(|project| project.selected.is_some()), ";selected"),
    ];
    let _ = writeln!(text, "PROJECTS\nproject_id;cost{}", columns.concat());
    for project in &file.projects {
        let mut fields = vec![project.id.clone(), project.cost.to_string()];
        fields.extend(project.name.clone());
        fields.extend(project.votes.map(|votes| votes.to_string()));
        fields.extend(project.selected.map(|selected| selected.to_string()));
        line(&mut text, &fields.iter().map(String::as_str).collect::<Vec<_>>());
    }
    text.push_str("VOTES\nvoter_id;vote\n");
    for ballot in &file.ballots {
        let id = |&choice: &u16| file.projects[usize::from(choice)].id.as_str();
        let list: Vec<_> = ballot.choices.iter().map(id).collect();
        line(&mut text, &[&ballot.voter, &list.join(",")]);
    }
    text
}

fn line(text: &mut String, fields: &[&str]) {
    let quoted: Vec<_> =
        fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
    text.push_str(&quoted.join(";"));
    text.push('\n');
}
