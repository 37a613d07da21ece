//! The report for programs: one JSON object in a line for each step, then result and verdict.
//!
//! AUDIT-12: byte for byte what any other program would write, so the order of the members below is
//! law, and no line names the source. Not here: the transcript's bytes, which are the protocol's.

use std::io::{self, Write};

use serde::Serialize;
use veche_protocol::audit::{
    DistrictCredentials, ExhibitKind, ExhibitOutcome, Recount, Step, StepState, Verdict,
};
use veche_protocol::breach::Breach;
use veche_protocol::poll::result::PollResult;

use crate::words::fault_name;

/// Writes all lines.
pub fn write(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    for step in Step::ALL {
        line(out, &StepLine::new(recount, step))?;
    }
    line(out, &ResultLine::new(recount))?;
    line(out, &TranscriptLine { transcript: recount.transcript_hash().map(|h| h.to_string()) })?;
    line(out, &VerdictLine::new(recount))
}

fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct StepLine {
    step: String,
    state: &'static str,
    findings: Vec<FindingItem>,
}

#[derive(Serialize)]
struct FindingItem {
    code: &'static str,
    fault: &'static str,
    log: String,
    index: Option<u64>,
}

impl StepLine {
    fn new(recount: &Recount, step: Step) -> Self {
        let state = match recount.state(step) {
            StepState::Run => "run",
            StepState::NotApplicable(_) => "not-applicable",
            StepState::NothingToJudgeBy => "nothing-to-judge-by",
        };
        let findings = recount.findings_of(step).map(|finding| FindingItem {
            code: finding.breach.code(),
            fault: fault_name(finding.fault),
            log: finding.log.to_string(),
            index: finding.index,
        });
        Self { step: step.to_string(), state, findings: findings.collect() }
    }
}

#[derive(Serialize)]
struct ResultLine {
    poll: String,
    instance: Option<String>,
    phase: &'static str,
    accepted: u64,
    effective: u64,
    spoiled: Vec<(&'static str, u64)>,
    refused: Vec<(&'static str, u64)>,
    credentials: Option<Vec<CredentialsItem>>,
    shares: Option<Vec<u8>>,
    result: Option<ResultItem>,
}

#[derive(Serialize)]
struct CredentialsItem {
    district: String,
    eligible: u64,
    requested: u64,
    issued: u64,
    spent: u64,
}

impl CredentialsItem {
    fn new(district: &DistrictCredentials) -> Self {
        Self {
            district: district.district.clone(),
            eligible: district.eligible,
            requested: district.requested,
            issued: district.issued,
            spent: district.spent,
        }
    }
}

#[derive(Serialize)]
struct ResultItem {
    eligible: u64,
    effective: u64,
    quorum_met: bool,
    districts: Vec<DistrictItem>,
    questions: Vec<QuestionItem>,
}

#[derive(Serialize)]
struct DistrictItem {
    district: String,
    eligible: u64,
    effective: u64,
}

#[derive(Serialize)]
struct QuestionItem {
    blank: u64,
    options: Vec<OptionItem>,
}

#[derive(Serialize)]
struct OptionItem {
    label: String,
    votes: u64,
    selected: bool,
}

impl ResultLine {
    fn new(recount: &Recount) -> Self {
        let by_code = |counts: &std::collections::BTreeMap<Breach, u64>| {
            counts.iter().map(|(breach, count)| (breach.code(), *count)).collect()
        };
        Self {
            poll: recount.poll.to_string(),
            instance: recount.city.as_ref().map(|city| city.instance.to_string()),
            phase: recount.phase.name(),
            accepted: recount.counts.accepted,
            effective: recount.counts.effective,
            spoiled: by_code(&recount.counts.spoiled),
            refused: by_code(&recount.counts.refused),
            credentials: recount
                .credentials
                .as_ref()
                .map(|districts| districts.iter().map(CredentialsItem::new).collect()),
            shares: recount
                .trustees
                .as_ref()
                .map(|trustees| trustees.shared.iter().map(|index| index.get()).collect()),
            result: recount.result.as_ref().map(ResultItem::new),
        }
    }
}

impl ResultItem {
    fn new(result: &PollResult) -> Self {
        let districts = result.districts.iter().map(|turnout| DistrictItem {
            district: turnout.district.clone(),
            eligible: turnout.eligible,
            effective: turnout.effective,
        });
        let questions = result.questions.iter().map(|question| QuestionItem {
            blank: question.blank,
            options: question
                .outcome
                .iter()
                .map(|option| OptionItem {
                    label: option.label.clone(),
                    votes: option.votes,
                    selected: option.selected,
                })
                .collect(),
        });
        Self {
            eligible: result.eligible,
            effective: result.effective,
            quorum_met: result.quorum_met,
            districts: districts.collect(),
            questions: questions.collect(),
        }
    }
}

#[derive(Serialize)]
struct TranscriptLine {
    transcript: Option<String>,
}

#[derive(Serialize)]
struct VerdictLine {
    verdict: &'static str,
    unsound_findings: usize,
    evidence: String,
    pinned_by: &'static str,
    witnessed: usize,
    witnesses: usize,
    times_judged: bool,
    exhibits: Vec<ExhibitItem>,
}

#[derive(Serialize)]
struct ExhibitItem {
    kind: &'static str,
    outcome: &'static str,
    code: Option<&'static str>,
}

impl VerdictLine {
    fn new(recount: &Recount) -> Self {
        let (verdict, unsound_findings) = match recount.verdict() {
            Verdict::Sound => ("sound", 0),
            Verdict::NotSound(count) => ("not-sound", count),
        };
        let evidence = &recount.evidence;
        let exhibits = evidence.exhibits.iter().map(|exhibit| {
            let kind = match exhibit.kind {
                ExhibitKind::Head => "head",
                ExhibitKind::Receipt => "receipt",
                ExhibitKind::Claim => "claim",
            };
            let (outcome, code) = match exhibit.outcome {
                ExhibitOutcome::Confirmed => ("confirmed", None),
                ExhibitOutcome::Contradicted(breach) => ("contradicted", Some(breach.code())),
                ExhibitOutcome::NotJudged => ("not-judged", None),
                ExhibitOutcome::Refused(breach) => ("refused", Some(breach.code())),
            };
            ExhibitItem { kind, outcome, code }
        });
        Self {
            verdict,
            unsound_findings,
            evidence: evidence.to_string(),
            pinned_by: evidence.pinned_by.name(),
            witnessed: evidence.witnessed,
            witnesses: evidence.witnesses,
            times_judged: evidence.times_judged,
            exhibits: exhibits.collect(),
        }
    }
}
