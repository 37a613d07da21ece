//! Vectors of single entries: one good entry of each kind, and every defect of decoding.
//!
//! Good: `{ log, kind, entry, leaf, instance, origin, under, message }`, all bytes in hex; each
//! signature of the entry is valid over `message`. Bad: `{ log, entry, code }`.

use serde_json::json;
use veche_protocol::breach::Breach;
use veche_protocol::encoding::Encoder;
use veche_protocol::entry::{Binding, Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::result::{OptionResult, PollResult, QuestionResult, Turnout};
use veche_protocol::register::Role;
use veche_protocol::roll::RevocationReason;

use super::Files;
use crate::city::{City, DOMAIN, Voter, single_choice_definition};

/// The names of the three types of logs in the vectors.
const fn log_name(log_type: LogType) -> &'static str {
    match log_type {
        LogType::Register => "register",
        LogType::Roll => "roll",
        LogType::Poll => "poll",
    }
}

/// Adds the vectors of this module.
pub fn make(files: &mut Files) {
    for sample in samples() {
        let Sample { entry, path, under, instance } = &sample;
        let kind = entry.payload().kind();
        let origin = path.origin(DOMAIN);
        let binding = Binding { instance: *instance, origin: &origin, under: *under };
        let vector = json!({
            "log": log_name(path.log_type()),
            "kind": kind.name(),
            "entry": hex::encode(entry.bytes()),
            "leaf": entry.leaf().to_string(),
            "instance": instance.to_string(),
            "origin": origin,
            "under": under.to_string(),
            "message": hex::encode(binding.message(entry.payload_bytes())),
        });
        files.insert(format!("entry/{}.json", kind.name()).into(), vector);
    }
    for (name, log_type, entry, breach) in defects() {
        let vector = json!({
            "log": log_name(log_type),
            "entry": hex::encode(entry),
            "code": breach.code(),
        });
        let double = files.insert(format!("entry/{name}.json").into(), vector);
        assert!(double.is_none(), "two vectors of the name {name}");
    }
}

/// A good entry with what its signatures are bound to.
struct Sample {
    path: LogPath,
    entry: SignedEntry,
    instance: Hash,
    under: Hash,
}

/// One entry of each kind, out of the life of a small city.
fn samples() -> Vec<Sample> {
    let mut city = City::found(DOMAIN);
    let roll = LogPath::Roll("residents".to_owned());
    let poll = LogPath::Poll("park".to_owned());
    let gone = LogPath::Poll("gone".to_owned());
    let genesis = city.instance;
    city.appoint(&crate::city::OFFICERS);
    let appointed = city.governance();
    let handover = city.hand_over();
    city.log(&LogPath::Register, &handover);
    city.begin_roll(&roll, &["north", "south"]);
    let voters = [Voter::named("ada", 0), Voter::named("bo", 1)];
    city.enrol(&roll, &voters);
    city.revoke(&roll, voters[1].id, RevocationReason::Left);
    city.anchor();
    city.announce(&gone, single_choice_definition(&["yes", "no"], Revote::First));
    city.cancel(&gone, Kind::Announce);
    city.announce(&poll, single_choice_definition(&["yes", "no"], Revote::Last { max_turn: 3 }));
    city.open(&poll);
    city.cast(&poll, &voters[0], 0, &[&[1]]);
    city.close(&poll);
    city.anchor();
    city.certify(&poll, sample_result());

    let of = |path: &LogPath, kind: Kind, instance: Hash, under: Hash| {
        let mut entries = city.at(path).entries.iter();
        let mut decoded = entries.find_map(|bytes| {
            let entry = SignedEntry::decode(path.log_type(), bytes.clone()).ok()?;
            (entry.payload().kind() == kind).then_some(entry)
        });
        let entry = decoded.take().expect("the city has an entry of every kind");
        Sample { path: path.clone(), entry, instance, under }
    };
    let register = LogPath::Register;
    let id = city.instance;
    let header = city.at(&roll).leaf(0);
    let leaf = |kind| city.leaf_of(&poll, kind);
    vec![
        of(&register, Kind::Genesis, Hash::ZERO, Hash::ZERO),
        of(&register, Kind::Officers, id, genesis),
        of(&register, Kind::Commission, id, appointed),
        of(&register, Kind::Log, id, id),
        of(&register, Kind::Anchors, id, id),
        of(&roll, Kind::Roll, id, id),
        of(&roll, Kind::Enrol, id, header),
        of(&roll, Kind::Revoke, id, header),
        of(&poll, Kind::Announce, id, id),
        of(&poll, Kind::Open, id, leaf(Kind::Announce)),
        of(&poll, Kind::Ballot, id, leaf(Kind::Open)),
        of(&poll, Kind::Close, id, leaf(Kind::Open)),
        of(&poll, Kind::Certify, id, leaf(Kind::Close)),
        of(&gone, Kind::Cancel, id, city.leaf_of(&gone, Kind::Announce)),
    ]
}

fn sample_result() -> PollResult {
    let option =
        |label: &str, votes| OptionResult { label: label.to_owned(), votes, selected: votes > 0 };
    let outcome = vec![option("yes", 0), option("no", 1)];
    let turnout = |district: &str, eligible, effective| Turnout {
        district: district.to_owned(),
        eligible,
        effective,
    };
    PollResult {
        eligible: 1,
        effective: 1,
        districts: vec![turnout("north", 1, 1), turnout("south", 0, 0)],
        quorum_met: true,
        questions: vec![QuestionResult { blank: 0, outcome }],
    }
}

