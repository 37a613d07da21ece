//! The questions themselves, by rule: worked examples, ties, edges, and what is refused.
//!
//! Not here: what comes out of them.

use serde_json::{Value, json};

use super::Case;

type Ballots = &'static [(usize, &'static str)];

fn case(name: &'static str, rule: Value, options: usize, ballots: Ballots) -> Case {
    Case { name, rule, options, ballots }
}

/// In the order of [`super::FOLDERS`].
pub(super) fn all() -> [Vec<Case>; 8] {
    [
        yes_no(),
        score(),
        points(),
        quadratic(),
        borda(),
        instant_runoff(),
        transferable_vote(),
        schulze(),
    ]
}

fn yes_no() -> Vec<Case> {
    const EXAMPLE: Ballots = &[(4, "0"), (3, "1"), (1, "2"), (1, "")];
    const THIRDS: Ballots = &[(4, "0"), (2, "1"), (5, "2")];
    vec![
        case("worked_example", json!([3, 1, 0, 1, 2, 1, []]), 3, EXAMPLE),
        case("worked_example_not_blank", json!([3, 1, 1, 1, 2, 1, []]), 3, EXAMPLE),
        case("worked_example_at_least", json!([3, 1, 1, 1, 2, 0, []]), 3, EXAMPLE),
        case("worked_example_all_ballots", json!([3, 1, 2, 1, 2, 0, []]), 3, EXAMPLE),
        case("two_thirds_exactly", json!([3, 0, 0, 2, 3, 0, []]), 3, THIRDS),
        case("more_than_two_thirds", json!([3, 0, 0, 2, 3, 1, []]), 3, THIRDS),
        case("no_ballots", json!([3, 1, 0, 1, 2, 1, []]), 2, &[]),
        case("only_abstentions", json!([3, 0, 0, 1, 2, 0, []]), 3, &[(3, "2")]),
        case("only_blank_ballots", json!([3, 1, 0, 1, 2, 0, []]), 2, &[(3, "")]),
        case("failed_without_a_no", json!([3, 0, 1, 1, 2, 1, []]), 3, &[(1, "0"), (3, "2")]),
        case("share_zero_needs_a_yes", json!([3, 0, 0, 0, 1, 0, []]), 2, &[(1, "1")]),
        case("share_of_all", json!([3, 1, 2, 1, 1, 0, []]), 2, &[(2, "0")]),
        case("refused_four_options", json!([3, 1, 0, 1, 2, 1, []]), 4, &[]),
        case("refused_ties", json!([3, 1, 0, 1, 2, 1, [0]]), 2, &[]),
        case("refused_share_above_one", json!([3, 1, 0, 3, 2, 1, []]), 2, &[]),
        case("refused_blank", json!([3, 0, 0, 1, 2, 1, []]), 2, &[(1, "")]),
    ]
}

fn score() -> Vec<Case> {
    const EXAMPLE: Ballots = &[(1, "0:4 1:5"), (1, "0:3"), (1, "0:4 2:5"), (1, "")];
    let rule = |unmarked: u64, winners: u64| json!([4, 0, 3, 5, unmarked, winners, []]);
    vec![
        case("worked_example", rule(0, 1), 3, EXAMPLE),
        case("worked_example_abstains", rule(1, 1), 3, EXAMPLE),
        case("two_winners_by_mean", rule(1, 2), 3, EXAMPLE),
        case(
            "tie_most_votes_of_means",
            json!([4, 0, 3, 5, 1, 1, [2]]),
            3,
            &[(2, "1:4"), (1, "0:4"), (3, "2:1")],
        ),
        case("tie_of_all", rule(0, 2), 3, &[(2, "0:2 1:2 2:2")]),
        case(
            "means_in_thirds",
            rule(1, 1),
            3,
            &[(2, "0:3"), (1, "0:4"), (3, "1:3"), (2, "2:4 1:4")],
        ),
        case("no_ballots", rule(1, 1), 3, &[]),
        case("only_blank_ballots", rule(0, 1), 3, &[(2, "")]),
        case("fewer_named_than_winners", rule(0, 3), 3, &[(1, "1:1")]),
        case("largest_value", json!([4, 0, 2, 65535, 0, 1, []]), 2, &[(3, "0:65535 1:65534")]),
        case("refused_uneven", rule(0, 1), 3, &[(1, "0 4 1")]),
        case("refused_value_zero", rule(0, 1), 3, &[(1, "0:0")]),
        case("refused_value_above", rule(0, 1), 3, &[(1, "0:6")]),
        case("refused_option_before_value", rule(0, 1), 3, &[(1, "3 9")]),
        case("refused_option_twice", rule(0, 1), 3, &[(1, "1 1 1 1")]),
        case("refused_disordered", rule(0, 1), 3, &[(1, "1 1 0 1")]),
        case("refused_too_many", json!([4, 0, 1, 5, 0, 1, []]), 3, &[(1, "0:1 1:1")]),
        case("refused_largest_above_bound", json!([4, 0, 1, 65536, 0, 1, []]), 3, &[]),
    ]
}

