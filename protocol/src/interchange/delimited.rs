//! One line of semicolon-separated fields with the quoting of CSV (RFC 4180, section 2).
//!
//! In scope: `;` between fields, a field in double quotes holding `;` or doubled quotes, blanks
//! around fields (dropped). Not in scope: line breaks inside quotes; a line is a record.

use thiserror::Error;

/// Most fields on one line. Files in the field have below 20; this only bounds what is allocated.
pub(super) const MAX_FIELDS: usize = 256;

/// Why a line cannot be split into fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FieldError {
    /// A quoted field has no closing quote on its line.
    #[error("a quoted field is not closed on its line")]
    Unclosed,
    /// Text stands between a closing quote and the next semicolon.
    #[error("text follows a closing quote")]
    TextAfterQuote,
    /// A quote stands inside a field that does not begin with one.
    #[error("a quote stands inside a field that is not quoted")]
    StrayQuote,
    /// The line has more than 256 fields.
    #[error("the line has more than {MAX_FIELDS} fields")]
    TooMany,
}

/// The fields of a line without its line break.
pub(super) fn fields(line: &str) -> Result<Vec<String>, FieldError> {
    let mut fields = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest {
        if fields.len() == MAX_FIELDS {
            return Err(FieldError::TooMany);
        }
        let text = text.trim_start();
        let (field, after) = text.strip_prefix('"').map_or_else(|| plain(text), quoted)?;
        fields.push(field);
        rest = after;
    }
    Ok(fields)
}

type Field<'a> = (String, Option<&'a str>);

fn plain(text: &str) -> Result<Field<'_>, FieldError> {
    let (field, after) =
        text.split_once(';').map_or((text, None), |(field, after)| (field, Some(after)));
    if field.contains('"') {
        return Err(FieldError::StrayQuote);
    }
    Ok((field.trim_end().to_owned(), after))
}

/// `text` begins after the opening quote.
fn quoted(text: &str) -> Result<Field<'_>, FieldError> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"').ok_or(FieldError::Unclosed)?;
        field.push_str(before);
        if let Some(after) = after.strip_prefix('"') {
            field.push('"');
            rest = after;
            continue;
        }
        return match after.trim_start() {
            "" => Ok((field, None)),
            after => match after.strip_prefix(';') {
                Some(after) => Ok((field, Some(after))),
                None => Err(FieldError::TextAfterQuote),
            },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldError, MAX_FIELDS, fields};

    #[test]
    fn fields_are_split_unquoted_and_trimmed() {
        assert_eq!(fields("a;b ; c").unwrap(), ["a", "b", "c"]);
        assert_eq!(fields("1;;x;").unwrap(), ["1", "", "x", ""]);
        assert_eq!(fields("").unwrap(), [""]);
        assert_eq!(
            fields("7;\"a; b\";\"\"\"K\"\" - c\" ;").unwrap(),
            ["7", "a; b", "\"K\" - c", ""]
        );
        assert_eq!(fields("\" kept \"").unwrap(), [" kept "]);
    }

    #[test]
    fn broken_quoting_is_refused() {
        assert_eq!(fields("a;\"b"), Err(FieldError::Unclosed));
        assert_eq!(fields("\"a\"b;c"), Err(FieldError::TextAfterQuote));
        assert_eq!(fields("a\"b\";c"), Err(FieldError::StrayQuote));
        assert_eq!(fields(&";".repeat(MAX_FIELDS)), Err(FieldError::TooMany));
        assert_eq!(fields(&";".repeat(MAX_FIELDS - 1)).unwrap().len(), MAX_FIELDS);
    }
}
