//! Polls that were held as they must be: the recount says SOUND, and so must every other verifier.

use veche_protocol::count::{Completion, EqualShares, Exhaustion, Rule};
use veche_protocol::entry::{Kind, Payload};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::{Definition, Question, Quorum, Revote, VoteOption};
use veche_protocol::register::{CommissionKeys, Role};
use veche_protocol::roll::RevocationReason;

use super::case::Case;
use super::story::{OFFICERS, Story, nothing, plain, result, revotable, usual, voter};
use crate::city::{COMMISSION, Voter, approval_definition, key};

pub(super) fn cases() -> Vec<Case> {
    vec![
        single_choice_first(),
        single_choice_last(),
        approval(),
        participatory_budget(),
        two_questions(),
        quorum_missed(),
        nobody_voted(),
        announced_only(),
        open_still(),
        open_still_with_revotes(),
        closed_not_certified(),
        closed_and_anchored(),
        cancelled_before_open(),
        cancelled_while_open(),
        districts_of_one_roll(),
        two_rolls(),
        roll_with_revocations(),
        roll_grows_after_open(),
        registrar_dismissed_later(),
        officers_changed_between_acts(),
        commission_handed_over(),
        three_officers_sign(),
    ]
}

fn single_choice_first() -> Case {
    Story::whole().usual_case(
        "single_choice_first",
        "An honest poll, single choice, where the first ballot of a voter counts.",
    )
}

fn single_choice_last() -> Case {
    let mut story = Story::opened(revotable());
    for (name, turn, selection) in
        [("ada", 0, &[0][..]), ("bo", 0, &[1]), ("ada", 1, &[1]), ("cy", 2, &[]), ("ada", 3, &[0])]
    {
        story.cast(name, turn, &[selection]);
    }
    let tied = [("trees", 1, true), ("swings", 1, false)];
    let result = result(&[("north", 2, 2), ("south", 2, 1)], &[(1, &tied)]);
    story.end(result.clone());
    story
        .case(
            "single_choice_last",
            "An honest poll where the last ballot counts: one voter changes twice, one skips \
             turns and leaves the ballot blank, and listed order decides a tie.",
        )
        .result(result)
}

fn approval() -> Case {
    let labels = ["trees", "swings", "bench", "pond"];
    let mut story = Story::opened(approval_definition(&labels, 1, 3, Revote::First));
    story.cast("ada", 0, &[&[0, 1, 3]]);
    story.cast("bo", 0, &[&[1, 2]]);
    story.cast("di", 0, &[&[1, 3]]);
    let votes = [("trees", 1, false), ("swings", 3, true), ("bench", 1, false), ("pond", 2, true)];
    let result = result(&[("north", 2, 2), ("south", 2, 1)], &[(0, &votes)]);
    story.end(result.clone());
    story.case("approval", "An honest poll by approval with two winners.").result(result)
}

