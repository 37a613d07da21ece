//! Step A10: the opening of sealed ballots, side by side.
//!
//! Every ballot opens by itself ([`crate::poll::opening`]). What does not open is spoiled, and the
//! voter alone answers for it.

use core::ops::ControlFlow;
use std::sync::Arc;

use super::finding::{Findings, Step};
use super::poll::BallotCounts;
use super::source::Crew;
use crate::breach::Breach;
use crate::name::LogPath;
use crate::poll::fold::PollFold;
use crate::poll::opening::OpenedBallots;

/// Ballots opened as one piece: about 50 us each, so that a piece is worth handing over.
const PIECE: usize = 1_024;

/// Opens the standing ballots of a sealed poll of which enough shares stand.
pub(super) fn open<C: Crew>(
    fold: &PollFold,
    crew: &C,
    poll: &Arc<LogPath>,
    counts: &mut BallotCounts,
    refused: &mut Vec<(u64, Breach)>,
    findings: &mut Findings,
) -> Option<OpenedBallots> {
    let opening = fold.opening()?;
    let places = opening.places();
    let mut pieces = places.clone().step_by(PIECE);
    let mut opened = Vec::with_capacity(places.len());
    crew.pipeline(
        || pieces.next().map(|start| start..(start + PIECE).min(places.end)),
        |piece, _| opening.open_some(piece),
        |piece| {
            opened.extend(piece);
            ControlFlow::Continue(())
        },
    );
    let opened = opening.gather(opened);
    for &(index, breach) in opened.spoiled() {
        // SEAL-6, AUDIT-1: one finding for each, and the voter's.
        findings.add(Step::Opening, breach, poll, Some(index));
        *counts.spoiled.entry(breach).or_default() += 1;
    }
    refused.extend_from_slice(opened.spoiled());
    refused.sort_unstable();
    Some(opened)
}
