//! How Equal Shares spent the budget: the sum as a drawing, the purchases step by step.
//!
//! Fractions are shown rounded for reading; the count itself rounds nothing.

use maud::{Markup, html};
use veche_protocol::count::{End, EqualShares, Fraction, Outcome, Rule, Step};
use veche_protocol::poll::definition::Question;

use super::chart::{Part, strip};
use super::count_steps;
use crate::words::{self, grouped, per_cent, visible};

/// How the budget was spent; nothing for rules without one.
pub(super) fn account(question: &Question, outcome: &Outcome) -> Markup {
    let Rule::EqualShares(EqualShares { budget, .. }) = question.rule else { return html! {} };
    let parts: Vec<_> = spent_on(question, outcome);
    let spent = format!(
        "{} of the budget of {} is spent: {}",
        grouped(outcome.spent),
        grouped(budget),
        per_cent(outcome.spent, budget)
    );
    html! {
        figure {
            figcaption { (spent) "." }
            (strip(&spent, &parts, budget))
            p.soft { "Each block is a selected option, in the order in which they were bought; its \
                 width is its cost. What is left of the budget is empty." }
        }
        @for step in &outcome.steps {
            @if let Step::Endowment { increment, per_ballot } = step {
                p {
                    "Each ballot had " strong { (per_ballot.to_decimal(2)) } " to spend"
                    @if *increment > 0 {
                        ": its equal part of the budget, and " (grouped(*increment))
                        " more, because not everybody can spend their part and the budget would \
                         not be used otherwise"
                    }
                    "."
                }
            }
        }
    }
}

/// The selected options in the order in which they were bought, or else added.
fn spent_on(question: &Question, outcome: &Outcome) -> Vec<Part> {
    let steps = outcome.steps.iter().filter_map(|step| match step {
        Step::Purchase { option, cost, .. } | Step::Addition { option, cost, .. } => {
            Some((*option, *cost))
        }
        _ => None,
    });
    let part = |(option, cost)| {
        let label = format!("{}: {}", label(question, option), grouped(cost));
        Part { label, value: cost }
    };
    steps.map(part).collect()
}

/// How the outcome came about, step by step; nothing if there is nothing to tell.
pub(super) fn steps(question: &Question, outcome: &Outcome) -> Markup {
    if outcome.steps.is_empty() {
        return html! {};
    }
    let has_purchases = outcome.steps.iter().any(|step| matches!(step, Step::Purchase { .. }));
    let others = outcome.steps.iter().filter(|step| !matches!(step, Step::Purchase { .. }));
    html! {
        details {
            summary { "How this came about, step by step" }
            ul { @for step in others { li { (note(question, step)) } } }
            @if has_purchases {
                div.wide { table {
                    caption { "Purchases in their order: what the supporters of each option paid" }
                    thead { tr {
                        th.number scope="col" { "Step" }
                        th scope="col" { "Option" }
                        th.number scope="col" { "Cost" }
                        th.number scope="col" { "Supporters" }
                        th.number scope="col" { "Paid in full" }
                        th.number scope="col" { "Most paid by one" }
                        th.number scope="col" { "Effective votes" }
                    } }
                    tbody { (purchases(question, outcome)) }
                } }
            }
        }
    }
}

fn purchases(question: &Question, outcome: &Outcome) -> Markup {
    let bought = outcome.steps.iter().filter(|step| matches!(step, Step::Purchase { .. }));
    html! {
        @for (step, place) in bought.zip(1..) {
            @if let Step::Purchase { option, cost, supporters, in_full, share, rate } = step {
                tr {
                    td.number { (place) }
                    th scope="row" { (label(question, *option)) }
                    td.number { (grouped(*cost)) }
                    td.number { (grouped(*supporters)) }
                    td.number { (grouped(*in_full)) }
                    td.number { (share.to_decimal(2)) }
                    td.number { (inverse(rate)) }
                }
            }
        }
    }
}

/// One over a rate: as many votes as the option is worth to those who pay for it.
fn inverse(rate: &Fraction) -> String {
    let inverse = Fraction::new(rate.denominator().clone(), rate.numerator().clone());
    inverse.map_or_else(|| "\u{2013}".to_owned(), |votes| votes.to_decimal(2))
}

fn note(question: &Question, step: &Step) -> Markup {
    html! {
        @match step {
            Step::Tie { among, chosen, by } => {
                "A tie between " (labels(question, among)) " was decided for "
                (labels(question, chosen)) " by " (words::tie_break(*by)) "."
            }
            Step::Endowment { increment, per_ballot } => {
                "Each ballot began with " (per_ballot.to_decimal(2))
                @if *increment > 0 {
                    ": its equal part of the budget and " (grouped(*increment)) " more"
                } "."
            }
            Step::Ended { reason: End::Exceeds { cost } } => {
                "One unit more for each ballot would have cost " (grouped(*cost))
                ", above the budget; so no more was added."
            }
            Step::Ended { reason: End::Exhaustive } => {
                "No further option fitted what was left of the budget."
            }
            Step::Ended { reason: End::AllSelected } => {
                "Every option that a ballot names is selected."
            }
            Step::Addition { option, cost, votes } => {
                (label(question, *option)) " was added in the order of votes: "
                (grouped(*votes)) " votes, cost " (grouped(*cost)) "."
            }
            other => (count_steps::sentence(question, other)),
        }
    }
}

pub(super) fn label(question: &Question, option: u16) -> String {
    let option = question.options.get(usize::from(option));
    option.map_or_else(String::new, |option| visible(&option.label))
}

pub(super) fn labels(question: &Question, options: &[u16]) -> String {
    let labels: Vec<_> = options.iter().map(|&option| label(question, option)).collect();
    labels.join(", ")
}
