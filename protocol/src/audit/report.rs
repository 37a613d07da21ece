//! Step A14: what a recount says, as data. Words and pictures are for whoever shows it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::credentials::DistrictCredentials;
use super::exhibits::{ExhibitKind, ExhibitOutcome, ExhibitReport};
use super::finding::{Finding, Step};
use super::poll::BallotCounts;
use super::trust::PinnedBy;
use crate::ceremony::TrusteeIndex;
use crate::count::Outcome;
use crate::hash::{Hash, sha256};
use crate::name::LogPath;
use crate::poll::acts::Pin;
use crate::poll::ballot_box::ClearBallots;
use crate::poll::ceremony_fold::{CeremonyFold, Exclusion, Stage};
use crate::poll::definition::Definition;
use crate::poll::fold::PhaseEntry;
use crate::poll::phase::Phase;
use crate::poll::result::PollResult;

/// Whether the poll was held as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No finding that staff or operator answer for.
    Sound,
    /// So many of them.
    NotSound(usize),
}

impl core::fmt::Display for Verdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Sound => f.write_str("SOUND"),
            Self::NotSound(1) => f.write_str("NOT SOUND (1 finding)"),
            Self::NotSound(count) => write!(f, "NOT SOUND ({count} findings)"),
        }
    }
}

/// Whether a step was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It was.
    Run,
    /// The poll has nothing of its kind, for this reason.
    NotApplicable(&'static str),
    /// There is no valid genesis, and so nothing to judge by.
    NothingToJudgeBy,
}

/// The city as its genesis names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// The domain.
    pub domain: String,
    /// The name, as people read it.
    pub name: String,
    /// The instance id: the leaf hash of genesis.
    pub instance: Hash,
}

/// A log that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogReport {
    /// Its path.
    pub log: Arc<LogPath>,
    /// Entries that its head speaks of.
    pub size: u64,
    /// The root in its head.
    pub root: Hash,
    /// Entries that could be read: fewer than `size` if some are missing.
    pub read: u64,
}

/// On what the verdict rests besides the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How the recount knows which city it reads.
    pub pinned_by: PinnedBy,
    /// Witnesses of the policy that have seen the poll's head.
    pub witnessed: usize,
    /// Witnesses of the policy.
    pub witnesses: usize,
    /// Whether a witness has stated the time of a head, so that times could be judged.
    pub times_judged: bool,
    /// Saved heads and receipts, in the order in which they were given.
    pub exhibits: Vec<ExhibitReport>,
}

impl Evidence {
    /// How many exhibits of a kind were checked, and how many were refused.
    pub fn exhibits_of(&self, kind: ExhibitKind) -> (usize, usize) {
        let of_kind = self.exhibits.iter().filter(|exhibit| exhibit.kind == kind);
        let (refused, checked): (Vec<_>, Vec<_>) =
            of_kind.partition(|exhibit| matches!(exhibit.outcome, ExhibitOutcome::Refused(_)));
        (checked.len(), refused.len())
    }
}

impl core::fmt::Display for Evidence {
    /// The line that goes with the verdict.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // AUDIT-9: the verdict names its evidence.
        match self.witnessed {
            0 => f.write_str("the operator's word alone"),
            witnessed => write!(f, "witnessed {witnessed} of {}", self.witnesses),
        }
    }
}

/// What the trustees of a sealed poll did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrusteeReport {
    /// Number of the last ceremony.
    pub ceremony: u64,
    /// Whether it is complete.
    pub is_complete: bool,
    /// Who took part in it, ascending.
    pub participants: Vec<TrusteeIndex>,
    /// Who was excluded, in which ceremony, and why.
    pub excluded: Vec<(u64, TrusteeIndex, Exclusion)>,
    /// Whose shares stand, ascending.
    pub shared: Vec<TrusteeIndex>,
}

impl TrusteeReport {
    pub(super) fn of(ceremony: &CeremonyFold) -> Self {
        Self {
            ceremony: ceremony.context().ceremony,
            is_complete: ceremony.stage() == Stage::Complete,
            participants: ceremony.participants().map(|(index, _)| index).collect(),
            excluded: ceremony.excluded().to_vec(),
            shared: ceremony.shared().collect(),
        }
    }
}

/// Everything that a recount says.
#[derive(Clone, Debug)]
pub struct Recount {
    /// The poll.
    pub poll: Arc<LogPath>,
    /// The city, if the register has a valid genesis.
    pub city: Option<City>,
    /// Every finding, in the order of AUDIT-1.
    pub findings: Vec<Finding>,
    /// The logs that were read: register, poll, pinned rolls.
    pub logs: Vec<LogReport>,
    /// All logs from which anything was fetched: what an archive of this poll has to hold.
    pub consulted: BTreeSet<Arc<LogPath>>,
    /// On what the verdict rests besides the files.
    pub evidence: Evidence,
    /// Where the poll stands.
    pub phase: Phase,
    /// The definition, if an Announce stands.
    pub definition: Option<Arc<Definition>>,
    /// The standing phase entries.
    pub entries: Vec<PhaseEntry>,
    /// The pinned rolls, if an Open stands.
    pub pins: Vec<Pin>,
    /// How many ballots stand, and why others do not.
    pub counts: BallotCounts,
    /// The districts of an anonymous poll that has begun.
    pub credentials: Option<Vec<DistrictCredentials>>,
    /// The trustees of a sealed poll.
    pub trustees: Option<TrusteeReport>,
    /// The result, if an Open stands; of a poll that is not over, the result so far.
    pub result: Option<PollResult>,
    /// For each question how the result came about.
    pub outcomes: Vec<Outcome>,
    /// The result as it was published, which decides nothing.
    pub published: Option<PollResult>,
    /// The transcript; empty if there is no valid genesis.
    pub transcript: Vec<u8>,
    /// The effective ballots in clear, if there is a result.
    pub ballots: Option<ClearBallots>,
}

impl Recount {
    /// Whether the poll was held as it must be.
    pub fn verdict(&self) -> Verdict {
        // AUDIT-2: what staff or operator answer for makes a poll unsound.
        match self.findings.iter().filter(|finding| finding.is_unsound()).count() {
            0 => Verdict::Sound,
            count => Verdict::NotSound(count),
        }
    }

    /// The number by which observers compare; `None` if there is no transcript.
    pub fn transcript_hash(&self) -> Option<Hash> {
        (!self.transcript.is_empty()).then(|| sha256(&self.transcript))
    }

    /// Whether a step was run.
    pub fn state(&self, step: Step) -> StepState {
        match (step, &self.city) {
            (Step::Credentials, _) if !self.is_anonymous() => StepState::NotApplicable("named"),
            (Step::Trustees | Step::Opening, _) if !self.is_sealed() => {
                StepState::NotApplicable("open")
            }
            // AUDIT-12: report and transcript are always made, though the transcript may be none.
            (Step::Entries | Step::Heads | Step::City | Step::Report | Step::Transcript, _)
            | (_, Some(_)) => StepState::Run,
            (_, None) => StepState::NothingToJudgeBy,
        }
    }

    /// Whether ballots are cast under one-poll keys.
    pub fn is_anonymous(&self) -> bool {
        self.definition.as_ref().is_some_and(|definition| definition.is_anonymous())
    }

    /// Whether ballots are encrypted until the close.
    pub fn is_sealed(&self) -> bool {
        self.definition.as_ref().is_some_and(|definition| definition.is_sealed())
    }

    /// The findings of a step.
    pub fn findings_of(&self, step: Step) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.step == step)
    }

    /// Whether the poll is over, so that its result is the last.
    pub const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Certified | Phase::Cancelled)
    }
}
