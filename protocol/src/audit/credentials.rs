//! Steps A6 and A13 of an anonymous poll: how many have asked, were served and have cast in each
//! district, and what voters' claims say of the difference.
//!
//! Not here: the judging of requests and answers one by one ([`super::poll`]).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::entries::LogRead;
use super::exhibits::{Exhibit, ExhibitKind, ExhibitOutcome, ExhibitReport};
use super::finding::{Findings, Step};
use super::source::Source;
use crate::breach::Breach;
use crate::entry::{Payload, SignedEntry};
use crate::name::{LogPath, LogType};
use crate::poll::claim::{Claim, ClaimedRequest};
use crate::poll::fold::PollFold;

/// One district of an anonymous poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistrictCredentials {
    /// Its code.
    pub district: String,
    /// Voters on the pinned rolls.
    pub eligible: u64,
    /// Requests that stand.
    pub requested: u64,
    /// Those of them that all issuers have answered.
    pub issued: u64,
    /// Credential keys of which a ballot was accepted.
    pub spent: u64,
}

impl DistrictCredentials {
    /// Credentials that were issued and not spent: so many ballots all issuers together could have
    /// cast unseen.
    pub const fn gap(&self) -> u64 {
        self.issued.saturating_sub(self.spent)
    }
}

/// The districts of an anonymous poll that has begun, ascending by code.
pub(super) fn districts(fold: &PollFold) -> Option<Vec<DistrictCredentials>> {
    let begun = fold.begun()?;
    let eligible = begun.electorate().eligible();
    let mut spent = vec![0; eligible.len()];
    if let Some(ballots) = fold.ballots() {
        for district in ballots.voted().filter_map(|place| ballots.district(place)) {
            spent[district] += 1;
        }
    }
    let served = fold.requests().served();
    let districts = eligible.iter().zip(served).zip(spent);
    let districts = districts.map(|(((code, eligible), served), spent)| DistrictCredentials {
        district: code.clone(),
        eligible: *eligible,
        requested: served.requested,
        issued: served.issued,
        spent,
    });
    Some(districts.collect())
}

/// What the claims came to.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) reports: Vec<ExhibitReport>,
    /// Confirmed claims by place of the district.
    confirmed: Vec<u64>,
}

/// Judges the claims handed in, in their order.
pub(super) fn judge_claims<S: Source>(
    claims: &[Exhibit],
    fold: &PollFold,
    log: &LogRead<'_, S>,
    findings: &mut Findings,
) -> Result<Claims, S::Error> {
    let districts = fold.begun().map_or(0, |begun| begun.electorate().eligible().len());
    let mut judged = Claims { reports: Vec::new(), confirmed: vec![0; districts] };
    let mut seen = Seen::default();
    for Exhibit { name, bytes } in claims {
        let outcome = match judge_claim(bytes, fold, log, &mut seen)? {
            Ok(district) => {
                judged.confirmed[district] += 1;
                ExhibitOutcome::Confirmed
            }
            Err(breach) => {
                // AUDIT-14: refused as evidence, of no consequence for the poll.
                findings.refuse_evidence(breach, &log.path);
                ExhibitOutcome::Refused(breach)
            }
        };
        let (name, kind) = (name.clone(), ExhibitKind::Claim);
        judged.reports.push(ExhibitReport { name, kind, outcome });
    }
    Ok(judged)
}

/// The claims of a poll where no claim can hold.
pub(super) fn refuse_claims(
    claims: &[Exhibit],
    poll: &Arc<LogPath>,
    findings: &mut Findings,
) -> Vec<ExhibitReport> {
    let refused = claims.iter().map(|Exhibit { name, bytes }| {
        // AUDIT-14: by its form, or because there is nothing that it could be held against.
        let breach = Claim::parse(bytes).err().unwrap_or(Breach::ClaimInvalid);
        findings.refuse_evidence(breach, poll);
        let (name, outcome) = (name.clone(), ExhibitOutcome::Refused(breach));
        ExhibitReport { name, kind: ExhibitKind::Claim, outcome }
    });
    refused.collect()
}

/// The requests and keys of the claims that hold.
#[derive(Debug, Default)]
struct Seen {
    requests: BTreeSet<u64>,
    keys: BTreeSet<[u8; 32]>,
}

/// The place of the district of a claim that is confirmed.
fn judge_claim<S: Source>(
    bytes: &[u8],
    fold: &PollFold,
    log: &LogRead<'_, S>,
    seen: &mut Seen,
) -> Result<Result<usize, Breach>, S::Error> {
    let claim = match Claim::parse(bytes) {
        Ok(claim) => claim,
        Err(breach) => return Ok(Err(breach)),
    };
    let statement = claim.statement();
    let voter = fold.requests().voter(statement.request);
    let (Some(begun), Some(voter)) = (fold.begun(), voter) else {
        return Ok(Err(Breach::ClaimInvalid));
    };
    let entry = log.entry(statement.request)?;
    let entry = entry.and_then(|bytes| SignedEntry::decode(LogType::Poll, bytes).ok());
    let Some(Payload::Request(request)) = entry.as_ref().map(SignedEntry::payload) else {
        return Ok(Err(Breach::ClaimInvalid));
    };
    if let Err(breach) = claim.check(begun, ClaimedRequest { voter, blinded: &request.blinded }) {
        return Ok(Err(breach));
    }
    // AUDIT-14: each request and each key once, and only if it was not spent.
    let is_new_request = seen.requests.insert(statement.request);
    let is_new_key = seen.keys.insert(statement.key.0);
    if !is_new_request || !is_new_key {
        return Ok(Err(Breach::ClaimInvalid));
    }
    let spent = fold.ballots().and_then(|ballots| ballots.find_credential(&statement.key.0));
    if spent.is_some() {
        return Ok(Err(Breach::CredentialSpent));
    }
    Ok(Ok(begun.electorate().district(voter)))
}

/// Step A13 of an anonymous poll: no more were spent than issued, the claims included.
pub(super) fn judge_gap<S>(
    districts: &[DistrictCredentials],
    claims: &Claims,
    log: &LogRead<'_, S>,
    findings: &mut Findings,
) {
    let poll = Arc::clone(&log.path);
    // AUDIT-13, AUDIT-14: each code once.
    if districts.iter().any(|district| district.spent > district.issued) {
        findings.add(Step::Totals, Breach::OverIssued, &poll, None);
    }
    let mut held = districts.iter().zip(&claims.confirmed);
    if held.any(|(district, claimed)| *claimed > 0 && district.spent + claimed > district.issued) {
        findings.add(Step::Totals, Breach::GhostCredentials, &poll, None);
    }
}