type Defect = (&'static str, LogType, Vec<u8>, Breach);

fn defects() -> Vec<Defect> {
    let samples = samples();
    let bytes_of = |kind| {
        let found = samples.iter().find(|sample| sample.entry.payload().kind() == kind);
        found.expect("there is a sample of every kind").entry.clone()
    };
    let ballot = bytes_of(Kind::Ballot);
    let mut defects = envelope_defects(&ballot);
    defects.extend(form_defects());
    defects.extend(kind_defects(&ballot, &bytes_of(Kind::Genesis)));
    defects.extend(field_defects(&bytes_of(Kind::Genesis), &bytes_of(Kind::Announce)));
    defects
}

/// An entry around any payload bytes, with one signature of zeros by a key of sevens.
fn around(payload: &[u8]) -> Vec<u8> {
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

fn envelope_defects(ballot: &SignedEntry) -> Vec<Defect> {
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

fn form_defects() -> Vec<Defect> {
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

fn kind_defects(ballot: &SignedEntry, genesis: &SignedEntry) -> Vec<Defect> {
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
    let sealed = payload(|encoder| {
        encoder.array(4).uint(35).uint(1).uint(0).array(2).uint(2).bytes(&[9; 48]);
    });
    vec![
        ("kind_unknown", Poll, head(99, 1, 1), EntryUnknownKind),
        ("kind_reserved_for_begin", Poll, head(33, 1, 1), EntryUnknownKind),
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
        ("ballot_content_sealed_in_an_open_poll", Poll, sealed, BallotContentKind),
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

fn field_defects(genesis: &SignedEntry, announce: &SignedEntry) -> Vec<Defect> {
    use Breach::{EntryFields, EntryNonCanonical, KeyWeak};
    use LogType::{Poll, Register, Roll};
    let Payload::Genesis(good) = genesis.payload() else { unreachable!("a genesis") };
    let Payload::Announce(poll) = announce.payload() else { unreachable!("an Announce") };
    let genesis_with = |change: &dyn Fn(&mut veche_protocol::register::Genesis)| {
        let mut changed = good.clone();
        change(&mut changed);
        around(&Payload::Genesis(changed).encode())
    };
    let announce_with = |change: &dyn Fn(&mut veche_protocol::poll::definition::Definition)| {
        let mut changed = poll.clone();
        change(&mut changed.definition);
        around(&Payload::Announce(changed).encode())
    };
    let mut identity_point = [0; 32];
    identity_point[0] = 1;
    let roll_title = |title: &[u8]| {
        let mut bytes = vec![0x86, 16, 1];
        bytes.push(0x60 | u8::try_from(title.len()).expect("a short title"));
        bytes.extend_from_slice(title);
        bytes.extend_from_slice(&[0x81, 0x82, 0x61, b'a', 0x61, b'b', 0, 1]);
        around(&bytes)
    };
    vec![
        (
            "key_of_small_order_as_log_key",
            Register,
            genesis_with(&|g| g.log_key.0 = identity_point),
            KeyWeak,
        ),
        (
            "key_not_canonical_as_log_key",
            Register,
            genesis_with(&|g| g.log_key.0 = [0xff; 32]),
            KeyWeak,
        ),
        (
            "domain_with_capitals",
            Register,
            genesis_with(&|g| "Vote.Example.org".clone_into(&mut g.domain)),
            EntryFields,
        ),
        (
            "commission_threshold_above_members",
            Register,
            genesis_with(&|g| g.commission.threshold = 4),
            EntryFields,
        ),
        (
            "commission_threshold_zero",
            Register,
            genesis_with(&|g| g.commission.threshold = 0),
            EntryFields,
        ),
        (
            "commission_keys_descending",
            Register,
            genesis_with(&|g| g.commission.keys.reverse()),
            EntryFields,
        ),
        ("officers_descending", Register, genesis_with(&|g| g.officers.0.reverse()), EntryFields),
        (
            "officer_without_role",
            Register,
            genesis_with(&|g| g.officers.0[0].roles.clear()),
            EntryFields,
        ),
        (
            "officer_roles_descending",
            Register,
            genesis_with(&|g| g.officers.0[0].roles = vec![Role::Moderator, Role::Registrar]),
            EntryFields,
        ),
        (
            "officer_is_the_log_key",
            Register,
            genesis_with(&|g| {
                g.officers.0[0].key = g.log_key;
                g.officers.0.sort_by_key(|officer| officer.key.0);
            }),
            EntryFields,
        ),
        ("text_not_utf_8", Roll, roll_title(b"\xc3\x28"), EntryNonCanonical),
        ("text_empty", Roll, roll_title(b""), EntryFields),
        ("title_of_1001_bytes", Poll, announce_with(&|d| d.title = "x".repeat(1_001)), EntryFields),
        ("poll_without_questions", Poll, announce_with(&|d| d.questions.clear()), EntryFields),
        (
            "question_without_options",
            Poll,
            announce_with(&|d| d.questions[0].options.clear()),
            EntryFields,
        ),
        (
            "rolls_descending",
            Poll,
            announce_with(&|d| {
                d.rolls = vec![format!("{DOMAIN}/roll/b"), format!("{DOMAIN}/roll/a")];
            }),
            EntryFields,
        ),
        (
            "districts_repeated",
            Poll,
            announce_with(&|d| {
                d.districts = vec!["north".to_owned(), "north".to_owned()];
            }),
            EntryFields,
        ),
        (
            "max_turn_16",
            Poll,
            announce_with(&|d| d.revote = Revote::Last { max_turn: 16 }),
            EntryFields,
        ),
    ]
}
