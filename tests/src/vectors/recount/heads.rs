//! Step A2: the heads that the source shows: who signed them, who saw them, and whether they are
//! those that the register anchors.
//!
//! Not here: what the observer has kept ([`super::evidence`]).

use veche_protocol::entry::Payload;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::Note;
use veche_protocol::name::LogPath;
use veche_protocol::signature::SigningKey;

use super::case::{Case, cosigned};
use super::story::{POLL, REGISTER, ROLL, Story};
use crate::city::{City, PaperLog, key};

pub(super) fn cases() -> Vec<Case> {
    vec![
        witnessed(),
        witnessed_by_an_unknown(),
        quorum_missing(),
        cosignature_false(),
        head_unsigned(),
        head_signed_by_another_key(),
        head_signature_false(),
        head_of_a_roll_unsigned(),
        head_is_no_note(),
        head_with_extension_line(),
        head_of_another_poll(),
        roll_withheld(),
        anchor_fork(),
        register_withheld(),
        poll_withheld(),
    ]
}

/// When witnesses saw a head of a poll that was still open, in seconds since 1970.
const WHILE_OPEN: u64 = 1_800_000_100;

pub(super) fn poll_of(city: &City) -> &PaperLog {
    city.at(&LogPath::Poll("park".to_owned()))
}

fn witnessed() -> Case {
    Story::voted()
        .usual_case("witnessed", "An open poll whose heads two of three witnesses have seen.")
        .policy("", "two")
        .cosign(REGISTER, &[("x", WHILE_OPEN), ("y", WHILE_OPEN)])
        .cosign(POLL, &[("w", WHILE_OPEN), ("y", WHILE_OPEN)])
        .witnessed(2, 3)
}

fn witnessed_by_an_unknown() -> Case {
    let case = Story::voted().usual_case(
        "witnessed_by_an_unknown",
        "A line by a key that the policy does not name counts for nothing and harms nothing.",
    );
    let path = "poll/park/checkpoint";
    let mut note = Note::parse(&case.files[path]).expect("a head");
    let text = note.text().to_owned();
    let line = veche_protocol::log::note::sign_text(&text, &key("stranger"), "stranger.example");
    note.add_signature(line.expect("a name of a key")).expect("few lines");
    case.file(path, note.to_string().into_bytes())
        .policy("", "none")
        .cosign(POLL, &[("w", WHILE_OPEN)])
        .witnessed(1, 3)
}

fn quorum_missing() -> Case {
    Story::voted()
        .usual_case("quorum_missing", "Only one witness has seen the poll's head, where two must.")
        .policy("", "two")
        .cosign(REGISTER, &[("w", WHILE_OPEN), ("x", WHILE_OPEN)])
        .cosign(POLL, &[("x", WHILE_OPEN)])
        .witnessed(1, 3)
        .operator("A2", "quorum-missing", POLL, None)
}

fn cosignature_false() -> Case {
    let case = Story::voted()
        .usual_case("cosignature_false", "A witness's line on the poll's head does not verify.");
    let path = "poll/park/checkpoint";
    let head = &case.files[path];
    // The line is a witness's own, for a time that it did not state.
    let good = cosigned(head, &[("w", WHILE_OPEN)]);
    let mut note = Note::parse(head).expect("a head");
    let line = Note::parse(&good).expect("a head").signatures().last().expect("a line").clone();
    let mut blob = line.blob().to_vec();
    blob[7] ^= 1;
    let id = veche_protocol::log::note::key_id(line.name(), 4, key(line.name()).key().as_bytes());
    let line = veche_protocol::log::note::NoteSignature::new(line.name(), id, blob);
    note.add_signature(line.expect("a name of a key")).expect("few lines");
    case.file(path, note.to_string().into_bytes()).policy("", "none").operator(
        "A2",
        "note-signature-invalid",
        POLL,
        None,
    )
}

/// The text of the poll's head, signed by this key under this name.
pub(super) fn resigned(city: &City, key: &SigningKey, name: &str) -> Vec<u8> {
    let note = Note::parse(&poll_of(city).checkpoint(&city.log_key)).expect("a head");
    Note::sign(note.text(), key, name).expect("a name of a key").to_string().into_bytes()
}

fn head_unsigned() -> Case {
    let case = Story::voted().usual_case(
        "head_unsigned",
        "The poll's head carries a line by somebody else's name and key alone.",
    );
    let head = resigned(case.city(), &key("stranger"), "stranger.example");
    case.file("poll/park/checkpoint", head).operator("A2", "note-unsigned", POLL, None)
}

fn head_signed_by_another_key() -> Case {
    let case = Story::voted().usual_case(
        "head_signed_by_another_key",
        "The poll's head is signed under the log's name with another key.",
    );
    let origin = poll_of(case.city()).origin.clone();
    let head = resigned(case.city(), &key("stranger"), &origin);
    case.file("poll/park/checkpoint", head).operator("A2", "note-unsigned", POLL, None)
}