fn participatory_budget() -> Case {
    let costs = [("trees", 40), ("swings", 30), ("bench", 30), ("pond", 20)];
    let option =
        |(label, cost): (&str, u64)| VoteOption { label: label.to_owned(), details: None, cost };
    let rule = Rule::EqualShares(EqualShares {
        min: 0,
        max: 4,
        budget: 80,
        completion: Completion::None,
        exhaustion: Exhaustion::Run,
        ties: Vec::new(),
    });
    let mut definition = plain();
    definition.questions[0].options = costs.map(option).to_vec();
    definition.questions[0].rule = rule;
    let mut story = Story::opened(definition);
    story.cast("ada", 0, &[&[0, 1]]);
    story.cast("bo", 0, &[&[0, 1]]);
    story.cast("cy", 0, &[&[0, 2]]);
    story.cast("di", 0, &[&[2, 3]]);
    // Each ballot has 80 / 4 = 20. The trees cost 40/3 for each of three supporters, the bench and
    // the swings 15 for each of two, the pond 20 for one: the smallest part of the cost each pays
    // is 1/3, of the trees. Three ballots keep 20/3. The swings would take 30 from 40/3, the bench
    // 30 from 80/3; the pond takes 20 from the last ballot's 20.
    let votes = [("trees", 3, true), ("swings", 2, false), ("bench", 2, false), ("pond", 1, true)];
    let result = result(&[("north", 2, 2), ("south", 2, 2)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("participatory_budget", "An honest participatory budget by Equal Shares.")
        .result(result)
}

fn two_questions() -> Case {
    let mut definition = plain();
    let second = approval_definition(&["bench", "pond"], 0, 2, Revote::First);
    let Question { options, rule, .. } = second.questions[0].clone();
    let title = "What besides?".to_owned();
    definition.questions.push(Question {
        title,
        details: None,
        options,
        rule,
        conditions: Vec::new(),
    });
    let mut story = Story::opened(definition);
    story.cast("ada", 0, &[&[1], &[0, 1]]);
    story.cast("cy", 0, &[&[], &[1]]);
    story.cast("di", 0, &[&[1], &[]]);
    let first = [("trees", 0, false), ("swings", 2, true)];
    let second = [("bench", 1, true), ("pond", 2, true)];
    let result = result(&[("north", 2, 1), ("south", 2, 2)], &[(1, &first), (1, &second)]);
    story.end(result.clone());
    story.case("two_questions", "An honest poll with two questions by two rules.").result(result)
}

fn quorum_missed() -> Case {
    // POLL-19: a missed quorum changes nothing else.
    let quorum = Quorum { numerator: 4, denominator: 5 };
    let mut story = Story::opened(Definition { quorum, ..plain() });
    story.cast_usual();
    let mut result = usual();
    // Three of four are less than four fifths.
    result.quorum_met = false;
    story.end(result.clone());
    story
        .case("quorum_missed", "An honest poll in which too few took part: nothing else changes.")
        .result(result)
}

fn nobody_voted() -> Case {
    let mut story = Story::opened(plain());
    story.end(nothing());
    story.case("nobody_voted", "An honest poll without a ballot.").result(nothing())
}

fn announced_only() -> Case {
    Story::announced(plain())
        .case("announced_only", "A poll that is announced and not opened: there is no result yet.")
}

fn open_still() -> Case {
    Story::voted().usual_case("open_still", "A poll that is still open: the result so far.")
}

fn open_still_with_revotes() -> Case {
    let votes = [("trees", 0, false), ("swings", 1, true)];
    let result = result(&[("north", 2, 1), ("south", 2, 0)], &[(0, &votes)]);
    Story::revoted()
        .case("open_still_with_revotes", "A poll that is open, with a ballot that was changed.")
        .result(result)
}

fn closed_and_anchored() -> Case {
    let mut story = Story::voted();
    story.close();
    story.city.anchor();
    story.usual_case("closed_and_anchored", "A poll that is closed, as the register knows.")
}

fn closed_not_certified() -> Case {
    let mut story = Story::voted();
    story.close();
    story.usual_case("closed_not_certified", "A poll that is closed, with no result published.")
}

fn cancelled_before_open() -> Case {
    // POLL-20: no result.
    let mut story = Story::announced(plain());
    story.cancel(Kind::Announce);
    story.case("cancelled_before_open", "A poll that was cancelled before it opened.")
}

fn cancelled_while_open() -> Case {
    // POLL-20: counted over the ballots before Cancel.
    let mut story = Story::voted();
    story.cancel(Kind::Open);
    story.usual_case(
        "cancelled_while_open",
        "A poll that was cancelled while it was open, counted all the same.",
    )
}

fn districts_of_one_roll() -> Case {
    let mut story = Story::opened(Definition { districts: vec!["south".to_owned()], ..plain() });
    story.cast("cy", 0, &[&[1]]);
    let votes = [("trees", 0, false), ("swings", 1, true)];
    let result = result(&[("south", 2, 1)], &[(0, &votes)]);
    story.end(result.clone());
    story.case("district_of_a_roll", "A poll of one district of a roll with two.").result(result)
}

fn two_rolls() -> Case {
    // POLL-19: the sums are over the pins that list a district.
    let mut story = Story::new();
    let other = LogPath::Roll("guests".to_owned());
    story.city.begin_roll(&other, &["east", "south"]);
    // By the guests' list, the south is the second district.
    story.city.enrol(&other, &[Voter::named("eve", 0), Voter::named("flo", 1)]);
    story.city.anchor();
    let rolls = vec![other.origin(&story.city.domain), story.roll.origin(&story.city.domain)];
    story.announce(Definition { rolls, ..plain() });
    story.open();
    for (name, choice) in [("ada", 0), ("eve", 1), ("flo", 1), ("cy", 1)] {
        story.cast(name, 0, &[&[choice]]);
    }
    let votes = [("trees", 1, false), ("swings", 3, true)];
    let districts = [("east", 1, 1), ("north", 2, 1), ("south", 3, 2)];
    let result = result(&districts, &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("two_rolls", "A poll over two rolls that share a district: the sums are over both.")
        .result(result)
}

fn roll_with_revocations() -> Case {
    let mut story = Story::new();
    let roll = story.roll.clone();
    story.city.revoke(&roll, voter("di").id, RevocationReason::Left);
    story.city.revoke(&roll, voter("cy").id, RevocationReason::Replaced);
    let mut enrolment = story.city.enrolment(&roll, &Voter::named("cy anew", 1));
    enrolment.replaces = Some(voter("cy").id);
    story.city.enrol_as(&roll, vec![enrolment], &["registrar", "inspector"]);
    story.city.anchor();
    story.announce(plain());
    story.open();
    story.cast("ada", 0, &[&[0]]);
    story.cast("cy anew", 0, &[&[0]]);
    let votes = [("trees", 2, true), ("swings", 0, false)];
    let result = result(&[("north", 2, 1), ("south", 1, 1)], &[(0, &votes)]);
    story.end(result.clone());
    story
        .case("roll_with_revocations", "One voter has left, and one votes with a new key.")
        .result(result)
}

fn roll_grows_after_open() -> Case {
    // ROLL-9: judged up to the pin.
    let mut story = Story::opened(plain());
    let roll = story.roll.clone();
    // Past the pin nothing touches the poll: not an enrolment, not a departure, not a crime.
    story.city.enrol(&roll, &[Voter::named("gus", 0)]);
    story.city.revoke(&roll, voter("bo").id, RevocationReason::Left);
    let enrolment = story.city.enrolment(&roll, &Voter::named("hal", 0));
    story.city.enrol_as(&roll, vec![enrolment], &["registrar"]);
    story.cast_usual();
    story.end(usual());
    story.usual_case(
        "roll_grows_after_open",
        "The roll goes on after the pin, with a revoked voter who still votes in this poll, and \
         with an entry that would be refused: what is past the pin is not judged.",
    )
}

fn registrar_dismissed_later() -> Case {
    let mut story = Story::new();
    let poll_officer: &[Role] = &[Role::PollOfficer];
    story.city.appoint(&[("officer-1", poll_officer), ("officer-2", poll_officer)]);
    story.city.anchor();
    story.announce(plain());
    story.open();
    story.cast_usual();
    story.end(usual());
    story.usual_case(
        "registrar_dismissed_later",
        "Registrar and inspector were dismissed after they had made the roll: it stands.",
    )
}

fn officers_changed_between_acts() -> Case {
    let mut story = Story::voted();
    let poll_officer: &[Role] = &[Role::PollOfficer];
    story.city.appoint(&[("officer-3", poll_officer), ("officer-4", poll_officer)]);
    story.city.anchor();
    let close = story.close_entry(story.seen(), &["officer-3", "officer-4"]);
    story.stand(&close);
    story.usual_case(
        "officers_changed_between_acts",
        "The poll was opened by two officers, and closed by two others who took their place.",
    )
}

fn commission_handed_over() -> Case {
    // REG-4: by the old ones, and by every new one.
    let mut story = Story::new();
    let names = ["commission-1", "commission-4"];
    let mut keys = names.map(|name| key(name).key()).to_vec();
    keys.sort_by_key(|key| key.0);
    let payload = Payload::Commission(CommissionKeys { threshold: 2, keys });
    let register = LogPath::Register;
    let signers = [COMMISSION[0], COMMISSION[1], "commission-4"];
    let handover = story.city.sign(&register, story.city.governance(), &payload, &signers);
    story.city.log(&register, &handover);
    let list: [(&str, &[Role]); 2] =
        [("officer-1", &[Role::PollOfficer]), ("officer-5", &[Role::PollOfficer])];
    let officers = Payload::Officers(crate::city::officers(&list));
    let appointed = story.city.sign(&register, handover.leaf(), &officers, &names);
    story.city.log(&register, &appointed);
    story.city.anchor();
    let announce = story.announce_entry(plain());
    let announce = story.sign(story.city.instance, announce.payload(), &["officer-1", "officer-5"]);
    story.stand(&announce);
    story.city.announce_log(&story.poll.clone());
    story.case(
        "commission_handed_over",
        "The commission hands over to one old and one new member, and these two appoint officers.",
    )
}

fn three_officers_sign() -> Case {
    let mut story = Story::voted();
    let close = story.close_entry(story.seen(), &[OFFICERS[0], OFFICERS[1], "officer-3"]);
    story.stand(&close);
    story.usual_case("three_officers_sign", "Two officers must sign; a third may.")
}
