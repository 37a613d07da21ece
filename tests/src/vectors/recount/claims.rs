//! Claims of voters who were given credentials and have not cast (CRED-11, AUDIT-14).

use veche_protocol::hash::Hash;
use veche_protocol::poll::claim::Statement;
use veche_protocol::signature::SigningKey;

use super::case::Case;
use super::story::{
    POLL, Story, anonymous, both_districts, hidden_usual, plain, result, stranger, voter,
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        claim_confirmed(),
        claim_of_a_poll_still_open(),
        claims_refused(),
        claims_that_do_not_hold(),
        claims_given_before(),
        claims_of_one_key(),
        claim_in_a_named_poll(),
        ghost_in_the_gap(),
        ghost_in_another_district(),
    ]
}

/// The statement of a claim by this voter, who was served.
fn statement(story: &Story, name: &str) -> Statement {
    let asked = story.asked(name);
    asked.wallet.statement(asked.request)
}

/// The file of a claim by this voter, changed before it is signed.
fn claim_with(story: &Story, name: &str, change: impl FnOnce(&mut Statement)) -> Vec<u8> {
    let mut statement = statement(story, name);
    change(&mut statement);
    statement.sign(&voter(name).key).to_bytes()
}

fn claim(story: &Story, name: &str) -> Vec<u8> {
    claim_with(story, name, |_| ())
}

fn whole() -> Story {
    let mut story = Story::hidden(anonymous(plain()));
    story.end(hidden_usual());
    story
}

fn claim_confirmed() -> Case {
    let story = whole();
    let claim = claim(&story, "north-03");
    story
        .hidden_case("claim_confirmed", "A voter lays open a credential that was not spent.")
        .claim("north-03", claim)
}

fn claim_of_a_poll_still_open() -> Case {
    let story = Story::hidden(anonymous(plain()));
    let claim = claim(&story, "north-03");
    story
        .hidden_case("claim_of_a_poll_still_open", "A claim while others may still cast.")
        .claim("north-03", claim)
}

fn claims_refused() -> Case {
    // CRED-11: not of the form.
    let story = whole();
    let good = claim(&story, "north-03");
    let with = |change: fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        bytes
    };
    let malformed = [
        ("empty", Vec::new()),
        ("cut", with(|bytes| bytes.truncate(bytes.len() - 1))),
        ("with a byte more", with(|bytes| bytes.push(0))),
        ("of seven items", with(|bytes| bytes[0] = 0x87)),
        ("of another tag", with(|bytes| bytes[2] ^= 1)),
        ("not canonical", with(|bytes| drop(bytes.splice(0..1, [0x98, 8])))),
        ("without pairs", claim_with(&story, "north-03", |claim| claim.pairs.clear())),
        (
            "with a short factor",
            claim_with(&story, "north-03", |claim| claim.pairs[0].1.truncate(255)),
        ),
        ("of 65,536 bytes", with(|bytes| bytes.resize(65_536, 0))),
    ];
    let case = story.hidden_case("claims_malformed", "Claims that are none by their form.");
    malformed
        .into_iter()
        .fold(case, |case, (name, bytes)| case.claim(name, bytes).refused(name, "claim-malformed"))
}

fn claims_that_do_not_hold() -> Case {
    // CRED-11: each part of it.
    let story = whole();
    let with = |change: &dyn Fn(&mut Statement)| claim_with(&story, "north-03", change);
    let other_request = story.asked("ada").request;
    let other = story.asked("bo").wallet.statement(story.asked("north-03").request);
    let by = |key: &SigningKey| statement(&story, "north-03").sign(key).to_bytes();
    let factor_of_zero = |claim: &mut Statement| claim.pairs[1].1 = vec![0; 256];
    let invalid = [
        ("of another city", with(&|claim| claim.instance = Hash([7; 32]))),
        ("of another poll", with(&|claim| "vote.example.org/poll/a".clone_into(&mut claim.origin))),
        ("of no request", with(&|claim| claim.request = 0)),
        ("of a request to come", with(&|claim| claim.request = u64::MAX)),
        ("of another request", with(&|claim| claim.request = other_request)),
        ("by a stranger", by(&stranger())),
        ("by the credential key", by(&story.casting_key("north-03"))),
        ("of another key", with(&|claim| claim.key = stranger().key())),
        ("of another prefix", with(&|claim| claim.prefix[0] ^= 1)),
        ("of one issuer", with(&|claim| drop(claim.pairs.pop()))),
        ("with a signature altered", with(&|claim| claim.pairs[1].0[255] ^= 1)),
        ("with a factor altered", with(&|claim| claim.pairs[1].1[255] ^= 1)),
        ("with a factor of zero", with(&factor_of_zero)),
        ("with another voter's credential", other.sign(&voter("north-03").key).to_bytes()),
    ];
    let case = story.hidden_case("claims_that_do_not_hold", "Claims that prove nothing.");
    invalid
        .into_iter()
        .fold(case, |case, (name, bytes)| case.claim(name, bytes).refused(name, "claim-invalid"))
}

