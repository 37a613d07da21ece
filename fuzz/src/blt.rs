//! BLT files: what was read is written, and read as the same again.

use veche_protocol::interchange::blt::parse;

/// The bytes are a BLT file.
pub fn holds(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match parse(text) {
        Err(error) => {
            let lines = text.lines().count() + 1;
            assert!((1..=lines).contains(&error.line), "{error}: the file has {lines} lines");
        }
        Ok(file) => {
            let profile = file.profile();
            profile.check().expect("ballots are rankings");
            profile.without_withdrawn().check().expect("and stay so");
            // A bare word may hold a quote, for which nothing stands in quotes.
            let Ok(written) = file.write() else { return };
            assert_eq!(parse(&written).as_ref(), Ok(&file));
        }
    }
}
