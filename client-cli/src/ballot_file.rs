//! A file of another tool as a poll: its options, the rule that it names, its ballots.
//!
//! Files are read by the protocol ([`veche_protocol::interchange`]); here they become a question as
//! officers write it, and ballots as voters type them. Not here: who casts them.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize as _;
use toml::{Table, Value};
use veche_protocol::interchange::preflib::Kind;
use veche_protocol::interchange::profile::{Form, Profile, groups, pairs};
use veche_protocol::interchange::{blt, csv, pabulib, preflib};
use veche_protocol::poll::definition::Question;

use crate::choices::{Writing, written};
use crate::definition_file::{OptionFile, QuestionFile, parameters};
use crate::pabulib as pabulib_rules;

/// A format of spec/interchange.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pabulib's `.pb`.
    Pabulib,
    /// PrefLib's `.soc`, `.soi`, `.toc`, `.toi`.
    PrefLib(Kind),
    /// BLT.
    Blt,
    /// A table of ballots.
    Csv,
}

impl Format {
    /// The format by its name, which is the extension of its files.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "pb" => Some(Self::Pabulib),
            "blt" => Some(Self::Blt),
            "csv" => Some(Self::Csv),
            name => Kind::from_name(name).map(Self::PrefLib),
        }
    }

    /// The format of a file by its name.
    pub fn of(path: &Path) -> Result<Self, String> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
        let known = Self::from_name(&extension.to_ascii_lowercase());
        known.ok_or_else(|| {
            format!(
                "the name ends in .{extension}; give --format: pb, soc, soi, toc, toi, blt, csv"
            )
        })
    }
}

/// What a file says of the rule, as keys of a definition file. Keys that the rule does not have are
/// left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wish {
    /// The rule, if the file names one.
    pub rule: Option<String>,
    /// The name of a rule that the file names and that is not known here.
    pub unknown: Option<String>,
    /// Parameters, and facts that may be parameters.
    pub facts: Table,
}

impl Wish {
    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.facts.insert(key.to_owned(), value.into());
    }
}

/// A file's content.
#[derive(Clone, Debug, PartialEq)]
pub struct BallotFile {
    /// Options and ballots, without those that have withdrawn.
    pub profile: Profile,
    /// What it says of the rule.
    pub wish: Wish,
    /// Decimals between its smallest unit of money and the currency.
    pub decimals: u8,
}

impl BallotFile {
    /// Reads a file of this format; the error has the line.
    pub fn read(text: &str, format: Format) -> Result<Self, String> {
        let (profile, wish, decimals) = match format {
            Format::Pabulib => {
                let file = pabulib::parse(text).map_err(|error| error.to_string())?;
                (file.profile(), pabulib_rules::wish(&file)?, file.decimals)
            }
            Format::PrefLib(kind) => {
                let file = preflib::parse(text, Some(kind)).map_err(|error| error.to_string())?;
                let profile = file.profile();
                let mut wish = facts(&profile);
                let sharing = if kind.is_strict() { "refused" } else { "allowed" };
                wish.set("sharing", sharing);
                (profile, wish, 0)
            }
            Format::Blt => {
                let file = blt::parse(text).map_err(|error| error.to_string())?;
                let profile = file.profile().without_withdrawn();
                let mut wish = facts(&profile);
                let seats = i64::try_from(file.seats).unwrap_or(i64::MAX);
                wish.set("seats", seats);
                wish.set("winners", seats);
                (profile, wish, 0)
            }
            Format::Csv => {
                let file = csv::parse(text).map_err(|error| error.to_string())?;
                let profile = file.profile();
                let wish = facts(&profile);
                (profile, wish, 0)
            }
        };
        Ok(Self { profile, wish, decimals })
    }

    /// The question that the file asks, counted by the rule that it names, or by this one;
    /// parameters that are given go before those of the file.
    pub fn question(
        &self,
        title: &str,
        rule: Option<&str>,
        given: &Table,
    ) -> Result<QuestionFile, String> {
        let rule = rule.or(self.wish.rule.as_deref());
        let rule = rule.ok_or_else(|| match self.wish.unknown.as_deref() {
            Some(name) => format!("the rule {name:?} of the file is none of ours: give --rule"),
            None => "the file does not say by which rule it is counted: give --rule".to_owned(),
        })?;
        let own = parameters(rule).ok_or_else(|| format!("there is no rule {rule:?}"))?;
        let is_own = |key: &str| key == "ties" || own.contains(&key);
        let is_known = |key: &str| is_own(key) || key == "conditions" || key == "details";
        if let Some(key) = given.keys().find(|key| !is_known(key)) {
            return Err(format!("the rule {rule} has no parameter {key}"));
        }
        let mut table = Table::new();
        let facts = self.wish.facts.iter().filter(|(key, _)| is_own(key));
        table.extend(facts.map(|(key, value)| (key.clone(), value.clone())));
        table.extend(given.iter().map(|(key, value)| (key.clone(), value.clone())));
        let fixed = [("title", title), ("rule", rule)];
        table.extend(fixed.map(|(key, text)| (key.to_owned(), Value::from(text))));
        table.insert("options".to_owned(), Value::Array(Vec::new()));
        let mut question =
            QuestionFile::deserialize(Value::Table(table)).map_err(|error| error.to_string())?;
        question.options = self.options(own.contains(&"budget"))?;
        Ok(question)
    }

