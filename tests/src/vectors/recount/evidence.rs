//! Steps A2 and A3: what the observer brings along: heads and receipts kept from earlier, and by
//! what the city is known.
//!
//! Not here: the heads that the source shows ([`super::heads`]).

use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;

use super::case::Case;
use super::heads::{poll_of, resigned};
use super::story::{POLL, REGISTER, Story, plain, usual};
use crate::city::{City, PaperLog, key};

pub(super) fn cases() -> Vec<Case> {
    vec![
        truncated_after_anchor(),
        truncated_after_saved_head(),
        truncated_after_both(),
        split_view(),
        evidence_confirmed(),
        truncated_after_receipt(),
        ballot_exchanged_after_receipt(),
        evidence_refused(),
        city_not_pinned(),
        instance_of_another_city(),
        policy_key_of_another_city(),
        key_of_the_poll(),
        key_of_another_poll(),
        evidence_beyond_what_was_read(),
    ]
}

/// A poll with three ballots, anchored, whose last ballot then vanishes, the head signed anew.
fn truncated() -> (Story, Story) {
    let mut whole = Story::opened(plain());
    whole.cast("ada", 0, &[&[0]]);
    whole.cast("bo", 0, &[&[1]]);
    let mut short = whole.clone();
    whole.cast("cy", 0, &[&[0]]);
    whole.city.anchor();
    short.city.logs.insert(LogPath::Register, whole.city.at(&LogPath::Register).clone());
    (whole, short)
}

fn short_result() -> veche_protocol::poll::result::PollResult {
    let votes = [("trees", 1, true), ("swings", 1, false)];
    super::story::result(&[("north", 2, 2), ("south", 2, 0)], &[(0, &votes)])
}

fn truncated_after_anchor() -> Case {
    let (_, short) = truncated();
    short
        .case("truncated_after_anchor", "A ballot vanished that the register had anchored.")
        .result(short_result())
        .operator("A2", "entry-missing", POLL, None)
}

/// The same without an anchor.
fn truncated_unanchored() -> (Story, Story) {
    let mut whole = Story::opened(plain());
    whole.cast("ada", 0, &[&[0]]);
    whole.cast("bo", 0, &[&[1]]);
    let short = whole.clone();
    whole.cast("cy", 0, &[&[0]]);
    (whole, short)
}

fn truncated_after_saved_head() -> Case {
    let (whole, short) = truncated_unanchored();
    let head = poll_of(&whole.city).checkpoint(&whole.city.log_key);
    short
        .case("truncated_after_saved_head", "A ballot vanished that a saved head covers.")
        .result(short_result())
        .head("saved", head)
        .contradicted("saved", "entry-missing")
        .operator("A2", "entry-missing", POLL, None)
}

fn truncated_after_both() -> Case {
    let (whole, short) = truncated();
    let head = poll_of(&whole.city).checkpoint(&whole.city.log_key);
    short
        .case(
            "truncated_after_anchor_and_saved_head",
            "A ballot vanished that both an anchor and a saved head cover: one finding.",
        )
        .result(short_result())
        .head("saved", head)
        .contradicted("saved", "entry-missing")
        .operator("A2", "entry-missing", POLL, None)
}

fn split_view() -> Case {
    let mut other = Story::opened(plain());
    let mut shown = other.clone();
    other.cast("ada", 0, &[&[1]]);
    other.cast("bo", 0, &[&[1]]);
    let head = poll_of(&other.city).checkpoint(&other.city.log_key);
    shown.cast_usual();
    shown
        .usual_case("split_view", "Another history of the poll was signed and shown to somebody.")
        .head("saved", head.clone())
        // The same proof twice is one finding.
        .head("saved by a neighbour", head)
        .contradicted("saved", "head-forked")
        .contradicted("saved by a neighbour", "head-forked")
        .operator("A2", "head-forked", POLL, None)
}

fn evidence_confirmed() -> Case {
    let case = Story::whole().usual_case(
        "evidence_confirmed",
        "Receipts of two voters and heads of all three logs, kept from earlier: all are borne out.",
    );
    let city = case.city().clone();
    let log = poll_of(&city);
    let receipt = |index, size| log.receipt(index, size, &city.log_key).into_bytes();
    let roll = city.at(&LogPath::Roll("residents".to_owned()));
    let register = city.at(&LogPath::Register);
    case.receipt("ada", receipt(2, 3))
        .receipt("bo", receipt(3, 7))
        .head("poll", log.checkpoint_at(4, &city.log_key))
        .head("poll, empty", log.checkpoint_at(0, &city.log_key))
        .head("roll", roll.checkpoint_at(1, &city.log_key))
        .head("register", register.checkpoint_at(2, &city.log_key))
}

fn truncated_after_receipt() -> Case {
    // RECEIPT-6: the log holds what a receipt promised.
    let (whole, short) = truncated_unanchored();
    let receipt = poll_of(&whole.city).receipt(4, 5, &whole.city.log_key).into_bytes();
    short
        .case("truncated_after_receipt", "A ballot vanished for which there is a receipt.")
        .result(short_result())
        .receipt("cy", receipt)
        .contradicted("cy", "receipt-not-in-log")
        .operator("A2", "receipt-not-in-log", POLL, 4)
}

