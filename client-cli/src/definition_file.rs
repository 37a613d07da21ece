//! The definition of a poll as officers write it: TOML or JSON.
//!
//! ```toml
//! title = "Green Budget 2026"
//! rolls = ["city-2026"]                     names of rolls of this city
//! opens_at = "2026-11-23T08:00:00Z"
//! closes_at = "2026-11-30T18:00:00Z"
//! tolerance = 60                            seconds
//! revote = "last"                           or "first", which is the default
//! max_turn = 3                              0 to 15, with "last"
//! quorum = "1/4"                            default none
//! interval = 1000                           milliseconds between public heads, default 1000
//! districts = []                            codes; default all
//! identity = "named"                        and secrecy, issuers, trustees: see `authorities`
//!
//! [[questions]]
//! title = "Which projects?"
//! rule = "equal-shares"                     or another of spec/count.md: see `rule`
//! min = 1
//! max = 5
//! budget = 1000000                          equal-shares
//! completion = "add1"                       none, add1, add1u
//! exhaustion = "run"                        run, stop
//! winners = 1                               approval
//! blank = false                             single-choice
//! ties = ["lowest-cost", "most-votes", "listed-order"]
//!
//! [[questions.options]]
//! label = "Swift boxes"
//! cost = 600
//! ```
//!
//! Unknown fields are refused: a misspelt parameter would decide an election. Not here: whether the
//! definition is lawful (the protocol's check).

mod authorities;
mod rule;

use std::path::Path;

use serde::{Deserialize, Serialize};
use veche_keys::private_file;
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::{
    Definition, Question, Quorum, Revote, Schedule, VoteOption,
};

pub use self::authorities::{IssuersFile, MemberFile, TrusteesFile};
pub use self::rule::{parameters, tie_name};

use crate::error::ClientError;
use crate::time;
use crate::trust::parse_hash;

/// Milliseconds between the public heads of a poll, where the file does not say.
const DEFAULT_INTERVAL: u64 = 1_000;

/// A definition as it is written; texts of times, hashes and names are not judged yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the grammar, shown in the module's head")]
pub struct DefinitionFile {
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    pub rolls: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub districts: Vec<String>,
    pub opens_at: String,
    pub closes_at: String,
    pub tolerance: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revote: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_turn: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secrecy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuers: Option<IssuersFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trustees: Option<TrusteesFile>,
    pub questions: Vec<QuestionFile>,
}

/// A question as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the grammar, shown in the module's head")]
pub struct QuestionFile {
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    pub rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winners: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exhaustion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blank: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmarked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unranked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_back: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ties: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    pub options: Vec<OptionFile>,
}

/// An option as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the grammar, shown in the module's head")]
pub struct OptionFile {
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    #[serde(default)]
    pub cost: u64,
}

impl DefinitionFile {
    /// Reads a file: JSON if its name ends so, else TOML.
    pub fn load(path: &Path) -> Result<Self, ClientError> {
        let text = private_file::read_text(path)?;
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let parsed = if is_json {
            serde_json::from_str(&text).map_err(|error| error.to_string())
        } else {
            toml::from_str(&text).map_err(|error| error.to_string())
        };
        parsed.map_err(|reason| ClientError::content(path, reason))
    }

    /// The file as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("texts, numbers and lists of tables are always written")
    }

    /// The definition in the law's form, for the city with this domain.
    pub fn read(&self, domain: &str) -> Result<Definition, String> {
        let time = |name: &str, text: &str| {
            time::parse(text).ok_or_else(|| {
                format!("{name}: {text:?} is not a time such as 2026-11-23T08:00:00Z")
            })
        };
        let origin = |name: &String| LogPath::Roll(name.clone()).origin(domain);
        let mut rolls: Vec<_> = self.rolls.iter().map(origin).collect();
        let mut districts = self.districts.clone();
        // The grammar has both ascending; the order in the file has no meaning.
        rolls.sort_unstable();
        districts.sort_unstable();
        let schedule = Schedule {
            opens_at: time("opens_at", &self.opens_at)?,
            closes_at: time("closes_at", &self.closes_at)?,
            tolerance: self.tolerance,
        };
        let (identity, issuance) =
            authorities::identity(self.identity.as_deref(), self.issuers.as_ref())?;
        let (secrecy, trustees) =
            authorities::secrecy(self.secrecy.as_deref(), self.trustees.as_ref())?;
        Ok(Definition {
            title: self.title.clone(),
            details: details(self.details.as_ref())?,
            questions: self.questions.iter().map(question).collect::<Result<_, _>>()?,
            identity,
            secrecy,
            revote: revote(self.revote.as_deref(), self.max_turn)?,
            rolls,
            districts,
            schedule,
            quorum: quorum(self.quorum.as_deref())?,
            issuance,
            trustees,
            interval: self.interval.unwrap_or(DEFAULT_INTERVAL),
        })
    }
}

impl QuestionFile {
    /// The question in the law's form.
    pub fn read(&self) -> Result<Question, String> {
        question(self)
    }
}

fn details(text: Option<&String>) -> Result<Option<Hash>, String> {
    let read = |text: &String| {
        parse_hash(text).ok_or_else(|| format!("details: {text:?} is not a SHA-256 in hex"))
    };
    text.map(read).transpose()
}

fn revote(rule: Option<&str>, max_turn: Option<u8>) -> Result<Revote, String> {
    match (rule, max_turn) {
        (None | Some("first"), None | Some(0)) => Ok(Revote::First),
        (None | Some("first"), Some(_)) => Err("max_turn goes with revote = \"last\"".to_owned()),
        (Some("last"), Some(max_turn)) => Ok(Revote::Last { max_turn }),
        (Some("last"), None) => Err("revote = \"last\" needs max_turn".to_owned()),
        (Some(other), _) => Err(format!("revote: {other:?} is neither \"first\" nor \"last\"")),
    }
}

fn quorum(text: Option<&str>) -> Result<Quorum, String> {
    let Some(text) = text.filter(|text| *text != "none") else {
        return Ok(Quorum { numerator: 0, denominator: 1 });
    };
    let (numerator, denominator) = rule::share("quorum", text)?;
    Ok(Quorum { numerator, denominator })
}

fn question(file: &QuestionFile) -> Result<Question, String> {
    let option = |option: &OptionFile| {
        let details = details(option.details.as_ref())?;
        Ok(VoteOption { label: option.label.clone(), details, cost: option.cost })
    };
    Ok(Question {
        title: file.title.clone(),
        details: details(file.details.as_ref())?,
        options: file.options.iter().map(option).collect::<Result<_, String>>()?,
        rule: rule::read(file).map_err(|reason| format!("question {:?}: {reason}", file.title))?,
        conditions: file
            .conditions
            .iter()
            .map(|text| rule::condition(text))
            .collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests;
