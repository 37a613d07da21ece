//! From the roll to the count of an anonymous poll: how many could vote, asked, were served, cast
//! and were counted in each district, drawn; and what the gap between served and cast means.
//!
//! Not here: who cast what, which nobody can tell.

use maud::{Markup, html};
use veche_protocol::audit::{DistrictCredentials, Recount};
use veche_protocol::poll::authorities::Issuance;
use veche_protocol::poll::result::PollResult;

use super::chart::bar;
use super::parts::figure;
use crate::margin::Margin;
use crate::words::{grouped, per_cent, plural, secrecy, visible};

/// More districts than these are folded away below their sum.
const MOST_AT_ONCE: usize = 4;

/// How secret the poll is, and what to be wary of; nothing for a poll that is named and open.
pub(super) fn secrets(recount: &Recount) -> Markup {
    let Some(definition) = &recount.definition else { return html! {} };
    if !definition.is_anonymous() && !definition.is_sealed() {
        return html! {};
    }
    let warnings = secrecy::warnings(recount);
    html! {
        section aria-labelledby="secrets" {
            h2 id="secrets" { "What is secret" }
            p { (secrecy::sort_sentence(definition)) }
            @if let (Some(districts), Some(issuance)) =
                (&recount.credentials, &definition.issuance) {
                p { (secrecy::crowd_sentence(issuance, districts)) }
            }
            @if !warnings.is_empty() {
                ul.findings { @for warning in warnings {
                    li.warning { p { strong { "Be wary. " } (warning) } }
                } }
            }
        }
    }
}

/// The credentials of an anonymous poll that has begun.
pub(super) fn credentials(recount: &Recount) -> Markup {
    let issuance = recount.definition.as_ref().and_then(|definition| definition.issuance.as_ref());
    let (Some(districts), Some(issuance)) = (&recount.credentials, issuance) else {
        return html! {};
    };
    let result = recount.result.as_ref();
    html! {
        section aria-labelledby="credentials" {
            h2 id="credentials" { "From the roll to the count" }
            p { "Whoever is on the roll can ask for one credential, under their own name. With it \
                 a ballot is cast under another name, which nobody else knows. So the numbers must \
                 descend, and they do not say who is behind which." }
            @if districts.len() > 1 {
                (funnel(
                    "All districts together",
                    &secrecy::all_together(districts),
                    result.map(|result| result.effective),
                ))
            }
            @if districts.len() > MOST_AT_ONCE {
                details {
                    summary { "Each of the " (grouped(districts.len() as u64)) " districts" }
                    (each(districts, result))
                }
            } @else {
                (each(districts, result))
            }
            (gap(recount, districts, issuance))
        }
    }
}

fn each(districts: &[DistrictCredentials], result: Option<&PollResult>) -> Markup {
    html! {
        @for district in districts {
            @let effective = secrecy::effective_in(result, &district.district);
            (funnel(&format!("District {}", visible(&district.district)), district, effective))
        }
    }
}

/// A district from its roll to its count.
fn funnel(name: &str, district: &DistrictCredentials, effective: Option<u64>) -> Markup {
    let eligible = district.eligible;
    let unused = plural(district.gap(), "was not used", "were not used");
    let stages = [
        ("could vote", Some(eligible), "votes", None),
        ("asked for a credential", Some(district.requested), "votes", None),
        ("were issued one", Some(district.issued), "votes", None),
        // AUDIT-13: the four numbers with the gap.
        ("cast a ballot with it", Some(district.spent), "votes", Some(unused)),
        ("are counted", effective, "votes chosen", None),
    ];
    let stages = stages.into_iter().filter_map(|(stage, number, class, more)| {
        number.map(|number| (stage, number, class, more))
    });
    html! {
        table."bars funnel" {
            caption { (name) }
            thead { tr {
                th scope="col" { "How many" }
                th.number scope="col" { "Voters" }
            } }
            tbody { @for (stage, number, class, more) in stages { tr {
                th scope="row" {
                    span.label {
                        (stage)
                        @if let Some(more) = more { span.aside { " \u{b7} " (more) } }
                    }
                    (bar(number, eligible, class))
                }
                td.number { (grouped(number)) span.soft { (per_cent(number, eligible)) } }
            } } }
        }
    }
}

/// AUDIT-13: what was issued and not used, beside what would have made a difference.
fn gap(recount: &Recount, districts: &[DistrictCredentials], issuance: &Issuance) -> Markup {
    let gap = districts.iter().map(DistrictCredentials::gap).sum();
    let margin = recount.result.as_ref().and_then(Margin::of);
    html! {
        h3 { "The gap" }
        dl.figures {
            (figure(
                if gap == 1 { "unused credential" } else { "unused credentials" },
                &grouped(gap),
                &format!("of {} issued", grouped(secrecy::all_together(districts).issued)),
            ))
            @if let Some(margin) = margin {
                (figure(
                    if margin.votes == 1 { "vote of difference" } else { "votes of difference" },
                    &grouped(margin.votes),
                    "the smallest between an option selected and one that is not",
                ))
            }
        }
        p { (secrecy::issuers_sentence(issuance, gap)) }
        p { (secrecy::ghosts_sentence(recount)) }
        p.soft { (secrecy::margin_sentence(recount)) }
        p.soft {
            "Issued by " (plural(issuance.issuers.len() as u64, "issuer", "issuers")) ": "
            (secrecy::issuer_names(issuance)) "."
        }
    }
}
