//! What the poll came to: the figures in one line, turnout, ballots.
//!
//! Not here: the result of each question ([`super::results`]).

use maud::{Markup, html};
use veche_protocol::audit::Recount;

use super::chart::bar;
use crate::words::{counted, grouped, per_cent};

/// The poll in a few figures.
pub(super) fn figures(recount: &Recount) -> Markup {
    let Some(result) = &recount.result else { return html! {} };
    let entries = recount.logs.iter().map(|log| log.read).sum();
    let options = result.questions.iter().flat_map(|question| &question.outcome);
    let selected = options.clone().filter(|option| option.selected).count() as u64;
    html! {
        dl.figures {
            (figure("voted", &grouped(result.effective), &format!(
                "of {} eligible: {}",
                grouped(result.eligible),
                per_cent(result.effective, result.eligible)
            )))
            (figure("selected", &grouped(selected), &format!(
                "of {} options",
                grouped(options.count() as u64)
            )))
            (figure("entries checked", &grouped(entries), &format!(
                "in {}",
                counted(recount.logs.len(), "public log", "public logs")
            )))
        }
    }
}

fn figure(name: &str, number: &str, more: &str) -> Markup {
    html! {
        div {
            dt { (name) }
            dd { strong { (number) } span { (more) } }
        }
    }
}

/// Who could vote and who did.
pub(super) fn turnout(recount: &Recount) -> Markup {
    let Some(result) = &recount.result else { return html! {} };
    let is_parted = result.districts.len() > 1;
    html! {
        section aria-labelledby="turnout" {
            h2 id="turnout" { "Who voted" }
            table.bars {
                thead { tr {
                    th scope="col" { "District" }
                    th.number scope="col" { "Voted" }
                } }
                tbody {
                    @for district in &result.districts {
                        (turnout_row(
                            &crate::words::visible(&district.district),
                            district.effective,
                            district.eligible,
                        ))
                    }
                    @if is_parted {
                        (turnout_row("All together", result.effective, result.eligible))
                    }
                }
            }
        }
    }
}

fn turnout_row(name: &str, effective: u64, eligible: u64) -> Markup {
    html! {
        tr {
            th scope="row" {
                span.label { (name) }
                (bar(effective, eligible, "votes"))
                span.soft { (grouped(eligible)) " eligible" }
            }
            td.number { (grouped(effective)) span.soft { (per_cent(effective, eligible)) } }
        }
    }
}

/// How many ballots stand, and why others do not.
pub(super) fn ballots(recount: &Recount) -> Markup {
    if recount.result.is_none() {
        return html! {};
    }
    let counts = &recount.counts;
    let replaced = counts.accepted.saturating_sub(counts.effective);
    let rejected = counts.spoiled.iter().map(|each| ("spoiled by the voter", each));
    let rejected = rejected.chain(counts.refused.iter().map(|each| ("refused", each)));
    html! {
        section aria-labelledby="ballots" {
            h2 id="ballots" { "Ballots" }
            dl {
                dt { "On the record" } dd {
                    (grouped(counts.accepted)) " valid "
                    @if counts.accepted == 1 { "ballot" } @else { "ballots" }
                }
                dt { "Replaced" }
                dd { (grouped(replaced)) " by a later ballot of the same voter" }
                dt { "Counted" }
                dd { strong { (grouped(counts.effective)) } ", one for each voter who voted" }
            }
            @if counts.spoiled.is_empty() && counts.refused.is_empty() {
                p { "No ballot on the record was spoiled or refused." }
            } @else {
                p { "Ballots on the record that do not count:" }
                ul.reasons { @for (what, (breach, count)) in rejected {
                    li {
                        strong { (grouped(*count)) " " (what) }
                        ": " (breach.meaning()) " " code { (breach.code()) }
                    }
                } }
            }
        }
    }
}
