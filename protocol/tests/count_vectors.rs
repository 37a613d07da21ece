//! The count against the vectors of `spec/vectors/count/`, which any implementation can eat.
//!
//! Each file holds one poll: `rule` as in the definition's encoding (`spec/count.md`, section 2),
//! `costs` and `ballots` by listed options, and what must come out: `votes`, `selected`, `blank`;
//! or `breach`, the code with which the count must be refused. Not here: any expectation of ours;
//! the outcomes were computed by other programs, named in the folder's README.

use std::path::{Path, PathBuf};

use serde_json::Value;
use veche_protocol::breach::Breach;
use veche_protocol::count::{Blank, Completion, Exhaustion, Outcome, Rule, TieBreak, count};

/// Vectors that each rule has at least.
const LEAST_PER_RULE: usize = 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/count")
}

#[test]
fn every_vector_is_counted_as_it_says() {
    let mut by_rule = [0_usize; 3];
    for entry in std::fs::read_dir(folder()).expect("the folder of vectors is there") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a readable vector");
        let vector: Value = serde_json::from_str(&text).expect("a vector is JSON");
        check(&vector, &path.display().to_string());
        let id = usize::try_from(integer(&vector["rule"][0])).expect("a rule id");
        by_rule[id] += 1;
    }
    assert!(by_rule.iter().all(|&vectors| vectors >= LEAST_PER_RULE), "{by_rule:?}");
}

fn check(vector: &Value, name: &str) {
    let rule = rule(&vector["rule"]);
    let costs = integers(&vector["costs"]);
    let ballots: Vec<Vec<u16>> = array(&vector["ballots"]).iter().map(selection).collect();
    let result = count(&rule, &costs, &ballots);
    if let Some(code) = vector.get("breach") {
        let breach = Breach::from_code(code.as_str().expect("a code is text"));
        assert!(breach.is_some(), "{name}: {code}");
        assert_eq!(result.err(), breach, "{name}");
        return;
    }
    let Outcome { votes, selected, blank, spent, .. } = result.expect(name);
    assert_eq!(votes, integers(&vector["votes"]), "{name}");
    let expected =
        array(&vector["selected"]).iter().map(|chosen| chosen.as_bool().expect("a bool"));
    assert_eq!(selected, expected.collect::<Vec<_>>(), "{name}");
    assert_eq!(blank, integer(&vector["blank"]), "{name}");
    // COUNT-25: what is spent is what the selected options cost
    let chosen = costs.iter().zip(&selected).filter(|(_, chosen)| **chosen);
    assert_eq!(spent, chosen.map(|(cost, _)| cost).sum::<u64>(), "{name}");
}

/// COUNT-1: a rule from its parameters in the order of the definition's encoding.
fn rule(parameters: &Value) -> Rule {
    let number = |place: usize| integer(&parameters[place]);
    let ties = |place: usize| {
        let codes = integers(&parameters[place]).into_iter();
        codes.map(|code| TieBreak::from_code(code).expect("a criterion")).collect()
    };
    let length = array(parameters).len();
    match (number(0), length) {
        (Rule::SINGLE_CHOICE, 3) => Rule::SingleChoice {
            blank: Blank::from_code(number(1)).expect("0 or 1"),
            ties: ties(2),
        },
        (Rule::APPROVAL, 5) => {
            Rule::Approval { min: number(1), max: number(2), winners: number(3), ties: ties(4) }
        }
        (Rule::EQUAL_SHARES, 7) => Rule::EqualShares {
            min: number(1),
            max: number(2),
            budget: number(3),
            completion: Completion::from_code(number(4)).expect("0 to 2"),
            exhaustion: Exhaustion::from_code(number(5)).expect("0 or 1"),
            ties: ties(6),
        },
        other => panic!("no rule has this id and number of parameters: {other:?}"),
    }
}

fn selection(ballot: &Value) -> Vec<u16> {
    let options = integers(ballot).into_iter();
    options.map(|option| u16::try_from(option).expect("an index has 16 bits")).collect()
}

fn integers(value: &Value) -> Vec<u64> {
    array(value).iter().map(integer).collect()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

fn integer(value: &Value) -> u64 {
    value.as_u64().expect("an unsigned integer")
}
