//! The reader on small files with both headers, and on files that contradict themselves.

use super::super::NotInteger;
use super::{Kind, Order, PrefLib, Reason, parse};

const SMALL: &str = "# FILE NAME: trees.toi\n# TITLE: Trees\n# DATA TYPE: toi\n\
    # NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 8\n# NUMBER UNIQUE ORDERS: 3\n\
    # ALTERNATIVE NAME 1: Oaks\n# ALTERNATIVE NAME 2: Limes: old\n# ALTERNATIVE NAME 3: Birches\n\
    5: 1, {2, 3}\n2: 3\n1: \n";

const OLD: &str = "3\n1,Oaks\n2,Limes: old\n3,Birches\n8,8,3\n5,1,{2,3}\n2,3\n1\n";

fn small() -> PrefLib {
    let order = |count, groups: &[&[u16]]| Order {
        count,
        groups: groups.iter().map(|group| group.to_vec()).collect(),
    };
    PrefLib {
        kind: Kind::Toi,
        meta: [("FILE NAME", "trees.toi"), ("TITLE", "Trees")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec(),
        alternatives: ["Oaks", "Limes: old", "Birches"].map(str::to_owned).to_vec(),
        orders: vec![order(5, &[&[0], &[1, 2]]), order(2, &[&[2]]), order(1, &[])],
    }
}

#[test]
fn both_headers_are_read() {
    assert_eq!(parse(SMALL, None).unwrap(), small());
    assert_eq!(parse(&SMALL.replace('\n', "\r\n\r\n"), Some(Kind::Toi)).unwrap(), small());
    let old = PrefLib { meta: Vec::new(), ..small() };
    assert_eq!(parse(OLD, Some(Kind::Toi)).unwrap(), old);
}

#[test]
fn what_is_written_is_read_as_the_same() {
    assert_eq!(parse(&small().write().unwrap(), None).unwrap(), small());
    let mut broken = small();
    broken.alternatives[0] = "two\nlines".into();
    assert!(broken.write().is_err());
}

fn refused(from: &str, to: &str) -> (usize, Reason) {
    assert!(SMALL.contains(from), "{from}");
    let error = parse(&SMALL.replacen(from, to, 1), Some(Kind::Toi)).unwrap_err();
    (error.line, error.reason)
}

#[test]
fn what_contradicts_itself_is_refused_with_line_and_reason() {
    let text = str::to_owned;
    let announced = |key, said, found| Reason::Announced { key, said, found };
    assert_eq!(refused("# TITLE: Trees", "# TITLE"), (2, Reason::HeaderLine));
    assert_eq!(refused("# TITLE", "# FILE NAME"), (2, Reason::Repeated(text("FILE NAME"))));
    assert_eq!(refused("TYPE: toi", "TYPE: cat"), (3, Reason::Kind(text("cat"))));
    let differs = Reason::KindDiffers { named: Kind::Toi, said: Kind::Soc };
    assert_eq!(refused("TYPE: toi", "TYPE: soc"), (3, differs));
    assert_eq!(refused("# NUMBER VOTERS: 8\n", ""), (8, Reason::KeyMissing("NUMBER VOTERS")));
    assert_eq!(refused("ALTERNATIVES: 3", "ALTERNATIVES: 0"), (4, Reason::AlternativeCount(0)));
    assert_eq!(
        refused("ALTERNATIVES: 3", "ALTERNATIVES: 4"),
        (4, announced("NUMBER ALTERNATIVES", 4, 3))
    );
    assert_eq!(refused("VOTERS: 8", "VOTERS: 9"), (5, announced("NUMBER VOTERS", 9, 8)));
    assert_eq!(refused("ORDERS: 3", "ORDERS: 2"), (6, announced("NUMBER UNIQUE ORDERS", 2, 3)));
    assert_eq!(refused("NAME 2", "NAME 4"), (8, Reason::AlternativeUnknown(text("4"))));
    assert_eq!(refused(": Oaks", ":"), (7, Reason::Nameless(1)));
    assert_eq!(refused("5: 1", "5; 1"), (10, Reason::Form("there is no colon")));
    assert_eq!(refused("5: 1", "0: 1"), (10, Reason::Nobody));
    assert_eq!(refused("5: 1", "5.0: 1"), (10, Reason::Number(NotInteger(text("5.0")))));
    assert_eq!(refused("2: 3", "2: 4"), (11, Reason::AlternativeUnknown(text("4"))));
    assert_eq!(refused("{2, 3}", "{2, 1}"), (10, Reason::AlternativeRepeated(1)));
    assert_eq!(refused("{2, 3}", "{2, 3"), (10, Reason::Form("a brace is not closed")));
    assert_eq!(refused("{2, 3}", "{}"), (10, Reason::Number(NotInteger(text("")))));
    assert_eq!(refused("{2, 3}", "{2} 3"), (10, Reason::Form("a comma stands after a brace")));
    assert_eq!(refused("2: 3", "2: 3,"), (11, Reason::Form("nothing follows the last comma")));
    assert_eq!(refused("1: \n", "1: \n# LATE: x\n"), (13, Reason::HeaderLate));
}

#[test]
fn the_promise_of_the_type_is_kept() {
    let kinds = |text: &str| {
        Kind::ALL.map(|kind| {
            let text = text.replace("TYPE: toi", &format!("TYPE: {kind}"));
            parse(&text, None).map_err(|error| error.reason).err()
        })
    };
    let incomplete = SMALL.replace("5: 1, {2, 3}", "5: 1");
    let [soc, soi, toc, toi] = kinds(&incomplete);
    assert_eq!([soc, toc], [Kind::Soc, Kind::Toc].map(|kind| Some(Reason::Incomplete(kind))));
    assert_eq!([soi, toi], [None, None]);
    let tied = SMALL.replace("\n2: 3\n1: ", "\n2: 3, 2, 1\n1: {1,2,3}");
    let [soc, soi, toc, toi] = kinds(&tied);
    assert_eq!([soc, soi], [Kind::Soc, Kind::Soi].map(|kind| Some(Reason::Tied(kind))));
    assert_eq!([toc, toi], [None, None]);
}

#[test]
fn an_old_header_does_not_say_what_the_orders_are() {
    let error = parse(OLD, None).unwrap_err();
    assert_eq!((error.line, error.reason), (1, Reason::KindMissing));
    let refused = |from: &str, to: &str| {
        let error = parse(&OLD.replacen(from, to, 1), Some(Kind::Toi)).unwrap_err();
        (error.line, error.reason)
    };
    let announced = |key, said, found| Reason::Announced { key, said, found };
    assert_eq!(refused("8,8,3", "8,9,3"), (5, announced("NUMBER VOTERS", 9, 8)));
    assert_eq!(refused("8,8,3", "8,8,4"), (5, announced("NUMBER UNIQUE ORDERS", 4, 3)));
    assert_eq!(refused("8,8,3", "8,8"), (5, Reason::Form("three numbers say how many there are")));
    assert_eq!(refused("2,Limes: old\n", ""), (3, Reason::AlternativeUnknown("3".into())));
    let error = parse("3\n1,Oaks\n", Some(Kind::Soc)).unwrap_err();
    assert_eq!((error.line, error.reason), (2, Reason::Ended("the name of an alternative")));
}
