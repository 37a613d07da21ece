//! The writer, with the header of today.

use core::fmt::Write as _;

use super::super::fault::{Unwritable, one_line};
use super::{ALTERNATIVES, DATA_TYPE, NAME, ORDERS, PrefLib, VOTERS};

impl PrefLib {
    /// The file.
    pub fn write(&self) -> Result<String, Unwritable> {
        let mut text = String::new();
        let mut header = |key: &str, value: &str| {
            for part in [key, value] {
                one_line(self.kind.name(), part)?;
            }
            if value.trim() != value {
                let (format, text) = (self.kind.name(), value.to_owned());
                return Err(Unwritable::Text { format, text, reason: "it has blanks around it" });
            }
            let _ = writeln!(text, "# {key}: {value}");
            Ok(())
        };
        for (key, value) in &self.meta {
            header(key, value)?;
        }
        let voters: u64 = self.orders.iter().map(|order| order.count).sum();
        header(DATA_TYPE, self.kind.name())?;
        header(ALTERNATIVES, &self.alternatives.len().to_string())?;
        header(VOTERS, &voters.to_string())?;
        header(ORDERS, &self.orders.len().to_string())?;
        for (number, name) in (1..).zip(&self.alternatives) {
            header(&format!("{NAME}{number}"), name)?;
        }
        for order in &self.orders {
            let number = |&alternative: &u16| (u32::from(alternative) + 1).to_string();
            let group = |group: &Vec<u16>| match group.as_slice() {
                [one] => number(one),
                tied => format!("{{{}}}", tied.iter().map(number).collect::<Vec<_>>().join(", ")),
            };
            let groups: Vec<_> = order.groups.iter().map(group).collect();
            let _ = writeln!(text, "{}: {}", order.count, groups.join(", "));
        }
        Ok(text)
    }
}
