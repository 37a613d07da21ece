//! What a recount finds: in which step, by which code, where, and who answers for it.
//!
//! Not here: how anything is found (one module for each step).

use core::cmp::Ordering;
use std::sync::Arc;

use crate::breach::{Breach, Fault};
use crate::name::LogPath;

/// The steps of a recount (spec/audit.md, "Steps").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Step {
    /// A1: every entry decodes and hashes to the head; the tiles agree.
    Entries = 1,
    /// A2: heads, witnesses, saved heads, receipts, anchored sizes.
    Heads,
    /// A3: genesis, commission, officers, announced logs.
    City,
    /// A4: the poll's life.
    Life,
    /// A5: the rolls up to their pins.
    Rolls,
    /// A6: credentials.
    Credentials,
    /// A7: each ballot by itself.
    Ballots,
    /// A8: which ballots are effective.
    Revotes,
    /// A9: trustees and their shares.
    Trustees,
    /// A10: opening of sealed ballots.
    Opening,
    /// A11: the count.
    Count,
    /// A12: comparison with the published result.
    Comparison,
    /// A13: totals.
    Totals,
    /// A14: the report.
    Report,
    /// A15: the transcript.
    Transcript,
}

impl Step {
    /// Every step in its order.
    pub const ALL: [Self; 15] = [
        Self::Entries,
        Self::Heads,
        Self::City,
        Self::Life,
        Self::Rolls,
        Self::Credentials,
        Self::Ballots,
        Self::Revotes,
        Self::Trustees,
        Self::Opening,
        Self::Count,
        Self::Comparison,
        Self::Totals,
        Self::Report,
        Self::Transcript,
    ];

    /// The number of the step, 1 to 15.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The question that the step answers, for people.
    pub const fn question(self) -> &'static str {
        match self {
            Self::Entries => {
                "Does every entry read, and hash to the signed head? Do the tiles agree?"
            }
            Self::Heads => {
                "Are the heads signed and witnessed, and do they extend all known heads?"
            }
            Self::City => "Who is the city, and who may act for it?",
            Self::Life => "Was the poll announced, opened, closed and certified as it must be?",
            Self::Rolls => "Was everyone on the rolls put there, or taken off, by right?",
            Self::Credentials => "Were credentials asked for and issued by right?",
            Self::Ballots => "Is each ballot in its place, by a voter, and of the right form?",
            Self::Revotes => "Which ballots are effective?",
            Self::Trustees => "Did the trustees hold their ceremony and post true shares?",
            Self::Opening => "Does every sealed ballot open?",
            Self::Count => "What do the ballots give by the poll's rules?",
            Self::Comparison => "Is that what was published?",
            Self::Totals => "Do the totals descend as they must?",
            Self::Report => "What is the verdict, and on which evidence?",
            Self::Transcript => "By which number do two observers compare?",
        }
    }
}

impl core::fmt::Display for Step {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "A{}", self.number())
    }
}

/// One thing that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The step that found it.
    pub step: Step,
    /// Its code.
    pub breach: Breach,
    /// The log in which it was found.
    pub log: Arc<LogPath>,
    /// The entry, where it is about one.
    pub index: Option<u64>,
    /// Who answers for it.
    pub fault: Fault,
}

impl Finding {
    /// Whether it makes the poll unsound.
    pub const fn is_unsound(&self) -> bool {
        // AUDIT-2: spoiled ballots and refused evidence leave a poll sound.
        matches!(self.fault, Fault::Staff | Fault::Operator)
    }

    /// The order of a report: steps, then paths by their bytes, then indices, then codes.
    fn order(&self, other: &Self) -> Ordering {
        let place = |finding: &Self| (finding.step, path_rank(&finding.log));
        place(self)
            .cmp(&place(other))
            .then_with(|| self.log.cmp(&other.log))
            .then_with(|| (self.index, self.breach).cmp(&(other.index, other.breach)))
    }
}

/// `poll/...` comes before `register`, and that before `roll/...`.
pub(super) const fn path_rank(path: &LogPath) -> u8 {
    match path {
        LogPath::Poll(_) => 0,
        LogPath::Register => 1,
        LogPath::Roll(_) => 2,
    }
}

/// The findings of a recount as they come up.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// A defect of a log, an entry or a public file.
    pub(super) fn add(
        &mut self,
        step: Step,
        breach: Breach,
        log: &Arc<LogPath>,
        index: Option<u64>,
    ) {
        // AUDIT-2: on a log the operator answers for what it let in.
        let fault = match breach.fault() {
            Fault::Peer => Fault::Operator,
            fault => fault,
        };
        self.0.push(Finding { step, breach, log: Arc::clone(log), index, fault });
    }

    /// A receipt or saved head that is no evidence.
    pub(super) fn refuse_evidence(&mut self, breach: Breach, log: &Arc<LogPath>) {
        // RECEIPT-7: the verdict does not depend on it.
        let log = Arc::clone(log);
        self.0.push(Finding { step: Step::Heads, breach, log, index: None, fault: Fault::Peer });
    }

    pub(super) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// All of them in the order of a report.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        // AUDIT-1: steps, paths, indices, codes.
        self.0.sort_by(Finding::order);
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_stand_in_one_order() {
        // AUDIT-1: whatever the order in which they came up.
        let log = |path| Arc::new(LogPath::parse(path).unwrap());
        let mut findings = Findings::default();
        findings.add(Step::Ballots, Breach::VoterUnknown, &log("poll/a"), Some(2));
        findings.add(Step::Entries, Breach::RootMismatch, &log("roll/a"), None);
        findings.add(Step::Entries, Breach::RootMismatch, &log("register"), None);
        findings.add(Step::Entries, Breach::EntryFields, &log("poll/a"), Some(1));
        findings.add(Step::Entries, Breach::RootMismatch, &log("poll/a"), None);
        let found: Vec<_> = findings
            .finish()
            .into_iter()
            .map(|finding| format!("{} {} {:?}", finding.step, finding.log, finding.index))
            .collect();
        let expected = [
            "A1 poll/a None",
            "A1 poll/a Some(1)",
            "A1 register None",
            "A1 roll/a None",
            "A7 poll/a Some(2)",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_operator_answers_for_bytes_on_a_log() {
        // AUDIT-2: `peer` is read as `operator`, except for refused evidence.
        let log = Arc::new(LogPath::Register);
        let mut findings = Findings::default();
        findings.add(Step::Entries, Breach::EntryMalformed, &log, Some(3));
        findings.refuse_evidence(Breach::NoteMalformed, &log);
        findings.add(Step::Ballots, Breach::ChoicesTooMany, &log, Some(4));
        let unsound: Vec<_> = findings.finish().iter().map(Finding::is_unsound).collect();
        assert_eq!(unsound, [true, false, false]);
    }
}
