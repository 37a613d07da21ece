//! The result of each question: what was asked, how it is counted, and what came out, drawn.

use maud::{Markup, html};
use veche_protocol::audit::Recount;
use veche_protocol::count::{EqualShares, Outcome, Rule};
use veche_protocol::poll::definition::Question;
use veche_protocol::poll::result::{OptionResult, QuestionResult};

use super::chart::bar;
use super::shares;
use crate::words::{self, grouped, per_cent, visible};

/// The result, question by question.
pub(super) fn results(recount: &Recount) -> Markup {
    let (Some(result), Some(definition)) = (&recount.result, &recount.definition) else {
        return html! {};
    };
    let heading = if recount.is_over() { "The result" } else { "The result so far" };
    let questions = definition.questions.iter().zip(&result.questions).zip(&recount.outcomes);
    html! {
        section aria-labelledby="result" {
            h2 id="result" { (heading) }
            p { "Counted anew for this page from the ballots on the public record, by the rule \
                 that was fixed before the first of them was cast. What the city published was \
                 only compared with it." }
            @if definition.quorum.numerator > 0 {
                p {
                    "Quorum: " (definition.quorum.numerator) "/" (definition.quorum.denominator)
                    " of the eligible must vote; it was "
                    strong { @if result.quorum_met { "met" } @else { "missed" } } "."
                }
            }
            @for (place, ((asked, counted), outcome)) in questions.enumerate() {
                (question(place, asked, counted, outcome, result.effective))
            }
        }
    }
}

fn question(
    place: usize,
    asked: &Question,
    counted: &QuestionResult,
    outcome: &Outcome,
    ballots: u64,
) -> Markup {
    html! {
        h3 { (place + 1) ". " (visible(&asked.title)) }
        p { (words::rule_explained(&asked.rule)) }
        p.soft { "The rule in full: " (words::rule(&asked.rule)) "." }
        @if matches!(asked.rule, Rule::EqualShares(EqualShares { .. })) {
            (shares::account(asked, outcome))
            (options("selected", asked, counted, ballots, |option| option.selected))
            (options("not selected", asked, counted, ballots, |option| !option.selected))
        } @else {
            (options("to choose from", asked, counted, ballots, |_| true))
        }
        p.soft {
            @match counted.blank {
                0 if ballots == 0 => "There is no ballot.",
                0 => "Every ballot chose something here.",
                blank => { (grouped(blank)) " of " (grouped(ballots)) " chose nothing here." }
            }
        }
        (shares::steps(asked, outcome))
    }
}

/// Options in the order of their votes, with a bar for each.
fn options(
    what: &str,
    asked: &Question,
    counted: &QuestionResult,
    ballots: u64,
    is_shown: fn(&OptionResult) -> bool,
) -> Markup {
    let most = counted.outcome.iter().map(|option| option.votes).max().unwrap_or(0);
    let shown = counted.outcome.iter().zip(&asked.options).filter(|(option, _)| is_shown(option));
    let mut shown: Vec<_> = shown.collect();
    if shown.is_empty() {
        return html! {};
    }
    // Stable: where votes are the same, options stay in their listed order.
    shown.sort_by_key(|(option, _)| core::cmp::Reverse(option.votes));
    html! {
        table.bars {
            caption { (words::counted(shown.len(), "option", "options")) " " (what) }
            thead { tr {
                th scope="col" { "Option" }
                th.number scope="col" { "Votes" }
            } }
            tbody { @for (option, asked) in shown {
                (row(option, asked.cost, most, ballots))
            } }
        }
    }
}

fn row(option: &OptionResult, cost: u64, most: u64, ballots: u64) -> Markup {
    let class = if option.selected { "votes chosen" } else { "votes" };
    html! {
        tr {
            th scope="row" {
                span.label { (visible(&option.label)) }
                (bar(option.votes, most, class))
                span.soft {
                    @if option.selected { strong.mark { "\u{2713} selected" } }
                    @if option.selected && cost > 0 { " \u{b7} " }
                    @if cost > 0 { "costs " (grouped(cost)) }
                }
            }
            td.number {
                (grouped(option.votes))
                span.soft { (per_cent(option.votes, ballots)) }
            }
        }
    }
}
