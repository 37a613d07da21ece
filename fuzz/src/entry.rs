//! Entries: what decodes is the one encoding of what it says; what does not has a code of its own.

use veche_protocol::{
    breach::Breach,
    encoding::Encoder,
    entry::{MAX_ENTRY_LENGTH, Payload, SignedEntry},
    hash::leaf_hash,
    name::LogType,
};

use crate::input::Input;

/// The codes that decoding may give.
const CODES: [Breach; 9] = [
    Breach::EntryOversized,
    Breach::EntryMalformed,
    Breach::EntryNonCanonical,
    Breach::EntryTrailingBytes,
    Breach::EntryUnknownKind,
    Breach::EntryFields,
    Breach::SignersDisordered,
    Breach::KeyWeak,
    Breach::BallotContentKind,
];

/// The first byte chooses the type of the log, the rest is the entry.
pub fn holds(data: &[u8]) {
    let mut input = Input::new(data);
    let log_types = [LogType::Register, LogType::Roll, LogType::Poll];
    let log_type = log_types[usize::from(input.byte()) % log_types.len()];
    let bytes = input.rest();
    match SignedEntry::decode(log_type, bytes.to_vec()) {
        Ok(entry) => {
            check_identity(&entry, log_type, bytes);
            check_one_log_type(&log_types, log_type, bytes);
            check_borders(log_type, bytes);
        }
        Err(breach) => {
            assert!(CODES.contains(&breach), "{breach} is not a code of decoding");
            let is_oversized = bytes.is_empty() || bytes.len() > MAX_ENTRY_LENGTH;
            assert_eq!(breach == Breach::EntryOversized, is_oversized);
        }
    }
}

/// Decoding, then encoding, gives the same bytes, for the payload and for the envelope.
fn check_identity(entry: &SignedEntry, log_type: LogType, bytes: &[u8]) {
    assert_eq!(entry.bytes(), bytes);
    assert_eq!(entry.leaf(), leaf_hash(bytes));
    assert_eq!(entry.payload().encode(), entry.payload_bytes());
    assert_eq!(Payload::decode(log_type, entry.payload_bytes()).as_ref(), Ok(entry.payload()));
    let mut encoder = Encoder::new();
    encoder.array(2).bytes(entry.payload_bytes()).array(entry.signatures().len());
    for (key, signature) in entry.signatures() {
        encoder.array(2).bytes(key.as_bytes()).bytes(signature.as_bytes());
    }
    assert_eq!(encoder.finish(), bytes);
    assert_eq!(&entry.with_signatures(&[]), entry);
    assert!(entry.signers().is_sorted_by(|one, next| one.as_bytes() < next.as_bytes()));
}

/// An entry belongs to one type of log.
fn check_one_log_type(log_types: &[LogType], log_type: LogType, bytes: &[u8]) {
    for &other in log_types.iter().filter(|&&other| other != log_type) {
        let refused = SignedEntry::decode(other, bytes.to_vec());
        assert_eq!(refused, Err(Breach::EntryUnknownKind));
    }
}

/// A byte more is refused as trailing, a byte less as ending early.
fn check_borders(log_type: LogType, bytes: &[u8]) {
    let longer = [bytes, &[0]].concat();
    let expected = if longer.len() > MAX_ENTRY_LENGTH {
        Breach::EntryOversized
    } else {
        Breach::EntryTrailingBytes
    };
    assert_eq!(SignedEntry::decode(log_type, longer), Err(expected));
    let shorter = bytes[..bytes.len() - 1].to_vec();
    assert_eq!(SignedEntry::decode(log_type, shorter), Err(Breach::EntryMalformed));
}
