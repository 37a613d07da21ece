//! Bounds of the rules' parameters, and their codes.

use super::super::{Blank, Completion, Exhaustion};
use super::{Approval, EqualShares, MAX_MONEY, MAX_OPTIONS, Rule, SingleChoice, TieBreak};
use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};

fn single(ties: &[TieBreak]) -> Rule {
    SingleChoice { blank: Blank::Refused, ties: ties.to_vec() }.into()
}

const fn approval(min: u64, max: u64, winners: u64) -> Rule {
    Rule::Approval(Approval { min, max, winners, ties: vec![] })
}

const fn equal_shares(min: u64, max: u64, budget: u64) -> Rule {
    let (completion, exhaustion) = (Completion::Add1, Exhaustion::Run);
    Rule::EqualShares(EqualShares { min, max, budget, completion, exhaustion, ties: vec![] })
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
    let allowed = Rule::from(SingleChoice { blank: Blank::Allowed, ties: vec![] });
    assert_eq!(allowed.selection_bounds(), (0, 1));
    assert_eq!(allowed.form().check::<u16>(2, &[]), Ok(()));
    assert_eq!(single(&[]).selection_bounds(), (1, 1));
    assert_eq!(single(&[]).form().check::<u16>(2, &[]), Err(Breach::ChoicesTooFew));
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
        Rule::from(EqualShares { min: 0, max: 1, budget: 1, completion, exhaustion, ties })
            .check(&[1])
    };
    assert_eq!(with(Completion::None, Exhaustion::Run), Ok(()));
    assert_eq!(with(Completion::None, Exhaustion::Stop), INVALID);
    assert_eq!(with(Completion::Add1, Exhaustion::Stop), Ok(()));
    assert_eq!(with(Completion::Add1u, Exhaustion::Stop), Ok(()));
}

#[test]
fn rules_are_read_as_they_are_written() {
    // COUNT-1
    let all: [(Rule, &str); 3] = [
        (single(&[TieBreak::LowestCost, TieBreak::Lot]), "830000820103"),
        (approval(0, 3, 2), "85010003028 0"),
        (equal_shares(0, 4, 100), "8702000418640 10080"),
    ];
    for (rule, bytes) in all {
        let mut encoder = Encoder::new();
        rule.encode(&mut encoder);
        let written = encoder.finish();
        assert_eq!(hex::encode(&written), bytes.replace(' ', ""));
        let mut decoder = Decoder::payload(&written);
        assert_eq!(Rule::decode(&mut decoder), Ok(rule));
        assert_eq!(decoder.finish(), Ok(()));
    }
}
