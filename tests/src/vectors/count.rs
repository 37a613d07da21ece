//! Vectors of the counting rules by marks and of yes, no, abstain: one question each, and what a
//! count must give. The form is in `spec/vectors/count/README.md`.
//!
//! What must come out is written by the law in Rust; its tests hold every rule against a second
//! program, and every other implementation eats these files. Not here: the vectors directly in
//! `count/`, which come from oracles.

mod cases;

use serde_json::{Value, json};
use veche_protocol::count::{Rule, count};
use veche_protocol::encoding::{Decoder, Encoder};

use super::Files;

/// The folders that are generated whole.
pub const FOLDERS: [&str; 8] = [
    "count/yes-no",
    "count/score",
    "count/points",
    "count/quadratic",
    "count/borda",
    "count/instant-runoff",
    "count/transferable-vote",
    "count/schulze",
];

/// A question: its rule in numbers, its number of options, and ballots with how often each stands.
struct Case {
    name: &'static str,
    rule: Value,
    options: usize,
    ballots: &'static [(usize, &'static str)],
}

pub(super) fn make(files: &mut Files) {
    for (folder, cases) in FOLDERS.into_iter().zip(cases::all()) {
        for case in cases {
            let path = format!("{folder}/{}.json", case.name);
            let earlier = files.insert(path.clone().into(), vector(&case));
            assert!(earlier.is_none(), "{path} is made twice");
        }
    }
}

fn vector(case: &Case) -> Value {
    let ballots = case.ballots.iter().flat_map(|&(times, text)| vec![selection(text); times]);
    let ballots: Vec<Vec<u16>> = ballots.collect();
    let costs = vec![0_u64; case.options];
    let mut vector = json!({ "rule": case.rule, "costs": costs, "ballots": ballots });
    let fields = match count(&rule(&case.rule), &costs, &ballots) {
        Ok(outcome) => json!({
            "votes": outcome.votes,
            "selected": outcome.selected,
            "blank": outcome.blank,
        }),
        Err(breach) => json!({ "breach": breach.code() }),
    };
    let refused = case.name.starts_with("refused_");
    assert_eq!(refused, fields.get("breach").is_some(), "{}: {fields}", case.name);
    let fields = fields.as_object().expect("an object").clone();
    vector.as_object_mut().expect("an object").extend(fields);
    vector
}

/// A rule from its numbers, as a definition holds them.
fn rule(numbers: &Value) -> Rule {
    let items = numbers.as_array().expect("an array");
    let integer = |value: &Value| value.as_u64().expect("an unsigned integer");
    let mut encoder = Encoder::new();
    encoder.array(items.len());
    for item in items {
        if let Some(ties) = item.as_array() {
            encoder.list(ties, |encoder, tie| {
                encoder.uint(integer(tie));
            });
        } else {
            encoder.uint(integer(item));
        }
    }
    Rule::decode(&mut Decoder::payload(&encoder.finish())).expect("a rule of the law")
}

/// A ballot: `0>2=1` by ranks, `0:5 2:1` by marks, `0 2` as the numbers themselves; nothing for a
/// blank one.
fn selection(text: &str) -> Vec<u16> {
    let number = |text: &str| text.trim().parse::<u16>().expect("a number");
    let mut marks: Vec<[u16; 2]> = if text.contains(':') {
        let marks = text.split(' ').filter_map(|mark| mark.split_once(':'));
        marks.map(|(option, value)| [number(option), number(value)]).collect()
    } else if text.contains('>') {
        let ranks = text.trim_end_matches('>').split('>').zip(1..);
        let marks = ranks.flat_map(|(options, rank)| {
            options.split('=').map(move |option| [number(option), rank])
        });
        marks.collect()
    } else {
        return text.split_whitespace().map(number).collect();
    };
    marks.sort_unstable();
    marks.concat()
}
