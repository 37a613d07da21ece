//! A sealed poll's ceremony in words: who is missing, who was excluded, whose shares stand.

use veche_protocol::ceremony::TrusteeIndex;
use veche_protocol::poll::authorities::Trustees;
use veche_protocol::poll::ceremony_fold::{CeremonyFold, Exclusion, Stage};

use super::printable;

/// Everything about the ceremony, line by line.
pub fn describe(ceremony: &CeremonyFold, trustees: &Trustees) -> Vec<String> {
    let mut lines = vec![format!("  {}", waiting_for(ceremony, trustees))];
    lines.extend(ceremony.excluded().iter().map(|&(number, index, why)| {
        let why = match why {
            Exclusion::WrongShare => "it dealt a wrong share",
            Exclusion::FalseComplaint => "it complained of a right share",
            Exclusion::Silent => "two officers found it silent",
        };
        format!("  excluded from ceremony {number}: {}, because {why}", name(trustees, index))
    }));
    if ceremony.shared().next().is_some() {
        lines.push(format!("  {}", shares(ceremony, trustees)));
    }
    lines
}

/// What the ceremony waits for, and from whom.
pub fn waiting_for(ceremony: &CeremonyFold, trustees: &Trustees) -> String {
    let number = ceremony.context().ceremony;
    let waits = |what: &str| {
        let silent = ceremony.participants().filter(|(_, posted)| !posted);
        let silent: Vec<_> = silent.map(|(index, _)| name(trustees, index)).collect();
        format!("ceremony {number} waits until these {what}: {}", silent.join(", "))
    };
    match ceremony.stage() {
        Stage::Joining => waits("join"),
        Stage::Dealing => waits("deal"),
        Stage::Confirming => waits("are ready"),
        Stage::Complete => format!("ceremony {number} is complete: the election key stands"),
        Stage::Failed => {
            let left = ceremony.participants().count();
            let threshold = trustees.threshold;
            format!(
                "the ceremony has failed: {left} trustees are left, {threshold} are needed; the \
                 poll can only be cancelled"
            )
        }
    }
}

/// Whose shares stand, and how many are needed.
pub fn shares(ceremony: &CeremonyFold, trustees: &Trustees) -> String {
    let shared: Vec<_> = ceremony.shared().map(|index| name(trustees, index)).collect();
    let given = if shared.is_empty() { "none".to_owned() } else { shared.join(", ") };
    let (count, threshold) = (shared.len(), trustees.threshold);
    format!("{count} shares stand and {threshold} open the ballots; given by: {given}")
}

fn name(trustees: &Trustees, index: TrusteeIndex) -> String {
    let label = trustees.get(index).map_or("", |trustee| trustee.label.as_str());
    format!("{} ({})", index.get(), printable(label))
}
