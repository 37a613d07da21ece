//! The reader: goes through the lines once, section by section.
//!
//! Not here: what the parts of a file are ([`super::Pabulib`]).

use std::collections::{HashMap, HashSet};

use super::super::delimited::Dialect;
use super::super::{NotInteger, integer};
use super::money::Amount;
use super::{
    Ballot, MAX_BYTES, MAX_PROJECTS, Meta, PROJECT_COLUMNS, Pabulib, PabulibError, Project, Reason,
    VoteType, is_ballot_column,
};

/// Reads a whole file.
pub fn parse(text: &str) -> Result<Pabulib, PabulibError> {
    if text.len() > MAX_BYTES {
        return Err(PabulibError { line: 1, reason: Reason::TooLong });
    }
    let mut reader = Reader::new(text);
    let meta = reader.meta()?;
    let end_of_meta = reader.line;
    let fault = |reason| PabulibError { line: end_of_meta, reason };
    let budget = required(&meta, "budget").and_then(Amount::parse).map_err(fault)?;
    let vote_type = required(&meta, "vote_type").and_then(vote_type).map_err(fault)?;
    let (project_columns, mut projects, costs) = reader.projects()?;
    let decimals = costs.iter().map(|(_, cost)| cost.decimals).max().unwrap_or(0);
    let decimals = decimals.max(budget.decimals);
    let too_large = |text: &str| Reason::NotAmount(text.to_owned());
    let units = budget.in_units(decimals);
    let budget = units.ok_or_else(|| fault(too_large(meta.get("budget").unwrap_or_default())))?;
    for (project, (line, cost)) in projects.iter_mut().zip(costs) {
        let reason = || PabulibError { line, reason: too_large(&project.id) };
        project.cost = cost.in_units(decimals).ok_or_else(reason)?;
    }
    let (ballot_columns, ballots) = reader.ballots(&projects, vote_type)?;
    for (key, found) in [("num_projects", projects.len()), ("num_votes", ballots.len())] {
        let Some(said) = meta.get(key) else { continue };
        let said = integer(said).map_err(|error| fault(error.into()))?;
        if said != found as u64 {
            return Err(fault(Reason::Announced { key, said, found }));
        }
    }
    Ok(Pabulib {
        meta,
        budget,
        decimals,
        vote_type,
        project_columns,
        projects,
        ballot_columns,
        ballots,
    })
}

fn required<'m>(meta: &'m Meta, key: &'static str) -> Result<&'m str, Reason> {
    meta.get(key).ok_or(Reason::KeyMissing(key))
}

fn vote_type(name: &str) -> Result<VoteType, Reason> {
    let found = VoteType::ALL.into_iter().find(|vote_type| vote_type.name() == name);
    found.ok_or_else(|| Reason::VoteType(name.to_owned()))
}

struct Reader<'t> {
    lines: core::iter::Peekable<core::iter::Enumerate<core::str::Lines<'t>>>,
    /// The line read last, from 1.
    line: usize,
}

const SECTIONS: [&str; 3] = ["META", "PROJECTS", "VOTES"];

