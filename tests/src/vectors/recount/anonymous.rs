//! Anonymous polls: held as they must be, and begun or opened as they must not.

use veche_protocol::entry::{Kind, Payload};
use veche_protocol::poll::authorities::Issuing;
use veche_protocol::poll::definition::Definition;

use super::case::Case;
use super::story::{
    ISSUERS, OFFICERS, POLL, Story, anonymous, both_districts, hidden, hidden_usual, plain, result,
    revotable, sealed,
};
use crate::city::issuance;

pub(super) fn cases() -> Vec<Case> {
    vec![
        anonymous_open(),
        anonymous_sealed_with_revotes(),
        anonymous_in_two_districts(),
        issuing_until_close(),
        anonymous_announced(),
        anonymous_keyed(),
        anonymous_begun(),
        anonymous_open_still(),
        anonymous_cancelled_after_begin(),
        request_unanswered(),
        begin_in_a_named_poll(),
        begin_repeated(),
        opened_before_begin(),
        opened_with_pins_after_begin(),
        crowd_too_small(),
        issuer_key_missing(),
    ]
}

fn anonymous_open() -> Case {
    let mut story = Story::hidden(anonymous(plain()));
    story.end(hidden_usual());
    story.hidden_case(
        "anonymous_open",
        "An honest anonymous poll with two issuers. Four have asked and were served, three cast.",
    )
}

fn anonymous_sealed_with_revotes() -> Case {
    let mut story = Story::issued(sealed(anonymous(revotable())));
    story.make_key();
    story.open();
    story.cast("ada", 0, &[&[0]]);
    story.cast("bo", 1, &[&[1]]);
    story.cast("ada", 1, &[&[1]]);
    story.cast("north-02", 0, &[&[]]);
    story.cast("ada", 3, &[&[0]]);
    let votes = [("trees", 1, true), ("swings", 1, false)];
    let result = result(&[("north", 50, 3)], &[(1, &votes)]);
    story.unseal(&[1, 3]);
    story.certify(result.clone());
    hidden(story.case(
        "anonymous_sealed_with_revotes",
        "An honest referendum: anonymous, sealed, the last ballot counts, and one of three \
         trustees is silent after the close.",
    ))
    .shares(&[1, 3])
    .result(result)
}

