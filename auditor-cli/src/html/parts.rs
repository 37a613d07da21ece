//! What the poll came to: results question by question, turnout, ballots.

use maud::{Markup, html};
use veche_protocol::audit::Recount;
use veche_protocol::count::Outcome;
use veche_protocol::poll::definition::Question;
use veche_protocol::poll::result::QuestionResult;

use super::chart::{Bar, bars};
use super::shares;
use crate::words::{self, grouped, per_cent, visible};

/// The result, question by question.
pub(super) fn results(recount: &Recount) -> Markup {
    let (Some(result), Some(definition)) = (&recount.result, &recount.definition) else {
        return html! {};
    };
    let heading = if recount.is_over() { "What the ballots give" } else { "The result so far" };
    let questions = definition.questions.iter().zip(&result.questions).zip(&recount.outcomes);
    html! {
        section aria-labelledby="result" {
            h2 id="result" { (heading) }
            p { "Counted anew from the ballots on the public record, by the rule that was fixed \
                 before the first of them. The published result was only compared with it." }
            @if definition.quorum.numerator > 0 {
                p {
                    "Quorum: " (definition.quorum.numerator) "/" (definition.quorum.denominator)
                    " of the eligible must vote; it was "
                    strong { @if result.quorum_met { "met" } @else { "missed" } } "."
                }
            }
            @for (place, ((question, counted), outcome)) in questions.enumerate() {
                (self::question(place, question, counted, outcome, result.effective))
            }
        }
    }
}

fn question(
    place: usize,
    question: &Question,
    counted: &QuestionResult,
    outcome: &Outcome,
    ballots: u64,
) -> Markup {
    let drawn: Vec<_> = counted
        .outcome
        .iter()
        .map(|option| Bar {
            label: visible(&option.label),
            value: option.votes,
            mark: option.selected.then_some("selected"),
        })
        .collect();
    let most = drawn.iter().map(|bar| bar.value).max().unwrap_or(0);
    let name = format!("Votes for each option of question {}; the table has them too", place + 1);
    html! {
        h3 { (place + 1) ". " (visible(&question.title)) }
        p.soft { (words::rule(&question.rule)) }
        figure {
            figcaption { "Votes for each option" }
            (bars(&name, &drawn, most))
        }
        (shares::account(question, outcome, ballots))
        (table(question, counted, ballots))
        (shares::steps(question, outcome))
    }
}

fn table(question: &Question, counted: &QuestionResult, ballots: u64) -> Markup {
    let has_costs = question.options.iter().any(|option| option.cost > 0);
    html! {
        div.wide { table {
            caption { "The same in numbers" }
            thead { tr {
                th scope="col" { "Option" }
                @if has_costs { th.number scope="col" { "Cost" } }
                th.number scope="col" { "Votes" }
                th.number scope="col" { "Of the ballots" }
                th scope="col" { "Selected" }
            } }
            tbody {
                @for (option, asked) in counted.outcome.iter().zip(&question.options) {
                    tr.selected[option.selected] {
                        th scope="row" { (visible(&option.label)) }
                        @if has_costs { td.number { (grouped(asked.cost)) } }
                        td.number { (grouped(option.votes)) }
                        td.number { (per_cent(option.votes, ballots)) }
                        td { @if option.selected { "\u{2713} selected" } @else { "no" } }
                    }
                }
                tr {
                    th scope="row" { "Nothing chosen" }
                    @if has_costs { td {} }
                    td.number { (grouped(counted.blank)) }
                    td.number { (per_cent(counted.blank, ballots)) }
                    td {}
                }
            }
        } }
    }
}

/// Who could vote and who did.
pub(super) fn turnout(recount: &Recount) -> Markup {
    let Some(result) = &recount.result else { return html! {} };
    let whole = [Bar {
        label: format!("{} of the eligible voted", per_cent(result.effective, result.eligible)),
        value: result.effective,
        mark: None,
    }];
    html! {
        section aria-labelledby="turnout" {
            h2 id="turnout" { "Turnout" }
            figure {
                figcaption { "Voters whose ballot counts, of all eligible" }
                (bars("Turnout; the table has it too", &whole, result.eligible))
            }
            div.wide { table {
                caption { "By district" }
                thead { tr {
                    th scope="col" { "District" }
                    th.number scope="col" { "Eligible" }
                    th.number scope="col" { "Voted" }
                    th.number scope="col" { "Turnout" }
                } }
                tbody {
                    @for district in &result.districts {
                        tr {
                            th scope="row" { (visible(&district.district)) }
                            td.number { (grouped(district.eligible)) }
                            td.number { (grouped(district.effective)) }
                            td.number { (per_cent(district.effective, district.eligible)) }
                        }
                    }
                    tr.selected {
                        th scope="row" { "Together" }
                        td.number { (grouped(result.eligible)) }
                        td.number { (grouped(result.effective)) }
                        td.number { (per_cent(result.effective, result.eligible)) }
                    }
                }
            } }
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
                dt { "Accepted" } dd { (grouped(counts.accepted)) }
                dt { "Replaced later" } dd { (grouped(replaced)) " by a newer ballot of the same voter" }
                dt { "Effective" } dd { strong { (grouped(counts.effective)) } }
            }
            @if counts.spoiled.is_empty() && counts.refused.is_empty() {
                p { "No ballot on the record was spoiled or refused." }
            } @else {
                div.wide { table {
                    caption { "Ballots on the record that do not count" }
                    thead { tr {
                        th scope="col" { "Why" }
                        th.number scope="col" { "Ballots" }
                        th scope="col" { "Meaning" }
                    } }
                    tbody { @for (what, (breach, count)) in rejected {
                        tr {
                            th scope="row" { code { (breach.code()) } br; span.soft { (what) } }
                            td.number { (grouped(*count)) }
                            td { (breach.meaning()) }
                        }
                    } }
                } }
            }
        }
    }
}