fn points() -> Vec<Case> {
    const EXAMPLE: Ballots = &[(1, "0:3 1:2"), (1, "1:1 2:4"), (1, "2:1"), (1, "")];
    let rule = |winners: u64| json!([5, 0, 3, 5, 4, winners, []]);
    vec![
        case("worked_example", rule(1), 3, EXAMPLE),
        case("worked_example_two_winners", rule(2), 3, EXAMPLE),
        case("all_points_on_one", json!([5, 0, 3, 5, 5, 1, []]), 3, &[(1, "2:5"), (2, "0:2 1:2")]),
        case("tie_of_all", rule(1), 3, &[(1, "0:1"), (1, "1:1"), (1, "2:1")]),
        case("points_left_over", rule(1), 3, &[(4, "1:1")]),
        case("no_ballots", rule(1), 3, &[]),
        case("only_blank_ballots", rule(1), 3, &[(3, "")]),
        case("fewer_named_than_winners", rule(3), 3, &[(1, "0:1 2:4")]),
        case("refused_above_the_budget", rule(1), 3, &[(1, "0:4 1:2")]),
        case("refused_above_the_largest", rule(1), 3, &[(1, "0:5")]),
        case("refused_range_before_budget", rule(1), 3, &[(1, "0:4 1:5")]),
        case("refused_too_few", json!([5, 2, 3, 5, 4, 1, []]), 3, &[(1, "0:1")]),
        case("refused_largest_above_points", json!([5, 0, 3, 5, 6, 1, []]), 3, &[]),
    ]
}

fn quadratic() -> Vec<Case> {
    const EXAMPLE: Ballots = &[(1, "0:4"), (1, "1:2 2:3"), (1, "1:3"), (1, "0:1 1:1")];
    let rule = |winners: u64| json!([6, 0, 3, 16, winners, []]);
    vec![
        case("worked_example", rule(1), 3, EXAMPLE),
        case("worked_example_two_winners", rule(2), 3, EXAMPLE),
        case("many_weak_beat_few_strong", rule(1), 3, &[(1, "0:4"), (5, "1:1")]),
        case("tie_listed_order", rule(1), 3, &[(1, "2:2"), (2, "1:1")]),
        case("exactly_all_credits", json!([6, 0, 3, 14, 3, []]), 3, &[(1, "0:3 1:2 2:1")]),
        case("credits_that_are_no_square", json!([6, 0, 3, 15, 1, []]), 3, &[(1, "0:3")]),
        case("no_ballots", rule(1), 3, &[]),
        case("only_blank_ballots", rule(1), 3, &[(2, "")]),
        case("refused_too_dear", rule(1), 3, &[(1, "0:3 1:3")]),
        case("refused_root_above", json!([6, 0, 3, 15, 1, []]), 3, &[(1, "0:4")]),
        case("refused_no_credits", json!([6, 0, 3, 0, 1, []]), 3, &[]),
        case("refused_too_many_credits", json!([6, 0, 3, 1_000_001, 1, []]), 3, &[]),
    ]
}

