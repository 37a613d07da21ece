//! What was checked and found, on which evidence, and how to repeat it.

use maud::{Markup, html};
use veche_protocol::audit::{Finding, Recount, Step, StepState};

use crate::words::{self, fault_name, grouped, visible};

/// The fifteen steps and what came of each.
pub(super) fn steps(recount: &Recount) -> Markup {
    html! {
        section aria-labelledby="steps" {
            h2 id="steps" { "What was checked" }
            p { "Fifteen questions, each asked of the whole record, whatever the others found." }
            ol.steps { @for step in Step::ALL {
                @let (class, sign) = look(recount, step);
                li class=(class) {
                    span.sign aria-hidden="true" { (sign) }
                    span.question {
                        span.soft { (step) " \u{b7} " }
                        (step.question())
                    }
                    strong { (words::step_state(recount, step)) }
                }
            } }
        }
    }
}

/// How a step is marked: the words beside it say the same.
fn look(recount: &Recount, step: Step) -> (&'static str, &'static str) {
    let mut findings = recount.findings_of(step);
    match recount.state(step) {
        StepState::Run if findings.any(Finding::is_unsound) => ("bad", "\u{2717}"),
        StepState::Run => ("good", "\u{2713}"),
        StepState::NotApplicable(_) | StepState::NothingToJudgeBy => ("none", "\u{2013}"),
    }
}

/// Every finding, with what it means and who answers for it.
pub(super) fn findings(recount: &Recount) -> Markup {
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "What was found" }
            @if recount.findings.is_empty() {
                p { "Nothing: every entry of every log that was read stands." }
            } @else {
                p { "What staff or operator answer for makes the poll unsound. What a voter \
                     answers for is a ballot that its voter spoiled; what a peer answers for is \
                     evidence that was none. Neither touches the verdict." }
                ul.findings {
                    @for same in recount.findings.chunk_by(is_alike) { (finding(same)) }
                }
            }
        }
    }
}

/// Whether two findings differ in the entry alone.
fn is_alike(left: &Finding, right: &Finding) -> bool {
    let about = |finding: &Finding| (finding.step, finding.breach, finding.fault);
    about(left) == about(right) && left.log == right.log
}

/// Findings that differ in the entry alone, as one.
fn finding(same: &[Finding]) -> Markup {
    let Some(first) = same.first() else { return html! {} };
    let class = if first.is_unsound() { "bad" } else { "none" };
    html! {
        li class=(class) {
            p {
                strong { code { (first.breach.code()) } }
                @if same.len() > 1 { " \u{d7} " (grouped(same.len() as u64)) }
                " \u{b7} " (first.log) (places(same))
            }
            p { (first.breach.meaning()) }
            p.soft {
                "Step " (first.step) " \u{b7} who answers: " (fault_name(first.fault))
            }
        }
    }
}

/// The entries that findings speak of, as ranges; nothing where they speak of none.
fn places(same: &[Finding]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for index in same.iter().filter_map(|finding| finding.index) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => ranges.push((index, index)),
        }
    }
    let shown: Vec<_> = ranges
        .iter()
        .map(|&(first, last)| match last - first {
            0 => grouped(first),
            _ => format!("{} to {}", grouped(first), grouped(last)),
        })
        .collect();
    match ranges[..] {
        [] => String::new(),
        [(first, last)] if first == last => format!(", entry {}", grouped(first)),
        _ => format!(", entries {}", shown.join(", ")),
    }
}

/// On what the verdict rests.
pub(super) fn evidence(recount: &Recount) -> Markup {
    let evidence = &recount.evidence;
    html! {
        section aria-labelledby="evidence" {
            h2 id="evidence" { "On what this rests" }
            p { (words::pinned_sentence(evidence.pinned_by)) }
            p { (words::times_sentence(evidence)) }
            p { "Evidence from elsewhere: " (words::exhibits_line(evidence)) "." }
            @if !evidence.exhibits.is_empty() {
                ul { @for exhibit in &evidence.exhibits {
                    li { (visible(&exhibit.name)) ": " (words::exhibit_outcome(exhibit)) }
                } }
            }
            @if let Some(city) = &recount.city {
                dl {
                    dt { "City" } dd { (visible(&city.name)) " (" (city.domain) ")" }
                    dt { "Instance id" } dd.hash { (city.instance) }
                }
            }
            table {
                caption { "The logs that were read, and the roots that all their entries hash to" }
                thead { tr {
                    th scope="col" { "Log and root" }
                    th.number scope="col" { "Entries" }
                } }
                tbody { @for log in &recount.logs {
                    tr {
                        th scope="row" {
                            span.label { (log.log) }
                            span.hash { (log.root) }
                        }
                        td.number {
                            (grouped(log.size))
                            @if log.read < log.size {
                                span.soft { "read: " (grouped(log.read)) }
                            }
                        }
                    }
                } }
            }
        }
    }
}

/// How anyone repeats the recount, and by what two observers compare.
pub(super) fn repeat(recount: &Recount) -> Markup {
    html! {
        section aria-labelledby="repeat" {
            h2 id="repeat" { "Repeat it yourself" }
            p { "Take the city's public address, or an archive of the poll, and run:" }
            pre { code { "veche-audit recount " (source_of(recount)) " --poll " (id_of(recount)) } }
            p { "Whoever reads the same record gets the same transcript. Compare this number with \
                 others who have repeated it:" }
            p.hash {
                @match recount.transcript_hash() {
                    Some(hash) => strong { (hash) },
                    None => "none: the register has no valid genesis",
                }
            }
            p.soft { "It is the SHA-256 of the transcript (step A15). To be sure that you read the \
                record that others read, give a policy with witnesses that you trust (--policy) \
                and the receipts of voters (--receipt)." }
        }
    }
}

fn source_of(recount: &Recount) -> String {
    let domain = recount.city.as_ref().map(|city| city.domain.as_str());
    domain.map_or_else(|| "SOURCE".to_owned(), |domain| format!("https://{domain}"))
}

fn id_of(recount: &Recount) -> String {
    let path = recount.poll.to_string();
    path.strip_prefix("poll/").unwrap_or(&path).to_owned()
}
