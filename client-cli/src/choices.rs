//! Choices as people name them, and as a ballot holds them.

use std::collections::BTreeSet;

use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::poll::definition::Question;

/// Reads the choices of one question: numbers from 1 or whole labels, separated by commas; `blank`
/// or nothing for none. Gives places of options, ascending; refuses what the rule refuses.
pub fn parse(question: &Question, text: &str) -> Result<Vec<u64>, String> {
    let mut chosen = BTreeSet::new();
    if !text.is_empty() && text != "blank" {
        // A label may hold commas itself, so the whole text is tried first.
        let names = match place(question, text) {
            Some(_) => vec![text],
            None => text.split(',').map(str::trim).collect(),
        };
        for name in names {
            let place =
                place(question, name).ok_or_else(|| format!("there is no option {name:?}"))?;
            if !chosen.insert(place) {
                return Err(format!("the option {name:?} is chosen twice"));
            }
        }
    }
    let (min, max) = question.rule.selection_bounds();
    if !(min..=max).contains(&(chosen.len() as u64)) {
        let count = chosen.len();
        return Err(format!("{count} options are chosen; the poll asks for {min} to {max}"));
    }
    Ok(chosen.into_iter().collect())
}

/// The place of an option by its number or label; a label wins over a number.
fn place(question: &Question, name: &str) -> Option<u64> {
    let labelled = question.options.iter().position(|option| option.label == name);
    let numbered = || name.parse::<usize>().ok()?.checked_sub(1);
    let place = labelled.or_else(numbered).filter(|&place| place < question.options.len());
    place.map(|place| place as u64)
}

/// The choices of a ballot; none if the entry is no ballot in clear.
pub fn of(ballot: &SignedEntry) -> &[Vec<u64>] {
    match ballot.payload() {
        Payload::Ballot(ballot) => ballot.selections().map_or(&[], Vec::as_slice),
        _ => &[],
    }
}

/// Choices as people name them: numbers from 1, question by question.
pub fn numbers(selections: &[Vec<u64>]) -> String {
    let numbers = |selection: &Vec<u64>| {
        let numbers: Vec<_> = selection.iter().map(|choice| (choice + 1).to_string()).collect();
        if numbers.is_empty() { "blank".to_owned() } else { numbers.join(", ") }
    };
    selections.iter().map(numbers).collect::<Vec<_>>().join(" | ")
}

/// The turn of a ballot; 0 if the entry is no ballot.
pub fn turn(ballot: &SignedEntry) -> u8 {
    match ballot.payload() {
        Payload::Ballot(ballot) => ballot.turn,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::count::{Approval, Rule};
    use veche_protocol::poll::definition::VoteOption;

    use super::*;

    fn question() -> Question {
        let labels = ["Park", "Bridge, new", "7"];
        let option = |label: &str| VoteOption { label: label.into(), details: None, cost: 0 };
        Question {
            title: "Which?".into(),
            details: None,
            options: labels.map(option).to_vec(),
            rule: Rule::Approval(Approval { min: 1, max: 2, winners: 1, ties: Vec::new() }),
            conditions: Vec::new(),
        }
    }

    #[test]
    fn numbers_and_labels_are_read() {
        assert_eq!(parse(&question(), "2, 1"), Ok(vec![0, 1]));
        assert_eq!(parse(&question(), "Park,7"), Ok(vec![0, 2]));
        assert_eq!(parse(&question(), "Bridge, new"), Ok(vec![1]));
    }

    #[test]
    fn what_the_rule_refuses_is_refused_here() {
        for text in ["", "blank", "1,2,3", "1,Park", "0", "4", "Tunnel", "-1"] {
            assert!(parse(&question(), text).is_err(), "{text}");
        }
    }
}
