//! The report as lines of JSON (spec/audit.md, AUDIT-12), put together from what a case expects.
//!
//! Written by hand, token by token, so that it owes nothing to the program that it will judge.

use std::collections::BTreeMap;

use veche_protocol::breach::Breach;
use veche_protocol::poll::result::PollResult;

use super::{Case, DistrictRow, Found, Judged};

/// The steps that have nothing to judge by without a genesis.
const WITHOUT_CITY: [u8; 7] = [4, 5, 7, 8, 11, 12, 13];

/// All lines, without their line feeds.
pub(super) fn lines(case: &Case, transcript: Option<&str>) -> Vec<String> {
    let mut lines: Vec<_> = (1..=15).map(|step| step_line(case, step)).collect();
    lines.push(poll_line(case));
    lines.push(format!("{{\"transcript\":{}}}", nullable(transcript)));
    lines.push(verdict_line(case));
    lines
}

/// A string of these vectors: none of them needs an escape.
fn string(text: &str) -> String {
    assert!(text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\'), "{text}");
    format!("\"{text}\"")
}

fn nullable(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), string)
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

/// The place of a code in the table of the law.
fn rank(code: &str) -> usize {
    let place = Breach::ALL.iter().position(|breach| breach.code() == code);
    place.expect("a code of the table")
}

fn step_line(case: &Case, step: u8) -> String {
    let name = format!("A{step}");
    let state = match step {
        6 if !case.is_anonymous() => "not-applicable",
        9 | 10 if !case.is_sealed() => "not-applicable",
        _ if WITHOUT_CITY.contains(&step) && case.judged != Judged::Whole => "nothing-to-judge-by",
        _ => "run",
    };
    let poll = case.poll.to_string();
    let mut findings: Vec<_> = case.findings.iter().filter(|found| found.0 == name).collect();
    // RECEIPT-7: refused evidence stands in step A2, under the poll.
    let refused =
        case.refused.iter().map(|(_, code)| Found("A2", code, poll.clone(), None, "peer"));
    let refused: Vec<_> = refused.collect();
    findings.extend(refused.iter().filter(|found| found.0 == name));
    findings.sort_by_key(|Found(_, code, log, index, _)| (log.clone(), *index, rank(code)));
    let findings = findings.iter().map(|Found(_, code, log, index, fault)| {
        let index = index.map_or_else(|| "null".to_owned(), |index| index.to_string());
        let (code, fault, log) = (string(code), string(fault), string(log));
        format!("{{\"code\":{code},\"fault\":{fault},\"log\":{log},\"index\":{index}}}")
    });
    let findings = list(findings);
    format!("{{\"step\":\"{name}\",\"state\":\"{state}\",\"findings\":{findings}}}")
}

fn poll_line(case: &Case) -> String {
    let has_city = case.judged == Judged::Whole;
    let instance = has_city.then(|| case.city.instance.to_string());
    let phase = match case.standing.last() {
        Some((32, _)) if has_city => "announced",
        Some((33, _)) if has_city => "begun",
        Some((34, _)) if has_city => "open",
        Some((36, _)) if has_city => "closed",
        Some((37, _)) if has_city => "certified",
        Some((38, _)) if has_city => "cancelled",
        _ => "unannounced",
    };
    let accepted = if has_city { case.accepted } else { 0 };
    let effective = if has_city { case.effective() } else { 0 };
    let spoiled = counts(case, |fault| fault == "voter");
    let refused = counts(case, |fault| fault != "voter");
    let credentials = case.credentials.as_ref().map(|districts| credentials_list(districts));
    let credentials = credentials.unwrap_or_else(|| "null".to_owned());
    let shares = case.is_sealed().then(|| list(case.shares.iter().map(ToString::to_string)));
    let shares = shares.unwrap_or_else(|| "null".to_owned());
    let result = case.result.as_ref().map_or_else(|| "null".to_owned(), result_object);
    format!(
        "{{\"poll\":{},\"instance\":{},\"phase\":\"{phase}\",\"accepted\":{accepted},\
         \"effective\":{effective},\"spoiled\":{spoiled},\"refused\":{refused},\
         \"credentials\":{credentials},\"shares\":{shares},\"result\":{result}}}",
        string(&case.poll.to_string()),
        nullable(instance.as_deref()),
    )
}

/// The refused ballots by code, in the order of the table.
fn counts(case: &Case, is_wanted: fn(&str) -> bool) -> String {
    let mut counts = BTreeMap::new();
    for Found(step, code, _, _, fault) in &case.findings {
        if ["A7", "A8", "A10"].contains(step) && is_wanted(fault) {
            *counts.entry((rank(code), *code)).or_insert(0_u64) += 1;
        }
    }
    list(counts.iter().map(|((_, code), count)| format!("[{},{count}]", string(code))))
}

/// AUDIT-13: of each district the eligible, the requested, the issued and the spent.
fn credentials_list(districts: &[DistrictRow]) -> String {
    list(districts.iter().map(|(district, [eligible, requested, issued, spent])| {
        format!(
            "{{\"district\":{},\"eligible\":{eligible},\"requested\":{requested},\
             \"issued\":{issued},\"spent\":{spent}}}",
            string(district),
        )
    }))
}

fn result_object(result: &PollResult) -> String {
    let districts = result.districts.iter().map(|turnout| {
        format!(
            "{{\"district\":{},\"eligible\":{},\"effective\":{}}}",
            string(&turnout.district),
            turnout.eligible,
            turnout.effective,
        )
    });
    let questions = result.questions.iter().map(|question| {
        let options = question.outcome.iter().map(|option| {
            let (label, votes, selected) = (string(&option.label), option.votes, option.selected);
            format!("{{\"label\":{label},\"votes\":{votes},\"selected\":{selected}}}")
        });
        format!("{{\"blank\":{},\"options\":{}}}", question.blank, list(options))
    });
    format!(
        "{{\"eligible\":{},\"effective\":{},\"quorum_met\":{},\"districts\":{},\"questions\":{}}}",
        result.eligible,
        result.effective,
        result.quorum_met,
        list(districts),
        list(questions),
    )
}

fn verdict_line(case: &Case) -> String {
    let unsound = case.findings.iter().filter(|found| found.4 != "voter").count();
    let verdict = if unsound == 0 { "sound" } else { "not-sound" };
    let (seen, of) = case.witnessed.unwrap_or((0, 0));
    let of = if case.policy.is_some() { of.max(3) } else { of };
    let evidence = case.evidence();
    let pinned_by = match (case.instance, case.pinned) {
        _ if case.judged != Judged::Whole => "nothing",
        (Some(_), _) => "instance",
        (None, pinned) => pinned,
    };
    let heads = case.heads.iter().map(|(name, _)| ("head", *name));
    let receipts = case.receipts.iter().map(|(name, _)| ("receipt", *name));
    let claims = case.claims.iter().map(|(name, _)| ("claim", *name));
    let exhibits = heads.chain(receipts).chain(claims).map(|(kind, name)| {
        let (outcome, code) = case.outcome(name);
        format!("{{\"kind\":\"{kind}\",\"outcome\":\"{outcome}\",\"code\":{}}}", nullable(code))
    });
    format!(
        "{{\"verdict\":\"{verdict}\",\"unsound_findings\":{unsound},\"evidence\":{},\
         \"pinned_by\":\"{pinned_by}\",\"witnessed\":{seen},\"witnesses\":{of},\
         \"times_judged\":{},\"exhibits\":{}}}",
        string(&evidence),
        case.times_judged,
        list(exhibits),
    )
}
