//! Reader of Pabulib's `.pb` files: ballots of participatory budgets (<https://pabulib.org/format>,
//! arXiv:2012.06539).
//!
//! ```text
//! META            PROJECTS                 VOTES
//! key;value       project_id;cost;...      voter_id;vote;...
//! budget;2500     1;600;...                1;1,2,4;...
//! ```
//!
//! In scope: the three sections in this order, votes as lists of projects (approval, choose-1,
//! ordinal), and the columns that a count needs; others are read past. Strict: a file that
//! contradicts itself is refused, with the line and the reason. Not in scope: scores and points,
//! amounts that are not whole units.

use std::collections::{BTreeMap, HashMap, HashSet};

use thiserror::Error;

pub use super::delimited::FieldError;
use super::delimited::fields;

/// Longest file, in bytes: 5 million ballots of 50 bytes.
pub const MAX_BYTES: usize = 256 << 20;

/// Most projects: an index has 16 bits.
pub const MAX_PROJECTS: usize = 1 << 16;

/// A file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pabulib {
    /// The META section.
    pub meta: BTreeMap<String, String>,
    /// What may be spent, from META, in whole units of the currency.
    pub budget: u64,
    /// The projects in the order of the file.
    pub projects: Vec<Project>,
    /// The ballots in the order of the file.
    pub ballots: Vec<Ballot>,
}

/// One line of PROJECTS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// `project_id`, unique in the file.
    pub id: String,
    /// `name`, if the file has that column.
    pub name: Option<String>,
    /// `cost`, in whole units of the currency.
    pub cost: u64,
    /// `votes`, if the file has that column: what the publisher counted.
    pub votes: Option<u64>,
    /// `selected`, if the file has that column: 0 no, 1 yes, others as the file's comment says.
    pub selected: Option<u64>,
}

/// One line of VOTES.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// `voter_id`, unique in the file.
    pub voter: String,
    /// Indices into [`Pabulib::projects`], distinct, in the order of the ballot.
    pub choices: Vec<u16>,
}

impl Ballot {
    /// The choices in ascending order, as an approval count takes them.
    pub fn approvals(&self) -> Vec<u16> {
        let mut approvals = self.choices.clone();
        approvals.sort_unstable();
        approvals
    }
}

