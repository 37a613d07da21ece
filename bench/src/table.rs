//! The table that `./run bench` prints: one line a measurement, each a ratio to a limit that was
//! measured in the same run, because machines differ and one machine differs from hour to hour.

use std::fmt::Write as _;

/// What a line has to reach.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// At least this share of the limit.
    RatioAtLeast(f64),
    /// At least this many of the unit.
    AtLeast(f64),
    /// At most this many of the unit.
    AtMost(f64),
}

/// One measurement.
#[derive(Clone, Debug)]
pub struct Line {
    /// Letter and words.
    pub name: String,
    /// What was measured, in `unit`.
    pub measured: f64,
    /// The unit.
    pub unit: &'static str,
    /// The limit measured beside it, in the same unit, with its name.
    pub limit: Option<(f64, &'static str)>,
    /// What to reach.
    pub goal: Goal,
    /// Why it misses, for a line that does; or what else is worth knowing.
    pub note: String,
}

impl Line {
    /// The measured share of the limit.
    pub fn ratio(&self) -> Option<f64> {
        self.limit.map(|(limit, _)| self.measured / limit)
    }

    /// Whether the goal is reached.
    pub fn reached(&self) -> bool {
        match self.goal {
            Goal::RatioAtLeast(least) => self.ratio().is_some_and(|ratio| ratio >= least),
            Goal::AtLeast(least) => self.measured >= least,
            Goal::AtMost(most) => self.measured <= most,
        }
    }

    /// The line as the table shows it.
    pub fn print(&self) {
        let (limit, beside) = self.limit.map_or((String::new(), ""), |(limit, name)| {
            (number(limit), name)
        });
        let ratio = self.ratio().map_or(String::new(), |ratio| format!("{ratio:.2}"));
        let goal = match self.goal {
            Goal::RatioAtLeast(least) => format!("ratio >= {least}"),
            Goal::AtLeast(least) => format!(">= {}", number(least)),
            Goal::AtMost(most) => format!("<= {}", number(most)),
        };
        let verdict = if self.reached() { "reached" } else { "MISSED" };
        println!(
            "{:<54} {:>10} {:<11} {:>10} {:>6}  {:<14} {:<8} {}{}{}",
            self.name,
            number(self.measured),
            self.unit,
            limit,
            ratio,
            goal,
            verdict,
            beside,
            if beside.is_empty() || self.note.is_empty() { "" } else { "; " },
            self.note,
        );
    }
}

/// The head of the table.
pub fn print_head() {
    println!(
        "{:<54} {:>10} {:<11} {:>10} {:>6}  {:<14} {:<8} beside; notes",
        "measurement", "measured", "unit", "limit", "ratio", "goal", ""
    );
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
    let mut text = String::new();
    write!(text, "{scaled:.digits$}{suffix}").expect("writing to a string cannot fail");
    text
}

#[cfg(test)]
mod tests {
    use super::{Goal, Line, number};

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(0.019_34), "0.019");
        assert_eq!(number(5_231.0), "5231");
        assert_eq!(number(98_765.0), "98.8 k");
        assert_eq!(number(1_234_567.0), "1.23 M");
    }

    #[test]
    fn a_line_below_its_goal_is_missed() {
        let mut line = Line {
            name: String::new(),
            measured: 79.0,
            unit: "",
            limit: Some((100.0, "")),
            goal: Goal::RatioAtLeast(0.8),
            note: String::new(),
        };
        assert!(!line.reached());
        line.measured = 80.0;
        assert!(line.reached());
        line.goal = Goal::AtMost(79.0);
        assert!(!line.reached());
    }
}
