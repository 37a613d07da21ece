//! What the poll came to: the figures in one line, turnout, ballots.
//!
//! Not here: the result of each question ([`super::results`]).

use maud::{Markup, html};
use veche_protocol::audit::Recount;
use veche_protocol::entry::Kind;
use veche_protocol::poll::result::PollResult;

use super::chart::bar;
use crate::words::{counted, grouped, per_cent, stands, unopened};

/// The poll in a few figures.
pub(super) fn figures(recount: &Recount) -> Markup {
    if !stands(recount, Kind::Open) {
        return html! {};
    }
    let entries = recount.logs.iter().map(|log| log.read).sum();
    html! {
        dl.figures {
            @match &recount.result {
                Some(result) => {
                    (figure("voted", &grouped(result.effective), &format!(
                        "of {} eligible: {}",
                        grouped(result.eligible),
                        per_cent(result.effective, result.eligible)
                    )))
                    (selected(result))
                }
                None => (figure("sealed", &grouped(recount.counts.effective), "ballots stand")),
            }
            (figure("entries checked", &grouped(entries), &format!(
                "in {}",
                counted(recount.logs.len(), "public log", "public logs")
            )))
        }
    }
}

fn selected(result: &PollResult) -> Markup {
    let options = result.questions.iter().flat_map(|question| &question.outcome);
    let selected = options.clone().filter(|option| option.selected).count() as u64;
    let options = grouped(options.count() as u64);
    figure("selected", &grouped(selected), &format!("of {options} options"))
}

/// A number that stands out, what it is, and one thing more.
pub(super) fn figure(name: &str, number: &str, more: &str) -> Markup {
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
    if !stands(recount, Kind::Open) {
        return html! {};
    }
    let (counts, unopened) = (&recount.counts, unopened(recount));
    let replaced = counts.accepted.saturating_sub(counts.effective + unopened);
    let (caster, one) = if recount.is_anonymous() {
        ("with the same credential", "one for each credential that was used")
    } else {
        ("of the same voter", "one for each voter who voted")
    };
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
                dd { (grouped(replaced)) " by a later ballot " (caster) }
                @if recount.is_sealed() && recount.result.is_some() {
                    dt { "Not opened" }
                    dd { (grouped(unopened)) ", or opened to no valid answers" }
                }
                dt { @if recount.result.is_some() { "Counted" } @else { "Sealed" } }
                dd { strong { (grouped(counts.effective)) } ", " (one) }
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