/// Why a file was refused, and on which line (from 1).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct PabulibError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The file is longer than [`MAX_BYTES`].
    #[error("the file is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The line's quoting is broken.
    #[error(transparent)]
    Fields(#[from] FieldError),
    /// A section is missing, stands twice, or stands out of order.
    #[error("expected the section {0}")]
    SectionExpected(&'static str),
    /// The section's line of column names is missing a column.
    #[error("the section has no column {0}")]
    ColumnMissing(&'static str),
    /// A column name stands twice.
    #[error("the column {0} stands twice")]
    ColumnRepeated(String),
    /// The line has another number of fields than the section has columns.
    #[error("the line has {found} fields, the section has {expected} columns")]
    FieldCount {
        /// Columns of the section.
        expected: usize,
        /// Fields of the line.
        found: usize,
    },
    /// META lacks a key.
    #[error("META has no key {0}")]
    KeyMissing(&'static str),
    /// A key of META, a project or a voter stands twice.
    #[error("{0} stands twice")]
    Repeated(String),
    /// A number is not a decimal integer below 2^64.
    #[error("{0:?} is not a whole number")]
    NotInteger(String),
    /// There are more than [`MAX_PROJECTS`] projects.
    #[error("there are more than {MAX_PROJECTS} projects")]
    TooManyProjects,
    /// A ballot names a project that the file does not list.
    #[error("the project {0:?} is not listed")]
    ProjectUnknown(String),
    /// Votes of this type are not lists of projects.
    #[error("votes of type {0:?} are not read")]
    VoteType(String),
    /// META announces another number of projects or votes than the file has.
    #[error("META says {key} is {said}, the file has {found}")]
    Announced {
        /// The key of META.
        key: &'static str,
        /// Its value.
        said: u64,
        /// What the file has.
        found: usize,
    },
}

/// Types of votes whose column `vote` lists projects.
const LIST_TYPES: [&str; 3] = ["approval", "choose-1", "ordinal"];

/// Reads a whole file.
pub fn parse(text: &str) -> Result<Pabulib, PabulibError> {
    if text.len() > MAX_BYTES {
        return Err(PabulibError { line: 1, reason: Reason::TooLong });
    }
    let mut reader = Reader::new(text);
    let meta = reader.meta()?;
    let end_of_meta = reader.line;
    let fault = |reason| PabulibError { line: end_of_meta, reason };
    let budget = required(&meta, "budget").and_then(integer).map_err(fault)?;
    let vote_type = required(&meta, "vote_type").map_err(fault)?;
    if !LIST_TYPES.contains(&vote_type) {
        return Err(fault(Reason::VoteType(vote_type.to_owned())));
    }
    let projects = reader.projects()?;
    let ballots = reader.ballots(&projects)?;
    for (key, found) in [("num_projects", projects.len()), ("num_votes", ballots.len())] {
        let Some(said) = meta.get(key) else { continue };
        let said = integer(said).map_err(fault)?;
        if said != found as u64 {
            return Err(fault(Reason::Announced { key, said, found }));
        }
    }
    Ok(Pabulib { meta, budget, projects, ballots })
}

fn required<'m>(meta: &'m BTreeMap<String, String>, key: &'static str) -> Result<&'m str, Reason> {
    meta.get(key).map(String::as_str).ok_or(Reason::KeyMissing(key))
}

/// Digits alone: no sign, no point, no separators.
fn integer(text: &str) -> Result<u64, Reason> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.ok_or_else(|| Reason::NotInteger(text.to_owned()))
}

/// Goes through the lines once, section by section.
struct Reader<'t> {
    lines: std::iter::Peekable<std::iter::Enumerate<core::str::Lines<'t>>>,
    /// The line read last, from 1.
    line: usize,
}

const SECTIONS: [&str; 3] = ["META", "PROJECTS", "VOTES"];

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { lines: text.lines().enumerate().peekable(), line: 1 }
    }

    fn meta(&mut self) -> Result<BTreeMap<String, String>, PabulibError> {
        let columns = self.open("META")?;
        let key = self.column(&columns, "key")?;
        let value = self.column(&columns, "value")?;
        let mut meta = BTreeMap::new();
        while let Some(mut record) = self.record(columns.len())? {
            let name = std::mem::take(&mut record[key]);
            if meta.contains_key(&name) {
                return Err(self.fault(Reason::Repeated(name)));
            }
            meta.insert(name, std::mem::take(&mut record[value]));
        }
        Ok(meta)
    }

    fn projects(&mut self) -> Result<Vec<Project>, PabulibError> {
        let columns = self.open("PROJECTS")?;
        let id = self.column(&columns, "project_id")?;
        let cost = self.column(&columns, "cost")?;
        let optional = |name: &str| columns.iter().position(|column| column == name);
        let (name, votes, selected) = (optional("name"), optional("votes"), optional("selected"));
        let mut projects = Vec::new();
        let mut seen = HashSet::new();
        while let Some(record) = self.record(columns.len())? {
            if projects.len() == MAX_PROJECTS {
                return Err(self.fault(Reason::TooManyProjects));
            }
            if !seen.insert(record[id].clone()) {
                return Err(self.fault(Reason::Repeated(record[id].clone())));
            }
            let number = |column: usize| integer(&record[column]);
            projects.push(Project {
                id: record[id].clone(),
                name: name.map(|column| record[column].clone()),
                cost: number(cost).map_err(|reason| self.fault(reason))?,
                votes: votes.map(number).transpose().map_err(|reason| self.fault(reason))?,
                selected: selected.map(number).transpose().map_err(|reason| self.fault(reason))?,
            });
        }
        Ok(projects)
    }

    fn ballots(&mut self, projects: &[Project]) -> Result<Vec<Ballot>, PabulibError> {
        let columns = self.open("VOTES")?;
        let voter = self.column(&columns, "voter_id")?;
        let vote = self.column(&columns, "vote")?;
        let indices: HashMap<&str, u16> =
            projects.iter().map(|project| project.id.as_str()).zip(0_u16..=u16::MAX).collect();
        let mut ballots = Vec::new();
        let mut seen = HashSet::new();
        while let Some(record) = self.record(columns.len())? {
            if !seen.insert(record[voter].clone()) {
                return Err(self.fault(Reason::Repeated(record[voter].clone())));
            }
            let choices = choices(&record[vote], &indices).map_err(|reason| self.fault(reason))?;
            ballots.push(Ballot { voter: record[voter].clone(), choices });
        }
        if self.lines.peek().is_some() {
            self.line += 1;
            return Err(self.fault(Reason::SectionExpected("VOTES to be the last")));
        }
        Ok(ballots)
    }

    /// Reads a section's title and its column names.
    fn open(&mut self, title: &'static str) -> Result<Vec<String>, PabulibError> {
        let found = self.next_line();
        if found.map(str::trim) != Some(title) {
            return Err(self.fault(Reason::SectionExpected(title)));
        }
        let header = self.next_line().unwrap_or_default();
        let columns = fields(header).map_err(|error| self.fault(error.into()))?;
        let mut seen = HashSet::new();
        if let Some(repeated) = columns.iter().find(|column| !seen.insert(column.as_str())) {
            return Err(self.fault(Reason::ColumnRepeated(repeated.clone())));
        }
        Ok(columns)
    }

    fn column(&self, columns: &[String], name: &'static str) -> Result<usize, PabulibError> {
        let place = columns.iter().position(|column| column == name);
        place.ok_or_else(|| self.fault(Reason::ColumnMissing(name)))
    }

    /// The next record of the section, or nothing where the next section or the end begins.
    fn record(&mut self, columns: usize) -> Result<Option<Vec<String>>, PabulibError> {
        self.skip_empty();
        let next = self.lines.peek().map(|&(_, line)| line.trim());
        if next.is_none_or(|line| SECTIONS.contains(&line)) {
            return Ok(None);
        }
        let line = self.next_line().unwrap_or_default();
        let record = fields(line).map_err(|error| self.fault(error.into()))?;
        if record.len() != columns {
            let found = record.len();
            return Err(self.fault(Reason::FieldCount { expected: columns, found }));
        }
        Ok(Some(record))
    }

    fn next_line(&mut self) -> Option<&'t str> {
        self.skip_empty();
        let (index, line) = self.lines.next()?;
        self.line = index + 1;
        Some(line)
    }

    fn skip_empty(&mut self) {
        while self.lines.next_if(|(_, line)| line.trim().is_empty()).is_some() {}
    }

    const fn fault(&self, reason: Reason) -> PabulibError {
        PabulibError { line: self.line, reason }
    }
}

/// A comma-separated list of project ids; nothing for a blank ballot.
fn choices(list: &str, indices: &HashMap<&str, u16>) -> Result<Vec<u16>, Reason> {
    if list.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut choices = Vec::new();
    for id in list.split(',').map(str::trim) {
        let &index = indices.get(id).ok_or_else(|| Reason::ProjectUnknown(id.to_owned()))?;
        choices.push((index, id));
    }
    let mut sorted = choices.clone();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(Reason::Repeated(pair[0].1.to_owned()));
    }
    Ok(choices.into_iter().map(|(index, _)| index).collect())
}

#[cfg(test)]
mod tests;
