//! Selections as people write them, and as a ballot holds them.
//!
//! ```text
//! choices     1,4            options
//! marks       1=5,4=2        options with their values: scores, points, votes
//! rankings    4,1=3          options, the best first, equals joined by =
//! ```
//!
//! An option is its number from 1, its whole label, or `#` and its number, where a label is a
//! number itself; `blank` or nothing is a blank ballot. Not here: which selections count (the
//! rule's form).

use std::collections::BTreeSet;

use veche_protocol::breach::Breach;
use veche_protocol::count::{Form, Values};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::interchange::profile::{groups, pairs, ranks};
use veche_protocol::poll::definition::Question;

/// How the answer to a question is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Options.
    Choices,
    /// Options with values.
    Marks,
    /// Options in order.
    Ranks,
}

impl Writing {
    /// How the answers under a rule of this form are written.
    pub const fn of(form: &Form) -> Self {
        match form.values {
            Values::None => Self::Choices,
            Values::Rank { .. } => Self::Ranks,
            Values::Upto { .. } | Values::Sum { .. } | Values::Squares { .. } => Self::Marks,
        }
    }

    /// The argument of `veche vote` that takes it.
    pub const fn argument(self) -> &'static str {
        match self {
            Self::Choices => "--choose",
            Self::Marks => "--mark",
            Self::Ranks => "--rank",
        }
    }
}

/// Reads the answer to one question, written as its rule asks for. Gives the selection of the wire
/// form; refuses what the rule refuses.
pub fn parse(question: &Question, text: &str) -> Result<Vec<u64>, String> {
    let form = question.rule.form();
    let is_blank = text.is_empty() || text == "blank";
    let selection = match Writing::of(&form) {
        _ if is_blank => Vec::new(),
        Writing::Choices => choices(question, text)?,
        Writing::Marks => marks(question, text)?,
        Writing::Ranks => rankings(question, text)?,
    };
    form.check(question.options.len(), &selection)
        .map_err(|breach| why(&form, &selection, breach))?;
    Ok(selection)
}

fn choices(question: &Question, text: &str) -> Result<Vec<u64>, String> {
    // A label may hold commas itself, so the whole text is tried first.
    let names = match place(question, text) {
        Some(_) => vec![text],
        None => text.split(',').map(str::trim).collect(),
    };
    let mut chosen = BTreeSet::new();
    for name in names {
        note(&mut chosen, question, name)?;
    }
    Ok(chosen.into_iter().collect())
}

fn marks(question: &Question, text: &str) -> Result<Vec<u64>, String> {
    let (mut seen, mut marks) = (BTreeSet::new(), Vec::new());
    for part in text.split(',').map(str::trim) {
        let (name, value) =
            part.rsplit_once('=').ok_or_else(|| format!("{part:?} is not OPTION=VALUE"))?;
        let option = note(&mut seen, question, name.trim())?;
        let value: u16 = value
            .trim()
            .parse()
            .map_err(|_| format!("{:?} is not a value from 0 to 65535", value.trim()))?;
        // What is given nothing is not named on the ballot.
        if value > 0 {
            marks.push((option, u64::from(value)));
        }
    }
    marks.sort_unstable();
    Ok(marks.into_iter().flat_map(|(option, value)| [option, value]).collect())
}

fn rankings(question: &Question, text: &str) -> Result<Vec<u64>, String> {
    let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
    for part in text.split(',').map(str::trim) {
        // A label may hold = itself.
        let names =
            if place(question, part).is_some() { vec![part] } else { part.split('=').collect() };
        let mut group = Vec::new();
        for name in names {
            let option = note(&mut seen, question, name.trim())?;
            group.push(u16::try_from(option).map_err(|_| "too many options".to_owned())?);
        }
        order.push(group);
    }
    Ok(ranks(&order).into_iter().map(u64::from).collect())
}

