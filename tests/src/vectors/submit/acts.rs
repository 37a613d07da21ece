//! Acts of officers and of the commission handed in.

use veche_protocol::entry::{Kind, Payload};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Open;
use veche_protocol::poll::result::OptionResult;
use veche_protocol::register::Role;

use super::super::recount::story::{OFFICERS, POLL, REGISTER, Story, plain, revotable, usual};
use super::Answer::{Recorded, Refused};
use super::Submission;
use crate::city::{COMMISSION, officers};

/// When the polls of all stories open and close, in seconds since 1970.
const OPENS_AT: u64 = 1_800_000_000;
const CLOSES_AT: u64 = 1_800_003_600;
const TOLERANCE: u64 = 60;

pub(super) fn submissions() -> Vec<Submission> {
    let mut all = announces();
    all.extend(opens());
    all.extend(closes());
    all.extend(certifies());
    all.extend(cancels());
    all.extend(governance());
    all
}

fn announces() -> Vec<Submission> {
    let city = ("announced_only", "poll/swings");
    let mut story = Story::announced(plain());
    let again = story.announce_entry(revotable());
    story.poll = LogPath::Poll("swings".to_owned());
    let mut definition = plain();
    let good = story.announce_entry(definition.clone());
    definition.interval = 0;
    let invalid = story.announce_entry(definition);
    let other = story.sign(story.city.instance, good.payload(), &["officer-1"]);
    vec![
        Submission::new("announce", "A new poll.", city, &good, Recorded(0)),
        Submission::new(
            "announce_invalid",
            "A poll with public heads every 0 milliseconds.",
            city,
            &invalid,
            Refused("definition-invalid", 422),
        ),
        Submission::new(
            "announce_by_one_officer",
            "A poll that one officer announces alone.",
            city,
            &other,
            Refused("officers-too-few", 403),
        ),
        Submission::new(
            "announce_again",
            "Another definition for a poll that is announced.",
            ("announced_only", POLL),
            &again,
            Refused("announce-repeated", 409),
        ),
    ]
}

fn opens() -> Vec<Submission> {
    let city = ("announced_only", POLL);
    let story = Story::announced(plain());
    let good = story.city.open_payload(&story.poll);
    let with = |change: &dyn Fn(&mut Open)| {
        let mut open = good.clone();
        change(&mut open);
        story.open_entry(open)
    };
    let refused = |name, what, change: &dyn Fn(&mut Open), code, status| {
        Submission::new(name, what, city, &with(change), Refused(code, status))
    };
    let opened = Story::voted();
    let again = opened.open_entry(opened.city.open_payload(&opened.poll));
    vec![
        Submission::new("open", "An honest Open at its time.", city, &with(&|_| ()), Recorded(1))
            .at(OPENS_AT),
        refused("open_too_early", "An Open a second before.", &|_| (), "opened-early", 409)
            .at(OPENS_AT - 1),
        refused(
            "open_with_more_voters",
            "An Open that counts one voter more than the roll has.",
            &|open| open.pins[0].eligible[0].1 += 1,
            "roll-pin-mismatch",
            422,
        ),
        refused(
            "open_of_another_roll",
            "An Open that pins a roll which the poll does not name.",
            &|open| "vote.example.org/roll/guests".clone_into(&mut open.pins[0].origin),
            "roll-pin-mismatch",
            422,
        ),
        refused(
            "open_of_another_register",
            "An Open signed for a register that is not this one.",
            &|open| open.seen.register.root = Hash([7; 32]),
            "seen-mismatch",
            409,
        ),
        refused(
            "open_before_announce",
            "An Open signed on a view of the register from before the poll's Announce.",
            &|open| open.seen.register = story.city.at(&LogPath::Register).head_at(1),
            "seen-mismatch",
            409,
        ),
        Submission::new(
            "open_again",
            "A second Open.",
            ("open_still", POLL),
            &again,
            Refused("phase-repeated", 409),
        ),
    ]
}

fn closes() -> Vec<Submission> {
    let city = ("open_still", POLL);
    let story = Story::voted();
    let good = story.close_entry(story.seen(), &OFFICERS);
    let by = |names: &[&str]| story.close_entry(story.seen(), names);
    let close = |name, what, entry, code, status| {
        Submission::new(name, what, city, &entry, Refused(code, status)).at(CLOSES_AT)
    };
    let elsewhere = story.sign(story.leaf(Kind::Announce), good.payload(), &OFFICERS);
    let mut seen = story.seen();
    seen.own = story.city.at(&story.poll).head_at(1);
    let before_open = story.close_entry(seen, &OFFICERS);
    vec![
        Submission::new("close", "A Close as soon as it may come.", city, &good, Recorded(5))
            .at(CLOSES_AT - TOLERANCE),
        Submission::new(
            "close_too_early",
            "A Close a second before it may come.",
            city,
            &good,
            Refused("closed-early", 409),
        )
        .at(CLOSES_AT - TOLERANCE - 1),
        close("close_by_one_officer", "One officer.", by(&["officer-1"]), "officers-too-few", 403),
        close(
            "close_by_a_stranger",
            "One officer and somebody who is none.",
            by(&["officer-1", "stranger"]),
            "officer-unknown",
            403,
        ),
        close(
            "close_by_a_registrar",
            "One poll officer and a registrar.",
            by(&["officer-1", "registrar"]),
            "officer-role",
            403,
        ),
        close(
            "close_by_a_registrar_wrongly_signed",
            "One poll officer and a registrar, whose signatures are false.",
            story.sign(Hash([7; 32]), good.payload(), &["officer-1", "registrar"]),
            "officer-role",
            403,
        ),
        close(
            "close_of_another_history",
            "A Close whose signatures were made under the Announce.",
            elsewhere,
            "signature-invalid",
            403,
        ),
        close(
            "close_having_seen_no_open",
            "A Close by officers who had not seen the Open.",
            before_open,
            "seen-mismatch",
            409,
        ),
    ]
}

