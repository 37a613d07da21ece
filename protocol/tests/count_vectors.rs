//! The count against the vectors of `spec/vectors/count/`, which any implementation can eat.
//!
//! Each file holds one poll: `rule` as in the definition's encoding (`spec/count.md`, section 2),
//! `costs` and `ballots` by listed options, and what must come out: `votes`, `selected`, `blank`;
//! or `breach`, the code with which the count must be refused; where they matter, `conditions`,
//! `eligible` and `lot`. Not here: any expectation of ours; the folder's README names the programs
//! that computed the outcomes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use veche_protocol::breach::Breach;
use veche_protocol::count::{Base, Comparison, Condition, Lot, Outcome, Rule, Terms, count_on};
use veche_protocol::encoding::{Decoder, Encoder};
use veche_protocol::hash::Hash;

/// Vectors that each rule has at least.
const LEAST_PER_RULE: usize = 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/count")
}

#[test]
fn every_vector_is_counted_as_it_says() {
    let mut by_rule = BTreeMap::<u64, usize>::new();
    for path in files(&folder()) {
        let text = std::fs::read_to_string(&path).expect("a readable vector");
        let vector: Value = serde_json::from_str(&text).expect("a vector is JSON");
        check(&vector, &path.display().to_string());
        *by_rule.entry(integer(&vector["rule"][0])).or_default() += 1;
    }
    assert!(by_rule.values().all(|&vectors| vectors >= LEAST_PER_RULE), "{by_rule:?}");
}

/// The vectors in a folder and in those below it, a folder for each rule.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of vectors is there");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let found = paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    found.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
}

fn check(vector: &Value, name: &str) {
    let costs = integers(&vector["costs"]);
    let ballots: Vec<Vec<u16>> = array(&vector["ballots"]).iter().map(selection).collect();
    let conditions = vector.get("conditions").map_or(&[][..], array);
    let conditions: Vec<Condition> = conditions.iter().map(condition).collect();
    let lot = vector.get("lot").map(lot);
    let eligible = vector.get("eligible").map_or(0, integer);
    let terms = Terms { conditions: &conditions, eligible, lot: lot.as_ref() };
    // A criterion that stands twice is refused where the definition is read already.
    let result = rule(&vector["rule"])
        .map_err(|_| Breach::DefinitionInvalid)
        .and_then(|rule| count_on(&rule, &terms, &costs, &ballots));
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
fn rule(parameters: &Value) -> Result<Rule, Breach> {
    let mut encoder = Encoder::new();
    let items = array(parameters);
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
    let bytes = encoder.finish();
    Rule::decode(&mut Decoder::payload(&bytes))
}

/// COUNT-30: a condition by its four numbers.
fn condition(numbers: &Value) -> Condition {
    let code = |place: usize| usize::try_from(integer(&numbers[place])).expect("a code");
    Condition {
        numerator: integer(&numbers[0]),
        denominator: integer(&numbers[1]),
        base: Base::ALL[code(2)],
        comparison: Comparison::ALL[code(3)],
    }
}

/// COUNT-33: a lot by its seed, the place of the question, and the labels of the options.
fn lot(drawn: &Value) -> Lot {
    let seed = hex::decode(drawn["seed"].as_str().expect("hex")).expect("hex");
    let labels = array(&drawn["labels"]).iter().map(|label| label.as_str().expect("a label"));
    let seed = Hash::from_slice(&seed).expect("32 bytes");
    Lot::draw(&seed, integer(&drawn["question"]), labels)
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