fn head_signature_false() -> Case {
    let case = Story::voted().usual_case(
        "head_signature_false",
        "The line of the log's key on the poll's head was made for an earlier head.",
    );
    let city = case.city().clone();
    let log = poll_of(&city);
    let line = |size| {
        let text = String::from_utf8(log.checkpoint_at(size, &city.log_key)).expect("a note");
        let (body, line) = text.rsplit_once("\n\n").expect("a note has an empty line");
        (body.to_owned(), line.to_owned())
    };
    let head = format!("{}\n\n{}", line(5).0, line(4).1);
    case.file("poll/park/checkpoint", head.into_bytes()).operator(
        "A2",
        "note-signature-invalid",
        POLL,
        None,
    )
}

fn head_of_a_roll_unsigned() -> Case {
    let case = Story::voted()
        .usual_case("head_of_a_roll_unsigned", "The roll's head is signed by another key.");
    let path = "roll/residents/checkpoint";
    let text = Note::parse(&case.files[path]).expect("a head").text().to_owned();
    let note = Note::sign(&text, &key("stranger"), "stranger.example").expect("a name");
    case.file(path, note.to_string().into_bytes()).operator("A2", "note-unsigned", ROLL, None)
}

fn head_is_no_note() -> Case {
    Story::whole()
        .case(
            "head_is_no_note",
            "What stands in place of the poll's head cannot be read: the poll is taken to be \
             empty, and the register knows better.",
        )
        .file("poll/park/checkpoint", b"there was an error\n".to_vec())
        .unreadable()
        .operator("A2", "note-malformed", POLL, None)
        .operator("A2", "entry-missing", POLL, None)
        .operator("A3", "log-not-announced", POLL, None)
}

fn head_with_extension_line() -> Case {
    let case = Story::whole().case(
        "head_with_extension_line",
        "The poll's head has a fourth line. It is signed, and it is no head of this law.",
    );
    let city = case.city().clone();
    let log = poll_of(&city);
    let note = Note::parse(&log.checkpoint(&city.log_key)).expect("a head");
    let text = format!("{}final\n", note.text());
    let note = Note::sign(&text, &city.log_key, &log.origin).expect("a name of a key");
    case.file("poll/park/checkpoint", note.to_string().into_bytes())
        .unreadable()
        .operator("A2", "checkpoint-malformed", POLL, None)
        .operator("A2", "entry-missing", POLL, None)
        .operator("A3", "log-not-announced", POLL, None)
}

fn head_of_another_poll() -> Case {
    let case = Story::voted().usual_case(
        "head_of_another_poll",
        "The head calls the poll by another name, under which the operator has signed it.",
    );
    let city = case.city().clone();
    let origin = LogPath::Poll("swings".to_owned()).origin(&city.domain);
    let head = poll_of(&city).head();
    let checkpoint = Checkpoint { origin, size: head.size, root: head.root };
    let note = checkpoint.sign(&city.log_key).expect("the origin is a log's").into_note();
    case.file("poll/park/checkpoint", note.to_string().into_bytes()).operator(
        "A2",
        "checkpoint-origin",
        POLL,
        None,
    )
}

fn roll_withheld() -> Case {
    Story::voted()
        .case(
            "roll_withheld",
            "The source has nothing of the roll: the Open cannot be judged to stand.",
        )
        .without_log(ROLL)
        .stands(1)
        .operator("A1", "entry-missing", ROLL, None)
        .operator("A2", "entry-missing", ROLL, None)
        .operator("A3", "log-not-announced", ROLL, None)
        .operator("A4", "log-not-announced", POLL, 1)
        .operator("A7", "ballot-before-open", POLL, 2)
        .operator("A7", "ballot-before-open", POLL, 3)
        .operator("A7", "ballot-before-open", POLL, 4)
}

fn anchor_fork() -> Case {
    let mut story = Story::voted();
    let mut anchors = story.city.anchors();
    let poll = anchors.heads.iter_mut().find(|head| head.origin.ends_with(POLL));
    poll.expect("the poll is announced").root = Hash([7; 32]);
    let entry = story.city.operator_entry(&Payload::Anchors(anchors));
    story.city.log(&LogPath::Register, &entry);
    story
        .usual_case("anchor_fork", "The register anchors a root that the poll never had.")
        .operator("A2", "anchor-fork", POLL, None)
}

fn register_withheld() -> Case {
    Story::whole()
        .case("register_withheld", "The source has no register: there is nothing to recount.")
        .without_log(REGISTER)
        .nothing_to_recount()
}

fn poll_withheld() -> Case {
    Story::whole()
        .case("poll_withheld", "The source has no such poll: there is nothing to recount.")
        .without_log(POLL)
        .nothing_to_recount()
}
