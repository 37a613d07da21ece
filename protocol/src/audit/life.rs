//! Step A4, what the poll's life leaves to be judged when it has been read: times, and the anchor.
//!
//! Phase entries are judged on the way ([`super::poll`]).

use std::sync::Arc;

use super::finding::{Findings, Step};
use super::heads::cosignatures;
use crate::breach::Breach;
use crate::entry::Kind;
use crate::log::checkpoint::Checkpoint;
use crate::log::note::Note;
use crate::log::policy::Policy;
use crate::name::LogPath;
use crate::poll::definition::Schedule;
use crate::poll::fold::PollFold;
use crate::register::fold::RegisterFold;

/// A head of the poll that a witness has seen at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimedHead {
    pub(super) size: u64,
    /// Seconds since 1970.
    pub(super) time: u64,
}

/// A verified head, once for each time that a witness of the policy has stated for it.
pub(super) fn timed(note: &Note, policy: &Policy) -> Vec<TimedHead> {
    let size = Checkpoint::parse(note.text()).map(|checkpoint| checkpoint.size);
    // LOG-13, POLL-16: a cosignature without a time says nothing of times.
    let times = cosignatures(note, policy).into_iter().filter_map(|cosigned| cosigned.time);
    size.map_or_else(|_| Vec::new(), |size| times.map(|time| TimedHead { size, time }).collect())
}

/// Judges Open and Close by the times of the witnesses.
pub(super) fn judge_times(
    fold: &PollFold,
    heads: &[TimedHead],
    poll: &Arc<LogPath>,
    findings: &mut Findings,
) {
    let Some(definition) = fold.definition() else { return };
    let Schedule { opens_at, closes_at, tolerance } = definition.schedule;
    // POLL-16: sums and differences are exact, whatever the numbers.
    let [opens_at, closes_at, tolerance] = [opens_at, closes_at, tolerance].map(i128::from);
    let index_of = |kind| fold.entry(kind).map(|entry| entry.index);
    let (open, close) = (index_of(Kind::Open), index_of(Kind::Close));
    let end = close.or_else(|| index_of(Kind::Cancel));
    let any = |wanted: &dyn Fn(u64, i128) -> bool| {
        heads.iter().any(|head| wanted(head.size, i128::from(head.time)))
    };
    let mut judge = |breach, index: Option<u64>, wanted: &dyn Fn(u64, u64, i128) -> bool| {
        if let Some(index) = index
            && any(&|size, time| wanted(index, size, time))
        {
            findings.add(Step::Life, breach, poll, Some(index));
        }
    };
    judge(Breach::OpenedEarly, open, &|index, size, time| {
        size > index && time < opens_at - tolerance
    });
    judge(Breach::ClosedEarly, close, &|index, size, time| {
        size > index && time < closes_at - tolerance
    });
    judge(Breach::HeldOpen, open, &|index, size, time| {
        size > index && time > closes_at + tolerance && end.is_none_or(|end| size <= end)
    });
}

/// Whether the register held the close before the result was certified.
pub(super) fn judge_anchor(
    fold: &PollFold,
    register: &RegisterFold,
    poll: &Arc<LogPath>,
    findings: &mut Findings,
) {
    let (Some(certify), Some(close)) = (fold.entry(Kind::Certify), fold.entry(Kind::Close)) else {
        return;
    };
    let mut anchors = register.anchors_of(fold.origin()).iter();
    // POLL-17: an anchor among what the certifying officers had seen, past the close.
    let is_anchored = anchors
        .any(|anchor| anchor.index < certify.seen.register.size && anchor.size > close.index);
    if !is_anchored {
        findings.add(Step::Life, Breach::AnchorMissing, poll, Some(certify.index));
    }
}