/// The columns of PROJECTS, its lines, and on which line each cost stands.
type Projects = (Vec<String>, Vec<Project>, Vec<(usize, Amount)>);

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { lines: text.lines().enumerate().peekable(), line: 1 }
    }

    fn meta(&mut self) -> Result<Meta, PabulibError> {
        let columns = self.open("META")?;
        let key = self.column(&columns, "key")?;
        let value = self.column(&columns, "value")?;
        let mut meta = Meta::default();
        while let Some(mut record) = self.record(columns.len())? {
            let name = core::mem::take(&mut record[key]);
            if meta.get(&name).is_some() {
                return Err(self.fault(Reason::Repeated(name)));
            }
            meta.0.push((name, core::mem::take(&mut record[value])));
        }
        Ok(meta)
    }

    fn projects(&mut self) -> Result<Projects, PabulibError> {
        let columns = self.open("PROJECTS")?;
        let id = self.column(&columns, "project_id")?;
        let cost = self.column(&columns, "cost")?;
        let place = |name: &str| columns.iter().position(|column| column == name);
        let [name, votes, score, selected] = ["name", "votes", "score", "selected"].map(place);
        let is_further = |column: &String| !PROJECT_COLUMNS.contains(&column.as_str());
        let (mut projects, mut costs, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        while let Some(record) = self.record(columns.len())? {
            if projects.len() == MAX_PROJECTS {
                return Err(self.fault(Reason::TooManyProjects));
            }
            if !seen.insert(record[id].clone()) {
                return Err(self.fault(Reason::Repeated(record[id].clone())));
            }
            let number = |column: Option<usize>| {
                let cell = column.map(|column| record[column].as_str()).unwrap_or_default();
                let number = (!cell.is_empty()).then(|| whole(cell)).transpose();
                number.map_err(|error| self.fault(error.into()))
            };
            let amount = Amount::parse(&record[cost]).map_err(|reason| self.fault(reason))?;
            costs.push((self.line, amount));
            let cells = columns.iter().zip(&record);
            projects.push(Project {
                id: record[id].clone(),
                name: name.map(|column| record[column].clone()),
                cost: 0,
                votes: number(votes)?,
                score: number(score)?,
                selected: number(selected)?,
                further: cells.filter(|(c, _)| is_further(c)).map(|(_, v)| v.clone()).collect(),
            });
        }
        Ok((columns, projects, costs))
    }

    fn ballots(
        &mut self,
        projects: &[Project],
        vote_type: VoteType,
    ) -> Result<(Vec<String>, Vec<Ballot>), PabulibError> {
        let columns = self.open("VOTES")?;
        let voter = self.column(&columns, "voter_id")?;
        let vote = self.column(&columns, "vote")?;
        let points = vote_type.has_points().then(|| self.column(&columns, "points")).transpose()?;
        let indices: HashMap<&str, u16> =
            projects.iter().map(|project| project.id.as_str()).zip(0_u16..=u16::MAX).collect();
        let is_further = |column: &String| !is_ballot_column(vote_type, column);
        let (mut ballots, mut seen) = (Vec::new(), HashSet::new());
        while let Some(record) = self.record(columns.len())? {
            if !seen.insert(record[voter].clone()) {
                return Err(self.fault(Reason::Repeated(record[voter].clone())));
            }
            let choices = choices(&record[vote], &indices).map_err(|reason| self.fault(reason))?;
            if vote_type == VoteType::ChooseOne && choices.len() > 1 {
                return Err(self.fault(Reason::MoreThanOne(choices.len())));
            }
            let numbers = points.map(|column| numbers(&record[column], choices.len()));
            let points = numbers.transpose().map_err(|reason| self.fault(reason))?;
            let cells = columns.iter().zip(&record);
            ballots.push(Ballot {
                voter: record[voter].clone(),
                choices,
                points: points.unwrap_or_default(),
                further: cells.filter(|(c, _)| is_further(c)).map(|(_, v)| v.clone()).collect(),
            });
        }
        if self.lines.peek().is_some() {
            self.line += 1;
            return Err(self.fault(Reason::SectionExpected("VOTES to be the last")));
        }
        Ok((columns, ballots))
    }

    /// Reads a section's title and its column names.
    fn open(&mut self, title: &'static str) -> Result<Vec<String>, PabulibError> {
        let found = self.next_line();
        if found.map(str::trim) != Some(title) {
            return Err(self.fault(Reason::SectionExpected(title)));
        }
        let header = self.next_line().unwrap_or_default();
        let columns =
            Dialect::Semicolon.fields(header).map_err(|error| self.fault(error.into()))?;
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

    /// The next line of the section, or `None` where another begins or the file ends.
    fn record(&mut self, columns: usize) -> Result<Option<Vec<String>>, PabulibError> {
        self.skip_empty();
        let next = self.lines.peek().map(|&(_, line)| line.trim());
        if next.is_none_or(|line| SECTIONS.contains(&line)) {
            return Ok(None);
        }
        let line = self.next_line().unwrap_or_default();
        let record = Dialect::Semicolon.fields(line).map_err(|error| self.fault(error.into()))?;
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

/// A whole number; some tools write `5.0` for 5.
fn whole(text: &str) -> Result<u64, NotInteger> {
    let cut = text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|byte| byte == b'0'));
    integer(cut.filter(|(_, zeros)| !zeros.is_empty()).map_or(text, |(whole, _)| whole))
        .map_err(|_| NotInteger(text.to_owned()))
}

/// A comma-separated list of as many points as the vote names projects.
fn numbers(list: &str, projects: usize) -> Result<Vec<u16>, Reason> {
    let list = if list.trim().is_empty() { Vec::new() } else { list.split(',').collect() };
    if list.len() != projects {
        return Err(Reason::PointCount { projects, points: list.len() });
    }
    let number = |text: &&str| {
        let number = whole(text.trim())?;
        u16::try_from(number).map_err(|_| Reason::TooManyPoints(number))
    };
    list.iter().map(number).collect()
}
