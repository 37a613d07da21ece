//! Steps A12 and A13: published results that are not what the ballots give.

use veche_protocol::poll::result::{OptionResult, PollResult};

use super::case::Case;
use super::story::{POLL, Story, usual};

/// Index of the Certify of [`Story::whole`].
const CERTIFY: u64 = 6;

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = mismatches().into_iter().map(mismatched).collect();
    cases.extend([label_missing(), label_extra(), label_changed(), more_than_could()]);
    cases.extend([districts_not_adding_up()]);
    cases
}

/// Name, what it is, and how it changes the published result.
type Published = (&'static str, &'static str, fn(&mut PollResult));

fn mismatches() -> [Published; 8] {
    [
        ("result_with_a_vote_more", "One vote more was published.", |result| {
            result.questions[0].outcome[1].votes += 1;
        }),
        ("result_with_votes_swapped", "The votes of two options were swapped.", |result| {
            result.questions[0].outcome[0].votes = 1;
            result.questions[0].outcome[1].votes = 2;
        }),
        ("result_with_another_winner", "The other option is said to be selected.", |result| {
            let outcome = &mut result.questions[0].outcome;
            for option in outcome {
                option.selected = !option.selected;
            }
        }),
        (
            "result_with_a_blank_ballot",
            "A blank ballot was published that nobody cast.",
            |result| {
                result.questions[0].blank = 1;
            },
        ),
        ("result_with_quorum_missed", "The quorum is said to be missed.", |result| {
            result.quorum_met = false;
        }),
        (
            "result_with_districts_swapped",
            "The turnouts of two districts were swapped.",
            |result| {
                result.districts[0].effective = 1;
                result.districts[1].effective = 2;
            },
        ),
        ("result_with_options_reordered", "The options stand in another order.", |result| {
            result.questions[0].outcome.reverse();
        }),
        ("result_of_two_questions", "A question was published that nobody asked.", |result| {
            let question = result.questions[0].clone();
            result.questions.push(question);
        }),
    ]
}

fn certified(name: &str, what: &'static str, change: fn(&mut PollResult)) -> Case {
    let mut story = Story::voted();
    let mut published = usual();
    change(&mut published);
    story.end(published);
    story.usual_case(name, what)
}

fn mismatched((name, what, change): Published) -> Case {
    certified(name, what, change).staff("A12", "result-mismatch", POLL, CERTIFY)
}

fn label_missing() -> Case {
    certified("label_missing", "An option was left out of the published result.", |result| {
        drop(result.questions[0].outcome.pop());
    })
    .staff("A12", "label-missing", POLL, CERTIFY)
}

fn label_extra() -> Case {
    certified("label_extra", "The published result has an option that nobody had.", |result| {
        let label = "pond".to_owned();
        result.questions[0].outcome.push(OptionResult { label, votes: 0, selected: false });
    })
    .staff("A12", "label-extra", POLL, CERTIFY)
}

fn label_changed() -> Case {
    certified("label_changed", "An option was published by another text.", |result| {
        "car park".clone_into(&mut result.questions[0].outcome[0].label);
    })
    .staff("A12", "label-missing", POLL, CERTIFY)
    .staff("A12", "label-extra", POLL, CERTIFY)
}

fn more_than_could() -> Case {
    certified("totals_above_eligible", "More were published than could have voted.", |result| {
        result.effective = 5;
        result.districts[1].effective = 3;
    })
    .staff("A12", "result-mismatch", POLL, CERTIFY)
    .operator("A13", "totals-inconsistent", POLL, CERTIFY)
}

fn districts_not_adding_up() -> Case {
    certified("totals_of_districts_not_adding_up", "Districts and whole differ.", |result| {
        result.districts[0].effective = 1;
    })
    .staff("A12", "result-mismatch", POLL, CERTIFY)
    .operator("A13", "totals-inconsistent", POLL, CERTIFY)
}
