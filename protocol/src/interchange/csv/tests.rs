//! The reader on tables of each form, and on tables that are wrong.

use super::super::NotInteger;
use super::super::profile::Form;
use super::{Csv, Reason, parse};

const RANKS: &str = "ranks,Oaks,\"Limes, old\",Birches\n1,2,1,2\n\"b 2\",,,1\n3,,,\n";

#[test]
fn each_form_is_read_and_written() {
    let name = |text: &str| text.to_owned();
    let options = vec![name("Oaks"), name("Limes, old"), name("Birches")];
    let table = |form, selections: [&[u16]; 3]| Csv {
        form,
        options: options.clone(),
        ballots: ["1", "b 2", "3"]
            .map(name)
            .into_iter()
            .zip(selections.map(<[_]>::to_vec))
            .collect(),
    };
    let ranks = table(Form::Ranks, [&[0, 2, 1, 1, 2, 2], &[2, 1], &[]]);
    assert_eq!(parse(RANKS).unwrap(), ranks);
    assert_eq!(ranks.write().unwrap(), RANKS.replace("\"b 2\"", "b 2"));
    let marks = parse(&RANKS.replace("ranks", "marks").replace(",,,1", ",0,,65535")).unwrap();
    assert_eq!(marks, table(Form::Marks, [&[0, 2, 1, 1, 2, 2], &[2, 65_535], &[]]));
    let choices = parse(&RANKS.replace("ranks", "choices").replace("1,2,1,2", "1,1,,1")).unwrap();
    assert_eq!(choices, table(Form::Choices, [&[0, 2], &[2], &[]]));
    for table in [ranks, marks, choices] {
        assert_eq!(parse(&table.write().unwrap()), Ok(table));
    }
}

fn refused(from: &str, to: &str) -> (usize, Reason) {
    assert!(RANKS.contains(from), "{from}");
    let error = parse(&RANKS.replacen(from, to, 1)).unwrap_err();
    (error.line, error.reason)
}

#[test]
fn what_is_wrong_is_refused_with_line_and_reason() {
    let text = str::to_owned;
    assert_eq!(refused("ranks,", "rank,"), (1, Reason::Form(text("rank"))));
    assert_eq!(refused("Oaks", ""), (1, Reason::Nameless(2)));
    assert_eq!(refused("Birches", "Oaks"), (1, Reason::Repeated(text("Oaks"))));
    assert_eq!(refused("1,2,1,2", "1,2,1"), (2, Reason::FieldCount { expected: 4, found: 3 }));
    assert_eq!(refused("1,2,1,2", "1,2,3,2"), (2, Reason::Gap));
    assert_eq!(refused("1,2,1,2", "1,2,1,0"), (2, Reason::Gap));
    assert_eq!(refused("1,2,1,2", "1,2,1,65536"), (2, Reason::TooLarge(65_536)));
    assert_eq!(refused("1,2,1,2", "1,2,1,x"), (2, Reason::Number(NotInteger(text("x")))));
    assert_eq!(refused("\n3,", "\n1,"), (4, Reason::Repeated(text("1"))));
    assert_eq!(refused("ranks", "choices"), (2, Reason::Choice(text("2"))));
    assert_eq!(parse("").unwrap_err().reason, Reason::Form(String::new()));
    assert_eq!(parse("marks").unwrap_err().reason, Reason::NoOptions);
}