fn borda() -> Vec<Case> {
    const EXAMPLE: Ballots = &[(1, "0>1>2>3"), (1, "1=2>"), (1, "3>"), (1, "")];
    let rule = |unranked: u64, winners: u64| json!([7, 0, 4, 1, unranked, winners, []]);
    vec![
        case("worked_example", rule(0, 1), 4, EXAMPLE),
        case("worked_example_nothing", rule(1, 1), 4, EXAMPLE),
        case("worked_example_by_ranks_given", rule(2, 1), 4, EXAMPLE),
        case("all_share_a_rank", rule(0, 1), 4, &[(2, "0=1=2=3>")]),
        case("full_orders", json!([7, 4, 4, 0, 0, 2, []]), 4, &[(3, "0>1>2>3"), (2, "3>2>1>0")]),
        case("short_ballots_last_places", rule(0, 1), 4, &[(3, "0>"), (2, "1>2>3>0")]),
        case("short_ballots_by_ranks_given", rule(2, 1), 4, &[(3, "0>"), (2, "1>2>3>0")]),
        case("points_without_a_rank_win_nothing", rule(0, 4), 4, &[(1, "0>")]),
        case("no_ballots", rule(0, 1), 4, &[]),
        case(
            "tie_of_mirrored_orders",
            json!([7, 0, 3, 0, 0, 1, []]),
            3,
            &[(1, "0>1>2"), (1, "2>1>0")],
        ),
        case("only_blank_ballots", rule(0, 1), 4, &[(2, "")]),
        case("refused_shared_rank", json!([7, 0, 4, 0, 0, 1, []]), 4, &[(1, "0=1>2")]),
        case("refused_gap", rule(0, 1), 4, &[(1, "0:1 1:3")]),
        case("refused_gap_after_shared", rule(0, 1), 4, &[(1, "0:2 1:2")]),
        case("refused_shared_before_gap", json!([7, 0, 4, 0, 0, 1, []]), 4, &[(1, "0:3 1:3")]),
        case("refused_rank_above_max", json!([7, 0, 2, 1, 0, 1, []]), 4, &[(1, "0:3")]),
    ]
}

fn instant_runoff() -> Vec<Case> {
    const TIED: Ballots = &[(4, "0>"), (2, "1>0"), (3, "2>1"), (1, "3>1")];
    let rule = |look_back: u64, ties: Value| json!([8, 0, 4, look_back, ties]);
    vec![
        case(
            "worked_example",
            rule(0, json!([])),
            4,
            &[(4, "0>1"), (3, "1>0"), (2, "2>1"), (1, "")],
        ),
        case("majority_at_once", rule(0, json!([])), 4, &[(3, "2>0"), (2, "0>2")]),
        case(
            "exactly_half_is_no_majority",
            rule(0, json!([])),
            4,
            &[(2, "0>"), (1, "1>2"), (1, "2>1")],
        ),
        case("exhausted_ballots", rule(0, json!([])), 4, &[(4, "0>"), (3, "1>"), (2, "2>")]),
        case("tie_listed_order", rule(0, json!([])), 4, TIED),
        case("tie_most_votes", rule(0, json!([2])), 4, TIED),
        case("tie_look_back", rule(1, json!([])), 4, TIED),
        case("tie_of_two_at_the_end", rule(1, json!([])), 4, &[(2, "0>"), (2, "1>")]),
        case(
            "tie_of_all",
            rule(1, json!([])),
            4,
            &[(1, "0>1"), (1, "1>2"), (1, "2>3"), (1, "3>0")],
        ),
        case(
            "no_first_preference_leaves_first",
            rule(0, json!([])),
            4,
            &[(2, "0>3"), (2, "1>3"), (1, "2>3")],
        ),
        case("no_ballots", rule(0, json!([])), 4, &[]),
        case("only_blank_ballots", rule(0, json!([])), 4, &[(3, "")]),
        case("one_option", json!([8, 0, 1, 0, []]), 1, &[(2, "0>")]),
        case("refused_shared_rank", rule(0, json!([])), 4, &[(1, "0=1>2")]),
        case("refused_gap", rule(0, json!([])), 4, &[(1, "0:2")]),
    ]
}

