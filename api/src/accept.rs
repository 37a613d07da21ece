//! Which of the two forms of a receipt a client asks for (RFC 9110, section 12.5.1).
//!
//! Not here: the other answers, of which each has one form only.

use axum::http::{HeaderMap, header};

use crate::problem::{Own, Problem};

/// A form in which a receipt is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The receipt itself, `text/plain`.
    Text,
    /// An object that holds it, `application/json`.
    Json,
}

impl Form {
    /// Both, the one that is given where nothing decides first.
    const ALL: [Self; 2] = [Self::Text, Self::Json];

    const fn type_and_subtype(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text", "plain"),
            Self::Json => ("application", "json"),
        }
    }

    /// The form that these headers ask for.
    pub(crate) fn asked(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut accepts = headers.get_all(header::ACCEPT).iter().peekable();
        if accepts.peek().is_none() {
            return Ok(Self::Text);
        }
        let mut quality = [None; 2];
        for value in accepts {
            // RFC 9110, section 5.5: what is not ASCII names no type that we have.
            for range in value.to_str().unwrap_or_default().split(',') {
                for (form, best) in Self::ALL.into_iter().zip(&mut quality) {
                    *best = (*best).max(form.matched(range));
                }
            }
        }
        let acceptable = |best: Option<Match>| best.map_or(0, |found| found.quality);
        match quality.map(acceptable) {
            // API-3: nothing that can be given is asked for.
            [0, 0] => Err(Problem::new(
                Own::NotAcceptable,
                "a receipt is given as text/plain or application/json",
            )),
            [text, json] if text >= json => Ok(Self::Text),
            _ => Ok(Self::Json),
        }
    }

    /// How well one media range of an `Accept` matches this form, if it does.
    fn matched(self, range: &str) -> Option<Match> {
        let mut parts = range.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let (own_kind, own_subtype) = self.type_and_subtype();
        let specificity = match (kind, subtype) {
            ("*", "*") => 0,
            (kind, "*") if kind.eq_ignore_ascii_case(own_kind) => 1,
            (kind, subtype)
                if kind.eq_ignore_ascii_case(own_kind)
                    && subtype.eq_ignore_ascii_case(own_subtype) =>
            {
                2
            }
            _ => return None,
        };
        let quality = parts.find_map(quality_of).unwrap_or(FULL_QUALITY);
        Some(Match { specificity, quality })
    }
}

/// `q=1`, in thousandths.
const FULL_QUALITY: u16 = 1_000;

/// A range that matches; the more specific one decides, then the greater quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    specificity: u8,
    /// In thousandths; 0 is "not this".
    quality: u16,
}

/// The weight in a parameter `q=0.5`; a weight that cannot be read is 0.
fn quality_of(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = format!("{fraction:0<3}").parse().ok().filter(|_| digits);
    match (whole, thousandths) {
        ("0", Some(thousandths)) => Some(thousandths),
        ("1", Some(0)) => Some(FULL_QUALITY),
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asked(accept: &[&'static str]) -> Option<Form> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, HeaderValue::from_static(value));
        }
        Form::asked(&headers).ok()
    }

    #[test]
    fn the_better_of_two_is_given() {
        // API-3: text where nothing decides, JSON where it is preferred.
        for (accept, form) in [
            (&[][..], Form::Text),
            (&["*/*"], Form::Text),
            (&["text/plain"], Form::Text),
            (&["TEXT/Plain;charset=utf-8"], Form::Text),
            (&["application/json"], Form::Json),
            (&["application/json", "text/plain"], Form::Text),
            (&["application/json, text/plain;q=0.9"], Form::Json),
            (&["text/*;q=0.3, application/*;q=0.301"], Form::Json),
            (&["text/html, application/xhtml+xml, */*;q=0.8"], Form::Text),
            (&["*/*, text/plain;q=0"], Form::Json),
        ] {
            assert_eq!(asked(accept), Some(form), "{accept:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_acceptable() {
        // API-3: refused before the entry is judged.
        for accept in ["image/png", "", "text", "text/plain;q=0", "text/plain;q=2", "*/*;q=x"] {
            assert_eq!(asked(&[accept]), None, "{accept:?}");
        }
        assert_eq!(asked(&["\u{7f}".trim_matches('\u{7f}')]), None);
    }
}
