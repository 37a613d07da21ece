//! The first page: which city this is, which polls are open, where the logs are, how to check them.
//!
//! One page of HTML without scripts or anything from elsewhere. Not here: voting and looking
//! around, for which there are tools.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use veche_engine::{LogView, PollView};
use veche_protocol::poll::phase::Phase;
use veche_protocol::register::fold::RegisterFold;

use crate::app::Shared;
use crate::view::name_of;
use crate::view::time::Utc;

const STYLE: &str = include_str!("landing.css");

/// Nothing but the page itself and its own style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// Most polls and logs that are listed; the interface lists all of them.
const MOST_LISTED: usize = 100;

/// `GET /`.
pub(crate) async fn show(State(app): State<Shared>) -> Response {
    let register = app.engine.register();
    let polls = app.engine.polls();
    let logs = app.engine.logs();
    let base = app.public_url.as_deref().unwrap_or("https://<this server>");
    let page = page(&register, &polls, &logs, base.trim_end_matches('/'));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, page.into_string()).into_response()
}

fn page(register: &RegisterFold, polls: &[PollView], logs: &[LogView], base: &str) -> Markup {
    let genesis = register.genesis();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Votes of " (genesis.city) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.eyebrow { "Public record of votes" }
                    h1 { (genesis.city) }
                    p.domain { (genesis.domain) }
                }
                main {
                    (polls_section(polls))
                    (identity_section(register))
                    (logs_section(logs))
                    (check_section(base, &genesis.domain))
                }
                footer {
                    p {
                        "Every result here is computed from a public log that nobody can change \
                         unseen. " a href="/api/v1/openapi.json" { "The interface" } " is open to \
                         everyone."
                    }
                }
            }
        }
    }
}

fn polls_section(polls: &[PollView]) -> Markup {
    let of = |phase| polls.iter().filter(move |poll| poll.phase == phase).take(MOST_LISTED);
    let ended = polls
        .iter()
        .filter(|poll| !matches!(poll.phase, Phase::Open | Phase::Announced))
        .take(MOST_LISTED);
    html! {
        section aria-labelledby="polls" {
            h2 id="polls" { "Open polls" }
            ul.polls {
                @for poll in of(Phase::Open) { (poll_item(poll)) }
            }
            @if of(Phase::Open).next().is_none() { p.none { "No poll is open at the moment." } }
            @if of(Phase::Announced).next().is_some() {
                h3 { "Announced" }
                ul.polls {
                    @for poll in of(Phase::Announced) { (poll_item(poll)) }
                }
            }
            @if ended.clone().next().is_some() {
                h3 { "Ended" }
                ul.polls {
                    @for poll in ended { (ended_item(poll)) }
                }
            }
        }
    }
}

fn poll_item(poll: &PollView) -> Markup {
    let id = name_of(&poll.path);
    let schedule = &poll.definition.schedule;
    let (word, time) = match poll.phase {
        Phase::Announced => ("Opens ", Utc(schedule.opens_at)),
        _ => ("Closes ", Utc(schedule.closes_at)),
    };
    html! {
        li {
            a.title href=(format!("/api/v1/polls/{id}")) { (poll.definition.title) }
            p {
                (word) time datetime=(time.machine()) { (time) }
                @if poll.phase == Phase::Open {
                    @let eligible = poll.open.as_ref().map_or(0, |open| open.electorate().len());
                    " · " (poll.voted) " of " (eligible) " have voted"
                }
            }
        }
    }
}

fn ended_item(poll: &PollView) -> Markup {
    let id = name_of(&poll.path);
    html! {
        li {
            a.title href=(format!("/api/v1/polls/{id}/result")) { (poll.definition.title) }
            p { (poll.phase.name()) " · " (poll.voted) " have voted" }
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

fn logs_section(logs: &[LogView]) -> Markup {
    html! {
        section aria-labelledby="logs" {
            h2 id="logs" { "Logs" }
            table {
                thead {
                    tr {
                        th scope="col" { "Log" }
                        th scope="col" { "Entries" }
                        th scope="col" { "Signed head" }
                    }
                }
                tbody {
                    @for log in logs.iter().take(MOST_LISTED) {
                        tr {
                            th scope="row" { (log.path) }
                            td.number { (log.head.size) }
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
            pre tabindex="0" { code { "veche-audit recount " (base) " --poll <id>" } }
            p {
                "Keep the receipt that you were given for your ballot: it proves, to anyone and \
                 without a network, that " (domain) " took it in. The files follow the C2SP \
                 formats " code { "tlog-tiles" } " and " code { "tlog-proof" } ", so other tools \
                 for transparency logs read them as well."
            }
        }
    }
}
