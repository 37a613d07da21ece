//! What the trustees of a sealed poll did and did not do, in words.
//!
//! Not here: what the shares open, which the counts of ballots tell.

use veche_protocol::audit::{Recount, TrusteeReport};
use veche_protocol::ceremony::TrusteeIndex;
use veche_protocol::entry::Kind;
use veche_protocol::poll::authorities::Trustees;
use veche_protocol::poll::ceremony_fold::Exclusion;
use veche_protocol::poll::phase::Phase;

use super::{stands, visible};

/// A trustee as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Its name in the definition, or its number.
    pub label: String,
    /// The part it has in the ceremony.
    pub part: String,
    /// What became of its share; nothing before the close.
    pub share: Option<Shared>,
}

/// What became of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// It stands on the record.
    Stands,
    /// It has not been posted.
    Missing,
}

impl Shared {
    /// In a word or two.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Stands => "its share stands",
            Self::Missing => "no share",
        }
    }
}

/// Every trustee of the definition, in its order; none for a poll that is not sealed.
pub fn seats(recount: &Recount) -> Vec<Seat> {
    let (Some(report), Some(definition)) = (&recount.trustees, &recount.definition) else {
        return Vec::new();
    };
    let trustees = &definition.trustees;
    let is_closed = stands(recount, Kind::Close);
    let seat = |index: TrusteeIndex| {
        let takes_part = report.participants.contains(&index);
        let share = if report.shared.contains(&index) { Shared::Stands } else { Shared::Missing };
        Seat {
            label: label(trustees, index),
            part: part(report, index),
            share: (is_closed && takes_part).then_some(share),
        }
    };
    trustees.indices().map(seat).collect()
}

fn label(trustees: &Trustees, index: TrusteeIndex) -> String {
    let trustee = trustees.get(index);
    trustee.map_or_else(|| format!("trustee {}", index.get()), |trustee| visible(&trustee.label))
}

fn part(report: &TrusteeReport, index: TrusteeIndex) -> String {
    let excluded = report.excluded.iter().find(|(_, trustee, _)| *trustee == index);
    match excluded {
        Some((ceremony, _, why)) => {
            format!("excluded in ceremony {ceremony}: {}", exclusion(*why))
        }
        None if report.is_complete => "took part".to_owned(),
        None => "takes part".to_owned(),
    }
}

/// Why a trustee was excluded.
pub const fn exclusion(why: Exclusion) -> &'static str {
    match why {
        Exclusion::WrongShare => "it dealt another a wrong share",
        Exclusion::FalseComplaint => "it complained of a share that was right",
        Exclusion::Silent => "two officers found it silent",
    }
}

/// Who can open the ballots, and how far the key is.
pub fn ceremony_sentence(report: &TrusteeReport, trustees: &Trustees) -> String {
    let (threshold, number) = (usize::from(trustees.threshold), report.ceremony);
    let (left, all) = (report.participants.len(), trustees.members.len());
    if report.is_complete {
        return format!(
            "The key was made in ceremony {number}, by {left} of the {all} trustees; any \
             {threshold} of these {left} can open the ballots."
        );
    }
    let state = if left < threshold {
        format!("ceremony {number} cannot be held, for only {left} of {all} trustees are left")
    } else {
        format!("ceremony {number} is not complete")
    };
    format!("There is no key yet: {state}. It takes {threshold} trustees to open the ballots.")
}

/// Of a closed poll whose ballots cannot be opened: how many shares are missing, and whose.
pub fn waiting_sentence(recount: &Recount) -> Option<String> {
    let (report, definition) = (recount.trustees.as_ref()?, recount.definition.as_ref()?);
    let trustees = &definition.trustees;
    let (shared, threshold) = (report.shared.len(), usize::from(trustees.threshold));
    if !stands(recount, Kind::Close) || shared >= threshold {
        return None;
    }
    let silent = report.participants.iter().filter(|index| !report.shared.contains(index));
    let silent: Vec<_> = silent.map(|index| label(trustees, *index)).collect();
    let yet = if recount.phase == Phase::Cancelled { "" } else { " yet" };
    let silent = silent.join(", ");
    Some(format!(
        "The ballots cannot be opened{yet}: {shared} of {threshold} shares stand. Silent: {silent}."
    ))
}
