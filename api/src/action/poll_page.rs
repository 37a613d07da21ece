//! The page of a poll: what is asked, how it is counted, where it stands, what came out, and how
//! to check that.
//!
//! Not here: voting, for which voters have a tool with their own key.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use veche_engine::{Counted, PollView};
use veche_protocol::count::{
    Approval, Blank, Borda, Comparison, EqualShares, InstantRunoff, Points, Quadratic, Rule,
    Schulze, Score, SingleChoice, TransferableVote, YesNo,
};
use veche_protocol::poll::ceremony_fold::{Exclusion, Stage};
use veche_protocol::poll::definition::{Definition, Question, Revote};
use veche_protocol::poll::phase::Phase;
use veche_protocol::poll::result::QuestionResult;

use super::page::{self, Grouped};
use crate::app::Shared;
use crate::extract::Log;
use crate::problem::Problem;
use crate::view::name_of;

/// `GET /polls/{id}`.
pub(crate) async fn show(State(app): State<Shared>, Log(path): Log) -> Result<Response, Problem> {
    let poll = app.engine.poll(&path).ok_or_else(|| Problem::unknown_log(&path))?;
    // API-7: nothing is counted before the poll has ended; the first to ask waits for the count.
    let has_ended = matches!(poll.phase, Phase::Closed | Phase::Certified | Phase::Cancelled);
    let counted =
        if has_ended { app.read(move |engine| engine.result(&path)).await? } else { None };
    let register = app.engine.register();
    let head = html! {
        p.eyebrow { a href="/" { (register.genesis().city) } }
        h1.poll { (poll.definition.title) }
        p.soft { (page::standing(&poll)) }
    };
    let main = html! {
        (questions(&poll, counted.as_ref()))
        (electorate_section(&poll.definition))
        (credentials_section(&poll))
        (trustees_section(&poll))
        (record_section(&poll))
        (check_section(app.base(), name_of(&poll.path)))
    };
    Ok(page::answer(&poll.definition.title, &head, &main))
}

fn questions(poll: &PollView, counted: Option<&Arc<Counted>>) -> Markup {
    html! {
        @for (place, question) in poll.definition.questions.iter().enumerate() {
            @let id = format!("question-{}", place + 1);
            section aria-labelledby=(id) {
                h2 id=(id) { (question.title) }
                p { (rule_in_words(&question.rule)) }
                @match counted {
                    Some(counted) => {
                        (outcome(question, &counted.result.questions[place]))
                        @if poll.phase == Phase::Cancelled {
                            p.soft { "The poll was cancelled: it was counted, and binds nobody." }
                        }
                        @if !counted.result.quorum_met {
                            p.soft { "Fewer have voted than the quorum asks for." }
                        }
                    }
                    None => (options(question)),
                }
            }
        }
    }
}

fn rule_in_words(rule: &Rule) -> Markup {
    match rule {
        Rule::SingleChoice(SingleChoice { blank: Blank::Refused, .. }) => {
            html! { "One option; the most votes win." }
        }
        Rule::SingleChoice(SingleChoice { blank: Blank::Allowed, .. }) => {
            html! { "One option or none; the most votes win." }
        }
        Rule::Approval(Approval { min, max, winners, .. }) => html! {
            (between(*min, *max)) "; the " (winners) " with the most votes win."
        },
        Rule::EqualShares(EqualShares { min, max, budget, .. }) => html! {
            (between(*min, *max)) "; the Method of Equal Shares over a budget of "
            (Grouped(*budget)) "."
        },
        Rule::YesNo(YesNo { numerator, denominator, comparison, .. }) => html! {
            "Yes or no; yes is adopted with "
            @match comparison {
                Comparison::AtLeast => "at least ",
                Comparison::MoreThan => "more than ",
            }
            (numerator) "/" (denominator) "."
        },
        Rule::Score(Score { min, max, largest, winners, .. }) => html! {
            (between(*min, *max)) ", each with a score from 1 to " (largest) "; the " (winners)
            " with the best scores win."
        },
        Rule::Points(Points { min, max, points, winners, .. }) => html! {
            (between(*min, *max)) " share " (points) " points; the " (winners)
            " with the most points win."
        },
        Rule::Quadratic(Quadratic { min, max, credits, winners, .. }) => html! {
            (between(*min, *max)) " share " (credits) " credits, where n votes cost n times n; the "
            (winners) " with the most votes win."
        },
        Rule::Borda(Borda { min, max, winners, .. }) => html! {
            (between(*min, *max))
            ", ranked; each earns points by how many are ranked below it, and \
             the " (winners) " with the most points win."
        },
        Rule::InstantRunoff(InstantRunoff { min, max, .. }) => html! {
            (between(*min, *max)) ", ranked; the weakest leaves and its votes go on, until one has \
             more than half."
        },
        Rule::TransferableVote(TransferableVote { min, max, seats, .. }) => html! {
            (between(*min, *max)) ", ranked; a single transferable vote for " (seats) " seats."
        },
        Rule::Schulze(Schulze { min, max, winners, .. }) => html! {
            (between(*min, *max)) ", ranked; the first " (winners) " of the order by pairwise \
             contests (Schulze) win."
        },
    }
}