fn certifies() -> Vec<Submission> {
    let city = ("closed_and_anchored", POLL);
    let mut story = Story::voted();
    let early = {
        let mut ahead = story.clone();
        ahead.close();
        ahead.certify_entry(usual())
    };
    story.close();
    let unanchored = story.certify_entry(usual());
    story.city.anchor();
    let certify = |name, what, change: &dyn Fn(&mut _), code| {
        let mut result = usual();
        change(&mut result);
        let entry = story.certify_entry(result);
        Submission::new(name, what, city, &entry, Refused(code, 422)).at(CLOSES_AT)
    };
    let honest = story.certify_entry(usual());
    vec![
        Submission::new("certify", "The result as it is.", city, &honest, Recorded(6)),
        certify(
            "certify_another_result",
            "A result with one vote more.",
            &|result: &mut veche_protocol::poll::result::PollResult| {
                result.questions[0].outcome[1].votes += 1;
            },
            "result-mismatch",
        ),
        certify(
            "certify_without_an_option",
            "A result that leaves an option out.",
            &|result| drop(result.questions[0].outcome.pop()),
            "label-missing",
        ),
        certify(
            "certify_with_an_option_more",
            "A result with an option that nobody had.",
            &|result| {
                let label = "pond".to_owned();
                let option = OptionResult { label, votes: 0, selected: false };
                result.questions[0].outcome.push(option);
            },
            "label-extra",
        ),
        Submission::new(
            "certify_before_anchor",
            "A result before the register holds the close.",
            ("closed_not_certified", POLL),
            &unanchored,
            Refused("anchor-missing", 409),
        ),
        Submission::new(
            "certify_before_close",
            "A result of a poll that is open.",
            ("open_still", POLL),
            &early,
            Refused("phase-out-of-order", 409),
        ),
    ]
}

fn cancels() -> Vec<Submission> {
    let announced = Story::announced(plain());
    let mut closed = Story::voted();
    closed.close();
    vec![
        Submission::new(
            "cancel",
            "A poll is called off before it opens.",
            ("announced_only", POLL),
            &announced.cancel_entry(Kind::Announce),
            Recorded(1),
        ),
        Submission::new(
            "cancel_after_close",
            "A poll that is closed cannot be undone.",
            ("closed_not_certified", POLL),
            &closed.cancel_entry(Kind::Close),
            Refused("phase-out-of-order", 409),
        ),
        Submission::new(
            "entry_for_a_poll_that_is_not_there",
            "A Cancel for a poll that was never announced.",
            ("announced_only", "poll/swings"),
            &announced.cancel_entry(Kind::Announce),
            Refused("unknown-log", 404),
        ),
    ]
}

fn governance() -> Vec<Submission> {
    let city = ("announced_only", REGISTER);
    let story = Story::announced(plain());
    let register = LogPath::Register;
    let list = officers(&[("officer-1", &[Role::PollOfficer]), ("new", &[Role::Registrar])]);
    let payload = Payload::Officers(list);
    let sign = |under, by: &[&str]| story.city.sign(&register, under, &payload, by);
    let governance = story.city.governance();
    let genesis = story.city.at(&register).entries[0].clone();
    let again = sign(governance, &COMMISSION[..1]).clone();
    vec![
        Submission::new(
            "officers",
            "The commission appoints officers.",
            city,
            &sign(governance, &COMMISSION[..2]),
            Recorded(4),
        ),
        Submission::new(
            "officers_by_one_member",
            "One member of the commission appoints officers, where two must.",
            city,
            &again,
            Refused("commission-quorum", 403),
        ),
        Submission::new(
            "officers_of_another_history",
            "Officers are appointed by signatures made under another entry.",
            city,
            &sign(Hash([7; 32]), &COMMISSION[..2]),
            Refused("signature-invalid", 403),
        ),
        Submission::new(
            "genesis_with_another_signature",
            "The genesis once more, with one signature changed: it is not the one that stands.",
            city,
            &again,
            Refused("genesis-missing", 409),
        )
        .altered(|bytes| {
            *bytes = genesis;
            *bytes.last_mut().expect("a signature") ^= 1;
        }),
    ]
}
