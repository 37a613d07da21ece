//! Steps A11 to A13: the count, its comparison with what was published, and the totals.
//!
//! The counting is [`crate::count`]'s, by way of the poll's fold.

use std::sync::Arc;

use super::finding::{Findings, Step};
use super::poll::BallotCounts;
use crate::breach::Breach;
use crate::entry::Kind;
use crate::name::LogPath;
use crate::poll::fold::PollFold;
use crate::poll::result::PollResult;

/// Step A12: compares the published result with the recount's, in both directions.
pub(super) fn compare(
    fold: &PollFold,
    result: Option<&PollResult>,
    poll: &Arc<LogPath>,
    findings: &mut Findings,
) {
    let (Some(certify), Some(claim), Some(result)) =
        (fold.entry(Kind::Certify), fold.claim(), result)
    else {
        return;
    };
    // AUDIT-7: each code once, at the Certify.
    for breach in result.compare(claim) {
        findings.add(Step::Comparison, breach, poll, Some(certify.index));
    }
}

/// Step A13: eligible, accepted and effective descend, in the recount and in what was published.
pub(super) fn judge_totals(
    fold: &PollFold,
    result: Option<&PollResult>,
    counts: &BallotCounts,
    poll: &Arc<LogPath>,
    findings: &mut Findings,
) {
    // AUDIT-8: for the whole and for each district, be there a result or not.
    let own = fold.voters().iter().all(|(eligible, voted)| eligible >= voted)
        && result.is_none_or(descends)
        && counts.accepted >= counts.effective;
    if !own || !fold.claim().is_none_or(descends) {
        let index = fold.entry(Kind::Certify).map(|certify| certify.index);
        findings.add(Step::Totals, Breach::TotalsInconsistent, poll, index);
    }
}

/// Nowhere are more effective than eligible, and the districts add up to the whole.
fn descends(result: &PollResult) -> bool {
    // At most 1,024 districts of 64 bits each: the sums stay below 2^74.
    let eligible: u128 = result.districts.iter().map(|d| u128::from(d.eligible)).sum();
    let effective: u128 = result.districts.iter().map(|d| u128::from(d.effective)).sum();
    result.eligible >= result.effective
        && result.districts.iter().all(|district| district.eligible >= district.effective)
        && eligible == u128::from(result.eligible)
        && effective == u128::from(result.effective)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poll::result::Turnout;

    fn result(eligible: u64, effective: u64, districts: &[(u64, u64)]) -> PollResult {
        let districts = districts.iter().map(|&(eligible, effective)| Turnout {
            district: "a".into(),
            eligible,
            effective,
        });
        let districts = districts.collect();
        PollResult { eligible, effective, districts, quorum_met: true, questions: Vec::new() }
    }

    #[test]
    fn totals_descend_and_add_up() {
        // AUDIT-8: more were counted than voted, or more voted than could.
        assert!(descends(&result(5, 3, &[(2, 2), (3, 1)])));
        for bad in [
            result(5, 6, &[(5, 6)]),
            result(5, 5, &[(2, 3), (3, 2)]),
            result(6, 3, &[(2, 2), (3, 1)]),
            result(5, 4, &[(2, 2), (3, 1)]),
            result(1, 0, &[(u64::MAX, 0), (2, 0)]),
        ] {
            assert!(!descends(&bad), "{bad:?}");
        }
    }
}
