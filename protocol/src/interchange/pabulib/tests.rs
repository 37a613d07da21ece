//! The reader on small files, on files that contradict themselves, and on a real one.

use super::super::profile::{Form, Profile};
use super::super::{NotInteger, Unwritable};
use super::{Ballot, Frame, Pabulib, Project, Reason, VoteType, parse};

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
        selected: Some(selected),
        ..Project::default()
    };
    assert_eq!(file.budget, 2500);
    assert_eq!(file.meta.get("num_votes"), Some("3"));
    assert_eq!((file.vote_type, file.decimals), (VoteType::Approval, 0));
    assert_eq!(file.projects, [project("7", "a; \"b\"", 600, 1), project("x", "c", 800, 0)]);
    let ballot = |voter: &str, age: &str, choices| Ballot {
        voter: voter.into(),
        choices,
        points: Vec::new(),
        further: vec![age.into()],
    };
    let ballots =
        [ballot("1", "34", vec![1, 0]), ballot("2", "51", vec![]), ballot("3", "20", vec![0])];
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
    assert_eq!(refused("2500", "25 00"), (6, Reason::NotAmount(text("25 00"))));
    assert_eq!(refused("800", "0.8e3"), (10, Reason::NotAmount(text("0.8e3"))));
    assert_eq!(refused(";0\n", ";no\n"), (10, Reason::Number(NotInteger(text("no")))));
    assert_eq!(refused("num_votes;3", "num_votes;+3"), (6, Reason::Number(NotInteger(text("+3")))));
    assert_eq!(refused("2500", "2500;PLN"), (3, Reason::FieldCount { expected: 2, found: 3 }));
    assert_eq!(refused("approval", "choose-2"), (6, Reason::VoteType(text("choose-2"))));
    assert_eq!(refused("approval", "choose-1"), (13, Reason::MoreThanOne(2)));
    assert_eq!(refused("approval", "scoring"), (12, Reason::ColumnMissing("points")));
    assert_eq!(refused("num_votes", "budget"), (6, Reason::Repeated(text("budget"))));
    assert_eq!(refused("PROJECTS\n", "VOTES\n"), (7, Reason::SectionExpected("PROJECTS")));
    assert_eq!(refused("cost;name", "price;name"), (8, Reason::ColumnMissing("cost")));
    assert_eq!(refused("cost;name", "cost;cost"), (8, Reason::ColumnRepeated(text("cost"))));
    assert_eq!(refused("x;800", "7;800"), (10, Reason::Repeated(text("7"))));
    assert_eq!(refused("x;800", "x;+800"), (10, Reason::NotAmount(text("+800"))));
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
    assert_eq!((file.budget, file.meta.get("unit")), (1_000_000, Some("Wieliczka")));
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

#[test]
fn a_real_file_is_written_as_it_was() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/data/wieliczka-2023/wieliczka_2023_green_budget.pb"
    );
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(parse(&text).unwrap().write().unwrap(), text.replace('\r', ""));
}

fn with_points(vote_type: &str, points: &str) -> Result<Pabulib, (usize, Reason)> {
    let text = SMALL
        .replace("vote_type;approval", &format!("vote_type;{vote_type}"))
        .replace("voter_id;age;vote", "voter_id;points;vote")
        .replace("1;34;", &format!("1;{points};"))
        .replace("2;51;", "2;;")
        .replace("3;20;", "3;9;");
    parse(&text).map_err(|error| (error.line, error.reason))
}

#[test]
fn every_type_of_vote_becomes_a_selection() {
    let selections = |file: &Pabulib| {
        let Profile { form, ballots, .. } = file.profile();
        (form, ballots.into_iter().map(|ballot| ballot.selection).collect::<Vec<_>>())
    };
    let file = parse(SMALL).unwrap();
    assert_eq!(selections(&file), (Form::Choices, vec![vec![0, 1], vec![], vec![0]]));
    let file = parse(&SMALL.replace("approval", "ordinal")).unwrap();
    assert_eq!(selections(&file), (Form::Ranks, vec![vec![0, 2, 1, 1], vec![], vec![0, 1]]));
    for vote_type in ["cumulative", "scoring"] {
        let file = with_points(vote_type, "4, 3").unwrap();
        assert_eq!(file.ballots[0].points, [4, 3]);
        assert_eq!(selections(&file), (Form::Marks, vec![vec![0, 3, 1, 4], vec![], vec![0, 9]]));
        // Nothing is given to a project that is listed with 0.
        let file = with_points(vote_type, "0,3").unwrap();
        assert_eq!(selections(&file).1[0], [0, 3]);
    }
}

#[test]
fn points_that_do_not_fit_are_refused() {
    let refused = |points| with_points("cumulative", points).unwrap_err();
    assert_eq!(refused("4"), (13, Reason::PointCount { projects: 2, points: 1 }));
    assert_eq!(refused(""), (13, Reason::PointCount { projects: 2, points: 0 }));
    assert_eq!(refused("4,-3"), (13, Reason::Number(NotInteger("-3".into()))));
    assert_eq!(refused("4,2.5"), (13, Reason::Number(NotInteger("2.5".into()))));
    assert_eq!(refused("4,2."), (13, Reason::Number(NotInteger("2.".into()))));
    assert_eq!(with_points("scoring", "4.0,2.00").unwrap().ballots[0].points, [4, 2]);
    assert_eq!(refused("4,65536"), (13, Reason::TooManyPoints(65_536)));
}

#[test]
fn amounts_in_hundredths_are_exact() {
    let text = SMALL.replace("2500", "2500,5").replace("x;800", "x;799.99");
    let file = parse(&text).unwrap();
    assert_eq!((file.decimals, file.budget), (2, 250_050));
    assert_eq!([file.projects[0].cost, file.projects[1].cost], [60_000, 79_999]);
    assert_eq!(parse(&file.write().unwrap()).unwrap(), parse(&text.replace(",5", ".5")).unwrap());
    let error = parse(&text.replace(";600;", ";18446744073709551615;")).unwrap_err();
    assert_eq!((error.line, error.reason), (9, Reason::NotAmount("7".into())));
}

#[test]
fn ids_come_from_labels_where_all_have_one() {
    let file = parse(SMALL).unwrap();
    let frame = Frame { budget: Some(2_500), ..Frame::default() };
    let again = Pabulib::of(&file.profile(), &frame).unwrap();
    let ids = |file: &Pabulib| file.projects.iter().map(|p| p.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&again), ["7", "x"]);
    assert_eq!(again.profile(), Profile { title: String::new(), ..file.profile() });
    let mut profile = file.profile();
    profile.options[1].label = "Meadow".into();
    let again = Pabulib::of(&profile, &frame).unwrap();
    assert_eq!((ids(&again)[1].as_str(), again.projects[1].name.as_deref()), ("2", Some("Meadow")));
    let refused = Pabulib::of(&profile, &Frame::default()).unwrap_err();
    assert_eq!(refused, Unwritable::Budget);
}
