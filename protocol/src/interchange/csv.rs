//! Ballots in a table for spreadsheets and scripts (RFC 4180): one line a ballot, one column an
//! option.
//!
//! ```text
//! choices,Oaks,Limes        marks,Oaks,Limes        ranks,Oaks,Limes
//! 1,1,                      1,3,5                   1,2,1
//! 2,,1                      2,,10                   2,1,1
//! 3,,                       3,,                     3,,
//! ```
//!
//! The first line begins with what the cells are: `choices`, each 1 or empty; `marks`, each the
//! value of the option, nothing or 0 for none; `ranks`, each the place of the option, 1 for the
//! best, none left out, nothing for an option that is not ranked. Below it stand the names of the
//! ballots, distinct; the writer numbers them. Not in scope: costs, weights, line breaks in names.

use std::collections::HashSet;

use thiserror::Error;

use super::delimited::Dialect;
use super::fault::{Fault, MAX_BYTES, Unwritable, lines, one_line};
use super::profile::{Entrant, Form, Profile, WeightedBallot, groups, pairs};
use super::{FieldError, NotInteger, integer};

const FORMAT: &str = "CSV";

/// A file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csv {
    /// What the cells are.
    pub form: Form,
    /// The names of the options.
    pub options: Vec<String>,
    /// The ballots in the order of the file: names and selections.
    pub ballots: Vec<(String, Vec<u16>)>,
}

/// Why a file was refused, and on which line.
pub type CsvError = Fault<Reason>;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The file is longer than [`MAX_BYTES`].
    #[error("the file is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The line's quoting is broken.
    #[error(transparent)]
    Fields(#[from] FieldError),
    /// The first line does not say what the cells are.
    #[error("the first line begins with choices, marks or ranks, not with {0:?}")]
    Form(String),
    /// The first line names no options.
    #[error("the first line names no options")]
    NoOptions,
    /// An option has no name.
    #[error("column {0} has no name")]
    Nameless(usize),
    /// An option or a ballot stands twice.
    #[error("{0:?} stands twice")]
    Repeated(String),
    /// The line has another number of fields than the first.
    #[error("the line has {found} fields, the first line has {expected}")]
    FieldCount {
        /// Fields of the first line.
        expected: usize,
        /// Fields of the line.
        found: usize,
    },
    /// A cell is neither 1 nor empty.
    #[error("{0:?} is neither 1 nor empty")]
    Choice(String),
    /// A number is not a decimal integer below 2^64.
    #[error(transparent)]
    Number(#[from] NotInteger),
    /// A value is above 65,535.
    #[error("{0} is above 65535")]
    TooLarge(u64),
    /// The ranks have a gap, or one is 0.
    #[error("the ranks of a ballot are 1, 2, 3 and so on, with none left out")]
    Gap,
}

const fn heading(form: Form) -> &'static str {
    match form {
        Form::Choices => "choices",
        Form::Marks => "marks",
        Form::Ranks => "ranks",
    }
}

/// Reads a whole file.
pub fn parse(text: &str) -> Result<Csv, CsvError> {
    if text.len() > MAX_BYTES {
        return Err(CsvError { line: 1, reason: Reason::TooLong });
    }
    let mut lines = lines(text);
    let (number, header) = lines.next().unwrap_or((1, ""));
    let (form, options) = head(header).map_err(|reason| CsvError { line: number, reason })?;
    let (mut ballots, mut seen) = (Vec::new(), HashSet::new());
    for (line, text) in lines {
        let fault = |reason| CsvError { line, reason };
        let (name, selection) = ballot(text, form, options.len()).map_err(fault)?;
        if !seen.insert(name.clone()) {
            return Err(fault(Reason::Repeated(name)));
        }
        ballots.push((name, selection));
    }
    Ok(Csv { form, options, ballots })
}

