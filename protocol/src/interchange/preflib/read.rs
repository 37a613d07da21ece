//! The reader, for the header of today and the older one.

use std::collections::HashSet;

use super::super::fault::lines;
use super::super::integer;
use super::{
    ALTERNATIVES, DATA_TYPE, Kind, MAX_ALTERNATIVES, MAX_BYTES, NAME, ORDERS, Order, PrefLib,
    PrefLibError, Reason, VOTERS,
};

/// Reads a whole file. `named` is what its name says that it is, if that is known: an old header
/// does not say it.
pub fn parse(text: &str, named: Option<Kind>) -> Result<PrefLib, PrefLibError> {
    if text.len() > MAX_BYTES {
        return Err(PrefLibError { line: 1, reason: Reason::TooLong });
    }
    let is_new = lines(text).next().is_none_or(|(_, line)| line.trim_start().starts_with('#'));
    let mut reader = Reader { lines: lines(text).peekable(), line: 1 };
    if is_new { reader.file(named) } else { reader.old_file(named) }
}

struct Reader<'t, I: Iterator<Item = (usize, &'t str)>> {
    lines: core::iter::Peekable<I>,
    /// The line read last, from 1.
    line: usize,
}

/// The keys that follow from the rest of a file, with their values and lines.
#[derive(Default)]
struct Announced {
    said: Vec<(&'static str, String, usize)>,
}

impl Announced {
    fn text(&self, key: &'static str) -> Option<(&str, usize)> {
        let found = self.said.iter().find(|(name, ..)| *name == key);
        found.map(|(_, value, line)| (value.as_str(), *line))
    }

    fn number(&self, key: &'static str, end: usize) -> Result<(u64, usize), PrefLibError> {
        let missing = || PrefLibError { line: end, reason: Reason::KeyMissing(key) };
        let (text, line) = self.text(key).ok_or_else(missing)?;
        let number = integer(text).map_err(|error| PrefLibError { line, reason: error.into() });
        Ok((number?, line))
    }
}

impl<'t, I: Iterator<Item = (usize, &'t str)>> Reader<'t, I> {
    fn file(&mut self, named: Option<Kind>) -> Result<PrefLib, PrefLibError> {
        let (mut meta, mut announced) = (Vec::new(), Announced::default());
        let (mut listed, mut seen) = (Vec::new(), HashSet::new());
        while let Some(line) = self.header_line() {
            let (key, value) =
                line.split_once(':').ok_or_else(|| self.fault(Reason::HeaderLine))?;
            let (key, value) = (key.trim(), value.trim().to_owned());
            if !seen.insert(key.to_owned()) {
                return Err(self.fault(Reason::Repeated(key.to_owned())));
            }
            let known = [DATA_TYPE, ALTERNATIVES, VOTERS, ORDERS].into_iter().find(|k| *k == key);
            match (known, key.strip_prefix(NAME)) {
                (Some(known), _) => announced.said.push((known, value, self.line)),
                (None, Some(number)) => listed.push((number.trim().to_owned(), value, self.line)),
                (None, None) => meta.push((key.to_owned(), value)),
            }
        }
        let end = self.line;
        let kind = kind(named, announced.text(DATA_TYPE), end)?;
        let (count, line) = announced.number(ALTERNATIVES, end)?;
        let alternatives = alternatives(count, line, listed)?;
        let (voters, voters_line) = announced.number(VOTERS, end)?;
        let (unique, unique_line) = announced.number(ORDERS, end)?;
        let mut orders = Vec::new();
        while let Some(line) = self.next_line() {
            if line.starts_with('#') {
                return Err(self.fault(Reason::HeaderLate));
            }
            let order = self.order(line.split_once(':'), kind, alternatives.len())?;
            orders.push(order);
        }
        check_count(VOTERS, voters, sum(&orders), voters_line)?;
        check_count(ORDERS, unique, orders.len() as u64, unique_line)?;
        Ok(PrefLib { kind, meta, alternatives, orders })
    }

    fn old_file(&mut self, named: Option<Kind>) -> Result<PrefLib, PrefLibError> {
        let kind = kind(named, None, 1)?;
        let line = self.expect_line("the number of alternatives")?;
        let count = integer(line).map_err(|error| self.fault(error.into()))?;
        let count_line = self.line;
        let mut listed = Vec::new();
        for _ in 0..count.min(MAX_ALTERNATIVES as u64) {
            let line = self.expect_line("the name of an alternative")?;
            let (number, name) = line.split_once(',').unwrap_or((line, ""));
            listed.push((number.trim().to_owned(), name.trim().to_owned(), self.line));
        }
        let alternatives = alternatives(count, count_line, listed)?;
        let line = self.expect_line("the numbers of votes and orders")?;
        let numbers: Result<Vec<_>, _> = line.split(',').map(|part| integer(part.trim())).collect();
        let numbers = numbers.map_err(|error| self.fault(error.into()))?;
        let &[_, votes, unique] = numbers.as_slice() else {
            return Err(self.fault(Reason::Form("three numbers say how many there are")));
        };
        let line_of_counts = self.line;
        let mut orders = Vec::new();
        while let Some(line) = self.next_line() {
            let parts = Some(line.split_once(',').unwrap_or((line, "")));
            let order = self.order(parts, kind, alternatives.len())?;
            orders.push(order);
        }
        check_count(VOTERS, votes, sum(&orders), line_of_counts)?;
        check_count(ORDERS, unique, orders.len() as u64, line_of_counts)?;
        Ok(PrefLib { kind, meta: Vec::new(), alternatives, orders })
    }

    /// An order from the two parts of its line: the count and the alternatives.
    fn order(
        &self,
        parts: Option<(&str, &str)>,
        kind: Kind,
        alternatives: usize,
    ) -> Result<Order, PrefLibError> {
        let form = |reason| self.fault(Reason::Form(reason));
        let (count, list) = parts.ok_or_else(|| form("there is no colon"))?;
        let count = integer(count.trim()).map_err(|error| self.fault(error.into()))?;
        if count == 0 {
            return Err(self.fault(Reason::Nobody));
        }
        let groups = groups(list.trim(), alternatives).map_err(|reason| self.fault(reason))?;
        let mut seen: Vec<u16> = groups.concat();
        seen.sort_unstable();
        if let Some(pair) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(self.fault(Reason::AlternativeRepeated(u64::from(pair[0]) + 1)));
        }
        if kind.is_strict() && groups.iter().any(|group| group.len() > 1) {
            return Err(self.fault(Reason::Tied(kind)));
        }
        if kind.is_complete() && seen.len() < alternatives {
            return Err(self.fault(Reason::Incomplete(kind)));
        }
        Ok(Order { count, groups })
    }

    /// The next line, if it belongs to the header, without its mark.
    fn header_line(&mut self) -> Option<&'t str> {
        let (number, line) = self.lines.next_if(|(_, line)| line.trim_start().starts_with('#'))?;
        self.line = number;
        line.trim_start().strip_prefix('#')
    }

    fn next_line(&mut self) -> Option<&'t str> {
        let (number, line) = self.lines.next()?;
        self.line = number;
        Some(line.trim())
    }

    fn expect_line(&mut self, what: &'static str) -> Result<&'t str, PrefLibError> {
        let next = self.next_line();
        next.ok_or_else(|| self.fault(Reason::Ended(what)))
    }

    const fn fault(&self, reason: Reason) -> PrefLibError {
        PrefLibError { line: self.line, reason }
    }
}

