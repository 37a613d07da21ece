//! Bounds of the rules' parameters, and their codes.

use super::{Blank, Completion, Exhaustion, MAX_MONEY, MAX_OPTIONS, Rule, TieBreak};
use crate::breach::Breach;

fn single(ties: &[TieBreak]) -> Rule {
    Rule::SingleChoice { blank: Blank::Refused, ties: ties.to_vec() }
}

const fn approval(min: u64, max: u64, winners: u64) -> Rule {
    Rule::Approval { min, max, winners, ties: vec![] }
}

const fn equal_shares(min: u64, max: u64, budget: u64) -> Rule {
    let (completion, exhaustion) = (Completion::Add1, Exhaustion::Run);
    Rule::EqualShares { min, max, budget, completion, exhaustion, ties: vec![] }
}

const INVALID: Result<(), Breach> = Err(Breach::DefinitionInvalid);

#[test]
fn options_and_money_are_bounded() {
    // COUNT-2
    for rule in [single(&[]), approval(0, 1, 1)] {
        assert_eq!(rule.check(&[]), INVALID);
        assert_eq!(rule.check(&[0]), Ok(()));
        assert_eq!(rule.check(&vec![0; MAX_OPTIONS]), Ok(()));
        assert_eq!(rule.check(&vec![0; MAX_OPTIONS + 1]), INVALID);
        assert_eq!(rule.check(&[MAX_MONEY - 1, 1]), Ok(()));
        assert_eq!(rule.check(&[MAX_MONEY, 1]), INVALID);
        assert_eq!(rule.check(&[u64::MAX, 1]), INVALID);
    }
}

#[test]
fn the_number_of_choices_is_bounded() {
    // COUNT-3
    let costs = [1, 1, 1];
    for (min, max, verdict) in [
        (0, 1, Ok(())),
        (3, 3, Ok(())),
        (0, 0, INVALID),
        (2, 1, INVALID),
        (0, 4, INVALID),
        (0, u64::MAX, INVALID),
    ] {
        assert_eq!(approval(min, max, 1).check(&costs), verdict, "{min} {max}");
        assert_eq!(equal_shares(min, max, 9).check(&costs), verdict, "{min} {max}");
    }
    assert_eq!(approval(2, 3, 1).selection_bounds(), (2, 3));
    assert_eq!(equal_shares(1, 2, 9).selection_bounds(), (1, 2));
}

#[test]
fn blanks_in_single_choice_are_a_parameter() {
    // COUNT-12
    let allowed = Rule::SingleChoice { blank: Blank::Allowed, ties: vec![] };
    assert_eq!(allowed.selection_bounds(), (0, 1));
    assert_eq!(allowed.check_selection(2, &[]), Ok(()));
    assert_eq!(single(&[]).selection_bounds(), (1, 1));
    assert_eq!(single(&[]).check_selection(2, &[]), Err(Breach::ChoicesTooFew));
}

#[test]
fn ties_are_distinct_and_listed_order_comes_last() {
    // COUNT-4
    use TieBreak::{ListedOrder, LowestCost, MostVotes};
    let lawful: [&[TieBreak]; 5] = [
        &[],
        &[ListedOrder],
        &[MostVotes],
        &[LowestCost, MostVotes],
        &[MostVotes, LowestCost, ListedOrder],
    ];
    for ties in lawful {
        assert_eq!(single(ties).check(&[0]), Ok(()), "{ties:?}");
    }
    let unlawful: [&[TieBreak]; 3] =
        [&[LowestCost, LowestCost], &[ListedOrder, MostVotes], &[ListedOrder, ListedOrder]];
    for ties in unlawful {
        assert_eq!(single(ties).check(&[0]), INVALID, "{ties:?}");
    }
}

#[test]
fn winners_are_bounded() {
    // COUNT-13
    assert_eq!(approval(0, 1, 0).check(&[0, 0]), INVALID);
    assert_eq!(approval(0, 1, 2).check(&[0, 0]), Ok(()));
    assert_eq!(approval(0, 1, 3).check(&[0, 0]), INVALID);
}

#[test]
fn equal_shares_needs_positive_money_and_a_stop_needs_runs() {
    // COUNT-15
    assert_eq!(equal_shares(0, 1, 0).check(&[1]), INVALID);
    assert_eq!(equal_shares(0, 1, 1).check(&[1]), Ok(()));
    assert_eq!(equal_shares(0, 1, MAX_MONEY).check(&[1]), Ok(()));
    assert_eq!(equal_shares(0, 1, MAX_MONEY + 1).check(&[1]), INVALID);
    assert_eq!(equal_shares(0, 1, 1).check(&[1, 0]), INVALID);
    let with = |completion, exhaustion| {
        let ties = vec![];
        Rule::EqualShares { min: 0, max: 1, budget: 1, completion, exhaustion, ties }.check(&[1])
    };
    assert_eq!(with(Completion::None, Exhaustion::Run), Ok(()));
    assert_eq!(with(Completion::None, Exhaustion::Stop), INVALID);
    assert_eq!(with(Completion::Add1, Exhaustion::Stop), Ok(()));
    assert_eq!(with(Completion::Add1u, Exhaustion::Stop), Ok(()));
}

#[test]
fn codes_lead_back_to_what_they_stand_for() {
    // COUNT-1
    for (code, &criterion) in (0..).zip(TieBreak::ALL) {
        assert_eq!((criterion.code(), TieBreak::from_code(code)), (code, Some(criterion)));
    }
    assert_eq!(TieBreak::from_code(3), None);
    for (code, completion) in (0..).zip([Completion::None, Completion::Add1, Completion::Add1u]) {
        assert_eq!((completion.code(), Completion::from_code(code)), (code, Some(completion)));
    }
    assert_eq!(Completion::from_code(3), None);
    for (code, blank) in (0..).zip([Blank::Refused, Blank::Allowed]) {
        assert_eq!((blank.code(), Blank::from_code(code)), (code, Some(blank)));
    }
    assert_eq!(Blank::from_code(2), None);
    for (code, exhaustion) in (0..).zip([Exhaustion::Run, Exhaustion::Stop]) {
        assert_eq!((exhaustion.code(), Exhaustion::from_code(code)), (code, Some(exhaustion)));
    }
    assert_eq!(Exhaustion::from_code(2), None);
    let ids = [single(&[]).id(), approval(0, 1, 1).id(), equal_shares(0, 1, 1).id()];
    assert_eq!(ids, [Rule::SINGLE_CHOICE, Rule::APPROVAL, Rule::EQUAL_SHARES]);
    assert_eq!(ids, [0, 1, 2]);
}