fn head(line: &str) -> Result<(Form, Vec<String>), Reason> {
    let mut fields = Dialect::Comma.fields(line)?.into_iter();
    let first = fields.next().unwrap_or_default();
    let forms = [Form::Choices, Form::Marks, Form::Ranks];
    let form = forms.into_iter().find(|&form| heading(form) == first);
    let form = form.ok_or(Reason::Form(first))?;
    let options: Vec<_> = fields.collect();
    if options.is_empty() {
        return Err(Reason::NoOptions);
    }
    let mut seen = HashSet::new();
    for (column, option) in (2..).zip(&options) {
        if option.is_empty() {
            return Err(Reason::Nameless(column));
        }
        if !seen.insert(option) {
            return Err(Reason::Repeated(option.clone()));
        }
    }
    Ok((form, options))
}

fn ballot(line: &str, form: Form, options: usize) -> Result<(String, Vec<u16>), Reason> {
    let mut cells = Dialect::Comma.fields(line)?;
    if cells.len() != options + 1 {
        return Err(Reason::FieldCount { expected: options + 1, found: cells.len() });
    }
    let name = cells.remove(0);
    let mut selection = Vec::new();
    for (option, cell) in (0_u16..).zip(&cells).filter(|(_, cell)| !cell.is_empty()) {
        if form == Form::Choices {
            if cell != "1" {
                return Err(Reason::Choice(cell.clone()));
            }
            selection.push(option);
            continue;
        }
        let number = integer(cell)?;
        let value = u16::try_from(number).map_err(|_| Reason::TooLarge(number))?;
        if value > 0 || form == Form::Ranks {
            selection.extend([option, value]);
        }
    }
    if form == Form::Ranks && groups(&selection).is_none() {
        return Err(Reason::Gap);
    }
    Ok((name, selection))
}

impl Csv {
    /// The file.
    pub fn write(&self) -> Result<String, Unwritable> {
        let names = self.options.iter().map(String::as_str);
        let header = core::iter::once(heading(self.form)).chain(names);
        let mut text = String::new();
        for name in &self.options {
            one_line(FORMAT, name)?;
        }
        text.push_str(&Dialect::Comma.line(header));
        for (name, selection) in &self.ballots {
            one_line(FORMAT, name)?;
            let mut cells = vec![String::new(); self.options.len()];
            let mut fill = |option: u16, value: u16| {
                if let Some(cell) = cells.get_mut(usize::from(option)) {
                    *cell = value.to_string();
                }
            };
            match self.form {
                Form::Choices => selection.iter().for_each(|&option| fill(option, 1)),
                Form::Marks | Form::Ranks => {
                    pairs(selection).for_each(|(option, value)| fill(option, value));
                }
            }
            let cells = cells.iter().map(String::as_str);
            text.push_str(&Dialect::Comma.line(core::iter::once(name.as_str()).chain(cells)));
        }
        Ok(text)
    }

    /// The options and ballots.
    pub fn profile(&self) -> Profile {
        let option = |name: &String| Entrant { label: name.clone(), cost: 0, is_withdrawn: false };
        let ballot = |(_, selection): &(String, Vec<u16>)| WeightedBallot {
            weight: 1,
            selection: selection.clone(),
        };
        Profile {
            title: String::new(),
            options: self.options.iter().map(option).collect(),
            form: self.form,
            ballots: self.ballots.iter().map(ballot).collect(),
        }
    }

    /// A file of these options and ballots, each ballot on a line of its own.
    pub fn of(profile: &Profile) -> Result<Self, Unwritable> {
        profile.check()?;
        let mut ballots = Vec::new();
        for WeightedBallot { weight, selection } in &profile.ballots {
            for _ in 0..*weight {
                ballots.push(((ballots.len() + 1).to_string(), selection.clone()));
            }
        }
        Ok(Self {
            form: profile.form,
            options: profile.options.iter().map(|option| option.label.clone()).collect(),
            ballots,
        })
    }
}

#[cfg(test)]
mod tests;
