//! Tests of selections as people write them.

use veche_protocol::count::{Approval, Points, Quadratic, Rule};
use veche_protocol::poll::definition::VoteOption;

use super::*;

const LABELS: [&str; 3] = ["Park", "Bridge, new", "7"];

fn question(rule: impl Into<Rule>) -> Question {
    let option = |label: &str| VoteOption { label: label.into(), details: None, cost: 0 };
    Question {
        title: "Which?".into(),
        details: None,
        options: LABELS.map(option).to_vec(),
        rule: rule.into(),
        conditions: Vec::new(),
    }
}

fn approval() -> Question {
    question(Approval { min: 1, max: 2, winners: 1, ties: Vec::new() })
}

fn points() -> Question {
    question(Points { min: 0, max: 2, points: 9, largest: 8, winners: 1, ties: Vec::new() })
}

#[test]
fn numbers_and_labels_are_read() {
    assert_eq!(parse(&approval(), "2, 1"), Ok(vec![0, 1]));
    assert_eq!(parse(&approval(), "Park,7"), Ok(vec![0, 2]));
    assert_eq!(parse(&approval(), "#1,#2"), Ok(vec![0, 1]));
    assert_eq!(parse(&approval(), "Bridge, new"), Ok(vec![1]));
}

#[test]
fn what_the_rule_refuses_is_refused_here() {
    for text in ["", "blank", "1,2,3", "1,Park", "0", "4", "Tunnel", "-1", "1=2"] {
        assert!(parse(&approval(), text).is_err(), "{text}");
    }
}

#[test]
fn marks_are_read_and_refused_in_words() {
    assert_eq!(parse(&points(), "7=2, Park=3"), Ok(vec![0, 3, 2, 2]));
    assert_eq!(parse(&points(), "1=0,2=8"), Ok(vec![1, 8]));
    assert_eq!(parse(&points(), "blank"), Ok(Vec::new()));
    for (text, reason) in [
        ("1", "is not OPTION=VALUE"),
        ("1=x", "is not a value"),
        ("1=9", "from 1 to 8"),
        ("1=5,2=5", "10 points are given, and a ballot has 9"),
        ("1=1,2=1,3=1", "asks for 0 to 2"),
        ("1=1,Park=1", "chosen twice"),
        ("9=1", "no option"),
    ] {
        let error = parse(&points(), text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let credits = question(Quadratic { min: 0, max: 3, credits: 9, winners: 1, ties: vec![] });
    let error = parse(&credits, "1=3,2=1").unwrap_err();
    assert_eq!(error, "these votes cost 10 credits, and a ballot has 9");
}

#[test]
fn what_is_written_is_read_as_the_same() {
    for selection in [&[][..], &[0, 3, 1, 2], &[2, 8]] {
        let text = written(Writing::Marks, &LABELS, selection);
        let wide: Vec<u64> = selection.iter().map(|&number| u64::from(number)).collect();
        assert_eq!(parse(&points(), &text), Ok(wide), "{text}");
    }
    assert_eq!(written(Writing::Ranks, &LABELS, &[0, 2, 1, 1, 2, 2]), "2,1=3");
    assert_eq!(written(Writing::Choices, &["2", "b"], &[0, 1]), "1,#2");
}

#[test]
fn a_selection_is_told_in_words() {
    assert_eq!(told(&points(), &[0, 3]), ["you give 3 to 1. Park"]);
    assert_eq!(told(&approval(), &[1]), ["you choose 2. Bridge, new"]);
    assert_eq!(told(&approval(), &[]), ["you choose none of 3 options"]);
}
