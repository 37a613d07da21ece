//! PrefLib files: what was read is written, and read as the same again.

use veche_protocol::interchange::preflib::{Kind, PrefLib, parse};

/// The first byte is the kind that the name of the file says, the rest is the file.
pub fn holds(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let Ok(text) = str::from_utf8(rest) else { return };
    let named = Kind::ALL.get(usize::from(first % 5)).copied();
    match parse(text, named) {
        Err(error) => {
            let lines = text.lines().count() + 1;
            assert!((1..=lines).contains(&error.line), "{error}: the file has {lines} lines");
        }
        Ok(file) => {
            assert!(named.is_none_or(|named| named == file.kind));
            let profile = file.profile();
            profile.check().expect("orders are rankings");
            // A carriage return inside a line would break one.
            let Ok(written) = file.write() else { return };
            assert_eq!(parse(&written, None).as_ref(), Ok(&file));
            let again = PrefLib::of(&profile, file.kind).expect("it came from this kind");
            assert_eq!(again.profile().options, profile.options);
        }
    }
}
