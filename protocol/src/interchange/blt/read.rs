//! The reader: words and quoted texts, one after another, each with its line.

use super::super::fault::lines;
use super::super::integer;
use super::{Ballot, Blt, BltError, Candidate, MAX_BYTES, MAX_CANDIDATES, MAX_REMARKS, Reason};

/// Reads a whole file.
pub fn parse(text: &str) -> Result<Blt, BltError> {
    if text.len() > MAX_BYTES {
        return Err(BltError { line: 1, reason: Reason::TooLong });
    }
    let mut reader = Reader { lines: lines(text), rest: "", line: 1 };
    let candidates = reader.number("the number of candidates")?;
    if candidates == 0 || candidates > MAX_CANDIDATES as u64 {
        return Err(reader.fault(Reason::CandidateCount(candidates)));
    }
    let seats = reader.number("the number of seats")?;
    if seats == 0 || seats > candidates {
        return Err(reader.fault(Reason::Seats { seats, candidates }));
    }
    let (withdrawn, ballots) = reader.ballots(candidates)?;
    let mut named = Vec::new();
    for place in 0..candidates {
        let name = reader.text("the name of a candidate")?;
        if name.is_empty() {
            return Err(reader.fault(Reason::Nameless));
        }
        named.push(Candidate { name, is_withdrawn: withdrawn.contains(&place) });
    }
    let mut texts = Vec::new();
    while let Some(token) = reader.next()? {
        if texts.len() > MAX_REMARKS {
            return Err(reader.fault(Reason::TooMuch(token.text())));
        }
        texts.push(token.text());
    }
    let mut texts = texts.into_iter();
    let title = texts.next();
    Ok(Blt { seats, candidates: named, ballots, title, remarks: texts.collect() })
}

enum Token<'t> {
    Word(&'t str),
    Quoted(&'t str),
    /// What stands in parentheses.
    Id(&'t str),
}

impl Token<'_> {
    fn text(&self) -> String {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Id(text) => (*text).to_owned(),
        }
    }
}

struct Reader<'t, I> {
    lines: I,
    /// What is left of the line.
    rest: &'t str,
    /// The line, from 1.
    line: usize,
}

impl<'t, I: Iterator<Item = (usize, &'t str)>> Reader<'t, I> {
    /// The next token, on this line or a later one.
    fn next(&mut self) -> Result<Option<Token<'t>>, BltError> {
        loop {
            if let Some(token) = self.on_line()? {
                return Ok(Some(token));
            }
            let Some((number, line)) = self.lines.next() else { return Ok(None) };
            (self.line, self.rest) = (number, line);
        }
    }

    /// The next token of this line.
    fn on_line(&mut self) -> Result<Option<Token<'t>>, BltError> {
        let text = self.rest.trim_start();
        if text.is_empty() || text.starts_with('#') {
            self.rest = "";
            return Ok(None);
        }
        for (open, close, what) in [('"', '"', "a quote"), ('(', ')', "a parenthesis")] {
            let Some(inside) = text.strip_prefix(open) else { continue };
            let unclosed = || self.fault(Reason::Unclosed(what));
            let (inside, rest) = inside.split_once(close).ok_or_else(unclosed)?;
            self.rest = rest;
            return Ok(Some(if open == '"' { Token::Quoted(inside) } else { Token::Id(inside) }));
        }
        if text.starts_with('[') {
            return Err(self.fault(Reason::Option));
        }
        let end = text.find(|c: char| c.is_whitespace() || c == '#').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        Ok(Some(Token::Word(word)))
    }

    fn expect(&mut self, what: &'static str) -> Result<Token<'t>, BltError> {
        let next = self.next()?;
        next.ok_or_else(|| self.fault(Reason::Ended(what)))
    }

    fn number(&mut self, what: &'static str) -> Result<u64, BltError> {
        let token = self.expect(what)?;
        self.integer(&token, what)
    }

    fn integer(&self, token: &Token<'_>, expected: &'static str) -> Result<u64, BltError> {
        match token {
            Token::Word(word) => integer(word).map_err(|error| self.fault(error.into())),
            other => Err(self.fault(Reason::Expected { expected, found: other.text() })),
        }
    }

    fn text(&mut self, what: &'static str) -> Result<String, BltError> {
        Ok(self.expect(what)?.text())
    }

    /// Who has withdrawn, and the ballots up to the 0 that ends them.
    fn ballots(&mut self, candidates: u64) -> Result<(Vec<u64>, Vec<Ballot>), BltError> {
        let (mut withdrawn, mut ballots) = (Vec::new(), Vec::new());
        loop {
            let mut token = self.expect("the 0 that ends the ballots")?;
            if let Token::Word(word) = token
                && let Some(number) = word.strip_prefix('-')
                && ballots.is_empty()
            {
                let place = self.candidate(number, candidates)?;
                if withdrawn.contains(&u64::from(place)) {
                    return Err(self.fault(Reason::CandidateRepeated(u64::from(place) + 1)));
                }
                withdrawn.push(u64::from(place));
                continue;
            }
            let id = if let Token::Id(id) = token {
                token = self.on_line()?.ok_or_else(|| self.fault(Reason::NotClosed))?;
                Some(id.to_owned())
            } else {
                None
            };
            let weight = self.integer(&token, "the number of equal ballots")?;
            if weight == 0 && id.is_none() {
                return Ok((withdrawn, ballots));
            }
            if weight == 0 {
                let found = "0".to_owned();
                let expected = "the number of equal ballots";
                return Err(self.fault(Reason::Expected { expected, found }));
            }
            let groups = self.groups(candidates)?;
            ballots.push(Ballot { id, weight, groups });
        }
    }

    /// The ranks of a ballot up to its 0.
    fn groups(&mut self, candidates: u64) -> Result<Vec<Vec<u16>>, BltError> {
        let mut groups: Vec<Vec<u16>> = Vec::new();
        loop {
            let word = match self.on_line()? {
                None => return Err(self.fault(Reason::NotClosed)),
                Some(Token::Word("0")) => break,
                Some(Token::Word("-")) => return Err(self.fault(Reason::Skipped)),
                Some(Token::Word(word)) => word,
                Some(other) => {
                    let (expected, found) = ("a candidate", other.text());
                    return Err(self.fault(Reason::Expected { expected, found }));
                }
            };
            let group: Result<Vec<_>, _> =
                word.split('=').map(|number| self.candidate(number, candidates)).collect();
            groups.push(group?);
        }
        let mut seen = groups.concat();
        seen.sort_unstable();
        match seen.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(self.fault(Reason::CandidateRepeated(u64::from(pair[0]) + 1))),
            None => Ok(groups),
        }
    }

    /// The place of a candidate by its number.
    fn candidate(&self, number: &str, candidates: u64) -> Result<u16, BltError> {
        let place = integer(number).map_err(|error| self.fault(error.into()))?.checked_sub(1);
        let place = place.filter(|&place| place < candidates);
        let place = place.and_then(|place| u16::try_from(place).ok());
        place.ok_or_else(|| self.fault(Reason::CandidateUnknown(number.to_owned())))
    }

    const fn fault(&self, reason: Reason) -> BltError {
        BltError { line: self.line, reason }
    }
}