fn anonymous_in_two_districts() -> Case {
    let mut story = Story::begun(both_districts(plain()));
    let names = ["ada", "cy", "di"];
    story.request_all(&names);
    story.issue(&names);
    story.open();
    story.cast("di", 0, &[&[1]]);
    story.cast("ada", 0, &[&[0]]);
    let votes = [("trees", 1, true), ("swings", 1, false)];
    let result = result(&[("north", 50, 1), ("south", 50, 1)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case(
            "anonymous_in_two_districts",
            "An honest anonymous poll in two districts with one issuer, which has a key for each.",
        )
        .credentials(&[("north", [50, 1, 1, 1]), ("south", [50, 2, 2, 1])])
        .result(result)
}

fn issuing_until_close() -> Case {
    let issuance = Some(issuance(&ISSUERS, Issuing::UntilClose));
    let mut story = Story::begun(Definition { issuance, ..anonymous(plain()) });
    story.request("ada");
    story.open();
    story.request("bo");
    story.issue(&["ada"]);
    story.cast("ada", 0, &[&[0]]);
    story.request("north-02");
    story.issue(&["bo", "north-02"]);
    story.cast("north-02", 0, &[&[0]]);
    story.cast("bo", 0, &[&[1]]);
    story.end(hidden_usual());
    story
        .case(
            "issuing_until_close",
            "A poll in which credentials are asked for and issued until the close.",
        )
        .credentials(&[("north", [50, 3, 3, 3])])
        .result(hidden_usual())
}

fn anonymous_announced() -> Case {
    Story::crowded(anonymous(plain()))
        .case("anonymous_announced", "An anonymous poll that waits for its issuers' keys.")
}

fn anonymous_keyed() -> Case {
    Story::keyed(anonymous(plain()))
        .case("anonymous_keyed", "An anonymous poll whose issuers have given their keys.")
}

fn anonymous_open_still() -> Case {
    Story::hidden(anonymous(plain()))
        .hidden_case("anonymous_open_still", "An anonymous poll that is open: the result so far.")
}

fn anonymous_begun() -> Case {
    let mut story = Story::begun(anonymous(plain()));
    story.request("ada");
    story
        .case("anonymous_begun", "A poll that has begun, where one voter waits for a credential.")
        .credentials(&[("north", [50, 1, 0, 0])])
}

fn anonymous_cancelled_after_begin() -> Case {
    // POLL-20: cancelled before Open, so there is no result.
    let mut story = Story::issued(anonymous(plain()));
    story.cancel(Kind::Begin);
    story
        .case("anonymous_cancelled_after_begin", "A poll that was cancelled after credentials.")
        .credentials(&[("north", [50, 4, 4, 0])])
}

fn request_unanswered() -> Case {
    // CRED-8: a request is issued when all issuers have answered it.
    let mut story = Story::begun(anonymous(plain()));
    let names = ["ada", "bo", "north-02"];
    story.request_all(&names);
    story.issue(&names);
    story.request("north-03");
    let first = story.issuers()[0];
    let entry = story.issued_entry(first, story.answers(first, &["north-03"]));
    story.log(&entry);
    story.open();
    story.cast_hidden();
    story.end(hidden_usual());
    story
        .case("request_unanswered", "One of two issuers has not answered a request.")
        .credentials(&[("north", [50, 4, 3, 3])])
        .result(hidden_usual())
}

fn begin_in_a_named_poll() -> Case {
    // POLL-21: a named poll pins its rolls in Open.
    let mut story = Story::announced(plain());
    let begin = story.begin_entry();
    let index = story.log(&begin);
    story.case("begin_in_a_named_poll", "A Begin in a poll in which voters sign by name.").operator(
        "A4",
        "entry-not-of-poll",
        POLL,
        index,
    )
}

fn begin_repeated() -> Case {
    let mut story = Story::begun(anonymous(plain()));
    let begin = story.begin_entry();
    let index = story.log(&begin);
    story
        .case("begin_repeated", "A second Begin: the rolls were to be pinned anew.")
        .operator("A4", "phase-repeated", POLL, index)
        .credentials(&[("north", [50, 0, 0, 0])])
}

fn opened_before_begin() -> Case {
    let mut story = Story::keyed(anonymous(plain()));
    let open = story.open_entry(story.city.open_payload(&story.poll));
    let index = story.log(&open);
    story
        .case("anonymous_opened_before_begin", "An anonymous poll opens before it has begun.")
        .operator("A4", "phase-out-of-order", POLL, index)
}

fn opened_with_pins_after_begin() -> Case {
    // POLL-22: Begin has pinned the rolls.
    let mut story = Story::issued(anonymous(plain()));
    let open = story.open_entry(story.city.open_payload(&story.poll));
    let index = story.log(&open);
    story
        .case("opened_with_pins_after_begin", "An Open that pins the rolls a second time.")
        .staff("A4", "roll-pin-mismatch", POLL, index)
        .credentials(&[("north", [50, 4, 4, 0])])
}

fn crowd_too_small() -> Case {
    // POLL-23: two eligible voters in each district hide nobody.
    let mut story = Story::announced(anonymous(plain()));
    for issuer in ISSUERS {
        let entry = story.issuer_keys_entry(issuer, &story.honest_keys(issuer));
        story.log(&entry);
    }
    let begin = story.begin_entry();
    let index = story.log(&begin);
    story.case("crowd_too_small", "An anonymous poll in a district of two voters.").staff(
        "A4",
        "crowd-too-small",
        POLL,
        index,
    )
}

fn issuer_key_missing() -> Case {
    let mut story = Story::crowded(anonymous(plain()));
    let first = story.issuer_keys_entry(ISSUERS[0], &story.honest_keys(ISSUERS[0]));
    story.log(&first);
    let begin = story.begin_entry();
    let index = story.log(&begin);
    let second = story.issuer_keys_entry(ISSUERS[1], &story.honest_keys(ISSUERS[1]));
    story.log(&second);
    let payload = Payload::Begin(story.city.open_payload(&story.poll));
    let begin = story.sign(story.leaf(Kind::Announce), &payload, &OFFICERS);
    story.stand(&begin);
    story
        .case("issuer_key_missing", "A Begin before the second issuer has given its key.")
        .staff("A4", "issuer-key-missing", POLL, index)
        .credentials(&[("north", [50, 0, 0, 0])])
}