fn ballot_exchanged_after_receipt() -> Case {
    let mut promised = Story::opened(plain());
    let mut shown = promised.clone();
    promised.cast("di", 0, &[&[1]]);
    let receipt = poll_of(&promised.city).receipt(2, 3, &promised.city.log_key).into_bytes();
    shown.cast_usual();
    shown.end(usual());
    shown
        .usual_case(
            "ballot_exchanged_after_receipt",
            "Another ballot stands where a receipt says that this one does.",
        )
        .receipt("di", receipt)
        .contradicted("di", "receipt-not-in-log")
        .operator("A2", "receipt-not-in-log", POLL, 2)
}

fn evidence_refused() -> Case {
    // RECEIPT-7: no evidence, and of no consequence.
    let case = Story::voted().usual_case(
        "evidence_refused",
        "Receipts and heads that prove nothing: each is named, and the poll is sound.",
    );
    let city = case.city().clone();
    let log = poll_of(&city);
    let good = log.receipt(2, 4, &city.log_key);
    let ballot = good.lines().nth(1).expect("extra");
    let other = log.receipt(3, 4, &city.log_key);
    let moved = good.replacen(ballot, other.lines().nth(1).expect("extra"), 1);
    let parsed = Receipt::parse(good.as_bytes()).expect("a receipt");
    let bare = Receipt::new(2, parsed.proof().to_vec(), parsed.note().clone());
    let bare = bare.expect("a short proof").to_string();
    let forged = log.receipt(2, 4, &key("stranger"));
    let foreign = City::found("vote.example.com");
    let foreign_head = foreign.at(&LogPath::Register).checkpoint(&foreign.log_key);
    let elsewhere = PaperLog::new(LogPath::Poll("other".to_owned()).origin(&city.domain));
    case.head("a letter", b"Dear observer,\n".to_vec())
        .head("of another city", foreign_head)
        .head("of another poll", elsewhere.checkpoint(&city.log_key))
        .head("forged head", resigned(&city, &key("stranger"), &log.origin))
        .receipt("of another form", good.replacen("index", "place", 1).into_bytes())
        .receipt("for another ballot", moved.into_bytes())
        .receipt("without the ballot", bare.into_bytes())
        .receipt("forged receipt", forged.into_bytes())
        .refused("a letter", "note-malformed")
        .refused("of another city", "checkpoint-origin")
        .refused("of another poll", "checkpoint-origin")
        .refused("forged head", "note-unsigned")
        .refused("of another form", "receipt-malformed")
        .refused("for another ballot", "proof-invalid")
        .refused("without the ballot", "proof-invalid")
        .refused("forged receipt", "note-unsigned")
}

fn city_not_pinned() -> Case {
    Story::voted()
        .usual_case("city_not_pinned", "An observer who knows nothing of the city beforehand.")
        .instance(None)
}

fn instance_of_another_city() -> Case {
    let other = City::found("vote.example.com").instance;
    Story::voted()
        .usual_case("instance_of_another_city", "This is not the city that the observer meant.")
        .instance(Some(other))
        .operator("A3", "instance-mismatch", REGISTER, None)
}

fn policy_key_of_another_city() -> Case {
    let case = Story::voted().usual_case(
        "policy_key_of_another_city",
        "The policy knows the register of this domain by another key.",
    );
    let origin = LogPath::Register.origin(&case.city().domain);
    let known = VerifierKey::ed25519(&origin, key("stranger").key()).expect("a name of a key");
    case.policy(&format!("log {known}\n"), "none").operator(
        "A3",
        "instance-mismatch",
        REGISTER,
        None,
    )
}

fn key_of_the_poll() -> Case {
    let case = Story::voted()
        .usual_case("key_of_the_poll", "The observer knows the city by the poll's verifier key.");
    let key = case.city().verifier(&LogPath::Poll("park".to_owned()));
    case.key(&key).pinned_by("key")
}

fn key_of_another_poll() -> Case {
    let case = Story::voted().usual_case(
        "key_of_another_poll",
        "The observer knows the key of a log of this city that is not among those read.",
    );
    let key = case.city().verifier(&LogPath::Poll("swings".to_owned()));
    case.key(&key).operator("A3", "instance-mismatch", REGISTER, None)
}

/// Receipts and saved heads of a poll whose entries are withheld: nothing can be told from them.
fn evidence_beyond_what_was_read() -> Case {
    let whole = Story::whole();
    let log = poll_of(&whole.city);
    let receipt = log.receipt(3, 6, &whole.city.log_key).into_bytes();
    let head = log.checkpoint_at(6, &whole.city.log_key);
    let other = {
        let mut other = PaperLog::new(log.origin.clone());
        other.push(vec![7]);
        other.checkpoint(&whole.city.log_key)
    };
    let longer = {
        let mut longer = log.clone();
        longer.push(vec![7]);
        longer.checkpoint(&whole.city.log_key)
    };
    let empty = log.checkpoint_at(0, &whole.city.log_key);
    whole
        .case(
            "evidence_beyond_what_was_read",
            "The entries of the poll are withheld: nothing can be told of what speaks of them.",
        )
        .without("poll/park/tile/entries/000.p/7")
        .unreadable()
        .head("borne out by what is withheld", head)
        .head("of another history", other)
        .head("of a size above the head's", longer)
        .head("of size 0", empty)
        .receipt("bo", receipt)
        .not_judged("borne out by what is withheld")
        .not_judged("of another history")
        .contradicted("of a size above the head's", "entry-missing")
        .not_judged("bo")
        .operator("A1", "entry-missing", POLL, None)
        .operator("A2", "entry-missing", POLL, None)
        .operator("A3", "log-not-announced", POLL, None)
}
