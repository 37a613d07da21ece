//! What voters and issuers of anonymous polls hand in.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::ballot::{Ballot, Content, Credential};
use veche_protocol::poll::issuing::Request;

use super::super::recount::story::{POLL, Story, anonymous, plain, stranger, voter};
use super::Answer::{Recorded, Refused};
use super::Submission;
use crate::city::issuer_secret;

/// The issuers' keys stand at 1 and 2.
const KEYED: (&str, &str) = ("anonymous_keyed", POLL);
/// The Begin stands at 3, and the request of `ada` at 4.
const BEGUN: (&str, &str) = ("anonymous_begun", POLL);
/// The last of three ballots stands at 13; `north-03` was served and has not cast.
const OPEN: (&str, &str) = ("anonymous_open_still", POLL);

pub(super) fn submissions() -> Vec<Submission> {
    let mut all = keys();
    all.extend(requests());
    all.extend(misshapen_requests());
    all.extend(answers());
    all.extend(ballots());
    all.extend(false_credentials());
    all
}

fn modulus(district: &str) -> Vec<u8> {
    issuer_secret("issuer-1", district).public().modulus().to_vec()
}

fn keys() -> Vec<Submission> {
    let story = Story::keyed(anonymous(plain()));
    let crowded = Story::crowded(anonymous(plain()));
    let keys = |name, what, entry: &SignedEntry, code, status| {
        Submission::new(name, what, KEYED, entry, Refused(code, status))
    };
    let by =
        |issuer: &str, district| story.issuer_keys_entry(issuer, &[(district, modulus("spare"))]);
    let begun = Story::begun(anonymous(plain()));
    let named = Story::announced(plain());
    let in_named = named.issuer_keys_entry("issuer-1", &[("north", modulus("north"))]);
    let weak = crowded.issuer_keys_entry("issuer-1", &[("north", vec![0xff; 256])]);
    vec![
        Submission::new("begin", "An honest Begin.", KEYED, &story.begin_entry(), Recorded(3)),
        Submission::new(
            "begin_again",
            "A second Begin.",
            BEGUN,
            &begun.begin_entry(),
            Refused("phase-repeated", 409),
        ),
        keys(
            "issuer_keys_again",
            "An issuer gives a second key for a district.",
            &by("issuer-1", "north"),
            "issuer-key-repeated",
            409,
        ),
        keys(
            "issuer_keys_by_a_stranger",
            "A key by somebody who is no issuer.",
            &by("issuer-3", "north"),
            "issuer-unknown",
            403,
        ),
        keys(
            "issuer_keys_for_another_district",
            "A key for a district that does not vote.",
            &by("issuer-1", "south"),
            "roll-district",
            422,
        ),
        Submission::new(
            "issuer_keys_in_a_named_poll",
            "A key in a poll that has no issuers.",
            ("announced_only", POLL),
            &in_named,
            Refused("entry-not-of-poll", 422),
        ),
        Submission::new(
            "issuer_keys_that_are_weak",
            "A modulus that is divisible by 3, for a poll without keys.",
            ("anonymous_announced", POLL),
            &weak,
            Refused("issuer-key-weak", 422),
        ),
        Submission::new(
            "begin_without_keys",
            "A Begin before any issuer has given a key.",
            ("anonymous_announced", POLL),
            &crowded.begin_entry(),
            Refused("issuer-key-missing", 409),
        ),
    ]
}

/// The city of [`BEGUN`].
fn begun() -> Story {
    let mut story = Story::begun(anonymous(plain()));
    story.request("ada");
    story
}

fn request_by(story: &Story, name: &str) -> SignedEntry {
    story.request_entry(name, story.wallet(name, name).blinded())
}

fn requests() -> Vec<Submission> {
    let story = begun();
    let blinded = story.wallet("bo", "bo").blinded();
    let payload = Payload::Request(Request { blinded });
    let by_stranger =
        story.city.sign_with(&story.poll, story.leaf(Kind::Begin), &payload, &[&stranger()]);
    let elsewhere = story.city.sign_with(&story.poll, Hash([7; 32]), &payload, &[&voter("bo").key]);
    let open = Story::hidden(anonymous(plain()));
    let refused = |name, what, entry: &SignedEntry, code, status| {
        Submission::new(name, what, BEGUN, entry, Refused(code, status))
    };
    vec![
        Submission::new("request", "A voter asks.", BEGUN, &request_by(&story, "bo"), Recorded(5)),
        Submission::new(
            "request_again",
            "The same request again: the same receipt, and nothing is appended.",
            BEGUN,
            &request_by(&story, "ada"),
            Recorded(4),
        ),
        refused(
            "request_repeated",
            "Another request by a voter who has asked.",
            &story.request_entry("ada", story.wallet("ada", "another").blinded()),
            "request-repeated",
            409,
        ),
        refused("request_by_a_stranger", "Not on the roll.", &by_stranger, "voter-unknown", 403),
        refused(
            "request_of_another_history",
            "A request under another Begin.",
            &elsewhere,
            "signature-invalid",
            403,
        ),
        Submission::new(
            "request_after_open",
            "A request after Open, which ends issuing.",
            OPEN,
            &request_by(&open, "north-04"),
            Refused("issuing-over", 409),
        ),
    ]
}