/// The option of this name, which must not have been named before.
fn note(seen: &mut BTreeSet<u64>, question: &Question, name: &str) -> Result<u64, String> {
    let place = place(question, name).ok_or_else(|| format!("there is no option {name:?}"))?;
    if !seen.insert(place) {
        return Err(format!("the option {name:?} is chosen twice"));
    }
    Ok(place)
}

/// The place of an option by its number or label; a label wins over a number.
fn place(question: &Question, name: &str) -> Option<u64> {
    let labelled = question.options.iter().position(|option| option.label == name);
    let number = || name.strip_prefix('#').unwrap_or(name).parse::<usize>().ok();
    let numbered = || number()?.checked_sub(1);
    let place = labelled.or_else(numbered).filter(|&place| place < question.options.len());
    place.map(|place| place as u64)
}

/// Why a rule refuses a selection, in its numbers.
fn why(form: &Form, selection: &[u64], breach: Breach) -> String {
    let (Form { min, max, .. }, named) = (form, form.named(selection.len()));
    match (breach, form.values) {
        (Breach::ChoicesTooFew | Breach::ChoicesTooMany, _) => {
            format!("{named} options are chosen; the poll asks for {min} to {max}")
        }
        (Breach::MarkOutOfRange, _) => {
            format!("a value is from 1 to {}", form.largest().unwrap_or_default())
        }
        (Breach::MarksTooManyPoints, Values::Squares { sum }) => {
            let spent: u64 = selection.iter().skip(1).step_by(2).map(|votes| votes * votes).sum();
            format!("these votes cost {spent} credits, and a ballot has {sum}")
        }
        (Breach::MarksTooManyPoints, Values::Sum { sum, .. }) => {
            let given: u64 = selection.iter().skip(1).step_by(2).sum();
            format!("{given} points are given, and a ballot has {sum}")
        }
        (Breach::RankShared, _) => "the poll asks for one option at each rank".to_owned(),
        (other, _) => other.to_string(),
    }
}

/// A selection as [`parse`] reads it, for options of these labels.
pub fn written(writing: Writing, labels: &[&str], selection: &[u16]) -> String {
    // A number that is a label of another option would be read as that option.
    let name = |option: u16| {
        let number = (u32::from(option) + 1).to_string();
        if labels.contains(&number.as_str()) { format!("#{number}") } else { number }
    };
    let parts: Vec<String> = match writing {
        Writing::Choices => selection.iter().map(|&option| name(option)).collect(),
        Writing::Marks => {
            pairs(selection).map(|(option, value)| format!("{}={value}", name(option))).collect()
        }
        Writing::Ranks => {
            let join = |group: &Vec<u16>| {
                group.iter().map(|&option| name(option)).collect::<Vec<_>>().join("=")
            };
            groups(selection).unwrap_or_default().iter().map(join).collect()
        }
    };
    if parts.is_empty() { "blank".to_owned() } else { parts.join(",") }
}

/// What a selection says, a line for each option that it names.
pub fn told(question: &Question, selection: &[u64]) -> Vec<String> {
    let label = |option: u64| {
        let place = usize::try_from(option).ok();
        let found = place.and_then(|place| question.options.get(place));
        let label = found.map(|option| option.label.as_str()).unwrap_or_default();
        format!("{}. {label}", option + 1)
    };
    let marked = || selection.as_chunks::<2>().0.iter();
    match Writing::of(&question.rule.form()) {
        _ if selection.is_empty() => {
            vec![format!("you choose none of {} options", question.options.len())]
        }
        Writing::Choices => {
            selection.iter().map(|&option| format!("you choose {}", label(option))).collect()
        }
        Writing::Marks => marked()
            .map(|&[option, value]| format!("you give {value} to {}", label(option)))
            .collect(),
        Writing::Ranks => {
            let mut order: Vec<_> = marked().map(|&[option, rank]| (rank, option)).collect();
            order.sort_unstable();
            order
                .into_iter()
                .map(|(rank, option)| format!("at rank {rank} you put {}", label(option)))
                .collect()
        }
    }
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
mod tests;
