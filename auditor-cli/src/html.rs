//! The report as a page that anyone can read: one file, nothing loaded from elsewhere.
//!
//! Every text from a log is escaped by construction and made visible by [`crate::words`]. Words and
//! numbers stand beside each drawing, and no colour says anything that they do not. Not here:
//! drawings ([`chart`]) and the parts of the page ([`parts`], [`results`], [`shares`],
//! [`credentials`], [`trustees`], [`checks`]).

mod chart;
mod checks;
mod count_steps;
mod credentials;
mod parts;
mod results;
mod shares;
mod trustees;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use veche_protocol::audit::{Recount, Verdict};

use crate::words::{self, visible};

/// The look of the page: light or dark as the reader's screen is, and fit for paper.
const STYLE: &str = include_str!("html/style.css");

/// The page.
pub fn page(recount: &Recount) -> String {
    let title = title(recount);
    // What makes a poll unsound is said before what it came to.
    let is_sound = recount.verdict() == Verdict::Sound;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(concat!("veche-audit ", env!("CARGO_PKG_VERSION")));
                // Nothing is loaded and nothing runs, whatever a text on a log says.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'";
                title { "Recount: " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "To the verdict" }
                (head(recount, &title))
                main id="main" {
                    (verdict(recount))
                    @if !is_sound { (checks::findings(recount)) }
                    (parts::figures(recount))
                    (results::results(recount))
                    (parts::turnout(recount))
                    (parts::ballots(recount))
                    (credentials::secrets(recount))
                    (credentials::credentials(recount))
                    (trustees::trustees(recount))
                    (checks::steps(recount))
                    @if is_sound { (checks::findings(recount)) }
                    (checks::evidence(recount))
                    (checks::repeat(recount))
                }
                footer {
                    p {
                        "Made by veche-audit " (env!("CARGO_PKG_VERSION")) " from the public \
                         record alone. Whoever made this page could have changed it: what counts \
                         is that you, or anyone you trust, can repeat it and compare the \
                         transcript."
                    }
                }
            }
        }
    };
    page.into_string()
}

fn title(recount: &Recount) -> String {
    let definition = recount.definition.as_ref();
    definition.map_or_else(|| recount.poll.to_string(), |definition| visible(&definition.title))
}

fn head(recount: &Recount, title: &str) -> Markup {
    html! {
        header {
            p.over {
                @match &recount.city {
                    Some(city) => { (visible(&city.name)) " \u{b7} independent recount" }
                    None => "Independent recount",
                }
            }
            h1 { (title) }
            p.under {
                (recount.poll)
                @if let Some(definition) = &recount.definition {
                    @let schedule = definition.schedule;
                    " \u{b7} " (words::date::spoken_period(schedule.opens_at, schedule.closes_at))
                    " \u{b7} " (words::secrecy::sort(definition))
                }
            }
        }
    }
}

fn verdict(recount: &Recount) -> Markup {
    let verdict = recount.verdict();
    let (class, sign, word) = match verdict {
        Verdict::Sound => ("verdict sound", "\u{2713}", "Sound"),
        Verdict::NotSound(_) => ("verdict unsound", "\u{2717}", "Not sound"),
    };
    html! {
        section class=(class) aria-labelledby="verdict" {
            p.sign aria-hidden="true" { (sign) }
            div {
                h2 id="verdict" { (word)
                    @if let Verdict::NotSound(count) = verdict {
                        ": " (words::counted(count, "finding", "findings"))
                    }
                }
                p { (words::verdict_sentence(verdict)) }
                p { strong { "Evidence: " (recount.evidence) ". " }
                    (words::evidence_sentence(&recount.evidence)) }
                p { (words::phase_sentence(recount)) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