fn between(min: u64, max: u64) -> Markup {
    html! {
        @if min == max { "Exactly " (max) } @else { (min) " to " (max) }
        @if max == 1 { " option" } @else { " options" }
    }
}

/// Whether costs are said.
fn has_costs(question: &Question) -> bool {
    question.options.iter().any(|option| option.cost > 0)
}

fn options(question: &Question) -> Markup {
    html! {
        ol.options {
            @for option in &question.options {
                li {
                    // A label written from right to left must not turn the cost around.
                    bdi { (option.label) }
                    @if has_costs(question) { " " span.soft { (Grouped(option.cost)) } }
                }
            }
        }
    }
}

fn outcome(question: &Question, result: &QuestionResult) -> Markup {
    let most = result.outcome.iter().map(|option| option.votes).max().unwrap_or_default();
    html! {
        table.outcome {
            thead {
                tr {
                    th scope="col" { "Option" }
                    @if has_costs(question) { th.number scope="col" { "Cost" } }
                    th.number scope="col" { "Votes" }
                    th scope="col" { "Outcome" }
                }
            }
            tbody {
                @for (option, count) in question.options.iter().zip(&result.outcome) {
                    tr {
                        th scope="row" {
                            (option.label)
                            @if count.votes > 0 {
                                // Only a picture of the number beside it.
                                @let width = count.votes.saturating_mul(100) / most.max(1);
                                div.bar aria-hidden="true" style={ "width:" (width) "%" } {}
                            }
                        }
                        @if has_costs(question) { td.number { (Grouped(option.cost)) } }
                        td.number { (Grouped(count.votes)) }
                        td { @if count.selected { strong { "selected" } } }
                    }
                }
            }
        }
        @if result.blank > 0 { p.soft { (Grouped(result.blank)) " chose none." } }
    }
}

fn electorate_section(definition: &Definition) -> Markup {
    html! {
        section aria-labelledby="voters" {
            h2 id="voters" { "Who votes" }
            dl {
                dt { "Rolls" }
                dd { @for roll in &definition.rolls { code { (roll) } br; } }
                @if !definition.districts.is_empty() {
                    dt { "Districts" }
                    dd { (definition.districts.join(", ")) }
                }
                dt { "Changing one's mind" }
                dd {
                    @match definition.revote {
                        Revote::First => { "The first ballot of a voter counts." }
                        Revote::Last { .. } => { "The last ballot of a voter counts." }
                    }
                }
                @if definition.quorum.numerator > 0 {
                    dt { "Quorum" }
                    dd { (definition.quorum.numerator) "/" (definition.quorum.denominator) }
                }
                dt { "Secrecy" }
                dd { (secrecy_in_words(definition)) }
                @if let Some(issuance) = &definition.issuance {
                    dt { "Issuers" }
                    dd {
                        @for issuer in &issuance.issuers { bdi { (issuer.label) } br; }
                        "Each of them signs for every credential."
                    }
                }
                @if !definition.trustees.members.is_empty() {
                    dt { "Trustees" }
                    dd {
                        @for trustee in &definition.trustees.members {
                            bdi { (trustee.label) } br;
                        }
                        "Any " (definition.trustees.threshold) " of them open the ballots, and no \
                         fewer."
                    }
                }
            }
        }
    }
}

