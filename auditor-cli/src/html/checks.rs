//! What was checked and found, on which evidence, and how to repeat it.

use maud::{Markup, html};
use veche_protocol::audit::{Finding, Recount, Step};

use crate::words::{self, fault_name, grouped, visible};

/// The fifteen steps and what came of each.
pub(super) fn steps(recount: &Recount) -> Markup {
    html! {
        section aria-labelledby="steps" {
            h2 id="steps" { "What was checked" }
            div.wide { table {
                thead { tr {
                    th scope="col" { "Step" }
                    th scope="col" { "Question" }
                    th scope="col" { "Outcome" }
                } }
                tbody { @for step in Step::ALL {
                    tr {
                        th scope="row" { (step) }
                        td { (step.question()) }
                        td { (words::step_state(recount, step)) }
                    }
                } }
            } }
        }
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
                p { "A finding that staff or operator answer for makes the poll unsound. One of a \
                     voter is a ballot that its voter spoiled, one of a peer evidence that was \
                     none; neither touches the verdict." }
                div.wide { table {
                    thead { tr {
                        th scope="col" { "Step" }
                        th scope="col" { "Code" }
                        th scope="col" { "Where" }
                        th scope="col" { "Who answers" }
                        th scope="col" { "Meaning" }
                    } }
                    tbody { @for finding in &recount.findings { (row(finding)) } }
                } }
            }
        }
    }
}

fn row(finding: &Finding) -> Markup {
    html! {
        tr {
            td { (finding.step) }
            th scope="row" { code { (finding.breach.code()) } }
            td { (finding.log) @if let Some(index) = finding.index { ", entry " (grouped(index)) } }
            td { (fault_name(finding.fault)) }
            td { (finding.breach.meaning()) }
        }
    }
}

/// On what the verdict rests.
pub(super) fn evidence(recount: &Recount) -> Markup {
    let evidence = &recount.evidence;
    html! {
        section aria-labelledby="evidence" {
            h2 id="evidence" { "On what this rests" }
            p { (words::pinned_sentence(evidence.pinned_by)) }
            p { (words::evidence_sentence(evidence)) }
            p { (words::times_sentence(evidence)) }
            p { "Evidence from elsewhere: " (words::exhibits_line(evidence)) "." }
            @if !evidence.exhibits.is_empty() {
                ul { @for exhibit in &evidence.exhibits {
                    li { (visible(&exhibit.name)) ": " (words::exhibit_outcome(exhibit.outcome)) }
                } }
            }
            @if let Some(city) = &recount.city {
                dl {
                    dt { "City" } dd { (visible(&city.name)) " (" (city.domain) ")" }
                    dt { "Instance id" } dd.hash { (city.instance) }
                }
            }
            div.wide { table {
                caption { "The logs that were read, to these heads" }
                thead { tr {
                    th scope="col" { "Log" }
                    th.number scope="col" { "Entries" }
                    th scope="col" { "Root" }
                } }
                tbody { @for log in &recount.logs {
                    tr {
                        th scope="row" { (log.log) }
                        td.number {
                            (grouped(log.size))
                            @if log.read < log.size { br; "read: " (grouped(log.read)) }
                        }
                        td.hash { (log.root) }
                    }
                } }
            } }
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
            p.soft { "SHA-256 of the transcript (step A15). To be sure that you read the record \
                that others read, give a policy with witnesses that you trust (--policy), and the \
                receipts of voters (--receipt)." }
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
