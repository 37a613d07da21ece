//! The writer: what was read, or made, as a file that the reader gives back as the same.

use core::fmt::Write as _;

use super::super::delimited::Dialect;
use super::super::fault::{Unwritable, one_line};
use super::money::written;
use super::{Ballot, Pabulib, Project, is_ballot_column};

/// The format, in errors.
pub(super) const FORMAT: &str = ".pb";

impl Pabulib {
    /// The file. Amounts, the numbers of projects and votes, and the type of votes are those of the
    /// fields, whatever META says of them.
    pub fn write(&self) -> Result<String, Unwritable> {
        let mut text = String::from("META\nkey;value\n");
        for (key, value) in &self.meta.0 {
            let own = match key.as_str() {
                "num_projects" => Some(self.projects.len().to_string()),
                "num_votes" => Some(self.ballots.len().to_string()),
                "vote_type" => Some(self.vote_type.to_string()),
                "budget" => Some(written(self.budget, self.decimals)),
                _ => None,
            };
            line(&mut text, [key.as_str(), own.as_ref().unwrap_or(value)])?;
        }
        text.push_str("PROJECTS\n");
        line(&mut text, self.project_columns.iter().map(String::as_str))?;
        for project in &self.projects {
            let cells = self.project_cells(project);
            line(&mut text, cells.iter().map(String::as_str))?;
        }
        text.push_str("VOTES\n");
        line(&mut text, self.ballot_columns.iter().map(String::as_str))?;
        for ballot in &self.ballots {
            let cells = self.ballot_cells(ballot)?;
            line(&mut text, cells.iter().map(String::as_str))?;
        }
        Ok(text)
    }

    fn project_cells(&self, project: &Project) -> Vec<String> {
        let number = |number: Option<u64>| number.map(|n| n.to_string()).unwrap_or_default();
        let mut further = project.further.iter();
        let cell = |column: &String| match column.as_str() {
            "project_id" => project.id.clone(),
            "cost" => written(project.cost, self.decimals),
            "name" => project.name.clone().unwrap_or_default(),
            "votes" => number(project.votes),
            "score" => number(project.score),
            "selected" => number(project.selected),
            _ => further.next().cloned().unwrap_or_default(),
        };
        self.project_columns.iter().map(cell).collect()
    }

    fn ballot_cells(&self, ballot: &Ballot) -> Result<Vec<String>, Unwritable> {
        let mut list = String::new();
        for &choice in &ballot.choices {
            let id = self.projects.get(usize::from(choice)).map_or("", |project| &project.id);
            if id.is_empty() || id.contains(',') || id.trim() != id {
                let reason = "an id in a list of votes has no commas and no blanks around it";
                return Err(Unwritable::Text { format: FORMAT, text: id.to_owned(), reason });
            }
            let _ = write!(list, "{}{id}", if list.is_empty() { "" } else { "," });
        }
        let points: Vec<_> = ballot.points.iter().map(u16::to_string).collect();
        let mut further = ballot.further.iter();
        let cell = |column: &String| match column.as_str() {
            known if !is_ballot_column(self.vote_type, known) => {
                further.next().cloned().unwrap_or_default()
            }
            "voter_id" => ballot.voter.clone(),
            "vote" => list.clone(),
            _ => points.join(","),
        };
        Ok(self.ballot_columns.iter().map(cell).collect())
    }
}

fn line<'f>(
    text: &mut String,
    fields: impl IntoIterator<Item = &'f str> + Clone,
) -> Result<(), Unwritable> {
    for field in fields.clone() {
        one_line(FORMAT, field)?;
    }
    text.push_str(&Dialect::Semicolon.line(fields));
    Ok(())
}
