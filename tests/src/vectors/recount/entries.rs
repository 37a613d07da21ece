//! Step A1: entries that do not decode, roots, bundles and tiles.

use veche_protocol::encoding::Encoder;
use veche_protocol::entry::Payload;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::name::LogPath;
use veche_protocol::register::Role;

use super::case::Case;
use super::story::{POLL, REGISTER, ROLL, Story, nothing, plain, usual};
use crate::city::{COMMISSION, officers};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = undecodable().into_iter().map(in_a_poll).collect();
    cases.extend([
        entry_of_garbage(),
        key_weak_of_an_officer(),
        foreign_entry_in_a_roll(),
        root_wrong(),
        entries_reordered(),
        tile_missing(),
        tile_mismatch(),
        bundle_with_a_byte_more(),
        bundle_of_the_poll_missing(),
        bundle_of_the_roll_cut(),
        bundle_of_the_register_missing(),
    ]);
    cases
}

/// Name, what it is, the bytes that stand among the ballots, and the code.
type Defect = (&'static str, &'static str, fn(&Story) -> Vec<u8>, &'static str);

fn undecodable() -> Vec<Defect> {
    vec![
        ("entry_empty", "An entry of no bytes.", |_| Vec::new(), "entry-oversized"),
        (
            "entry_truncated",
            "A ballot whose last byte is missing.",
            |story| {
                let mut bytes = ballot(story);
                bytes.pop();
                bytes
            },
            "entry-malformed",
        ),
        (
            "entry_re_encoded",
            "A ballot whose array says its length in two bytes instead of one.",
            |story| [&[0x98, 2], &ballot(story)[1..]].concat(),
            "entry-non-canonical",
        ),
        (
            "entry_with_trailing_bytes",
            "A ballot with a byte behind it.",
            |story| [&ballot(story)[..], &[0]].concat(),
            "entry-trailing-bytes",
        ),
        (
            "entry_of_a_roll_in_a_poll",
            "An enrolment among the ballots.",
            |story| story.city.at(&story.roll).entries[1].clone(),
            "entry-unknown-kind",
        ),
        (
            "ballot_with_a_field_more",
            "A ballot with an unknown field.",
            |story| {
                let mut payload = payload_of(&ballot(story));
                payload[0] += 1;
                payload.push(0);
                enveloped(&payload)
            },
            "entry-fields",
        ),
        (
            "signer_listed_twice",
            "A ballot that lists its signer twice.",
            |story| {
                let ballot = ballot(story);
                let payload = payload_of(&ballot);
                let start = ballot.len() - SIGNATURE_LENGTH;
                let mut doubled = ballot.clone();
                doubled[3 + payload.len() - 1] = 0x82;
                doubled.extend_from_slice(&ballot[start..]);
                doubled
            },
            "signers-disordered",
        ),
        (
            "ballot_of_a_reserved_content_kind",
            "A ballot of the content kind that is reserved for secret polls.",
            |_| {
                let mut encoder = Encoder::new();
                encoder.array(4).uint(35).uint(1).uint(0).array(2).uint(3).bytes(&[9; 48]);
                enveloped(&encoder.finish())
            },
            "ballot-content-kind",
        ),
    ]
}

/// An array head, a key and a signature: 1 + 2 + 32 + 2 + 64 bytes.
const SIGNATURE_LENGTH: usize = 101;

/// The bytes of an honest ballot by `di`, who has not voted. Its payload is shorter than 24 bytes,
/// so one byte is its head.
fn ballot(story: &Story) -> Vec<u8> {
    story.ballot("di", 0, &[&[1]]).bytes().to_vec()
}

fn payload_of(ballot: &[u8]) -> Vec<u8> {
    let length = usize::from(ballot[1] & 0x1f);
    ballot[2..2 + length].to_vec()
}

/// A payload in an envelope with a signature that nobody made.
fn enveloped(payload: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.array(2).bytes(payload).array(1).array(2).bytes(&[1; 32]).bytes(&[2; 64]);
    encoder.finish()
}

fn in_a_poll((name, what, bytes, code): Defect) -> Case {
    let mut story = Story::voted();
    let bytes = bytes(&story);
    let index = story.city.log_bytes(&story.poll.clone(), bytes);
    story.end(usual());
    story.usual_case(name, what).operator("A1", code, POLL, index)
}

fn entry_of_garbage() -> Case {
    let mut story = Story::voted();
    let index = story.city.log_bytes(&story.poll.clone(), vec![0xff; 300]);
    story.end(usual());
    story.usual_case("entry_of_garbage", "Three hundred bytes ff among the ballots.").operator(
        "A1",
        "entry-malformed",
        POLL,
        index,
    )
}

fn key_weak_of_an_officer() -> Case {
    let mut story = Story::new();
    let register = LogPath::Register;
    let mut list = officers(&[("officer-1", &[Role::PollOfficer])]);
    list.0[0].key.0 = [0; 32];
    let payload = Payload::Officers(list);
    let entry = story.city.sign(&register, story.city.governance(), &payload, &COMMISSION[..2]);
    let index = story.city.log(&register, &entry);
    story.announce(plain());
    story
        .case("officer_with_a_weak_key", "An officer is appointed by a key of small order.")
        .operator("A1", "key-weak", REGISTER, index)
}

fn foreign_entry_in_a_roll() -> Case {
    let mut story = Story::new();
    let genesis = story.city.at(&LogPath::Register).entries[0].clone();
    let index = story.city.log_bytes(&story.roll.clone(), genesis);
    story.announce(plain());
    story.open();
    story
        .case("entry_of_the_register_in_a_roll", "The genesis stands in a roll once more.")
        .result(nothing())
        .operator("A1", "entry-unknown-kind", ROLL, index)
}

fn root_wrong() -> Case {
    let case = Story::whole().usual_case(
        "root_wrong",
        "The head of the poll is signed over a root that is not its own.",
    );
    let city = case.city().clone();
    let log = city.at(&LogPath::Poll("park".to_owned()));
    let checkpoint =
        Checkpoint { origin: log.origin.clone(), size: log.head().size, root: Hash([7; 32]) };
    let note = checkpoint.sign(&city.log_key).expect("the origin is a log's").into_note();
    case.file("poll/park/checkpoint", note.to_string().into_bytes()).operator(
        "A1",
        "root-mismatch",
        POLL,
        None,
    )
}

fn entries_reordered() -> Case {
    let mut story = Story::voted();
    let poll = story.poll.clone();
    let saved = story.city.at(&poll).checkpoint(&story.city.log_key);
    story.city.logs.get_mut(&poll).expect("the poll").entries.swap(2, 3);
    story
        .usual_case("entries_reordered", "Two ballots have changed places below a signed head.")
        .file("poll/park/checkpoint", saved)
        .operator("A1", "root-mismatch", POLL, None)
}

fn tile_missing() -> Case {
    Story::voted()
        .usual_case("tile_missing", "The tile of hashes of the poll is not there.")
        .without("poll/park/tile/0/000.p/5")
        .operator("A1", "tile-malformed", POLL, None)
}

fn tile_mismatch() -> Case {
    let case = Story::voted()
        .usual_case("tile_mismatch", "A tile of the roll shows another hash than its entry has.");
    let path = "roll/residents/tile/0/000.p/2";
    let mut tile = case.files[path].clone();
    tile[40] ^= 1;
    case.file(path, tile).operator("A1", "tile-mismatch", ROLL, None)
}

fn bundle_with_a_byte_more() -> Case {
    let case = Story::voted().case(
        "bundle_with_a_byte_more",
        "A byte follows the last entry of the poll's bundle: nothing of it is read.",
    );
    let path = "poll/park/tile/entries/000.p/5";
    let mut bundle = case.files[path].clone();
    bundle.push(0);
    case.file(path, bundle).unreadable().operator("A1", "tile-malformed", POLL, None).operator(
        "A3",
        "log-not-announced",
        POLL,
        None,
    )
}

fn bundle_of_the_poll_missing() -> Case {
    Story::whole()
        .case("bundle_of_the_poll_missing", "The entries of the poll are withheld.")
        .without("poll/park/tile/entries/000.p/7")
        .unreadable()
        .operator("A1", "entry-missing", POLL, None)
        .operator("A3", "log-not-announced", POLL, None)
}

fn bundle_of_the_roll_cut() -> Case {
    let case = Story::voted().case(
        "bundle_of_the_roll_cut",
        "The bundle of the roll ends within its last entry: the roll cannot be read, so the Open \
         cannot be judged to stand, and no ballot either.",
    );
    let path = "roll/residents/tile/entries/000.p/2";
    let mut bundle = case.files[path].clone();
    bundle.pop();
    case.file(path, bundle)
        .stands(1)
        .operator("A1", "tile-malformed", ROLL, None)
        .operator("A3", "log-not-announced", ROLL, None)
        .operator("A4", "log-not-announced", POLL, 1)
        .operator("A7", "ballot-before-open", POLL, 2)
        .operator("A7", "ballot-before-open", POLL, 3)
        .operator("A7", "ballot-before-open", POLL, 4)
}

fn bundle_of_the_register_missing() -> Case {
    Story::whole()
        .case("bundle_of_the_register_missing", "The entries of the register are withheld.")
        .without("register/tile/entries/000.p/5")
        .without_city()
        .operator("A1", "entry-missing", REGISTER, None)
        .operator("A2", "note-unsigned", POLL, None)
        .operator("A2", "note-unsigned", REGISTER, None)
        .operator("A3", "genesis-missing", REGISTER, None)
}
