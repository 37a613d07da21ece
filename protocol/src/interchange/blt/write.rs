//! The writer, which ends each ballot on its line.

use core::fmt::Write as _;

use super::super::fault::{Unwritable, one_line};
use super::Blt;

/// The format, in errors.
pub(super) const FORMAT: &str = "BLT";

impl Blt {
    /// The file. Without a title there are no remarks: the first of them would be read as one.
    pub fn write(&self) -> Result<String, Unwritable> {
        let mut text = format!("{} {}\n", self.candidates.len(), self.seats);
        for (number, candidate) in (1..).zip(&self.candidates) {
            if candidate.is_withdrawn {
                let _ = writeln!(text, "-{number}");
            }
        }
        for ballot in &self.ballots {
            if let Some(id) = &ballot.id {
                check(id, ')')?;
                let _ = write!(text, "({id}) ");
            }
            let _ = write!(text, "{} ", ballot.weight);
            for group in &ballot.groups {
                let number = |&candidate: &u16| (u32::from(candidate) + 1).to_string();
                let group: Vec<_> = group.iter().map(number).collect();
                let _ = write!(text, "{} ", group.join("="));
            }
            text.push_str("0\n");
        }
        text.push_str("0\n");
        let names = self.candidates.iter().map(|candidate| &candidate.name);
        let remarks = self.remarks.iter().filter(|_| self.title.is_some());
        for name in names.chain(&self.title).chain(remarks) {
            check(name, '"')?;
            let _ = writeln!(text, "\"{name}\"");
        }
        Ok(text)
    }
}

fn check(text: &str, close: char) -> Result<(), Unwritable> {
    one_line(FORMAT, text)?;
    if text.contains(close) {
        let reason = "nothing stands for a quote inside a quoted text";
        return Err(Unwritable::Text { format: FORMAT, text: text.to_owned(), reason });
    }
    Ok(())
}
