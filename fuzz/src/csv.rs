//! Tables of ballots: what was read is written, and read as the same again.

use veche_protocol::interchange::csv::parse;

/// The bytes are a table.
pub fn holds(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match parse(text) {
        Err(error) => {
            let lines = text.lines().count() + 1;
            assert!((1..=lines).contains(&error.line), "{error}: the file has {lines} lines");
        }
        Ok(file) => {
            file.profile().check().expect("selections are of the form of the table");
            // A carriage return inside a line would break one.
            let Ok(written) = file.write() else { return };
            assert_eq!(parse(&written).as_ref(), Ok(&file));
        }
    }
}
