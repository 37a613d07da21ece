//! The first page: which city this is, which polls there are, where the logs are, how to check.
//!
//! Not here: voting and looking around, for which there are tools.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use veche_engine::{LogView, PollView};
use veche_protocol::poll::phase::Phase;
use veche_protocol::register::fold::RegisterFold;

use super::page::{self, Grouped};
use crate::app::Shared;
use crate::view::name_of;
use crate::witnessing::Summary;

/// Most polls of a kind, and logs, that are listed; the interface lists all of them.
const MOST_LISTED: usize = 100;

/// `GET /`.
pub(crate) async fn show(State(app): State<Shared>) -> Response {
    let register = app.engine.register();
    let genesis = register.genesis();
    let head = html! {
        p.eyebrow { "Public record of votes" }
        h1 { (genesis.city) }
        p.soft { (genesis.domain) }
    };
    let main = html! {
        (polls_section(&app.engine.polls()))
        (identity_section(&register))
        @if let Some(status) = &app.witnessing { (witness_section(&status.summary())) }
        (logs_section(&app.engine.logs()))
        (check_section(app.base(), &genesis.domain))
    };
    page::answer(&format!("Votes of {}", genesis.city), &head, &main)
}

fn polls_section(polls: &[PollView]) -> Markup {
    let of = |phases: &[Phase]| -> Vec<&PollView> {
        polls.iter().filter(|poll| phases.contains(&poll.phase)).collect()
    };
    let mut open = of(&[Phase::Open]);
    open.sort_by_key(|poll| poll.definition.schedule.closes_at);
    let mut announced = of(&[Phase::Announced, Phase::Begun]);
    announced.sort_by_key(|poll| poll.definition.schedule.opens_at);
    let mut ended = of(&[Phase::Closed, Phase::Certified, Phase::Cancelled]);
    // The latest first.
    ended.sort_by_key(|poll| core::cmp::Reverse(poll.definition.schedule.closes_at));
    html! {
        section aria-labelledby="polls" {
            h2 id="polls" { "Polls" }
            h3 { "Open" }
            @if open.is_empty() { p.soft { "No poll is open at the moment." } }
            (list(&open))
            @if !announced.is_empty() { h3 { "Announced" } (list(&announced)) }
            @if !ended.is_empty() { h3 { "Ended" } (list(&ended)) }
        }
    }
}

fn list(polls: &[&PollView]) -> Markup {
    html! {
        ul.polls {
            @for poll in polls.iter().take(MOST_LISTED) {
                li {
                    a.title href={ "/polls/" (name_of(&poll.path)) } { (poll.definition.title) }
                    p { (page::standing(poll)) }
                }
            }
        }
        @if polls.len() > MOST_LISTED {
            p { "and " a href="/api/v1/polls" { (polls.len() - MOST_LISTED) " more" } }
        }
    }
}

fn identity_section(register: &RegisterFold) -> Markup {
    html! {
        section aria-labelledby="identity" {
            h2 id="identity" { "Identity of this city" }
            p {
                "Compare these two lines with what the city has published elsewhere, in print or \
                 by another office. Everything else is checked against them."
            }
            dl {
                dt { "Instance" }
                dd { code { (register.instance()) } }
                dt { "Register" }
                dd { code { (register.verifier()) } }
            }
        }
    }
}

fn witness_section(summary: &Summary) -> Markup {
    html! {
        section aria-labelledby="witnesses" {
            h2 id="witnesses" { "Witnesses" }
            p {
                "Before a head of a log is public, independent witnesses are asked whether it \
                 extends all that they have seen. Your own policy decides whom you believe."
            }
            // PUBLISH-4: a missing quorum is told where people look.
            p { strong { (summary.sentence()) } "." }
            ul {
                @for witness in &summary.witnesses {
                    li {
                        (witness.name) ": "
                        @match &witness.failure {
                            None => "cosigns",
                            Some(failure) => (failure),
                        }
                    }
                }
            }
        }
    }
}

fn logs_section(logs: &[LogView]) -> Markup {
    html! {
        section aria-labelledby="logs" {
            h2 id="logs" { "Logs" }
            table {
                thead {
                    tr {
                        th scope="col" { "Log" }
                        th.number scope="col" { "Entries" }
                        th scope="col" { "Signed head" }
                    }
                }
                tbody {
                    @for log in logs.iter().take(MOST_LISTED) {
                        tr {
                            th scope="row" { (log.path) }
                            td.number { (Grouped(log.head.size)) }
                            td {
                                a href={ "/" (log.path) "/checkpoint" }
                                    aria-label={ "checkpoint of " (log.path) } { "checkpoint" }
                            }
                        }
                    }
                }
            }
            @if logs.len() > MOST_LISTED {
                p { a href="/api/v1/logs" { "All " (logs.len()) " logs" } }
            }
        }
    }
}

fn check_section(base: &str, domain: &str) -> Markup {
    html! {
        section aria-labelledby="check" {
            h2 id="check" { "Check it yourself" }
            p {
                "Anyone can recount every poll, from the public files alone. The program reads the \
                 logs, checks every signature and every ballot, counts, and compares:"
            }
            (page::recount_command(base, "<id>"))
            p {
                "Keep the receipt that you were given for your ballot: it proves, to anyone and \
                 without a network, that " (domain) " took it in. The files follow the C2SP \
                 formats " code { "tlog-tiles" } " and " code { "tlog-proof" } ", so other tools \
                 for transparency logs read them as well."
            }
        }
    }
}