fn claims_given_before() -> Case {
    // AUDIT-14: among those that hold; a spent one holds, though it is no evidence.
    let story = whole();
    let (open, spent) = (claim(&story, "north-03"), claim(&story, "bo"));
    story
        .hidden_case("claims_given_before", "Two claims, each given twice, one of them spent.")
        .claim("first", open.clone())
        .claim("again", open)
        .refused("again", "claim-invalid")
        .claim("spent", spent.clone())
        .refused("spent", "credential-spent")
        .claim("spent again", spent)
        .refused("spent again", "claim-invalid")
}

fn claims_of_one_key() -> Case {
    // AUDIT-14: two voters have asked for one key.
    let mut story = Story::begun(anonymous(plain()));
    story.request_for("ada", "shared");
    story.request_for("bo", "shared");
    story.issue(&["ada", "bo"]);
    story.open();
    let claims = [claim(&story, "ada"), claim(&story, "bo")];
    let votes = [("trees", 0, false), ("swings", 0, false)];
    let [first, second] = claims;
    story
        .case("claims_of_one_key", "Two voters claim one key: it counts once.")
        .credentials(&[("north", [50, 2, 2, 0])])
        .result(result(&[("north", 50, 0)], &[(0, &votes)]))
        .claim("ada", first)
        .claim("bo", second)
        .refused("bo", "claim-invalid")
}

fn claim_in_a_named_poll() -> Case {
    let anonymous = whole();
    let good = claim(&anonymous, "north-03");
    Story::whole()
        .usual_case("claim_in_a_named_poll", "Claims where nobody was given a credential.")
        .claim("malformed", good[1..].to_vec())
        .refused("malformed", "claim-malformed")
        .claim("of another poll", good)
        .refused("of another poll", "claim-invalid")
}

fn ghost_in_the_gap() -> Case {
    // AUDIT-14: four issued, four spent, and one voter shows that hers was not.
    let mut story = Story::hidden(anonymous(plain()));
    story.mint("ghost-1");
    story.cast("ghost-1", 0, &[&[1]]);
    let claim = claim(&story, "north-03");
    let votes = [("trees", 2, true), ("swings", 2, false)];
    let result = result(&[("north", 50, 4)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case(
            "ghost_in_the_gap",
            "All issuers together cast in place of a voter who asked and did not vote; her claim \
             shows it.",
        )
        .operator("A13", "ghost-credentials", POLL, None)
        .credentials(&[("north", [50, 4, 4, 4])])
        .result(result)
        .claim("north-03", claim)
}

fn ghost_in_another_district() -> Case {
    // AUDIT-14: only a district with a confirmed claim.
    let mut story = Story::begun(both_districts(plain()));
    story.request_all(&["ada", "cy"]);
    story.issue(&["ada", "cy"]);
    story.open();
    for name in ["south-ghost-1", "south-ghost-2"] {
        story.mint(name);
        story.cast(name, 0, &[&[0]]);
    }
    let claim = claim(&story, "ada");
    let votes = [("trees", 2, true), ("swings", 0, false)];
    story
        .case("ghost_in_another_district", "A claim in the north, and ghosts in the south.")
        .operator("A13", "over-issued", POLL, None)
        .credentials(&[("north", [50, 1, 1, 0]), ("south", [50, 1, 1, 2])])
        .result(result(&[("north", 50, 0), ("south", 50, 2)], &[(0, &votes)]))
        .claim("ada", claim)
}
