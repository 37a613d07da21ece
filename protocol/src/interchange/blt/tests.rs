//! The reader on a small file with everything in it, and on files that contradict themselves.

use super::super::NotInteger;
use super::super::profile::Form;
use super::{Ballot, Blt, Candidate, Reason, parse};

const SMALL: &str = "# trees\n4 2\n-2\n\n3 1 3 4 0\n(x 7) 2 4 1=3 0  # tied\n1 0\n0\n\
    \"Adam #1\"\n\"Basil\" Cleo\n\"Don\"\n\"Council\"\n\"a source\"\n";

fn small() -> Blt {
    let ballot = |id: Option<&str>, weight, groups: &[&[u16]]| Ballot {
        id: id.map(str::to_owned),
        weight,
        groups: groups.iter().map(|group| group.to_vec()).collect(),
    };
    let candidate = |name: &str| Candidate { name: name.into(), is_withdrawn: name == "Basil" };
    Blt {
        seats: 2,
        candidates: ["Adam #1", "Basil", "Cleo", "Don"].map(candidate).to_vec(),
        ballots: vec![
            ballot(None, 3, &[&[0], &[2], &[3]]),
            ballot(Some("x 7"), 2, &[&[3], &[0, 2]]),
            ballot(None, 1, &[]),
        ],
        title: Some("Council".into()),
        remarks: vec!["a source".into()],
    }
}

#[test]
fn a_small_file_is_read_and_written() {
    assert_eq!(parse(SMALL).unwrap(), small());
    assert_eq!(parse(&SMALL.replace('\n', "\r\n")).unwrap(), small());
    assert_eq!(parse(&small().write().unwrap()).unwrap(), small());
}

#[test]
fn ballots_are_rankings() {
    let profile = small().profile();
    assert_eq!((profile.form, profile.ballot_count()), (Form::Ranks, 6));
    assert_eq!(profile.ballots[1].selection, [0, 2, 2, 2, 3, 1]);
    let again = Blt::of(&profile, 2).unwrap();
    assert_eq!(again.profile(), profile);
    assert_eq!(profile.without_withdrawn().ballots[0].selection, [0, 1, 1, 2, 2, 3]);
}

#[test]
fn a_name_with_a_quote_cannot_be_written() {
    let mut file = small();
    file.candidates[0].name = "\"Ada\"".into();
    let error = file.write().unwrap_err().to_string();
    assert!(error.contains("nothing stands for a quote"), "{error}");
}

fn refused(from: &str, to: &str) -> (usize, Reason) {
    assert!(SMALL.contains(from), "{from}");
    let error = parse(&SMALL.replacen(from, to, 1)).unwrap_err();
    (error.line, error.reason)
}

#[test]
fn what_contradicts_itself_is_refused_with_line_and_reason() {
    let text = str::to_owned;
    let number = |text: &str| Reason::Number(NotInteger(text.to_owned()));
    let expected = |expected, found: &str| Reason::Expected { expected, found: found.into() };
    assert_eq!(refused("4 2\n", "0 2\n"), (2, Reason::CandidateCount(0)));
    assert_eq!(refused("4 2\n", "4 5\n"), (2, Reason::Seats { seats: 5, candidates: 4 }));
    assert_eq!(refused("4 2\n", "4 two\n"), (2, number("two")));
    assert_eq!(refused("4 2\n", "\"four\" 2\n"), (2, expected("the number of candidates", "four")));
    assert_eq!(refused("-2", "-5"), (3, Reason::CandidateUnknown(text("5"))));
    assert_eq!(refused("-2", "-2 -2"), (3, Reason::CandidateRepeated(2)));
    assert_eq!(refused("3 1 3 4 0", "3 1 3 5 0"), (5, Reason::CandidateUnknown(text("5"))));
    assert_eq!(refused("3 1 3 4 0", "3 1 3 1 0"), (5, Reason::CandidateRepeated(1)));
    assert_eq!(refused("3 1 3 4 0", "3 1 3 4"), (5, Reason::NotClosed));
    assert_eq!(refused("3 1 3 4 0", "3 1 - 4 0"), (5, Reason::Skipped));
    assert_eq!(refused("3 1 3 4 0", "2.5 1 3 4 0"), (5, number("2.5")));
    assert_eq!(refused("3 1 3 4 0", "[nick a b c d]"), (5, Reason::Option));
    assert_eq!(refused("1=3", "1=1"), (6, Reason::CandidateRepeated(1)));
    assert_eq!(refused("1=3", "1="), (6, number("")));
    assert_eq!(refused("(x 7)", "(x 7"), (6, Reason::Unclosed("a parenthesis")));
    assert_eq!(refused("(x 7) 2", "(x 7) 0"), (6, expected("the number of equal ballots", "0")));
    assert_eq!(refused("\"Adam #1\"", "\"Adam"), (9, Reason::Unclosed("a quote")));
    assert_eq!(refused("\"Adam #1\"", "\"\""), (9, Reason::Nameless));
    assert_eq!(
        refused("\"Don\"\n\"Council\"\n\"a source\"\n", ""),
        (10, Reason::Ended("the name of a candidate"))
    );
    assert_eq!(refused("\"a source\"", "\"a\" \"b\" \"c\""), (13, Reason::TooMuch(text("c"))));
}

#[test]
fn a_file_that_was_cut_off_before_its_names_is_refused() {
    let names_end = SMALL.find("\"Don\"").unwrap() + 5;
    for end in 0..names_end {
        assert!(parse(&SMALL[..end]).is_err(), "{end}");
    }
    assert_eq!(parse(&SMALL[..names_end]).unwrap().title, None);
}
