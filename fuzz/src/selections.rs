//! What a sealed ballot holds once it is opened: what is read is the one encoding of what it says.

use veche_protocol::{
    breach::Breach,
    poll::ballot::{parse_selections, selections_bytes},
};

/// The bytes are selections.
pub fn holds(data: &[u8]) {
    match parse_selections(data) {
        // SEAL-6: whatever the defect, it is one code.
        Err(breach) => assert_eq!(breach, Breach::SealedEncoding),
        Ok(selections) => {
            assert_eq!(selections_bytes(&selections), data);
            for bytes in [&[data, &[0]].concat(), &data[..data.len() - 1]] {
                assert_eq!(parse_selections(bytes), Err(Breach::SealedEncoding));
            }
        }
    }
}
