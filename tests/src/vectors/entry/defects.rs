//! Defects of the envelope, of the encoding, and of kinds.

use veche_protocol::breach::Breach;
use veche_protocol::encoding::Encoder;
use veche_protocol::entry::SignedEntry;
use veche_protocol::name::LogType;

/// Name, the log in which the bytes stand, the bytes, and the code that refuses them.
pub(super) type Defect = (&'static str, LogType, Vec<u8>, Breach);

/// An entry around any payload bytes, with one signature of zeros by a key of sevens.
pub(super) fn around(payload: &[u8]) -> Vec<u8> {
    signed(payload, &[[7; 32]])
}

fn signed(payload: &[u8], keys: &[[u8; 32]]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.array(2).bytes(payload).list(keys, |encoder, key| {
        encoder.array(2).bytes(key).bytes(&[0; 64]);
    });
    encoder.finish()
}

/// An entry of a poll whose payload is written by `write`.
fn payload(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut encoder = Encoder::new();
    write(&mut encoder);
    around(&encoder.finish())
}

pub(super) fn of_envelope(ballot: &SignedEntry) -> Vec<Defect> {
    use LogType::Poll;
    let good = ballot.bytes();
    let payload = ballot.payload_bytes();
    let with = |bytes: &[u8]| [good, bytes].concat();
    let (low, high) = ([1; 32], [2; 32]);
    let many: Vec<[u8; 32]> = (0..65).map(|n| [n; 32]).collect();
    let mut three = vec![0x83];
    three.extend_from_slice(&good[1..]);
    three.push(0xf6);
    vec![
        ("entry_empty", Poll, Vec::new(), Breach::EntryOversized),
        ("entry_of_65536_bytes", Poll, vec![0; 65_536], Breach::EntryOversized),
        ("entry_cut_by_one_byte", Poll, good[..good.len() - 1].to_vec(), Breach::EntryMalformed),
        (
            "entry_cut_after_payload",
            Poll,
            good[..3 + payload.len()].to_vec(),
            Breach::EntryMalformed,
        ),
        ("entry_of_three_items", Poll, three, Breach::EntryMalformed),
        ("entry_is_a_map", Poll, vec![0xa0], Breach::EntryMalformed),
        ("entry_trailing_byte", Poll, with(&[0]), Breach::EntryTrailingBytes),
        ("entry_twice_in_a_row", Poll, with(good), Breach::EntryTrailingBytes),
        ("signers_none", Poll, signed(payload, &[]), Breach::SignersDisordered),
        ("signer_twice", Poll, signed(payload, &[low, low]), Breach::SignersDisordered),
        ("signers_descending", Poll, signed(payload, &[high, low]), Breach::SignersDisordered),
        ("signers_65", Poll, signed(payload, &many), Breach::SignersDisordered),
    ]
}

pub(super) fn of_form() -> Vec<Defect> {
    use Breach::{EntryMalformed, EntryNonCanonical, EntryTrailingBytes};
    use LogType::Poll;
    // A ballot is [35, 1, turn, [1, [[choice]]]]; what stands in place of a part is put in by hand.
    let raw = |bytes: &[u8]| around(bytes);
    let ballot =
        |turn: &[u8]| raw(&[&[0x84, 0x18, 35, 1], turn, &[0x82, 1, 0x81, 0x81, 0]].concat());
    vec![
        ("payload_empty", Poll, raw(&[]), EntryMalformed),
        (
            "payload_trailing_byte",
            Poll,
            raw(&[0x84, 0x18, 35, 1, 0, 0x82, 1, 0x81, 0x81, 0, 0]),
            EntryTrailingBytes,
        ),
        ("integer_longer_than_needed", Poll, ballot(&[0x18, 0]), EntryNonCanonical),
        ("integer_of_nine_bytes", Poll, ballot(&[0x1b, 0, 0, 0, 0, 0, 0, 0, 0]), EntryNonCanonical),
        ("integer_negative", Poll, ballot(&[0x20]), EntryMalformed),
        ("integer_as_float", Poll, ballot(&[0xf9, 0, 0]), EntryMalformed),
        ("integer_tagged", Poll, ballot(&[0xc1, 0]), EntryMalformed),
        ("integer_undefined", Poll, ballot(&[0xf7]), EntryMalformed),
        ("integer_with_reserved_length", Poll, ballot(&[0x1c]), EntryMalformed),
        ("integer_as_text", Poll, ballot(&[0x61, b'0']), Breach::EntryFields),
        (
            "array_indefinite",
            Poll,
            raw(&[0x84, 0x18, 35, 1, 0, 0x82, 1, 0x9f, 0x81, 0, 0xff]),
            EntryNonCanonical,
        ),
        (
            "kind_longer_than_needed",
            Poll,
            raw(&[0x84, 0x19, 0, 35, 1, 0, 0x82, 1, 0x81, 0x81, 0]),
            EntryNonCanonical,
        ),
    ]
}

pub(super) fn of_kind(ballot: &SignedEntry, genesis: &SignedEntry) -> Vec<Defect> {
    use Breach::{BallotContentKind, EntryFields, EntryUnknownKind};
    use LogType::{Poll, Register, Roll};
    let head = |kind, version, fields: usize| {
        payload(move |encoder| {
            encoder.array(2 + fields).uint(kind).uint(version);
            (0..fields).for_each(|_| {
                encoder.null();
            });
        })
    };
    let sealed_in_two_items = payload(|encoder| {
        encoder.array(4).uint(35).uint(1).uint(0).array(2).uint(2).bytes(&[9; 48]);
    });
    let secret = payload(|encoder| {
        encoder.array(4).uint(35).uint(1).uint(0).array(2).uint(3).bytes(&[9; 48]);
    });
    vec![
        ("kind_unknown", Poll, head(99, 1, 1), EntryUnknownKind),
        ("kind_after_the_last", Poll, head(48, 1, 1), EntryUnknownKind),
        ("kind_of_another_log", Roll, ballot.bytes().to_vec(), EntryUnknownKind),
        ("kind_of_a_poll_in_the_register", Register, ballot.bytes().to_vec(), EntryUnknownKind),
        ("kind_genesis_in_a_poll", Poll, genesis.bytes().to_vec(), EntryUnknownKind),
        ("version_2", Poll, head(36, 2, 1), EntryUnknownKind),
        (
            "payload_of_one_item",
            Poll,
            payload(|encoder| {
                encoder.array(1).uint(36);
            }),
            EntryFields,
        ),
        ("field_too_many", Poll, head(36, 1, 2), EntryFields),
        ("field_too_few", Poll, head(36, 1, 0), EntryFields),
        ("field_null_for_an_array", Poll, head(36, 1, 1), EntryFields),
        ("ballot_content_sealed_of_two_items", Poll, sealed_in_two_items, EntryFields),
        ("ballot_content_reserved_for_secret_polls", Poll, secret, BallotContentKind),
        (
            "ballot_turn_16",
            Poll,
            payload(|encoder| {
                encoder
                    .array(4)
                    .uint(35)
                    .uint(1)
                    .uint(16)
                    .array(2)
                    .uint(1)
                    .array(1)
                    .array(1)
                    .uint(0);
            }),
            EntryFields,
        ),
        (
            "ballot_without_selections",
            Poll,
            payload(|encoder| {
                encoder.array(4).uint(35).uint(1).uint(0).array(2).uint(1).array(0);
            }),
            EntryFields,
        ),
    ]
}

/// Entries with two defects, of which the first that a reader meets is reported (ENTRY-8).
pub(super) fn of_two(ballot: &SignedEntry) -> Vec<Defect> {
    use Breach::{
        EntryFields, EntryMalformed, EntryNonCanonical, EntryTrailingBytes, EntryUnknownKind,
        SignersDisordered,
    };
    use LogType::{Poll, Roll};
    let twice = [[1; 32]; 2];
    let trailing = [&signed(ballot.payload_bytes(), &twice)[..], &[0]].concat();
    let raw = |bytes: &[u8]| around(bytes);
    let long_title = {
        let mut bytes = vec![0x86, 16, 1, 0x79, 0x03, 0xe9];
        bytes.extend_from_slice(&[0xff; 1_001]);
        bytes.extend_from_slice(&[0x81, 0x82, 0x61, b'a', 0x61, b'b', 0, 1]);
        around(&bytes)
    };
    vec![
        ("two_trailing_byte_before_signers", Poll, trailing, EntryTrailingBytes),
        ("two_signers_before_payload", Poll, signed(&[0xa0], &twice), SignersDisordered),
        (
            "two_field_before_payload_trailing_byte",
            Poll,
            raw(&[0x84, 0x18, 35, 1, 16, 0x82, 1, 0x81, 0x81, 0, 0]),
            EntryFields,
        ),
        (
            "two_version_before_unknown_kind",
            Poll,
            raw(&[0x83, 0x18, 99, 0x18, 1, 0xf6]),
            EntryNonCanonical,
        ),
        ("two_kind_before_number_of_fields", Poll, raw(&[0x82, 0x18, 99, 1]), EntryUnknownKind),
        (
            "two_turn_before_content",
            Poll,
            raw(&[0x84, 0x18, 35, 1, 16, 0x82, 2, 0x40]),
            EntryFields,
        ),
        (
            "two_number_of_items_before_content_kind",
            Poll,
            raw(&[0x84, 0x18, 35, 1, 0, 0x84, 9, 0x40, 0x40, 0x40]),
            EntryFields,
        ),
        (
            "two_shortest_form_before_type",
            Poll,
            raw(&[0x84, 0x18, 35, 1, 0x78, 0, 0x82, 1, 0x81, 0x81, 0]),
            EntryNonCanonical,
        ),
        (
            "two_type_before_the_bytes_of_a_string",
            Poll,
            raw(&[0x84, 0x18, 35, 1, 0x62, b'0']),
            EntryFields,
        ),
        (
            "two_end_of_input_before_shortest_form",
            Poll,
            raw(&[0x84, 0x18, 35, 1, 0x19, 0]),
            EntryMalformed,
        ),
        ("two_utf_8_before_length", Roll, long_title, EntryNonCanonical),
    ]
}
