//! The trustees of a sealed poll: who made the key, who was excluded and why, whose shares stand.
//!
//! Not here: the ballots that did not open ([`super::parts`]).

use maud::{Markup, html};
use veche_protocol::audit::Recount;

use crate::words::trustees::{self, Seat, Shared};

/// Every trustee with its part; nothing for a poll that is not sealed.
pub(super) fn trustees(recount: &Recount) -> Markup {
    let (Some(report), Some(definition)) = (&recount.trustees, &recount.definition) else {
        return html! {};
    };
    html! {
        section aria-labelledby="trustees" {
            h2 id="trustees" { "Who could open the ballots" }
            p { (trustees::ceremony_sentence(report, &definition.trustees)) }
            @if let Some(waiting) = trustees::waiting_sentence(recount) {
                p { strong { (waiting) } }
            }
            table {
                thead { tr {
                    th scope="col" { "Trustee and its part" }
                    th.share scope="col" { "Share of the key" }
                } }
                tbody { @for Seat { label, part, share } in trustees::seats(recount) { tr {
                    th scope="row" { span.label { (label) } span.soft { (part) } }
                    td.share { @match share {
                        Some(share @ Shared::Stands) => strong.mark {
                            "\u{2713} " (share.words())
                        },
                        Some(share @ Shared::Missing) => { (share.words()) }
                        None => "\u{2013}",
                    } }
                } } }
            }
        }
    }
}