fn transferable_vote() -> Vec<Case> {
    const EXAMPLE: Ballots =
        &[(5, "0>1"), (3, "0>2"), (1, "0>"), (3, "3>"), (2, "4>2"), (1, "2>"), (1, "")];
    let rule = |seats: u64, quota: u64, back: u64| json!([9, 0, 5, seats, quota, back, []]);
    vec![
        case("worked_example", rule(2, 0, 0), 5, EXAMPLE),
        case("worked_example_hare", rule(2, 1, 0), 5, EXAMPLE),
        case("worked_example_look_back", rule(2, 0, 1), 5, EXAMPLE),
        case("worked_example_three_seats", rule(3, 0, 0), 5, EXAMPLE),
        case("two_surpluses", rule(3, 0, 0), 5, &[(7, "0>2"), (6, "1>2"), (2, "2>"), (3, "3>4")]),
        case(
            "surplus_of_a_surplus",
            rule(3, 0, 0),
            5,
            &[(11, "0>1>2"), (3, "1>2"), (3, "3>"), (2, "4>3")],
        ),
        case("exactly_the_quota", rule(2, 0, 0), 5, &[(3, "0>1"), (2, "1>"), (3, "2>1")]),
        case("hare_in_halves", rule(2, 1, 0), 5, &[(4, "0>1"), (2, "1>"), (1, "2>1")]),
        case("tie_of_surpluses", rule(3, 0, 0), 5, &[(5, "1>2"), (5, "0>3"), (1, "2>"), (1, "3>")]),
        case("tie_of_the_weakest", rule(1, 0, 0), 5, &[(3, "0>"), (2, "1>2"), (2, "2>1")]),
        case("fewer_named_than_seats", rule(4, 0, 0), 5, &[(5, "0>"), (1, "1>"), (1, "3>")]),
        case("one_seat", rule(1, 0, 0), 5, &[(4, "0>1"), (3, "1>0"), (2, "2>1")]),
        case("only_blank_ballots", rule(2, 0, 0), 5, &[(2, "")]),
        case("no_ballots", rule(2, 1, 1), 5, &[]),
        case("refused_more_seats_than_options", rule(6, 0, 0), 5, &[]),
        case("refused_thirteen_seats", json!([9, 0, 5, 13, 0, 0, []]), 20, &[]),
        case("refused_shared_rank", rule(2, 0, 0), 5, &[(1, "0=1>")]),
    ]
}

fn schulze() -> Vec<Case> {
    const AUTHOR: Ballots = &[
        (5, "0>2>1>4>3"),
        (5, "0>3>4>2>1"),
        (8, "1>4>3>0>2"),
        (3, "2>0>1>4>3"),
        (7, "2>0>4>1>3"),
        (2, "2>1>0>3>4"),
        (7, "3>2>4>1>0"),
        (8, "4>1>0>3>2"),
    ];
    const CIRCLE: Ballots = &[(1, "0>1>2"), (1, "1>2>0"), (1, "2>0>1")];
    let rule = |options: u64, winners: u64| json!([10, 0, options, 1, winners, []]);
    vec![
        case("worked_example", rule(4, 2), 4, CIRCLE),
        case("of_its_author", rule(5, 1), 5, AUTHOR),
        case("of_its_author_two_winners", rule(5, 2), 5, AUTHOR),
        case("of_its_author_four_winners", rule(5, 4), 5, AUTHOR),
        case("condorcet_winner", rule(3, 1), 3, &[(2, "0>1>2"), (2, "2>1>0"), (1, "1>0>2")]),
        case(
            "circle_most_votes",
            json!([10, 0, 4, 1, 1, [2]]),
            4,
            &[(3, "0>1>2"), (2, "1>2>0"), (2, "2>0>1"), (1, "3>")],
        ),
        case("equal_ranks", rule(4, 1), 4, &[(2, "0=1>2"), (2, "1=2>3"), (1, "3>0")]),
        case("unranked_are_behind", rule(4, 1), 4, &[(2, "0>"), (3, "1>2"), (1, "2>0")]),
        case("contest_without_winner", rule(3, 2), 3, &[(1, "0>1>2"), (1, "1>0>2")]),
        case("named_but_beaten_by_all", rule(4, 4), 4, &[(3, "0>1>2"), (1, "2>")]),
        case("no_ballots", rule(3, 1), 3, &[]),
        case("only_blank_ballots", rule(3, 1), 3, &[(2, "")]),
        case("all_share_a_rank", rule(3, 1), 3, &[(2, "0=1=2>")]),
        case("refused_shared_rank", json!([10, 0, 3, 0, 1, []]), 3, &[(1, "0=1>")]),
        case("refused_gap", rule(3, 1), 3, &[(1, "0:1 1:3")]),
        case("refused_no_winners", rule(3, 0), 3, &[]),
    ]
}
