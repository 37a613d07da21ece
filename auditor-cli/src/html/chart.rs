//! Bars, drawn in SVG inside the page. The numbers stand in them as text, and in a table beside.

use maud::{Markup, html};

use crate::words::grouped;

/// Width of a drawing, in its own units; the page scales it.
const WIDTH: u64 = 720;
/// Height of one row: a line of text above a bar.
const ROW: u64 = 46;
/// Height of a bar.
const BAR: u64 = 14;
/// Room for a number at the right end of a bar.
const FIGURE: u64 = 90;
/// Longest label that is drawn, in characters: about 9 units each in 15 px.
const LABEL: usize = 62;

/// One bar.
pub(super) struct Bar {
    /// What it stands for.
    pub(super) label: String,
    /// How long it is.
    pub(super) value: u64,
    /// What is marked about it, in words; a marked bar is of the strong colour too.
    pub(super) mark: Option<&'static str>,
}

/// Bars below each other, as parts of `whole`. `name` is what a reader of screens hears first.
pub(super) fn bars(name: &str, bars: &[Bar], whole: u64) -> Markup {
    let height = ROW * bars.len() as u64;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(name) {
            @for (bar, place) in bars.iter().zip(0..) {
                (row(bar, place * ROW, whole))
            }
        }
    }
}

fn row(bar: &Bar, top: u64, whole: u64) -> Markup {
    let room = WIDTH - FIGURE;
    let length = length(bar.value, whole, room);
    let class = if bar.mark.is_some() { "chosen" } else { "bar" };
    let middle = top + 22 + BAR - 2;
    html! {
        text x="0" y=(top + 15) { (shortened(&bar.label)) }
        @if let Some(mark) = bar.mark {
            text.note x=(room) y=(top + 15) text-anchor="end" { "\u{2713} " (mark) }
        }
        rect.track x="0" y=(top + 22) width=(room) height=(BAR) rx="3" {}
        rect class=(class) x="0" y=(top + 22) width=(length) height=(BAR) rx="3" {}
        text.figure x=(WIDTH) y=(middle) text-anchor="end" { (grouped(bar.value)) }
    }
}

/// A value above nothing is always seen.
fn length(value: u64, whole: u64, room: u64) -> u64 {
    if value == 0 || whole == 0 {
        return 0;
    }
    let length = u128::from(value) * u128::from(room) / u128::from(whole);
    u64::try_from(length).unwrap_or(room).clamp(2, room)
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL {
        return label.to_owned();
    }
    label.chars().take(LABEL - 1).chain(['\u{2026}']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        assert_eq!(length(0, 10, 600), 0);
        assert_eq!(length(1, 1_000_000, 600), 2, "a vote is always seen");
        assert_eq!(length(5, 10, 600), 300);
        assert_eq!(length(u64::MAX, u64::MAX, 600), 600);
        assert_eq!(length(11, 10, 600), 600);
        assert_eq!(length(1, 0, 600), 0);
    }

    #[test]
    fn long_labels_end_in_an_ellipsis() {
        let long = shortened(&"ä".repeat(200));
        assert_eq!(long.chars().count(), LABEL);
        assert!(long.ends_with('…'));
        assert_eq!(shortened("short"), "short");
    }
}
