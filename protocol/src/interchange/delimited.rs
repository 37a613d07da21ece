//! One line of separated fields with the quoting of CSV (RFC 4180, section 2).
//!
//! In scope: one character between fields, a field in double quotes holding it or doubled quotes,
//! blanks around fields (dropped). Not in scope: line breaks inside quotes; a line is a record.

use thiserror::Error;

/// Most fields on one line: the options of the largest question, and the name of the ballot.
pub(super) const MAX_FIELDS: usize = 1_025;

/// Why a line cannot be split into fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FieldError {
    /// A quoted field has no closing quote on its line.
    #[error("a quoted field is not closed on its line")]
    Unclosed,
    /// Text stands between a closing quote and the next separator.
    #[error("text follows a closing quote")]
    TextAfterQuote,
    /// A quote stands inside a field that does not begin with one.
    #[error("a quote stands inside a field that is not quoted")]
    StrayQuote,
    /// The line has more than 1,025 fields.
    #[error("the line has more than {MAX_FIELDS} fields")]
    TooMany,
}

/// Where a file says what stands between its fields, and what a quote inside a plain one means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Commas; a quote inside a plain field is refused, as RFC 4180 has it.
    Comma,
    /// Semicolons; a quote inside a plain field stands for itself, as the tools that write
    /// Pabulib's files have it.
    Semicolon,
}

impl Dialect {
    const fn separator(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
        }
    }

    /// The fields of a line without its line break.
    pub(super) fn fields(self, line: &str) -> Result<Vec<String>, FieldError> {
        let mut fields = Vec::new();
        let mut rest = Some(line);
        while let Some(text) = rest {
            if fields.len() == MAX_FIELDS {
                return Err(FieldError::TooMany);
            }
            let text = text.trim_start();
            let (field, after) = match text.strip_prefix('"') {
                Some(after) => self.quoted(after)?,
                None => self.plain(text)?,
            };
            fields.push(field);
            rest = after;
        }
        Ok(fields)
    }

    fn plain(self, text: &str) -> Result<Field<'_>, FieldError> {
        let split = text.split_once(self.separator());
        let (field, after) = split.map_or((text, None), |(field, after)| (field, Some(after)));
        if self == Self::Comma && field.contains('"') {
            return Err(FieldError::StrayQuote);
        }
        Ok((field.trim_end().to_owned(), after))
    }

    /// `text` begins after the opening quote.
    fn quoted(self, text: &str) -> Result<Field<'_>, FieldError> {
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
                after => match after.strip_prefix(self.separator()) {
                    Some(after) => Ok((field, Some(after))),
                    None => Err(FieldError::TextAfterQuote),
                },
            };
        }
    }

    /// A line of these fields, each in quotes if it would be read as another without them.
    pub(super) fn line<'f>(self, fields: impl IntoIterator<Item = &'f str>) -> String {
        let mut line = String::new();
        for (place, field) in fields.into_iter().enumerate() {
            if place > 0 {
                line.push(self.separator());
            }
            if field.contains([self.separator(), '"']) || field.trim() != field {
                line.push('"');
                line.push_str(&field.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(field);
            }
        }
        line.push('\n');
        line
    }
}

type Field<'a> = (String, Option<&'a str>);

#[cfg(test)]
mod tests {
    use super::{Dialect, FieldError, MAX_FIELDS};

    #[test]
    fn fields_are_split_unquoted_and_trimmed() {
        let fields = |line| Dialect::Semicolon.fields(line).unwrap();
        assert_eq!(fields("a;b ; c"), ["a", "b", "c"]);
        assert_eq!(fields("1;;x;"), ["1", "", "x", ""]);
        assert_eq!(fields(""), [""]);
        assert_eq!(fields("7;\"a; b\";\"\"\"K\"\" - c\" ;"), ["7", "a; b", "\"K\" - c", ""]);
        assert_eq!(fields("\" kept \""), [" kept "]);
        assert_eq!(fields("3;Park \"Oak\" new"), ["3", "Park \"Oak\" new"]);
        assert_eq!(Dialect::Comma.fields("a;b,c").unwrap(), ["a;b", "c"]);
    }

    #[test]
    fn broken_quoting_is_refused() {
        for dialect in [Dialect::Comma, Dialect::Semicolon] {
            let separator = dialect.separator().to_string();
            let fields = |line: &str| dialect.fields(&line.replace(';', &separator));
            assert_eq!(fields("a;\"b"), Err(FieldError::Unclosed));
            assert_eq!(fields("\"a\"b;c"), Err(FieldError::TextAfterQuote));
            assert_eq!(fields(&";".repeat(MAX_FIELDS)), Err(FieldError::TooMany));
            assert_eq!(fields(&";".repeat(MAX_FIELDS - 1)).unwrap().len(), MAX_FIELDS);
        }
        assert_eq!(Dialect::Comma.fields("a\"b\",c"), Err(FieldError::StrayQuote));
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let fields = ["plain", "", " blanks ", "\"quoted\"", "semi;colon", "com,ma", "in\"side"];
        for dialect in [Dialect::Comma, Dialect::Semicolon] {
            assert_eq!(dialect.fields(dialect.line(fields).trim_end()).unwrap(), fields);
        }
    }
}
