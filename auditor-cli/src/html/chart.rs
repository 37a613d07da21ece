//! What is drawn: bars beside numbers, and the budget as one strip.
//!
//! A bar stands in the table row whose number it draws and is hidden from readers of screens, who
//! hear the number. Lengths are per mille of the page's own width, so a drawing fits any screen.

use maud::{Markup, html};

/// A bar as long as `value` is of `whole`.
pub(super) fn bar(value: u64, whole: u64, class: &str) -> Markup {
    let length = per_mille(value, whole);
    let width = format!("width:{}.{}%", length / 10, length % 10);
    html! {
        span.track aria-hidden="true" {
            @if length > 0 { span class=(class) style=(width) {} }
        }
    }
}

/// One part of a strip.
pub(super) struct Part {
    /// What it stands for; shown where a pointer rests on it.
    pub(super) label: String,
    /// How much of the whole it is.
    pub(super) value: u64,
}

/// Parts of a whole beside each other, what is left of it at the end. `name` is what a reader of
/// screens hears.
pub(super) fn strip(name: &str, parts: &[Part], whole: u64) -> Markup {
    let mut before = 0_u64;
    let places = parts.iter().map(|part| {
        let start = per_mille(before, whole);
        before = before.saturating_add(part.value);
        (part, start, per_mille(before, whole))
    });
    html! {
        svg.strip viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label=(name) {
            rect.rest x="0" y="0" width="1000" height="100" {}
            @for (number, (part, start, end)) in places.enumerate() {
                @let class = if number % 2 == 0 { "even" } else { "odd" };
                rect class=(class) x=(start) y="0" width=((end - start).max(1)) height="100" {
                    title { (part.label) }
                }
            }
        }
    }
}

/// `value` of `whole` in thousandths; a value above nothing is always seen.
fn per_mille(value: u64, whole: u64) -> u64 {
    if value == 0 || whole == 0 {
        return 0;
    }
    let length = u128::from(value) * 1_000 / u128::from(whole);
    u64::try_from(length).unwrap_or(1_000).clamp(1, 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        assert_eq!(per_mille(0, 10), 0);
        assert_eq!(per_mille(1, 1_000_000), 1, "a vote is always seen");
        assert_eq!(per_mille(5, 10), 500);
        assert_eq!(per_mille(u64::MAX, u64::MAX), 1_000);
        assert_eq!(per_mille(11, 10), 1_000);
        assert_eq!(per_mille(1, 0), 0);
        assert!(bar(123, 1_000, "votes").into_string().contains("width:12.3%"));
    }

    #[test]
    fn a_strip_is_cut_where_its_parts_end() {
        let part = |value| Part { label: "<b>".to_owned(), value };
        let strip = strip("Budget", &[part(250), part(500)], 1_000).into_string();
        assert!(strip.contains("x=\"0\" y=\"0\" width=\"250\""));
        assert!(strip.contains("x=\"250\" y=\"0\" width=\"500\""));
        assert!(strip.contains("&lt;b&gt;") && !strip.contains("<b>"));
    }
}
