//! The reader on small files, on files that contradict themselves, and on a real one.

use super::{Ballot, Pabulib, Project, Reason, parse};

const SMALL: &str = "META\nkey;value\nbudget;2500\nvote_type;approval\nnum_projects;2\n\
    num_votes;3\nPROJECTS\nproject_id;cost;name;selected\n7;600;\"a; \"\"b\"\"\";1\nx;800;c;0\n\
    VOTES\nvoter_id;age;vote\n1;34;x,7\n2;51;\n3;20;7\n";

#[test]
fn a_small_file_is_read() {
    let file = parse(SMALL).unwrap();
    let project = |id: &str, name: &str, cost, selected| Project {
        id: id.into(),
        name: Some(name.into()),
        cost,
        votes: None,
        selected: Some(selected),
    };
    assert_eq!(file.budget, 2500);
    assert_eq!(file.meta["vote_type"], "approval");
    assert_eq!(file.projects, [project("7", "a; \"b\"", 600, 1), project("x", "c", 800, 0)]);
    let ballot = |voter: &str, choices| Ballot { voter: voter.into(), choices };
    let ballots = [ballot("1", vec![1, 0]), ballot("2", vec![]), ballot("3", vec![0])];
    assert_eq!(file.ballots, ballots);
    assert_eq!(file.ballots[0].approvals(), [0, 1]);
}

#[test]
fn line_ends_blanks_and_a_byte_order_mark_do_not_matter() {
    let other = SMALL.replace('\n', "\r\n").replace(';', " ; ").replace("VOTES", "\r\nVOTES \r\n");
    let other = other.replace("\"a ;  ", "\"a; ");
    assert_eq!(parse(&format!("\u{feff}{other}\r\n")), parse(SMALL));
}

fn refused(from: &str, to: &str) -> (usize, Reason) {
    assert!(SMALL.contains(from), "{from}");
    let error = parse(&SMALL.replacen(from, to, 1)).unwrap_err();
    (error.line, error.reason)
}

#[test]
fn what_contradicts_itself_is_refused_with_line_and_reason() {
    let text = str::to_owned;
    assert_eq!(refused("META\n", "meta\n"), (1, Reason::SectionExpected("META")));
    assert_eq!(refused("budget;2500\n", ""), (5, Reason::KeyMissing("budget")));
    assert_eq!(refused("2500", "25.00"), (6, Reason::NotInteger(text("25.00"))));
    assert_eq!(refused("2500", "2500;PLN"), (3, Reason::FieldCount { expected: 2, found: 3 }));
    assert_eq!(refused("approval", "scoring"), (6, Reason::VoteType(text("scoring"))));
    assert_eq!(refused("num_votes", "budget"), (6, Reason::Repeated(text("budget"))));
    assert_eq!(refused("PROJECTS\n", "VOTES\n"), (7, Reason::SectionExpected("PROJECTS")));
    assert_eq!(refused("cost;name", "price;name"), (8, Reason::ColumnMissing("cost")));
    assert_eq!(refused("cost;name", "cost;cost"), (8, Reason::ColumnRepeated(text("cost"))));
    assert_eq!(refused("x;800", "7;800"), (10, Reason::Repeated(text("7"))));
    assert_eq!(refused("x;800", "x;+800"), (10, Reason::NotInteger(text("+800"))));
    assert_eq!(refused("x,7", "x,8"), (13, Reason::ProjectUnknown(text("8"))));
    assert_eq!(refused("x,7", "x,x"), (13, Reason::Repeated(text("x"))));
    assert_eq!(refused("\n3;20", "\n1;20"), (15, Reason::Repeated(text("1"))));
    assert_eq!(
        refused("\n3;20;7", ""),
        (6, Reason::Announced { key: "num_votes", said: 3, found: 2 })
    );
    assert_eq!(
        refused("3;20;7\n", "3;20;7\nMETA\n"),
        (16, Reason::SectionExpected("VOTES to be the last"))
    );
}

#[test]
fn an_error_says_its_line_and_reason() {
    let error = parse(&SMALL.replace("x,7", "x,8")).unwrap_err();
    assert_eq!(error.to_string(), "line 13: the project \"8\" is not listed");
    let error = parse(&SMALL.replace("c;0", "\"c;0")).unwrap_err();
    assert_eq!(error.to_string(), "line 10: a quoted field is not closed on its line");
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    // Without its last line the file has fewer votes than it says; a cut in that line may read.
    let last_line = SMALL.rfind("3;20;7").unwrap();
    for end in 0..SMALL.len() {
        let whole = parse(&SMALL[..end]).is_ok();
        assert!(!whole || end > last_line, "{end}");
    }
}

fn wieliczka() -> Pabulib {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/data/wieliczka-2023/wieliczka_2023_green_budget.pb"
    );
    parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_real_file_agrees_with_its_own_totals() {
    let file = wieliczka();
    assert_eq!((file.projects.len(), file.ballots.len()), (64, 6_586));
    assert_eq!((file.budget, file.meta["unit"].as_str()), (1_000_000, "Wieliczka"));
    let mut votes = vec![0_u64; file.projects.len()];
    for choice in file.ballots.iter().flat_map(|ballot| &ballot.choices) {
        votes[usize::from(*choice)] += 1;
    }
    for (project, counted) in file.projects.iter().zip(votes) {
        assert_eq!(project.votes, Some(counted), "{}", project.id);
    }
    let selected = file.projects.iter().filter(|project| project.selected == Some(1));
    assert_eq!(selected.map(|project| project.cost).sum::<u64>(), 995_079);
}
