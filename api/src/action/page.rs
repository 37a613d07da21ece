//! What the pages for people have in common: the frame, the style, what a browser may do with them.
//!
//! HTML without scripts or anything from elsewhere. Not here: what the pages say.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use veche_engine::PollView;
use veche_protocol::poll::phase::Phase;

use crate::view::time::Utc;

const STYLE: &str = include_str!("page.css");

/// Nothing but the page itself and its own style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// The page with this title, head and body.
pub(super) fn answer(title: &str, head: &Markup, main: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (head) }
                main { (main) }
                footer {
                    p {
                        "Every result here is computed from a public log that nobody can change \
                         unseen. " a href="/api/v1/openapi.json" { "The interface" } " is open to \
                         everyone."
                    }
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, page.into_string()).into_response()
}

/// Where a poll stands, in one line.
pub(super) fn standing(poll: &PollView) -> Markup {
    let schedule = &poll.definition.schedule;
    let time = |seconds| {
        let time = Utc(seconds);
        html! { time datetime=(time.machine()) { (time) } }
    };
    let eligible: u64 = poll.districts.iter().map(|district| district.eligible).sum();
    let requested: u64 = poll.districts.iter().map(|district| district.counts.requested).sum();
    html! {
        @match poll.phase {
            Phase::Unannounced | Phase::Announced | Phase::Begun => {
                "Opens " (time(schedule.opens_at))
            }
            Phase::Open => { "Closes " (time(schedule.closes_at)) }
            Phase::Closed if poll.ceremony.as_ref().is_some_and(|fold| !fold.can_open()) => {
                "Closed, the ballots not yet opened"
            }
            Phase::Closed => { "Closed, not yet certified" }
            Phase::Certified => { "Certified" }
            Phase::Cancelled => { "Cancelled" }
        }
        @if poll.open.is_some() {
            " · " (Grouped(poll.voted)) " of " (Grouped(eligible)) " have voted"
        } @else if poll.phase == Phase::Begun {
            " · " (Grouped(requested)) " of " (Grouped(eligible)) " have asked for a credential"
        }
    }
}

/// A number with its digits in groups of three.
pub(super) struct Grouped(pub(super) u64);

impl maud::Render for Grouped {
    fn render_to(&self, out: &mut String) {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                // A thin space that no line breaks at.
                out.push('\u{202f}');
            }
            out.push(digit);
        }
    }
}

/// What an observer types, with this server's address.
pub(super) fn recount_command(base: &str, poll: &str) -> Markup {
    html! { pre tabindex="0" { code { "veche-audit recount " (base) " --poll " (poll) } } }
}

#[cfg(test)]
mod tests {
    use maud::Render as _;

    use super::*;

    #[test]
    fn digits_come_in_threes() {
        let shown = |number| Grouped(number).render().into_string().replace('\u{202f}', " ");
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1 000"), (12_345_678, "12 345 678")]
        {
            assert_eq!(shown(number), text);
        }
    }
}
