//! The table that `./run bench` prints: one line a measurement, each a ratio to a limit that was
//! measured in the same run, because machines differ and one machine differs from hour to hour.
//!
//! A ratio of 1 is the limit itself, and less is worse, for rates and for times alike.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anyhow::Result;

use crate::cores::cores;
use crate::scale::Scale;

/// What a line has to reach.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// At least this share of the limit.
    Ratio(f64),
    /// At least this many of the unit.
    AtLeast(f64),
    /// At most this many of the unit.
    AtMost(f64),
}

/// What a measurement is held against.
#[derive(Clone, Debug)]
pub struct Limit {
    /// In the unit of the line.
    pub value: f64,
    /// What it is.
    pub name: String,
}

/// One measurement.
#[derive(Clone, Debug)]
pub struct Line {
    /// The letter by which it is asked for.
    pub letter: char,
    /// What was measured.
    pub what: String,
    /// How much of `unit` it was.
    pub measured: f64,
    /// The unit.
    pub unit: &'static str,
    /// The limit measured beside it.
    pub limit: Limit,
    /// What to reach.
    pub target: Target,
    /// What else is worth knowing; may be empty.
    pub note: String,
    /// Why the line misses its target, where it does.
    pub cause: &'static str,
}

impl Line {
    /// The share of the limit that was reached.
    pub fn ratio(&self) -> f64 {
        match self.target {
            Target::AtMost(_) => self.limit.value / self.measured,
            Target::Ratio(_) | Target::AtLeast(_) => self.measured / self.limit.value,
        }
    }

    /// Whether the target is reached.
    pub fn reached(&self) -> bool {
        match self.target {
            Target::Ratio(least) => self.ratio() >= least,
            Target::AtLeast(least) => self.measured >= least,
            Target::AtMost(most) => self.measured <= most,
        }
    }

    /// The line as the table shows it, with what belongs to it below.
    fn text(&self) -> String {
        let target = match self.target {
            Target::Ratio(least) => format!("ratio >= {least}"),
            Target::AtLeast(least) => format!(">= {}", number(least)),
            Target::AtMost(most) => format!("<= {}", number(most)),
        };
        let verdict = if self.reached() { "reached" } else { "MISSED" };
        let mut text = format!(
            "({})  {:<48} {:>8} {:<12} {:>8} {:>6.2}  {:<13} {verdict}\n",
            self.letter,
            self.what,
            number(self.measured),
            self.unit,
            number(self.limit.value),
            self.ratio(),
            target,
        );
        let mut below = |word: &str, line: &str| {
            if !line.is_empty() {
                writeln!(text, "       {word}{line}").expect("a string takes what fits memory");
            }
        };
        below("limit: ", &self.limit.name);
        below("", &self.note);
        if !self.reached() {
            below("cause: ", self.cause);
        }
        text
    }
}

/// The table while it grows.
#[derive(Debug)]
pub struct Table {
    lines: usize,
    reached: usize,
}

impl Table {
    /// Prints the head.
    pub fn begin(scale: Scale) -> Result<Self> {
        let mut out = io::stdout().lock();
        writeln!(out, "{} cores; ratio 1 is the limit; {}", cores(), scale.remark)?;
        writeln!(
            out,
            "line {:<48} {:>8} {:<12} {:>8} {:>6}  {:<13} verdict",
            "measurement", "measured", "", "limit", "ratio", "target"
        )?;
        out.flush()?;
        Ok(Self { lines: 0, reached: 0 })
    }

    /// Prints a line.
    pub fn add(&mut self, line: &Line) -> Result<()> {
        self.lines += 1;
        self.reached += usize::from(line.reached());
        let mut out = io::stdout().lock();
        out.write_all(line.text().as_bytes())?;
        out.flush()?;
        Ok(())
    }

    /// Prints how many lines reach their targets.
    pub fn end(self) -> Result<()> {
        writeln!(io::stdout(), "{} of {} lines reach their targets", self.reached, self.lines)?;
        Ok(())
    }
}

/// Three significant digits, in thousands or millions where that reads better.
pub fn number(value: f64) -> String {
    let (scaled, suffix) = match value.abs() {
        v if v >= 1e6 => (value / 1e6, " M"),
        v if v >= 1e4 => (value / 1e3, " k"),
        _ => (value, ""),
    };
    let digits = match scaled.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{scaled:.digits$}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(measured: f64, target: Target) -> Line {
        let limit = Limit { value: 100.0, name: "the limit".to_owned() };
        let (note, what) = (String::new(), "this".to_owned());
        Line { letter: 'a', what, measured, unit: "/s", limit, target, note, cause: "a reason" }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(0.019_34), "0.019");
        assert_eq!(number(5_231.0), "5231");
        assert_eq!(number(98_765.0), "98.8 k");
        assert_eq!(number(1_234_567.0), "1.23 M");
    }

    #[test]
    fn a_line_below_its_target_is_missed_and_says_why() {
        let missed = line(79.0, Target::Ratio(0.8)).text();
        assert!(missed.contains("MISSED") && missed.contains("cause: a reason"), "{missed}");
        let reached = line(80.0, Target::Ratio(0.8)).text();
        assert!(reached.contains("reached") && !reached.contains("cause"), "{reached}");
        assert!(!line(80.0, Target::AtMost(79.0)).reached());
        assert!(!line(80.0, Target::AtLeast(81.0)).reached());
    }

    #[test]
    fn less_than_the_limit_is_worse_for_times_too() {
        assert!((line(200.0, Target::AtMost(1.0)).ratio() - 0.5).abs() < 1e-9);
        assert!((line(50.0, Target::AtLeast(1.0)).ratio() - 0.5).abs() < 1e-9);
    }
}