    fn options(&self, has_costs: bool) -> Result<Vec<OptionFile>, String> {
        let mut seen = HashSet::new();
        let option = |option: &veche_protocol::interchange::profile::Entrant| {
            let label = pabulib_rules::cut(option.label.clone());
            if !seen.insert(label.clone()) {
                return Err(format!("two options have the name {label:?}"));
            }
            Ok(OptionFile { label, details: None, cost: if has_costs { option.cost } else { 0 } })
        };
        self.profile.options.iter().map(option).collect()
    }

    /// The ballots, a line each, as `veche vote` takes them for this question.
    pub fn ballots(&self, question: &Question) -> Result<String, String> {
        let form = question.rule.form();
        let writing = Writing::of(&form);
        let asked = match writing {
            Writing::Choices => Form::Choices,
            Writing::Marks => Form::Marks,
            Writing::Ranks => Form::Ranks,
        };
        let held = self.profile.form;
        if held != asked {
            return Err(format!("the rule asks for {asked}, and the file holds {held}"));
        }
        let labels: Vec<_> = question.options.iter().map(|option| option.label.as_str()).collect();
        let mut text = String::new();
        for (number, ballot) in (1..).zip(&self.profile.ballots) {
            let fits = form.check(labels.len(), &ballot.selection);
            fits.map_err(|breach| format!("ballot {number} of the file: {breach}"))?;
            let line = written(writing, &labels, &ballot.selection);
            for _ in 0..ballot.weight {
                text.push_str(&line);
                text.push('\n');
            }
        }
        Ok(text)
    }
}

/// What can be seen of the limits of ballots: the fewest and most that any of them names.
fn facts(profile: &Profile) -> Wish {
    let mut wish = Wish::default();
    let named = |selection: &Vec<u16>| match profile.form {
        Form::Choices => selection.len(),
        Form::Marks | Form::Ranks => pairs(selection).count(),
    };
    let fewest = profile.ballots.iter().map(|ballot| named(&ballot.selection)).min();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    wish.set("min", count(fewest.unwrap_or(0).min(1)));
    wish.set("max", count(profile.options.len()));
    let is_shared = |selection: &Vec<u16>| {
        groups(selection).is_some_and(|groups| groups.iter().any(|group| group.len() > 1))
    };
    let any = profile.ballots.iter().any(|ballot| is_shared(&ballot.selection));
    wish.set("sharing", if any { "allowed" } else { "refused" });
    wish
}

/// A parameter on the command line: `KEY=VALUE`, the value as in a definition file, a bare word
/// without its quotes.
pub fn parameter(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or("a parameter is KEY=VALUE")?;
    let (key, value) = (key.trim(), value.trim());
    let table: Option<Table> = toml::from_str(&format!("value = {value}")).ok();
    let read = table.and_then(|mut table| table.remove("value"));
    Ok((key.to_owned(), read.unwrap_or_else(|| Value::from(value))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks() -> BallotFile {
        BallotFile::read("marks,Oaks,Limes,2\n1,3,,5\n2,,,\n3,,4,\n", Format::Csv).unwrap()
    }

    fn table(parameters: &[&str]) -> Table {
        parameters.iter().map(|text| parameter(text).unwrap()).collect()
    }

    #[test]
    fn a_rule_is_given_where_the_file_names_none() {
        let file = marks();
        let error = file.question("Trees", None, &Table::new()).unwrap_err();
        assert!(error.contains("--rule"), "{error}");
        let given = table(&["points=9", "largest=5", "winners=1", "ties=[\"listed-order\"]"]);
        let question = file.question("Trees", Some("points"), &given).unwrap();
        assert_eq!((question.min, question.max, question.points), (Some(0), Some(3), Some(9)));
        assert_eq!(question.ties, ["listed-order"]);
        assert_eq!(file.ballots(&question.read().unwrap()).unwrap(), "1=3,3=5\nblank\n#2=4\n");
        let error = file.question("Trees", Some("points"), &table(&["quota=droop"])).unwrap_err();
        assert!(error.contains("quota"), "{error}");
    }

    #[test]
    fn ballots_that_the_rule_does_not_admit_are_refused() {
        let file = marks();
        let given = table(&["points=7", "largest=5", "winners=1"]);
        let question = file.question("Trees", Some("points"), &given).unwrap().read().unwrap();
        let error = file.ballots(&question).unwrap_err();
        assert!(error.starts_with("ballot 1 of the file: "), "{error}");
        let given = table(&["winners=1"]);
        let question = file.question("Trees", Some("approval"), &given).unwrap().read().unwrap();
        let error = file.ballots(&question).unwrap_err();
        assert_eq!(error, "the rule asks for choices, and the file holds marks");
    }

    #[test]
    fn the_name_of_a_file_tells_its_format() {
        assert_eq!(Format::of(Path::new("a/b.PB")), Ok(Format::Pabulib));
        assert_eq!(Format::of(Path::new("x.toi")), Ok(Format::PrefLib(Kind::Toi)));
        assert!(Format::of(Path::new("x.txt")).unwrap_err().contains("--format"));
    }

    #[test]
    fn a_parameter_is_a_number_a_word_or_a_list() {
        assert_eq!(parameter("min=3"), Ok(("min".into(), Value::Integer(3))));
        assert_eq!(parameter("completion = add1"), Ok(("completion".into(), "add1".into())));
        assert_eq!(parameter("share=1/2"), Ok(("share".into(), "1/2".into())));
        assert_eq!(parameter("blank=true"), Ok(("blank".into(), Value::Boolean(true))));
        assert!(parameter("min").is_err());
    }
}