fn misshapen_requests() -> Vec<Submission> {
    let story = begun();
    let with = |change: fn(&mut Vec<Vec<u8>>)| {
        let mut blinded = story.wallet("bo", "bo").blinded();
        change(&mut blinded);
        story.request_entry("bo", blinded)
    };
    let refused = |name, what, change| {
        Submission::new(name, what, BEGUN, &with(change), Refused("blinded-message", 422))
    };
    vec![
        refused("request_of_one_issuer", "One message, for two issuers.", |blinded| {
            blinded.truncate(1);
        }),
        refused("request_of_zero", "A request to sign 0.", |blinded| blinded[0] = vec![0; 256]),
        refused("request_above_the_modulus", "A request to sign 2^2048 - 1.", |blinded| {
            blinded[1] = vec![0xff; 256];
        }),
    ]
}

fn answers() -> Vec<Submission> {
    let story = begun();
    let good = story.answers("issuer-1", &["ada"]);
    let mut altered = good.clone();
    altered[0].1[255] ^= 1;
    let unknown = vec![(3, good[0].1.clone())];
    let twice = [good.clone(), good.clone()].concat();
    let refused = |name, what, issuer: &str, answers, code, status| {
        let entry = story.issued_entry(issuer, answers);
        Submission::new(name, what, BEGUN, &entry, Refused(code, status))
    };
    vec![
        Submission::new(
            "issued",
            "An issuer answers.",
            BEGUN,
            &story.issued_entry("issuer-1", good.clone()),
            Recorded(5),
        ),
        refused(
            "issued_falsely",
            "An answer with one bit turned.",
            "issuer-1",
            altered,
            "issued-invalid",
            422,
        ),
        refused(
            "issued_by_the_other_issuer",
            "An issuer gives the answer of another.",
            "issuer-2",
            good.clone(),
            "issued-invalid",
            422,
        ),
        refused(
            "issued_without_request",
            "An answer to an index where no request stands.",
            "issuer-1",
            unknown,
            "request-unknown",
            409,
        ),
        refused(
            "issued_twice",
            "One request answered twice in one entry.",
            "issuer-1",
            twice,
            "issued-twice",
            409,
        ),
        refused("issued_by_a_stranger", "No issuer.", "issuer-3", good, "issuer-unknown", 403),
    ]
}

fn ballots() -> Vec<Submission> {
    let story = Story::hidden(anonymous(plain()));
    let by_name = {
        let payload = Payload::Ballot(Ballot::open(0, vec![vec![1]]));
        let key = voter("north-03").key;
        story.city.sign_with(&story.poll, story.leaf(Kind::Open), &payload, &[&key])
    };
    let refused = |name, what, entry: &SignedEntry, code, status| {
        Submission::new(name, what, OPEN, entry, Refused(code, status))
    };
    vec![
        Submission::new(
            "anonymous_ballot",
            "An honest ballot with a credential.",
            OPEN,
            &story.ballot("north-03", 0, &[&[1]]),
            Recorded(14),
        ),
        Submission::new(
            "anonymous_ballot_again",
            "A ballot that stands: the same receipt, and nothing is appended.",
            OPEN,
            &story.ballot("bo", 0, &[&[1]]),
            Recorded(12),
        ),
        refused(
            "anonymous_ballot_by_name",
            "A ballot without a credential, by the voter's own key.",
            &by_name,
            "credential-missing",
            422,
        ),
        refused(
            "credential_spent",
            "A second ballot by the key of a credential.",
            &story.ballot("bo", 0, &[&[0]]),
            "already-voted",
            409,
        ),
        refused(
            "anonymous_choice_out_of_range",
            "A good credential, and a choice that is none.",
            &story.ballot("north-03", 0, &[&[2]]),
            "choice-out-of-range",
            422,
        ),
        refused(
            "anonymous_ballot_wrongly_signed",
            "A good credential, and a signature under another entry.",
            &story.ballot_under(story.leaf(Kind::Begin), "north-03", 0, &[&[1]]),
            "signature-invalid",
            403,
        ),
    ]
}

fn false_credentials() -> Vec<Submission> {
    let story = Story::hidden(anonymous(plain()));
    let with = |change: &dyn Fn(&mut Credential)| {
        let mut credential = story.asked("north-03").wallet.credential();
        change(&mut credential);
        let content = Content::Open(vec![vec![1]]);
        let payload = Payload::Ballot(Ballot { turn: 0, content, credential: Some(credential) });
        let key = story.casting_key("north-03");
        story.city.sign_with(&story.poll, story.leaf(Kind::Open), &payload, &[&key])
    };
    let other = story.asked("bo").wallet.credential();
    let named = Story::voted();
    let in_named = {
        let credential = Some(other.clone());
        let content = Content::Open(vec![vec![1]]);
        let payload = Payload::Ballot(Ballot { turn: 0, content, credential });
        named.city.sign_with(&named.poll, named.leaf(Kind::Open), &payload, &[&voter("di").key])
    };
    let refused = |name, what, change: &dyn Fn(&mut Credential), code| {
        Submission::new(name, what, OPEN, &with(change), Refused(code, 403))
    };
    vec![
        refused(
            "credential_altered",
            "A signature of the credential with one bit turned.",
            &|credential| credential.signatures[0][9] ^= 1,
            "credential-invalid",
        ),
        refused(
            "credential_of_another_voter",
            "The credential of another ballot.",
            &|credential| *credential = other.clone(),
            "credential-invalid",
        ),
        refused(
            "credential_of_one_issuer",
            "The signature of one of two issuers.",
            &|credential| credential.signatures.truncate(1),
            "credential-invalid",
        ),
        refused(
            "credential_of_no_district",
            "A district that does not vote.",
            &|credential| "south".clone_into(&mut credential.district),
            "credential-district",
        ),
        Submission::new(
            "credential_in_a_named_poll",
            "A ballot with a credential in a named poll.",
            ("open_still", POLL),
            &in_named,
            Refused("credential-unexpected", 422),
        ),
    ]
}
