//! The events of a count in sentences: rounds, transfers, contests, conditions.
//!
//! Not here: the purchases of a budget ([`super::shares`]), and any drawing.

use maud::{Markup, html};
use veche_protocol::count::{Base, Comparison, Condition, Step};
use veche_protocol::poll::definition::Question;

use super::shares::{label, labels};
use crate::words::grouped;

/// One event in a sentence; nothing for an event that is shown elsewhere.
pub(super) fn sentence(question: &Question, step: &Step) -> Markup {
    html! {
        @match step {
            Step::Marked { ballots } => {
                "Ballots that give a score: " (by_option(question, ballots)) "."
            }
            Step::Quota { votes } => { "The quota is " (votes.to_decimal(2)) " votes." }
            Step::Round { votes, exhausted } => {
                @let standing: Vec<_> = (0..).zip(votes).filter_map(|(option, votes)| {
                    Some(format!("{} {}", label(question, option), votes.as_ref()?.to_decimal(2)))
                }).collect();
                "Votes in this round: " (standing.join(", ")) "; exhausted "
                (exhausted.to_decimal(2)) "."
            }
            Step::Elected { option, votes } => {
                (label(question, *option)) " is elected with " (votes.to_decimal(2)) " votes."
            }
            Step::Eliminated { option, votes } => {
                (label(question, *option)) " leaves with " (votes.to_decimal(2)) " votes."
            }
            Step::Transfer { from, part, to, exhausted } => {
                @let to: Vec<_> = to.iter().map(|(option, votes)| {
                    format!("{} {}", label(question, *option), votes.to_decimal(2))
                }).collect();
                "Votes of " (label(question, *from)) " go on, each ballot with "
                (part.to_decimal(4))
                " of its weight: " (to.join(", ")) "; exhausted " (exhausted.to_decimal(2)) "."
            }
            Step::LookBack { among, taken, round } => {
                "A tie between " (labels(question, among)) " was decided by round " (round + 1)
                ": " (label(question, *taken)) " was taken."
            }
            Step::Contests { preferences, .. } => {
                @for (option, row) in (0..).zip(preferences) {
                    (label(question, option)) " is put before the others on so many ballots: "
                    (by_option(question, row)) ". "
                }
            }
            Step::Barred { option, condition, votes, base } => {
                (label(question, *option)) " is not selected: it has " (grouped(*votes)) " of "
                (grouped(*base)) ", and the question asks for " (wanted(*condition)) "."
            }
            Step::Tie { .. } | Step::Endowment { .. } | Step::Purchase { .. }
            | Step::Ended { .. } | Step::Addition { .. } => {}
        }
    }
}

/// A condition of a question in words.
pub(super) fn wanted(condition: Condition) -> String {
    let Condition { numerator, denominator, base, comparison } = condition;
    let comparison = match comparison {
        Comparison::AtLeast => "at least",
        Comparison::MoreThan => "more than",
    };
    let base = match base {
        Base::Ballots => "all ballots",
        Base::NotBlank => "the ballots that are not blank",
        Base::Votes => "the votes of all options",
        Base::Eligible => "the eligible voters",
    };
    format!("{comparison} {numerator}/{denominator} of {base}")
}

fn by_option(question: &Question, numbers: &[u64]) -> String {
    let pairs = (0..).zip(numbers);
    let pairs =
        pairs.map(|(option, &number)| format!("{} {}", label(question, option), grouped(number)));
    pairs.collect::<Vec<_>>().join(", ")
}