fn kind(
    named: Option<Kind>,
    said: Option<(&str, usize)>,
    end: usize,
) -> Result<Kind, PrefLibError> {
    let Some((text, line)) = said else {
        return named.ok_or(PrefLibError { line: end, reason: Reason::KindMissing });
    };
    let unknown = || PrefLibError { line, reason: Reason::Kind(text.to_owned()) };
    let said = Kind::from_name(text).ok_or_else(unknown)?;
    match named {
        Some(named) if named != said => {
            Err(PrefLibError { line, reason: Reason::KindDiffers { named, said } })
        }
        _ => Ok(said),
    }
}

/// The names in the order of the numbers, which stand before each of them.
fn alternatives(
    count: u64,
    line: usize,
    names: Vec<(String, String, usize)>,
) -> Result<Vec<String>, PrefLibError> {
    if count == 0 || count > MAX_ALTERNATIVES as u64 {
        return Err(PrefLibError { line, reason: Reason::AlternativeCount(count) });
    }
    let mut alternatives = Vec::new();
    for (expected, (number, name, line)) in (1_u64..).zip(names) {
        if integer(&number) != Ok(expected) || expected > count {
            return Err(PrefLibError { line, reason: Reason::AlternativeUnknown(number) });
        }
        if name.is_empty() {
            return Err(PrefLibError { line, reason: Reason::Nameless(expected) });
        }
        alternatives.push(name);
    }
    check_count(ALTERNATIVES, count, alternatives.len() as u64, line)?;
    Ok(alternatives)
}

fn check_count(key: &'static str, said: u64, found: u64, line: usize) -> Result<(), PrefLibError> {
    if said == found {
        return Ok(());
    }
    Err(PrefLibError { line, reason: Reason::Announced { key, said, found } })
}

fn sum(orders: &[Order]) -> u64 {
    orders.iter().fold(0, |sum, order| order.count.saturating_add(sum))
}

/// Alternatives and braces, separated by commas; nothing for an order of nothing.
fn groups(list: &str, alternatives: usize) -> Result<Vec<Vec<u16>>, Reason> {
    let alternative = |text: &str| {
        let number = integer(text.trim())?;
        let unknown = || Reason::AlternativeUnknown(number.to_string());
        let place = number.checked_sub(1).filter(|&place| place < alternatives as u64);
        place.and_then(|place| u16::try_from(place).ok()).ok_or_else(unknown)
    };
    let mut groups = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let after = if let Some(inside) = rest.strip_prefix('{') {
            let (inside, after) =
                inside.split_once('}').ok_or(Reason::Form("a brace is not closed"))?;
            groups.push(inside.split(',').map(alternative).collect::<Result<Vec<_>, _>>()?);
            after.trim_start()
        } else {
            let (number, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            groups.push(vec![alternative(number)?]);
            after
        };
        rest = match after.strip_prefix(',') {
            Some(next) if next.trim().is_empty() => {
                return Err(Reason::Form("nothing follows the last comma"));
            }
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return Err(Reason::Form("a comma stands after a brace")),
        };
    }
    Ok(groups)
}