/// What becomes public of a ballot, and when.
fn secrecy_in_words(definition: &Definition) -> &'static str {
    // SEAL-7: whoever casts must know this before.
    match (definition.is_anonymous(), definition.is_sealed()) {
        (false, false) => {
            "Named and open: each ballot can be read by anyone, with its voter's key."
        }
        (false, true) => {
            "Named and sealed: nobody can read a ballot before the close. After it every ballot \
             becomes public, with its voter's key: who voted how can then be read by anyone."
        }
        (true, false) => {
            "Anonymous and open: each ballot can be read by anyone at once, and carries no name. \
             The log does not tell whose it is."
        }
        (true, true) => {
            "Anonymous and sealed: nobody can read a ballot before the close. After it every \
             ballot becomes public, without a name. The log does not tell whose it is."
        }
    }
}

fn credentials_section(poll: &PollView) -> Markup {
    html! {
        @if poll.definition.is_anonymous() && !poll.districts.is_empty() {
            section aria-labelledby="credentials" {
                h2 id="credentials" { "Credentials" }
                table {
                    thead {
                        tr {
                            th scope="col" { "District" }
                            th.number scope="col" { "Voters" }
                            th.number scope="col" { "Asked" }
                            th.number scope="col" { "Issued" }
                            th.number scope="col" { "Voted" }
                        }
                    }
                    tbody {
                        @for district in &poll.districts {
                            tr {
                                th scope="row" { (district.code) }
                                td.number { (Grouped(district.eligible)) }
                                td.number { (Grouped(district.counts.requested)) }
                                td.number { (Grouped(district.counts.issued)) }
                                td.number { (Grouped(district.counts.voted)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn trustees_section(poll: &PollView) -> Markup {
    html! {
        @if let Some(ceremony) = &poll.ceremony {
            section aria-labelledby="trustees" {
                h2 id="trustees" { "Trustees" }
                p { (stage_in_words(ceremony.stage())) }
                @let threshold = poll.definition.trustees.threshold;
                @if !matches!(poll.phase, Phase::Announced | Phase::Begun | Phase::Open) {
                    p {
                        (ceremony.shared().count()) " of the " (threshold)
                        " shares stand that open the ballots."
                    }
                }
                @for (number, index, why) in ceremony.excluded() {
                    @let label = poll.definition.trustees.get(*index).map(|one| &one.label);
                    p.soft {
                        @if let Some(label) = label { bdi { (label) } " " }
                        "takes no part after ceremony " (number) ": "
                        @match why {
                            Exclusion::WrongShare => { "it dealt a wrong share." }
                            Exclusion::FalseComplaint => { "it complained of a right share." }
                            Exclusion::Silent => { "two officers found it silent." }
                        }
                    }
                }
            }
        }
    }
}

const fn stage_in_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Joining => "The trustees join the ceremony that makes the key of this poll.",
        Stage::Dealing => "The trustees deal the shares of the key of this poll.",
        Stage::Confirming => "The trustees check their shares of the key of this poll.",
        Stage::Complete => "The trustees have made the key of this poll, and none of them has it.",
        Stage::Failed => "Too few trustees are left to make a key: this poll cannot be held.",
    }
}

fn record_section(poll: &PollView) -> Markup {
    html! {
        section aria-labelledby="record" {
            h2 id="record" { "Record" }
            table {
                thead {
                    tr {
                        th scope="col" { "Act of two officers" }
                        th.number scope="col" { "Entry" }
                    }
                }
                tbody {
                    @for entry in &poll.phases {
                        tr {
                            th scope="row" {
                                (entry.kind.name()) br;
                                code.soft { (entry.leaf) }
                            }
                            td.number { (entry.index) }
                        }
                    }
                }
            }
            p {
                (Grouped(poll.head.size)) " entries below the signed "
                a href={ "/" (poll.path) "/checkpoint" } { "checkpoint" } "; "
                a href={ "/api/v1/polls/" (name_of(&poll.path)) } { "the same as JSON" } "."
            }
        }
    }
}

fn check_section(base: &str, id: &str) -> Markup {
    html! {
        section aria-labelledby="check" {
            h2 id="check" { "Check it yourself" }
            (page::recount_command(base, id))
        }
    }
}
